//! Writers and readers beside a rotation.
//!
//! The text of a secret says which of its writes it is. Each secret has one writer, so what was
//! acknowledged last is known, and whoever reads less has lost an update.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use nestkey::{Root, SecretEntry};
use tokio::task::JoinHandle;

use crate::random::Random;

const WRITERS: u64 = 4;
const READERS: u64 = 4;

pub(crate) struct Load {
    board: Arc<Board>,
    tasks: Vec<JoinHandle<u64>>,
}

/// What everybody knows of the secrets.
struct Board {
    issued: Vec<AtomicU64>,
    acknowledged: Vec<AtomicU64>,
    /// Whether nobody writes with the old keyring any longer, and how many have seen that.
    is_promoted: AtomicBool,
    seen: AtomicUsize,
    is_over: AtomicBool,
}

impl Load {
    /// Starts writers that take one or the other keyring, and readers.
    pub(crate) fn start(secrets: u64, roots: &[Root; 2]) -> Self {
        let zeros = || (0..secrets).map(|_| AtomicU64::new(0)).collect();
        let board = Arc::new(Board {
            issued: zeros(),
            acknowledged: zeros(),
            is_promoted: AtomicBool::new(false),
            seen: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        });
        let writers =
            (0..WRITERS).map(|own| tokio::spawn(write(Arc::clone(&board), roots.clone(), own)));
        let mut tasks: Vec<_> = writers.collect();
        tasks.extend((0..READERS).map(|seed| {
            tokio::spawn(read(Arc::clone(&board), roots.clone(), Random::new(100 + seed)))
        }));
        Self { board, tasks }
    }

    /// Returns when every write with the old keyring is done.
    pub(crate) async fn promote(&self) {
        self.board.is_promoted.store(true, SeqCst);
        while self.board.seen.load(SeqCst) < WRITERS as usize && !self.has_failed() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// A task only ends on its own when it has failed.
    fn has_failed(&self) -> bool {
        self.tasks.iter().any(JoinHandle::is_finished)
    }

    /// Ends the load. The text that each secret has to have now.
    pub(crate) async fn stop(self) -> Vec<String> {
        self.board.is_over.store(true, SeqCst);
        for task in self.tasks {
            let calls = task.await.unwrap();
            assert!(calls > 20, "only {calls} calls: that is no load");
        }
        let last = self.board.acknowledged.iter().enumerate();
        last.map(|(id, write)| text(id as u64, write.load(SeqCst))).collect()
    }
}

async fn write(board: Arc<Board>, [old, new]: [Root; 2], own: u64) -> u64 {
    let mut random = Random::new(own);
    let mut writes = 0;
    let mut has_seen = false;
    while !board.is_over.load(SeqCst) {
        let is_promoted = board.is_promoted.load(SeqCst);
        if is_promoted && !has_seen {
            board.seen.fetch_add(1, SeqCst);
            has_seen = true;
        }
        let secrets = board.issued.len() as u64;
        let id = random.below(secrets / WRITERS) * WRITERS + own;
        let root = if is_promoted || random.below(2) == 0 { &new } else { &old };
        let write = board.issued[id as usize].fetch_add(1, SeqCst) + 1;
        secret(root, id).set(text(id, write)).keep_ttl().await.unwrap();
        board.acknowledged[id as usize].store(write, SeqCst);
        writes += 1;
    }
    writes
}

async fn read(board: Arc<Board>, [old, new]: [Root; 2], mut random: Random) -> u64 {
    let mut reads = 0;
    while !board.is_over.load(SeqCst) {
        let id = random.below(board.issued.len() as u64);
        let root = if random.below(2) == 0 { &new } else { &old };
        let least = board.acknowledged[id as usize].load(SeqCst);
        let found = secret(root, id).get::<String>().await.unwrap().unwrap();
        let most = board.issued[id as usize].load(SeqCst);
        let (of, write) = found.expose().split_once(':').unwrap();
        assert_eq!(of, id.to_string());
        assert!((least..=most).contains(&write.parse().unwrap()), "{least}..={most}: {write}");
        reads += 1;
    }
    reads
}

pub(crate) fn secret(root: &Root, id: u64) -> SecretEntry<'_> {
    root.namespace("user", [id]).unwrap().secret("api_key").unwrap()
}

pub(crate) fn text(id: u64, write: u64) -> String {
    format!("{id}:{write}")
}
