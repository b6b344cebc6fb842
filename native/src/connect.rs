//! From a URL to a client.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use nestkey_core::{
    call::MAX_IN_FLIGHT,
    error::{Error, ErrorKind, Result},
    limits::Limits as ValueLimits,
    value::Keyring,
};
#[cfg(feature = "tls")]
use redis::ConnectionAddr;

#[cfg(feature = "tls")]
use crate::backend::tls::Certificates;
use crate::{
    Client,
    backend::{Backend, MemoryBackend, Redis, redis::Options, stream::Tls},
    hashing::Limits,
};

/// A connection that is to be made: [`Client::connect`].
///
/// Nothing happens until it is awaited or [waited](Self::wait) for.
#[must_use = "nothing is connected until this is awaited, or `.wait()` is called"]
#[derive(Clone)]
pub struct Connect {
    url: Result<String>,
    prefix: String,
    trace_keys: bool,
    options: Options,
    max_value_bytes: usize,
    max_memory_bytes: Option<usize>,
    hashing: Limits,
    keyring: Result<Option<Arc<Keyring>>>,
    #[cfg(feature = "tls")]
    certificates: Certificates,
}

impl Connect {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: Ok(url.to_owned()),
            prefix: String::new(),
            trace_keys: false,
            options: Options {
                connect_timeout: Duration::from_secs(5),
                response_timeout: Duration::from_secs(5),
                max_in_flight: MAX_IN_FLIGHT,
                max_bytes_in_flight: ValueLimits::DEFAULT.turn,
            },
            max_value_bytes: ValueLimits::DEFAULT.value,
            max_memory_bytes: None,
            hashing: Limits::default(),
            keyring: Ok(None),
            #[cfg(feature = "tls")]
            certificates: Certificates::default(),
        }
    }

    /// A connection that cannot be made.
    pub(crate) fn failed(error: Error) -> Self {
        Self { url: Err(error), ..Self::new("") }
    }

    /// How long to wait for the replies to one batch of commands; 5 seconds unless said otherwise.
    ///
    /// A call has a [`deadline`](crate::call::Call::deadline) besides, for all that it does.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.options.response_timeout = timeout;
        self
    }

    /// How long to wait for a connection; 5 seconds unless said otherwise.
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.options.connect_timeout = timeout;
        self
    }

    /// How many commands may be sent and not answered yet; 10,000 unless said otherwise.
    ///
    /// Past it a call fails with [`ErrorKind::Busy`] and nothing is sent. A
    /// [pipeline](crate::Root::pipeline) of any length stays below it by itself: it has a quarter of
    /// that many calls under way at a time, over memory as well. An
    /// [atomic group](crate::Root::atomic) is sent whole, and refused where it is larger.
    pub const fn max_in_flight(mut self, commands: usize) -> Self {
        self.options.max_in_flight = commands;
        self
    }

    /// How large a value may be, in bytes as it is given and as it is stored or read, unless its entry says
    /// `max_size`; 64 MiB unless said otherwise.
    ///
    /// A larger one fails with [`ErrorKind::ValueTooLarge`].
    pub const fn max_value_bytes(mut self, bytes: usize) -> Self {
        self.max_value_bytes = bytes;
        self
    }

    /// How many bytes of keys and values the store of a `memory://` takes; 256 MiB unless somebody says
    /// otherwise.
    ///
    /// Past that, writing fails with the server's error `OOM`, as past the `maxmemory` of a server;
    /// reading and removing go on.
    pub const fn max_memory_bytes(mut self, bytes: usize) -> Self {
        self.max_memory_bytes = Some(bytes);
        self
    }

    /// How many bytes may be sent and not answered yet; 256 MiB unless said otherwise, and
    /// [`max_value_bytes`](Self::max_value_bytes) at least.
    ///
    /// Past it a call fails with [`ErrorKind::Busy`] and nothing is sent. What is answered in one turn of
    /// a pipeline is bounded by it as well: calls whose values are past it fail with
    /// [`ErrorKind::ValueTooLarge`].
    pub const fn max_bytes_in_flight(mut self, bytes: usize) -> Self {
        self.options.max_bytes_in_flight = bytes;
        self
    }

    /// Seals and opens secrets with these keys; [`keyring`](crate::keyring) reads them from a file
    /// or from the environment.
    pub fn keyring(mut self, keyring: impl Into<Arc<Keyring>>) -> Self {
        self.keyring = Ok(Some(keyring.into()));
        self
    }

    /// What the environment says of a keyring; an error in it is one of connecting.
    pub(crate) fn found_keyring(mut self, keyring: Result<Option<Keyring>>) -> Self {
        self.keyring = keyring.map(|keyring| keyring.map(Arc::new));
        self
    }

    /// How many passwords are hashed or verified at the same time, on as many threads for blocking
    /// work of the tokio runtime: as many as the machine has cores unless said otherwise, one at
    /// least.
    ///
    /// A caller that gives up leaves the thread at work until the hash is done. With
    /// [`wait`](crate::call::Call::wait) the calling thread hashes, and this bound does not hold.
    pub const fn hash_threads(mut self, threads: usize) -> Self {
        self.hashing.threads = threads;
        self
    }

    /// How many passwords may wait for one of those threads; 64 unless said otherwise.
    ///
    /// Past it a call fails with [`ErrorKind::Busy`] before anything is computed. The passwords of
    /// one pipeline are let in or refused together, also when they are more than that.
    pub const fn hash_queue(mut self, passwords: usize) -> Self {
        self.hashing.queue = passwords;
        self
    }

    /// Puts one more prefix in front of every key.
    pub fn prefix(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// Whether [spans](crate::trace) show keys: [`Client::trace_keys`].
    pub const fn trace_keys(mut self, show: bool) -> Self {
        self.trace_keys = show;
        self
    }

    /// Trusts the certificates in this PEM file, and no others, to vouch for the server.
    #[cfg(feature = "tls")]
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.certificates.root = Some(pem.into());
        self
    }

    /// Shows the server this certificate; both are PEM.
    #[cfg(feature = "tls")]
    pub fn client_certificate(
        mut self,
        certificate: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.certificates.client = Some((certificate.into(), key.into()));
        self
    }

    /// Connects, blocking the thread.
    ///
    /// # Errors
    ///
    /// As [`Client::connect`].
    pub fn wait(self) -> Result<Client> {
        let (place, keyring) = (self.place()?, self.keyring.clone()?);
        let backend: Arc<dyn Backend> = match place {
            Place::Memory(memory) => memory,
            Place::Server(server, tls) => {
                let redis = Redis::new(*server, tls, self.options);
                redis.check_blocking()?;
                Arc::new(redis)
            }
        };
        Ok(self.client(backend, keyring))
    }

    async fn connect(self) -> Result<Client> {
        let (place, keyring) = (self.place()?, self.keyring.clone()?);
        let backend: Arc<dyn Backend> = match place {
            Place::Memory(memory) => memory,
            Place::Server(server, tls) => {
                let redis = Redis::new(*server, tls, self.options);
                redis.check().await?;
                Arc::new(redis)
            }
        };
        Ok(self.client(backend, keyring))
    }

    fn client(self, backend: Arc<dyn Backend>, keyring: Option<Arc<Keyring>>) -> Client {
        Client::new(backend, self.prefix)
            .trace_keys(self.trace_keys)
            .hash_limits(self.hashing)
            .with_max_in_flight(self.options.max_in_flight)
            .with_value_limits(ValueLimits::new(
                self.max_value_bytes,
                self.options.max_bytes_in_flight.max(self.max_value_bytes),
            ))
            .with_keyring(keyring)
    }

    /// Where the URL leads. No error repeats more of a URL than its scheme: a password may stand
    /// anywhere in it.
    fn place(&self) -> Result<Place> {
        let url = self.url.as_deref().map_err(Error::clone)?;
        let Some((scheme, rest)) = url.split_once("://") else {
            let message = format!("a URL starts with one of {SCHEMES}");
            return Err(Error::new(ErrorKind::InvalidUrl, message));
        };
        match scheme {
            "memory" => {
                let memory = memory(rest)?;
                if let Some(bytes) = self.max_memory_bytes {
                    memory.max_bytes(bytes);
                }
                Ok(Place::Memory(memory))
            }
            "redis" | "redis+unix" => self.server(scheme, url),
            "rediss" => self.tls_server(url),
            "redis-cluster" | "redis-sentinel" => {
                let message = format!("`{scheme}://` is not built yet, known are {SCHEMES}");
                Err(Error::new(ErrorKind::Unsupported, message))
            }
            _ if is_scheme(scheme) => {
                let message =
                    format!("the scheme `{scheme}` names no backend, known are {SCHEMES}");
                Err(Error::new(ErrorKind::InvalidUrl, message))
            }
            _ => {
                let message = format!("a URL starts with one of {SCHEMES}");
                Err(Error::new(ErrorKind::InvalidUrl, message))
            }
        }
    }

    fn server(&self, scheme: &str, url: &str) -> Result<Place> {
        #[cfg(feature = "tls")]
        if self.certificates.root.is_some() || self.certificates.client.is_some() {
            let message = format!("certificates are for `rediss://`, not for `{scheme}://`");
            return Err(Error::new(ErrorKind::InvalidUrl, message));
        }
        admit_options(scheme, url)?;
        let server = redis::Client::open(url).map_err(|_| malformed(scheme))?;
        Ok(Place::Server(Box::new(server), None))
    }

    #[cfg(feature = "tls")]
    fn tls_server(&self, url: &str) -> Result<Place> {
        admit_options("rediss", url)?;
        let server = redis::Client::open(url).map_err(|_| malformed("rediss"))?;
        if let ConnectionAddr::TcpTls { insecure: true, .. } = server.get_connection_info().addr() {
            let message = "certificates are always verified: `root_certificate` takes your own";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let tls = self.certificates.connector()?;
        let server = self.certificates.client(url).map_err(|_| malformed("rediss"))?;
        Ok(Place::Server(Box::new(server), Some(tls)))
    }

    #[cfg(not(feature = "tls"))]
    fn tls_server(&self, _: &str) -> Result<Place> {
        let message = "`rediss://` needs the feature `tls` of the crate";
        Err(Error::new(ErrorKind::Unsupported, message))
    }
}

enum Place {
    Memory(Arc<MemoryBackend>),
    Server(Box<redis::Client>, Option<Tls>),
}

const SCHEMES: &str = "memory://, redis://, rediss://, redis+unix://";

fn memory(name: &str) -> Result<Arc<MemoryBackend>> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() {
        return Ok(Arc::new(MemoryBackend::running()));
    }
    if name.starts_with('/') {
        let message = "`memory:///file` is not built yet, known are memory:// and memory://name";
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    if !name.bytes().all(is_name) {
        let message = "a memory is named with letters, digits, `-`, `_` and `.`: memory://name";
        return Err(Error::new(ErrorKind::InvalidUrl, message));
    }
    Ok(MemoryBackend::shared(name))
}

fn is_scheme(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= 32
        && bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Refuses the options that nothing here would look at: whoever wrote `?cluster=true` counts on it.
fn admit_options(scheme: &str, url: &str) -> Result<()> {
    let known = match scheme {
        "redis+unix" => &["db", "pass", "protocol", "user"][..],
        _ => &["protocol"],
    };
    let options = url.split_once('?').map_or("", |(_, options)| options);
    // Whatever stands before an `@` may be a password with a `?` in it, and is not to be shown.
    let options = options.split_once('#').map_or(options, |(options, _)| options);
    let names =
        options.split('&').map(|option| option.split_once('=').map_or(option, |(name, _)| name));
    let Some(unknown) = names.filter(|name| !name.is_empty()).find(|name| !known.contains(name))
    else {
        return Ok(());
    };
    let is_shown = !options.contains('@') && is_scheme(&unknown.replace('_', "-"));
    let named = if is_shown { format!(" `{unknown}`") } else { String::from(" of that name") };
    let known = known.join("`, `");
    let message = match unknown {
        "cluster" if is_shown => "the option `cluster`: clusters are not built yet".to_owned(),
        _ => format!("`{scheme}://` has no option{named}, only `{known}`"),
    };
    Err(Error::new(ErrorKind::InvalidUrl, message))
}

#[cold]
fn malformed(scheme: &str) -> Error {
    let wanted = match scheme {
        "redis+unix" => "redis+unix:///path/to/socket[?db=1&user=name&pass=password]",
        _ => "redis[s]://[[user]:password@]host[:port][/db][?protocol=resp3]",
    };
    Error::new(ErrorKind::InvalidUrl, format!("the URL is not of the form {wanted}"))
}

impl IntoFuture for Connect {
    type Output = Result<Client>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Client>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.connect())
    }
}

/// Hides the URL: it may carry a password.
impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect")
            .field("prefix", &self.prefix)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
