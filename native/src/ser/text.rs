//! What has a text of its own: names of members, tagged texts.

use nestkey_core::error::{Error, ErrorKind, Result};
use serde::ser::{self, Impossible, Serialize};

use super::{Failure, Written};

/// Takes what has a text of its own: strings, integers, bools, unit variants.
pub(super) struct Text<F>(pub(super) F);

impl<F: FnOnce(&str) -> Result<()>> Text<F> {
    fn write(self, text: &str) -> Written {
        Ok(self.0(text)?)
    }

    #[expect(clippy::unused_self, reason = "the methods of a serializer take it")]
    fn refuse<T>(self) -> std::result::Result<T, Failure> {
        let message = "the names of an object's members are strings, integers or bools";
        Err(Failure(Error::new(ErrorKind::InvalidValue, message)))
    }
}

macro_rules! texts {
    ($($method:ident $type:ty;)*) => {$(
        fn $method(self, value: $type) -> Written {
            self.write(&value.to_string())
        }
    )*};
}

impl<F: FnOnce(&str) -> Result<()>> ser::Serializer for Text<F> {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = Impossible<(), Failure>;
    type SerializeTuple = Impossible<(), Failure>;
    type SerializeTupleStruct = Impossible<(), Failure>;
    type SerializeTupleVariant = Impossible<(), Failure>;
    type SerializeMap = Impossible<(), Failure>;
    type SerializeStruct = Impossible<(), Failure>;
    type SerializeStructVariant = Impossible<(), Failure>;

    texts! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_u128 u128;
        serialize_char char;
    }

    fn serialize_str(self, value: &str) -> Written {
        self.write(value)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.write(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self)
    }

    fn serialize_f32(self, _: f32) -> Written {
        self.refuse()
    }

    fn serialize_f64(self, _: f64) -> Written {
        self.refuse()
    }

    fn serialize_bytes(self, _: &[u8]) -> Written {
        self.refuse()
    }

    fn serialize_none(self) -> Written {
        self.refuse()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Written {
        self.refuse()
    }

    fn serialize_unit(self) -> Written {
        self.refuse()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.refuse()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Written {
        self.refuse()
    }

    fn serialize_seq(self, _: Option<usize>) -> std::result::Result<Self::SerializeSeq, Failure> {
        self.refuse()
    }

    fn serialize_tuple(self, _: usize) -> std::result::Result<Self::SerializeTuple, Failure> {
        self.refuse()
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> std::result::Result<Self::SerializeTupleStruct, Failure> {
        self.refuse()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> std::result::Result<Self::SerializeTupleVariant, Failure> {
        self.refuse()
    }

    fn serialize_map(self, _: Option<usize>) -> std::result::Result<Self::SerializeMap, Failure> {
        self.refuse()
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> std::result::Result<Self::SerializeStruct, Failure> {
        self.refuse()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> std::result::Result<Self::SerializeStructVariant, Failure> {
        self.refuse()
    }
}
