//! From keys back to entries and parameters.

use alloc::{format, string::String, vec::Vec};

use super::{
    Layout,
    collide::{Collision, Undecided},
    model::EntryId,
    parse::Captures,
    place::Issues,
    trie::{SegmentSpec, Trie},
};
use crate::{key::param::Given, types::Kind};

impl Layout {
    /// The entry and the parameters, from the root down, that resolve to a key.
    ///
    /// `None` for a key that no entry can resolve to. `prefix` is the one given when binding.
    #[must_use]
    pub fn parse(&self, key: &str, prefix: &str) -> Option<(EntryId, Vec<Given>)> {
        let (entry, given) = self.trie.parse(key.strip_prefix(prefix)?)?;
        Some((EntryId(entry), given))
    }

    /// The entry alone that resolves to a key without a prefix; `captures` then tell where its
    /// parameters stand.
    pub(crate) fn find(&self, key: &str, captures: &mut Captures) -> Option<EntryId> {
        self.trie.find(key, captures).map(EntryId)
    }

    /// Proves that no two entries share a key, and keeps what parses keys back.
    pub(super) fn index(&mut self, issues: &mut Issues<'_>, places: &[u32]) {
        let (channels, keys): (Vec<_>, Vec<_>) = self
            .entries()
            .map(|(id, _)| id)
            .partition(|id| self.entry(*id).is_ok_and(|entry| entry.kind == Kind::Channel));
        // Channels are a space of their own.
        for (ids, keep) in [(channels, false), (keys, true)] {
            let templates: Vec<_> = ids.iter().map(|id| (id.0, self.segment_specs(*id))).collect();
            let trie = Trie::new(&templates);
            self.report_collisions(&trie, issues, places);
            if keep {
                self.trie = trie;
            }
        }
    }

    fn report_collisions(&self, trie: &Trie, issues: &mut Issues<'_>, places: &[u32]) {
        let found = match trie.collisions(MAX_COLLISIONS) {
            Ok(found) => found,
            Err(undecided) => return self.report_undecided(undecided, issues, places),
        };
        let path = |id: u32| self.entry(EntryId(id)).map_or("", |entry| &entry.path[..]);
        let mut is_told = alloc::vec![false; self.entries.len()];
        let mut tell = |id: u32, message: String| {
            if let Some(is_told @ false) = is_told.get_mut(id as usize) {
                *is_told = true;
                let at = places.get(id as usize).copied().unwrap_or_default();
                issues.add(at, path(id), message);
            }
        };
        for Collision { first, second, key } in found {
            tell(second, format!("the key `{key}` would be one of `{}` as well", path(first)));
        }
        // Pairs of equal templates are as many as the square of them: those beyond the bound.
        for node in &trie.nodes {
            let Some((first, others)) = node.entries.split_first() else { continue };
            for &other in others {
                tell(other, format!("its keys would be those of `{}` as well", path(*first)));
            }
        }
    }

    fn report_undecided(&self, pair: Undecided, issues: &mut Issues<'_>, places: &[u32]) {
        let Ok(second) = self.entry(EntryId(pair.second)) else { return };
        let first = self.entry(EntryId(pair.first)).map_or("", |entry| &entry.path[..]);
        let [one, other] = [pair.first, pair.second].map(|id| self.template(EntryId(id)));
        let message = alloc::format!(
            "its template `{other}` overlaps with `{one}` of `{first}` and others in too many ways to \
             prove that no two share a key: put a literal segment of its own before the parameter of each"
        );
        let at = places.get(pair.second as usize).copied().unwrap_or_default();
        issues.add(at, &second.path, message);
    }

    /// The whole template of an entry, as it is declared part by part.
    fn template(&self, id: EntryId) -> String {
        let Ok(entry) = self.entry(id) else { return String::new() };
        let mut parts: Vec<_> = self.ancestors(entry.namespace).map(|it| &it.template).collect();
        parts.reverse();
        parts.push(&entry.template);
        let texts = parts.into_iter().map(|part| &part.text[..]).filter(|text| !text.is_empty());
        texts.collect::<Vec<_>>().join(":")
    }

    /// The segments of an entry's whole template with their parameters.
    fn segment_specs(&self, id: EntryId) -> Vec<SegmentSpec<'_>> {
        let mut params = self.all_params(id).into_iter();
        self.segments(id)
            .into_iter()
            .map(|segment| SegmentSpec {
                before: &segment.before,
                param: segment.hole.as_ref().and_then(|_| params.next()),
                after: &segment.after,
            })
            .collect()
    }
}

/// How many pairs of entries with a common key are looked for.
const MAX_COLLISIONS: usize = 10_000;
