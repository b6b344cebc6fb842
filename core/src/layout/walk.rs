//! Where walks go: paths that may leave parameters open, and the keys along them.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use super::{
    Layout,
    model::{Entry, EntryId, Namespace, NamespaceId, Target},
    resolve::{Params, check_given, discreet},
};
use crate::{
    error::{Error, ErrorKind, Result},
    key::{
        Key,
        param::{Given, Param, ParamSpec},
        pattern::Pattern,
        template::Segment,
    },
    types::Kind,
};

/// The way of a walk: to a namespace or an entry, by a path that may leave parameters open.
///
/// ```
/// use nestkey_core::{call::{Call, Verb}, layout::{Layout, NamespaceId, Params}};
/// let layout = Layout::from_json(r#"{"namespaces": {"user": {"prefix": "user:{user_id:int}",
///     "keys": {"age": {"type": "int"}}}}}"#)?;
/// let root = layout.root("")?;
/// let every = layout.way(NamespaceId::ROOT, &root, "user.age", Params::Positional(&[]))?;
/// let one = layout.way(NamespaceId::ROOT, &root, "user(7).age", Params::Positional(&[]))?;
/// assert_eq!(every.open_params(&layout), ["user_id"]);
/// assert_eq!(one.open_params(&layout), <[&str; 0]>::default());
/// let call = Call::walk(every, Verb::Count);
/// # Ok::<(), nestkey_core::error::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Way {
    /// Where it ends.
    pub(crate) end: Target,
    /// The last namespace on it up to which every parameter is given, and its prefix.
    pub(crate) top: NamespaceId,
    pub(crate) prefix: Key,
    /// The parameters given below that: the index of each from the root down, and how keys have it.
    given: Vec<(usize, String)>,
}

/// Which keys a walk is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sought {
    /// Those of the layout, and strays.
    Everything,
    /// Those of the layout.
    Known,
    /// Those of the layout that hold secrets.
    Secrets,
    /// Those that are not of the layout.
    Strays,
}

impl Layout {
    /// The way along a path from a namespace with that prefix; what neither the path nor `given`
    /// gives is open.
    ///
    /// By position a name of the path has all of its parameters or none; by name it may have some.
    ///
    /// # Errors
    ///
    /// As [`follow`](Self::follow), but for parameters that nothing is said of. Parentheses with
    /// nothing in them leave nothing open: a parameter is missing.
    pub fn way(
        &self,
        from: NamespaceId,
        prefix: &Key,
        path: &str,
        given: Params<'_>,
    ) -> Result<Way> {
        let steps = self.steps(from, path)?;
        let target = steps.last().map_or(Target::Namespace(from), |step| step.target);
        let levels = self.levels(&steps, given).map_err(|e| e.at_path(self.path_of(target)))?;
        let mut way = Way::new(from, prefix.clone());
        for (step, level) in steps.iter().zip(&levels) {
            if let (true, Some(spec)) = (step.is_called_empty, self.specs(step.target).first()) {
                return Err(missing(spec).at_path(self.path_of(step.target)));
            }
            way.enter(self, step.target, level.params())?;
        }
        Ok(way)
    }

    /// How many parameters there are in and above a namespace.
    fn count_params(&self, id: NamespaceId) -> usize {
        self.ancestors(id).map(|namespace| namespace.params.len()).sum()
    }
}

impl Way {
    /// The way to everything below a namespace with that prefix.
    #[must_use]
    pub const fn new(namespace: NamespaceId, prefix: Key) -> Self {
        Self { end: Target::Namespace(namespace), top: namespace, prefix, given: Vec::new() }
    }

    /// Goes on to a namespace or an entry of the one where it ends.
    pub(crate) fn enter(&mut self, layout: &Layout, to: Target, given: Params<'_>) -> Result<()> {
        let specs = layout.specs(to);
        let count = match given {
            Params::Named(given) => given.len(),
            Params::Positional(given) => given.len(),
        };
        let is_closed = self.end == Target::Namespace(self.top);
        if let (true, Target::Namespace(id)) = (is_closed && count >= specs.len(), to) {
            layout.enter(id, given, &mut self.prefix)?;
            (self.top, self.end) = (id, to);
            return Ok(());
        }
        let above = match self.end {
            Target::Namespace(id) => layout.count_params(id),
            Target::Entry(_) => 0,
        };
        self.take(specs, above, given).map_err(|error| error.at_path(layout.path_of(to)))?;
        self.end = to;
        Ok(())
    }

    /// Keeps the parameters that are given below what is open.
    fn take(&mut self, specs: &[ParamSpec], above: usize, given: Params<'_>) -> Result<()> {
        check_given(specs, given)?;
        for (index, spec) in specs.iter().enumerate() {
            let param = match given {
                Params::Positional([]) => None,
                Params::Positional(given) => Some(given.get(index).ok_or_else(|| missing(spec))?),
                Params::Named(given) => {
                    given.iter().find(|(name, _)| *name == spec.name).map(|(_, param)| param)
                }
            };
            if let Some(param) = param {
                self.given.push((above + index, written(param, spec, specs)?));
            }
        }
        Ok(())
    }

    /// Where it ends.
    #[must_use]
    pub const fn target(&self) -> Target {
        self.end
    }

    /// The prefix up to what is open, without the separator; all of it where nothing is.
    #[must_use]
    pub const fn prefix(&self) -> &Key {
        &self.prefix
    }

    /// The names of the parameters that are open, from the root down.
    #[must_use]
    pub fn open_params<'l>(&self, layout: &'l Layout) -> Vec<&'l str> {
        let below = self.params_below(layout);
        let open = below.into_iter().filter(|(index, ..)| self.given_at(*index).is_none());
        open.map(|(.., spec)| &spec.name[..]).collect()
    }

    /// The parameters that are given below what is open, each with the path of what declares it.
    #[must_use]
    pub fn given_params<'l>(&self, layout: &'l Layout) -> Vec<(&'l str, &'l ParamSpec, Given)> {
        let below = self.params_below(layout).into_iter();
        let given = |(index, path, spec): (usize, &'l str, &'l ParamSpec)| {
            Some((path, spec, spec.decode(self.given_at(index)?)?))
        };
        below.filter_map(given).collect()
    }

    /// The parameters on it below the prefix, with the path of what declares each.
    fn params_below<'l>(&self, layout: &'l Layout) -> Vec<(usize, &'l str, &'l ParamSpec)> {
        let (namespace, entry) = match self.end {
            Target::Namespace(id) => (id, None),
            Target::Entry(id) => match layout.entry(id) {
                Ok(entry) => (entry.namespace, Some(entry)),
                Err(_) => return Vec::new(),
            },
        };
        let between = layout.between(self.top, namespace).into_iter();
        let levels = between.map(|found| (&found.path, &found.params));
        let levels = levels.chain(entry.map(|entry| (&entry.path, &entry.params)));
        let params = levels.flat_map(|(path, specs)| specs.iter().map(move |spec| (path, spec)));
        let first = layout.count_params(self.top);
        params.zip(first..).map(|((path, spec), index)| (index, &path[..], spec)).collect()
    }

    /// The last namespace on it up to which every parameter is given.
    #[must_use]
    pub const fn top(&self) -> NamespaceId {
        self.top
    }

    /// Whether it ends where its prefix does, so that what stands there is below that.
    pub(crate) fn is_closed(&self) -> bool {
        self.end == Target::Namespace(self.top)
    }

    /// The keys along it that need no scan.
    pub(crate) fn closed_keys<'a>(
        &'a self,
        layout: &'a Layout,
        sought: Sought,
    ) -> impl Iterator<Item = (EntryId, Key)> + 'a {
        self.entries(layout, sought).filter_map(move |(id, entry)| {
            let mut key = self.prefix.clone();
            for (segment, text) in self.segments(layout, entry) {
                if !key.is_empty() && !key.as_str().ends_with(':') {
                    key.push_str(":");
                }
                key.push_str(&segment.before);
                key.push_str(match segment.hole {
                    Some(_) => text?,
                    None => "",
                });
                key.push_str(&segment.after);
            }
            Some((id, key))
        })
    }

    /// Whether a key of an entry is along it and is found by a scan alone; `params` are its own.
    pub(crate) fn has_open(&self, layout: &Layout, id: EntryId, params: &[&str]) -> bool {
        let known = layout.count_params(self.top);
        let is_along = match self.end {
            Target::Entry(end) => end == id,
            Target::Namespace(end) => {
                layout.namespace(end).is_ok_and(|end| end.below.contains(&id.0))
            }
        };
        is_along
            && params.len() > known + self.given.len()
            && self.given.iter().all(|(index, text)| params.get(*index) == Some(&&text[..]))
    }

    /// Whether a key is below the namespace that it ends with.
    pub(crate) fn has_below(&self, layout: &Layout, key: &[u8]) -> bool {
        let (Target::Namespace(end), Some(mut rest)) =
            (self.end, below(self.prefix.as_bytes(), key))
        else {
            return false;
        };
        let mut index = layout.count_params(self.top);
        for namespace in layout.between(self.top, end) {
            let mut specs = namespace.params.iter();
            for segment in &namespace.template.segments {
                let Some(end) = rest.iter().position(|byte| *byte == b':') else { return false };
                let spec = segment.hole.as_ref().and_then(|_| specs.next());
                if !self.matches(segment, spec.map(|spec| (spec, index)), &rest[..end]) {
                    return false;
                }
                index += usize::from(spec.is_some());
                rest = &rest[end + 1..];
            }
        }
        true
    }

    fn matches(&self, segment: &Segment, spec: Option<(&ParamSpec, usize)>, text: &[u8]) -> bool {
        let inner = text.strip_prefix(segment.before.as_bytes());
        let inner = inner.and_then(|text| text.strip_suffix(segment.after.as_bytes()));
        match (inner.map(str::from_utf8), spec) {
            (Some(Ok("")), None) => true,
            (Some(Ok(inner)), Some((spec, index))) => match self.given_at(index) {
                Some(given) => inner == given,
                None => spec.decode(inner).is_some(),
            },
            _ => false,
        }
    }

    /// The narrowest pattern that covers what only a scan finds along it; `None` where that is
    /// nothing.
    pub(crate) fn pattern(&self, layout: &Layout, sought: Sought) -> Option<String> {
        let mut pattern = Pattern::new();
        // A prefix given when binding may stand alone, with its separator.
        let prefix = self.prefix.as_str();
        pattern.push_literal(prefix.strip_suffix(':').unwrap_or(prefix));
        if let (Sought::Everything | Sought::Strays, Target::Namespace(end)) = (sought, self.end) {
            let between = layout.between(self.top, end);
            let segments = between.iter().flat_map(|namespace| &namespace.template.segments);
            for segment in self.globs(layout, segments) {
                push_segment(&mut pattern, &segment);
            }
            pattern.push_below();
            return Some(pattern.into_string());
        }
        let known = layout.count_params(self.top) + self.given.len();
        let is_open = |id: &EntryId| layout.all_params(*id).len() > known;
        let open: Vec<Vec<String>> = self
            .entries(layout, sought)
            .filter(|(id, _)| is_open(id))
            .map(|(_, entry)| self.globs(layout, layout.segments_below(self.top, entry)))
            .collect();
        let (first, others) = open.split_first()?;
        let shortest = open.iter().map(Vec::len).min().unwrap_or_default();
        let common =
            (0..shortest).take_while(|i| others.iter().all(|other| other[*i] == first[*i])).count();
        // What is common must leave room for the rest of each entry.
        let shown = if others.is_empty() { first.len() } else { common.min(shortest - 1) };
        first[..shown].iter().for_each(|segment| push_segment(&mut pattern, segment));
        if shown < first.len() {
            pattern.push_below();
        }
        Some(pattern.into_string())
    }

    /// Segments as they stand in a pattern.
    fn globs<'a>(
        &self,
        layout: &Layout,
        segments: impl IntoIterator<Item = &'a Segment>,
    ) -> Vec<String> {
        let mut index = layout.count_params(self.top);
        let mut glob = |segment: &Segment| {
            let mut pattern = Pattern::new();
            pattern.push_literal(&segment.before);
            if segment.hole.is_some() {
                match self.given_at(index) {
                    Some(text) => pattern.push_literal(text),
                    None => pattern.push_hole(),
                }
                index += 1;
            }
            pattern.push_literal(&segment.after);
            pattern.into_string()
        };
        segments.into_iter().map(&mut glob).collect()
    }

    /// The segments of an entry below the prefix, each with the parameter in it, if it is given.
    fn segments<'a>(
        &'a self,
        layout: &'a Layout,
        entry: &'a Entry,
    ) -> impl Iterator<Item = (&'a Segment, Option<&'a str>)> {
        let mut index = layout.count_params(self.top);
        layout.segments_below(self.top, entry).into_iter().map(move |segment| {
            let given = segment.hole.as_ref().and_then(|_| self.given_at(index));
            index += usize::from(segment.hole.is_some());
            (segment, given)
        })
    }

    /// The sought entries at its end, or below that.
    fn entries<'a>(
        &self,
        layout: &'a Layout,
        sought: Sought,
    ) -> impl Iterator<Item = (EntryId, &'a Entry)> + use<'a> {
        let range = match self.end {
            Target::Entry(id) => id.0..id.0 + 1,
            Target::Namespace(id) => layout.namespace(id).map_or(0..0, |found| found.below.clone()),
        };
        let entries = range.filter_map(|id| Some((EntryId(id), layout.entry(EntryId(id)).ok()?)));
        entries.filter(move |(_, entry)| sought.has(entry.kind))
    }

    fn given_at(&self, index: usize) -> Option<&str> {
        self.given.iter().find(|(given, _)| *given == index).map(|(_, text)| &text[..])
    }
}

impl Sought {
    /// Whether keys of that kind are among them; the names of channels are no keys.
    pub(crate) const fn has(self, kind: Kind) -> bool {
        match self {
            Self::Everything | Self::Known => !matches!(kind, Kind::Channel),
            Self::Secrets => matches!(kind, Kind::Secret),
            Self::Strays => false,
        }
    }
}

impl Layout {
    /// The namespaces between a namespace and one below it, outermost first, that one included.
    fn between(&self, top: NamespaceId, end: NamespaceId) -> Vec<&Namespace> {
        let top = self.namespaces.get(top.0 as usize);
        let is_top = |found: &&Namespace| top.is_some_and(|top| core::ptr::eq(*found, top));
        let mut found: Vec<_> = self.ancestors(end).take_while(|found| !is_top(found)).collect();
        found.reverse();
        found
    }

    /// The segments of an entry below a namespace above it.
    fn segments_below<'a>(&'a self, top: NamespaceId, entry: &'a Entry) -> Vec<&'a Segment> {
        let between = self.between(top, entry.namespace).into_iter();
        let templates = between.map(|namespace| &namespace.template).chain([&entry.template]);
        templates.flat_map(|template| &template.segments).collect()
    }
}

/// Shows how much is given, not what: it may be sensitive.
impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Way({:?}, {} given below {:?})", self.end, self.given.len(), self.top)
    }
}

fn push_segment(pattern: &mut Pattern, glob: &str) {
    if !pattern.as_str().is_empty() {
        pattern.push_literal(":");
    }
    pattern.push_rendered(glob);
}

/// What of a key stands below a prefix.
fn below<'k>(prefix: &[u8], key: &'k [u8]) -> Option<&'k [u8]> {
    let rest = key.strip_prefix(prefix)?;
    match prefix.is_empty() || prefix.ends_with(b":") {
        true => Some(rest),
        false => rest.strip_prefix(b":"),
    }
}

/// A parameter as keys have it.
fn written(param: &Param<'_>, spec: &ParamSpec, specs: &[ParamSpec]) -> Result<String> {
    let mut key = Key::new();
    spec.write(param, &mut key).map_err(|error| discreet(error, spec, specs, param))?;
    Ok(key.as_str().to_string())
}

#[cold]
fn missing(spec: &ParamSpec) -> Error {
    Error::new(ErrorKind::MissingParam, format!("the parameter `{}` is missing", spec.name))
}
