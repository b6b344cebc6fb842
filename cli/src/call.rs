//! Calls from words and options, by way of their JSON spelling.

use std::io::Read;

use nestkey::core::{
    call::{Call, Target},
    error::{Error, ErrorKind},
    json::{self as tree, Node, Value},
    layout::Layout,
    types::Shape,
};

use crate::{
    failure::{Failure, Result},
    json::Object,
};

/// The beginning of a call in its JSON spelling.
pub(crate) fn named(call: &str, path: &str) -> Object {
    Object::default().with("call", Node::string(call)).with("path", Node::string(path))
}

/// The call that a spelling means.
pub(crate) fn read(spelling: Object, layout: &Layout, prefix: &str) -> Result<Call> {
    Ok(Call::from_json(&spelling.node(), layout, prefix)?)
}

/// Adds the value of a `set`, given as JSON, as a bare word, or as `-` for standard input.
pub(crate) fn with_value(
    spelling: Object,
    path: &str,
    given: &str,
    layout: &Layout,
    prefix: &str,
) -> Result<Object> {
    let (target, _) = layout.resolve(path, prefix)?;
    let shape = match target {
        Target::Entry(id) => Some(&layout.entry(id)?.ty.shape),
        Target::Namespace(_) => None,
    };
    let from_stdin;
    let given = if given == "-" {
        from_stdin = standard_input()?;
        &from_stdin
    } else {
        given
    };
    let value = value(given, shape).map_err(|error| error.at_path(path))?;
    Ok(spelling.with("value", value))
}

fn value(given: &str, shape: Option<&Shape>) -> nestkey::core::error::Result<Node> {
    let is_spelled_as_text = matches!(
        shape,
        Some(Shape::Bytes | Shape::Datetime | Shape::NaiveDatetime | Shape::String | Shape::Uuid)
    );
    match tree::read(given.as_bytes()) {
        Ok(node) => match (shape, &node.value) {
            (Some(Shape::String), Value::String(_) | Value::Null) => Ok(node),
            (Some(Shape::String), _) => {
                let message = format!(
                    "a string is wanted, not {}: text that reads as JSON is quoted, '\"…\"'",
                    node.describe()
                );
                Err(Error::new(ErrorKind::InvalidValue, message))
            }
            _ => Ok(node),
        },
        Err(_) if is_spelled_as_text => Ok(Node::string(given)),
        Err(error) => {
            let message = format!("the value is not JSON: {}", error.message());
            Err(Error::new(ErrorKind::InvalidValue, message))
        }
    }
}

/// All of standard input, without the line break at its end.
fn standard_input() -> Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::Io { name: "standard input".to_owned(), error })?;
    let end = text
        .strip_suffix('\n')
        .map_or(text.len(), |rest| rest.strip_suffix('\r').unwrap_or(rest).len());
    text.truncate(end);
    Ok(text)
}
