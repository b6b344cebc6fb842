use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{SeqAccess, Visitor, value::SeqAccessDeserializer},
};

use super::token;

/// A sequence that is stored as a tuple, which Python reads as one.
///
/// Rust's own tuples are stored as arrays, unless the entry declares the type `tuple`.
///
/// ```
/// # use nestkey::{Client, Layout, value::Tuple};
/// # let layout = Layout::from_json(r#"{"keys": {"point": {"type": "any"}}}"#)?;
/// # let root = Client::memory().0.bind(&layout);
/// let point = root.entry("point")?;
/// point.set(Tuple((1, 2.5))).wait()?;
/// assert_eq!(point.value_type().wait()?.as_deref(), Some("tuple"));
/// let Tuple((x, y)): Tuple<(i64, f64)> = point.get().wait()?;
/// assert_eq!((x, y), (1, 2.5));
/// # Ok::<(), nestkey::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tuple<T>(pub T);

impl<T: Serialize> Serialize for Tuple<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(token::TUPLE, &self.0)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Tuple<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(token::TUPLE, TupleVisitor(PhantomData))
    }
}

struct TupleVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for TupleVisitor<T> {
    type Value = Tuple<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a tuple")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Tuple<T>, D::Error> {
        T::deserialize(inner).map(Tuple)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Tuple<T>, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(items)).map(Tuple)
    }
}
