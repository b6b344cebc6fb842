//! A connection that the caller already has.

use std::{fmt, sync::OnceLock, time::Instant};

use nestkey_core::{
    call::Reach,
    command::Batch,
    error::{Effect, Error, ErrorKind, Result},
    reply::Reply,
};
use redis::{RedisError, aio::ConnectionLike};

use super::{Backend, Exchange, Reaching, reach, wire};

/// Any asynchronous connection of redis-rs.
pub(crate) struct Borrowed<C> {
    connection: C,
    reach: OnceLock<Reach>,
}

impl<C> Borrowed<C> {
    pub(crate) const fn new(connection: C) -> Self {
        Self { connection, reach: OnceLock::new() }
    }
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Backend for Borrowed<C> {
    fn exchange<'a>(&'a self, batch: &'a Batch, deadline: Option<Instant>) -> Exchange<'a> {
        Box::pin(async move {
            let exchange = exchange(self.connection.clone(), batch);
            // The connection has timeouts of its own; only a deadline needs a timer.
            let Some(deadline) = deadline else { return exchange.await };
            super::link::require_runtime()?;
            match tokio::time::timeout_at(deadline.into(), exchange).await {
                Ok(replies) => replies,
                Err(_) => Err(Error::new(ErrorKind::Timeout, "no reply before the deadline")
                    .effect(Effect::Ambiguous)),
            }
        })
    }

    fn reach(&self, deadline: Option<Instant>) -> Reaching<'_> {
        Box::pin(async move {
            if let Some(reach) = self.reach.get() {
                return Ok(*reach);
            }
            let reach = reach::ask(self, deadline).await?;
            Ok(*self.reach.get_or_init(|| reach))
        })
    }
}

impl<C> fmt::Debug for Borrowed<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a borrowed connection")
    }
}

async fn exchange(mut connection: impl ConnectionLike, batch: &Batch) -> Result<Vec<Reply>> {
    let mut commands = batch.commands();
    let values = match (commands.next(), commands.len()) {
        (None, _) => return Ok(Vec::new()),
        (Some(command), 0) => {
            let value = connection.req_packed_command(&wire::cmd(&command)).await;
            value.map(|value| vec![value])
        }
        (Some(_), _) => {
            connection.req_packed_commands(&wire::pipeline(batch), 0, batch.len()).await
        }
    };
    match values {
        Ok(values) => Ok(wire::replies(values)),
        Err(error) => failed(error, batch.len()),
    }
}

/// Some connections turn an error reply into an error of the exchange.
fn failed(error: RedisError, commands: usize) -> Result<Vec<Reply>> {
    match wire::error_reply(error) {
        Ok(reply) if commands == 1 => Ok(vec![reply]),
        Ok(Reply::Error(error)) => {
            Err(Error::server(&error.code, &error.detail).effect(Effect::Ambiguous))
        }
        Ok(other) => Ok(vec![other]),
        Err(error) => Err(wire::exchange_error(&error, "the borrowed connection")),
    }
}
