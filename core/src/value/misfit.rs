//! A value that does not fit, and the place inside it.

use alloc::{format, string::String};

use crate::{
    error::{Error, ErrorKind},
    types::{Record, Shape, Type},
};

/// Why a value does not fit; the place is put together on the way out.
#[derive(Debug)]
pub(super) struct Misfit {
    place: String,
    message: String,
}

pub(super) type Result<T> = core::result::Result<T, Misfit>;

impl Misfit {
    #[cold]
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { place: String::new(), message: message.into() }
    }

    /// Another type than declared.
    #[cold]
    pub(super) fn wrong(found: &str, wanted: &Type, records: &[Record]) -> Self {
        Self::new(format!("wanted {}, got {found}", wanted.display(records)))
    }

    /// It happened in a declared field.
    #[cold]
    pub(super) fn in_field(mut self, name: &str) -> Self {
        self.place.insert_str(0, name);
        self.place.insert(0, '.');
        self
    }

    /// It happened in an element.
    #[cold]
    pub(super) fn in_element(mut self, index: usize) -> Self {
        self.place.insert_str(0, &format!("[{index}]"));
        self
    }

    /// It happened in a member of an open object, whose names are data: they are not shown.
    #[cold]
    pub(super) fn in_member(mut self) -> Self {
        self.place.insert_str(0, ".*");
        self
    }

    /// It happened in a member: of a record, or of an open object.
    #[cold]
    pub(super) fn in_member_of(self, ty: &Type, name: &str) -> Self {
        match ty.shape {
            Shape::Record(_) => self.in_field(shown(name)),
            _ => self.in_member(),
        }
    }

    /// A record has no field of that name.
    #[cold]
    pub(super) fn unknown_field(name: &str) -> Self {
        Self::new("an unknown field").in_field(shown(name))
    }

    #[cold]
    pub(super) fn into_error(self, kind: ErrorKind) -> Error {
        if self.place.is_empty() {
            return Error::new(kind, self.message);
        }
        Error::new(kind, format!("{} at `{}`", self.message, self.place))
    }
}

/// A name of a host's making: shown when it could have been declared, else it may be data.
fn shown(name: &str) -> &str {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.len() <= 64 && name.bytes().all(is_word) { name } else { "*" }
}

/// A builder's refusal.
impl From<Error> for Misfit {
    fn from(error: Error) -> Self {
        Self::new(error.message())
    }
}
