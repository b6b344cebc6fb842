use alloc::vec::Vec;
use core::fmt;

/// A resolved key or prefix: printable ASCII, but for parameters that stand `verbatim`.
///
/// Up to 56 bytes stand inside the value itself, so that handles can be copied without allocating.
pub struct Key {
    inline: [u8; INLINE],
    len: u8,
    heap: Vec<u8>,
}

/// The longest resolved key, in bytes.
pub const MAX_KEY: usize = 1_024;

const INLINE: usize = 56;

impl Key {
    /// An empty key.
    #[must_use]
    pub const fn new() -> Self {
        Self { inline: [0; INLINE], len: 0, heap: Vec::new() }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        if self.heap.is_empty() { &self.inline[..self.len as usize] } else { &self.heap }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only whole texts are ever pushed.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0 && self.heap.is_empty()
    }

    /// Appends text.
    #[inline]
    pub fn push_str(&mut self, text: &str) {
        self.push_bytes(text.as_bytes());
    }

    #[inline]
    pub(crate) fn push_bytes(&mut self, bytes: &[u8]) {
        let len = self.len as usize;
        if self.heap.is_empty() {
            if let Some(room) = self.inline[len..].get_mut(..bytes.len()) {
                copy(bytes, room);
                self.len += bytes.len() as u8;
                return;
            }
            self.heap.reserve(len + bytes.len() + INLINE);
            self.heap.extend_from_slice(&self.inline[..len]);
        }
        self.heap.extend_from_slice(bytes);
    }
}

impl Clone for Key {
    #[inline]
    fn clone(&self) -> Self {
        // Cloning an empty vector is a call; making one is nothing.
        let heap = if self.heap.is_empty() { Vec::new() } else { self.heap.clone() };
        Self { inline: self.inline, len: self.len, heap }
    }
}

impl Default for Key {
    fn default() -> Self {
        Self::new()
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        let mut key = Self::new();
        key.push_str(text);
        key
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Key {}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Copies the short pieces that keys are made of without the call that a copy of unknown length is.
#[inline]
fn copy(from: &[u8], to: &mut [u8]) {
    fn both_ends<const N: usize>(from: &[u8], to: &mut [u8]) {
        if let (Some(head), Some(tail)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) {
            if let Some(room) = to.first_chunk_mut() {
                *room = *head;
            }
            if let Some(room) = to.last_chunk_mut() {
                *room = *tail;
            }
        }
    }
    match from.len() {
        0..=3 => to.iter_mut().zip(from).for_each(|(to, from)| *to = *from),
        4..=7 => both_ends::<4>(from, to),
        8..=16 => both_ends::<8>(from, to),
        _ => to.copy_from_slice(from),
    }
}

/// Hands the canonical decimal text of an integer to `write`.
#[inline]
pub fn write_int<R>(magnitude: u64, negative: bool, write: impl FnOnce(&[u8]) -> R) -> R {
    let mut digits = [0; 21];
    let mut at = digits.len();
    let mut rest = magnitude;
    while rest >= 100 {
        at -= 2;
        let pair = (rest % 100) as u8;
        rest /= 100;
        digits[at] = b'0' + pair / 10;
        digits[at + 1] = b'0' + pair % 10;
    }
    if rest >= 10 {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    at -= 1;
    digits[at] = b'0' + rest as u8;
    if negative {
        at -= 1;
        digits[at] = b'-';
    }
    write(&digits[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_grows_beyond_its_inline_room() {
        let mut key = Key::new();
        for _ in 0..30 {
            key.push_str("abcdefg");
        }
        assert_eq!(key.as_str(), "abcdefg".repeat(30));
        assert_eq!(key.len(), 210);
    }

    #[test]
    fn integers_are_written_canonically() {
        let text = |n: i64| {
            write_int(n.unsigned_abs(), n < 0, |d| alloc::string::String::from_utf8(d.to_vec()))
        };
        for n in [0, 7, -1, i64::MAX, i64::MIN] {
            assert_eq!(text(n).unwrap(), alloc::format!("{n}"));
        }
    }
}
