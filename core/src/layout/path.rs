//! Paths as text, with their parameters: `user(7).messages.message(message_id=42)`.

use alloc::{format, string::String, vec::Vec};

use super::{EntryId, Layout, NamespaceId, Target, resolve::Params};
use crate::{
    error::{Error, ErrorKind, Result},
    json::{self, Node},
    key::{
        Key,
        param::{Param, ParamSpec},
        slot::hash_tag,
        template::Template,
    },
    quote::quoted,
    steps,
};

impl Layout {
    /// The entry or namespace at a path, and its key or prefix.
    ///
    /// Parameters stand in parentheses behind the name of what declares them, by position or by
    /// name: `user(7)`, `user(user_id=7)`. A text with a comma, a quote, a parenthesis or `=` in
    /// it is quoted as in JSON. `prefix` comes before everything, with one separator behind it.
    ///
    /// # Errors
    ///
    /// A path that is spelled wrong or leads nowhere; parameters as in [`Layout::complete`].
    ///
    /// ```
    /// use nestkey_core::layout::Layout;
    /// let layout = Layout::from_json(r#"{"keys": {"hits": {"template": "hits:{route}"}}}"#)?;
    /// let (_, key) = layout.resolve(r#"hits("a,b")"#, "dev:")?;
    /// assert_eq!(key.as_str(), "dev:hits:a,b");
    /// # Ok::<(), nestkey_core::error::Error>(())
    /// ```
    pub fn resolve(&self, path: &str, prefix: &str) -> Result<(Target, Key)> {
        let mut key = self.root(prefix)?;
        let target = self.follow(NamespaceId::ROOT, path, Params::Positional(&[]), &mut key)?;
        Ok((target, key))
    }

    /// Appends what a path adds to a key that holds the prefix of a namespace, and answers where it
    /// leads from there; `given` are parameters of all levels at once.
    ///
    /// By name they fill what the path leaves open; by position they go in order to the levels for
    /// which the path has none.
    ///
    /// # Errors
    ///
    /// As [`resolve`](Self::resolve). Parameters that no level of the path takes are unknown or
    /// surplus; those that the path has already are doubled. What the key holds then is of no use.
    ///
    /// ```
    /// use nestkey_core::{key::param::Param, layout::{Layout, NamespaceId, Params}};
    /// let layout = Layout::from_json(r#"{"namespaces": {"user": {"prefix": "user:{user_id:int}",
    ///     "keys": {"note": {"template": "note:{note_id:int}"}}}}}"#)?;
    /// let resolve = |path: &str, given: Params<'_>| {
    ///     let mut key = layout.root("dev")?;
    ///     layout.follow(NamespaceId::ROOT, path, given, &mut key)?;
    ///     Ok::<_, nestkey_core::error::Error>(key.as_str().to_owned())
    /// };
    /// let named = [("note_id", Param::Int(2)), ("user_id", Param::Int(7))];
    /// assert_eq!(resolve("user.note", Params::Named(&named))?, "dev:user:7:note:2");
    /// let positional = [Param::Int(7), Param::Int(2)];
    /// assert_eq!(resolve("user.note", Params::Positional(&positional))?, "dev:user:7:note:2");
    /// assert_eq!(resolve("user(7).note", Params::Positional(&positional[1..]))?, "dev:user:7:note:2");
    /// # Ok::<(), nestkey_core::error::Error>(())
    /// ```
    pub fn follow(
        &self,
        from: NamespaceId,
        path: &str,
        given: Params<'_>,
        key: &mut Key,
    ) -> Result<Target> {
        self.take(&self.steps(from, path)?, from, given, key)
    }

    /// Completes a key that holds the prefix of a namespace to that of the entry of that name in
    /// it, or at that path below it.
    ///
    /// # Errors
    ///
    /// As [`follow`](Self::follow), and a path that leads to a namespace.
    #[inline]
    pub fn entry_at(
        &self,
        from: NamespaceId,
        path: &str,
        given: Params<'_>,
        key: &mut Key,
    ) -> Result<EntryId> {
        match self.entry_in(from, path) {
            Some(id) => self.complete(id, given, key).map(|()| id),
            None => match self.follow_far(from, path, given, key)? {
                Target::Entry(id) => Ok(id),
                target => Err(self.unwanted(target, "a namespace, an entry")),
            },
        }
    }

    /// Extends a key that holds the prefix of a namespace by that of the namespace of that name in
    /// it, or at that path below it.
    ///
    /// # Errors
    ///
    /// As [`follow`](Self::follow), and a path that leads to an entry.
    #[inline]
    pub fn namespace_at(
        &self,
        from: NamespaceId,
        path: &str,
        given: Params<'_>,
        key: &mut Key,
    ) -> Result<NamespaceId> {
        match self.child(from, path) {
            Some(id) => self.enter(id, given, key).map(|()| id),
            None => match self.follow_far(from, path, given, key)? {
                Target::Namespace(id) => Ok(id),
                target => Err(self.unwanted(target, "an entry, a namespace")),
            },
        }
    }

    /// Follows a path of more than a name, which was looked for already.
    #[cold]
    fn follow_far(
        &self,
        from: NamespaceId,
        path: &str,
        given: Params<'_>,
        key: &mut Key,
    ) -> Result<Target> {
        match path.contains(['.', '(']) {
            true => self.follow(from, path, given, key),
            false => Err(self.leads_nowhere(from, path)),
        }
    }

    fn unwanted(&self, target: Target, what: &str) -> Error {
        let message = format!("`{}` is {what} was wanted", self.path_of(target));
        Error::new(ErrorKind::UnknownPath, message)
    }

    /// Extends a key by what steps from a namespace add, and answers where the last one leads.
    fn take(
        &self,
        steps: &[Step],
        from: NamespaceId,
        given: Params<'_>,
        key: &mut Key,
    ) -> Result<Target> {
        let target = steps.last().map_or(Target::Namespace(from), |step| step.target);
        let levels = self.levels(steps, given).map_err(|e| e.at_path(self.path_of(target)))?;
        for (step, level) in steps.iter().zip(&levels) {
            match step.target {
                Target::Entry(id) => self.complete(id, level.params(), key)?,
                Target::Namespace(id) => self.enter(id, level.params(), key)?,
            }
        }
        Ok(target)
    }

    /// The names of a path, each with what it leads to and its own parameters.
    pub(super) fn steps(&self, from: NamespaceId, path: &str) -> Result<Vec<Step>> {
        let mut parser = Parser { path, rest: path };
        let (mut namespace, mut steps) = (from, Vec::new());
        while !parser.rest.is_empty() {
            let (name, given) = parser.step()?;
            let is_last = parser.rest.is_empty();
            let target = match (is_last, self.entry_in(namespace, name)) {
                (true, Some(entry)) => Target::Entry(entry),
                _ => match self.child(namespace, name) {
                    Some(child) => {
                        namespace = child;
                        Target::Namespace(child)
                    }
                    None => return Err(self.leads_nowhere(namespace, name)),
                },
            };
            let is_called_empty = given.as_ref().is_some_and(Vec::is_empty);
            steps.push(Step { target, own: given.unwrap_or_default(), is_called_empty });
        }
        Ok(steps)
    }

    /// The parameters of each step: its own, and what `given` has for it.
    pub(super) fn levels<'a>(
        &self,
        steps: &'a [Step],
        given: Params<'a>,
    ) -> Result<Vec<Level<'a>>> {
        let (named, mut rest): (&[_], &[_]) = match given {
            Params::Named(named) => (named, &[]),
            Params::Positional(params) => (&[], params),
        };
        let count = rest.len();
        let known = || steps.iter().flat_map(|step| self.specs(step.target));
        if let Some((name, _)) =
            named.iter().find(|(name, _)| known().all(|spec| spec.name != *name))
        {
            return Err(unknown_param(name, known()));
        }
        let mut levels = Vec::new();
        for step in steps {
            let specs = self.specs(step.target);
            let is_here = |(name, _): &&(&str, _)| specs.iter().any(|spec| spec.name == **name);
            let beside: Vec<_> = named.iter().filter(is_here).copied().collect();
            levels.push(match (step.named(), step.positional()) {
                (None, None) if beside.is_empty() => {
                    let (here, others) = rest.split_at(specs.len().min(rest.len()));
                    rest = others;
                    Level::Positional(here.into())
                }
                (None, None) => Level::Named(beside),
                (Some(own), _) => Level::Named(own.chain(beside).collect()),
                (None, Some(own)) => match beside.first() {
                    None => Level::Positional(own.collect()),
                    Some((name, _)) => return Err(beside_positional(name, specs, step.own.len())),
                },
            });
        }
        if rest.is_empty() {
            return Ok(levels);
        }
        let open = count - rest.len();
        let message = format!("{count} parameters are given, the path leaves {open} open");
        Err(Error::new(ErrorKind::SurplusParam, message))
    }

    pub(super) fn specs(&self, target: Target) -> &[ParamSpec] {
        let specs = match target {
            Target::Entry(id) => self.entry(id).map(|entry| &entry.params[..]),
            Target::Namespace(id) => self.namespace(id).map(|namespace| &namespace.params[..]),
        };
        specs.unwrap_or_default()
    }

    /// The prefix of the root, behind one given when binding.
    ///
    /// # Errors
    ///
    /// A prefix whose segments are empty or not printable ASCII without spaces; one with braces that
    /// are no hash tag, or beside a template with braces of its own; or one that is too long.
    pub fn root(&self, prefix: &str) -> Result<Key> {
        let prefix = prefix.trim_end_matches(':');
        let mut key = Key::from(prefix);
        if !key.is_empty() {
            if check_prefix(prefix)?
                && let Some((path, template)) = self.braced()
            {
                let message = format!(
                    "the prefix {} has a hash tag, and so has the template {}: the first one counts",
                    quoted(prefix),
                    quoted(template)
                );
                return Err(Error::new(ErrorKind::InvalidPath, message).at_path(path));
            }
            key.push_str(":");
        }
        self.enter(NamespaceId::ROOT, Params::Positional(&[]), &mut key)?;
        Ok(key)
    }

    /// The path and template of what has braces in its keys, if anything has.
    fn braced(&self) -> Option<(&str, &str)> {
        let namespaces = self.namespaces.iter().map(|found| (&found.path, &found.template));
        let entries = self.entries.iter().map(|entry| (&entry.path, &entry.template));
        let has_braces = |template: &Template| {
            template.has_literal_braces() || template.holes().any(|hole| hole.tag)
        };
        namespaces
            .chain(entries)
            .find(|(_, template)| has_braces(template))
            .map(|(path, template)| (&path[..], &template.text[..]))
    }

    /// The error about a name that a namespace does not have, with the names that it has; or has for
    /// the other thing.
    #[cold]
    #[must_use]
    pub fn leads_nowhere(&self, namespace: NamespaceId, name: &str) -> Error {
        let Ok(found) = self.namespace(namespace) else {
            return Error::new(ErrorKind::UnknownPath, format!("no `{name}`"));
        };
        if self.child(namespace, name).is_some() {
            let message = format!("`{name}` is a namespace, an entry was wanted");
            return Error::new(ErrorKind::UnknownPath, message).at_path(&found.path);
        }
        if self.entry_in(namespace, name).is_some() {
            let message = format!("`{name}` is an entry, a namespace was wanted");
            return Error::new(ErrorKind::UnknownPath, message).at_path(&found.path);
        }
        let entries = found.entries.iter().filter_map(|id| Some(&self.entry(*id).ok()?.name[..]));
        let children =
            found.children.iter().filter_map(|id| Some(&self.namespace(*id).ok()?.name[..]));
        let names: Vec<_> = entries.chain(children).collect();
        let place = if found.path.is_empty() { "the root" } else { &found.path };
        let message = format!("no `{name}` in {place}, which has: {}", names.join(", "));
        Error::new(ErrorKind::UnknownPath, message)
    }
}

/// What stands before a whole layout is literal text; whether it has a hash tag.
fn check_prefix(prefix: &str) -> Result<bool> {
    let is_plain =
        |segment: &str| !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_graphic());
    let braces = || prefix.bytes().filter(|byte| matches!(byte, b'{' | b'}'));
    let has_tag = hash_tag(prefix.as_bytes()).is_some();
    let wanted = if !prefix.split(':').all(is_plain) {
        "its segments are printable ASCII without spaces"
    } else if braces().count() != if has_tag { 2 } else { 0 } {
        "its braces are those of one hash tag: `{…}`"
    } else {
        return Ok(has_tag);
    };
    let message = format!("the prefix {}: {wanted}", quoted(prefix));
    Err(Error::new(ErrorKind::InvalidPath, message))
}

/// A parameter given by name at a level that the path itself gives by position.
#[cold]
fn beside_positional(name: &str, specs: &[ParamSpec], own: usize) -> Error {
    if specs.iter().take(own).any(|spec| spec.name == name) {
        let message = format!("the parameter `{name}` is given twice");
        return Error::new(ErrorKind::DoubledParam, message);
    }
    Error::new(ErrorKind::InvalidPath, ALL_ALIKE)
}

const ALL_ALIKE: &str = "parameters are given all by name or all by position";

/// A name of a path: what it leads to, and the parameters behind it.
pub(super) struct Step {
    pub(super) target: Target,
    own: Vec<GivenText>,
    /// Whether there are parentheses with nothing in them.
    pub(super) is_called_empty: bool,
}

/// The parameters of one namespace or entry.
pub(super) enum Level<'a> {
    Named(Vec<(&'a str, Param<'a>)>),
    Positional(Vec<Param<'a>>),
}

/// A parameter as text, with its name if it was given by name.
type GivenText = (Option<String>, String);

impl Step {
    /// Its parameters if they are given by name.
    fn named(&self) -> Option<impl Iterator<Item = (&str, Param<'_>)>> {
        self.own.first()?.0.as_ref()?;
        Some(self.own.iter().filter_map(|(name, text)| Some((name.as_deref()?, Param::Str(text)))))
    }

    /// Its parameters if there are any.
    fn positional(&self) -> Option<impl Iterator<Item = Param<'_>>> {
        self.own.first()?;
        Some(self.own.iter().map(|(_, text)| Param::Str(text)))
    }
}

impl Level<'_> {
    pub(super) fn params(&self) -> Params<'_> {
        match self {
            Self::Named(params) => Params::Named(params),
            Self::Positional(params) => Params::Positional(params),
        }
    }
}

struct Parser<'a> {
    path: &'a str,
    rest: &'a str,
}

impl<'a> Parser<'a> {
    /// Reads `name` or `name(…)` and the dot behind it.
    fn step(&mut self) -> Result<(&'a str, Option<Vec<GivenText>>)> {
        let end = self.rest.find(['.', '(']).unwrap_or(self.rest.len());
        steps::count(1 + end);
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        if name.is_empty() {
            return Err(self.wrong("a name is missing"));
        }
        let given = self.take("(").then(|| self.given()).transpose()?;
        if !self.rest.is_empty() && (!self.take(".") || self.rest.is_empty()) {
            return Err(self.wrong("a name is missing"));
        }
        Ok((name, given))
    }

    fn given(&mut self) -> Result<Vec<GivenText>> {
        let mut given = Vec::new();
        while !self.take(")") {
            if !given.is_empty() && !self.take(",") {
                return Err(self.wrong("a `,` or `)` is missing"));
            }
            let first = self.text()?;
            given.push(if self.take("=") { (Some(first), self.text()?) } else { (None, first) });
        }
        let is_named = |(name, _): &GivenText| name.is_some();
        if given.iter().any(is_named) && !given.iter().all(is_named) {
            return Err(self.wrong(ALL_ALIKE));
        }
        Ok(given)
    }

    /// Reads a quoted text or one up to the next delimiter.
    fn text(&mut self) -> Result<String> {
        self.rest = self.rest.trim_start();
        if !self.rest.starts_with('"') {
            let end = self.rest.find([',', ')', '=', '(', '"']).unwrap_or(self.rest.len());
            steps::count(1 + end);
            let (text, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Ok(text.trim_end().into());
        }
        let mut escaped = false;
        let end = self.rest[1..].find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        steps::count(1 + end.unwrap_or(self.rest.len()));
        let Some(end) = end else { return Err(self.wrong("a quote does not end")) };
        let (quoted, rest) = self.rest.split_at(end + 2);
        let read = json::read(quoted.as_bytes()).ok();
        let Some(text) = read.as_ref().and_then(Node::as_str) else {
            return Err(self.wrong("a quoted text is no JSON"));
        };
        self.rest = rest.trim_start();
        Ok(text.into())
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest.strip_prefix(token);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    /// What is wrong where. Nothing is shown of parameters: they may be sensitive.
    #[cold]
    fn wrong(&self, what: &str) -> Error {
        let at = self.path.len() - self.rest.len();
        let (names, hidden) = match self.path.split_once('(') {
            Some((names, _)) => (names, "(…"),
            None => (self.path, ""),
        };
        let message = format!("the path `{names}{hidden}`: {what} at character {at}");
        Error::new(ErrorKind::InvalidPath, message)
    }
}

/// A parameter that is not among those there are.
#[cold]
fn unknown_param<'a>(name: &str, known: impl Iterator<Item = &'a ParamSpec>) -> Error {
    let mut message = format!("there is no parameter `{name}` on this path");
    for (index, spec) in known.enumerate() {
        message.push_str(if index == 0 { ", only `" } else { ", `" });
        message.push_str(&spec.name);
        message.push('`');
    }
    Error::new(ErrorKind::UnknownParam, message)
}
