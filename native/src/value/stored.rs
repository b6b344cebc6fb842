//! Values as they are stored: the envelope, outside of any entry.

use std::fmt;

use nestkey_core::{
    error::{Error, ErrorKind, Result},
    value::{Payload, View, envelope},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{de, ser};

/// The type of a value, in a layout's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Type {
    /// `array`: a `Vec` or a slice.
    Array,
    /// `bool`.
    Bool,
    /// `bytes`: [`Bytes`](super::Bytes).
    Bytes,
    /// `datetime`: [`DateTime`](super::DateTime).
    DateTime,
    /// `float`: `f64`.
    Float,
    /// `int`: an integer of any size.
    Int,
    /// `naive_datetime`: [`NaiveDateTime`](super::NaiveDateTime).
    NaiveDateTime,
    /// `null`: `()`, or `None` of an `Option`.
    Null,
    /// `object`: a struct or a map.
    Object,
    /// `string`: a `String`.
    String,
    /// `tuple`: [`Tuple`](super::Tuple).
    Tuple,
    /// `uuid`: [`Uuid`](super::Uuid).
    Uuid,
}

impl Type {
    const ALL: [Self; 12] = [
        Self::Array,
        Self::Bool,
        Self::Bytes,
        Self::DateTime,
        Self::Float,
        Self::Int,
        Self::NaiveDateTime,
        Self::Null,
        Self::Object,
        Self::String,
        Self::Tuple,
        Self::Uuid,
    ];

    /// Its name in layouts and in every language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Bool => "bool",
            Self::Bytes => "bytes",
            Self::DateTime => "datetime",
            Self::Float => "float",
            Self::Int => "int",
            Self::NaiveDateTime => "naive_datetime",
            Self::Null => "null",
            Self::Object => "object",
            Self::String => "string",
            Self::Tuple => "tuple",
            Self::Uuid => "uuid",
        }
    }

    /// The type of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ty| ty.name() == name)
    }

    fn of(payload: &Payload) -> Self {
        match payload.view() {
            View::Array(_) => Self::Array,
            View::BigInt(_) | View::Int(_) => Self::Int,
            View::Bool(_) => Self::Bool,
            View::Bytes(_) => Self::Bytes,
            View::Datetime(_) => Self::DateTime,
            View::Float(_) => Self::Float,
            View::NaiveDatetime(_) => Self::NaiveDateTime,
            View::Null => Self::Null,
            View::Object(_) => Self::Object,
            View::String(_) => Self::String,
            View::Tuple(_) => Self::Tuple,
            View::Uuid(_) => Self::Uuid,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The envelope of a value, as an entry of the type `any` stores it.
///
/// ```
/// use nestkey::value::{deserialize, serialize};
/// let stored = serialize(&30)?;
/// assert_eq!(stored, br#"{"__type__": "int", "value": 30}"#);
/// assert_eq!(deserialize::<i64>(&stored)?, 30);
/// # Ok::<(), nestkey::Error>(())
/// ```
///
/// # Errors
///
/// `invalid-value` for what cannot be stored: NaN, a tuple inside of another value, an object with
/// a member `__type__`.
pub fn serialize<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    serialize_typed(value).map(|(_, bytes)| bytes)
}

/// The envelope of a value, and the type it says.
///
/// # Errors
///
/// As [`serialize`].
pub fn serialize_typed<T: Serialize + ?Sized>(value: &T) -> Result<(Type, Vec<u8>)> {
    let payload = ser::payload(value)?;
    let mut bytes = Vec::new();
    envelope::write(&payload, &mut bytes)?;
    Ok((Type::of(&payload), bytes))
}

/// The value in an envelope.
///
/// # Errors
///
/// `malformed-value` for what is no envelope, `type-mismatch` for one of another type.
pub fn deserialize<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    deserialize_typed(bytes).map(|(_, value)| value)
}

/// The value in an envelope, and the type that the envelope says.
///
/// ```
/// use nestkey::value::{Type, Value, deserialize_typed};
/// let (ty, value) = deserialize_typed::<Value>(br#"{"__type__": "float", "value": 1.0}"#)?;
/// assert_eq!((ty, ty.name(), value), (Type::Float, "float", Value::Float(1.0)));
/// # Ok::<(), nestkey::Error>(())
/// ```
///
/// # Errors
///
/// As [`deserialize`].
pub fn deserialize_typed<T: DeserializeOwned>(bytes: &[u8]) -> Result<(Type, T)> {
    let payload = envelope::read(bytes)?;
    Ok((Type::of(&payload), de::value(payload.view())?))
}

/// The type that a name says, where a stored value has one.
pub(crate) fn named(name: Option<String>) -> Result<Option<Type>> {
    let Some(name) = name else { return Ok(None) };
    match Type::parse(&name) {
        Some(ty) => Ok(Some(ty)),
        None => Err(Error::new(ErrorKind::Internal, "a type that this crate has no name for")),
    }
}
