//! The bare codec: plain text that INCR, other tools and other languages understand.
//!
//! Numbers stand in decimal (floats as Python prints them), strings, datetimes and UUIDs as they
//! are, bytes raw, bools as `true` and `false`, everything else as compact JSON in the spelling of
//! [`plain`]. A null stands as `null`, where the type allows it and no text could be meant.

use alloc::{format, vec::Vec};

use super::{Builder, Payload, View, datetime::Zone, misfit::Misfit, number, plain, tape};
use crate::{
    error::{Error, ErrorKind, Result},
    json::{self, Limits},
    types::{Record, Shape, Type},
};

/// Appends the bare text of a payload that fits the type.
///
/// ```
/// use nestkey_core::{types::{Shape, Type}, value::{Payload, bare}};
/// let ty = Type::new(Shape::Int);
/// let mut out = Vec::new();
/// bare::write(&Payload::from(30), &ty, &[], &mut out)?;
/// assert_eq!(out, b"30");
/// assert_eq!(bare::read(&out, &ty, &[])?, Payload::from(30));
/// # Ok::<_, nestkey_core::error::Error>(())
/// ```
///
/// # Errors
///
/// [`InvalidValue`](ErrorKind::InvalidValue) for what would come back as something else: null
/// where a string or bytes are declared, an object with a member `__type__` where anything may
/// stand. Nothing is appended then.
pub fn write(payload: &Payload, ty: &Type, records: &[Record], out: &mut Vec<u8>) -> Result<()> {
    let start = out.len();
    let written = match (&ty.shape, payload.view()) {
        (Shape::String, View::String(text))
        | (Shape::Datetime, View::Datetime(text))
        | (Shape::NaiveDatetime, View::NaiveDatetime(text))
        | (Shape::Uuid, View::Uuid(text)) => {
            out.extend_from_slice(text.as_bytes());
            Ok(())
        }
        (Shape::Bytes, View::Bytes(bytes)) => {
            out.extend_from_slice(bytes);
            Ok(())
        }
        (Shape::Bytes | Shape::String, View::Null) => {
            Err(Misfit::new("a null in a bare value could not be told from a text"))
        }
        (_, view) => plain::write(view, ty, records, out),
    };
    written.map_err(|misfit| {
        out.truncate(start);
        misfit.into_error(ErrorKind::InvalidValue)
    })
}

/// Reads a bare text as a value of the type.
///
/// # Errors
///
/// [`MalformedValue`](ErrorKind::MalformedValue) when it is not the text of such a value. Members
/// that a record does not declare are kept; [`fit::check`](super::fit::check) does the rest.
pub fn read(bytes: &[u8], ty: &Type, records: &[Record]) -> Result<Payload> {
    // A tuple where anything may stand takes two levels of JSON.
    const LIMITS: Limits = Limits { bytes: u32::MAX as usize, depth: tape::MAX_DEPTH as u32 * 2 };
    let mut out = Builder::new();
    match &ty.shape {
        Shape::Bytes => out.bytes(bytes)?,
        Shape::String => out.string(utf8(bytes)?)?,
        _ if bytes == b"null" && ty.allows_null() => out.null()?,
        Shape::Bool if bytes == b"false" => out.bool(false)?,
        Shape::Bool if bytes == b"true" => out.bool(true)?,
        Shape::Datetime => datetime(utf8(bytes)?, Zone::Offset, &mut out)?,
        Shape::Float if is_number(bytes) => {
            let value = number::float(utf8(bytes)?)
                .ok_or_else(|| malformed("a number beyond the range of floats"))?;
            out.float(value)?;
        }
        Shape::Int | Shape::Int64 => match number::integer(utf8(bytes)?) {
            Some(number::Integer::Small(value)) if bytes != b"-0" => out.int(value)?,
            _ => return Err(malformed("wanted a decimal integer of 64 bits")),
        },
        Shape::NaiveDatetime => datetime(utf8(bytes)?, Zone::Naive, &mut out)?,
        Shape::Uuid => out.uuid(utf8(bytes)?).map_err(|error| malformed(error.message()))?,
        Shape::Bool => return Err(malformed("wanted `true` or `false`")),
        Shape::Float => return Err(malformed("wanted a decimal number")),
        Shape::Any | Shape::Array(_) | Shape::Object(_) | Shape::Record(_) | Shape::Tuple => {
            let node = json::parse(bytes, LIMITS)
                .map_err(|error| malformed(&format!("not JSON: {error}")))?;
            return plain::read(&node, ty, records)
                .map_err(|misfit| malformed(misfit.into_error(ErrorKind::InvalidValue).message()));
        }
    }
    out.finish()
}

fn utf8(bytes: &[u8]) -> Result<&str> {
    core::str::from_utf8(bytes).map_err(|_| malformed("not UTF-8"))
}

fn datetime(text: &str, zone: Zone, out: &mut Builder) -> Result<()> {
    match plain::check_zone(text, zone) {
        Ok(()) => out.datetime(text),
        Err(misfit) => Err(malformed(misfit.into_error(ErrorKind::InvalidValue).message())),
    }
}

/// Whether the text is a number of JSON's grammar, which Redis's INCRBYFLOAT keeps to as well.
fn is_number(text: &[u8]) -> bool {
    let Ok(mut lexer) = json::Lexer::new(text, Limits::default()) else { return false };
    let starts_right = matches!(text.first(), Some(b'-' | b'0'..=b'9'));
    starts_right && lexer.skip().is_ok() && lexer.at() as usize == text.len()
}

#[cold]
fn malformed(message: &str) -> Error {
    Error::new(ErrorKind::MalformedValue, format!("the stored value is malformed: {message}"))
}
