use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::{
    database::Database,
    dispatch::{Row, Run},
    refusal::Refusal,
    transaction::{Queue, Queues},
};
use crate::{command::Batch, limits::Limits, reply::Reply, script::Builtin};

/// Keys in memory, and the sessions that work on them.
///
/// ```
/// use nestkey_core::{command::{Batch, Class}, memory::{SessionId, Store}, reply::Reply};
/// let mut store = Store::default();
/// let mut batch = Batch::default();
/// batch.command("SET", Class::Idempotent).key(b"age").arg(b"30").arg(b"PX").int(500);
/// batch.command("PTTL", Class::Read).key(b"age");
/// let mut replies = Vec::new();
/// store.exchange(SessionId(1), 1_700_000_000_000, &batch, &mut replies);
/// assert_eq!(replies, [Reply::ok(), Reply::Int(500)]);
/// ```
#[derive(Debug)]
pub struct Store {
    pub(super) database: Database,
    pub(super) queues: Queues,
    /// The scripts whose text has been sent, which their digests then stand for.
    pub(super) scripts: Vec<Builtin>,
}

/// Who sends commands: transactions and watches belong to a session.
///
/// The host numbers its sessions as it likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

impl Store {
    /// An empty store whose keys are spread by a secret number.
    ///
    /// With a random seed nobody can choose keys that slow the store down; with a fixed one, as
    /// [`Store::default`] has, keys are scanned in the same order in every run.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { database: Database::new(seed), queues: Queues::default(), scripts: Vec::new() }
    }

    /// The same store, which takes so many bytes of keys and values; 256 MiB unless said otherwise.
    ///
    /// Past that, commands that make it larger are refused with the server's error `OOM`; reading and
    /// removing go on. What a key takes is about what `MEMORY USAGE` answers.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.set_max_bytes(bytes);
        self
    }

    /// The same for one that is there already.
    pub fn set_max_bytes(&mut self, bytes: usize) {
        self.database.max_bytes = bytes;
    }

    /// Answers each command of a batch in order, with one more reply each.
    ///
    /// `now_ms` is the present in Unix milliseconds; it holds for the whole batch.
    pub fn exchange(
        &mut self,
        session: SessionId,
        now_ms: i64,
        batch: &Batch,
        replies: &mut Vec<Reply>,
    ) {
        self.exchange_within(session, now_ms, batch, Limits::NONE, replies);
    }

    /// The same, where replies that are out of bounds are not even copied: an error stands in for
    /// each of them, as [`Limits::bound`] puts it there.
    pub fn exchange_within(
        &mut self,
        session: SessionId,
        now_ms: i64,
        batch: &Batch,
        limits: Limits,
        replies: &mut Vec<Reply>,
    ) {
        self.database.now = now_ms;
        self.database.budget = limits.budget();
        let mut args = Vec::new();
        for command in batch.commands() {
            args.clear();
            args.extend(command.args().map(|arg| arg.bytes));
            replies.push(self.answer(session, &args));
        }
        self.database.sweep(batch.len());
    }

    /// Forgets a session that is over, with its transaction and its watches.
    pub fn close(&mut self, session: SessionId) {
        self.queues.take(session);
        self.database.watches.forget(session);
    }

    fn answer(&mut self, session: SessionId, args: &[&[u8]]) -> Reply {
        let row = match Row::find(args) {
            Ok(row) => row,
            Err(refusal) => return self.refuse(session, refusal),
        };
        if let Err(refusal) = row.check_arity(args) {
            if row.name == "exec" {
                self.close(session);
                return refusal.aborting().into();
            }
            return self.refuse(session, refusal);
        }
        if row.is_too_much(args, &self.database) {
            return self.refuse(session, Refusal::OOM);
        }
        if !matches!(row.run, Run::Transaction(_))
            && let Some(queue) = self.queues.of(session)
        {
            // What is queued takes memory as well, whatever it does.
            if self.database.is_full(args.iter().map(|arg| arg.len()).sum()) {
                return self.refuse(session, Refusal::OOM);
            }
            queue.commands.push((row, args.iter().map(|&arg| arg.to_owned()).collect()));
            return Reply::Status(String::from("QUEUED"));
        }
        self.run(session, row, args)
    }

    /// Refuses a command before it runs, and with it the transaction that it was meant for.
    #[cold]
    fn refuse(&mut self, session: SessionId, refusal: Refusal) -> Reply {
        if let Some(queue) = self.queues.of(session) {
            *queue = Queue { is_refused: true, commands: Vec::new() };
        }
        refusal.into()
    }

    pub(super) fn run(&mut self, session: SessionId, row: &Row, args: &[&[u8]]) -> Reply {
        let answer = match row.run {
            Run::Keys(run) | Run::Growing(run) => run(&mut self.database, args),
            Run::Session(run) | Run::Transaction(run) => run(self, session, args),
            // A command that has subcommands does nothing itself.
            Run::Subcommands(_) => Err(Refusal::arity(row.name)),
        };
        answer.unwrap_or_else(Reply::from)
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::seeded(0)
    }
}
