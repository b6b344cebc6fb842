//! What a Python module declares, as far as it can be told without running it.

use std::{fs, path::Path};

use nestkey::core::{
    error::{Error, Issue},
    json::{Node, Value},
};

use super::python;
use crate::failure::{Failure, Result};

/// The classes of a module, each behind those that it mentions.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) classes: Vec<Class>,
}

#[derive(Debug)]
pub(super) struct Class {
    pub(super) name: String,
    pub(super) line: String,
    pub(super) doc: String,
    /// Whether it derives from `BaseCluster`.
    pub(super) is_cluster: bool,
    /// Whether it derives from another class of the module.
    pub(super) is_derived: bool,
    pub(super) members: Vec<Member>,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) line: String,
    /// The class that it is inherited from.
    pub(super) base: Option<String>,
    pub(super) is: Is,
}

#[derive(Debug)]
pub(super) enum Is {
    /// A call of something else than `Key`, by its source text.
    Call(String),
    /// A class of the module, by its index.
    Class(usize),
    /// The arguments of a `Key`, by their names.
    Key(Vec<(String, Expression)>),
    Value(Expression),
}

/// What stands behind an `=`.
#[derive(Debug)]
pub(super) enum Expression {
    /// A value, and what it loses in a layout.
    Literal { value: Node, notes: Vec<String> },
    /// What only running it would tell; the texts that stand left of the colons in a dict.
    Source { text: String, names: Vec<String> },
}

impl Module {
    /// Reads the classes of a Python file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let source = fs::read(path)
            .map_err(|error| Failure::Io { name: path.display().to_string(), error })?;
        let described = python::classes(&source)?;
        if let Some(error) = described.member("error") {
            let place = (number(error, "line"), number(error, "column"));
            let issue = Issue::new("", text(error, "message")).placed(Some(place));
            return Err(Failure::Layout {
                file: path.to_owned(),
                error: Error::file("Python", vec![issue], 0),
            });
        }
        Ok(Self { classes: items(&described, "classes").iter().map(class).collect() })
    }
}

impl Class {
    /// What is assigned to a name.
    pub(super) fn expression(&self, name: &str) -> Option<&Expression> {
        self.members.iter().find(|member| member.name == name).and_then(|member| match &member.is {
            Is::Value(value) => Some(value),
            _ => None,
        })
    }
}

impl Expression {
    /// The value, unless it is `None` or not known.
    pub(super) fn value(&self) -> Option<&Value> {
        match self {
            Self::Literal { value: Node { value: Value::Null, .. }, .. } | Self::Source { .. } => {
                None
            }
            Self::Literal { value, .. } => Some(&value.value),
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Literal { value, .. } => value.as_str(),
            Self::Source { .. } => None,
        }
    }
}

fn class(node: &Node) -> Class {
    Class {
        name: text(node, "name"),
        line: number(node, "line").to_string(),
        doc: text(node, "doc"),
        is_cluster: flag(node, "cluster"),
        is_derived: flag(node, "derived"),
        members: items(node, "members").iter().map(member).collect(),
    }
}

fn member(node: &Node) -> Member {
    let is = if let Some(key) = node.member("key") {
        Is::Key(fields(key))
    } else if let Some(value) = node.member("value") {
        Is::Value(expression(value))
    } else if node.member("class").is_some() {
        Is::Class(number(node, "class") as usize)
    } else {
        Is::Call(text(node, "call"))
    };
    let base = node.member("base").map(|_| text(node, "base"));
    Member { name: text(node, "name"), line: number(node, "line").to_string(), base, is }
}

fn fields(key: &Node) -> Vec<(String, Expression)> {
    let Value::Object(members) = &key.value else { return Vec::new() };
    members.iter().map(|field| (field.name.clone(), expression(&field.node))).collect()
}

fn expression(node: &Node) -> Expression {
    let texts = |name| {
        let texts = items(node, name).iter().filter_map(Node::as_str);
        texts.map(str::to_owned).collect()
    };
    match node.member("is") {
        Some(value) => Expression::Literal { value: value.clone(), notes: texts("notes") },
        None => Expression::Source { text: text(node, "source"), names: texts("names") },
    }
}

fn text(node: &Node, name: &str) -> String {
    node.member(name).and_then(Node::as_str).unwrap_or_default().to_owned()
}

fn number(node: &Node, name: &str) -> u32 {
    match node.member(name).map(|node| &node.value) {
        Some(Value::Number(text)) => text.parse().unwrap_or_default(),
        _ => 0,
    }
}

fn flag(node: &Node, name: &str) -> bool {
    matches!(node.member(name).map(|node| &node.value), Some(Value::Bool(true)))
}

fn items<'n>(node: &'n Node, name: &str) -> &'n [Node] {
    match node.member(name).map(|node| &node.value) {
        Some(Value::Array(items)) => items,
        _ => &[],
    }
}
