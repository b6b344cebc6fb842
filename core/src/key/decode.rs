//! Decoding: a segment of a key gives its parameter back, strictly.

use alloc::{borrow::ToOwned, string::String};

use super::{
    encoding::{EMPTY, MAX_PARAM, with_decoded},
    param::{Given, Param, ParamSpec, ParamType},
    render::uuid_text,
};

impl ParamSpec {
    /// The parameter whose text is exactly `segment`; `None` when no value renders to it.
    #[must_use]
    pub fn decode(&self, segment: &str) -> Option<Given> {
        self.read(segment, |param| match param {
            Param::Bool(value) => Given::Bool(value),
            Param::Bytes(bytes) => Given::Bytes(bytes.to_owned()),
            Param::Int(value) => Given::Int(value),
            Param::Str(text) => Given::String(text.to_owned()),
            Param::Uuid(bytes) => {
                Given::Uuid(String::from_utf8(uuid_text(bytes).into()).unwrap_or_default())
            }
        })
    }

    /// Whether some value renders to exactly `segment`; nothing is allocated.
    #[inline]
    #[must_use]
    pub fn admits(&self, segment: &str) -> bool {
        self.read(segment, |_| ()).is_some()
    }

    #[inline]
    fn read<R>(&self, segment: &str, then: impl FnOnce(Param<'_>) -> R) -> Option<R> {
        let param = match self.ty {
            ParamType::Bool => {
                let value = segment.parse().ok()?;
                self.list_breach(segment.as_bytes()).is_none().then_some(Param::Bool(value))?
            }
            ParamType::Int => {
                let value = canonical_int(segment)?;
                self.int_breach(value).is_none().then_some(Param::Int(value))?
            }
            ParamType::Uuid => {
                let bytes = uuid_bytes(segment)?;
                let canonical = !segment.bytes().any(|byte| byte.is_ascii_uppercase());
                let fits = canonical && self.list_breach(segment.as_bytes()).is_none();
                fits.then_some(Param::Uuid(bytes))?
            }
            ParamType::String if self.is_verbatim() => {
                let fits = !segment.is_empty()
                    && segment.len() <= MAX_PARAM
                    && self.text_breach(segment).is_none();
                fits.then_some(Param::Str(segment))?
            }
            ParamType::Bytes | ParamType::String if segment == EMPTY => {
                return if self.takes_empty() { self.read_bytes(b"", then) } else { None };
            }
            ParamType::Bytes | ParamType::String => {
                return with_decoded(segment, |bytes| self.read_bytes(bytes, then));
            }
        };
        Some(then(param))
    }

    #[inline]
    fn read_bytes<R>(&self, bytes: &[u8], then: impl FnOnce(Param<'_>) -> R) -> Option<R> {
        let param = if self.ty == ParamType::String {
            let text = core::str::from_utf8(bytes).ok()?;
            self.text_breach(text).is_none().then_some(Param::Str(text))?
        } else {
            self.bytes_breach(bytes).is_none().then_some(Param::Bytes(bytes))?
        };
        Some(then(param))
    }
}

/// The integer that a text spells canonically: no `+`, no leading zero, no `-0`.
pub(super) fn canonical_int(text: &str) -> Option<i128> {
    let (digits, negative) = match text.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    let mut magnitude = 0_u64;
    for digit in digits.bytes() {
        if !digit.is_ascii_digit() {
            return None;
        }
        magnitude = magnitude.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
    }
    let canonical = match digits.as_bytes() {
        [] => false,
        [b'0'] => !negative,
        [b'0', ..] => false,
        _ => true,
    };
    let magnitude = i128::from(magnitude);
    let value = if negative { -magnitude } else { magnitude };
    (canonical && value >= i128::from(i64::MIN)).then_some(value)
}

/// The UUID that a hyphenated text spells, in any case.
pub(super) fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    if text.len() != 36 {
        return None;
    }
    let mut uuid = 0_u128;
    for (at, byte) in text.bytes().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            if byte != b'-' {
                return None;
            }
        } else {
            uuid = uuid << 4 | u128::from(char::from(byte).to_digit(16)?);
        }
    }
    Some(uuid.to_be_bytes())
}
