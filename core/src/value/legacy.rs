//! What a secret may be stored as that nestkey did not seal.

use alloc::string::String;

use super::{Plaintext, View, envelope};
use crate::{
    error::{Error, ErrorKind, Result},
    json::{self, Value},
};

/// What stands where a sealed secret is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// What begins as a token of redisimnest.
    Fernet(Plaintext),
    /// A null in an envelope.
    Null,
    /// A text, by itself or in an envelope.
    Plain(Plaintext),
}

/// Tells what a stored secret is that is not sealed.
///
/// What looks like a token or an envelope is never plain text, however it is spaced.
///
/// # Errors
///
/// [`MalformedSecret`](ErrorKind::MalformedSecret) for an envelope that cannot be read and for what is
/// sealed inside of something else, [`NotEncrypted`](ErrorKind::NotEncrypted) for an envelope of
/// anything but a text.
pub fn read(stored: &[u8]) -> Result<Found> {
    if !stored.trim_ascii_start().starts_with(b"{") {
        return token_or_plain(stored);
    }
    match envelope::read(stored) {
        Ok(payload) => match payload.view() {
            View::Null => Ok(Found::Null),
            View::String(text) => token_or_plain(text.as_bytes()),
            _ => {
                let message = "a stored value that is no encrypted text";
                Err(Error::new(ErrorKind::NotEncrypted, message))
            }
        },
        Err(_) => unreadable(stored),
    }
}

/// What begins as an object and is no envelope.
fn unreadable(stored: &[u8]) -> Result<Found> {
    let is_tagged = match json::read(stored) {
        Ok(node) => match (node.member("__type__"), node.member("value").map(|it| &it.value)) {
            // redisimnest reads this null as well.
            (Some(tag), Some(Value::Null)) if tag.as_str() == Some("none") => {
                return Ok(Found::Null);
            }
            (tag, _) => tag.is_some(),
        },
        // What is no JSON may have it anywhere.
        Err(_) => stored.windows(TAG.len()).any(|found| found == TAG),
    };
    if is_tagged {
        return Err(malformed("in an envelope that cannot be read"));
    }
    Ok(Found::Plain(stored.into()))
}

const TAG: &[u8] = b"\"__type__\"";

fn token_or_plain(text: &[u8]) -> Result<Found> {
    match text.trim_ascii_start() {
        [b'g', b'A', b'A', b'A', b'A', ..] => Ok(Found::Fernet(text.into())),
        [b'n', b'k', b'1', b'.', ..] => Err(malformed("sealed inside of something else")),
        _ => Ok(Found::Plain(text.into())),
    }
}

#[cold]
fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::MalformedSecret, String::from("a stored secret that is ") + what)
}
