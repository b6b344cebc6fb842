//! What a parameter's value must satisfy besides its type, asked by rendering and decoding alike.

use alloc::{format, string::String};

use super::{
    param::{ParamSpec, ParamType},
    write_int,
};
use crate::types::{Format, WordList};

/// The constraint that a value of the right type does not satisfy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breach {
    Format(Format),
    Length(u32),
    NoneOf,
    OneOf,
    Range,
    Verbatim,
}

impl ParamSpec {
    /// The constraint that a text breaks.
    pub(super) fn text_breach(&self, text: &str) -> Option<Breach> {
        let constraints = &self.constraints;
        if self.is_verbatim() && !text.chars().all(stands_verbatim) {
            return Some(Breach::Verbatim);
        }
        if let Some(format) = constraints.format
            && !text.is_empty()
            && !format.matches(text)
        {
            return Some(Breach::Format(format));
        }
        if let Some(most) = constraints.max_length
            && text.len() > most as usize
            && text.chars().count() > most as usize
        {
            return Some(Breach::Length(most));
        }
        self.list_breach(text.as_bytes())
    }

    /// The constraint that bytes break.
    pub(super) fn bytes_breach(&self, bytes: &[u8]) -> Option<Breach> {
        match self.constraints.max_length {
            Some(most) if bytes.len() > most as usize => Some(Breach::Length(most)),
            _ => self.list_breach(bytes),
        }
    }

    /// The constraint that an integer breaks.
    #[inline]
    pub(super) fn int_breach(&self, value: i128) -> Option<Breach> {
        let (least, greatest) = self.bounds();
        if value < least || value > greatest {
            return Some(Breach::Range);
        }
        if self.has_no_lists() {
            return None;
        }
        // In range, so the magnitude fits.
        write_int(value.unsigned_abs() as u64, value < 0, |digits| self.list_breach(digits))
    }

    /// Whether `one_of` or `none_of` refuses the canonical text of a value.
    #[inline]
    pub(super) fn list_breach(&self, text: &[u8]) -> Option<Breach> {
        if self.has_no_lists() {
            return None;
        }
        let among = |list: &WordList| match self.ty {
            ParamType::Uuid => list.contains_in_any_case(text),
            _ => list.contains_bytes(text),
        };
        if !self.constraints.one_of.is_empty() && !among(&self.constraints.one_of) {
            return Some(Breach::OneOf);
        }
        among(&self.constraints.none_of).then_some(Breach::NoneOf)
    }

    #[inline]
    fn has_no_lists(&self) -> bool {
        self.constraints.one_of.is_empty() && self.constraints.none_of.is_empty()
    }

    /// What the parameter wants, as the end of "wants …".
    pub(super) fn wanted(&self, breach: Option<Breach>) -> String {
        match (breach, self.ty) {
            (Some(Breach::Format(format)), _) => format!("a text of the format {}", format.name()),
            (Some(Breach::Length(most)), ParamType::Bytes) => format!("at most {most} bytes"),
            (Some(Breach::Length(most)), _) => format!("at most {most} characters"),
            (Some(Breach::NoneOf), _) => "a value that is not among its `none_of`".into(),
            (Some(Breach::OneOf), _) => format!("one of {}", self.constraints.one_of.shown()),
            (Some(Breach::Verbatim), _) => {
                "text without `:`, glob and control characters, as it is not encoded".into()
            }
            (Some(Breach::Range) | None, ParamType::Int) => {
                let (least, greatest) = self.bounds();
                format!("a decimal integer from {least} to {greatest}")
            }
            (Some(Breach::Range) | None, ParamType::Bool) => "true or false".into(),
            (Some(Breach::Range) | None, ParamType::Bytes) => "bytes".into(),
            (Some(Breach::Range) | None, ParamType::String) => "a string or an integer".into(),
            (Some(Breach::Range) | None, ParamType::Uuid) => "a uuid with hyphens".into(),
        }
    }
}

/// Whether a character may stand in a key without encoding.
pub(super) fn stands_verbatim(character: char) -> bool {
    !matches!(character, ':' | '*' | '?' | '[' | ']' | '\\' | '^') && !character.is_control()
}
