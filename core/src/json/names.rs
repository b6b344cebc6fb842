//! Finding a name that stands twice in one object.

use crate::order::order;

/// The index of the first name that stood before it already.
///
/// Large objects are sorted, so that a hostile one does not cost quadratic time.
pub(crate) fn repeated<'n>(
    count: usize,
    name: &dyn Fn(usize) -> Option<&'n [u8]>,
) -> Option<usize> {
    const SMALL: usize = 12;
    if count <= SMALL {
        return (1..count).find(|&later| (0..later).any(|earlier| name(earlier) == name(later)));
    }
    order(count, &|a, b| name(a).cmp(&name(b)))
        .windows(2)
        .filter_map(|pair| match *pair {
            [a, b] if name(a) == name(b) => Some(b),
            _ => None,
        })
        .min()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn the_first_repetition_is_found_in_small_and_large_objects() {
        for length in [0_u16, 1, 2, 12, 13, 500] {
            let mut names: Vec<[u8; 2]> =
                (0..length).map(|i| (i * 7 % 1_009).to_be_bytes()).collect();
            let found =
                |names: &[[u8; 2]]| repeated(names.len(), &|i| names.get(i).map(|name| &name[..]));
            assert_eq!(found(&names), None, "{length}");
            if length < 2 {
                continue;
            }
            names.push(names[0]);
            names.push(names[1]);
            assert_eq!(found(&names), Some(usize::from(length)), "{length}");
        }
    }
}
