//! What callers get out of what plans come to.

use std::fmt;

use nestkey_core::{
    call::{Outcome, Target},
    error::{Error, Result},
};

use crate::Root;

/// Makes what a caller gets out of what a plan comes to.
pub(crate) enum Reader<T> {
    /// As the call has it.
    Own(Read<T>),
    /// With the caller's own function behind it.
    Mapped(Box<dyn FnOnce(Outcome) -> Result<T> + Send>),
}

/// What makes the result of a call that nobody maps.
pub(crate) type Read<T> = fn(Outcome) -> Result<T>;

/// A reader that says in its errors whose outcome it was.
#[doc(hidden)]
pub struct Reading<T> {
    reader: Reader<T>,
    root: Root,
    target: Option<Target>,
}

impl<T: 'static> Reader<T> {
    pub(crate) fn map<U>(self, with: impl FnOnce(T) -> U + Send + 'static) -> Reader<U> {
        Reader::Mapped(Box::new(move |outcome| self.read(outcome).map(with)))
    }
}

impl<T> Reader<T> {
    fn read(self, outcome: Outcome) -> Result<T> {
        match self {
            Self::Own(read) => read(outcome),
            Self::Mapped(read) => read(outcome),
        }
    }
}

impl<T> Reading<T> {
    pub(crate) const fn new(reader: Reader<T>, root: Root, target: Option<Target>) -> Self {
        Self { reader, root, target }
    }

    pub(crate) fn located(&self, error: Error) -> Error {
        self.root.located(error, self.target)
    }

    pub(crate) fn read(self, outcome: Outcome) -> Result<T> {
        self.reader.read(outcome).map_err(|error| self.root.located(error, self.target))
    }
}

impl<T> fmt::Debug for Reading<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reading")
    }
}
