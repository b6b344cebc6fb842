//! What calls on secrets and passwords say and come to.

use alloc::vec::Vec;

use super::Condition;
use crate::{
    key::Key,
    ttl::Expiry,
    value::{Form, Plaintext},
};

/// Storing a secret, sealed for its key.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Seal {
    /// The plaintext, or null.
    pub value: Option<Plaintext>,
    /// What happens to the expiry.
    pub expiry: Expiry,
    /// Under which condition it is stored.
    pub condition: Condition,
}

/// Storing the bcrypt hash of a password.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SetPassword {
    /// The password, or its hash.
    pub password: Password,
    /// What happens to the expiry.
    pub expiry: Expiry,
    /// Under which condition the hash is stored.
    pub condition: Condition,
}

/// A password before and after hashing.
#[derive(Clone, Debug, PartialEq)]
pub enum Password {
    /// A bcrypt hash, stored as it is: `$2a$`, `$2b$` or `$2y$`, up to cost 15.
    Hashed(Plaintext),
    /// A password of at most 72 bytes without NUL, to be hashed.
    Plain(Plaintext),
}

/// Holding a password against the stored hash.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verify {
    /// The password, at most 72 bytes without NUL.
    pub password: Plaintext,
    /// Whether a hash that wants an upgrade is replaced, if it still stands there.
    pub upgrade: bool,
}

/// Sealing a secret anew that was moved here from another key.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rebind {
    /// The key that it was sealed for.
    pub from: Key,
}

/// Whether a password is the one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No hash is stored.
    Missing,
    /// It is another one.
    No,
    /// It is the one.
    Yes {
        /// Whether the stored hash is weaker than the layout wants it.
        wants_upgrade: bool,
    },
}

/// What became of the secrets below a namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rotated {
    /// How many are sealed anew.
    pub resealed: u64,
    /// How many could not be, each with a note.
    pub failed: u64,
    /// How many there are of each form now, those that failed left aside.
    pub forms: Vec<(Form, u64)>,
}

impl Seal {
    /// A secret with the expiry that the layout declares.
    #[must_use]
    pub fn new(value: Option<Plaintext>) -> Self {
        Self { value, expiry: Expiry::default(), condition: Condition::default() }
    }
}

impl SetPassword {
    /// A password with the expiry that the layout declares.
    #[must_use]
    pub fn new(password: Password) -> Self {
        Self { password, expiry: Expiry::default(), condition: Condition::default() }
    }
}

impl Verify {
    /// A password to be held against the stored hash, which stays as it is.
    #[must_use]
    pub const fn new(password: Plaintext) -> Self {
        Self { password, upgrade: false }
    }
}

impl Rebind {
    /// A secret that was sealed for that key.
    #[must_use]
    pub const fn new(from: Key) -> Self {
        Self { from }
    }
}

impl Verdict {
    /// The word in every language: `yes`, `no` or `missing`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::No => "no",
            Self::Yes { .. } => "yes",
        }
    }

    /// Whether it is the one.
    #[must_use]
    pub const fn is_yes(self) -> bool {
        matches!(self, Self::Yes { .. })
    }
}

impl Rotated {
    /// Counts one more of a form.
    pub fn count(&mut self, form: Form) {
        match self.forms.iter_mut().find(|(known, _)| *known == form) {
            Some((_, count)) => *count += 1,
            None => self.forms.push((form, 1)),
        }
    }
}
