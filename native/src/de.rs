//! From payloads to the caller's types.

use std::fmt;

use nestkey_core::{
    error::{Effect, Error, ErrorKind, Result},
    value::{Items, Members, View},
};
use serde::{
    de::{
        self, DeserializeOwned, DeserializeSeed, EnumAccess, Expected, IntoDeserializer, MapAccess,
        SeqAccess, Unexpected, VariantAccess, Visitor, value::U32Deserializer,
    },
    forward_to_deserialize_any,
};

use crate::value::{name::type_name, token};

/// A value of the caller's type.
pub(crate) fn value<T: DeserializeOwned>(view: View<'_>) -> Result<T> {
    T::deserialize(Reader(view)).map_err(|failure| {
        let message =
            format!("the stored value cannot be read as {}: {}", type_name::<T>(), failure.0);
        Error::new(ErrorKind::TypeMismatch, message).effect(Effect::Rejected)
    })
}

/// What a type has for a key that is not there: `None` of an `Option`.
pub(crate) fn missing<T: DeserializeOwned>() -> Option<T> {
    T::deserialize(Nothing).ok()
}

#[derive(Clone, Copy)]
struct Reader<'de>(View<'de>);

/// What does not fit; it never repeats a stored value.
#[derive(Debug)]
struct Failure(String);

type Reading<T> = std::result::Result<T, Failure>;

impl<'de> Reader<'de> {
    fn mismatch<T>(self, wanted: &str) -> Reading<T> {
        Err(Failure(format!("wanted {wanted}, found {}", self.0.type_name())))
    }

    /// An integer of any size, as far as serde goes.
    fn big_int<V: Visitor<'de>>(text: &str, visitor: V) -> Reading<V::Value> {
        if let Ok(value) = text.parse::<u64>() {
            visitor.visit_u64(value)
        } else if let Ok(value) = text.parse() {
            visitor.visit_i128(value)
        } else if let Ok(value) = text.parse() {
            visitor.visit_u128(value)
        } else {
            Err(Failure("an integer of more than 128 bits".into()))
        }
    }

    /// A text that is only taken under its own tag.
    fn tagged<V: Visitor<'de>>(self, name: &str, visitor: V) -> Reading<V::Value> {
        match (name, self.0) {
            (token::DATETIME, View::Datetime(text) | View::NaiveDatetime(text))
            | (token::BIG_INT, View::BigInt(text))
            | (token::UUID, View::Uuid(text)) => visitor.visit_borrowed_str(text),
            (token::DATETIME, _) => self.mismatch("a datetime"),
            (token::UUID, _) => self.mismatch("a uuid"),
            _ => self.mismatch("an integer outside of 64 bits"),
        }
    }
}

impl<'de> de::Deserializer<'de> for Reader<'de> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Reading<V::Value> {
        match self.0 {
            View::Array(items) | View::Tuple(items) => sequence(items, visitor),
            View::BigInt(text) => Self::big_int(text, visitor),
            View::Bool(value) => visitor.visit_bool(value),
            View::Bytes(bytes) => visitor.visit_borrowed_bytes(bytes),
            View::Datetime(text)
            | View::NaiveDatetime(text)
            | View::String(text)
            | View::Uuid(text) => visitor.visit_borrowed_str(text),
            View::Float(value) => visitor.visit_f64(value),
            View::Int(value) => visitor.visit_i64(value),
            View::Null => visitor.visit_unit(),
            View::Object(members) => object(members, visitor),
        }
    }

    /// An integer is a float only when none of it gets lost.
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Reading<V::Value> {
        match self.0 {
            View::Int(value) if value.unsigned_abs() > 1 << 53 => {
                Err(Failure("wanted a float, found an integer that has no exact one".into()))
            }
            View::BigInt(_) => self.mismatch("a float"),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Reading<V::Value> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Reading<V::Value> {
        match self.0 {
            View::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    /// Bytes are read into a `Vec<u8>` as well.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Reading<V::Value> {
        match self.0 {
            View::Bytes(bytes) => {
                visitor.visit_seq(de::value::SeqDeserializer::new(bytes.iter().copied()))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Reading<V::Value> {
        match (name, self.0) {
            (token::BIG_INT | token::DATETIME | token::UUID, _) => self.tagged(name, visitor),
            (token::TUPLE, View::Tuple(_)) => visitor.visit_newtype_struct(self),
            (token::TUPLE, _) => self.mismatch("a tuple"),
            (token::VALUE, _) => visitor.visit_enum(Tagged(self.0)),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Reading<V::Value> {
        match self.0 {
            View::String(variant) => visitor.visit_enum(variant.into_deserializer()),
            View::Object(mut members) => match (members.next(), members.next()) {
                (Some((variant, content)), None) => {
                    visitor.visit_enum(Variant { variant, content })
                }
                _ => Err(Failure("wanted an enum: an object of one member".into())),
            },
            _ => self.mismatch("an enum: a string or an object of one member"),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str string bytes byte_buf unit unit_struct
        tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Failure> for Reader<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn sequence<'de, V: Visitor<'de>>(items: Items<'de>, visitor: V) -> Reading<V::Value> {
    let mut elements = Elements(items);
    let value = visitor.visit_seq(&mut elements)?;
    match elements.0.len() {
        0 => Ok(value),
        left => Err(Failure(format!("{left} elements too many"))),
    }
}

fn object<'de, V: Visitor<'de>>(members: Members<'de>, visitor: V) -> Reading<V::Value> {
    visitor.visit_map(Named { members, item: None })
}

struct Elements<'de>(Items<'de>);

impl<'de> SeqAccess<'de> for &mut Elements<'de> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Reading<Option<T::Value>> {
        self.0.next().map(|item| seed.deserialize(Reader(item))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Named<'de> {
    members: Members<'de>,
    /// What stands behind the name that was read last.
    item: Option<View<'de>>,
}

impl<'de> MapAccess<'de> for Named<'de> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Reading<Option<K::Value>> {
        let Some((name, item)) = self.members.next() else { return Ok(None) };
        self.item = Some(item);
        seed.deserialize(Name(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Reading<V::Value> {
        match self.item.take() {
            Some(item) => seed.deserialize(Reader(item)),
            None => Err(Failure("a value was asked for before its name".into())),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.members.len())
    }
}

/// The name of a member: a string, and on request an integer or a bool.
struct Name<'de>(&'de str);

macro_rules! parsed {
    ($($method:ident $visit:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Reading<V::Value> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => visitor.visit_borrowed_str(self.0),
            }
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Name<'de> {
    type Error = Failure;

    parsed! {
        deserialize_bool visit_bool;
        deserialize_i8 visit_i8;
        deserialize_i16 visit_i16;
        deserialize_i32 visit_i32;
        deserialize_i64 visit_i64;
        deserialize_i128 visit_i128;
        deserialize_u8 visit_u8;
        deserialize_u16 visit_u16;
        deserialize_u32 visit_u32;
        deserialize_u64 visit_u64;
        deserialize_u128 visit_u128;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Reading<V::Value> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Reading<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Reading<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Reading<V::Value> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// The variant of an enum, with what stands behind it.
struct Variant<'de> {
    variant: &'de str,
    content: View<'de>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Failure;
    type Variant = Content<'de>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Reading<(S::Value, Self::Variant)> {
        Ok((seed.deserialize(Name(self.variant))?, Content(self.content)))
    }
}

struct Content<'de>(View<'de>);

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = Failure;

    fn unit_variant(self) -> Reading<()> {
        match self.0 {
            View::Null => Ok(()),
            _ => Reader(self.0).mismatch("nothing behind this variant"),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Reading<T::Value> {
        seed.deserialize(Reader(self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Reading<V::Value> {
        match self.0 {
            View::Array(items) | View::Tuple(items) => sequence(items, visitor),
            _ => Reader(self.0).mismatch("an array behind this variant"),
        }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Reading<V::Value> {
        match self.0 {
            View::Object(members) => object(members, visitor),
            _ => Reader(self.0).mismatch("an object behind this variant"),
        }
    }
}

/// A value with its tag, for [`Value`](crate::Value).
struct Tagged<'de>(View<'de>);

impl<'de> EnumAccess<'de> for Tagged<'de> {
    type Error = Failure;
    type Variant = Content<'de>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Reading<(S::Value, Self::Variant)> {
        let tag = token::of(&self.0);
        let tag: U32Deserializer<Failure> = tag.into_deserializer();
        Ok((seed.deserialize(tag)?, Content(self.0)))
    }
}

/// A key that is not there.
struct Nothing;

impl<'de> de::Deserializer<'de> for Nothing {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Reading<V::Value> {
        Err(Failure("a missing key".into()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Reading<V::Value> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// serde's own texts repeat the value that was found; these name its type.
impl de::Error for Failure {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self("its type refuses the value".into())
    }

    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self(format!("wanted {wanted}, found {}", noun(&found)))
    }

    fn invalid_value(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self(format!("wanted {wanted}, found another {}", noun(&found)))
    }

    fn invalid_length(length: usize, wanted: &dyn Expected) -> Self {
        Self(format!("wanted {wanted}, found {length} elements"))
    }

    fn unknown_variant(_: &str, wanted: &'static [&'static str]) -> Self {
        Self(format!("wanted one of the variants {}, found another", wanted.join(", ")))
    }

    fn unknown_field(_: &str, wanted: &'static [&'static str]) -> Self {
        Self(format!("wanted the fields {}, found another", wanted.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self(format!("the field `{field}` is missing"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self(format!("the field `{field}` stands twice"))
    }
}

const fn noun(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "bool",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "integer",
        Unexpected::Float(_) => "float",
        Unexpected::Char(_) | Unexpected::Str(_) => "string",
        Unexpected::Bytes(_) => "bytes",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "array",
        Unexpected::Map => "object",
        Unexpected::NewtypeStruct
        | Unexpected::Enum
        | Unexpected::UnitVariant
        | Unexpected::NewtypeVariant
        | Unexpected::TupleVariant
        | Unexpected::StructVariant => "enum",
        Unexpected::Other(_) => "value",
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}
