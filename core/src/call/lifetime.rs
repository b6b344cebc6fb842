//! How long keys live that are written as the layout declares.

use super::{Cx, Target};
use crate::{error::Result, layout::Entry, ttl::Ttl};

impl Cx<'_> {
    /// How long a key lives that is written now as the layout declares.
    pub(crate) fn lifetime_ms(&self, entry: &Entry) -> Result<Option<u64>> {
        let Some(ms) = entry.lifetime_ms() else { return Ok(None) };
        Ok(Some(ms - self.cut_ms(entry)?))
    }

    /// By how much that is shorter than what is declared: a random part of the entry's jitter, so
    /// that keys that are written together do not end together.
    pub(crate) fn cut_ms(&self, entry: &Entry) -> Result<u64> {
        let (Some(Ttl::For(ms)), 1..) = (entry.ttl, entry.jitter) else { return Ok(0) };
        let longest = u128::from(ms) * u128::from(entry.jitter) / 100;
        // Of the length of other salts, whose code is there; half of it is more than any time has.
        let random = u128::from_be_bytes(self.entropy()?.take()) >> 64;
        Ok((((longest + 1) * random) >> 64) as u64)
    }

    /// Whether it is drawn how long the keys of an entry live.
    pub(crate) fn draws_lifetime(&self, target: Target) -> bool {
        match target {
            Target::Entry(id) => self.layout.entry(id).is_ok_and(|entry| entry.jitter > 0),
            Target::Namespace(_) => false,
        }
    }
}
