//! Names: `[a-z][a-z0-9_]*`, minus the few that a host language cannot have.

use alloc::{format, string::String};

/// Names that JavaScript objects or Rust modules cannot carry.
const RESERVED: [&str; 6] = ["constructor", "crate", "prototype", "self", "super", "then"];

/// Whether a name is kept from layouts because a host language gives it a meaning of its own.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// What is wrong with a name, if anything is.
pub(super) fn problem(name: &str) -> Option<String> {
    let mut bytes = name.bytes();
    let well_formed = bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !well_formed {
        return Some(format!(
            "the name `{name}`: names start with a-z and go on with a-z, 0-9 and _"
        ));
    }
    is_reserved(name).then(|| format!("the name `{name}` is reserved by a host language"))
}
