//! Lists of words, shared by whatever copies them.

use alloc::{boxed::Box, format, string::String, sync::Arc, vec::Vec};
use core::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    ops::Deref,
};

use crate::{index::hash, order::order, steps};

/// The words of `one_of` or `none_of`, in their declared order.
///
/// A copy shares them, and a word is found without looking at all of them.
///
/// ```
/// use nestkey_core::types::WordList;
/// let sizes = WordList::from(["small", "large"]);
/// assert!(sizes.contains("small") && !sizes.contains("Small"));
/// assert_eq!(sizes.join(" or "), "small or large");
/// ```
#[derive(Clone, Default)]
pub struct WordList(Option<Arc<Listed>>);

struct Listed {
    words: Box<[String]>,
    /// Their numbers by [`in_order`].
    sorted: Box<[u32]>,
    hash: u32,
}

impl WordList {
    /// Whether it has a word.
    #[must_use]
    pub fn contains(&self, word: &str) -> bool {
        self.finds(|other| in_order(other.as_bytes(), word.as_bytes()))
    }

    /// Whether it has bytes as a word, whatever the case of its ASCII letters.
    pub(crate) fn contains_in_any_case(&self, word: &[u8]) -> bool {
        self.finds(|other| in_any_case(other.as_bytes(), word))
    }

    /// Whether it has bytes as a word.
    pub(crate) fn contains_bytes(&self, word: &[u8]) -> bool {
        self.finds(|other| in_order(other.as_bytes(), word))
    }

    /// The first words, and how many more there are, for messages.
    pub(crate) fn shown(&self) -> String {
        const SHOWN: usize = 8;
        let first = self.get(..SHOWN).unwrap_or(self).join(", ");
        match self.len().saturating_sub(SHOWN) {
            0 => first,
            more => format!("{first} and {more} more"),
        }
    }

    fn finds(&self, compare: impl Fn(&str) -> Ordering) -> bool {
        let Some(list) = &self.0 else { return false };
        let compare = |number: &u32| {
            steps::count(1);
            list.words.get(*number as usize).map_or(Ordering::Less, |word| compare(word))
        };
        list.sorted.binary_search_by(compare).is_ok()
    }
}

/// By their letters whatever their case, then by their case.
fn in_order(a: &[u8], b: &[u8]) -> Ordering {
    in_any_case(a, b).then_with(|| a.cmp(b))
}

fn in_any_case(a: &[u8], b: &[u8]) -> Ordering {
    a.iter().map(u8::to_ascii_lowercase).cmp(b.iter().map(u8::to_ascii_lowercase))
}

impl From<Vec<String>> for WordList {
    fn from(words: Vec<String>) -> Self {
        if words.is_empty() {
            return Self(None);
        }
        let compare = |a: usize, b: usize| match (words.get(a), words.get(b)) {
            (Some(a), Some(b)) => in_order(a.as_bytes(), b.as_bytes()),
            _ => Ordering::Equal,
        };
        let sorted = order(words.len(), &compare).into_iter().map(|number| number as u32).collect();
        let hash = hash(&words);
        Self(Some(Arc::new(Listed { words: words.into(), sorted, hash })))
    }
}

impl<const N: usize> From<[&str; N]> for WordList {
    fn from(words: [&str; N]) -> Self {
        words.into_iter().collect()
    }
}

impl<T: Into<String>> FromIterator<T> for WordList {
    fn from_iter<I: IntoIterator<Item = T>>(words: I) -> Self {
        words.into_iter().map(Into::into).collect::<Vec<String>>().into()
    }
}

impl Deref for WordList {
    type Target = [String];

    fn deref(&self) -> &[String] {
        self.0.as_ref().map_or(&[], |list| &list.words)
    }
}

impl fmt::Debug for WordList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&**self).finish()
    }
}

impl PartialEq for WordList {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a.hash == b.hash && a.words == b.words,
            (a, b) => a.is_none() && b.is_none(),
        }
    }
}

impl Eq for WordList {}

impl Hash for WordList {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u32(self.0.as_ref().map_or(0, |list| list.hash));
    }
}

#[cfg(test)]
mod tests {
    use alloc::{borrow::ToOwned, format, vec::Vec};

    use super::*;

    #[test]
    fn every_word_is_found_and_no_other() {
        let words: Vec<_> = (0..2_000).map(|n| format!("{}{n}", ["a", "B", "Éa"][n % 3])).collect();
        let list = WordList::from(words.clone());
        for word in &words {
            assert!(list.contains(word) && list.contains_bytes(word.as_bytes()), "{word}");
            let upper = word.to_ascii_uppercase();
            assert_eq!(list.contains(&upper), words.contains(&upper), "{upper}");
            assert!(list.contains_in_any_case(upper.as_bytes()), "{upper}");
        }
        for other in ["", "a", "a1", "b2000", "éa2"] {
            assert_eq!(list.contains(other), words.contains(&other.to_owned()), "{other}");
        }
        assert!(!WordList::default().contains(""));
    }

    #[test]
    fn lists_are_equal_by_their_words() {
        let list = WordList::from(["a", "b"]);
        assert_eq!(list, list.clone());
        assert_eq!(list, WordList::from(["a", "b"]));
        assert_ne!(list, WordList::from(["b", "a"]));
        assert_ne!(list, WordList::default());
        assert_eq!(WordList::from([]), WordList::default());
    }

    #[test]
    fn a_message_shows_the_first_words() {
        assert_eq!(WordList::from(["a", "b"]).shown(), "a, b");
        let many: WordList = (0..11).map(|n| format!("{n}")).collect();
        assert_eq!(many.shown(), "0, 1, 2, 3, 4, 5, 6, 7 and 3 more");
    }
}
