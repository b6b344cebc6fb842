//! The connection that everybody who awaits shares.

use std::{
    pin::pin,
    sync::{PoisonError, RwLock},
    time::Instant,
};

use nestkey_core::{
    command::Batch,
    error::{Effect, Error, ErrorKind, Result},
    reply::Reply,
};
use redis::{AsyncConnectionConfig, RedisResult, aio::MultiplexedConnection};
use tokio::sync::Mutex;

use super::{
    redis::Server,
    stream::{Stream, Writes},
    wire,
};

/// One connection to a server, made when it is needed and again when it broke.
#[derive(Default)]
pub(super) struct Link {
    line: RwLock<Option<Line>>,
    /// Held while a connection is made, so that everybody waits for the same one.
    connecting: Mutex<Attempts>,
}

/// An open connection.
#[derive(Clone)]
struct Line {
    connection: MultiplexedConnection,
    writes: Writes,
    /// Tells it from the lines before it.
    number: u64,
}

#[derive(Default)]
struct Attempts {
    made: u64,
    /// When the last one failed, and why.
    failed: Option<(Instant, Error)>,
}

/// Room in the queue to a connection; beyond it callers wait for their turn.
const QUEUE: usize = 1_024;

impl Link {
    /// Sends a batch and waits for its replies.
    ///
    /// A line that turns out to be closed before anything was written to it is replaced, and for what
    /// only reads also one that breaks later; otherwise one that does, or on which the server does
    /// not answer in its time, fails the exchange.
    pub(super) async fn exchange(
        &self,
        server: &Server,
        batch: &Batch,
        deadline: Option<Instant>,
    ) -> Result<Vec<Reply>> {
        require_runtime()?;
        loop {
            let present = self.present();
            let is_new = present.is_none();
            let mut line = match present {
                Some(line) => line,
                // Boxed, so that the future of every exchange does not have room for it.
                None => Box::pin(self.connect(server, deadline)).await?,
            };
            let before = line.writes.count();
            let limit = server.response_limit(deadline)?;
            // Pinned here, so that the timer does not move a future of this size.
            let talk = pin!(talk(&mut line.connection, batch));
            let broken = match tokio::time::timeout_at(limit.into(), talk).await {
                Ok(Ok(replies)) => return Ok(replies),
                Ok(Err(error)) => error,
                Err(_) => {
                    // A server that does not answer in its own time gets a new line: what waits
                    // in the old one must not pile up. A caller's shorter deadline says nothing.
                    if deadline != Some(limit) {
                        self.forget(line.number);
                    }
                    return Err(server.no_reply());
                }
            };
            let error = wire::exchange_error(&broken, &server.address);
            if !broken.is_unrecoverable_error() {
                return Err(error);
            }
            self.forget(line.number);
            let was_written = line.writes.count() != before;
            if was_written && (is_new || !batch.only_reads()) {
                return Err(error);
            }
            // A server that closes even new lines would be asked for ever.
            if is_new {
                return Err(error.effect(Effect::NotSent));
            }
        }
    }

    /// Makes the connection, or waits for whoever is at it.
    #[cold]
    async fn connect(&self, server: &Server, deadline: Option<Instant>) -> Result<Line> {
        let started = Instant::now();
        let limit = server.connect_limit(deadline)?;
        let attempt = async {
            let mut attempts = self.connecting.lock().await;
            if let Some(line) = self.present() {
                return Ok(line);
            }
            // Who waited for an attempt that failed would wait for the next one just as long.
            if let Some((at, error)) = &attempts.failed
                && *at >= started
            {
                return Err(error.clone());
            }
            attempts.made += 1;
            match open(server, attempts.made).await {
                Ok(line) => {
                    *self.line.write().unwrap_or_else(PoisonError::into_inner) = Some(line.clone());
                    Ok(line)
                }
                Err(error) => {
                    let error = wire::connect_error(&error, server);
                    attempts.failed = Some((Instant::now(), error.clone()));
                    Err(error)
                }
            }
        };
        match tokio::time::timeout_at(limit.into(), attempt).await {
            Ok(result) => result,
            Err(_) => Err(server.no_connection(deadline)),
        }
    }

    fn present(&self) -> Option<Line> {
        self.line.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets the next exchange make a new connection, unless somebody has made one already.
    #[cold]
    fn forget(&self, number: u64) {
        let mut line = self.line.write().unwrap_or_else(PoisonError::into_inner);
        if line.as_ref().is_some_and(|line| line.number == number) {
            *line = None;
        }
    }
}

async fn open(server: &Server, number: u64) -> RedisResult<Line> {
    // Timeouts are kept outside, where it is known what was sent.
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None)
        .set_pipeline_buffer_size(QUEUE);
    let info = server.client.get_connection_info();
    let stream = Stream::open(info.addr(), server.tls.as_ref()).await?;
    let writes = stream.writes();
    let (connection, driver) =
        MultiplexedConnection::new_with_config(info.redis_settings(), stream, config).await?;
    // It ends with the stream, or when the last clone of the connection is dropped.
    tokio::spawn(driver);
    server.known.connected();
    Ok(Line { connection, writes, number })
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

/// redis-rs panics where there is no runtime of tokio.
pub(crate) fn require_runtime() -> Result<()> {
    tokio::runtime::Handle::try_current().map(drop).map_err(|_| {
        let message = "a connection to a server is awaited on a tokio runtime: use `.wait()` here";
        Error::new(ErrorKind::Unsupported, message)
    })
}
