//! Writing payloads item by item.

use alloc::vec::Vec;
use core::ops::Range;

use super::{Payload, View, datetime, number, tape, uuid};
use crate::{
    error::{Error, ErrorKind, Result},
    json::repeated,
    steps,
};

/// Writes a [`Payload`] item by item.
///
/// Arrays, tuples and objects are begun, filled and ended; counts are filled in at the end, so
/// nobody needs to know them before. In an object each item follows its name.
///
/// All errors are [`InvalidValue`](ErrorKind::InvalidValue), but
/// [`Internal`](ErrorKind::Internal) for calls in an order that makes no value.
///
/// ```
/// use nestkey_core::value::Builder;
/// let mut builder = Builder::new();
/// builder.begin_object()?;
/// builder.name("tags")?;
/// builder.begin_array()?;
/// builder.string("new")?;
/// builder.end()?;
/// builder.end()?;
/// assert_eq!(builder.finish()?.type_name(), "object");
/// # Ok::<_, nestkey_core::error::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Builder {
    tape: Vec<u8>,
    open: Vec<Open>,
    /// Where the names of all open objects stand in the tape.
    names: Vec<Range<usize>>,
}

/// An array, tuple or object that was begun.
#[derive(Debug)]
struct Open {
    count_at: usize,
    count: u32,
    names_from: usize,
    is_object: bool,
    /// Whether a name was written that still waits for its item.
    named: bool,
}

impl Builder {
    /// An empty builder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Null.
    pub fn null(&mut self) -> Result<()> {
        self.item(tape::NULL, 0)
    }

    /// A bool.
    pub fn bool(&mut self, value: bool) -> Result<()> {
        self.item(if value { tape::TRUE } else { tape::FALSE }, 0)
    }

    /// An integer.
    pub fn int(&mut self, value: i64) -> Result<()> {
        self.item(tape::INT, 8)?;
        self.tape.extend_from_slice(&value.to_le_bytes());
        Ok(())
    }

    /// An integer of any size, as decimal text: an optional `-`, digits, no leading zero.
    pub fn int_text(&mut self, text: &str) -> Result<()> {
        match number::integer(text) {
            Some(number::Integer::Small(value)) => self.int(value),
            Some(number::Integer::Big(text)) => self.block(tape::BIG_INT, text.as_bytes()),
            None => Err(invalid(number::NOT_AN_INTEGER)),
        }
    }

    /// A float; NaN and infinities are refused.
    pub fn float(&mut self, value: f64) -> Result<()> {
        if !value.is_finite() {
            return Err(invalid(tape::NOT_FINITE));
        }
        self.item(tape::FLOAT, 8)?;
        self.tape.extend_from_slice(&value.to_le_bytes());
        Ok(())
    }

    /// A text.
    pub fn string(&mut self, text: &str) -> Result<()> {
        self.block(tape::STRING, text.as_bytes())
    }

    /// A text that is written piece by piece.
    pub(crate) fn string_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        self.block(tape::STRING, b"")?;
        let start = self.tape.len();
        write(&mut self.tape);
        let length = length(self.tape.len() - start)?;
        self.patch(start, length);
        Ok(())
    }

    /// Bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.block(tape::BYTES, bytes)
    }

    /// A date and time with or without an offset, in any spelling that [`datetime::parse`] reads.
    pub fn datetime(&mut self, text: &str) -> Result<()> {
        let iso = datetime::parse(text).map_err(invalid)?;
        let tag = match iso.zone() {
            datetime::Zone::Naive => tape::NAIVE_DATETIME,
            datetime::Zone::Offset => tape::DATETIME,
        };
        self.block(tag, iso.as_str().as_bytes())
    }

    /// A UUID, hyphenated.
    pub fn uuid(&mut self, text: &str) -> Result<()> {
        let uuid = uuid::parse(text).map_err(invalid)?;
        self.block(tape::UUID, uuid.as_str().as_bytes())
    }

    /// Begins an array.
    pub fn begin_array(&mut self) -> Result<()> {
        self.begin(tape::ARRAY)
    }

    /// Begins a tuple.
    pub fn begin_tuple(&mut self) -> Result<()> {
        self.begin(tape::TUPLE)
    }

    /// Begins an object.
    pub fn begin_object(&mut self) -> Result<()> {
        self.begin(tape::OBJECT)
    }

    /// The name of the next item of an object.
    pub fn name(&mut self, name: &str) -> Result<()> {
        steps::count(1 + name.len());
        let length = length(name.len())?;
        match self.open.last_mut() {
            Some(open) if open.is_object && !open.named => open.named = true,
            _ => return Err(misused()),
        }
        self.tape.extend_from_slice(&length.to_le_bytes());
        let start = self.tape.len();
        self.tape.extend_from_slice(name.as_bytes());
        self.names.push(start..self.tape.len());
        Ok(())
    }

    /// Ends the innermost array, tuple or object; a name that stands twice is found here.
    pub fn end(&mut self) -> Result<()> {
        let open = self.open.pop().filter(|open| !open.named).ok_or_else(misused)?;
        let names = self.names.get(open.names_from..).unwrap_or_default();
        let name = |index: usize| names.get(index).and_then(|name| self.tape.get(name.clone()));
        if repeated(names.len(), &name).is_some() {
            return Err(invalid(tape::DOUBLED_NAME));
        }
        self.names.truncate(open.names_from);
        self.patch(open.count_at + 4, open.count);
        Ok(())
    }

    /// A copy of a value with all its content.
    pub fn view(&mut self, view: View<'_>) -> Result<()> {
        match view {
            View::Array(mut items) => {
                self.begin_array()?;
                items.try_for_each(|item| self.view(item))?;
                self.end()
            }
            View::BigInt(text) => self.block(tape::BIG_INT, text.as_bytes()),
            View::Bool(value) => self.bool(value),
            View::Bytes(bytes) => self.bytes(bytes),
            View::Datetime(text) => self.block(tape::DATETIME, text.as_bytes()),
            View::Float(value) => self.float(value),
            View::Int(value) => self.int(value),
            View::NaiveDatetime(text) => self.block(tape::NAIVE_DATETIME, text.as_bytes()),
            View::Null => self.null(),
            View::Object(members) => {
                self.begin_object()?;
                for (name, item) in members {
                    self.name(name)?;
                    self.view(item)?;
                }
                self.end()
            }
            View::String(text) => self.string(text),
            View::Tuple(mut items) => {
                self.begin_tuple()?;
                items.try_for_each(|item| self.view(item))?;
                self.end()
            }
            View::Uuid(text) => self.block(tape::UUID, text.as_bytes()),
        }
    }

    /// The payload: one whole value must have been written.
    pub fn finish(self) -> Result<Payload> {
        if self.open.is_empty() && !self.tape.is_empty() {
            Ok(Payload::from_valid(self.tape))
        } else {
            Err(misused())
        }
    }

    /// Writes the tag of an item and makes room for `more` bytes.
    #[inline]
    fn item(&mut self, tag: u8, more: usize) -> Result<()> {
        match self.open.last_mut() {
            Some(open) => {
                if open.is_object != open.named {
                    return Err(misused());
                }
                open.named = false;
                open.count = open.count.checked_add(1).ok_or_else(|| invalid(TOO_LONG))?;
            }
            None if self.tape.is_empty() => {}
            None => return Err(misused()),
        }
        steps::count(1 + more);
        self.tape.reserve(1 + more);
        self.tape.push(tag);
        Ok(())
    }

    #[inline]
    fn block(&mut self, tag: u8, bytes: &[u8]) -> Result<()> {
        let length = length(bytes.len())?;
        self.item(tag, 4 + bytes.len())?;
        self.tape.extend_from_slice(&length.to_le_bytes());
        self.tape.extend_from_slice(bytes);
        Ok(())
    }

    fn begin(&mut self, tag: u8) -> Result<()> {
        if self.open.len() == tape::MAX_DEPTH {
            return Err(invalid(tape::TOO_DEEP));
        }
        self.item(tag, 4)?;
        self.open.push(Open {
            count_at: self.tape.len(),
            count: 0,
            names_from: self.names.len(),
            is_object: tag == tape::OBJECT,
            named: false,
        });
        self.tape.extend_from_slice(&[0; 4]);
        Ok(())
    }

    /// Fills in the length or count that ends at `end`.
    fn patch(&mut self, end: usize, number: u32) {
        if let Some(room) = self.tape.get_mut(..end).and_then(|head| head.last_chunk_mut::<4>()) {
            *room = number.to_le_bytes();
        }
    }
}

const TOO_LONG: &str = "a value of 4 GiB or more";

fn length(length: usize) -> Result<u32> {
    u32::try_from(length).map_err(|_| invalid(TOO_LONG))
}

#[cold]
fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidValue, message)
}

#[cold]
fn misused() -> Error {
    Error::new(ErrorKind::Internal, "a payload was written in an order that makes no value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_builder_writes_is_a_valid_tape() {
        let mut builder = Builder::new();
        builder.begin_object().unwrap();
        builder.name("a").unwrap();
        builder.begin_tuple().unwrap();
        builder.datetime("2020-01-02T03:04:05Z").unwrap();
        builder.string_with(|out| out.extend(b"hello")).unwrap();
        builder.int_text("-18446744073709551616").unwrap();
        builder.end().unwrap();
        builder.name("b").unwrap();
        builder.uuid("ABCDEFAB-1234-5678-1234-567812345678").unwrap();
        builder.end().unwrap();
        let payload = builder.finish().unwrap();
        assert_eq!(Payload::from_tape(payload.as_tape().to_vec()).unwrap(), payload);
        let mut copy = Builder::new();
        copy.view(payload.view()).unwrap();
        assert_eq!(copy.finish().unwrap(), payload);
    }

    #[test]
    fn names_are_unique_in_each_object_only() {
        let mut builder = Builder::new();
        builder.begin_object().unwrap();
        builder.name("a").unwrap();
        builder.begin_object().unwrap();
        builder.name("a").unwrap();
        builder.null().unwrap();
        builder.end().unwrap();
        builder.name("a").unwrap();
        builder.null().unwrap();
        assert_eq!(builder.end().unwrap_err().kind(), ErrorKind::InvalidValue);
    }

    #[test]
    fn calls_that_make_no_value_are_refused() {
        let refused: [fn(&mut Builder) -> Result<()>; 7] = [
            |_| Ok(()),
            |b| b.end(),
            |b| b.name("a"),
            |b| b.null().and_then(|()| b.null()),
            |b| b.begin_array(),
            |b| b.begin_object().and_then(|()| b.null()),
            |b| b.begin_object().and_then(|()| b.name("a")).and_then(|()| b.end()),
        ];
        for calls in refused {
            let mut builder = Builder::new();
            let error = calls(&mut builder).and_then(|()| builder.finish()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Internal);
        }
    }

    #[test]
    fn what_cannot_be_stored_is_refused() {
        let refused: [fn(&mut Builder) -> Result<()>; 5] = [
            |b| b.float(f64::NAN),
            |b| b.float(f64::NEG_INFINITY),
            |b| b.int_text("1e3"),
            |b| b.datetime("2020-01-02"),
            |b| (0..65).try_for_each(|_| b.begin_array()),
        ];
        for write in refused {
            assert_eq!(write(&mut Builder::new()).unwrap_err().kind(), ErrorKind::InvalidValue);
        }
    }
}
