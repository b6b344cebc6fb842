//! Sorting what is sorted rarely, compiled once.
//!
//! The standard library's sorts are compiled anew for each type and each comparison, which costs a
//! wasm module 5 KB every time.

use alloc::vec::Vec;
use core::{cmp::Ordering, mem};

/// The indexes below `count` in the order of what they stand for; equals keep theirs.
pub(crate) fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..count).collect();
    let mut merged = Vec::with_capacity(count);
    let mut run = 1;
    while run < count {
        for pair in sorted.chunks(run.saturating_mul(2)) {
            let (mut left, mut right) = pair.split_at(run.min(pair.len()));
            while let ([a, behind_a @ ..], [b, behind_b @ ..]) = (left, right) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
