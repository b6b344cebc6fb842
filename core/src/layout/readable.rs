//! What the fields of a layout are read as.
//!
//! A field that is declared is one of these, or a list of them: none can be read unchecked.

use alloc::{
    format,
    string::{String, ToString},
};

use crate::{
    glob,
    json::{Node, Value},
    key::template::Template,
    quote::quoted,
};

/// What a node can be read as.
pub(super) trait Readable<'n>: Sized {
    /// Reads it, or says what was wanted instead.
    fn of(node: &'n Node) -> Result<Self, String>;
}

/// A text or a number of `one_of`, `none_of`, `ttl`; who knows the type says which.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'n> {
    pub(super) text: &'n str,
    pub(super) is_number: bool,
}

/// A pattern of other programs' keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct ForeignPattern<'n>(pub(super) &'n str);

/// A name or a template that meant something once.
#[derive(Clone, Copy, Debug)]
pub(super) struct TemplateText<'n>(pub(super) &'n str);

impl<'n> Readable<'n> for &'n str {
    fn of(node: &'n Node) -> Result<Self, String> {
        node.as_str().ok_or_else(|| unwanted("a text", node))
    }
}

impl Readable<'_> for bool {
    fn of(node: &Node) -> Result<Self, String> {
        match node.value {
            Value::Bool(value) => Ok(value),
            _ => Err(unwanted("true or false", node)),
        }
    }
}

impl Readable<'_> for i128 {
    fn of(node: &Node) -> Result<Self, String> {
        match &node.value {
            Value::Number(text) => text.parse().map_err(|_| unwanted("an integer", node)),
            _ => Err(unwanted("an integer", node)),
        }
    }
}

impl<'n> Readable<'n> for Word<'n> {
    fn of(node: &'n Node) -> Result<Self, String> {
        match &node.value {
            Value::Number(text) => Ok(Self { text, is_number: true }),
            Value::String(text) => Ok(Self { text, is_number: false }),
            _ => Err(unwanted("a text or a number", node)),
        }
    }
}

impl<'n> Readable<'n> for ForeignPattern<'n> {
    fn of(node: &'n Node) -> Result<Self, String> {
        let text: &str = Readable::of(node)?;
        match glob::problem(text.as_bytes()) {
            None => Ok(Self(text)),
            Some(problem) => Err(format!("the pattern {} {problem}", quoted(text))),
        }
    }
}

impl<'n> Readable<'n> for TemplateText<'n> {
    fn of(node: &'n Node) -> Result<Self, String> {
        match Readable::of(node)? {
            "" => Err("a name or a template is wanted, not an empty text".to_string()),
            text => Template::parse(text).map(|_| Self(text)),
        }
    }
}

pub(super) fn unwanted(wanted: &str, node: &Node) -> String {
    format!("{wanted} is wanted, not {}", node.describe())
}
