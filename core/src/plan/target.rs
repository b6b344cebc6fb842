use alloc::{format, string::String, vec::Vec};

use crate::{
    call::{Call, Target},
    error::{Error, ErrorKind, Result},
    key::Key,
    layout::{EntryId, Layout, NamespaceId, Sought},
    order::order,
};

/// The namespaces that one walk goes through, by their prefixes.
#[derive(Clone, Debug)]
pub(super) struct Targets {
    /// Sorted, so that the namespace above a key is found by its prefix.
    places: Vec<(Key, NamespaceId)>,
}

impl Targets {
    pub(super) fn of(calls: &[Call]) -> Result<Self> {
        let mut places = Vec::with_capacity(calls.len());
        for call in calls {
            let Target::Namespace(id) = call.target else {
                let name = call.verb.name();
                let message = format!("`{name}` is a call on namespaces, not on entries");
                return Err(Error::new(ErrorKind::InvalidCall, message));
            };
            places.push((call.key.clone(), id));
        }
        let prefix = |index: usize| places.get(index).map(|(prefix, _)| prefix.as_bytes());
        let sorted = order(places.len(), &|a, b| prefix(a).cmp(&prefix(b)));
        let sorted = sorted.into_iter().filter_map(|index| places.get(index).cloned());
        let mut places: Vec<_> = sorted.collect();
        places.dedup_by(|a, b| a.0 == b.0 && a.1 == b.1);
        Ok(Self { places })
    }

    pub(super) fn have_empty_prefix(&self) -> bool {
        self.places.iter().any(|(prefix, _)| prefix.is_empty())
    }

    /// The keys of entries without open parameters.
    pub(super) fn closed<'a>(
        &'a self,
        layout: &'a Layout,
        sought: Sought,
    ) -> impl Iterator<Item = (EntryId, Key)> + 'a {
        self.places.iter().flat_map(move |(prefix, id)| layout.closed_keys(*id, prefix, sought))
    }

    /// Whether a key stands below one of the namespaces: what several of them share as a pattern
    /// matches other keys as well.
    pub(super) fn have_below(&self, key: &[u8]) -> bool {
        self.places.iter().any(|(prefix, _)| {
            let prefix = prefix.as_bytes();
            key.strip_prefix(prefix).is_some_and(|rest| {
                prefix.is_empty() || prefix.ends_with(b":") || rest.starts_with(b":")
            })
        })
    }

    /// Whether an entry's key was found where parameters are open below one of the namespaces.
    pub(super) fn are_above(&self, layout: &Layout, entry: EntryId, key: &str) -> bool {
        let ends = key.match_indices(':').map(|(end, _)| end);
        // A prefix given when binding may stand alone, with its separator; or there is none.
        let ends = core::iter::once(0).chain(ends.flat_map(|end| [end, end + 1]));
        ends.filter_map(|end| key.get(..end)).any(|above| {
            let first = self.places.partition_point(|(prefix, _)| prefix.as_str() < above);
            let from_here = self.places.iter().skip(first);
            let mut same = from_here.take_while(|(prefix, _)| prefix.as_str() == above);
            same.any(|(_, id)| layout.is_open_below(entry, *id))
        })
    }

    /// The narrowest pattern that covers the sought keys with open parameters below the namespaces.
    pub(super) fn pattern(&self, layout: &Layout, sought: Sought) -> Option<String> {
        let patterns = self.places.iter().filter_map(|(key, id)| layout.pattern(*id, key, sought));
        patterns.map(|pattern| pattern.into_string()).reduce(|a, b| common(&a, &b))
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
