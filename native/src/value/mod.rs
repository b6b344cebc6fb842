//! Values of types that Rust's own do not cover, and values of any type.

mod any;
mod bytes;
mod datetime;
pub(crate) mod name;
pub mod secret;
mod stored;
pub(crate) mod token;
mod tuple;
mod uuid;

pub(crate) use self::stored::named;
pub use self::{
    any::Value,
    bytes::Bytes,
    datetime::{DateTime, NaiveDateTime},
    secret::Secret,
    stored::{Type, deserialize, deserialize_typed, serialize, serialize_typed},
    tuple::Tuple,
    uuid::Uuid,
};
