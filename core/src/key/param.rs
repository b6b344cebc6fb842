//! Parameters: what may fill a hole of a template.

use alloc::{borrow::ToOwned, format, string::String, vec::Vec};

use super::Key;
use crate::{
    quote::quoted,
    types::{Constraints, Format},
};

/// A declared parameter: its type, and what its values must satisfy besides.
///
/// ```
/// use nestkey_core::key::{Key, param::{Given, Param, ParamSpec, ParamType}};
/// let spec = ParamSpec::new("name", ParamType::String);
/// let mut key = Key::from("user:");
/// spec.render(Param::Str("a:b"), &mut key).unwrap();
/// assert_eq!(key.as_str(), "user:a%3Ab");
/// assert_eq!(spec.decode("a%3Ab"), Some(Given::String("a:b".into())));
/// assert_eq!(spec.decode("a%3ab"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParamSpec {
    /// Its name, which stands once in a whole template.
    pub name: String,
    /// Its type.
    pub ty: ParamType,
    /// What its values must satisfy besides.
    pub constraints: Constraints,
    /// Whether the empty text is a value, rendered `%-`; the format is not asked about it.
    pub allow_empty: bool,
    /// Whether text stands in the key as it is, for keys that older systems wrote.
    ///
    /// Such text is never empty and holds no `:`, no glob character (`*?[]\^`) and no control
    /// character; other Unicode text is allowed, so the key is UTF-8 and no longer ASCII.
    pub verbatim: bool,
    /// Whether its values stay out of errors, spans and logs.
    pub sensitive: bool,
    /// What it means, for people.
    pub doc: String,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ParamType {
    /// `true` or `false`.
    Bool,
    /// Bytes, percent-encoded.
    Bytes,
    /// An integer from `i64::MIN` to `u64::MAX`, in decimal.
    Int,
    /// Unicode text, percent-encoded.
    String,
    /// A UUID, in lower case with hyphens.
    Uuid,
}

/// A parameter as it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Param<'a> {
    /// `true` or `false`.
    Bool(bool),
    /// Bytes; a `string` parameter takes them where they are UTF-8.
    Bytes(&'a [u8]),
    /// An integer; a `string` parameter takes it as its decimal text.
    Int(i128),
    /// Text; the other types take it where it spells one of their values.
    Str(&'a str),
    /// A UUID.
    Uuid([u8; 16]),
}

/// A parameter as a key gives it back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Given {
    /// `true` or `false`.
    Bool(bool),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An integer from `i64::MIN` to `u64::MAX`.
    Int(i128),
    /// Unicode text.
    String(String),
    /// A UUID in lower case with hyphens.
    Uuid(String),
}

impl ParamSpec {
    /// A parameter without constraints.
    #[must_use]
    pub fn new(name: &str, ty: ParamType) -> Self {
        Self {
            name: name.to_owned(),
            ty,
            constraints: Constraints::default(),
            allow_empty: false,
            verbatim: false,
            sensitive: false,
            doc: String::new(),
        }
    }

    /// What contradicts itself in the declaration, one sentence each; none when it is sound.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let Constraints { min, max, max_length, format, .. } = &self.constraints;
        let is_text = self.ty == ParamType::String;
        let has_length = is_text || self.ty == ParamType::Bytes;
        let name = self.ty.name();
        let mut misfit = |misplaced: bool, what: &str| {
            if misplaced {
                problems.push(format!("{what} does not apply to a parameter of type {name}"));
            }
        };
        misfit(min.is_some() && self.ty != ParamType::Int, "`min`");
        misfit(max.is_some() && self.ty != ParamType::Int, "`max`");
        misfit(max_length.is_some() && !has_length, "`max_length`");
        misfit(format.is_some() && !is_text, "`format`");
        misfit(self.allow_empty && !has_length, "`allow_empty`");
        misfit(self.verbatim && !is_text, "the encoding `verbatim`");
        if self.verbatim && self.allow_empty {
            problems.push("`allow_empty` needs an encoding, `verbatim` has none".to_owned());
        }
        let (least, greatest) = self.bounds();
        if least > greatest {
            problems.push(format!("no integer lies from {least} to {greatest}"));
        }
        if *max_length == Some(0) {
            problems.push("`max_length` is 0, so no text fits".to_owned());
        }
        if *format == Some(Format::Ulid) && max_length.is_some_and(|length| length < 26) {
            problems.push("a ulid has 26 characters, more than `max_length`".to_owned());
        }
        self.misfits_of_lists(&mut problems);
        problems
    }

    /// Adds the members of `one_of` and `none_of` that the parameter could never take anyway.
    fn misfits_of_lists(&self, problems: &mut Vec<String>) {
        let Constraints { one_of, none_of, .. } = &self.constraints;
        let unlisted = self.unlisted();
        for (list, members) in [("one_of", one_of), ("none_of", none_of)] {
            for member in members.iter() {
                if let Err(error) = unlisted.render(Param::Str(member), &mut Key::new()) {
                    let member = quoted(member);
                    problems.push(format!("`{list}` has no use for {member}: {error}"));
                }
            }
        }
        if !one_of.is_empty() && one_of.iter().all(|member| none_of.contains(member)) {
            problems.push("`none_of` takes everything that `one_of` allows".to_owned());
        }
    }

    /// The same parameter without its lists of words, and without what is for people.
    pub(super) fn unlisted(&self) -> Self {
        let Constraints { min, max, max_length, format, .. } = self.constraints;
        Self {
            name: self.name.clone(),
            constraints: Constraints { min, max, max_length, format, ..Constraints::default() },
            sensitive: false,
            doc: String::new(),
            ..*self
        }
    }

    /// Whether text stands in the key as it is; other types have no such form.
    pub(crate) fn is_verbatim(&self) -> bool {
        self.verbatim && self.ty == ParamType::String
    }

    /// Whether the empty text, or no bytes at all, is a value.
    pub(crate) fn takes_empty(&self) -> bool {
        self.allow_empty
            && matches!(self.ty, ParamType::Bytes | ParamType::String)
            && !self.is_verbatim()
    }

    /// The least and the greatest integer; the other way round when there is none.
    pub(crate) fn bounds(&self) -> (i128, i128) {
        let (least, greatest) = (i128::from(i64::MIN), i128::from(u64::MAX));
        let Constraints { min, max, .. } = &self.constraints;
        (
            min.map_or(least, |min| min.clamp(least, greatest + 1)),
            max.map_or(greatest, |max| max.clamp(least - 1, greatest)),
        )
    }
}

impl ParamType {
    /// Every type, by name.
    pub const ALL: &'static [Self] =
        &[Self::Bool, Self::Bytes, Self::Int, Self::String, Self::Uuid];

    /// The name in layout files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Bytes => "bytes",
            Self::Int => "int",
            Self::String => "string",
            Self::Uuid => "uuid",
        }
    }

    /// The type of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|ty| ty.name() == name)
    }
}

impl Param<'_> {
    /// What was given, as a word for errors.
    pub(super) const fn noun(&self) -> &'static str {
        match self {
            Param::Bool(_) => "a bool",
            Param::Bytes(_) => "bytes",
            Param::Int(_) => "an integer",
            Param::Str(_) => "a string",
            Param::Uuid(_) => "a uuid",
        }
    }
}

impl<'a> From<&'a Given> for Param<'a> {
    fn from(given: &'a Given) -> Self {
        match given {
            Given::Bool(value) => Self::Bool(*value),
            Given::Bytes(bytes) => Self::Bytes(bytes),
            Given::Int(value) => Self::Int(*value),
            Given::String(text) | Given::Uuid(text) => Self::Str(text),
        }
    }
}

impl From<bool> for Param<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Self::Str(text)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(text: &'a String) -> Self {
        Self::Str(text)
    }
}

macro_rules! from_integers {
    ($($integer:ty)*) => {$(
        impl From<$integer> for Param<'_> {
            #[inline]
            fn from(value: $integer) -> Self {
                Self::Int(value.into())
            }
        }
    )*};
}

from_integers!(i8 i16 i32 i64 u8 u16 u32 u64);
