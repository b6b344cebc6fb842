//! From the caller's types to payloads.

mod text;

use std::fmt;

use nestkey_core::{
    error::{Error, ErrorKind, Result},
    value::{Builder, Payload},
};
use serde::ser::{self, Serialize};

use self::text::Text;
use crate::value::{name::type_name, token};

/// The payload of a value.
pub(crate) fn payload<T: Serialize + ?Sized>(value: &T) -> Result<Payload> {
    let mut writer = Writer { builder: Builder::new(), next_is_tuple: false };
    let written = value.serialize(&mut writer);
    written.and_then(|()| Ok(writer.builder.finish()?)).map_err(|Failure(error)| {
        let name = type_name::<T>();
        let message = format!("the {name} cannot be stored: {}", error.message());
        Error::new(error.kind(), message)
    })
}

struct Writer {
    builder: Builder,
    /// Whether the sequence that follows is a [`Tuple`](crate::value::Tuple).
    next_is_tuple: bool,
}

/// Writes what an array, tuple or object holds.
struct Compound<'w> {
    writer: &'w mut Writer,
    /// Whether it stands in an object of one member: the variant of an enum.
    is_variant: bool,
}

/// Core's error, as serde wants one.
#[derive(Debug)]
struct Failure(Error);

type Written = std::result::Result<(), Failure>;

impl Writer {
    fn begin_variant(&mut self, variant: &str) -> Written {
        self.builder.begin_object()?;
        Ok(self.builder.name(variant)?)
    }

    fn sequence(&mut self, is_variant: bool) -> std::result::Result<Compound<'_>, Failure> {
        if std::mem::take(&mut self.next_is_tuple) {
            self.builder.begin_tuple()?;
        } else {
            self.builder.begin_array()?;
        }
        Ok(Compound { writer: self, is_variant })
    }

    fn object(&mut self, is_variant: bool) -> std::result::Result<Compound<'_>, Failure> {
        self.builder.begin_object()?;
        Ok(Compound { writer: self, is_variant })
    }
}

impl<'w> ser::Serializer for &'w mut Writer {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = Compound<'w>;
    type SerializeTuple = Compound<'w>;
    type SerializeTupleStruct = Compound<'w>;
    type SerializeTupleVariant = Compound<'w>;
    type SerializeMap = Compound<'w>;
    type SerializeStruct = Compound<'w>;
    type SerializeStructVariant = Compound<'w>;

    fn serialize_bool(self, value: bool) -> Written {
        Ok(self.builder.bool(value)?)
    }

    fn serialize_i8(self, value: i8) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Written {
        Ok(self.builder.int(value)?)
    }

    fn serialize_i128(self, value: i128) -> Written {
        Ok(self.builder.int_text(&value.to_string())?)
    }

    fn serialize_u8(self, value: u8) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Written {
        match i64::try_from(value) {
            Ok(value) => self.serialize_i64(value),
            Err(_) => Ok(self.builder.int_text(&value.to_string())?),
        }
    }

    fn serialize_u128(self, value: u128) -> Written {
        Ok(self.builder.int_text(&value.to_string())?)
    }

    fn serialize_f32(self, value: f32) -> Written {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Written {
        Ok(self.builder.float(value)?)
    }

    fn serialize_char(self, value: char) -> Written {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Written {
        Ok(self.builder.string(value)?)
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        Ok(self.builder.bytes(value)?)
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        Ok(self.builder.null()?)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _name: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Written {
        let builder = &mut self.builder;
        match name {
            token::BIG_INT => value.serialize(Text(|text: &str| builder.int_text(text))),
            token::DATETIME => value.serialize(Text(|text: &str| builder.datetime(text))),
            token::UUID => value.serialize(Text(|text: &str| builder.uuid(text))),
            token::TUPLE => {
                self.next_is_tuple = true;
                value.serialize(&mut *self)?;
                // What was no sequence has not become a tuple.
                self.next_is_tuple = false;
                Ok(())
            }
            _ => value.serialize(self),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        self.begin_variant(variant)?;
        value.serialize(&mut *self)?;
        Ok(self.builder.end()?)
    }

    fn serialize_seq(self, _length: Option<usize>) -> std::result::Result<Compound<'w>, Failure> {
        self.sequence(false)
    }

    fn serialize_tuple(self, _length: usize) -> std::result::Result<Compound<'w>, Failure> {
        self.sequence(false)
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> std::result::Result<Compound<'w>, Failure> {
        self.sequence(false)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> std::result::Result<Compound<'w>, Failure> {
        self.begin_variant(variant)?;
        self.sequence(true)
    }

    fn serialize_map(self, _length: Option<usize>) -> std::result::Result<Compound<'w>, Failure> {
        self.object(false)
    }

    fn serialize_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> std::result::Result<Compound<'w>, Failure> {
        self.object(false)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> std::result::Result<Compound<'w>, Failure> {
        self.begin_variant(variant)?;
        self.object(true)
    }
}

impl Compound<'_> {
    fn finish(self) -> Written {
        self.writer.builder.end()?;
        if self.is_variant {
            self.writer.builder.end()?;
        }
        Ok(())
    }
}

macro_rules! sequences {
    ($($kind:ident $method:ident;)*) => {$(
        impl ser::$kind for Compound<'_> {
            type Ok = ();
            type Error = Failure;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                value.serialize(&mut *self.writer)
            }

            fn end(self) -> Written {
                self.finish()
            }
        }
    )*};
}

sequences! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

macro_rules! structs {
    ($($kind:ident;)*) => {$(
        impl ser::$kind for Compound<'_> {
            type Ok = ();
            type Error = Failure;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Written {
                self.writer.builder.name(name)?;
                value.serialize(&mut *self.writer)
            }

            fn end(self) -> Written {
                self.finish()
            }
        }
    )*};
}

structs! {
    SerializeStruct;
    SerializeStructVariant;
}

impl ser::SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Failure;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        key.serialize(Text(|name: &str| self.writer.builder.name(name)))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Written {
        self.finish()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl ser::Error for Failure {
    /// A type's own words may repeat the value, so they are dropped.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(Error::new(ErrorKind::InvalidValue, "its type refuses to be written"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}
