//! Whether a server is one node of a cluster, which is asked before the first walk over a connection.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use nestkey_core::{
    call::Reach,
    command::{Batch, Class},
    error::{Effect, Error, Result},
    reply::Reply,
};

use super::Backend;

/// What a server answers for, some time.
pub type Reaching<'a> = Pin<Box<dyn Future<Output = Result<Reach>> + Send + 'a>>;

/// What is known of a server, until a new connection is made to it.
#[derive(Debug, Default)]
pub(super) struct Known {
    connections: AtomicU64,
    answer: Mutex<Option<(u64, Reach)>>,
}

impl Known {
    /// There is a new connection: whoever is at its end has to be asked.
    pub(super) fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn present(&self) -> Option<Reach> {
        let answer = *self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        let (connections, reach) = answer?;
        (connections == self.connections.load(Ordering::Relaxed)).then_some(reach)
    }

    pub(super) fn keep(&self, reach: Reach) {
        let connections = self.connections.load(Ordering::Relaxed);
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some((connections, reach));
    }
}

pub(super) async fn ask<B: Backend + ?Sized>(
    backend: &B,
    deadline: Option<Instant>,
) -> Result<Reach> {
    backend.exchange(&question(), deadline).await.map(|replies| read(&replies)).map_err(unasked)
}

pub(super) fn ask_blocking<B: Backend + ?Sized>(
    backend: &B,
    deadline: Option<Instant>,
) -> Result<Reach> {
    backend.exchange_blocking(&question(), deadline).map(|replies| read(&replies)).map_err(unasked)
}

/// Either reply tells; a server may know or allow one of them only.
fn question() -> Batch {
    let mut batch = Batch::default();
    batch.command("HELLO", Class::Read);
    batch.command("INFO", Class::Read).arg(b"cluster");
    batch
}

/// A server that says nothing of it is taken for a single one: proxies forbid both commands.
fn read(replies: &[Reply]) -> Reach {
    if replies.iter().any(tells_of_cluster) { Reach::Node } else { Reach::Whole }
}

fn tells_of_cluster(reply: &Reply) -> bool {
    match reply {
        // What INFO answers.
        Reply::Bulk(text) => has_line(text, b"cluster_enabled:1"),
        // What HELLO answers in RESP2.
        Reply::Array(fields) => {
            fields.chunks(2).any(|field| matches!(field, [name, mode] if is_mode(name, mode)))
        }
        // What HELLO answers in RESP3, and INFO over a connection to several nodes.
        Reply::Map(fields) => {
            fields.iter().any(|(name, value)| is_mode(name, value) || tells_of_cluster(value))
        }
        _ => false,
    }
}

fn is_mode(name: &Reply, mode: &Reply) -> bool {
    is_word(name, "mode") && is_word(mode, "cluster")
}

fn is_word(reply: &Reply, word: &str) -> bool {
    match reply {
        Reply::Bulk(bytes) => bytes == word.as_bytes(),
        Reply::Status(text) => text == word,
        _ => false,
    }
}

fn has_line(text: &[u8], line: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n').any(|found| found.trim_ascii_end() == line)
}

/// Nothing of the walk itself was sent.
fn unasked(error: Error) -> Error {
    error.effect(Effect::NotSent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_of_a_cluster_says_so_in_each_protocol() {
        let bulk = |text: &str| Reply::Bulk(text.into());
        let status = |text: &str| Reply::Status(text.into());
        let forbidden = || Reply::error("NOPERM this user has no permissions");
        let array =
            |mode| Reply::Array(vec![bulk("proto"), Reply::Int(2), bulk("mode"), bulk(mode)]);
        let map = |mode| Reply::Map(vec![(status("mode"), bulk(mode))]);
        let info = |enabled| bulk(&format!("# Cluster\r\ncluster_enabled:{enabled}\r\n"));
        for (replies, reach) in [
            ([array("cluster"), forbidden()], Reach::Node),
            ([map("cluster"), forbidden()], Reach::Node),
            ([forbidden(), info(1)], Reach::Node),
            ([forbidden(), Reply::Map(vec![(bulk("127.0.0.1:1"), info(1))])], Reach::Node),
            ([array("standalone"), info(0)], Reach::Whole),
            ([map("standalone"), info(0)], Reach::Whole),
            ([forbidden(), forbidden()], Reach::Whole),
        ] {
            assert_eq!(read(&replies), reach, "{replies:?}");
        }
    }

    #[test]
    fn a_new_connection_is_asked_anew() {
        let known = Known::default();
        known.connected();
        assert_eq!(known.present(), None);
        known.keep(Reach::Node);
        assert_eq!(known.present(), Some(Reach::Node));
        known.connected();
        assert_eq!(known.present(), None);
    }
}
