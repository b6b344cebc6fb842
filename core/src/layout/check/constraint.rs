//! Constraints: whether they suit the type and each other.

use alloc::{format, vec::Vec};

use super::Checker;
use crate::{
    json::{Node, Value},
    layout::read::{At, DeclaredConstraints},
    types::{Constraints, Format, Shape, Type, WordList},
    value,
};

impl Checker<'_, '_> {
    pub(super) fn constraints(
        &mut self,
        declared: &DeclaredConstraints<'_>,
        path: &str,
    ) -> Constraints {
        let list = |declared: &Option<At<Vec<&str>>>| {
            declared.as_ref().map_or_else(WordList::default, |at| at.is.iter().copied().collect())
        };
        let mut built = Constraints {
            min: declared.min.as_ref().map(|at| at.is),
            max: declared.max.as_ref().map(|at| at.is),
            one_of: list(&declared.one_of),
            none_of: list(&declared.none_of),
            ..Constraints::default()
        };
        if let Some(At { at, .. }) = declared.one_of.as_ref().filter(|at| at.is.is_empty()) {
            self.issues.add(*at, path, "`one_of` is empty, so nothing fits");
        }
        if let Some(At { at, is }) = declared.max_length {
            built.max_length = u32::try_from(is).ok().filter(|max| *max > 0);
            if built.max_length.is_none() {
                self.issues.add(at, path, "`max_length` is at least 1");
            }
        }
        if let Some(At { at, is }) = declared.format {
            built.format = Format::parse(is);
            if built.format.is_none() {
                self.unknown(at, path, "format", is, &mut Format::ALL.iter().map(|f| f.name()));
            }
        }
        built
    }

    /// The constraints of a value, which must suit its type and each other.
    pub(super) fn value_constraints(
        &mut self,
        declared: &DeclaredConstraints<'_>,
        ty: &Type,
        at: u32,
        path: &str,
    ) -> Constraints {
        let built = self.constraints(declared, path);
        let ints = matches!(ty.shape, Shape::Int | Shape::Int64);
        let texts = matches!(ty.shape, Shape::String);
        let lengths = texts || matches!(ty.shape, Shape::Array(_) | Shape::Bytes);
        let choices = declared.one_of.is_some() || declared.none_of.is_some();
        let numbers = ints || matches!(ty.shape, Shape::Float);
        for (used, allowed, what) in [
            (built.min.or(built.max).is_some(), numbers, "`min` and `max` are for numbers"),
            (built.format.is_some(), texts, "`format` is for strings"),
            (built.max_length.is_some(), lengths, "`max_length` is for what has a length"),
            (choices, texts || ints, "`one_of` and `none_of` are for strings and integers"),
        ] {
            if used && !allowed {
                self.issues.add(at, path, what);
            }
        }
        if let (Some(min), Some(max)) = (built.min, built.max)
            && min > max
        {
            self.issues.add(at, path, format!("`min` {min} is greater than `max` {max}"));
        }
        let mut unlisted = built.clone();
        unlisted.one_of = WordList::default();
        for choice in &*built.one_of {
            let node =
                if ints { Value::Number(choice.clone()) } else { Value::String(choice.clone()) };
            let fits = value::plain::from_json(&Node { at, value: node }, ty, &self.records)
                .and_then(|payload| value::fit(&payload, ty, &unlisted, &self.records).map(drop));
            if (texts || ints) && fits.is_err() {
                let message = format!("`{choice}` of `one_of` is refused by the type or the rest");
                self.issues.add(at, path, message);
            }
        }
        built
    }
}
