//! Namespaces: what they hold, and what can be done with all of it.

use std::fmt;

use nestkey_core::{
    call::{Call as CoreCall, Cleared, Target, Verb},
    error::Result,
    key::Key,
    layout::NamespaceId,
};

use crate::{
    Entry, Root,
    call::{Call, op},
    held::Held,
    keys::{Keys, Strays},
    outcome::{Count, Read},
    param::Params,
};

/// A namespace with its parameters: a prefix that is rendered once.
///
/// It borrows the [`Root`] that it comes from, unless it is [made its own](Self::into_owned); the
/// calls that it makes borrow nothing.
#[derive(Clone)]
pub struct Namespace<'r> {
    root: Held<'r>,
    id: NamespaceId,
    prefix: Key,
}

impl<'r> Namespace<'r> {
    pub(crate) const fn new(root: Held<'r>, id: NamespaceId, prefix: Key) -> Self {
        Self { root, id, prefix }
    }

    #[inline(always)]
    pub(crate) fn below(
        root: Held<'r>,
        parent: NamespaceId,
        above: &Key,
        name: &str,
        params: impl Params,
    ) -> Result<Self> {
        let mut prefix = above.clone();
        let id =
            params.give(|given| root.layout().namespace_at(parent, name, given, &mut prefix))?;
        root.admit(Target::Namespace(id), &prefix)?;
        Ok(Self::new(root, id, prefix))
    }

    /// The prefix of every key in it, without the separator.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.prefix.as_str()
    }

    /// The same with a root of its own, which borrows nothing: for the fields of a struct, or what is
    /// moved into a task. What is made from it has one as well.
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// # let layout = Layout::from_json(r#"{"namespaces": {"user": {
    /// #     "prefix": "user:{user_id:int}", "keys": {"age": {"type": "int"}}}}}"#)?;
    /// # let root = Client::connect("memory://").await?.bind(&layout);
    /// let user = root.namespace("user", [7])?.into_owned();
    /// let stored = tokio::spawn(async move { user.entry("age")?.set(30).await });
    /// assert!(stored.await.unwrap()?);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn into_owned(self) -> Namespace<'static> {
        Namespace::new(self.root.into_owned(), self.id, self.prefix)
    }

    /// A namespace in this one, or further down by its dotted path and the parameters of all its
    /// levels: [`Root::namespace`].
    ///
    /// # Errors
    ///
    /// There is no such namespace, or its parameters are missing, surplus, unknown, doubled or
    /// ill-typed.
    #[inline(always)]
    pub fn namespace(&self, name: &str, params: impl Params) -> Result<Self> {
        Self::below(self.held(), self.id, &self.prefix, name, params)
    }

    /// An entry in this namespace that needs no parameters.
    ///
    /// # Errors
    ///
    /// There is no such entry, or it has parameters.
    #[inline(always)]
    pub fn entry(&self, name: &str) -> Result<Entry<'r>> {
        self.entry_with(name, ())
    }

    /// An entry in this namespace with its own parameters, or further down by its dotted path and
    /// the parameters of all its levels: [`Root::entry_with`].
    ///
    /// # Errors
    ///
    /// As [`namespace`](Self::namespace).
    #[inline(always)]
    pub fn entry_with(&self, name: &str, params: impl Params) -> Result<Entry<'r>> {
        Entry::below(self.held(), self.id, &self.prefix, name, params)
    }

    /// Every key of the layout below it that exists, one by one.
    ///
    /// ```
    /// # use nestkey::{Client, Layout, param::Given};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// # let layout = Layout::from_json(r#"{"namespaces": {"user": {
    /// #     "prefix": "user:{user_id:int}", "keys": {"age": {"type": "int"}}}}}"#)?;
    /// # let root = Client::connect("memory://").await?.bind(&layout);
    /// # root.at("user(7).age")?.set(30).await?;
    /// let mut keys = root.keys();              // SCAN 0 MATCH user:*:age COUNT 1000
    /// while let Some(found) = keys.next().await {
    ///     let found = found?;
    ///     assert_eq!((found.key(), found.path()), ("user:7:age", "user.age"));
    ///     assert_eq!(found.param("user_id"), Some(&Given::Int(7)));
    /// }
    /// # Ok(()) }
    /// ```
    pub fn keys(&self) -> Keys {
        Keys::new(Root::clone(&self.root), self.core_call(Verb::Keys))
    }

    /// How many keys of the layout below it exist.
    ///
    /// ```text
    /// EXISTS root:user:7:age, SCAN 0 MATCH root:user:7:messages:message:* COUNT 1000 …
    /// ```
    pub fn count(&self) -> Call<u64> {
        self.call(Verb::Count, Count::read)
    }

    /// Removes every key of the layout below it, and says how many went.
    ///
    /// Keys that the layout does not know stay, unless [`strays`](Call::strays) is called for.
    ///
    /// ```text
    /// UNLINK root:user:7:age …, SCAN 0 MATCH root:user:7:messages:message:* COUNT 1000, UNLINK …
    /// ```
    pub fn clear(&self) -> Call<Cleared, op::Clear> {
        self.call(Verb::Clear { strays: false }, Cleared::read)
    }

    /// Every key below it that the layout does not know, as the server has it; keys that are
    /// `foreign` by the layout's word and those of leases are none.
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// # let layout = Layout::from_json(r#"{"namespaces": {"user": {
    /// #     "prefix": "user:{user_id:int}", "keys": {"age": {"type": "int"}}}}}"#)?;
    /// # let root = Client::connect("memory://").await?.bind(&layout);
    /// let mut strays = root.namespace("user", [7])?.strays(); // SCAN 0 MATCH user:7:* COUNT 1000
    /// while let Some(key) = strays.next().await {
    ///     println!("{}", key?.escape_ascii());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn strays(&self) -> Strays {
        Strays::new(Root::clone(&self.root), self.core_call(Verb::Strays))
    }

    pub(crate) fn root(&self) -> &Root {
        &self.root
    }

    pub(crate) fn held(&self) -> Held<'r> {
        self.root.clone()
    }

    pub(crate) const fn id(&self) -> NamespaceId {
        self.id
    }

    pub(crate) const fn key(&self) -> &Key {
        &self.prefix
    }

    pub(crate) fn call<T, K>(&self, verb: Verb, read: crate::call::ReadOutcome<T>) -> Call<T, K> {
        Call::new(Root::clone(&self.root), Ok(self.core_call(verb)), read)
    }

    fn core_call(&self, verb: Verb) -> CoreCall {
        CoreCall::new(Target::Namespace(self.id), self.prefix.clone(), verb)
    }
}

/// Shows the prefix, or where sensitive parameters stand in it the path.
impl fmt::Debug for Namespace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Namespace({})", self.root.shown(Target::Namespace(self.id), &self.prefix))
    }
}
