//! The plain JSON spelling of values: layout defaults, transcripts, the command line, and the
//! compound values of [`bare`](super::bare).
//!
//! Where the declared type says what a text or number is, it stands there plainly: a datetime or
//! UUID as its text, bytes as base64, a float as `1` or `1.0`. Where anything may stand (`any`,
//! untyped arrays and objects), what JSON lacks is tagged:
//! `{"__type__": "datetime", "value": "2020-01-02T03:04:05"}`, likewise `uuid`, `bytes`, `tuple`.

use alloc::{string::String, vec::Vec};

use super::{
    Builder, Members, Payload, View, datetime,
    misfit::{Misfit, Result},
    number, tape,
};
use crate::{
    base64,
    error::{self, ErrorKind},
    json::{self, Limits, Member, Node, Value, is_integer, quote},
    steps,
    types::{Record, Shape, Type},
};

/// Reads the plain spelling of a value of a declared type.
///
/// ```
/// use nestkey_core::{json, types::Type, value::{View, plain}};
/// let ty = Type::parse("array<float>", &|_| None).unwrap();
/// let payload = plain::from_json(&json::read(b"[1, 2.5]")?, &ty, &[])?;
/// let View::Array(mut items) = payload.view() else { panic!() };
/// assert!(matches!(items.next(), Some(View::Float(1.0))));
/// assert_eq!(plain::to_json(&payload, &ty, &[])?, "[1.0,2.5]");
/// # Ok::<_, nestkey_core::error::Error>(())
/// ```
///
/// # Errors
///
/// [`InvalidValue`](ErrorKind::InvalidValue) when it is no such value. Members that a record does
/// not declare are read as `any`, and missing ones are not looked for: [`fit`](super::fit) decides.
pub fn from_json(node: &Node, ty: &Type, records: &[Record]) -> error::Result<Payload> {
    read(node, ty, records).map_err(|misfit| misfit.into_error(ErrorKind::InvalidValue))
}

/// Writes the plain spelling of a value of a declared type, as compact JSON.
///
/// # Errors
///
/// [`InvalidValue`](ErrorKind::InvalidValue) for an object with a member `__type__` where it would
/// be taken for a tag.
pub fn to_json(payload: &Payload, ty: &Type, records: &[Record]) -> error::Result<String> {
    let mut out = Vec::new();
    match write(payload.view(), ty, records, &mut out) {
        // Texts and ASCII were written.
        Ok(()) => Ok(String::from_utf8(out).unwrap_or_default()),
        Err(misfit) => Err(misfit.into_error(ErrorKind::InvalidValue)),
    }
}

/// The plain spelling of a value of a declared type, as a tree.
///
/// # Errors
///
/// As [`to_json`].
pub fn to_node(payload: &Payload, ty: &Type, records: &[Record]) -> error::Result<Node> {
    // Not those of files: the value is here already, however large it is.
    let limits = Limits { bytes: u32::MAX as usize, depth: tape::MAX_DEPTH as u32 * 2 };
    Ok(json::parse(to_json(payload, ty, records)?.as_bytes(), limits)?)
}

const ANY: &Type = &Type::new(Shape::Any);

/// The type of a member of an object or record.
fn member_type<'a>(ty: &'a Type, name: &str, records: &'a [Record]) -> &'a Type {
    match &ty.shape {
        Shape::Object(Some(member)) => member,
        Shape::Record(index) => records
            .get(*index as usize)
            .and_then(|record| {
                steps::count(record.fields.len());
                record.fields.iter().find(|field| field.name == name)
            })
            .map_or(ANY, |field| &field.ty),
        _ => ANY,
    }
}

pub(super) fn read(node: &Node, ty: &Type, records: &[Record]) -> Result<Payload> {
    let mut reader = Reader { out: Builder::new(), records };
    reader.typed(node, ty)?;
    Ok(reader.out.finish()?)
}

struct Reader<'a> {
    out: Builder,
    records: &'a [Record],
}

impl Reader<'_> {
    fn typed(&mut self, node: &Node, ty: &Type) -> Result<()> {
        match (&ty.shape, &node.value) {
            (_, Value::Null) if ty.allows_null() => self.out.null()?,
            (Shape::Any, _) => self.any(node)?,
            (Shape::Array(element), Value::Array(elements)) => {
                self.out.begin_array()?;
                self.elements(elements, element.as_deref().unwrap_or(ANY))?;
            }
            (Shape::Bool, Value::Bool(value)) => self.out.bool(*value)?,
            (Shape::Bytes, Value::String(text)) => self.bytes(text)?,
            (Shape::Datetime, Value::String(text)) => {
                self.datetime(text, datetime::Zone::Offset)?
            }
            (Shape::Float, Value::Number(text)) => self.float(text)?,
            (Shape::Int | Shape::Int64, Value::Number(text)) if is_integer(text) => {
                match number::integer(text) {
                    Some(number::Integer::Small(value)) => self.out.int(value)?,
                    _ => return Err(Misfit::new("an integer of more than 64 bits")),
                }
            }
            (Shape::NaiveDatetime, Value::String(text)) => {
                self.datetime(text, datetime::Zone::Naive)?;
            }
            (Shape::Object(_) | Shape::Record(_), Value::Object(members)) => {
                self.members(members, ty)?;
            }
            (Shape::String, Value::String(text)) => self.out.string(text)?,
            (Shape::Tuple, Value::Array(elements)) => {
                self.out.begin_tuple()?;
                self.elements(elements, ANY)?;
            }
            (Shape::Uuid, Value::String(text)) => self.out.uuid(text)?,
            (Shape::Int | Shape::Int64, Value::Number(_)) => {
                return Err(Misfit::wrong("a float", ty, self.records));
            }
            _ => return Err(Misfit::wrong(node.describe(), ty, self.records)),
        }
        Ok(())
    }

    fn any(&mut self, node: &Node) -> Result<()> {
        match &node.value {
            Value::Array(elements) => {
                self.out.begin_array()?;
                self.elements(elements, ANY)?;
            }
            Value::Bool(value) => self.out.bool(*value)?,
            Value::Null => self.out.null()?,
            Value::Number(text) if is_integer(text) => self.out.int_text(text)?,
            Value::Number(text) => self.float(text)?,
            Value::Object(members) => match node.member("__type__") {
                Some(tag) => self.tagged(tag, node.member("value"), members.len())?,
                None => self.members(members, ANY)?,
            },
            Value::String(text) => self.out.string(text)?,
        }
        Ok(())
    }

    fn tagged(&mut self, tag: &Node, value: Option<&Node>, members: usize) -> Result<()> {
        let Some(value) = value.filter(|_| members == 2) else {
            return Err(Misfit::new("a tagged object has two members: `__type__` and `value`"));
        };
        match (tag.as_str(), &value.value) {
            (Some("bytes"), Value::String(text)) => self.bytes(text),
            (Some("datetime"), Value::String(text)) => Ok(self.out.datetime(text)?),
            (Some("tuple"), Value::Array(elements)) => {
                self.out.begin_tuple()?;
                self.elements(elements, ANY)
            }
            (Some("uuid"), Value::String(text)) => Ok(self.out.uuid(text)?),
            _ => Err(Misfit::new(
                "`__type__` is one of bytes, datetime and uuid with a string, or tuple with an array",
            )),
        }
    }

    fn elements(&mut self, elements: &[Node], ty: &Type) -> Result<()> {
        for (index, element) in elements.iter().enumerate() {
            self.typed(element, ty).map_err(|misfit| misfit.in_element(index))?;
        }
        Ok(self.out.end()?)
    }

    fn members(&mut self, members: &[Member], ty: &Type) -> Result<()> {
        self.out.begin_object()?;
        for Member { name, node, .. } in members {
            self.out.name(name)?;
            let read = self.typed(node, member_type(ty, name, self.records));
            read.map_err(|misfit| misfit.in_member_of(ty, name))?;
        }
        Ok(self.out.end()?)
    }

    fn bytes(&mut self, text: &str) -> Result<()> {
        let bytes = base64::decode(text).ok_or_else(|| Misfit::new("bytes are base64 text"))?;
        Ok(self.out.bytes(&bytes)?)
    }

    fn datetime(&mut self, text: &str, zone: datetime::Zone) -> Result<()> {
        check_zone(text, zone)?;
        Ok(self.out.datetime(text)?)
    }

    fn float(&mut self, text: &str) -> Result<()> {
        let value = number::float(text)
            .ok_or_else(|| Misfit::new("a number beyond the range of floats"))?;
        Ok(self.out.float(value)?)
    }
}

/// Makes sure that a text is a date and time with, or without, an offset.
pub(super) fn check_zone(text: &str, zone: datetime::Zone) -> Result<()> {
    let found = datetime::parse(text).map_err(Misfit::new)?.zone();
    match zone {
        _ if found == zone => Ok(()),
        datetime::Zone::Naive => Err(Misfit::new("a naive_datetime has no offset")),
        datetime::Zone::Offset => Err(Misfit::new("a datetime needs an offset")),
    }
}

/// Appends the plain spelling; what was appended before an error is to be dropped.
pub(super) fn write(
    view: View<'_>,
    ty: &Type,
    records: &[Record],
    out: &mut Vec<u8>,
) -> Result<()> {
    let tag = match (view, &ty.shape) {
        (View::Bytes(_), Shape::Bytes)
        | (View::Datetime(_) | View::NaiveDatetime(_), Shape::Datetime | Shape::NaiveDatetime)
        | (View::Tuple(_), Shape::Tuple)
        | (View::Uuid(_), Shape::Uuid) => None,
        (View::Bytes(_), _) => Some("bytes"),
        (View::Datetime(_) | View::NaiveDatetime(_), _) => Some("datetime"),
        (View::Tuple(_), _) => Some("tuple"),
        (View::Uuid(_), _) => Some("uuid"),
        _ => None,
    };
    if let Some(tag) = tag {
        out.extend_from_slice(b"{\"__type__\":\"");
        out.extend_from_slice(tag.as_bytes());
        out.extend_from_slice(b"\",\"value\":");
    }
    write_value(view, ty, records, out)?;
    if tag.is_some() {
        out.push(b'}');
    }
    Ok(())
}

fn write_value(view: View<'_>, ty: &Type, records: &[Record], out: &mut Vec<u8>) -> Result<()> {
    match view {
        View::Array(items) | View::Tuple(items) => {
            let element = match &ty.shape {
                Shape::Array(Some(element)) => element,
                _ => ANY,
            };
            out.push(b'[');
            for (index, item) in items.enumerate() {
                separate(index, out);
                write(item, element, records, out).map_err(|misfit| misfit.in_element(index))?;
            }
            out.push(b']');
        }
        View::BigInt(text) => out.extend_from_slice(text.as_bytes()),
        View::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        View::Bytes(bytes) => write_string(&base64::encode(bytes), out),
        View::Float(value) => number::write_float(value, out),
        View::Int(value) => number::write_int(value, out),
        View::Null => out.extend_from_slice(b"null"),
        View::Object(members) => write_members(members, ty, records, out)?,
        View::Datetime(text)
        | View::NaiveDatetime(text)
        | View::String(text)
        | View::Uuid(text) => write_string(text, out),
    }
    Ok(())
}

fn write_members(
    members: Members<'_>,
    ty: &Type,
    records: &[Record],
    out: &mut Vec<u8>,
) -> Result<()> {
    out.push(b'{');
    for (index, (name, item)) in members.enumerate() {
        if name == "__type__" && ty.shape == Shape::Any {
            return Err(Misfit::new("an object with a member `__type__` would be taken for a tag"));
        }
        separate(index, out);
        write_string(name, out);
        out.push(b':');
        write(item, member_type(ty, name, records), records, out)
            .map_err(|misfit| misfit.in_member_of(ty, name))?;
    }
    out.push(b'}');
    Ok(())
}

fn separate(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    quote(text, |piece| out.extend_from_slice(piece.as_bytes()));
}
