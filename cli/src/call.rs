//! Calls from words and options, by way of their JSON spelling.

use std::io::{self, Read};

use nestkey::core::{
    call::{Call, Password, Target, Verb},
    error::{Error, ErrorKind},
    json::{self as tree, Node, Value},
    layout::Layout,
    types::{Kind, Shape, Type},
    value::Plaintext,
};

use crate::{
    failure::{Failure, Result},
    json::Object,
    prompt::{Asked, hidden},
};

/// The beginning of a call in its JSON spelling.
pub(crate) fn named(call: &str, path: &str) -> Object {
    Object::default().with("call", Node::string(call)).with("path", Node::string(path))
}

/// The call that a spelling means.
pub(crate) fn read(spelling: Object, layout: &Layout, prefix: &str) -> Result<Call> {
    Ok(Call::from_json(&spelling.node(), layout, prefix)?)
}

/// The `set` of a value given as JSON, as a bare word, or as `-` for standard input.
///
/// Secrets and passwords come from standard input alone, where they are taken as they stand; on a
/// terminal they are asked for.
pub(crate) fn storing(
    spelling: Object,
    path: &str,
    given: &str,
    layout: &Layout,
    prefix: &str,
) -> Result<Call> {
    let (target, _) = layout.resolve(path, prefix)?;
    // Not as it was typed: parameters may be sensitive.
    let path = layout.path_of(target);
    let (kind, ty) = match target {
        Target::Entry(id) => {
            let entry = layout.entry(id)?;
            (entry.kind, Some(&entry.ty))
        }
        Target::Namespace(_) => (Kind::Value, None),
    };
    let is_null = kind == Kind::Secret && given == "null";
    if matches!(kind, Kind::Password | Kind::Secret) && !is_null {
        require_stdin(kind, path, given)?;
        // Text in a spelling would outlive the call.
        let mut call = read(spelling.with("value", Node::string("")), layout, prefix)?;
        let plaintext = match hidden(&format!("The {} for {path}", kind.name()), Asked::Twice)? {
            Some(typed) => typed,
            None => secret(ty.map(|ty| &ty.shape))?,
        };
        fill(&mut call.verb, plaintext);
        return Ok(call);
    }
    let from_stdin;
    let given = if given == "-" {
        from_stdin = text(standard_input()?.expose())?;
        &from_stdin
    } else {
        given
    };
    let value = value(given, ty, layout).map_err(|error| error.at_path(path))?;
    read(spelling.with("value", value), layout, prefix)
}

/// The `verify` of a password that is on standard input, or typed where that is a terminal.
pub(crate) fn verifying(
    spelling: Object,
    path: &str,
    given: &str,
    layout: &Layout,
    prefix: &str,
) -> Result<Call> {
    let (target, _) = layout.resolve(path, prefix)?;
    // Not as it was typed: parameters may be sensitive.
    let path = layout.path_of(target);
    require_stdin(Kind::Password, path, given)?;
    let mut call = read(spelling.with("password", Node::string("")), layout, prefix)?;
    let password = match hidden(&format!("The password of {path}"), Asked::Once)? {
        Some(typed) => typed,
        None => standard_input()?,
    };
    fill(&mut call.verb, password);
    Ok(call)
}

/// Refuses what every user of a machine may see, and the history of a shell keeps.
fn require_stdin(kind: Kind, path: &str, given: &str) -> Result {
    if given == "-" {
        return Ok(());
    }
    let kind = kind.name();
    Err(Failure::usage(format!(
        "{path}: a {kind} is not for the command line, where others can see it: `-` reads it from \
         standard input"
    )))
}

/// Whether a call carries the plaintext of a secret or a password.
pub(crate) fn is_secret(verb: &Verb) -> bool {
    match verb {
        Verb::Seal(seal) => seal.value.is_some(),
        verb => matches!(verb, Verb::SetPassword(_) | Verb::Verify(_)),
    }
}

fn fill(verb: &mut Verb, plaintext: Plaintext) {
    match verb {
        Verb::Seal(seal) => seal.value = Some(plaintext),
        Verb::SetPassword(set) => set.password = Password::Plain(plaintext),
        Verb::Verify(verify) => verify.password = plaintext,
        _ => {}
    }
}

fn secret(shape: Option<&Shape>) -> Result<Plaintext> {
    match shape {
        // A line break may be one of them.
        Some(Shape::Bytes) => all_of_stdin().map(Plaintext::new),
        _ => standard_input(),
    }
}

fn value(given: &str, ty: Option<&Type>, layout: &Layout) -> nestkey::core::error::Result<Node> {
    let shape = ty.map(|ty| &ty.shape);
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
            let wanted = match ty {
                Some(ty) => format!("`{}` is wanted, and ", ty.display(layout.records())),
                None => String::new(),
            };
            let message = format!("{wanted}the value cannot be read as JSON: {}", error.message());
            Err(Error::new(ErrorKind::InvalidValue, message))
        }
    }
}

/// All of standard input, without the line break at its end.
pub(crate) fn standard_input() -> Result<Plaintext> {
    let mut bytes = all_of_stdin()?;
    let end = bytes
        .strip_suffix(b"\n")
        .map_or(bytes.len(), |rest| rest.strip_suffix(b"\r").unwrap_or(rest).len());
    bytes.truncate(end);
    Ok(Plaintext::new(bytes))
}

fn all_of_stdin() -> Result<Vec<u8>> {
    // Growing would leave copies of a secret behind.
    let mut bytes = Vec::with_capacity(1 << 16);
    io::stdin().read_to_end(&mut bytes).map_err(failure)?;
    Ok(bytes)
}

pub(crate) fn text(bytes: &[u8]) -> Result<String> {
    let text = str::from_utf8(bytes).map(str::to_owned);
    text.map_err(|error| failure(io::Error::new(io::ErrorKind::InvalidData, error)))
}

fn failure(error: io::Error) -> Failure {
    Failure::Io { name: "standard input".to_owned(), error }
}
