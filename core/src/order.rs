//! Sorting what is sorted rarely, compiled once.
//!
//! The standard library's sorts are compiled anew for each type and each comparison, which costs a
//! wasm module 5 KB every time.

use alloc::vec::Vec;
use core::{cmp::Ordering, mem};

use crate::steps;

/// The indexes below `count` in the order of what they stand for; equals keep theirs.
pub(crate) fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..count).collect();
    let mut merged = Vec::with_capacity(count);
    let mut run = 1;
    while run < count {
        for pair in sorted.chunks(run.saturating_mul(2)) {
            let (mut left, mut right) = pair.split_at(run.min(pair.len()));
            while let ([a, behind_a @ ..], [b, behind_b @ ..]) = (left, right) {
                steps::count(1);
                if compare(*a, *b).is_le() {
                    merged.push(*a);
                    left = behind_a;
                } else {
                    merged.push(*b);
                    right = behind_b;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        mem::swap(&mut sorted, &mut merged);
        merged.clear();
        run = run.saturating_mul(2);
    }
    sorted
}

/// Names that can be looked up without comparing all of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names<'n> {
    names: Vec<&'n str>,
    sorted: Vec<usize>,
}

impl Names<'_> {
    /// The number of the first one that is this name.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let at = |number: &usize| {
            steps::count(1);
            self.names.get(*number).copied().unwrap_or_default()
        };
        let place = self.sorted.partition_point(|number| at(number) < name);
        self.sorted.get(place).copied().filter(|number| at(number) == name)
    }
}

impl<'n> FromIterator<&'n str> for Names<'n> {
    fn from_iter<I: IntoIterator<Item = &'n str>>(names: I) -> Self {
        let names: Vec<_> = names.into_iter().collect();
        let sorted = order(names.len(), &|a, b| names.get(a).cmp(&names.get(b)));
        Self { names, sorted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equal_names_is_found() {
        let names: Names<'_> = ["b", "a", "b", "", "c"].into_iter().collect();
        for (name, number) in [("a", Some(1)), ("b", Some(0)), ("", Some(3)), ("ab", None)] {
            assert_eq!(names.find(name), number, "{name}");
        }
        assert_eq!(Names::default().find(""), None);
    }

    #[test]
    fn equals_keep_their_order_at_every_length() {
        for length in 0..100 {
            let keys: Vec<usize> = (0..length).map(|i| i * 7_919 % 13).collect();
            let mut expected: Vec<usize> = (0..length).collect();
            expected.sort_by_key(|&index| keys[index]);
            assert_eq!(order(length, &|a, b| keys[a].cmp(&keys[b])), expected, "{length}");
        }
    }
}
