use alloc::vec::Vec;

use crate::{
    error::{Error, ErrorKind},
    layout::EntryId,
    value::{Payload, Plaintext, password},
};

/// Which call of nested pipelines a job is for: the index at each level; empty outside of any.
pub type Place = Vec<u32>;

/// What a plan asks its host to compute.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Job {
    /// The bcrypt hash of a password, which takes long on purpose.
    Hash {
        /// The password.
        password: Plaintext,
        /// The logarithm of how often.
        cost: u8,
        /// Random bytes.
        salt: [u8; 16],
    },
    /// The new value of an entry, by the call's own closure, from the present one if there is one.
    Value(Option<Payload>),
    /// Whether a password has a bcrypt hash, which takes as long.
    Verify {
        /// The password.
        password: Plaintext,
        /// The hash.
        hash: Plaintext,
    },
}

impl Job {
    /// Does the work of a hash or verification on this thread.
    ///
    /// A value is computed by the call's own closure: as an answer here it fails.
    #[must_use]
    pub fn run(&self) -> Answer {
        let answer = match self {
            Self::Hash { password, cost, salt } => password::hash(password.expose(), *cost, *salt)
                .map(|hash| Answer::Hashed(Plaintext::new(hash.into_bytes()))),
            Self::Verify { password, hash } => {
                password::verify(password.expose(), hash.expose()).map(Answer::Verified)
            }
            Self::Value(_) => {
                let message = "this call computes a value, and brought no closure";
                Err(Error::new(ErrorKind::InvalidCall, message))
            }
        };
        answer.unwrap_or_else(Answer::Failed)
    }

    /// Whether it is the closure of a call that does it, rather than [`run`](Self::run).
    #[must_use]
    pub const fn is_closure(&self) -> bool {
        matches!(self, Self::Value(_))
    }
}

/// What a job came to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// It could not be computed.
    Failed(Error),
    /// The hash as text.
    Hashed(Plaintext),
    /// It is not done yet, and its caller waits no longer, for that reason.
    ///
    /// Where it goes on all the same the plan leaves a [`Rest`](super::Rest) that awaits it.
    Late(Error),
    /// The computed value.
    Value(Payload),
    /// Whether the password has the hash.
    Verified(bool),
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
    /// An older value was given, for want of a new one.
    NotRefreshed,
    /// A secret could not be sealed anew by a rotation.
    NotResealed,
    /// A value was computed and not stored, for want of a server.
    NotStored,
    /// A password is right, and its outdated hash could not be replaced.
    NotUpgraded,
    /// A value counted as missing, for want of a server.
    UnavailableAsMissing,
}

impl NoteKind {
    /// The word in every language.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidAsMissing => "invalid-as-missing",
            Self::NotRefreshed => "not-refreshed",
            Self::NotResealed => "not-resealed",
            Self::NotStored => "not-stored",
            Self::NotUpgraded => "not-upgraded",
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
