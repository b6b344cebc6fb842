//! The types of values and the kinds of entries: the words of a layout file.

mod words;

use alloc::{borrow::ToOwned, boxed::Box, format, string::String, vec::Vec};
use core::fmt;

pub use self::words::WordList;
use crate::steps;

/// How an entry is stored, in Redis's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A pub/sub channel.
    Channel,
    /// An integer that is counted up and down.
    Counter,
    /// A hash with declared fields.
    Hash,
    /// A list.
    List,
    /// A bcrypt hash.
    Password,
    /// An encrypted value.
    Secret,
    /// A set.
    Set,
    /// A single value in one Redis string.
    Value,
    /// A sorted set.
    Zset,
}

impl Kind {
    /// Every kind, by name.
    pub const ALL: &'static [Self] = &[
        Self::Channel,
        Self::Counter,
        Self::Hash,
        Self::List,
        Self::Password,
        Self::Secret,
        Self::Set,
        Self::Value,
        Self::Zset,
    ];

    /// The name in layout files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Counter => "counter",
            Self::Hash => "hash",
            Self::List => "list",
            Self::Password => "password",
            Self::Secret => "secret",
            Self::Set => "set",
            Self::Value => "value",
            Self::Zset => "zset",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// The type of a value, an element, a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Type {
    /// What it is when it is not null.
    pub shape: Shape,
    /// Whether it may be null as well (`?` in layouts).
    pub nullable: bool,
}

/// What a value is made of, in JSON's words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// Any value, null included.
    Any,
    /// An array, of anything or of one type.
    Array(Option<Box<Type>>),
    /// `true` or `false`.
    Bool,
    /// Bytes.
    Bytes,
    /// A date and time with its offset from UTC.
    Datetime,
    /// A finite 64-bit float.
    Float,
    /// A 64-bit integer; in JS a `number`.
    Int,
    /// A 64-bit integer; in JS a `bigint`.
    Int64,
    /// A date and time without an offset.
    NaiveDatetime,
    /// An object, of anything or of one type.
    Object(Option<Box<Type>>),
    /// A declared record, as its index among the layout's records.
    Record(u32),
    /// Unicode text.
    String,
    /// An array that Python reads as a tuple.
    Tuple,
    /// A UUID.
    Uuid,
}

/// A record: an object with declared fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Its name in the layout.
    pub name: String,
    /// Its fields in the order of declaration.
    pub fields: Vec<Field>,
}

/// One field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// What its values must satisfy besides.
    pub constraints: Constraints,
}

impl Field {
    /// A field without constraints.
    #[must_use]
    pub fn new(name: &str, ty: Type) -> Self {
        Self { name: name.to_owned(), ty, constraints: Constraints::default() }
    }
}

impl Record {
    /// A record of that name.
    #[must_use]
    pub fn new(name: &str, fields: Vec<Field>) -> Self {
        Self { name: name.to_owned(), fields }
    }
}

/// What a value or parameter must satisfy besides its type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Constraints {
    /// The least number.
    pub min: Option<i128>,
    /// The greatest number.
    pub max: Option<i128>,
    /// The greatest length: characters of a text, bytes, elements of an array.
    pub max_length: Option<u32>,
    /// The only texts or decimal numbers allowed; empty when all are.
    pub one_of: WordList,
    /// Texts or decimal numbers that are not allowed.
    pub none_of: WordList,
    /// What a text consists of.
    pub format: Option<Format>,
}

/// What a text consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// One or more of `0-9`.
    Digits,
    /// One or more of `0-9a-f`.
    Hex,
    /// One or more of `a-z0-9-`.
    Slug,
    /// 26 characters of Crockford's base 32 in upper case, the first at most `7`.
    Ulid,
}

impl Format {
    /// Every format, by name.
    pub const ALL: &'static [Self] = &[Self::Digits, Self::Hex, Self::Slug, Self::Ulid];

    /// The name in layout files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Hex => "hex",
            Self::Slug => "slug",
            Self::Ulid => "ulid",
        }
    }

    /// The format of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }

    /// Whether a byte may stand at a place of such a text.
    #[must_use]
    pub const fn allows(self, index: usize, byte: u8) -> bool {
        match self {
            Self::Digits => byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'),
            Self::Slug => byte.is_ascii_digit() || byte.is_ascii_lowercase() || byte == b'-',
            Self::Ulid if index == 0 => matches!(byte, b'0'..=b'7'),
            Self::Ulid => {
                index < 26
                    && (byte.is_ascii_digit()
                        || (byte.is_ascii_uppercase()
                            && !matches!(byte, b'I' | b'L' | b'O' | b'U')))
            }
        }
    }

    /// Whether a text may have that many bytes.
    #[must_use]
    pub const fn allows_length(self, length: usize) -> bool {
        match self {
            Self::Ulid => length == 26,
            _ => length > 0,
        }
    }

    /// Whether a whole text is of this format.
    #[must_use]
    pub fn matches(self, text: &str) -> bool {
        self.allows_length(text.len())
            && text.bytes().enumerate().all(|(index, byte)| self.allows(index, byte))
    }
}

/// The types that every layout has, as they are written.
const KNOWN: &str = "any, array, bool, bytes, datetime, float, int, int64, naive_datetime, object, \
                     string, tuple, uuid, and the layout's own";

impl Type {
    /// A type that is never null.
    #[must_use]
    pub const fn new(shape: Shape) -> Self {
        Self { shape, nullable: false }
    }

    /// Whether null is one of its values.
    #[must_use]
    pub const fn allows_null(&self) -> bool {
        self.nullable || matches!(self.shape, Shape::Any)
    }

    /// Reads a type as a layout spells it: `int`, `array<string?>`, `address?`.
    ///
    /// `record` finds the index of a record by its name.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong with the text.
    ///
    /// ```
    /// use nestkey_core::types::{Shape, Type};
    /// let ty = Type::parse("array<int>?", &|_| None).unwrap();
    /// assert!(ty.nullable);
    /// assert_eq!(ty.shape, Shape::Array(Some(Box::new(Type::new(Shape::Int)))));
    /// assert_eq!(ty.display(&[]).to_string(), "array<int>?");
    /// ```
    pub fn parse(text: &str, record: &dyn Fn(&str) -> Option<u32>) -> Result<Self, String> {
        Self::parse_nested(text, record, 0)
    }

    fn parse_nested(
        text: &str,
        record: &dyn Fn(&str) -> Option<u32>,
        depth: u32,
    ) -> Result<Self, String> {
        steps::count(1 + text.len());
        if depth > 16 {
            return Err(String::from("a type nests deeper than 16"));
        }
        let (text, nullable) = match text.strip_suffix('?') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let inner = |name: &str| -> Option<&str> {
            text.strip_prefix(name)?.strip_prefix('<')?.strip_suffix('>')
        };
        let nested = |text: &str| -> Result<Option<Box<Self>>, String> {
            Ok(Some(Box::new(Self::parse_nested(text, record, depth + 1)?)))
        };
        let shape = match text {
            "any" => Shape::Any,
            "array" => Shape::Array(None),
            "bool" => Shape::Bool,
            "bytes" => Shape::Bytes,
            "datetime" => Shape::Datetime,
            "float" => Shape::Float,
            "int" => Shape::Int,
            "int64" => Shape::Int64,
            "naive_datetime" => Shape::NaiveDatetime,
            "object" => Shape::Object(None),
            "string" => Shape::String,
            "tuple" => Shape::Tuple,
            "uuid" => Shape::Uuid,
            _ => {
                if let Some(element) = inner("array") {
                    Shape::Array(nested(element)?)
                } else if let Some(member) = inner("object") {
                    Shape::Object(nested(member)?)
                } else if let Some(index) = record(text) {
                    Shape::Record(index)
                } else {
                    return Err(format!("unknown type `{text}`, known are: {KNOWN}"));
                }
            }
        };
        Ok(Self { shape, nullable })
    }

    /// The type as a layout spells it.
    #[must_use]
    pub const fn display<'a>(&'a self, records: &'a [Record]) -> impl fmt::Display + 'a {
        Spelled { ty: self, records }
    }
}

struct Spelled<'a> {
    ty: &'a Type,
    records: &'a [Record],
}

impl fmt::Display for Spelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.ty.shape {
            Shape::Any => "any",
            Shape::Array(None) => "array",
            Shape::Array(Some(element)) => {
                write!(f, "array<{}>", element.display(self.records))?;
                ""
            }
            Shape::Bool => "bool",
            Shape::Bytes => "bytes",
            Shape::Datetime => "datetime",
            Shape::Float => "float",
            Shape::Int => "int",
            Shape::Int64 => "int64",
            Shape::NaiveDatetime => "naive_datetime",
            Shape::Object(None) => "object",
            Shape::Object(Some(member)) => {
                write!(f, "object<{}>", member.display(self.records))?;
                ""
            }
            Shape::Record(index) => {
                self.records.get(*index as usize).map_or("record", |record| &record.name)
            }
            Shape::String => "string",
            Shape::Tuple => "tuple",
            Shape::Uuid => "uuid",
        };
        f.write_str(name)?;
        f.write_str(if self.ty.nullable { "?" } else { "" })
    }
}
