use alloc::vec::Vec;

use crate::{error::Error, layout::EntryId, value::Payload};

/// Which call of nested pipelines a job is for: the index at each level; empty outside of any.
pub type Place = Vec<u16>;

/// What a plan asks its host to compute.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Job {
    /// The new value of an entry, by the call's own closure, from the present one if there is one.
    Value(Option<Payload>),
}

/// What a job came to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// It could not be computed.
    Failed(Error),
    /// The computed value.
    Value(Payload),
}

/// Something that the layout let pass instead of failing.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Note {
    /// The entry it happened on.
    pub entry: EntryId,
    /// What was let pass.
    pub kind: NoteKind,
    /// What would have been the error.
    pub error: Error,
}

/// What was let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoteKind {
    /// A stored value that cannot be read counted as missing.
    InvalidAsMissing,
    /// A value was computed and not stored, for want of a server.
    NotStored,
    /// A value counted as missing, for want of a server.
    UnavailableAsMissing,
}

impl NoteKind {
    /// The word in every language.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidAsMissing => "invalid-as-missing",
            Self::NotStored => "not-stored",
            Self::UnavailableAsMissing => "unavailable-as-missing",
        }
    }
}

/// Whether an error means that there is no server to talk to, rather than one that refuses.
pub(super) fn is_unavailable(error: &Error) -> bool {
    use crate::error::ErrorKind;
    matches!(error.kind(), ErrorKind::Busy | ErrorKind::Timeout | ErrorKind::Unreachable)
        || matches!(error.server_code(), "LOADING" | "CLUSTERDOWN" | "MASTERDOWN")
}
