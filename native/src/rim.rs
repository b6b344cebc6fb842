//! What is held against the caller's own functions before a call exists, and what handles know of
//! their parameters.

use std::{collections::BTreeMap, fmt, result::Result as StdResult, sync::Arc};

use nestkey_core::{
    call::Target,
    error::{Error, ErrorKind, Result},
    key::{
        Key,
        param::{Given, Param, ParamSpec},
    },
    layout::{EntryId, Layout, NamespaceId, Params as CoreParams, Way},
    plan::Answer,
    value::Payload,
};
use serde::de::DeserializeOwned;

use crate::{
    Entry, Namespace, Root, de,
    param::Params,
    ser,
    value::{Bytes, Uuid},
    work::Work,
};

/// A caller's function: what it has against a value, if anything.
type Check = Arc<dyn Fn(&Payload) -> StdResult<(), String> + Send + Sync>;

/// The functions of a root.
#[derive(Clone, Default)]
pub(crate) struct Validators {
    /// By the path of the parameter.
    params: BTreeMap<String, Vec<Check>>,
    values: BTreeMap<EntryId, Vec<Check>>,
}

impl Root {
    /// The same root with a function that every parameter or value at a path must satisfy, for what
    /// a layout cannot declare.
    ///
    /// `user.user_id` is the parameter `user_id` of the namespace `user`, `user.age` the value of
    /// an entry. The function gets it as its own type; what it has against it is in the error:
    /// `invalid-param` where a handle is made, `invalid-value` where a value is to be stored. Keys
    /// that a scan finds, values that are read, and calls that are [data](Self::call) are not held
    /// against it. Handles of the old root do not know of it.
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # let layout = Layout::from_json(r#"{"namespaces": {"user": {
    /// #     "prefix": "user:{user_id:int}", "keys": {"age": {"type": "int"}}}}}"#)?;
    /// # let (client, _) = Client::memory();
    /// let root = client
    ///     .bind(&layout)
    ///     .validate("user.user_id", |id: i64| if id % 2 == 0 { Ok(()) } else { Err("is odd") })?
    ///     .validate("user.age", |age: i64| if age < 150 { Ok(()) } else { Err("is too old") })?;
    /// let error = root.namespace("user", [7]).unwrap_err();
    /// assert_eq!(error.to_string(), "user: the parameter `user_id` is refused: is odd");
    /// let error = root.namespace("user", [8])?.entry("age")?.set(200).wait().unwrap_err();
    /// assert_eq!(error.to_string(), "user.age: the value is refused: is too old");
    /// # Ok::<(), nestkey::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `unknown-path` where there is no such parameter or value, `invalid-path` where there are
    /// both.
    pub fn validate<V, E>(
        self,
        path: &str,
        check: impl Fn(V) -> StdResult<(), E> + Send + Sync + 'static,
    ) -> Result<Self>
    where
        V: DeserializeOwned,
        E: fmt::Display,
    {
        let check: Check = Arc::new(move |payload| {
            let value = de::value(payload.view()).map_err(|error| error.message().to_owned())?;
            check(value).map_err(|reason| reason.to_string())
        });
        let layout = self.layout();
        let entry = layout.entries().find(|(_, entry)| entry.path == path).map(|(id, _)| id);
        let mut validators = self.validators().clone();
        match (entry, has_param(layout, path)) {
            (Some(id), false) => validators.values.entry(id).or_default().push(check),
            (None, true) => validators.params.entry(path.into()).or_default().push(check),
            (Some(_), true) => {
                let message = format!("`{path}` is an entry and a parameter: rename one of them");
                return Err(Error::new(ErrorKind::InvalidPath, message));
            }
            (None, false) => {
                let message = format!("`{path}` is neither an entry nor a parameter of one");
                return Err(Error::new(ErrorKind::UnknownPath, message));
            }
        }
        Ok(self.with_validators(validators))
    }

    /// Holds the parameters in a key or prefix against the functions.
    #[inline]
    pub(crate) fn admit(&self, target: Target, key: &Key) -> Result<()> {
        if self.validators().params.is_empty() { Ok(()) } else { self.check_params(target, key) }
    }

    #[cold]
    fn check_params(&self, target: Target, key: &Key) -> Result<()> {
        let mut params = params(self, target, key);
        params.try_for_each(|(owner, spec, given)| self.check_param(owner, spec, &given))
    }

    /// Holds the parameters that are given on a way against the functions.
    pub(crate) fn admit_way(&self, way: &Way) -> Result<()> {
        self.admit(Target::Namespace(way.top()), way.prefix())?;
        let mut given = way.given_params(self.layout()).into_iter();
        given.try_for_each(|(owner, spec, given)| self.check_param(owner, spec, &given))
    }

    fn check_param(&self, owner: &str, spec: &ParamSpec, given: &Given) -> Result<()> {
        let path =
            if owner.is_empty() { spec.name.clone() } else { format!("{owner}.{}", spec.name) };
        let checks = self.validators().params.get(&path).into_iter().flatten();
        checks.into_iter().try_for_each(|check| {
            check(&payload(given)?).map_err(|reason| {
                let message = format!("the parameter `{}` is refused: {reason}", spec.name);
                Error::new(ErrorKind::InvalidParam, message).at_path(owner)
            })
        })
    }

    /// Whether there are functions for the values of an entry.
    pub(crate) fn validates(&self, entry: EntryId) -> bool {
        self.validators().values.contains_key(&entry)
    }

    /// Holds a value that stays the caller's against the functions.
    pub(crate) fn check_value(&self, entry: EntryId, value: &Payload) -> Result<()> {
        let checks = self.validators().values.get(&entry);
        checks.map_or(Ok(()), |checks| satisfied(checks, value))
    }

    /// Holds a value against the functions.
    #[inline]
    pub(crate) fn admit_value(&self, entry: EntryId, value: Payload) -> Result<Payload> {
        match self.validators().values.get(&entry) {
            Some(checks) => satisfied(checks, &value).map(|()| value),
            None => Ok(value),
        }
    }

    /// A closure whose values are held against the functions.
    pub(crate) fn admitting(&self, entry: EntryId, mut work: Work) -> Work {
        let Some(checks) = self.validators().values.get(&entry).cloned() else { return work };
        Box::new(move |present| {
            let (computing, checks) = (work(present), checks.clone());
            Box::pin(async move {
                match computing.await {
                    Answer::Value(value) => match satisfied(&checks, &value) {
                        Ok(()) => Answer::Value(value),
                        Err(error) => Answer::Failed(error),
                    },
                    other => other,
                }
            })
        })
    }
}

impl Namespace<'_> {
    /// The same namespace with other parameters: by name those of any level, by position its own.
    ///
    /// ```
    /// # use nestkey::{Client, Layout, param::named};
    /// # let layout = Layout::from_json(r#"{"namespaces": {"user": {
    /// #     "prefix": "user:{user_id:int}", "namespaces": {"box": {"prefix": "box:{name}"}}}}}"#)?;
    /// # let (client, _) = Client::memory();
    /// # let root = client.bind(&layout);
    /// let inbox = root.namespace("user", [1])?.namespace("box", ["in"])?;
    /// assert_eq!(inbox.with(["out"])?.prefix(), "user:1:box:out");
    /// assert_eq!(inbox.with(named([("user_id", 2)]))?.prefix(), "user:2:box:in");
    /// # Ok::<(), nestkey::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Parameters that are surplus, unknown or ill-typed.
    pub fn with(&self, params: impl Params) -> Result<Self> {
        let target = Target::Namespace(self.id());
        params
            .give(|given| moved(self.root(), target, self.key(), given))
            .map(|prefix| Self::new(self.held(), self.id(), prefix))
    }
}

impl<K> Entry<'_, K> {
    /// The same entry with other parameters: by name those of any level, by position its own.
    ///
    /// # Errors
    ///
    /// Parameters that are surplus, unknown or ill-typed.
    pub fn with(&self, params: impl Params) -> Result<Self> {
        let target = Target::Entry(self.id());
        params
            .give(|given| moved(self.root(), target, self.as_key(), given))
            .map(|key| Self::new(self.held(), self.id(), key))
    }
}

impl fmt::Debug for Validators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Validators")
            .field("params", &self.params.keys())
            .field("values", &self.values.len())
            .finish()
    }
}

fn satisfied(checks: &[Check], value: &Payload) -> Result<()> {
    checks.iter().try_for_each(|check| check(value)).map_err(|reason| {
        Error::new(ErrorKind::InvalidValue, format!("the value is refused: {reason}"))
    })
}

/// Whether the last name of a path is a parameter of what stands before it.
fn has_param(layout: &Layout, path: &str) -> bool {
    let (owner, name) = path.rsplit_once('.').unwrap_or(("", path));
    let declares = |specs: &[ParamSpec]| specs.iter().any(|spec| spec.name == name);
    let namespaces = (0..).map_while(|index| layout.namespace(layout.namespace_id(index)?).ok());
    layout.entries().any(|(_, entry)| entry.path == owner && declares(&entry.params))
        || namespaces.into_iter().any(|found| found.path == owner && declares(&found.params))
}

/// The namespaces down to a target, the root first, and its entry.
fn levels(layout: &Layout, target: Target) -> (Vec<NamespaceId>, Option<EntryId>) {
    let (last, entry) = match target {
        Target::Entry(id) => (layout.entry(id).ok().map(|entry| entry.namespace), Some(id)),
        Target::Namespace(id) => (Some(id), None),
    };
    let above = |id: &NamespaceId| layout.namespace(*id).ok()?.parent;
    let mut namespaces: Vec<_> = std::iter::successors(last, above).collect();
    namespaces.reverse();
    (namespaces, entry)
}

/// The parameters in a key or prefix from the root down, each with the path of what declares it.
pub(crate) fn params<'r>(
    root: &'r Root,
    target: Target,
    key: &Key,
) -> impl Iterator<Item = (&'r str, &'r ParamSpec, Given)> {
    let layout = root.layout();
    let (namespaces, entry) = levels(layout, target);
    let own = key.as_str().strip_prefix(root.prefix()).unwrap_or_default().to_owned();
    let namespaces = namespaces.into_iter().filter_map(|id| layout.namespace(id).ok());
    let namespaces = namespaces.map(|found| (&found.path[..], &found.template, &found.params));
    let entry = entry.and_then(|id| layout.entry(id).ok());
    let entry = entry.map(|found| (&found.path[..], &found.template, &found.params));
    let mut found = Vec::new();
    let mut texts = own.split(':');
    for (path, template, specs) in namespaces.chain(entry) {
        let mut specs = specs.iter();
        for segment in &template.segments {
            let text = texts.next().unwrap_or_default();
            let Some(spec) = segment.hole.as_ref().and_then(|_| specs.next()) else { continue };
            let text = text.strip_prefix(&segment.before[..]).unwrap_or_default();
            let text = text.strip_suffix(&segment.after[..]).unwrap_or_default();
            found.extend(spec.decode(text).map(|given| (path, spec, given)));
        }
    }
    found.into_iter()
}

/// The key or prefix of a target with some parameters changed.
fn moved(root: &Root, target: Target, key: &Key, changed: CoreParams<'_>) -> Result<Key> {
    let layout = root.layout();
    let (namespaces, entry) = levels(layout, target);
    let present: Vec<_> = params(root, target, key).collect();
    if let CoreParams::Named(changed) = changed
        && let Some((name, _)) =
            changed.iter().find(|(name, _)| present.iter().all(|(_, spec, _)| spec.name != *name))
    {
        let known: Vec<_> = present.iter().map(|(_, spec, _)| format!("`{}`", spec.name)).collect();
        let only = if known.is_empty() { "" } else { ", only " };
        let known = known.join(", ");
        let message = format!("there is no parameter `{name}` here or above{only}{known}");
        return Err(Error::new(ErrorKind::UnknownParam, message));
    }
    let own = |specs: &[ParamSpec]| -> Vec<(String, Given)> {
        let is_own = |name: &str| specs.iter().any(|spec| spec.name == name);
        let kept = present.iter().filter(|(_, spec, _)| is_own(&spec.name));
        kept.map(|(_, spec, given)| (spec.name.clone(), given.clone())).collect()
    };
    let give = |specs: &[ParamSpec],
                is_last: bool,
                enter: &mut dyn FnMut(CoreParams<'_>) -> Result<()>| {
        match changed {
            CoreParams::Positional(given) if is_last => enter(CoreParams::Positional(given)),
            _ => {
                let kept = own(specs);
                let given = kept.iter().map(|(name, given)| {
                    let new = match changed {
                        CoreParams::Named(changed) => {
                            changed.iter().find(|(changed, _)| changed == name).map(|(_, new)| *new)
                        }
                        CoreParams::Positional(_) => None,
                    };
                    (&name[..], new.unwrap_or_else(|| Param::from(given)))
                });
                enter(CoreParams::Named(&given.collect::<Vec<_>>()))
            }
        }
    };
    let mut key = layout.root(root.prefix())?;
    for (index, id) in namespaces.iter().enumerate().skip(1) {
        let is_last = entry.is_none() && index + 1 == namespaces.len();
        let specs = &layout.namespace(*id)?.params;
        give(specs, is_last, &mut |given| layout.enter(*id, given, &mut key))?;
    }
    if let Some(id) = entry {
        give(&layout.entry(id)?.params, true, &mut |given| layout.complete(id, given, &mut key))?;
    }
    root.admit(target, &key)?;
    Ok(key)
}

/// A parameter as text.
pub(crate) fn text(given: &Given) -> String {
    match given {
        Given::Bool(value) => value.to_string(),
        Given::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Given::Int(value) => value.to_string(),
        Given::String(text) | Given::Uuid(text) => text.clone(),
        _ => String::new(),
    }
}

/// A parameter as a value.
fn payload(given: &Given) -> Result<Payload> {
    match given {
        Given::Bool(value) => ser::payload(value),
        Given::Bytes(bytes) => ser::payload(&Bytes::from(bytes.clone())),
        Given::Int(value) => ser::payload(value),
        Given::String(text) => ser::payload(text),
        Given::Uuid(text) => ser::payload(&text.parse::<Uuid>()?),
        _ => Err(Error::new(ErrorKind::Internal, "a parameter of a type without a name here")),
    }
}
