//! A Redis server: one shared connection for those who await, a few for those who block.

use std::{
    fmt,
    sync::{Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

use nestkey_core::{
    command::{Batch, Class},
    error::{Effect, Error, ErrorKind, Result},
    reply::Reply,
};
use redis::{AsyncConnectionConfig, RedisResult, Value, aio::MultiplexedConnection};

use super::{Backend, Exchange, flight::Flight, wire};

/// A server, and the connections to it that are open at the moment.
///
/// Connections are made when they are needed. One that breaks is forgotten and the exchange fails;
/// nothing is ever sent twice.
pub(crate) struct Redis {
    server: redis::Client,
    address: String,
    options: Options,
    flight: Flight,
    shared: RwLock<Option<Shared>>,
    /// Held while a connection is made, so that everybody waits for the same one.
    connecting: tokio::sync::Mutex<Option<Refusal>>,
    idle: Mutex<Vec<redis::Connection>>,
}

/// How long to wait, and for how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) connect_timeout: Duration,
    pub(crate) response_timeout: Duration,
    pub(crate) max_in_flight: usize,
}

/// The connection of those who await.
#[derive(Clone)]
struct Shared {
    connection: MultiplexedConnection,
    /// Tells it from the connections before it.
    number: u64,
}

/// The last attempt to connect, which failed.
struct Refusal {
    at: Instant,
    error: Error,
}

/// Room in the queue to the connection; beyond it callers wait for their turn.
const QUEUE: usize = 1_024;

impl Redis {
    pub(crate) fn new(server: redis::Client, options: Options) -> Self {
        Self {
            address: server.get_connection_info().addr().to_string(),
            server,
            options,
            flight: Flight::new(options.max_in_flight),
            shared: RwLock::new(None),
            connecting: tokio::sync::Mutex::new(None),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Connects, and asks the server whether it would take commands.
    pub(crate) async fn check(&self) -> Result<()> {
        let replies = self.exchange(&ping(), None).await?;
        welcome(&replies)
    }

    /// The same for those who block.
    pub(crate) fn check_blocking(&self) -> Result<()> {
        let replies = self.exchange_blocking(&ping(), None)?;
        welcome(&replies)
    }

    async fn send(&self, batch: &Batch, deadline: Option<Instant>) -> Result<Vec<Reply>> {
        let _permit = self.flight.take(batch.len())?;
        require_runtime()?;
        let present = read(&self.shared).clone();
        let mut shared = match present {
            Some(shared) => shared,
            None => self.connect(deadline).await?,
        };
        let limit = self.limit(deadline, self.options.response_timeout)?;
        match tokio::time::timeout_at(limit.into(), talk(&mut shared.connection, batch)).await {
            Ok(Ok(replies)) => Ok(replies),
            Ok(Err(error)) => {
                if error.is_unrecoverable_error() {
                    self.forget(shared.number);
                }
                Err(wire::exchange_error(&error, &self.address))
            }
            Err(_) => Err(self.no_reply()),
        }
    }

    /// Makes the shared connection, or waits for whoever is at it.
    #[cold]
    async fn connect(&self, deadline: Option<Instant>) -> Result<Shared> {
        let started = Instant::now();
        let limit = self.limit(deadline, self.options.connect_timeout)?;
        let attempt = async {
            let mut refusal = self.connecting.lock().await;
            if let Some(shared) = read(&self.shared).clone() {
                return Ok(shared);
            }
            // Who waited for an attempt that failed would wait for the next one just as long.
            if let Some(refusal) = refusal.as_ref().filter(|refusal| refusal.at >= started) {
                return Err(refusal.error.clone());
            }
            let made =
                self.server.get_multiplexed_async_connection_with_config(&self.config()).await;
            match made {
                Ok(connection) => Ok(self.share(connection)),
                Err(error) => {
                    let error = wire::connect_error(&error, &self.address);
                    *refusal = Some(Refusal { at: Instant::now(), error: error.clone() });
                    Err(error)
                }
            }
        };
        match tokio::time::timeout_at(limit.into(), attempt).await {
            Ok(result) => result,
            Err(_) => Err(self.no_connection()),
        }
    }

    /// Timeouts are kept here, where they know what was sent.
    fn config(&self) -> AsyncConnectionConfig {
        AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.options.connect_timeout))
            .set_response_timeout(None)
            .set_pipeline_buffer_size(QUEUE)
    }

    fn share(&self, connection: MultiplexedConnection) -> Shared {
        let mut place = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        let number = place.as_ref().map_or(0, |shared| shared.number + 1);
        let shared = Shared { connection, number };
        *place = Some(shared.clone());
        shared
    }

    /// Lets the next exchange make a new connection, unless somebody has made one already.
    #[cold]
    fn forget(&self, number: u64) {
        let mut place = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        if place.as_ref().is_some_and(|shared| shared.number == number) {
            *place = None;
        }
    }

    fn send_blocking(&self, batch: &Batch, deadline: Option<Instant>) -> Result<Vec<Reply>> {
        let _permit = self.flight.take(batch.len())?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.connect_blocking(deadline)?,
        };
        let limit = self.limit(deadline, self.options.response_timeout)?;
        match talk_blocking(&mut connection, batch, limit) {
            Ok(replies) => {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
                Ok(replies)
            }
            Err(error) if error.is_timeout() => Err(self.no_reply()),
            Err(error) => Err(wire::exchange_error(&error, &self.address)),
        }
    }

    #[cold]
    fn connect_blocking(&self, deadline: Option<Instant>) -> Result<redis::Connection> {
        let limit = self.limit(deadline, self.options.connect_timeout)?;
        let left = limit.saturating_duration_since(Instant::now()).max(SHORTEST);
        self.server.get_connection_with_timeout(left).map_err(|error| {
            if error.is_timeout() {
                return self.no_connection();
            }
            wire::connect_error(&error, &self.address)
        })
    }

    /// The end of a wait that begins now.
    fn limit(&self, deadline: Option<Instant>, timeout: Duration) -> Result<Instant> {
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

    #[cold]
    fn no_reply(&self) -> Error {
        let message = format!("no reply from {} in time", self.address);
        Error::new(ErrorKind::Timeout, message).effect(Effect::Ambiguous)
    }

    #[cold]
    fn no_connection(&self) -> Error {
        let message = format!("no connection to {} in time", self.address);
        Error::new(ErrorKind::Unreachable, message)
    }
}

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The system takes a timeout of zero for none.
const SHORTEST: Duration = Duration::from_millis(1);

impl Backend for Redis {
    fn exchange<'a>(&'a self, batch: &'a Batch, deadline: Option<Instant>) -> Exchange<'a> {
        Box::pin(self.send(batch, deadline))
    }

    fn exchange_blocking(&self, batch: &Batch, deadline: Option<Instant>) -> Result<Vec<Reply>> {
        self.send_blocking(batch, deadline)
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Redis").field(&self.address).finish()
    }
}

/// redis-rs panics where there is no runtime of tokio.
pub(super) fn require_runtime() -> Result<()> {
    tokio::runtime::Handle::try_current().map(drop).map_err(|_| {
        let message = "a connection to a server is awaited on a tokio runtime: use `.wait()` here";
        Error::new(ErrorKind::Unsupported, message)
    })
}

async fn talk(connection: &mut MultiplexedConnection, batch: &Batch) -> RedisResult<Vec<Reply>> {
    let mut commands = batch.commands();
    match (commands.next(), commands.len()) {
        (None, _) => Ok(Vec::new()),
        (Some(command), 0) => {
            let command = wire::cmd(&command);
            Ok(vec![wire::reply(connection.send_packed_command(&command).await?)])
        }
        (Some(_), _) => {
            let pipeline = wire::pipeline(batch);
            let values = connection.send_packed_commands(&pipeline, 0, batch.len()).await?;
            Ok(wire::replies(values))
        }
    }
}

fn talk_blocking(
    connection: &mut redis::Connection,
    batch: &Batch,
    limit: Instant,
) -> RedisResult<Vec<Reply>> {
    let mut packed = Vec::with_capacity(batch.byte_len() + 32 * batch.len());
    for command in batch.commands() {
        wire::cmd(&command).write_packed_command(&mut packed);
    }
    let left = limit.saturating_duration_since(Instant::now()).max(SHORTEST);
    connection.set_read_timeout(Some(left))?;
    connection.set_write_timeout(Some(left))?;
    let mut replies = Vec::with_capacity(batch.len());
    if !packed.is_empty() {
        connection.send_packed_command(&packed)?;
    }
    while replies.len() < batch.len() {
        match connection.recv_response()? {
            // A push is an answer to nobody.
            Value::Push { .. } => {}
            value => replies.push(wire::reply(value)),
        }
    }
    Ok(replies)
}

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

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}
