//! Paths as text, with their parameters: `user(7).messages.message(message_id=42)`.

use alloc::{format, string::String, vec::Vec};

use super::{Layout, NamespaceId, Target, resolve::Params};
use crate::{
    error::{Error, ErrorKind, Result},
    json,
    key::{Key, param::Param},
    quote::quoted,
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
        let mut namespace = NamespaceId::ROOT;
        let mut key = self.root(prefix)?;
        let mut parser = Parser { path, rest: path };
        if path.is_empty() {
            return Ok((Target::Namespace(namespace), key));
        }
        loop {
            let (name, given) = parser.step()?;
            let params: Vec<_> = given.iter().map(|(_, text)| Param::Str(text)).collect();
            let named: Vec<_> = given
                .iter()
                .filter_map(|(name, text)| Some((name.as_deref()?, Param::Str(text))))
                .collect();
            let given = match named.len() {
                0 => Params::Positional(&params),
                n if n == params.len() => Params::Named(&named),
                _ => {
                    return Err(parser.wrong("parameters are given all by name or all by position"));
                }
            };
            let last = parser.rest.is_empty();
            if let (true, Some(entry)) = (last, self.entry_in(namespace, name)) {
                self.complete(entry, given, &mut key)?;
                return Ok((Target::Entry(entry), key));
            }
            let Some(child) = self.child(namespace, name) else {
                return Err(self.leads_nowhere(namespace, name));
            };
            self.enter(child, given, &mut key)?;
            namespace = child;
            if last {
                return Ok((Target::Namespace(namespace), key));
            }
        }
    }

    /// The prefix of the root, behind one given when binding.
    ///
    /// # Errors
    ///
    /// A prefix whose segments are empty or not printable ASCII without spaces and braces; or one
    /// that is too long.
    pub fn root(&self, prefix: &str) -> Result<Key> {
        let prefix = prefix.trim_end_matches(':');
        let mut key = Key::from(prefix);
        if !key.is_empty() {
            check_prefix(prefix)?;
            key.push_str(":");
        }
        self.enter(NamespaceId::ROOT, Params::Positional(&[]), &mut key)?;
        Ok(key)
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

/// What stands before a whole layout is literal text; braces would take the hash tags of its keys.
fn check_prefix(prefix: &str) -> Result<()> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'{' | b'}');
    if prefix.split(':').all(|segment| !segment.is_empty() && segment.bytes().all(is_plain)) {
        return Ok(());
    }
    let message = format!(
        "the prefix {}: its segments are printable ASCII without spaces and braces",
        quoted(prefix)
    );
    Err(Error::new(ErrorKind::InvalidPath, message))
}

/// A parameter as text, with its name if it was given by name.
type GivenText = (Option<String>, String);

struct Parser<'a> {
    path: &'a str,
    rest: &'a str,
}

impl<'a> Parser<'a> {
    /// Reads `name` or `name(…)` and the dot behind it.
    fn step(&mut self) -> Result<(&'a str, Vec<GivenText>)> {
        let end = self.rest.find(['.', '(']).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        if name.is_empty() {
            return Err(self.wrong("a name is missing"));
        }
        let given = if self.take("(") { self.given()? } else { Vec::new() };
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
        Ok(given)
    }

    /// Reads a quoted text or one up to the next delimiter.
    fn text(&mut self) -> Result<String> {
        self.rest = self.rest.trim_start();
        if !self.rest.starts_with('"') {
            let end = self.rest.find([',', ')', '=', '(', '"']).unwrap_or(self.rest.len());
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
        let Some(end) = end else { return Err(self.wrong("a quote does not end")) };
        let (quoted, rest) = self.rest.split_at(end + 2);
        let read = json::read(quoted.as_bytes())?;
        let Some(text) = read.as_str() else { return Err(self.wrong("a text is missing")) };
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
