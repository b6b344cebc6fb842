//! From paths and parameters to keys, prefixes and patterns.

use alloc::{format, string::String, vec::Vec};

use super::{
    Layout,
    model::{EntryId, Namespace, NamespaceId, Piece, Target},
};
use crate::{
    error::{Error, ErrorKind, Result},
    glob,
    key::{
        Key, MAX_KEY,
        param::{Param, ParamSpec},
        template::Segment,
    },
};

/// Parameters as they are given at one namespace or entry.
#[derive(Clone, Copy, Debug)]
pub enum Params<'a> {
    /// In the order of the template.
    Positional(&'a [Param<'a>]),
    /// By name.
    Named(&'a [(&'a str, Param<'a>)]),
}

impl Layout {
    /// Appends a namespace's own part to a key that holds the prefix of its parent.
    ///
    /// # Errors
    ///
    /// A parameter is missing, surplus, unknown, doubled or ill-typed; the key gets too long. What
    /// the key holds then is of no use.
    #[inline]
    pub fn enter(&self, id: NamespaceId, given: Params<'_>, key: &mut Key) -> Result<()> {
        let namespace = self.namespace(id)?;
        render(&namespace.pieces, &namespace.params, given, key)
            .map_err(|error| error.at_path(&namespace.path))
    }

    /// Appends an entry's own part to a key that holds the prefix of its namespace.
    ///
    /// # Errors
    ///
    /// As [`enter`](Self::enter).
    #[inline]
    pub fn complete(&self, id: EntryId, given: Params<'_>, key: &mut Key) -> Result<()> {
        let entry = self.entry(id)?;
        render(&entry.pieces, &entry.params, given, key).map_err(|error| error.at_path(&entry.path))
    }

    /// The namespace of that name below another.
    #[inline]
    #[must_use]
    pub fn child(&self, parent: NamespaceId, name: &str) -> Option<NamespaceId> {
        let children = &self.namespaces.get(parent.0 as usize)?.children;
        children.iter().copied().find(|id| self.namespaces[id.0 as usize].name == name)
    }

    /// The entry of that name in a namespace.
    #[inline]
    #[must_use]
    pub fn entry_in(&self, parent: NamespaceId, name: &str) -> Option<EntryId> {
        let entries = &self.namespaces.get(parent.0 as usize)?.entries;
        entries.iter().copied().find(|id| self.entries[id.0 as usize].name == name)
    }

    /// Whether a key belongs to another program, by the layout's own word.
    pub(crate) fn is_foreign(&self, key: &[u8]) -> bool {
        self.foreign.iter().any(|pattern| glob::matches(pattern.as_bytes(), key))
    }

    /// An entry's key with its sensitive parameters as `{name}`; where the prefix is that of another
    /// key and they cannot be found, the path.
    #[must_use]
    pub fn shown(&self, id: EntryId, key: &str, prefix: &str) -> String {
        let specs = self.all_params(id);
        if !specs.iter().any(|spec| spec.sensitive) {
            return String::from(key);
        }
        let segments = self.segments(id);
        let is_own = |own: &&str| own.split(':').count() == segments.len();
        let Some(own) = key.strip_prefix(prefix).filter(is_own) else {
            return String::from(self.path_of(Target::Entry(id)));
        };
        let mut specs = specs.iter();
        let mut shown = String::from(prefix);
        for (i, (segment, text)) in segments.iter().zip(own.split(':')).enumerate() {
            shown.push_str(if i == 0 { "" } else { ":" });
            match segment.hole.as_ref().and_then(|_| specs.next()) {
                Some(spec) if spec.sensitive => {
                    shown
                        .push_str(&format!("{}{{{}}}{}", segment.before, spec.name, segment.after));
                }
                _ => shown.push_str(text),
            }
        }
        shown
    }

    /// The parameters of an entry from the root down.
    #[must_use]
    pub fn all_params(&self, id: EntryId) -> Vec<&ParamSpec> {
        let Ok(entry) = self.entry(id) else { return Vec::new() };
        let mut specs: Vec<_> = entry.params.iter().rev().collect();
        for namespace in self.ancestors(entry.namespace) {
            specs.extend(namespace.params.iter().rev());
        }
        specs.reverse();
        specs
    }

    /// The segments of an entry's whole template.
    pub(super) fn segments(&self, id: EntryId) -> Vec<&Segment> {
        match self.entry(id) {
            Ok(entry) => {
                let mut segments: Vec<_> = entry.template.segments.iter().rev().collect();
                for namespace in self.ancestors(entry.namespace) {
                    segments.extend(namespace.template.segments.iter().rev());
                }
                segments.reverse();
                segments
            }
            Err(_) => Vec::new(),
        }
    }

    /// A namespace and those above it, nearest first.
    pub(super) fn ancestors(&self, id: NamespaceId) -> impl Iterator<Item = &Namespace> {
        let first = self.namespaces.get(id.0 as usize);
        core::iter::successors(first, |namespace| {
            namespace.parent.and_then(|parent| self.namespaces.get(parent.0 as usize))
        })
    }
}

#[inline]
fn render(pieces: &[Piece], specs: &[ParamSpec], given: Params<'_>, key: &mut Key) -> Result<()> {
    check_given(specs, given)?;
    for piece in pieces {
        match piece {
            Piece::Text(text) => key.push_str(text),
            Piece::Param(index) => {
                let spec = &specs[*index as usize];
                let given = find(spec, *index as usize, given)?;
                spec.write(given, key).map_err(|error| discreet(error, spec, specs, given))?;
            }
        }
    }
    if key.len() > MAX_KEY {
        let message = format!("a key of {} bytes: {MAX_KEY} at most", key.len());
        return Err(Error::new(ErrorKind::KeyTooLong, message));
    }
    Ok(())
}

/// Why a parameter is refused, without its value where one beside it is sensitive: they may have
/// changed places.
#[cold]
pub(super) fn discreet(
    error: Error,
    spec: &ParamSpec,
    specs: &[ParamSpec],
    given: &Param<'_>,
) -> Error {
    if !specs.iter().any(|spec| spec.sensitive) {
        return error;
    }
    let spec = ParamSpec { sensitive: true, ..spec.clone() };
    spec.write(given, &mut Key::new()).err().unwrap_or(error)
}

#[inline]
fn find<'a>(spec: &ParamSpec, index: usize, given: Params<'a>) -> Result<&'a Param<'a>> {
    let found = match given {
        Params::Positional(params) => params.get(index),
        Params::Named(params) => {
            params.iter().find(|(name, _)| *name == spec.name).map(|(_, param)| param)
        }
    };
    found.ok_or_else(|| {
        Error::new(ErrorKind::MissingParam, format!("the parameter `{}` is missing", spec.name))
    })
}

/// Refuses what the template has no place for.
#[inline]
pub(super) fn check_given(specs: &[ParamSpec], given: Params<'_>) -> Result<()> {
    match given {
        Params::Positional(params) if params.len() > specs.len() => Err(Error::new(
            ErrorKind::SurplusParam,
            format!("{} parameters are given, {} declared", params.len(), specs.len()),
        )),
        Params::Positional(_) => Ok(()),
        Params::Named(params) => params.iter().enumerate().try_for_each(|(i, (name, _))| {
            if !specs.iter().any(|spec| spec.name == *name) {
                // In a path, a text with `=` in it looks like a name.
                let is_sensitive = specs.iter().any(|spec| spec.sensitive);
                let name = if is_sensitive { "of that name" } else { &format!("`{name}`") };
                let message = format!("there is no parameter {name} here");
                return Err(Error::new(ErrorKind::UnknownParam, message));
            }
            if params[..i].iter().any(|(other, _)| other == name) {
                let message = format!("the parameter `{name}` is given twice");
                return Err(Error::new(ErrorKind::DoubledParam, message));
            }
            Ok(())
        }),
    }
}
