//! Values of types that Rust's own do not cover, and values of any type.

mod any;
mod bytes;
mod datetime;
pub(crate) mod name;
pub(crate) mod token;
mod tuple;
mod uuid;

pub use self::{
    any::Value,
    bytes::Bytes,
    datetime::{DateTime, NaiveDateTime},
    tuple::Tuple,
    uuid::Uuid,
};
