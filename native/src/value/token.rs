//! The names by which values with a tag of their own are recognised on their way through serde.
//!
//! Other formats see a newtype struct around a text or a sequence, and write just that.

use std::fmt;

use nestkey_core::{error::Error, value::View};
use serde::{
    Deserializer,
    de::{self, Visitor},
};

pub(crate) const BIG_INT: &str = "$nestkey::BigInt";
pub(crate) const DATETIME: &str = "$nestkey::DateTime";
pub(crate) const TUPLE: &str = "$nestkey::Tuple";
pub(crate) const UUID: &str = "$nestkey::Uuid";
pub(crate) const VALUE: &str = "$nestkey::Value";

/// The tags of values as numbers: which variant of [`Value`](super::Value) a payload is.
pub(crate) mod tag {
    pub(crate) const ARRAY: u32 = 0;
    pub(crate) const BIG_INT: u32 = 1;
    pub(crate) const BOOL: u32 = 2;
    pub(crate) const BYTES: u32 = 3;
    pub(crate) const DATETIME: u32 = 4;
    pub(crate) const FLOAT: u32 = 5;
    pub(crate) const INT: u32 = 6;
    pub(crate) const NAIVE_DATETIME: u32 = 7;
    pub(crate) const NULL: u32 = 8;
    pub(crate) const OBJECT: u32 = 9;
    pub(crate) const STRING: u32 = 10;
    pub(crate) const TUPLE: u32 = 11;
    pub(crate) const UUID: u32 = 12;
}

pub(crate) const fn of(view: &View<'_>) -> u32 {
    match view {
        View::Array(_) => tag::ARRAY,
        View::BigInt(_) => tag::BIG_INT,
        View::Bool(_) => tag::BOOL,
        View::Bytes(_) => tag::BYTES,
        View::Datetime(_) => tag::DATETIME,
        View::Float(_) => tag::FLOAT,
        View::Int(_) => tag::INT,
        View::NaiveDatetime(_) => tag::NAIVE_DATETIME,
        View::Null => tag::NULL,
        View::Object(_) => tag::OBJECT,
        View::String(_) => tag::STRING,
        View::Tuple(_) => tag::TUPLE,
        View::Uuid(_) => tag::UUID,
    }
}

/// Reads a text that stands under one of these names.
pub(crate) fn text<'de, D, T>(
    deserializer: D,
    name: &'static str,
    wanted: &'static str,
    parse: fn(&str) -> Result<T, Error>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    let read = deserializer.deserialize_newtype_struct(name, TextVisitor { wanted, parse })?;
    read.map_err(|error| de::Error::custom(error.message()))
}

struct TextVisitor<T> {
    wanted: &'static str,
    parse: fn(&str) -> Result<T, Error>,
}

impl<'de, T> Visitor<'de> for TextVisitor<T> {
    type Value = Result<T, Error>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wanted)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok((self.parse)(text))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
        inner.deserialize_str(self)
    }
}
