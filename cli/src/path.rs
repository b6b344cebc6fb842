//! Paths with their parameters, as `Layout::resolve` reads them.

use nestkey::core::{
    error::{Error, ErrorKind, Result},
    json,
    key::param::Given,
    layout::{EntryId, Layout, Namespace},
};

use crate::args::Global;

/// The prefix of `--prefix` with its separator; empty when there is none.
pub(crate) fn prefix(global: &Global) -> String {
    match global.prefix.as_deref().unwrap_or_default() {
        "" => String::new(),
        prefix if prefix.ends_with(':') => prefix.to_owned(),
        prefix => format!("{prefix}:"),
    }
}

/// The path of an entry with parameters from the root down: `user(7).messages.message(42)`.
///
/// # Errors
///
/// A parameter of bytes that are no text: paths are text.
pub(crate) fn spelled(layout: &Layout, entry: EntryId, params: &[Given]) -> Result<String> {
    let entry = layout.entry(entry)?;
    let mut steps = vec![(&entry.name, entry.params.len())];
    let mut above: Option<&Namespace> = layout.namespace(entry.namespace).ok();
    while let Some(namespace) = above {
        steps.push((&namespace.name, namespace.params.len()));
        above = namespace.parent.and_then(|parent| layout.namespace(parent).ok());
    }
    let mut params = params.iter();
    let mut path = String::new();
    // The root has neither a name nor parameters.
    for (name, count) in steps.into_iter().rev().skip(1) {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
        if count > 0 {
            let given: Result<Vec<_>> = params.by_ref().take(count).map(given).collect();
            path.push_str(&format!("({})", given?.join(", ")));
        }
    }
    Ok(path)
}

fn given(given: &Given) -> Result<String> {
    match given {
        Given::Bool(value) => Ok(value.to_string()),
        Given::Bytes(bytes) => std::str::from_utf8(bytes).map(quoted).map_err(|_| {
            let message = "a parameter of bytes that are no text can only be shown by --json";
            Error::new(ErrorKind::InvalidUtf8, message)
        }),
        Given::Int(value) => Ok(value.to_string()),
        Given::String(text) | Given::Uuid(text) => Ok(quoted(text)),
        _ => Err(Error::new(ErrorKind::Unsupported, "a parameter of a type without a spelling")),
    }
}

/// The text as it is, or quoted where a path would read something else.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = !text.is_empty()
        && text.trim() == text
        && !text.contains(|c: char| c.is_control() || matches!(c, ',' | '=' | '(' | ')' | '"'));
    if is_plain {
        return text.to_owned();
    }
    let mut shown = String::new();
    json::quote(text, |piece| shown.push_str(piece));
    shown
}
