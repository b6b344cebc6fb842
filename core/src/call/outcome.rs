use alloc::{string::String, vec::Vec};
use core::fmt;

use super::{Rotated, Verdict};
use crate::{
    error::Error,
    key::param::Given,
    layout::EntryId,
    value::{Form, Payload, Plaintext},
};

/// What a call or plan comes to. Its debug output shows no stored bytes and no keys.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// Yes or no.
    Bool(bool),
    /// Stored bytes.
    Bytes(Vec<u8>),
    /// What a clear did.
    Cleared(Cleared),
    /// How a secret is stored.
    Form(Form),
    /// A count.
    Int(i64),
    /// One key of a namespace, handed out while the plan goes on.
    Key(FoundKey),
    /// One outcome for each call of a pipeline or atomic group.
    Many(Vec<Result<Self, Error>>),
    /// The key is not there.
    Missing,
    /// A key without expiry.
    Persistent,
    /// What became of the secrets below a namespace.
    Rotated(Rotated),
    /// What a secret holds, or the hash of a password; `None` is a stored null.
    Secret(Option<Plaintext>),
    /// A word.
    Text(String),
    /// A time in milliseconds.
    Time(u64),
    /// The end of a plan that has handed out its items.
    Unit,
    /// A value.
    Value(Payload),
    /// Whether a password is the one.
    Verdict(Verdict),
}

/// One key below a namespace, and what the layout knows of it. Its debug output shows its entry alone.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct FoundKey {
    /// The key as the server has it.
    pub key: String,
    /// Its entry.
    pub entry: EntryId,
    /// All parameters from the root down, in the order of the whole template.
    pub params: Vec<Given>,
}

impl FoundKey {
    /// A key with what [`Layout::parse`](crate::layout::Layout::parse) knows of it.
    pub fn new(key: impl Into<String>, entry: EntryId, params: Vec<Given>) -> Self {
        Self { key: key.into(), entry, params }
    }
}

/// What a clear did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cleared {
    /// How many keys are gone.
    pub removed: u64,
    /// How many keys it saw that the layout does not know; gone as well when that was asked for.
    pub strays: u64,
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(is_so) => write!(f, "Bool({is_so})"),
            Self::Bytes(bytes) => write!(f, "Bytes({} B)", bytes.len()),
            Self::Cleared(cleared) => cleared.fmt(f),
            Self::Form(form) => write!(f, "Form({form})"),
            Self::Int(count) => write!(f, "Int({count})"),
            Self::Key(found) => found.fmt(f),
            Self::Many(results) => f.debug_list().entries(results).finish(),
            Self::Missing => f.write_str("Missing"),
            Self::Persistent => f.write_str("Persistent"),
            Self::Rotated(rotated) => rotated.fmt(f),
            Self::Secret(secret) => write!(f, "Secret({secret:?})"),
            Self::Text(word) => write!(f, "Text({word:?})"),
            Self::Time(ms) => write!(f, "Time({ms} ms)"),
            Self::Unit => f.write_str("Unit"),
            Self::Value(payload) => payload.fmt(f),
            Self::Verdict(verdict) => verdict.fmt(f),
        }
    }
}

impl fmt::Debug for FoundKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FoundKey({:?}, {} parameters)", self.entry, self.params.len())
    }
}
