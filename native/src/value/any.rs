use std::fmt;

use nestkey_core::error::{Error, ErrorKind};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor},
    ser::SerializeMap,
};

use super::{
    Bytes, DateTime, NaiveDateTime, Uuid,
    token::{self, tag},
};

/// A value of any type, with the type that it is stored under.
///
/// It serializes into other formats as well; those that do not know its types get text.
///
/// ```
/// # use nestkey::{Client, Layout, value::Value};
/// # let layout = Layout::from_json(r#"{"keys": {"thing": {"type": "any"}}}"#)?;
/// # let root = Client::memory().0.bind(&layout);
/// let thing = root.entry("thing")?;
/// let value = Value::Tuple(vec![Value::Int(1), Value::Bytes(vec![0, 255])]);
/// thing.set(&value).wait()?;
/// assert_eq!(thing.get::<Value>().wait()?, value);
/// # Ok::<(), nestkey::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// An array.
    Array(Vec<Self>),
    /// An integer outside of `i64`, as decimal text.
    BigInt(String),
    /// A bool.
    Bool(bool),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A date and time with its offset.
    DateTime(DateTime),
    /// A finite float.
    Float(f64),
    /// An integer.
    Int(i64),
    /// A date and time without an offset.
    NaiveDateTime(NaiveDateTime),
    /// Null.
    Null,
    /// An object, its members in order.
    Object(Vec<(String, Self)>),
    /// A text.
    String(String),
    /// A tuple.
    Tuple(Vec<Self>),
    /// A UUID.
    Uuid(Uuid),
}

impl Value {
    /// The member of that name, where it is an object.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                members.iter().find(|(found, _)| found == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Array(items) => items.serialize(serializer),
            Self::BigInt(text) => serializer.serialize_newtype_struct(token::BIG_INT, text),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Self::DateTime(time) => time.serialize(serializer),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::NaiveDateTime(time) => time.serialize(serializer),
            Self::Null => serializer.serialize_unit(),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
            Self::String(text) => serializer.serialize_str(text),
            Self::Tuple(items) => serializer.serialize_newtype_struct(token::TUPLE, items),
            Self::Uuid(uuid) => uuid.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(token::VALUE, ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    /// A payload, which says what it is.
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Value, A::Error> {
        let (found, content) = data.variant::<u32>()?;
        Ok(match found {
            tag::ARRAY => Value::Array(content.newtype_variant()?),
            tag::BIG_INT => Value::BigInt(content.newtype_variant::<BigInt>()?.0),
            tag::BOOL => Value::Bool(content.newtype_variant()?),
            tag::BYTES => Value::Bytes(content.newtype_variant::<Bytes>()?.0),
            tag::DATETIME => Value::DateTime(content.newtype_variant()?),
            tag::FLOAT => Value::Float(content.newtype_variant()?),
            tag::INT => Value::Int(content.newtype_variant()?),
            tag::NAIVE_DATETIME => Value::NaiveDateTime(content.newtype_variant()?),
            tag::NULL => {
                content.unit_variant()?;
                Value::Null
            }
            tag::OBJECT => content.struct_variant(&[], self)?,
            tag::STRING => Value::String(content.newtype_variant()?),
            tag::TUPLE => Value::Tuple(content.newtype_variant()?),
            tag::UUID => Value::Uuid(content.newtype_variant()?),
            _ => return Err(de::Error::custom("a tag that nobody knows")),
        })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Value::BigInt(value.to_string()), Value::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(bytes.to_vec()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Value::Object(object))
    }
}

/// The text of an integer outside of `i64`.
struct BigInt(String);

impl<'de> Deserialize<'de> for BigInt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        token::text(deserializer, token::BIG_INT, "an integer", |text| Ok(Self(text.to_owned())))
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident;)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from! {
    bool => Bool;
    i32 => Int;
    i64 => Int;
    &str => String;
    String => String;
    DateTime => DateTime;
    NaiveDateTime => NaiveDateTime;
    Uuid => Uuid;
    Vec<Self> => Array;
}

impl TryFrom<f64> for Value {
    type Error = Error;

    /// NaN and infinities are refused.
    fn try_from(value: f64) -> Result<Self, Error> {
        if value.is_finite() {
            return Ok(Self::Float(value));
        }
        Err(Error::new(ErrorKind::InvalidValue, "NaN and infinities cannot be stored"))
    }
}
