//! The tree.

use alloc::{string::String, vec::Vec};
use core::fmt;

use super::{Head, Lexer, Limits, SyntaxError, quote, repeated};
use crate::error::Result;

/// A value and where it stands.
///
/// `Display` writes it as compact JSON, `{:#}` with an indentation of two spaces.
///
/// ```
/// use nestkey_core::json;
/// let node = json::read(br#"{"b": [1.50, null], "a": "\u00e9"}"#).unwrap();
/// assert_eq!(node.member("a").and_then(|a| a.as_str()), Some("é"));
/// assert_eq!(node.to_string(), r#"{"b":[1.50,null],"a":"é"}"#);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The offset of its first byte.
    pub at: u32,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// The elements of an array.
    Array(Vec<Node>),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// A number as it was written.
    Number(String),
    /// The members of an object, in their order, no name twice.
    Object(Vec<Member>),
    /// A string.
    String(String),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// The offset of its name.
    pub at: u32,
    /// Its value.
    pub node: Node,
}

/// Reads a JSON text within the default [`Limits`].
///
/// # Errors
///
/// [`InvalidFile`](crate::error::ErrorKind::InvalidFile), saying what was wanted at which byte.
pub fn read(text: &[u8]) -> Result<Node> {
    Ok(parse(text, Limits::default())?)
}

/// Reads a JSON text within limits of the caller's choice.
///
/// # Errors
///
/// Where the text stops being JSON; a name that stands twice in one object counts.
pub fn parse(text: &[u8], limits: Limits) -> core::result::Result<Node, SyntaxError> {
    let mut lexer = Lexer::new(text, limits)?;
    let node = node(&mut lexer)?;
    lexer.end()?;
    Ok(node)
}

fn node(lexer: &mut Lexer<'_>) -> core::result::Result<Node, SyntaxError> {
    lexer.peek();
    let at = lexer.at();
    let value = match lexer.value()? {
        Head::Array => {
            let mut elements = Vec::new();
            while lexer.element()? {
                elements.push(node(lexer)?);
            }
            Value::Array(elements)
        }
        Head::Bool(value) => Value::Bool(value),
        Head::Null => Value::Null,
        Head::Number(text) => Value::Number(text.into()),
        Head::Object => Value::Object(members(lexer)?),
        Head::String(quoted) => Value::String(quoted.text().into_owned()),
    };
    Ok(Node { at, value })
}

fn members(lexer: &mut Lexer<'_>) -> core::result::Result<Vec<Member>, SyntaxError> {
    let mut members: Vec<Member> = Vec::new();
    while let Some(name) = lexer.member()? {
        members.push(Member { name: name.text().into_owned(), at: name.at, node: node(lexer)? });
    }
    let name = |index: usize| members.get(index).map(|member| member.name.as_bytes());
    match repeated(members.len(), &name).and_then(|index| members.get(index)) {
        Some(second) => {
            Err(SyntaxError { at: second.at, message: "a second member of the same name".into() })
        }
        None => Ok(members),
    }
}

impl Node {
    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a member of an object.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Self> {
        match &self.value {
            Value::Object(members) => {
                members.iter().find(|member| member.name == name).map(|member| &member.node)
            }
            _ => None,
        }
    }

    /// What it is, for messages: `an array`, `null` …
    #[must_use]
    pub const fn describe(&self) -> &'static str {
        match self.value {
            Value::Array(_) => "an array",
            Value::Bool(_) => "a bool",
            Value::Null => "null",
            Value::Number(_) => "a number",
            Value::Object(_) => "an object",
            Value::String(_) => "a string",
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self, 0, f)
    }
}

fn write(node: &Node, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match &node.value {
        Value::Array(elements) => {
            write_list(f, ['[', ']'], depth, elements, |node, f| write(node, depth + 1, f))
        }
        Value::Bool(value) => write!(f, "{value}"),
        Value::Null => f.write_str("null"),
        Value::Number(text) => f.write_str(text),
        Value::Object(members) => write_list(f, ['{', '}'], depth, members, |member, f| {
            write_string(&member.name, f)?;
            f.write_str(if f.alternate() { ": " } else { ":" })?;
            write(&member.node, depth + 1, f)
        }),
        Value::String(text) => write_string(text, f),
    }
}

fn write_list<T>(
    f: &mut fmt::Formatter<'_>,
    [open, close]: [char; 2],
    depth: usize,
    items: &[T],
    mut item: impl FnMut(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    let new_line = |f: &mut fmt::Formatter<'_>, depth: usize| {
        if f.alternate() && !items.is_empty() {
            f.write_str("\n")?;
            (0..depth).try_for_each(|_| f.write_str("  "))?;
        }
        Ok(())
    };
    write!(f, "{open}")?;
    for (index, each) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(",")?;
        }
        new_line(f, depth + 1)?;
        item(each, f)?;
    }
    new_line(f, depth)?;
    write!(f, "{close}")
}

fn write_string(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut result = Ok(());
    quote(text, |piece| {
        if result.is_ok() {
            result = f.write_str(piece);
        }
    });
    result
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString};

    use super::*;

    #[test]
    fn a_tree_keeps_places_number_texts_and_order() {
        let node = read(b" {\"b\": 1.0e0, \"a\": [true]}").unwrap();
        let Value::Object(members) = &node.value else { panic!("an object") };
        let places: Vec<_> = members.iter().map(|m| (&m.name[..], m.at, m.node.at)).collect();
        assert_eq!((node.at, &places[..]), (1, &[("b", 2, 7), ("a", 14, 19)][..]));
        assert_eq!(members[0].node.value, Value::Number("1.0e0".into()));
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_where_it_stands_again() {
        let error = parse(br#"{"a": 1, "b": 2, "\u0061": 3}"#, Limits::default()).unwrap_err();
        assert_eq!((error.at, &*error.message), (17, "a second member of the same name"));
    }

    #[test]
    fn pretty_json_is_indented_by_two_spaces() {
        let node = read(br#"{"a":[1,{"b":"x"}],"c":[],"d":{}}"#).unwrap();
        let pretty = "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x\"\n    }\n  ],\n  \"c\": [],\n  \"d\": {}\n}";
        assert_eq!(format!("{node:#}"), pretty);
        assert_eq!(read(pretty.as_bytes()).unwrap().to_string(), node.to_string());
    }

    #[test]
    fn the_default_limits_hold() {
        let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert!(read(deep(64).as_bytes()).is_ok());
        assert!(read(deep(65).as_bytes()).is_err());
        assert!(read(format!("\"{}\"", "a".repeat(1 << 20)).as_bytes()).is_err());
    }
}
