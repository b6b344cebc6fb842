//! What a value must satisfy besides its type.

use alloc::{format, string::ToString};
use core::fmt::Display;

use super::{
    View,
    misfit::{Misfit, Result},
    number,
};
use crate::types::{Constraints, WordList};

/// Holds a value against its constraints; those for other types do not touch it.
pub(super) fn satisfy(view: View<'_>, constraints: &Constraints) -> Result<()> {
    if *constraints == Constraints::default() {
        return Ok(());
    }
    match view {
        View::Array(items) | View::Tuple(items) => length(items.len(), "elements", constraints),
        View::Bytes(bytes) => length(bytes.len(), "bytes", constraints),
        View::Float(value) => {
            range(constraints, &|bound| value < bound as f64, &|bound| value > bound as f64)?;
            choice(constraints, &|words| {
                words.iter().any(|word| number::float(word) == Some(value))
            })
        }
        View::Int(value) => {
            range(constraints, &|bound| i128::from(value) < bound, &|bound| {
                i128::from(value) > bound
            })?;
            choice(constraints, &|words| {
                words.contains(&value.to_string()) || value == 0 && words.contains("-0")
            })
        }
        View::String(text) => {
            // Counting characters takes a while; bytes are never fewer.
            let limit = constraints.max_length.map_or(usize::MAX, |limit| limit as usize);
            if text.len() > limit {
                length(text.chars().count(), "characters", constraints)?;
            }
            if let Some(format) = constraints.format.filter(|format| !format.matches(text)) {
                return Err(Misfit::new(format!(
                    "a text that is not of the format {}",
                    format.name()
                )));
            }
            choice(constraints, &|words| words.contains(text))
        }
        View::Datetime(text) | View::NaiveDatetime(text) | View::Uuid(text) => {
            choice(constraints, &|words| words.contains(text))
        }
        View::BigInt(_) | View::Bool(_) | View::Null | View::Object(_) => Ok(()),
    }
}

fn length(length: usize, unit: &str, constraints: &Constraints) -> Result<()> {
    match constraints.max_length {
        Some(limit) if length > limit as usize => {
            Err(Misfit::new(format!("wanted at most {limit} {unit}, got {length}")))
        }
        _ => Ok(()),
    }
}

fn range(
    constraints: &Constraints,
    is_below: &dyn Fn(i128) -> bool,
    is_above: &dyn Fn(i128) -> bool,
) -> Result<()> {
    let beyond = |what: &str, bound: &dyn Display| {
        Err(Misfit::new(format!("wanted a number of at {what} {bound}")))
    };
    match (constraints.min, constraints.max) {
        (Some(min), _) if is_below(min) => beyond("least", &min),
        (_, Some(max)) if is_above(max) => beyond("most", &max),
        _ => Ok(()),
    }
}

fn choice(constraints: &Constraints, is_among: &dyn Fn(&WordList) -> bool) -> Result<()> {
    let Constraints { one_of, none_of, .. } = constraints;
    if !one_of.is_empty() && !is_among(one_of) {
        return Err(Misfit::new(format!("wanted one of {}", one_of.shown())));
    }
    if !none_of.is_empty() && is_among(none_of) {
        return Err(Misfit::new(format!("wanted none of {}", none_of.shown())));
    }
    Ok(())
}
