use alloc::{boxed::Box, vec, vec::Vec};

/// Keys with their values and expiries, found by hash and walked in the order of their hashes.
///
/// Entries stand densely in one vector, linked into chains, one per bucket. A bucket holds the
/// hashes that share their highest bits, so buckets in order are hashes in order whatever their
/// number: a cursor is a place among the hashes, and stays right when keys come and go.
#[derive(Debug)]
pub(super) struct Table {
    entries: Vec<Entry>,
    /// The first entry of each bucket's chain, or `NONE`.
    buckets: Vec<u32>,
    /// How many low bits of a hash do not choose its bucket.
    shift: u32,
    seed: u64,
    expiring: usize,
    /// What the entries take.
    bytes: usize,
}

/// One key.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Box<[u8]>,
    pub(super) value: Value,
    expires_at: Option<i64>,
    hash: u64,
    next: u32,
}

/// What a key holds.
#[derive(Debug)]
pub(super) enum Value {
    String(Vec<u8>),
}

impl Table {
    pub(super) fn new(seed: u64) -> Self {
        let shift = u64::BITS - MIN_BITS;
        let buckets = vec![NONE; 1 << MIN_BITS];
        Self { entries: Vec::new(), buckets, shift, seed, expiring: 0, bytes: 0 }
    }

    /// Forgets everything, and gives its room back.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.seed);
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// About how many bytes the entries take, all together.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many entries have an expiry.
    pub(super) fn expiring(&self) -> usize {
        self.expiring
    }

    /// The index of a key; inserting and removing moves indexes.
    pub(super) fn find(&self, key: &[u8]) -> Option<usize> {
        let hash = hash(self.seed, key);
        self.chain(self.bucket_of(hash))
            .find(|(_, entry)| entry.hash == hash && *entry.key == *key)
            .map(|(index, _)| index)
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn entry(&self, index: usize) -> &Entry {
        &self.entries[index]
    }

    /// Puts another value in the place of one, and gives that back.
    pub(super) fn replace(&mut self, index: usize, value: Value) -> Value {
        let entry = &mut self.entries[index];
        self.bytes -= entry.bytes();
        let before = core::mem::replace(&mut entry.value, value);
        self.bytes += entry.bytes();
        before
    }

    /// Adds a key that is not there yet, without an expiry.
    pub(super) fn insert(&mut self, key: &[u8], value: Value) -> usize {
        if self.entries.len() >= self.buckets.len() {
            self.rehash();
        }
        let hash = hash(self.seed, key);
        let bucket = self.bucket_of(hash);
        let index = self.entries.len();
        let next = core::mem::replace(&mut self.buckets[bucket], index as u32);
        let entry = Entry { key: key.into(), value, expires_at: None, hash, next };
        self.bytes += entry.bytes();
        self.entries.push(entry);
        index
    }

    /// Takes an entry out; the last one moves to its index.
    pub(super) fn remove(&mut self, index: usize) -> Entry {
        self.set_expiry(index, None);
        self.relink(index, self.entries[index].next);
        let last = self.entries.len() - 1;
        if index != last {
            self.relink(last, index as u32);
        }
        let removed = self.entries.swap_remove(index);
        self.bytes -= removed.bytes();
        if self.shift < u64::BITS - MIN_BITS && self.entries.len() * 8 < self.buckets.len() {
            self.rehash();
        }
        removed
    }

    pub(super) fn set_expiry(&mut self, index: usize, expires_at: Option<i64>) {
        let before = core::mem::replace(&mut self.entries[index].expires_at, expires_at);
        self.expiring += usize::from(expires_at.is_some());
        self.expiring -= usize::from(before.is_some());
    }

    /// Visits about that many entries from a cursor on, and gives the next cursor; 0 is the start
    /// and the end.
    ///
    /// A key that is there all the time from cursor 0 to cursor 0 is visited.
    pub(super) fn scan<'a>(
        &'a self,
        cursor: u64,
        count: usize,
        mut visit: impl FnMut(&'a Entry),
    ) -> u64 {
        let from = cursor << CURSOR_SHIFT;
        let mut seen = 0;
        for bucket in self.bucket_of(from)..self.buckets.len() {
            if seen >= count {
                return (bucket as u64) << self.shift >> CURSOR_SHIFT;
            }
            for (_, entry) in self.chain(bucket).filter(|(_, entry)| entry.hash >= from) {
                visit(entry);
                seen += 1;
            }
        }
        0
    }

    fn bucket_of(&self, hash: u64) -> usize {
        (hash >> self.shift) as usize
    }

    fn chain(&self, bucket: usize) -> impl Iterator<Item = (usize, &Entry)> {
        let mut at = self.buckets[bucket];
        core::iter::from_fn(move || {
            let index = at as usize;
            let entry = self.entries.get(index)?;
            at = entry.next;
            Some((index, entry))
        })
    }

    /// Makes what pointed at an entry point elsewhere.
    fn relink(&mut self, index: usize, to: u32) {
        let bucket = self.bucket_of(self.entries[index].hash);
        let previous =
            self.chain(bucket).find(|(_, entry)| entry.next as usize == index).map(|(at, _)| at);
        match previous {
            Some(previous) => self.entries[previous].next = to,
            None => self.buckets[bucket] = to,
        }
    }

    /// Gives the entries as many buckets as they need now: two to four each.
    fn rehash(&mut self) {
        let bits = (self.entries.len() * 2).next_power_of_two().trailing_zeros().max(MIN_BITS);
        self.shift = u64::BITS - bits;
        self.buckets.clear();
        self.buckets.resize(1 << bits, NONE);
        for index in 0..self.entries.len() {
            let bucket = self.bucket_of(self.entries[index].hash);
            self.entries[index].next = core::mem::replace(&mut self.buckets[bucket], index as u32);
        }
    }
}

impl Entry {
    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        let Value::String(string) = &self.value;
        Self::bytes_of(&self.key, string.capacity())
    }

    /// The same for a key and a value of so many bytes.
    pub(super) fn bytes_of(key: &[u8], value: usize) -> usize {
        size_of::<Self>() + key.len() + value
    }

    /// When the key is over, in Unix milliseconds.
    pub(super) fn expires_at(&self) -> Option<i64> {
        self.expires_at
    }

    /// A key lives through the millisecond of its expiry.
    pub(super) fn is_alive(&self, now: i64) -> bool {
        self.expires_at.is_none_or(|at| now <= at)
    }
}

impl Value {
    /// The name that TYPE answers.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::String(_) => "string",
        }
    }
}

fn hash(seed: u64, key: &[u8]) -> u64 {
    let mut state = seed ^ key.len() as u64;
    let (words, rest) = key.as_chunks();
    for word in words {
        state = fold(state ^ u64::from_le_bytes(*word), 0x9e37_79b9_7f4a_7c15);
    }
    let rest = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    fold(fold(state ^ rest, 0xd6e8_feb8_6659_fd93), 0xa076_1d64_78bd_642f)
}

/// Both halves of the product: each bit of the result depends on all bits of the factors.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

const NONE: u32 = u32::MAX;
const MIN_BITS: u32 = 4;
/// Cursors are the highest 48 bits of a place among the hashes: exact in every language's numbers.
const CURSOR_SHIFT: u32 = 16;

#[cfg(test)]
mod tests {
    use alloc::{collections::BTreeSet, format};

    use super::*;

    #[test]
    fn keys_are_found_while_others_come_and_go() {
        let mut table = Table::new(1);
        for n in 0..5000_u32 {
            table.insert(&n.to_le_bytes(), Value::String(Vec::new()));
            if n % 3 == 0 {
                let index = table.find(&(n / 2).to_le_bytes());
                index.map(|index| table.remove(index));
            }
        }
        let gone = |n: u32| (0..5000).step_by(3).any(|m| m / 2 == n);
        for n in 0..5000_u32 {
            assert_eq!(table.find(&n.to_le_bytes()).is_none(), gone(n), "{n}");
        }
        while table.len() > 0 {
            table.remove(table.len() / 2);
        }
        assert_eq!(table.buckets.len(), 1 << MIN_BITS);
        assert_eq!(table.bytes(), 0);
    }

    #[test]
    fn pages_have_about_the_size_that_was_asked_for() {
        let mut table = Table::new(2);
        for n in 0..1000 {
            table.insert(format!("root:user:{n}").as_bytes(), Value::String(Vec::new()));
        }
        let (mut cursor, mut keys) = (0, BTreeSet::new());
        loop {
            let before = keys.len();
            cursor = table.scan(cursor, 10, |entry| {
                keys.insert(&entry.key);
            });
            assert!(keys.len() - before <= 20);
            assert!(cursor < 1 << 48, "a cursor is exact as a float as well");
            if cursor == 0 {
                break;
            }
        }
        assert_eq!(keys.len(), 1000);
    }
}
