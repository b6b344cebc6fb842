use alloc::vec::Vec;

use super::{
    refusal::Refusal,
    store::SessionId,
    table::{Entry, Table, Value},
    transaction::Watches,
};
use crate::limits::{Budget, Limits};

/// The keys at one moment, and who watches them.
///
/// What is past its expiry is never seen from here on. Every change of a key, its expiry included,
/// is told to those who watch it.
#[derive(Debug)]
pub(super) struct Database {
    /// The time of the present exchange in Unix milliseconds.
    pub(super) now: i64,
    pub(super) watches: Watches,
    /// How much may still be answered in the present exchange.
    pub(super) budget: Budget,
    /// From how many bytes on nothing more is written.
    pub(super) max_bytes: usize,
    table: Table,
    sweep_at: usize,
}

/// What becomes of a key's expiry when its value is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expiry {
    At(i64),
    Keep,
    Never,
}

impl Database {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            now: 0,
            watches: Watches::default(),
            budget: Limits::NONE.budget(),
            max_bytes: MAX_BYTES,
            table: Table::new(seed),
            sweep_at: 0,
        }
    }

    /// What a key holds.
    pub(super) fn get(&mut self, key: &[u8]) -> Option<&Entry> {
        let index = self.find(key)?;
        Some(self.table.entry(index))
    }

    /// Whether a key is there.
    pub(super) fn contains(&mut self, key: &[u8]) -> bool {
        self.find(key).is_some()
    }

    /// Whether there is no room for a command of so many bytes. A server counts what has just arrived
    /// as well.
    pub(super) fn is_full(&self, coming: usize) -> bool {
        self.table.bytes().saturating_add(coming) > self.max_bytes
    }

    /// Writes a string, whatever was there before; it is refused where there is no memory for it.
    pub(super) fn set(&mut self, key: &[u8], string: &[u8], expiry: Expiry) -> Result<(), Refusal> {
        let index = match self.find(key) {
            Some(index) => {
                self.overwrite(index, string)?;
                index
            }
            None => self.table.insert(key, Value::String(copied(string)?)),
        };
        match expiry {
            Expiry::At(at) => self.table.set_expiry(index, Some(at)),
            Expiry::Keep => {}
            Expiry::Never => self.table.set_expiry(index, None),
        }
        self.watches.touch(key);
        Ok(())
    }

    /// Puts a key there that was missing, with a string of its own.
    pub(super) fn restore(&mut self, key: &[u8], string: Vec<u8>, expires_at: Option<i64>) {
        let index = self.table.insert(key, Value::String(string));
        self.table.set_expiry(index, expires_at);
        self.watches.touch(key);
    }

    /// Takes over the room of the old value, unless that would keep much more than is needed.
    fn overwrite(&mut self, index: usize, string: &[u8]) -> Result<(), Refusal> {
        let Value::String(old) = &self.table.entry(index).value;
        let most = string.len().saturating_mul(4).saturating_add(64);
        let new = if (string.len()..=most).contains(&old.capacity()) {
            let Value::String(mut room) = self.table.replace(index, Value::String(Vec::new()));
            room.clear();
            room.extend_from_slice(string);
            room
        } else {
            copied(string)?
        };
        self.table.replace(index, Value::String(new));
        Ok(())
    }

    /// Sets or takes away the expiry of a key that is there; an expiry that has come removes it.
    pub(super) fn set_expiry(&mut self, key: &[u8], expires_at: Option<i64>) {
        let Some(index) = self.find(key) else { return };
        // Unlike the expiry of a key that waits, a new one has come already when it is `now`.
        if expires_at.is_some_and(|at| at <= self.now) {
            self.table.remove(index);
        } else {
            self.table.set_expiry(index, expires_at);
        }
        self.watches.touch(key);
    }

    /// Removes a key; whether it was there.
    pub(super) fn remove(&mut self, key: &[u8]) -> bool {
        let Some(index) = self.find(key) else { return false };
        self.table.remove(index);
        self.watches.touch(key);
        true
    }

    /// Removes every key.
    pub(super) fn clear(&mut self) {
        for entry in self.table.entries() {
            self.watches.touch(&entry.key);
        }
        self.table.clear();
        self.sweep_at = 0;
    }

    /// Every key that is alive at that time, in no order that would mean anything.
    pub(super) fn entries(&self, now: i64) -> impl Iterator<Item = &Entry> {
        self.table.entries().iter().filter(move |entry| entry.is_alive(now))
    }

    /// Whether a key that a session watches has changed, or is past its expiry by now.
    pub(super) fn watched_keys_changed(&mut self, session: SessionId) -> bool {
        for key in self.watches.keys(session) {
            self.find(&key);
        }
        self.watches.is_broken(session)
    }

    /// Visits about that many keys in the order of their hashes; see [`Table::scan`].
    pub(super) fn scan(&self, cursor: u64, count: usize, mut visit: impl FnMut(&Entry)) -> u64 {
        self.table.scan(cursor, count, |entry| {
            if entry.is_alive(self.now) {
                visit(entry);
            }
        })
    }

    /// Looks at a few keys in turn and removes what is past its expiry.
    ///
    /// With four keys per command, what nobody asks for any more is at most about a third of what
    /// is alive: a full round over n keys takes n / 4 commands, each of which adds a key at most.
    pub(super) fn sweep(&mut self, commands: usize) {
        for _ in 0..commands.saturating_mul(4).min(self.table.len()) {
            if self.table.expiring() == 0 {
                return;
            }
            if self.sweep_at >= self.table.len() {
                self.sweep_at = 0;
            }
            if self.table.entry(self.sweep_at).is_alive(self.now) {
                self.sweep_at += 1;
            } else {
                self.expire(self.sweep_at);
            }
        }
    }

    /// The index of a key that is alive; one past its expiry is removed here.
    fn find(&mut self, key: &[u8]) -> Option<usize> {
        let index = self.table.find(key)?;
        if self.table.entry(index).is_alive(self.now) {
            return Some(index);
        }
        self.expire(index);
        None
    }

    #[cold]
    fn expire(&mut self, index: usize) {
        let entry = self.table.remove(index);
        self.watches.touch(&entry.key);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }
}

/// As long as nobody says otherwise.
const MAX_BYTES: usize = 256 << 20;

fn copied(string: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut copy = Vec::new();
    if copy.try_reserve_exact(string.len()).is_err() {
        return Err(Refusal::OOM);
    }
    copy.extend_from_slice(string);
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn what_nobody_asks_for_any_more_is_swept_away() {
        let mut database = Database::new(0);
        let lifetime = 1000;
        for n in 0..20_000 {
            database.now = n;
            let key = format!("session:{n}");
            database.set(key.as_bytes(), b"", Expiry::At(n + lifetime)).unwrap();
            database.sweep(1);
            assert!(database.len() <= 1400, "{} keys of which {lifetime} live", database.len());
        }
        database.now += lifetime + 1;
        database.sweep(database.len());
        assert_eq!(database.len(), 0);
    }

    #[test]
    fn a_long_value_does_not_keep_its_room() {
        let mut database = Database::new(0);
        database.set(b"k", &[0; 10_000], Expiry::Never).unwrap();
        database.set(b"k", b"short", Expiry::Never).unwrap();
        let Some(Value::String(string)) = database.get(b"k").map(|entry| &entry.value) else {
            panic!("the key is there")
        };
        assert!(string.capacity() < 100);
    }
}
