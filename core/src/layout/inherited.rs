//! What a namespace hands down to what stands in it.

use alloc::{borrow::ToOwned, format, string::String, vec::Vec};

use super::{model::NamespaceId, size::PART};
use crate::ttl::{Renew, Ttl};

/// What a namespace hands down.
#[derive(Clone)]
pub(super) struct Inherited {
    pub(super) parent: Option<NamespaceId>,
    pub(super) path: String,
    pub(super) depth: usize,
    /// Whether nothing stands before: then there is no separator either.
    pub(super) bare: bool,
    pub(super) ttl: Option<Ttl>,
    pub(super) ttl_from: String,
    pub(super) renew: Option<Renew>,
    /// The names of the parameters above.
    pub(super) params: Vec<String>,
    pub(super) tagged: bool,
    pub(super) braces: bool,
    /// The name of a parameter above that may hold braces.
    pub(super) unencoded: Option<String>,
}

impl Inherited {
    pub(super) const fn root() -> Self {
        Self {
            parent: None,
            path: String::new(),
            depth: 0,
            bare: true,
            ttl: None,
            ttl_from: String::new(),
            renew: None,
            params: Vec::new(),
            tagged: false,
            braces: false,
            unencoded: None,
        }
    }

    /// What a copy of it takes.
    pub(super) fn size(&self) -> usize {
        let params: usize = self.params.iter().map(|name| PART + name.len()).sum();
        2 * self.path.len() + self.ttl_from.len() + params
    }
}

/// The path of a name in a namespace.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
