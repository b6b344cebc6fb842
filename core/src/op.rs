//! An operation that decides nothing, as data: one row says how it is called, written and read.

use crate::{command::Class, types::Kind};

/// One operation: a command with its arguments, and what its reply says.
///
/// Everything that handles calls does so once for all rows: writing commands, reading replies, frames,
/// the JSON spelling, the methods in JavaScript and the command line. What decides something, such as
/// a `set`, is no row but a [`Verb`](crate::call::Verb) of its own.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Op {
    /// What it is called in every language; camel case in JavaScript.
    pub name: &'static str,
    /// The kind that has it; every kind that is a key where there is none.
    pub kind: Option<Kind>,
    /// The words of the command in front of the key.
    pub words: &'static [&'static str],
    /// What may be done with the command when its reply gets lost.
    pub class: Class,
    /// What stands behind the key, in the order of the wire.
    pub args: &'static [Arg],
    /// How its reply becomes an outcome.
    pub reply: Decode,
}

/// An argument as a row declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arg {
    /// A whole number below 2^32 behind a word of the command; both are left out where none is given.
    Count {
        /// What it is called in every language; camel case in JavaScript.
        name: &'static str,
        /// The word in front of it.
        word: &'static str,
    },
}

/// What a caller gives for an [`Arg`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operand {
    /// Nothing.
    Absent,
    /// A number.
    Int(i64),
}

/// How a reply becomes an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decode {
    /// Whether a count is above zero.
    Bool,
    /// A number, or that the key is missing.
    Size,
    /// A time of `TTL` and its family: -1 without an expiry, -2 where the key is missing.
    Time(Unit),
    /// A word, where `none` is a missing key.
    Word,
}

/// In which unit a server answers a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
}

impl Op {
    /// An operation of every kind that is a key, without arguments.
    pub(crate) const fn of_keys(
        name: &'static str,
        words: &'static [&'static str],
        class: Class,
        reply: Decode,
    ) -> Self {
        Self { name, kind: None, words, class, args: &[], reply }
    }

    /// The same with arguments.
    pub(crate) const fn with(self, args: &'static [Arg]) -> Self {
        Self { args, ..self }
    }

    /// Whether entries of a kind have it.
    #[must_use]
    pub fn is_of(&self, kind: Kind) -> bool {
        // A channel is no key.
        self.kind.map_or(kind != Kind::Channel, |own| own == kind)
    }
}
