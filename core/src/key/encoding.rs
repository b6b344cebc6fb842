//! Percent-encoding: how text and bytes become a segment of a key, and strictly back.

use super::Key;

use crate::steps;

/// The longest parameter, in bytes of its encoded form.
pub const MAX_PARAM: usize = 512;

/// The segment of the empty text where that is allowed; nothing else encodes to it.
pub(super) const EMPTY: &str = "%-";

/// Whether a byte stands for itself in an encoded parameter.
pub(super) const fn is_raw(byte: u8) -> bool {
    RAW[byte as usize]
}

/// How many bytes the encoded form has.
pub(super) fn encoded_len(bytes: &[u8]) -> usize {
    bytes.len() + 2 * bytes.iter().filter(|&&byte| !is_raw(byte)).count()
}

/// Appends the encoded form: every byte that is not raw becomes `%XX`.
pub(super) fn push_encoded(mut bytes: &[u8], key: &mut Key) {
    steps::count(bytes.len());
    while let Some(end) = bytes.iter().position(|&byte| !is_raw(byte)) {
        let (run, rest) = bytes.split_at(end);
        key.push_bytes(run);
        let Some((&byte, rest)) = rest.split_first() else { return };
        key.push_bytes(&[b'%', hex(byte >> 4), hex(byte & 15)]);
        bytes = rest;
    }
    key.push_bytes(bytes);
}

/// Hands the bytes that encode to `segment` to `then`; `None` when none do.
///
/// Nothing is allocated. The empty text is left to the caller.
pub(super) fn with_decoded<R>(segment: &str, then: impl FnOnce(&[u8]) -> Option<R>) -> Option<R> {
    let encoded = segment.as_bytes();
    steps::count(encoded.len().min(MAX_PARAM));
    if encoded.is_empty() || encoded.len() > MAX_PARAM {
        return None;
    }
    if encoded.iter().all(|&byte| is_raw(byte)) {
        return then(encoded);
    }
    let mut room = [0; MAX_PARAM];
    let length = decode(encoded, &mut room)?;
    then(room.get(..length)?)
}

/// The value of an upper-case hexadecimal digit.
pub(super) const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Writes what `encoded` stands for into `room` and says how many bytes that is.
fn decode(encoded: &[u8], room: &mut [u8; MAX_PARAM]) -> Option<usize> {
    let mut bytes = encoded.iter().copied();
    let mut length = 0;
    while let Some(byte) = bytes.next() {
        let decoded = match byte {
            b'%' => {
                let escaped = hex_value(bytes.next()?)? << 4 | hex_value(bytes.next()?)?;
                // A needless escape would give one value two keys.
                if is_raw(escaped) {
                    return None;
                }
                escaped
            }
            byte if is_raw(byte) => byte,
            _ => return None,
        };
        *room.get_mut(length)? = decoded;
        length += 1;
    }
    Some(length)
}

const fn hex(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'A' + value - 10 }
}

const RAW: [bool; 256] = {
    let mut raw = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        raw[byte] = matches!(
            byte as u8,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9'
                | b'-' | b'_' | b'.' | b'~' | b'@' | b'+' | b'=' | b','
        );
        byte += 1;
    }
    raw
};
