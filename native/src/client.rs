//! The client: a backend, ready to be bound to layouts.

use std::{fmt, sync::Arc};

use nestkey_core::{
    call::MAX_IN_FLIGHT, layout::Layout, limits::Limits as ValueLimits, value::Keyring,
};
use redis::aio::ConnectionLike;

use crate::{
    Root,
    backend::{Backend, Borrowed, MemoryBackend, memory::Memory},
    connect::Connect,
    hashing::{Hashing, Limits},
};

/// A way to where the keys are. Cloning it is cheap, and the clones share their connections.
///
/// ```
/// use nestkey::{Client, Layout};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
/// let layout = Layout::from_json(r#"{"prefix": "root", "keys": {"motto": {"type": "string"}}}"#)?;
/// let client = Client::connect("memory://").await?;
/// let root = client.bind(&layout);
/// root.entry("motto")?.set("small and sharp").await?;
/// let motto: Option<String> = root.entry("motto")?.get().await?;
/// assert_eq!(motto.as_deref(), Some("small and sharp"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    backend: Arc<dyn Backend>,
    prefix: Arc<str>,
    trace_keys: bool,
    keyring: Option<Arc<Keyring>>,
    hashing: Arc<Hashing>,
    max_in_flight: usize,
    value_limits: ValueLimits,
}

impl Client {
    pub(crate) fn new(backend: Arc<dyn Backend>, prefix: impl Into<Arc<str>>) -> Self {
        Self {
            backend,
            prefix: prefix.into(),
            trace_keys: false,
            keyring: None,
            hashing: Arc::new(Hashing::new(Limits::default())),
            max_in_flight: MAX_IN_FLIGHT,
            value_limits: ValueLimits::DEFAULT,
        }
    }

    /// Seals and opens secrets with these keys.
    ///
    /// It holds for what is bound from now on. [`keyring`](crate::keyring) reads them from a file
    /// or from the environment.
    #[must_use]
    pub fn keyring(self, keyring: impl Into<Arc<Keyring>>) -> Self {
        Self { keyring: Some(keyring.into()), ..self }
    }

    /// How many passwords are hashed or verified at the same time:
    /// [`Connect::hash_threads`].
    ///
    /// It holds for what is bound from now on.
    #[must_use]
    pub fn hash_threads(self, threads: usize) -> Self {
        let limits = self.hashing.limits();
        self.hash_limits(Limits { threads, ..limits })
    }

    /// How many passwords may wait to be hashed or verified: [`Connect::hash_queue`].
    ///
    /// It holds for what is bound from now on.
    #[must_use]
    pub fn hash_queue(self, passwords: usize) -> Self {
        let limits = self.hashing.limits();
        self.hash_limits(Limits { queue: passwords, ..limits })
    }

    pub(crate) fn hash_limits(self, limits: Limits) -> Self {
        Self { hashing: Arc::new(Hashing::new(limits)), ..self }
    }

    pub(crate) fn with_max_in_flight(self, commands: usize) -> Self {
        Self { max_in_flight: commands, ..self }
    }

    pub(crate) const fn max_in_flight(&self) -> usize {
        self.max_in_flight
    }

    /// How large a value may be, in bytes as it is given and as it is stored:
    /// [`Connect::max_value_bytes`].
    ///
    /// It holds for what is bound from now on.
    #[must_use]
    pub fn max_value_bytes(self, bytes: usize) -> Self {
        let turn = self.value_limits.turn.max(bytes);
        self.with_value_limits(ValueLimits::new(bytes, turn))
    }

    pub(crate) fn with_value_limits(self, value_limits: ValueLimits) -> Self {
        Self { value_limits, ..self }
    }

    pub(crate) const fn value_limits(&self) -> ValueLimits {
        self.value_limits
    }

    /// The same with or without keys.
    pub(crate) fn with_keyring(self, keyring: Option<Arc<Keyring>>) -> Self {
        Self { keyring, ..self }
    }

    pub(crate) fn keys(&self) -> Option<&Keyring> {
        self.keyring.as_deref()
    }

    pub(crate) fn hashing(&self) -> &Hashing {
        &self.hashing
    }

    /// Whether [spans](crate::trace) show keys; sensitive parameters stay hidden. No, unless
    /// asked for.
    ///
    /// It holds for what is bound from now on.
    #[must_use]
    pub const fn trace_keys(mut self, show: bool) -> Self {
        self.trace_keys = show;
        self
    }

    pub(crate) const fn traces_keys(&self) -> bool {
        self.trace_keys
    }

    /// Connects to a URL, when it is awaited or `.wait()`ed for.
    ///
    /// | URL | keys are |
    /// |---|---|
    /// | `memory://` | in this client |
    /// | `memory://name` | in this process, shared by all who use the name |
    /// | `redis://[[user]:password@]host[:port][/db]` | on that server |
    /// | `rediss://…` | there, by TLS |
    /// | `redis+unix:///path[?db=1&user=name&pass=password]` | there, by a Unix socket |
    ///
    /// `?protocol=resp3` speaks RESP3. Other schemes and other options are refused by name.
    ///
    /// # Errors
    ///
    /// Awaiting it: `invalid-url` and `unsupported` for a URL that leads nowhere, `unreachable`
    /// when no connection can be made, `unauthorized` when the server refuses the credentials. No
    /// error shows the URL.
    ///
    /// ```
    /// use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// let client = nestkey::Client::connect("memory://shop")
    ///     .timeout(Duration::from_secs(1))
    ///     .prefix("staging")
    ///     .await?;
    /// # drop(client); Ok(()) }
    /// ```
    pub fn connect(url: &str) -> Connect {
        Connect::new(url)
    }

    /// Uses an asynchronous connection of redis-rs that the caller already has.
    ///
    /// A connection of a pool is given out for a time and is no `Clone`: a type of a few lines takes
    /// one for each exchange, see `docs/pools.md` for deadpool and bb8.
    ///
    /// Its own timeouts hold. A call can be awaited, but not `.wait()`ed for: that is
    /// [`no-blocking`](nestkey_core::error::ErrorKind::NoBlocking).
    pub fn from_connection<C>(connection: C) -> Self
    where
        C: ConnectionLike + Clone + Send + Sync + 'static,
    {
        Self::new(Arc::new(Borrowed::new(connection)), "")
    }

    /// Uses a backend of the caller's own.
    pub fn from_backend(backend: impl Backend + 'static) -> Self {
        Self::new(Arc::new(backend), "")
    }

    /// The same client over a backend that stands in front of [its own](Self::backend).
    #[must_use]
    pub fn with_backend(&self, backend: impl Backend + 'static) -> Self {
        Self { backend: Arc::new(backend), ..self.clone() }
    }

    /// A memory of its own and the handle that lets tests pass time and inject failures.
    #[must_use]
    pub fn memory() -> (Self, Memory) {
        let memory = Arc::new(MemoryBackend::standing());
        (Self::new(Arc::clone(&memory) as _, ""), Memory(memory))
    }

    /// Ties a layout to this client.
    ///
    /// A plain [`Layout`] is copied; an `Arc<Layout>` is shared, which is the thing to do where
    /// many are bound.
    #[must_use]
    pub fn bind(&self, layout: &impl AsLayout) -> Root {
        Root::new(self, layout.shared(), &self.prefix)
    }

    /// What carries its batches, for those who step a plan of core themselves.
    #[must_use]
    pub fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    /// Whether two clients share their connections and their keyring.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let address = |client: &Self| client.keyring.as_ref().map(Arc::as_ptr);
        Arc::ptr_eq(&self.backend, &other.backend) && address(self) == address(other)
    }
}

/// Shows of a keyring the ids and the status of its keys.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Client");
        shown.field("backend", &self.backend);
        shown.field("prefix", &self.prefix);
        shown.field("trace_keys", &self.trace_keys);
        if let Some(keyring) = &self.keyring {
            shown.field("keyring", keyring);
        }
        shown.finish_non_exhaustive()
    }
}

/// What can be bound: a [`Layout`], or an `Arc` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no layout",
    label = "a `Layout`, or an `Arc` of one",
    note = "`Layout::from_toml` and `Layout::from_json` read the text of a file"
)]
pub trait AsLayout {
    /// The layout, shared.
    fn shared(&self) -> Arc<Layout>;
}

impl AsLayout for Layout {
    fn shared(&self) -> Arc<Layout> {
        Arc::new(self.clone())
    }
}

impl AsLayout for Arc<Layout> {
    fn shared(&self) -> Arc<Layout> {
        Self::clone(self)
    }
}
