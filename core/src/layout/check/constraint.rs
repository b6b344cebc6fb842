//! Constraints: whether they suit the type and each other.

use alloc::{format, vec::Vec};

use super::Checker;
use crate::{
    json::{Node, Value},
    layout::{
        read::{At, DeclaredConstraints},
        readable::Word,
    },
    quote::quoted,
    types::{Constraints, Format, Shape, Type, WordList},
    value,
};

/// What the lists of a type hold.
#[derive(Clone, Copy)]
pub(super) enum Words {
    Numbers,
    Texts,
}

impl Checker<'_, '_> {
    pub(super) fn constraints(
        &mut self,
        declared: &DeclaredConstraints<'_>,
        words: Words,
        path: &str,
    ) -> Constraints {
        let one_of = self.word_list("one_of", declared.one_of.as_ref(), words, path);
        let none_of = self.word_list("none_of", declared.none_of.as_ref(), words, path);
        let mut built = Constraints {
            min: declared.min.as_ref().map(|at| at.is),
            max: declared.max.as_ref().map(|at| at.is),
            one_of,
            none_of,
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

    /// The words of a list that are of the form that its type has.
    fn word_list(
        &mut self,
        name: &str,
        declared: Option<&At<Vec<At<Word<'_>>>>>,
        words: Words,
        path: &str,
    ) -> WordList {
        let mut list = Vec::new();
        for At { at, is: Word { text, is_number } } in declared.iter().flat_map(|list| &list.is) {
            match (words, is_number) {
                (Words::Numbers, false) => {
                    let message = format!("`{name}` of integers holds {}", quoted(text));
                    self.issues.add(*at, path, message);
                }
                (Words::Texts, true) => {
                    let message = format!("`{name}` of texts holds the number {text}");
                    self.issues.add(*at, path, message);
                }
                _ => list.push(*text),
            }
        }
        list.into_iter().collect()
    }

    /// The constraints of a value, which must suit its type and each other.
    pub(super) fn value_constraints(
        &mut self,
        declared: &DeclaredConstraints<'_>,
        ty: &Type,
        at: u32,
        path: &str,
    ) -> Constraints {
        let ints = matches!(ty.shape, Shape::Int | Shape::Int64);
        let words = if ints { Words::Numbers } else { Words::Texts };
        let built = self.constraints(declared, words, path);
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
        if texts || ints {
            self.refuse_useless(&built, ty, at, path);
        }
        built
    }

    /// Refuses what stands in a list and could be no value anyway.
    fn refuse_useless(&mut self, built: &Constraints, ty: &Type, at: u32, path: &str) {
        let mut unlisted = built.clone();
        (unlisted.one_of, unlisted.none_of) = Default::default();
        let ints = !matches!(ty.shape, Shape::String);
        for (name, list) in [("one_of", &built.one_of), ("none_of", &built.none_of)] {
            for word in &**list {
                let value =
                    if ints { Value::Number(word.clone()) } else { Value::String(word.clone()) };
                let fits = value::plain::from_json(&Node { at, value }, ty, &self.records)
                    .and_then(|payload| {
                        value::fit(&payload, ty, &unlisted, &self.records).map(drop)
                    });
                let is_listed = name == "one_of" && built.none_of.contains(word);
                if fits.is_err() || is_listed {
                    let word = quoted(word);
                    let message = format!("{word} of `{name}` is refused by the type or the rest");
                    self.issues.add(at, path, message);
                }
            }
        }
    }
}
