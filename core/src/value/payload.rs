//! The payload: what a value is between a host's types and the stored bytes.

use alloc::vec::Vec;
use core::fmt;

use super::{Builder, tape};
use crate::error::{Error, ErrorKind, Result};
use tape::Cursor;

/// A value as a type tag and bytes, arrays and objects included: one flat tape.
///
/// The same tape crosses the boundary between JS and wasm. A payload is always valid: it nests at
/// most 64 deep, its floats are finite, its datetimes and UUIDs canonical, its names unique. Its
/// debug output shows the type and the size, never the value.
///
/// ```
/// use nestkey_core::value::{Payload, View};
/// let payload = Payload::from_tape(vec![3, 30, 0, 0, 0, 0, 0, 0, 0]).unwrap();
/// assert!(matches!(payload.view(), View::Int(30)));
/// assert_eq!(payload, Payload::from(30));
/// assert_eq!(payload.type_name(), "int");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    tape: Vec<u8>,
}

impl Payload {
    /// Null.
    #[must_use]
    pub fn null() -> Self {
        Self { tape: [tape::NULL].into() }
    }

    /// A float.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`](ErrorKind::InvalidValue) for NaN and infinities.
    pub fn float(value: f64) -> Result<Self> {
        let mut builder = Builder::new();
        builder.float(value)?;
        builder.finish()
    }

    /// A string.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`](ErrorKind::InvalidValue) for a text of 4 GiB or more.
    pub fn string(text: &str) -> Result<Self> {
        let mut builder = Builder::new();
        builder.string(text)?;
        builder.finish()
    }

    /// Takes over a tape that someone else wrote.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`](ErrorKind::InvalidValue) when it is not valid in every part.
    pub fn from_tape(tape: Vec<u8>) -> Result<Self> {
        match tape::validate(&tape) {
            Ok(()) => Ok(Self { tape }),
            Err(message) => Err(Error::new(ErrorKind::InvalidValue, message)),
        }
    }

    /// For the builder, which writes nothing else than valid tapes.
    pub(super) const fn from_valid(tape: Vec<u8>) -> Self {
        Self { tape }
    }

    /// The tape.
    #[must_use]
    pub fn as_tape(&self) -> &[u8] {
        &self.tape
    }

    /// The tape, given away.
    #[must_use]
    pub fn into_tape(self) -> Vec<u8> {
        self.tape
    }

    /// The value, borrowed.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        // Only valid tapes get here.
        Cursor::new(&self.tape).view().unwrap_or(View::Null)
    }

    /// The name of its type in a layout's words; `int` whatever its size.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.view().type_name()
    }
}

impl From<bool> for Payload {
    fn from(value: bool) -> Self {
        Self { tape: [if value { tape::TRUE } else { tape::FALSE }].into() }
    }
}

impl From<i64> for Payload {
    fn from(value: i64) -> Self {
        let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
        Self { tape: [tape::INT, a, b, c, d, e, f, g, h].into() }
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({}, {} B)", self.type_name(), self.tape.len())
    }
}

/// A value of a [`Payload`], borrowed.
#[derive(Clone, Copy)]
pub enum View<'a> {
    /// An array.
    Array(Items<'a>),
    /// An integer outside of `i64`, as canonical decimal text.
    BigInt(&'a str),
    /// A bool.
    Bool(bool),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A date and time with its offset, as canonical ISO 8601 text.
    Datetime(&'a str),
    /// A finite float.
    Float(f64),
    /// An integer.
    Int(i64),
    /// A date and time without an offset, as canonical ISO 8601 text.
    NaiveDatetime(&'a str),
    /// Null.
    Null,
    /// An object.
    Object(Members<'a>),
    /// A text.
    String(&'a str),
    /// A tuple.
    Tuple(Items<'a>),
    /// A UUID, as lowercase hyphenated text.
    Uuid(&'a str),
}

impl View<'_> {
    /// The name of its type in a layout's words; `int` whatever its size.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Array(_) => "array",
            Self::BigInt(_) | Self::Int(_) => "int",
            Self::Bool(_) => "bool",
            Self::Bytes(_) => "bytes",
            Self::Datetime(_) => "datetime",
            Self::Float(_) => "float",
            Self::NaiveDatetime(_) => "naive_datetime",
            Self::Null => "null",
            Self::Object(_) => "object",
            Self::String(_) => "string",
            Self::Tuple(_) => "tuple",
            Self::Uuid(_) => "uuid",
        }
    }
}

/// Shows the type only: a value may be a secret.
impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "View({})", self.type_name())
    }
}

/// The items of an array or tuple, in order.
#[derive(Clone, Copy)]
pub struct Items<'a> {
    left: u32,
    cursor: Cursor<'a>,
}

impl<'a> Items<'a> {
    pub(super) const fn new(left: u32, cursor: Cursor<'a>) -> Self {
        Self { left, cursor }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = View<'a>;

    fn next(&mut self) -> Option<View<'a>> {
        self.left = self.left.checked_sub(1)?;
        let view = { self.cursor }.view();
        self.cursor.skip()?;
        view
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Items<'_> {}

impl fmt::Debug for Items<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Items({} left)", self.left)
    }
}

/// The members of an object, in order.
#[derive(Clone, Copy)]
pub struct Members<'a> {
    items: Items<'a>,
}

impl<'a> Members<'a> {
    pub(super) const fn new(left: u32, cursor: Cursor<'a>) -> Self {
        Self { items: Items::new(left, cursor) }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, View<'a>);

    fn next(&mut self) -> Option<(&'a str, View<'a>)> {
        if self.items.left == 0 {
            return None;
        }
        let name = self.items.cursor.text()?;
        Some((name, self.items.next()?))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

impl ExactSizeIterator for Members<'_> {}

impl fmt::Debug for Members<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Members({} left)", self.items.left)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString, vec};

    use super::*;

    fn text(tag: u8, text: &str) -> Vec<u8> {
        let mut tape = vec![tag];
        tape.extend((text.len() as u32).to_le_bytes());
        tape.extend(text.as_bytes());
        tape
    }

    fn list(tag: u8, count: u32, items: &[&[u8]]) -> Vec<u8> {
        let mut tape = vec![tag];
        tape.extend(count.to_le_bytes());
        tape.extend(items.concat());
        tape
    }

    fn name(name: &str) -> Vec<u8> {
        text(0, name).split_off(1)
    }

    #[test]
    fn a_tape_is_read_as_the_boundary_lays_it_down() {
        let tape = list(
            13,
            2,
            &[&name("a"), &list(12, 3, &[&[0], &[2], &text(6, "é")]), &name("b"), &text(7, "xy")],
        );
        let payload = Payload::from_tape(tape).unwrap();
        let View::Object(mut members) = payload.view() else { panic!("an object") };
        let Some(("a", View::Tuple(items))) = members.next() else { panic!("a tuple") };
        assert!(matches!(
            items.collect::<Vec<_>>()[..],
            [View::Null, View::Bool(true), View::String("é")]
        ));
        assert!(matches!(members.next(), Some(("b", View::Bytes(b"xy")))));
        assert!(members.next().is_none());
    }

    #[test]
    fn an_invalid_tape_is_refused() {
        let deep = |depth: usize| {
            let mut tape: Vec<u8> = [11, 1, 0, 0, 0].repeat(depth);
            tape.push(0);
            tape
        };
        assert!(Payload::from_tape(deep(64)).is_ok());
        let float = |value: f64| [&[5][..], &value.to_le_bytes()].concat();
        assert!(Payload::from_tape(float(-0.0)).is_ok());
        for (why, tape) in [
            ("nested too deep", deep(65)),
            ("empty", vec![]),
            ("an unknown tag", vec![14]),
            ("cut off", vec![3, 0]),
            ("a length beyond the end", vec![6, 255, 255, 255, 255]),
            ("a count beyond the end", list(11, u32::MAX, &[&[0]])),
            ("bytes behind the end", vec![0, 0]),
            ("NaN", float(f64::NAN)),
            ("infinity", float(f64::INFINITY)),
            ("not UTF-8", vec![6, 1, 0, 0, 0, 0xFF]),
            ("a name that is not UTF-8", vec![13, 1, 0, 0, 0, 1, 0, 0, 0, 0xFF, 0]),
            ("a doubled name", list(13, 2, &[&name("a"), &[0], &name("a"), &[0]])),
            ("a big integer that is small", text(4, "9223372036854775807")),
            ("a big integer with zeros", text(4, "09223372036854775808")),
            ("a datetime without an offset", text(8, "2020-01-02T03:04:05")),
            ("a datetime with Z", text(8, "2020-01-02T03:04:05Z")),
            ("a naive datetime with an offset", text(9, "2020-01-02T03:04:05+00:00")),
            ("an upper case UUID", text(10, "ABCDEFAB-1234-5678-1234-567812345678")),
        ] {
            assert!(Payload::from_tape(tape).is_err(), "{why}");
        }
        assert!(Payload::from_tape(text(4, "9223372036854775808")).is_ok());
    }

    #[test]
    fn debug_output_hides_the_value() {
        let payload = Payload::string("hunter2").unwrap();
        assert_eq!(
            format!("{payload:?} {:?}", payload.view()),
            "Payload(string, 12 B) View(string)"
        );
        assert_eq!(payload.type_name().to_string(), "string");
    }
}
