//! The connections of those who block: one for each thread that is at it.

use std::{
    sync::{Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use nestkey_core::{
    command::Batch,
    error::{Effect, Error, ErrorKind, Result},
    reply::Reply,
};
use redis::{Connection, ConnectionLike, RedisResult, Value};

use super::{redis::Server, wire};

/// The blocking connections that nobody uses at the moment, and since when.
#[derive(Default)]
pub(super) struct Pool(Mutex<Vec<(Connection, Instant)>>);

/// How long a connection may be idle without being asked whether it is still open: as long as it takes
/// a thread to make its next call, which a `PING` would slow down.
const TRUSTED: Duration = Duration::from_micros(200);
/// The same for what only reads, and can be sent once more.
const TRUSTED_TO_READ: Duration = Duration::from_secs(1);
/// The system takes a timeout of zero for none.
const SHORTEST: Duration = Duration::from_millis(1);

impl Pool {
    /// Sends a batch and waits for its replies.
    pub(super) fn exchange(
        &self,
        server: &Server,
        batch: &Batch,
        deadline: Option<Instant>,
    ) -> Result<Vec<Reply>> {
        let only_reads = batch.only_reads();
        let trusted = if only_reads { TRUSTED_TO_READ } else { TRUSTED };
        loop {
            let idle = self.idle(trusted, server.response_limit(deadline)?);
            let is_new = idle.is_none();
            let mut connection = match idle {
                Some(connection) => connection,
                None => connect(server, deadline)?,
            };
            let limit = server.response_limit(deadline)?;
            match talk(&mut connection, batch, limit) {
                Ok(replies) => {
                    self.lock().push((connection, Instant::now()));
                    return Ok(replies);
                }
                // Late replies would be taken for those of the next batch: the connection goes.
                Err(error) if error.is_timeout() => return Err(server.no_reply()),
                // What it was closed for while it was idle has nothing to do with this batch, which
                // changes nothing even if it arrived.
                Err(error) if only_reads && !is_new && error.is_unrecoverable_error() => {}
                Err(error) => return Err(wire::exchange_error(&error, &server.address)),
            }
        }
    }

    /// A connection that is open, as far as one can know by that time.
    fn idle(&self, trusted: Duration, limit: Instant) -> Option<Connection> {
        loop {
            let (mut connection, since) = self.lock().pop()?;
            // Servers close what is idle, and whether a write has come through before could not be
            // known: asking first keeps the call from failing. The timeouts are still those of the
            // call before.
            if since.elapsed() < trusted
                || (limit_waits(&connection, limit).is_ok() && connection.check_connection())
            {
                return Some(connection);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Connection, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cold]
fn connect(server: &Server, deadline: Option<Instant>) -> Result<Connection> {
    let left = left(server.connect_limit(deadline)?);
    server.known.connected();
    let (client, (sender, receiver)) = (server.client.clone(), mpsc::sync_channel(1));
    // The driver waits that long for each reply of its greeting: the time is kept here.
    let attempt = move || drop(sender.send(client.get_connection_with_timeout(left)));
    if thread::Builder::new().spawn(attempt).is_err() {
        let message = "no thread can be started to connect to the server";
        return Err(Error::new(ErrorKind::Unreachable, message).effect(Effect::NotSent));
    }
    match receiver.recv_timeout(left) {
        Ok(Err(error)) if !error.is_timeout() => Err(wire::connect_error(&error, server)),
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(_)) | Err(_) => Err(server.no_connection(deadline)),
    }
}

fn talk(connection: &mut Connection, batch: &Batch, limit: Instant) -> RedisResult<Vec<Reply>> {
    let mut replies = Vec::with_capacity(batch.len());
    if batch.is_empty() {
        return Ok(replies);
    }
    let mut packed = Vec::with_capacity(batch.byte_len() + 32 * batch.len());
    for command in batch.commands() {
        wire::cmd(&command).write_packed_command(&mut packed);
    }
    limit_waits(connection, limit)?;
    connection.send_packed_command(&packed)?;
    let mut armed = Instant::now();
    while replies.len() < batch.len() {
        // The system's timeout is that of each read alone.
        if armed.elapsed() > SHORTEST {
            limit_waits(connection, limit)?;
            armed = Instant::now();
        }
        match connection.recv_response()? {
            // A push is an answer to nobody.
            Value::Push { .. } => {}
            value => replies.push(wire::reply(value)),
        }
    }
    Ok(replies)
}

fn limit_waits(connection: &Connection, limit: Instant) -> RedisResult<()> {
    let left = left(limit);
    connection.set_read_timeout(Some(left))?;
    connection.set_write_timeout(Some(left))
}

fn left(limit: Instant) -> Duration {
    limit.saturating_duration_since(Instant::now()).max(SHORTEST)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn connections_are_lent_after_a_panic_under_the_lock() {
        let pool = Arc::new(Pool::default());
        let held = Arc::clone(&pool);
        let panicked = thread::spawn(move || {
            let _held = held.0.lock();
            panic!("on purpose")
        });
        assert!(panicked.join().is_err());
        assert!(pool.0.is_poisoned());
        assert!(pool.idle(Duration::from_secs(1), Instant::now()).is_none());
    }
}
