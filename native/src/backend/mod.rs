//! Backends: what carries batches of commands to where the keys are.

mod borrowed;
mod flight;
mod link;
pub mod memory;
mod pool;
mod reach;
pub(crate) mod redis;
pub(crate) mod stream;
#[cfg(feature = "tls")]
pub(crate) mod tls;
mod wire;

use std::{fmt, future::Future, pin::Pin, time::Instant};

use nestkey_core::{
    call::Reach,
    command::Batch,
    error::{Error, ErrorKind, Result},
    reply::Reply,
};

pub use self::reach::Reaching;
pub(crate) use self::{
    borrowed::Borrowed, link::require_runtime, memory::MemoryBackend, redis::Redis,
};

/// The replies to a batch, some time.
pub type Exchange<'a> = Pin<Box<dyn Future<Output = Result<Vec<Reply>>> + Send + 'a>>;

/// Where a server is, for [events](crate::trace).
#[derive(Clone, Copy, Debug)]
pub struct Address<'a> {
    /// Its name or address, or the path of its socket.
    pub host: &'a str,
    /// Its port, where it has one.
    pub port: Option<u16>,
    /// The number of the database.
    pub database: i64,
}

/// Carries batches of commands and brings their replies.
///
/// [`Client::from_backend`](crate::Client::from_backend) takes any. Error replies are replies:
/// an error of the whole exchange means that no reply came, and its
/// [`effect`](Error::outcome) says whether anything was sent.
pub trait Backend: fmt::Debug + Send + Sync {
    /// Sends the commands of a batch, one after the other, and gives one reply for each.
    ///
    /// Nothing may be sent twice but what [only reads](Batch::only_reads). The groups of a batch stand between MULTI and EXEC already.
    fn exchange<'a>(&'a self, batch: &'a Batch, deadline: Option<Instant>) -> Exchange<'a>;

    /// Where the server is, if there is one.
    fn address(&self) -> Option<Address<'_>> {
        None
    }

    /// The same at once where it waits for nothing, as in memory; `None` where it would.
    ///
    /// What a dropped call gives back is sent by it, or else on the runtime there is.
    fn exchange_at_once(&self, batch: &Batch) -> Option<Result<Vec<Reply>>> {
        let _ = batch;
        None
    }

    /// The same without a runtime, blocking the thread.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoBlocking`] unless a backend does better.
    fn exchange_blocking(&self, batch: &Batch, deadline: Option<Instant>) -> Result<Vec<Reply>> {
        let _ = (batch, deadline);
        Err(Error::new(
            ErrorKind::NoBlocking,
            "this connection can only be awaited: `.wait()` needs a client made from a URL",
        ))
    }

    /// Which keys it answers for, which a walk over the keyspace wants to know before it begins:
    /// one over a single node of a cluster would give a part for the whole.
    ///
    /// Unless a backend does better, `HELLO` and `INFO cluster` are sent, and a server that allows
    /// neither is taken for one that has all keys.
    fn reach(&self, deadline: Option<Instant>) -> Reaching<'_> {
        Box::pin(reach::ask(self, deadline))
    }

    /// The same without a runtime, blocking the thread.
    ///
    /// # Errors
    ///
    /// As [`exchange_blocking`](Self::exchange_blocking).
    fn reach_blocking(&self, deadline: Option<Instant>) -> Result<Reach> {
        reach::ask_blocking(self, deadline)
    }
}
