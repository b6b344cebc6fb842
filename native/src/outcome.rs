//! What calls give: core's outcomes as the types of callers.

use std::{
    marker::PhantomData,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use nestkey_core::{
    call::{Cleared, Outcome, Rotated},
    error::{Effect, Error, ErrorKind, Result},
    value::View,
};
use serde::de::DeserializeOwned;

use crate::{de, value::name::type_name};

/// A value, told apart from null and from a missing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<T> {
    /// The key is not there.
    Missing,
    /// Null is stored.
    Null,
    /// A value is stored.
    Value(T),
}

/// How long a key has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// That long.
    Left(Duration),
    /// The key is not there.
    Missing,
    /// It has no expiry.
    Persistent,
}

/// When a key expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expires {
    /// At that time.
    At(SystemTime),
    /// The key is not there.
    Missing,
    /// It has no expiry.
    Persistent,
}

impl<T> Lookup<T> {
    /// The value, if there is one.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing | Self::Null => None,
        }
    }

    /// Whether the key is not there.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

impl Lifetime {
    /// The time left, if there is an end.
    #[must_use]
    pub const fn left(self) -> Option<Duration> {
        match self {
            Self::Left(left) => Some(left),
            Self::Missing | Self::Persistent => None,
        }
    }
}

/// Reading an outcome.
pub(crate) trait Read {
    type Output;
    fn read(outcome: Outcome) -> Result<Self::Output>;
}

/// A value of the caller's type; `None` of an `Option` where the key is missing.
pub(crate) struct Value<T>(PhantomData<T>);
/// What stood there before a set, which has been carried out however this reads.
pub(crate) struct Previous<T>(PhantomData<T>);
/// How many.
pub(crate) struct Count;
/// A word, if the key is there.
pub(crate) struct Text;
/// A size, if the key is there.
pub(crate) struct Size;
/// Bytes, if the key is there.
pub(crate) struct Bytes;

impl<T: DeserializeOwned> Read for Value<T> {
    type Output = T;

    fn read(outcome: Outcome) -> Result<T> {
        match outcome {
            Outcome::Value(payload) => de::value(payload.view()),
            Outcome::Missing => de::missing().ok_or_else(|| {
                let name = type_name::<T>();
                let message = format!(
                    "the key is missing and there is no default: read it as Option<{name}>"
                );
                Error::new(ErrorKind::Missing, message).effect(Effect::Rejected)
            }),
            Outcome::Secret(_) => Err(is_secret()),
            _ => Err(unexpected()),
        }
    }
}

impl<T: DeserializeOwned> Read for Previous<T> {
    type Output = T;

    fn read(outcome: Outcome) -> Result<T> {
        Value::read(outcome)
            .map_err(|error| error.noted("the set itself was carried out").effect(Effect::Partial))
    }
}

impl<T: DeserializeOwned> Read for Lookup<T> {
    type Output = Self;

    fn read(outcome: Outcome) -> Result<Self> {
        match outcome {
            Outcome::Value(payload) => match payload.view() {
                View::Null => Ok(Self::Null),
                view => de::value(view).map(Self::Value),
            },
            Outcome::Missing => Ok(Self::Missing),
            Outcome::Secret(_) => Err(is_secret()),
            _ => Err(unexpected()),
        }
    }
}

impl Read for bool {
    type Output = Self;

    fn read(outcome: Outcome) -> Result<Self> {
        match outcome {
            Outcome::Bool(yes) => Ok(yes),
            _ => Err(unexpected()),
        }
    }
}

impl Read for Count {
    type Output = u64;

    fn read(outcome: Outcome) -> Result<u64> {
        match outcome {
            Outcome::Int(count) => Ok(count.unsigned_abs()),
            _ => Err(unexpected()),
        }
    }
}

impl Read for Rotated {
    type Output = Self;

    fn read(outcome: Outcome) -> Result<Self> {
        match outcome {
            Outcome::Rotated(rotated) => Ok(rotated),
            _ => Err(unexpected()),
        }
    }
}

impl Read for Cleared {
    type Output = Self;

    fn read(outcome: Outcome) -> Result<Self> {
        match outcome {
            Outcome::Cleared(cleared) => Ok(cleared),
            _ => Err(unexpected()),
        }
    }
}

impl Read for Text {
    type Output = Option<String>;

    fn read(outcome: Outcome) -> Result<Option<String>> {
        match outcome {
            Outcome::Text(text) => Ok(Some(text)),
            Outcome::Missing => Ok(None),
            _ => Err(unexpected()),
        }
    }
}

impl Read for Size {
    type Output = Option<u64>;

    fn read(outcome: Outcome) -> Result<Option<u64>> {
        match outcome {
            Outcome::Int(bytes) => Ok(Some(bytes.unsigned_abs())),
            Outcome::Missing => Ok(None),
            _ => Err(unexpected()),
        }
    }
}

impl Read for Bytes {
    type Output = Option<Vec<u8>>;

    fn read(outcome: Outcome) -> Result<Option<Vec<u8>>> {
        match outcome {
            Outcome::Bytes(bytes) => Ok(Some(bytes)),
            Outcome::Missing => Ok(None),
            _ => Err(unexpected()),
        }
    }
}

impl Read for Lifetime {
    type Output = Self;

    fn read(outcome: Outcome) -> Result<Self> {
        match outcome {
            Outcome::Time(ms) => Ok(Self::Left(Duration::from_millis(ms))),
            Outcome::Persistent => Ok(Self::Persistent),
            Outcome::Missing => Ok(Self::Missing),
            _ => Err(unexpected()),
        }
    }
}

impl Read for Expires {
    type Output = Self;

    fn read(outcome: Outcome) -> Result<Self> {
        match outcome {
            Outcome::Time(ms) => match UNIX_EPOCH.checked_add(Duration::from_millis(ms)) {
                Some(time) => Ok(Self::At(time)),
                None => Err(Error::new(
                    ErrorKind::UnexpectedReply,
                    "the key expires later than this system's clock can tell",
                )),
            },
            Outcome::Persistent => Ok(Self::Persistent),
            Outcome::Missing => Ok(Self::Missing),
            _ => Err(unexpected()),
        }
    }
}

#[cold]
fn is_secret() -> Error {
    let message = "the entry is a secret: read it with the handle that `secret` gives";
    Error::new(ErrorKind::InvalidCall, message).effect(Effect::Rejected)
}

/// The outcome's debug output could show stored bytes, so it is left out.
#[cold]
pub(crate) fn unexpected() -> Error {
    Error::new(ErrorKind::Internal, "a call came to an outcome of another call")
}
