//! The envelope: `{"__type__": "int", "value": 30}`, byte for byte what redisimnest 0.11.3 writes.

use alloc::{format, vec::Vec};

use super::{Builder, Payload, View, number, tape};
use crate::{
    base64,
    error::{Error, ErrorKind, Result},
    json::{Head, Lexer, Limits, Quoted, is_integer, quote_ascii},
};

/// Appends the envelope of a payload.
///
/// ```
/// use nestkey_core::value::{Payload, envelope};
/// let mut out = Vec::new();
/// envelope::write(&Payload::from(30), &mut out)?;
/// assert_eq!(out, br#"{"__type__": "int", "value": 30}"#);
/// assert_eq!(envelope::read(&out)?, Payload::from(30));
/// # Ok::<_, nestkey_core::error::Error>(())
/// ```
///
/// # Errors
///
/// [`InvalidValue`](ErrorKind::InvalidValue) for what would not come back: a tuple inside another
/// value, and an object with a member `__type__`. Nothing is appended then.
pub fn write(payload: &Payload, out: &mut Vec<u8>) -> Result<()> {
    let start = out.len();
    let written = write_top(payload.view(), out);
    if written.is_err() {
        out.truncate(start);
    }
    written
}

/// Reads an envelope.
///
/// # Errors
///
/// [`MalformedValue`](ErrorKind::MalformedValue) for anything that redisimnest does not write;
/// where its reader guesses (an integer out of a string, the last of two members of one name …)
/// this one refuses.
pub fn read(bytes: &[u8]) -> Result<Payload> {
    // The envelope and a tag around the innermost value stand around and in the deepest payload.
    let limits = Limits { bytes: u32::MAX as usize, depth: tape::MAX_DEPTH as u32 + 2 };
    let read = || {
        let mut reader = Reader { lexer: Lexer::new(bytes, limits)?, out: Builder::new() };
        reader.envelope()?;
        reader.lexer.end()?;
        reader.out.finish()
    };
    read().map_err(|error| {
        let message = format!("the stored value is not an envelope: {}", error.message());
        Error::new(ErrorKind::MalformedValue, message)
    })
}

/// What stands under `__type__`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    Bool,
    Bytes,
    Datetime,
    Dict,
    Float,
    Int,
    List,
    None,
    Str,
    Tuple,
    Uuid,
}

impl Tag {
    const ALL: [Self; 11] = [
        Self::Bool,
        Self::Bytes,
        Self::Datetime,
        Self::Dict,
        Self::Float,
        Self::Int,
        Self::List,
        Self::None,
        Self::Str,
        Self::Tuple,
        Self::Uuid,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Bytes => "bytes",
            Self::Datetime => "datetime",
            Self::Dict => "dict",
            Self::Float => "float",
            Self::Int => "int",
            Self::List => "list",
            Self::None => "none",
            Self::Str => "str",
            Self::Tuple => "tuple",
            Self::Uuid => "uuid",
        }
    }

    const fn of(view: &View<'_>) -> Self {
        match view {
            View::Array(_) => Self::List,
            View::BigInt(_) | View::Int(_) => Self::Int,
            View::Bool(_) => Self::Bool,
            View::Bytes(_) => Self::Bytes,
            View::Datetime(_) | View::NaiveDatetime(_) => Self::Datetime,
            View::Float(_) => Self::Float,
            View::Null => Self::None,
            View::Object(_) => Self::Dict,
            View::String(_) => Self::Str,
            View::Tuple(_) => Self::Tuple,
            View::Uuid(_) => Self::Uuid,
        }
    }

    /// Whether values of this tag carry it inside of other values too.
    const fn is_nested(self) -> bool {
        matches!(self, Self::Bytes | Self::Datetime | Self::None | Self::Uuid)
    }
}

fn write_top(view: View<'_>, out: &mut Vec<u8>) -> Result<()> {
    begin(Tag::of(&view), out);
    match view {
        View::Array(items) | View::Tuple(items) => write_list(items, out)?,
        View::Null => out.extend_from_slice(b"\"None\""),
        View::Object(_) => write_nested(view, out)?,
        _ => write_scalar(view, out),
    }
    out.push(b'}');
    Ok(())
}

fn write_nested(view: View<'_>, out: &mut Vec<u8>) -> Result<()> {
    match view {
        View::Array(items) => return write_list(items, out),
        View::Object(members) => {
            out.push(b'{');
            for (index, (name, item)) in members.enumerate() {
                if name == "__type__" {
                    return Err(unwritable("an object with a member `__type__`"));
                }
                if index > 0 {
                    out.extend_from_slice(b", ");
                }
                write_string(name, out);
                out.extend_from_slice(b": ");
                write_nested(item, out)?;
            }
            out.push(b'}');
        }
        View::Tuple(_) => return Err(unwritable("a tuple inside of another value")),
        _ if Tag::of(&view).is_nested() => {
            begin(Tag::of(&view), out);
            write_scalar(view, out);
            out.push(b'}');
        }
        _ => write_scalar(view, out),
    }
    Ok(())
}

fn write_list<'a>(items: impl Iterator<Item = View<'a>>, out: &mut Vec<u8>) -> Result<()> {
    out.push(b'[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        write_nested(item, out)?;
    }
    out.push(b']');
    Ok(())
}

/// Writes a tagged object up to its value; its brace is still to be closed.
#[inline]
fn begin(tag: Tag, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"__type__\": \"");
    out.extend_from_slice(tag.name().as_bytes());
    out.extend_from_slice(b"\", \"value\": ");
}

#[inline]
fn write_scalar(view: View<'_>, out: &mut Vec<u8>) {
    match view {
        // What has content is written by the callers.
        View::Array(_) | View::Object(_) | View::Tuple(_) => {}
        View::BigInt(text) => out.extend_from_slice(text.as_bytes()),
        View::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        View::Bytes(bytes) => write_string(&base64::encode(bytes), out),
        View::Float(value) => number::write_float(value, out),
        View::Int(value) => number::write_int(value, out),
        View::Null => out.extend_from_slice(b"null"),
        View::Datetime(text)
        | View::NaiveDatetime(text)
        | View::String(text)
        | View::Uuid(text) => write_string(text, out),
    }
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    quote_ascii(text, |piece| out.extend_from_slice(piece.as_bytes()));
}

#[cold]
fn unwritable(what: &str) -> Error {
    let message = format!("{what} would not come back from an envelope as it was");
    Error::new(ErrorKind::InvalidValue, message)
}

/// Reads from the text straight into the tape.
struct Reader<'a> {
    lexer: Lexer<'a>,
    out: Builder,
}

impl<'a> Reader<'a> {
    fn envelope(&mut self) -> Result<()> {
        match self.lexer.value()? {
            Head::Object => self.tagged(|_| true, Self::top),
            _ => self.fail("expected an object"),
        }
    }

    /// Reads the members of a tagged object, in either order, the lexer behind its brace.
    ///
    /// The value is read when its tag is known: where it stands first, the lexer comes back to it.
    fn tagged(
        &mut self,
        allows: impl Fn(Tag) -> bool,
        value: impl Fn(&mut Self, Tag) -> Result<()>,
    ) -> Result<()> {
        let mut tag = None;
        let mut bookmark = None;
        let mut is_read = false;
        while let Some(name) = self.lexer.member()? {
            if name.is("__type__") && tag.is_none() {
                tag = Some(self.tag(&allows)?);
            } else if name.is("value") && !is_read && bookmark.is_none() {
                match tag {
                    Some(tag) => {
                        value(self, tag)?;
                        is_read = true;
                    }
                    None => {
                        bookmark = Some(self.lexer);
                        self.lexer.skip()?;
                    }
                }
            } else {
                return self.fail("expected `__type__` and `value`, each once, and nothing else");
            }
        }
        match (tag, bookmark) {
            (None, _) => self.fail("expected a member `__type__`"),
            (Some(tag), Some(bookmark)) => {
                let end = core::mem::replace(&mut self.lexer, bookmark);
                value(self, tag)?;
                self.lexer = end;
                Ok(())
            }
            (Some(_), None) if is_read => Ok(()),
            (Some(_), None) => self.fail("expected a member `value`"),
        }
    }

    fn tag(&mut self, allows: impl Fn(Tag) -> bool) -> Result<Tag> {
        let tag = match self.lexer.value()? {
            Head::String(name) => Tag::ALL.into_iter().find(|tag| name.is(tag.name())),
            _ => None,
        };
        match tag.filter(|&tag| allows(tag)) {
            Some(tag) => Ok(tag),
            None => self.fail("expected a `__type__` that may stand here"),
        }
    }

    /// Reads what stands under the `value` of an envelope.
    fn top(&mut self, tag: Tag) -> Result<()> {
        match (tag, self.lexer.value()?) {
            (Tag::Dict, Head::Object) => self.object(),
            (Tag::List, Head::Array) => {
                self.out.begin_array()?;
                self.items()
            }
            (Tag::Tuple, Head::Array) => {
                self.out.begin_tuple()?;
                self.items()
            }
            (Tag::Bool, Head::Bool(value)) => self.out.bool(value),
            (Tag::Float, Head::Number(text)) if !is_integer(text) => self.float(text),
            (Tag::Int, Head::Number(text)) if is_integer(text) => self.int(text),
            (Tag::None, Head::String(text)) if text.is("None") => self.out.null(),
            (Tag::Str, Head::String(text)) => self.string(text),
            (Tag::Bytes | Tag::Datetime | Tag::Uuid, Head::String(text)) => self.text(tag, text),
            _ => self.fail(WRONG_VALUE),
        }
    }

    fn nested(&mut self) -> Result<()> {
        match self.lexer.value()? {
            Head::Array => {
                self.out.begin_array()?;
                self.items()
            }
            Head::Bool(value) => self.out.bool(value),
            Head::Null => self.fail("a bare null: a nested null is tagged"),
            Head::Number(text) if is_integer(text) => self.int(text),
            Head::Number(text) => self.float(text),
            Head::Object if self.is_tagged()? => self.tagged(Tag::is_nested, Self::nested_tagged),
            Head::Object => self.object(),
            Head::String(text) => self.string(text),
        }
    }

    /// Whether the object that was just opened is a tagged value: its first two members tell, and
    /// only a scalar can stand before the tag.
    fn is_tagged(&self) -> Result<bool> {
        let mut ahead = self.lexer;
        let Some(first) = ahead.member()? else { return Ok(false) };
        if !first.is("value") {
            return Ok(first.is("__type__"));
        }
        match ahead.value()? {
            Head::Array | Head::Object => Ok(false),
            Head::Bool(_) | Head::Null | Head::Number(_) | Head::String(_) => {
                Ok(ahead.member()?.is_some_and(|second| second.is("__type__")))
            }
        }
    }

    fn nested_tagged(&mut self, tag: Tag) -> Result<()> {
        match (tag, self.lexer.value()?) {
            (Tag::None, Head::Null) => self.out.null(),
            (_, Head::String(text)) if tag != Tag::None => self.text(tag, text),
            _ => self.fail(WRONG_VALUE),
        }
    }

    fn items(&mut self) -> Result<()> {
        while self.lexer.element()? {
            self.nested()?;
        }
        self.out.end()
    }

    fn object(&mut self) -> Result<()> {
        self.out.begin_object()?;
        while let Some(name) = self.lexer.member()? {
            let name = name.text();
            if name == "__type__" {
                return self.fail("an object with a member `__type__` that is no tagged value");
            }
            self.out.name(&name)?;
            self.nested()?;
        }
        self.out.end()
    }

    fn string(&mut self, text: Quoted<'a>) -> Result<()> {
        self.out.string_with(|out| text.write(|piece| out.extend_from_slice(piece.as_bytes())))
    }

    fn text(&mut self, tag: Tag, text: Quoted<'a>) -> Result<()> {
        let text = text.text();
        match tag {
            Tag::Bytes => match base64::decode(&text) {
                Some(bytes) => self.out.bytes(&bytes),
                None => self.fail("expected base64 with padding"),
            },
            Tag::Datetime => self.out.datetime(&text),
            Tag::Uuid => self.out.uuid(&text),
            _ => self.fail(WRONG_VALUE),
        }
    }

    fn int(&mut self, text: &str) -> Result<()> {
        self.out.int_text(text)
    }

    fn float(&mut self, text: &str) -> Result<()> {
        match number::float(text) {
            Some(value) => self.out.float(value),
            None => self.fail("a number beyond the range of floats"),
        }
    }

    #[cold]
    fn fail<T>(&self, message: &'static str) -> Result<T> {
        Err(self.lexer.error(message).into())
    }
}

const WRONG_VALUE: &str = "a `value` that is not of its `__type__`";
