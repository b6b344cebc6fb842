use alloc::{format, string::String, sync::Arc, vec::Vec};

use crate::{
    call::{Call, Target},
    error::{Error, ErrorKind, Result},
    key::Key,
    layout::{EntryId, Layout, Sought, Way},
    order::order,
};

/// The ways that one walk goes.
#[derive(Clone, Debug)]
pub(super) struct Targets {
    /// Sorted by their prefixes, so that the one above a key is found.
    ways: Vec<Arc<Way>>,
}

impl Targets {
    pub(super) fn of(calls: &[Call]) -> Result<Self> {
        let mut ways = Vec::with_capacity(calls.len());
        for call in calls {
            ways.push(match (&call.way, call.target) {
                (Some(way), _) => Arc::clone(way),
                (None, Target::Namespace(id)) => Arc::new(Way::new(id, call.key.clone())),
                (None, Target::Entry(_)) => {
                    let name = call.verb.name();
                    let message = format!("`{name}` is a call on namespaces, not on entries");
                    return Err(Error::new(ErrorKind::InvalidCall, message));
                }
            });
        }
        let prefix = |index: usize| ways.get(index).map(|way: &Arc<Way>| way.prefix.as_bytes());
        let sorted = order(ways.len(), &|a, b| prefix(a).cmp(&prefix(b)));
        let sorted = sorted.into_iter().filter_map(|index| ways.get(index).cloned());
        let mut ways: Vec<_> = sorted.collect();
        ways.dedup();
        Ok(Self { ways })
    }

    /// Refuses to look for strays where there are none, and to remove them from a whole database.
    pub(super) fn admit_strays(&self, removes: bool) -> Result<()> {
        if self.ways.iter().any(|way| matches!(way.end, Target::Entry(_))) {
            let message = "strays stand below namespaces, and this is an entry";
            return Err(Error::new(ErrorKind::InvalidCall, message));
        }
        if removes && self.ways.iter().any(|way| way.is_closed() && way.prefix.is_empty()) {
            let message = "removing strays under an empty prefix would empty the whole database";
            return Err(Error::new(ErrorKind::EmptyPrefix, message));
        }
        Ok(())
    }

    /// The keys that need no scan.
    pub(super) fn closed<'a>(
        &'a self,
        layout: &'a Layout,
        sought: Sought,
    ) -> impl Iterator<Item = (EntryId, Key)> + 'a {
        self.ways.iter().flat_map(move |way| way.closed_keys(layout, sought))
    }

    /// Whether a key stands below one of the namespaces: what several of them share as a pattern
    /// matches other keys as well.
    pub(super) fn have_below(&self, layout: &Layout, key: &[u8]) -> bool {
        self.ways.iter().any(|way| way.has_below(layout, key))
    }

    /// Whether an entry's key with those parameters is along one of the ways, and is found by a scan
    /// alone.
    pub(super) fn are_above(
        &self,
        layout: &Layout,
        entry: EntryId,
        key: &str,
        params: &[&str],
    ) -> bool {
        let ends = key.match_indices(':').map(|(end, _)| end);
        // A prefix given when binding may stand alone, with its separator; or there is none.
        let ends = core::iter::once(0).chain(ends.flat_map(|end| [end, end + 1]));
        ends.filter_map(|end| key.get(..end)).any(|above| {
            let first = self.ways.partition_point(|way| way.prefix.as_str() < above);
            let from_here = self.ways.iter().skip(first);
            let mut same = from_here.take_while(|way| way.prefix.as_str() == above);
            same.any(|way| way.has_open(layout, entry, params))
        })
    }

    /// The narrowest pattern that covers the sought keys that only a scan finds.
    pub(super) fn pattern(&self, layout: &Layout, sought: Sought) -> Option<String> {
        let patterns = self.ways.iter().filter_map(|way| way.pattern(layout, sought));
        patterns.reduce(|a, b| common(&a, &b))
    }
}

/// A pattern for what either of two matches. Escaped or not, a `:` is a separator.
fn common(a: &str, b: &str) -> String {
    let mut segments: Vec<&str> =
        a.split(':').zip(b.split(':')).map(|(a, b)| if a == b { a } else { "*" }).collect();
    if a.split(':').count() != b.split(':').count()
        && let Some(last) = segments.last_mut()
    {
        *last = "*";
    }
    segments.join(":")
}

#[cfg(test)]
mod tests {
    use super::common;

    #[test]
    fn what_two_patterns_share_covers_both() {
        for (a, b, both) in [
            ("root:user:1:*", "root:user:2:*", "root:user:*:*"),
            ("root:user:1:m:*", "root:app:*", "root:*:*"),
            ("a:1", "a:1", "a:1"),
            ("a", "b:c", "*"),
        ] {
            assert_eq!((common(a, b), common(b, a)), (both.into(), both.into()));
        }
    }
}
