//! <https://redis.io/docs/latest/commands/?group=transactions>

use alloc::{borrow::ToOwned, vec::Vec};

use super::{
    dispatch::{Row, Run},
    refusal::{Answer, Refusal},
    store::{SessionId, Store},
};
use crate::reply::Reply;

pub(super) fn discard(store: &mut Store, session: SessionId, _: &[&[u8]]) -> Answer {
    if store.queues.take(session).is_none() {
        return Err(Refusal::new("ERR DISCARD without MULTI"));
    }
    store.database.watches.forget(session);
    Ok(Reply::ok())
}

pub(super) fn exec(store: &mut Store, session: SessionId, _: &[&[u8]]) -> Answer {
    let Some(queue) = store.queues.take(session) else {
        return Err(Refusal::new("ERR EXEC without MULTI"));
    };
    let changed = store.database.watched_keys_changed(session);
    store.database.watches.forget(session);
    if queue.is_refused {
        return Err(Refusal::new("EXECABORT Transaction discarded because of previous errors."));
    }
    if changed {
        return Ok(Reply::Nil);
    }
    let growing = queue.commands.iter().filter(|(row, _)| matches!(row.run, Run::Growing(_)));
    let mut coming = growing.map(|(_, args)| args.iter().map(Vec::len).sum::<usize>()).peekable();
    if coming.peek().is_some() && store.database.is_full(coming.sum()) {
        return Err(Refusal::OOM.aborting());
    }
    let replies = queue.commands.iter().map(|(row, args)| {
        let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
        store.run(session, row, &args)
    });
    Ok(Reply::Array(replies.collect()))
}

pub(super) fn multi(store: &mut Store, session: SessionId, _: &[&[u8]]) -> Answer {
    if store.queues.of(session).is_some() {
        return Err(Refusal::new("ERR MULTI calls can not be nested"));
    }
    store.queues.open(session);
    Ok(Reply::ok())
}

pub(super) fn unwatch(store: &mut Store, session: SessionId, _: &[&[u8]]) -> Answer {
    store.database.watches.forget(session);
    Ok(Reply::ok())
}

pub(super) fn watch(store: &mut Store, session: SessionId, args: &[&[u8]]) -> Answer {
    if store.queues.of(session).is_some() {
        return Err(Refusal::new("ERR WATCH inside MULTI is not allowed"));
    }
    for key in &args[1..] {
        // A key past its expiry goes away first: from here on it is missing, which is no change.
        store.database.get(key);
        store.database.watches.watch(session, key);
    }
    Ok(Reply::ok())
}

/// The commands between a session's MULTI and EXEC.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) commands: Vec<(&'static Row, Vec<Vec<u8>>)>,
    /// A command was refused when it was to be queued: EXEC will refuse them all.
    pub(super) is_refused: bool,
}

/// The sessions that are between MULTI and EXEC: few at any time.
#[derive(Debug, Default)]
pub(super) struct Queues(Vec<(SessionId, Queue)>);

impl Queues {
    pub(super) fn of(&mut self, session: SessionId) -> Option<&mut Queue> {
        self.0.iter_mut().find(|(owner, _)| *owner == session).map(|(_, queue)| queue)
    }

    pub(super) fn take(&mut self, session: SessionId) -> Option<Queue> {
        let index = self.0.iter().position(|(owner, _)| *owner == session)?;
        Some(self.0.swap_remove(index).1)
    }

    fn open(&mut self, session: SessionId) {
        self.0.push((session, Queue::default()));
    }
}

/// The sessions that watch keys: few at any time, and none for long.
#[derive(Debug, Default)]
pub(super) struct Watches(Vec<Watch>);

#[derive(Debug)]
struct Watch {
    session: SessionId,
    keys: Vec<Vec<u8>>,
    is_broken: bool,
}

impl Watches {
    /// Tells those who watch a key that it has changed.
    pub(super) fn touch(&mut self, key: &[u8]) {
        for watch in &mut self.0 {
            watch.is_broken |= watch.keys.iter().any(|watched| watched == key);
        }
    }

    /// The keys that a session watches.
    pub(super) fn keys(&self, session: SessionId) -> Vec<Vec<u8>> {
        self.of(session).map_or_else(Vec::new, |watch| watch.keys.clone())
    }

    /// Whether a key has changed since the session watches it.
    pub(super) fn is_broken(&self, session: SessionId) -> bool {
        self.of(session).is_some_and(|watch| watch.is_broken)
    }

    pub(super) fn forget(&mut self, session: SessionId) {
        self.0.retain(|watch| watch.session != session);
    }

    fn of(&self, session: SessionId) -> Option<&Watch> {
        self.0.iter().find(|watch| watch.session == session)
    }

    fn watch(&mut self, session: SessionId, key: &[u8]) {
        let key = key.to_owned();
        match self.0.iter_mut().find(|watch| watch.session == session) {
            Some(watch) if watch.keys.contains(&key) => {}
            Some(watch) => watch.keys.push(key),
            None => self.0.push(Watch { session, keys: Vec::from([key]), is_broken: false }),
        }
    }
}
