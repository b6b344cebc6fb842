//! The keys of leases, which guard computations.

use super::Key;

/// The lease on the value of a key: below it, so that whoever may touch the one by its prefix may
/// touch the other, and in the slot of the key unless that has braces without a hash tag.
///
/// No key of a layout has an empty segment.
pub(crate) fn lease(key: &Key) -> Key {
    let mut lease = key.clone();
    lease.push_str(MARK);
    if !key.as_bytes().iter().any(|byte| matches!(byte, b'{' | b'}')) {
        lease.push_str(":{");
        lease.push_str(key.as_str());
        lease.push_str("}");
    }
    lease
}

/// Whether a key that is of no layout is that of a lease.
pub(crate) fn is_lease(key: &[u8]) -> bool {
    let Some(at) = key.windows(MARK.len()).position(|part| part == MARK.as_bytes()) else {
        return false;
    };
    let (own, lease) = key.split_at(at);
    let tag = lease.strip_prefix(MARK.as_bytes()).unwrap_or_default();
    tag.is_empty() || tag.strip_prefix(b":{").and_then(|tag| tag.strip_suffix(b"}")) == Some(own)
}

const MARK: &str = "::lease";

#[cfg(test)]
mod tests {
    use super::{super::slot::slot, *};

    #[test]
    fn a_lease_is_in_the_slot_of_its_key() {
        for (key, wanted) in [
            ("root:page", "root:page::lease:{root:page}"),
            ("dev:cart:{7}:items", "dev:cart:{7}:items::lease"),
            ("a}b:{7}", "a}b:{7}::lease"),
        ] {
            let lease = lease(&Key::from(key));
            assert_eq!(lease.as_str(), wanted);
            assert_eq!(slot(lease.as_bytes()), slot(key.as_bytes()));
            assert!(is_lease(lease.as_bytes()) && !is_lease(key.as_bytes()));
        }
        assert_eq!(lease(&Key::from("a{b")).as_str(), "a{b::lease");
    }

    #[test]
    fn what_only_looks_like_a_lease_is_none() {
        for key in ["a:lease", "a::leases", "a::lease:1", "a::lease:{b}", "a::lease:{a}:b"] {
            assert!(!is_lease(key.as_bytes()), "{key}");
        }
    }
}
