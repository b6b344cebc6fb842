//! What a parameter can render to, as far as the proof wants to know it.

use alloc::{borrow::ToOwned, boxed::Box, format, string::String, vec, vec::Vec};
use core::{cell::OnceCell, cmp::Ordering};

use super::trie::Trie;
use crate::{
    key::{
        Key,
        automaton::Automaton,
        param::{Param, ParamSpec, ParamType},
    },
    order::order,
    types::Format,
};

/// The texts that a parameter can render to.
#[derive(Debug)]
pub(super) struct Language {
    spec: ParamSpec,
    /// All of them, the shorter first, where they are given one by one.
    pub(super) words: Option<Vec<Box<str>>>,
    pub(super) extents: Vec<Extent>,
    automaton: OnceCell<Automaton>,
}

/// Texts that lie between two of them, shorter ones before longer ones; without an end where any
/// length may follow.
#[derive(Debug)]
pub(super) struct Extent {
    pub(super) least: Box<str>,
    pub(super) greatest: Option<Box<str>>,
}

impl Language {
    /// The languages of the shapes of a tree, by their numbers.
    pub(super) fn all(trie: &Trie) -> Vec<Self> {
        let count = trie.shapes.iter().map(|shape| shape.language as usize + 1).max().unwrap_or(0);
        let mut specs = vec![None; count];
        for shape in &trie.shapes {
            if let Some(spec) = specs.get_mut(shape.language as usize) {
                *spec = Some(&shape.param);
            }
        }
        // Each number is that of a shape.
        specs.into_iter().flatten().map(Self::of).collect()
    }

    pub(super) fn of(spec: &ParamSpec) -> Self {
        let words = words(spec);
        let extents = match &words {
            Some(words) => extents_of_words(words),
            None => extents(spec),
        };
        Self { spec: spec.clone(), words, extents, automaton: OnceCell::new() }
    }

    pub(super) fn automaton(&self) -> &Automaton {
        self.automaton.get_or_init(|| Automaton::of(&self.spec))
    }
}

/// The order of texts in which integers of one sign have their own.
pub(super) fn by_length(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn words(spec: &ParamSpec) -> Option<Vec<Box<str>>> {
    let listed = &spec.constraints.one_of;
    let values: Vec<&str> = match spec.ty {
        _ if !listed.is_empty() => listed.iter().map(String::as_str).collect(),
        ParamType::Bool => ["false", "true"].into(),
        _ => return None,
    };
    let segment = |value: &&str| {
        let mut segment = Key::new();
        spec.render(Param::Str(value), &mut segment).ok().map(|()| segment)
    };
    let segments: Vec<Key> = values.iter().filter_map(segment).collect();
    let text = |index: usize| segments.get(index).map_or("", Key::as_str);
    let sorted = order(segments.len(), &|a, b| by_length(text(a), text(b)));
    Some(sorted.into_iter().map(|index| text(index).into()).collect())
}

/// A few words stand for themselves, more of them for all that lies between.
fn extents_of_words(words: &[Box<str>]) -> Vec<Extent> {
    const FEW: usize = 8;
    if words.len() <= FEW {
        return words.iter().map(|word| Extent::new(word, Some(word))).collect();
    }
    let (first, last) = (words.first(), words.last());
    first.map(|first| Extent::new(first, last.map(|last| &**last))).into_iter().collect()
}

fn extents(spec: &ParamSpec) -> Vec<Extent> {
    let mut extents = Vec::new();
    let mut add = |least: &str, greatest: &str| extents.push(Extent::new(least, Some(greatest)));
    match (spec.ty, spec.constraints.format) {
        (ParamType::Int, _) => {
            let (least, greatest) = spec.bounds();
            if least < 0 && least <= greatest {
                add(&format!("{}", greatest.min(-1)), &format!("{least}"));
            }
            if greatest >= 0 && least <= greatest {
                add(&format!("{}", least.max(0)), &format!("{greatest}"));
            }
        }
        (ParamType::Uuid, _) => {
            add("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff")
        }
        (ParamType::String, Some(Format::Ulid)) => {
            add("00000000000000000000000000", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
            if spec.takes_empty() {
                add("%-", "%-");
            }
        }
        (ParamType::Bool | ParamType::Bytes | ParamType::String, _) => {
            extents.push(Extent::new("", None));
        }
    }
    extents
}

impl Extent {
    fn new(least: &str, greatest: Option<&str>) -> Self {
        Self { least: least.to_owned().into(), greatest: greatest.map(Into::into) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(spec: &ParamSpec) -> Vec<String> {
        let end = |extent: &Extent| extent.greatest.as_deref().unwrap_or("…").to_owned();
        let extents = Language::of(spec).extents;
        extents.iter().map(|extent| format!("{}..{}", extent.least, end(extent))).collect()
    }

    #[test]
    fn integers_of_either_sign_lie_between_two_of_them() {
        let range = |min, max| {
            let mut spec = ParamSpec::new("n", ParamType::Int);
            (spec.constraints.min, spec.constraints.max) = (Some(min), Some(max));
            shown(&spec)
        };
        assert_eq!(range(5, 12), ["5..12"]);
        assert_eq!(range(0, 0), ["0..0"]);
        assert_eq!(range(-12, -5), ["-5..-12"]);
        assert_eq!(range(-3, 7), ["-1..-3", "0..7"]);
        assert_eq!(range(3, 2), [""; 0]);
    }

    #[test]
    fn a_few_words_stand_for_themselves() {
        let mut spec = ParamSpec::new("w", ParamType::String);
        spec.constraints.one_of = ["b", "a:", "c"].into();
        spec.constraints.none_of = ["c"].into();
        assert_eq!(shown(&spec), ["b..b", "a%3A..a%3A"]);
        spec.constraints.one_of = (0..20).map(|n| format!("{n}")).collect();
        assert_eq!(shown(&spec), ["0..19"]);
        assert_eq!(shown(&ParamSpec::new("b", ParamType::Bool)), ["true..true", "false..false"]);
    }
}
