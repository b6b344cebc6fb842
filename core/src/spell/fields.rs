use alloc::{format, string::String, vec::Vec};

use crate::{
    error::{Error, ErrorKind, Result},
    json::{Member, Node, Value},
    ttl::{Expiry, Ttl},
    value::Plaintext,
};

/// The fields of a call, each to be taken once.
pub(super) struct Fields<'a> {
    members: Vec<&'a Member>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(node: &'a Node) -> Result<Self> {
        match &node.value {
            Value::Object(members) => Ok(Self { members: members.iter().collect() }),
            _ => Err(wrong(&format!("a call is an object, not {}", node.describe()))),
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<&'a Node> {
        let index = self.members.iter().position(|member| member.name == name)?;
        Some(&self.members.remove(index).node)
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>> {
        let Some(node) = self.take(name) else { return Ok(None) };
        match node.as_str() {
            Some(text) => Ok(Some(text.into())),
            None => Err(wrong(&format!("`{name}` is a text, not {}", node.describe()))),
        }
    }

    pub(super) fn secret(&mut self, name: &str) -> Result<Plaintext> {
        let node = self.take(name).ok_or_else(|| wrong(&format!("a `{name}` is wanted")))?;
        secret(name, node)
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<bool> {
        match self.take(name).map(|node| &node.value) {
            None => Ok(false),
            Some(Value::Bool(value)) => Ok(*value),
            Some(_) => Err(wrong(&format!("`{name}` is true or false"))),
        }
    }

    pub(super) fn number<T: core::str::FromStr>(&mut self, name: &str) -> Result<Option<T>> {
        let Some(node) = self.take(name) else { return Ok(None) };
        match &node.value {
            Value::Number(text) => text.parse().map(Some).ok(),
            _ => None,
        }
        .ok_or_else(|| wrong(&format!("`{name}` is a number that cannot be {node}")))
    }

    /// A number from 1 on.
    pub(super) fn positive<T>(&mut self, name: &str) -> Result<Option<T>>
    where
        T: core::str::FromStr + Default + PartialEq,
    {
        match self.number(name)? {
            Some(zero) if zero == T::default() => Err(wrong(&format!("`{name}` is 1 at least"))),
            number => Ok(number),
        }
    }

    pub(super) fn expiry(&mut self) -> Result<Expiry> {
        let at = self.number("expire_at")?;
        let ttl = match self.take("ttl").map(|node| &node.value) {
            None => None,
            Some(Value::Number(text) | Value::String(text)) => Some(text),
            Some(_) => return Err(wrong("`ttl` is seconds, a duration, `persist` or `keep`")),
        };
        match (at, ttl.map(|text| &text[..])) {
            (None, None) => Ok(Expiry::Policy),
            (Some(ms), None) => Ok(Expiry::At(ms)),
            (None, Some("keep")) => Ok(Expiry::Keep),
            (None, Some(text)) => match Ttl::parse(text) {
                Ok(Ttl::For(ms)) => Ok(Expiry::In(ms)),
                Ok(Ttl::Persist) => Ok(Expiry::Persist),
                Err(problem) => Err(wrong(&problem)),
            },
            (Some(_), Some(_)) => Err(wrong("`ttl` and `expire_at` contradict each other")),
        }
    }

    pub(super) fn end(&self) -> Result<()> {
        match self.members.first() {
            Some(member) => Err(wrong(&format!("this call has no `{}`", member.name))),
            None => Ok(()),
        }
    }
}

pub(super) fn secret(name: &str, node: &Node) -> Result<Plaintext> {
    let text = node.as_str().ok_or_else(|| wrong(&format!("`{name}` is a text")))?;
    Ok(text.into())
}

#[cold]
pub(super) fn wrong(message: &str) -> Error {
    Error::new(ErrorKind::InvalidCall, message)
}
