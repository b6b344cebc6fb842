//! Types of other crates, each behind a feature: to and from nestkey's own, and as parameters.
//!
//! What is finer than a microsecond is cut off, towards the past. Years before 1 and after 9999 are
//! refused, and so is an offset that the other crate cannot say.

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "time")]
mod time;
#[cfg(feature = "uuid")]
mod uuid;

#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
use nestkey_core::error::{Error, ErrorKind};

#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
#[cold]
fn beyond(what: &str) -> Error {
    Error::new(ErrorKind::InvalidValue, format!("a time that {what} cannot tell"))
}
