//! A Redis server: one shared connection for those who await, a few for those who block.

use std::{
    fmt,
    time::{Duration, Instant},
};

use nestkey_core::{
    call::Reach,
    command::{Batch, Class},
    error::{Effect, Error, ErrorKind, Result},
    reply::Reply,
};
use redis::ConnectionAddr;

use super::{
    Address, Backend, Exchange, Reaching,
    flight::Flight,
    link::Link,
    pool::Pool,
    reach::{self, Known},
    stream::Tls,
};

/// A server, and the connections to it that are open at the moment.
///
/// Connections are made when they are needed, and nothing is sent twice but what only reads, over a
/// connection that was closed while it was idle.
pub(crate) struct Redis {
    server: Server,
    flight: Flight,
    link: Link,
    pool: Pool,
}

/// Where a server is, and how long to wait for it.
pub(super) struct Server {
    pub(super) client: redis::Client,
    pub(super) tls: Option<Tls>,
    pub(super) address: String,
    pub(super) options: Options,
    pub(super) known: Known,
}

/// How long to wait, and for how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) connect_timeout: Duration,
    pub(crate) response_timeout: Duration,
    pub(crate) max_in_flight: usize,
    pub(crate) max_bytes_in_flight: usize,
}

impl Redis {
    pub(crate) fn new(client: redis::Client, tls: Option<Tls>, options: Options) -> Self {
        let address = client.get_connection_info().addr().to_string();
        Self {
            server: Server { client, tls, address, options, known: Known::default() },
            flight: Flight::new(options.max_in_flight, options.max_bytes_in_flight),
            link: Link::default(),
            pool: Pool::default(),
        }
    }

    /// Connects, and asks the server whether it would take commands.
    pub(crate) async fn check(&self) -> Result<()> {
        welcome(&self.exchange(&ping(), None).await?)
    }

    /// The same for those who block.
    pub(crate) fn check_blocking(&self) -> Result<()> {
        welcome(&self.exchange_blocking(&ping(), None)?)
    }
}

impl Backend for Redis {
    fn address(&self) -> Option<Address<'_>> {
        let info = self.server.client.get_connection_info();
        let (host, port) = match info.addr() {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                (&host[..], Some(*port))
            }
            ConnectionAddr::Unix(path) => (path.to_str()?, None),
            _ => return None,
        };
        Some(Address { host, port, database: info.redis_settings().db() })
    }

    fn exchange<'a>(&'a self, batch: &'a Batch, deadline: Option<Instant>) -> Exchange<'a> {
        Box::pin(async move {
            let _permit = self.flight.take(batch.len(), batch.byte_len())?;
            self.link.exchange(&self.server, batch, deadline).await
        })
    }

    fn exchange_blocking(&self, batch: &Batch, deadline: Option<Instant>) -> Result<Vec<Reply>> {
        let _permit = self.flight.take(batch.len(), batch.byte_len())?;
        self.pool.exchange(&self.server, batch, deadline)
    }

    fn reach(&self, deadline: Option<Instant>) -> Reaching<'_> {
        Box::pin(async move {
            if let Some(reach) = self.server.known.present() {
                return Ok(reach);
            }
            let reach = reach::ask(self, deadline).await?;
            self.server.known.keep(reach);
            Ok(reach)
        })
    }

    fn reach_blocking(&self, deadline: Option<Instant>) -> Result<Reach> {
        if let Some(reach) = self.server.known.present() {
            return Ok(reach);
        }
        let reach = reach::ask_blocking(self, deadline)?;
        self.server.known.keep(reach);
        Ok(reach)
    }
}

impl Server {
    /// The end of a wait for a connection that begins now.
    pub(super) fn connect_limit(&self, deadline: Option<Instant>) -> Result<Instant> {
        limit(deadline, self.options.connect_timeout)
    }

    /// The end of a wait for replies that begins now.
    pub(super) fn response_limit(&self, deadline: Option<Instant>) -> Result<Instant> {
        limit(deadline, self.options.response_timeout)
    }

    #[cold]
    pub(super) fn no_reply(&self) -> Error {
        let message = format!("no reply from {} in time", self.address);
        Error::new(ErrorKind::Timeout, message).effect(Effect::Ambiguous)
    }

    #[cold]
    pub(super) fn no_connection(&self, deadline: Option<Instant>) -> Error {
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            let message = format!("no connection to {} before the deadline", self.address);
            return Error::new(ErrorKind::Timeout, message);
        }
        let (tls, hint) = match self.tls {
            // A server that waits for a line of its own protocol says nothing to the first of TLS.
            Some(_) => ("TLS ", self.other_scheme()),
            None => ("", ""),
        };
        let message = format!("no {tls}connection to {} in time{hint}", self.address);
        Error::new(ErrorKind::Unreachable, message)
    }

    /// What to look at where somebody answers, and not as expected.
    pub(super) fn other_scheme(&self) -> &'static str {
        match self.tls {
            Some(_) => ": a port without TLS is `redis://`",
            None => ": a port of TLS is `rediss://`",
        }
    }
}

fn limit(deadline: Option<Instant>, timeout: Duration) -> Result<Instant> {
    let now = Instant::now();
    // A timeout beyond the clock's range is as good as a year.
    let limit = now.checked_add(timeout).unwrap_or(now + YEAR);
    match deadline {
        Some(deadline) if deadline <= now => {
            Err(Error::new(ErrorKind::Timeout, "the deadline is over"))
        }
        Some(deadline) => Ok(limit.min(deadline)),
        None => Ok(limit),
    }
}

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

fn ping() -> Batch {
    let mut batch = Batch::default();
    batch.command("PING", Class::Read);
    batch
}

/// A server may forbid PING and allow everything else.
fn welcome(replies: &[Reply]) -> Result<()> {
    match replies.first() {
        Some(Reply::Error(error)) if error.code == "NOAUTH" => {
            Err(Error::server(&error.code, &error.detail))
        }
        _ => Ok(()),
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Redis").field(&self.server.address).finish()
    }
}
