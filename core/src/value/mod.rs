//! Values between a host's types and the stored bytes.
//!
//! A host builds a [`Payload`] with a [`Builder`], [`fit`] holds it against the declared type, and
//! [`envelope`] or [`bare`] make the stored bytes; reading goes the other way.

pub mod bare;
mod builder;
mod constraint;
pub mod datetime;
pub mod envelope;
mod fit;
mod float;
mod misfit;
pub mod number;
mod payload;
pub mod plain;
mod tape;
pub mod uuid;

pub use builder::Builder;
pub(crate) use fit::admit;
pub use fit::{check, fit};
pub use payload::{Items, Members, Payload, View};
pub mod stub;
pub use stub::*;
