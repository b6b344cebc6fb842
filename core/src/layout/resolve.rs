//! From paths and parameters to keys, prefixes and patterns.

use alloc::{format, string::String, vec::Vec};

use super::{
    Layout,
    model::{Entry, EntryId, Namespace, NamespaceId, Piece, Target},
};
use crate::{
    error::{Error, ErrorKind, Result},
    glob,
    key::{
        Key, MAX_KEY,
        param::{Param, ParamSpec},
        pattern::Pattern,
        template::Segment,
    },
    types::Kind,
};

/// Parameters as they are given at one namespace or entry.
#[derive(Clone, Copy, Debug)]
pub enum Params<'a> {
    /// In the order of the template.
    Positional(&'a [Param<'a>]),
    /// By name.
    Named(&'a [(&'a str, Param<'a>)]),
}

/// Which keys below a namespace a walk is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sought {
    /// Those of the layout, and strays.
    Everything,
    /// Those of the layout.
    Known,
    /// Those of the layout that hold secrets, all or those below a namespace further down.
    Secrets(Option<NamespaceId>),
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

    /// The entries in and below a namespace that have a single key once its prefix is known.
    pub(crate) fn closed_keys<'a>(
        &'a self,
        id: NamespaceId,
        prefix: &'a Key,
        sought: Sought,
    ) -> impl Iterator<Item = (EntryId, Key)> + 'a {
        self.keys_below(id, sought).filter_map(move |(entry_id, entry)| {
            let mut key = prefix.clone();
            for pieces in self.pieces_below(id, entry) {
                match &pieces[..] {
                    [] => {}
                    [Piece::Text(text)] => key.push_str(text),
                    _ => return None,
                }
            }
            Some((entry_id, key))
        })
    }

    /// Whether an entry stands below a namespace with parameters that are still open there.
    pub(crate) fn is_open_below(&self, id: EntryId, namespace: NamespaceId) -> bool {
        let (Some(top), Ok(entry)) = (self.namespaces.get(namespace.0 as usize), self.entry(id))
        else {
            return false;
        };
        let mut between =
            self.ancestors(entry.namespace).take_while(|found| !core::ptr::eq(*found, top));
        top.below.contains(&id.0)
            && (!entry.params.is_empty() || between.any(|found| !found.params.is_empty()))
    }

    /// The narrowest pattern that covers the sought keys with open parameters below a namespace, or
    /// every key at all; `None` when no sought entry has open parameters.
    pub(crate) fn pattern(&self, id: NamespaceId, prefix: &Key, sought: Sought) -> Option<Pattern> {
        let mut pattern = Pattern::new();
        // A prefix given when binding may stand alone, with its separator.
        pattern.push_literal(prefix.as_str().strip_suffix(':').unwrap_or(prefix.as_str()));
        if sought == Sought::Everything {
            pattern.push_below();
            return Some(pattern);
        }
        let open: Vec<Vec<&Segment>> = self
            .keys_below(id, sought)
            .filter(|(entry, _)| self.is_open_below(*entry, id))
            .map(|(_, entry)| self.segments_below(id, entry))
            .collect();
        let (first, others) = open.split_first()?;
        let shortest = open.iter().map(Vec::len).min().unwrap_or_default();
        let common = (0..shortest)
            .take_while(|i| others.iter().all(|other| same_keys(other[*i], first[*i])))
            .count();
        // What is common must leave room for the rest of each entry.
        let shown = if others.is_empty() { first.len() } else { common.min(shortest - 1) };
        for segment in &first[..shown] {
            if !pattern.as_str().is_empty() {
                pattern.push_literal(":");
            }
            pattern.push_literal(&segment.before);
            if segment.hole.is_some() {
                pattern.push_hole();
            }
            pattern.push_literal(&segment.after);
        }
        if shown < first.len() {
            pattern.push_below();
        }
        Some(pattern)
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

    /// The sought entries in and below a namespace whose names are keys: channels are none.
    fn keys_below(
        &self,
        id: NamespaceId,
        sought: Sought,
    ) -> impl Iterator<Item = (EntryId, &Entry)> {
        let below = self.namespaces.get(id.0 as usize).map_or(0..0, |found| found.below.clone());
        below
            .map(|index| (EntryId(index), &self.entries[index as usize]))
            .filter(move |(id, _)| self.is_sought(*id, sought))
    }

    /// Whether a walk is after an entry's keys.
    pub(crate) fn is_sought(&self, id: EntryId, sought: Sought) -> bool {
        let kind = self.entries.get(id.0 as usize).map(|entry| entry.kind);
        match sought {
            Sought::Secrets(within) => {
                let within = within.and_then(|within| self.namespaces.get(within.0 as usize));
                kind == Some(Kind::Secret) && within.is_none_or(|found| found.below.contains(&id.0))
            }
            _ => kind.is_some_and(|kind| kind != Kind::Channel),
        }
    }

    /// The namespaces between a namespace and an entry below it, outermost first.
    fn between<'a>(&'a self, id: NamespaceId, entry: &'a Entry) -> Vec<&'a Namespace> {
        let top = self.namespaces.get(id.0 as usize);
        let is_top = |found: &&Namespace| top.is_some_and(|top| core::ptr::eq(*found, top));
        let mut found: Vec<_> =
            self.ancestors(entry.namespace).take_while(|found| !is_top(found)).collect();
        found.reverse();
        found
    }

    fn pieces_below<'a>(
        &'a self,
        id: NamespaceId,
        entry: &'a Entry,
    ) -> impl Iterator<Item = &'a Vec<Piece>> {
        let between = self.between(id, entry).into_iter().map(|namespace| &namespace.pieces);
        between.chain(core::iter::once(&entry.pieces))
    }

    fn segments_below<'a>(&'a self, id: NamespaceId, entry: &'a Entry) -> Vec<&'a Segment> {
        let between = self.between(id, entry).into_iter();
        let templates = between.map(|namespace| &namespace.template).chain([&entry.template]);
        templates.flat_map(|template| &template.segments).collect()
    }
}

/// Whether two segments have the same place in a pattern.
fn same_keys(a: &Segment, b: &Segment) -> bool {
    a.before == b.before && a.after == b.after && a.hole.is_some() == b.hole.is_some()
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
fn discreet(error: Error, spec: &ParamSpec, specs: &[ParamSpec], given: &Param<'_>) -> Error {
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
fn check_given(specs: &[ParamSpec], given: Params<'_>) -> Result<()> {
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
