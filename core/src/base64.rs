//! Base64 as values have it: in the standard alphabet, padded.
//!
//! It goes by way of the one that secrets have: a second alphabet of the crate would be a second
//! copy of its code in the wasm module.

use alloc::{string::String, vec::Vec};

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::steps;

pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = Base64UrlUnpadded::encode_string(bytes).into_bytes();
    for byte in &mut text {
        *byte = match *byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        };
    }
    text.resize(text.len().next_multiple_of(4), b'=');
    String::from_utf8(text).unwrap_or_default()
}

/// Strict: padded as it has to be, without anything in the bits that are left over.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    steps::count(1 + text.len());
    let padding = text.bytes().rev().take_while(|&byte| byte == b'=').count();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let url = text.bytes().take(text.len() - padding).map(|byte| match byte {
        b'+' => b'-',
        b'/' => b'_',
        // Of the other alphabet.
        b'-' | b'_' => b'=',
        other => other,
    });
    Base64UrlUnpadded::decode_vec(&String::from_utf8(url.collect()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use base64ct::Base64;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_standard_encoding(bytes in any::<Vec<u8>>()) {
            let text = Base64::encode_string(&bytes);
            prop_assert_eq!(encode(&bytes), &text[..]);
            prop_assert_eq!(decode(&text), Some(bytes));
        }

        #[test]
        fn it_is_as_strict_as_the_standard_one(text in "[A-D+/_=-]{0,9}|.{0,5}={0,4}") {
            prop_assert_eq!(decode(&text), Base64::decode_vec(&text).ok());
        }
    }
}
