//! What a server answers: one form per thing, whatever the protocol or client.

use alloc::{string::String, vec::Vec};
use core::fmt;

use crate::{error::without_arguments, quote::visible};

/// One reply. A backend folds every variant of its client into these.
///
/// Debug output has the length of a bulk string alone: it may be a hash, or a secret in the clear.
#[derive(Clone, Default, PartialEq)]
pub enum Reply {
    /// An array, a set or a push, in order.
    Array(Vec<Self>),
    /// A RESP3 boolean.
    Bool(bool),
    /// A bulk string.
    Bulk(Vec<u8>),
    /// A RESP3 double.
    Double(f64),
    /// An error reply.
    Error(ServerError),
    /// An integer.
    Int(i64),
    /// A RESP3 map, in order.
    Map(Vec<(Self, Self)>),
    /// A null of any kind.
    #[default]
    Nil,
    /// A simple string such as `OK`.
    Status(String),
}

impl Reply {
    /// The status `OK`.
    #[must_use]
    pub fn ok() -> Self {
        Self::Status(String::from("OK"))
    }

    /// The error reply that a server writes as one line: its first word is the code.
    ///
    /// ```
    /// use nestkey_core::reply::Reply;
    /// let Reply::Error(error) = Reply::error("ERR syntax error") else { unreachable!() };
    /// assert_eq!((&error.code[..], &error.detail[..]), ("ERR", "syntax error"));
    /// ```
    #[must_use]
    pub fn error(line: &str) -> Self {
        let (code, detail) = line.split_once(' ').unwrap_or((line, ""));
        Self::Error(ServerError { code: code.into(), detail: detail.into() })
    }

    /// What kind of reply it is, for messages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Array(_) => "an array",
            Self::Bool(_) => "a boolean",
            Self::Bulk(_) => "a bulk string",
            Self::Double(_) => "a double",
            Self::Error(_) => "an error",
            Self::Int(_) => "an integer",
            Self::Map(_) => "a map",
            Self::Nil => "nil",
            Self::Status(_) => "a status",
        }
    }
}

/// An error reply: `WRONGTYPE Operation against …` is the code `WRONGTYPE` and the rest.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerError {
    /// The first word.
    pub code: String,
    /// Everything behind it.
    pub detail: String,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Array(items) => f.debug_list().entries(items).finish(),
            Self::Bool(value) => write!(f, "Bool({value})"),
            Self::Bulk(bytes) => write!(f, "Bulk({} B)", bytes.len()),
            Self::Double(number) => write!(f, "Double({number})"),
            Self::Error(error) => error.fmt(f),
            Self::Int(number) => write!(f, "Int({number})"),
            Self::Map(pairs) => {
                f.debug_map().entries(pairs.iter().map(|(name, value)| (name, value))).finish()
            }
            Self::Nil => f.write_str("Nil"),
            Self::Status(text) => write!(f, "Status({text})"),
        }
    }
}

/// Without the arguments that some servers quote.
impl fmt::Debug for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = without_arguments(&self.detail);
        write!(f, "Error({} {})", visible(&self.code), visible(detail))
    }
}
