//! The bytes of a payload: their tags, how to walk them, and what makes them valid.
//!
//! All numbers are little-endian, lengths and counts are `u32`.
//!
//! | tag | value | behind the tag |
//! |---|---|---|
//! | 0, 1, 2 | null, false, true | |
//! | 3 | integer | `i64` |
//! | 4 | integer outside of `i64` | length, canonical decimal text |
//! | 5 | finite float | `f64` |
//! | 6 | string | length, UTF-8 |
//! | 7 | bytes | length, bytes |
//! | 8, 9 | datetime with, without an offset | length, canonical ISO 8601 text |
//! | 10 | UUID | length 36, lowercase hyphenated text |
//! | 11, 12 | array, tuple | count, items |
//! | 13 | object | count, then length, name, item for each member |

use alloc::vec::Vec;

use super::{Items, Members, View, datetime, number, uuid};
use crate::json::repeated;

pub(super) const NULL: u8 = 0;
pub(super) const FALSE: u8 = 1;
pub(super) const TRUE: u8 = 2;
pub(super) const INT: u8 = 3;
pub(super) const BIG_INT: u8 = 4;
pub(super) const FLOAT: u8 = 5;
pub(super) const STRING: u8 = 6;
pub(super) const BYTES: u8 = 7;
pub(super) const DATETIME: u8 = 8;
pub(super) const NAIVE_DATETIME: u8 = 9;
pub(super) const UUID: u8 = 10;
pub(super) const ARRAY: u8 = 11;
pub(super) const TUPLE: u8 = 12;
pub(super) const OBJECT: u8 = 13;

/// How many arrays, tuples and objects may stand inside each other.
pub(super) const MAX_DEPTH: usize = 64;

pub(super) const TOO_DEEP: &str = "a value nested deeper than 64";
pub(super) const NOT_FINITE: &str = "NaN and infinities cannot be stored";
pub(super) const DOUBLED_NAME: &str = "an object with two members of the same name";

/// A place in a tape; everything it reads is `None` when the tape ends too early.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(tape: &'a [u8]) -> Self {
        Self { rest: tape }
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads an item; behind an array, tuple or object it stands at the content.
    #[inline]
    pub(super) fn view(&mut self) -> Option<View<'a>> {
        Some(match self.tag()? {
            NULL => View::Null,
            FALSE => View::Bool(false),
            TRUE => View::Bool(true),
            INT => View::Int(i64::from_le_bytes(self.chunk()?)),
            BIG_INT => View::BigInt(self.text()?),
            FLOAT => View::Float(f64::from_le_bytes(self.chunk()?)),
            STRING => View::String(self.text()?),
            BYTES => View::Bytes(self.block()?),
            DATETIME => View::Datetime(self.text()?),
            NAIVE_DATETIME => View::NaiveDatetime(self.text()?),
            UUID => View::Uuid(self.text()?),
            ARRAY => View::Array(Items::new(self.length()?, *self)),
            TUPLE => View::Tuple(Items::new(self.length()?, *self)),
            OBJECT => View::Object(Members::new(self.length()?, *self)),
            _ => return None,
        })
    }

    /// Moves behind an item and all its content.
    pub(super) fn skip(&mut self) -> Option<()> {
        match self.tag()? {
            NULL | FALSE | TRUE => {}
            INT | FLOAT => {
                self.chunk::<8>()?;
            }
            ARRAY | TUPLE => {
                for _ in 0..self.length()? {
                    self.skip()?;
                }
            }
            OBJECT => {
                for _ in 0..self.length()? {
                    self.block()?;
                    self.skip()?;
                }
            }
            _ => {
                self.block()?;
            }
        }
        Some(())
    }

    /// Reads a length and as many bytes.
    pub(super) fn block(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        let (block, rest) = self.rest.split_at_checked(length as usize)?;
        self.rest = rest;
        Some(block)
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        core::str::from_utf8(self.block()?).ok()
    }

    fn tag(&mut self) -> Option<u8> {
        let (&tag, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(tag)
    }

    fn length(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.chunk()?))
    }

    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (chunk, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*chunk)
    }
}

/// Makes sure that a tape is one whole item, canonical in all its parts.
pub(super) fn validate(tape: &[u8]) -> Result<(), &'static str> {
    let mut cursor = Cursor::new(tape);
    validate_item(&mut cursor, MAX_DEPTH, &mut Vec::new())?;
    if cursor.is_at_end() { Ok(()) } else { Err("bytes behind the end of a payload") }
}

/// `names` is room for the names of all open objects; each takes its own away again.
fn validate_item<'a>(
    cursor: &mut Cursor<'a>,
    depth_left: usize,
    names: &mut Vec<&'a [u8]>,
) -> Result<(), &'static str> {
    const BROKEN: &str = "a payload that is cut off, not UTF-8, or of an unknown tag";
    let (count, is_object) = match cursor.view().ok_or(BROKEN)? {
        View::Array(items) | View::Tuple(items) => (items.len(), false),
        View::Object(members) => (members.len(), true),
        scalar => return validate_scalar(scalar),
    };
    let depth_left = depth_left.checked_sub(1).ok_or(TOO_DEEP)?;
    let first = names.len();
    for _ in 0..count {
        if is_object {
            names.push(cursor.text().ok_or(BROKEN)?.as_bytes());
        }
        validate_item(cursor, depth_left, names)?;
    }
    if repeated(names.len() - first, &|index| names.get(first + index).copied()).is_some() {
        return Err(DOUBLED_NAME);
    }
    names.truncate(first);
    Ok(())
}

fn validate_scalar(scalar: View<'_>) -> Result<(), &'static str> {
    let is_canonical = match scalar {
        View::BigInt(text) => matches!(number::integer(text), Some(number::Integer::Big(_))),
        View::Datetime(text) => datetime::parse(text)?.is(text, datetime::Zone::Offset),
        View::Float(value) => return if value.is_finite() { Ok(()) } else { Err(NOT_FINITE) },
        View::NaiveDatetime(text) => datetime::parse(text)?.is(text, datetime::Zone::Naive),
        View::Uuid(text) => uuid::parse(text)?.as_str() == text,
        _ => true,
    };
    if is_canonical { Ok(()) } else { Err("a payload with a text that is not canonical") }
}
