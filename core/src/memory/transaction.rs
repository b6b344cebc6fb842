//! <https://redis.io/docs/latest/commands/?group=transactions>

use alloc::{collections::BTreeMap, vec::Vec};

use super::{
    dispatch::Row,
    refusal::{Answer, Refusal},
    store::{SessionId, Store},
};
use crate::reply::Reply;

pub(super) fn discard(store: &mut Store, session: SessionId, _: &[&[u8]]) -> Answer {
    if store.queues.remove(&session).is_none() {
        return Err(Refusal::new("ERR DISCARD without MULTI"));
    }
    store.database.watches.forget(session);
    Ok(Reply::ok())
}

pub(super) fn exec(store: &mut Store, session: SessionId, _: &[&[u8]]) -> Answer {
    let Some(queue) = store.queues.remove(&session) else {
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
    let replies = queue.commands.iter().map(|(row, args)| {
        let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
        store.run(session, row, &args)
    });
    Ok(Reply::Array(replies.collect()))
}

pub(super) fn multi(store: &mut Store, session: SessionId, _: &[&[u8]]) -> Answer {
    if store.queues.contains_key(&session) {
        return Err(Refusal::new("ERR MULTI calls can not be nested"));
    }
    store.queues.insert(session, Queue::default());
    Ok(Reply::ok())
}

pub(super) fn unwatch(store: &mut Store, session: SessionId, _: &[&[u8]]) -> Answer {
    store.database.watches.forget(session);
    Ok(Reply::ok())
}

pub(super) fn watch(store: &mut Store, session: SessionId, args: &[&[u8]]) -> Answer {
    if store.queues.contains_key(&session) {
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

/// Who watches which keys.
#[derive(Debug, Default)]
pub(super) struct Watches {
    by_key: BTreeMap<Vec<u8>, Vec<SessionId>>,
    by_session: BTreeMap<SessionId, Watch>,
}

#[derive(Debug, Default)]
struct Watch {
    keys: Vec<Vec<u8>>,
    is_broken: bool,
}

impl Watches {
    /// Tells those who watch a key that it has changed.
    pub(super) fn touch(&mut self, key: &[u8]) {
        if self.by_key.is_empty() {
            return;
        }
        for session in self.by_key.get(key).into_iter().flatten() {
            if let Some(watch) = self.by_session.get_mut(session) {
                watch.is_broken = true;
            }
        }
    }

    /// The keys that a session watches.
    pub(super) fn keys(&self, session: SessionId) -> Vec<Vec<u8>> {
        self.by_session.get(&session).map_or_else(Vec::new, |watch| watch.keys.clone())
    }

    /// Whether a key has changed since the session watches it.
    pub(super) fn is_broken(&self, session: SessionId) -> bool {
        self.by_session.get(&session).is_some_and(|watch| watch.is_broken)
    }

    pub(super) fn forget(&mut self, session: SessionId) {
        let Some(watch) = self.by_session.remove(&session) else { return };
        for key in &watch.keys {
            let Some(sessions) = self.by_key.get_mut(key) else { continue };
            sessions.retain(|watching| *watching != session);
            if sessions.is_empty() {
                self.by_key.remove(key);
            }
        }
    }

    fn watch(&mut self, session: SessionId, key: &[u8]) {
        let sessions = self.by_key.entry(key.into()).or_default();
        if !sessions.contains(&session) {
            sessions.push(session);
            self.by_session.entry(session).or_default().keys.push(key.into());
        }
    }
}
