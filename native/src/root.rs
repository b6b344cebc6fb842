//! A layout tied to a client: where all handles come from.

use std::{fmt, sync::Arc};

use nestkey_core::{
    call::{Call as CoreCall, Cleared, Cx, Outcome, Target},
    error::{Error, Result},
    key::Key,
    layout::{Layout, NamespaceId},
};

use crate::{
    Client, Entry, Namespace,
    call::{Call, op},
    held::Held,
    keys::{Keys, Strays},
    param::Params,
    pipeline::{Calls, Pipeline},
    rim::Validators,
};

/// A layout tied to a client: the root of its tree.
///
/// It is `Clone + Send + Sync + 'static` and as cheap to clone as an `Arc`: keep it in the state of a
/// service. The handles that come from it borrow it, until they are made
/// [their own](Entry::into_owned); the calls that they make borrow nothing.
///
/// ```
/// # use nestkey::{Client, Layout};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
/// let layout = Layout::from_json(r#"{"prefix": "root", "namespaces": {"user": {
///     "prefix": "user:{user_id:int}", "ttl": "2m",
///     "keys": {"age": {"type": "int", "default": 0}}
/// }}}"#)?;
/// let root = Client::connect("memory://").await?.bind(&layout);
/// let user = root.namespace("user", [1])?;
/// user.entry("age")?.set(30).await?;             // SET root:user:1:age {"__type__": "int", "value": 30} EX 120
/// let age: i64 = user.entry("age")?.get().await?; // GET root:user:1:age
/// assert_eq!(age, 30);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Root(Arc<Bound>);

struct Bound {
    client: Client,
    layout: Arc<Layout>,
    /// The prefix given when binding, with its separator.
    prefix: String,
    /// The prefix of the root, or why there is none.
    top: Result<Key>,
    validators: Validators,
}

impl Root {
    pub(crate) fn new(client: &Client, layout: Arc<Layout>, prefix: &str) -> Self {
        let mut prefix = prefix.trim_end_matches(':').to_owned();
        let top = layout.root(&prefix);
        if !prefix.is_empty() {
            prefix.push(':');
        }
        Self(Arc::new(Bound {
            client: client.clone(),
            layout,
            prefix,
            top,
            validators: Validators::default(),
        }))
    }

    /// The same layout behind one more prefix, such as the name of an environment or a tenant.
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # let layout = Layout::from_json(r#"{"prefix": "root", "keys": {"age": {"type": "int"}}}"#)?;
    /// # let (client, _) = Client::memory();
    /// let staging = client.bind(&layout).with_prefix("staging");
    /// assert_eq!(staging.entry("age")?.key(), "staging:root:age");
    /// # Ok::<(), nestkey::Error>(())
    /// ```
    #[must_use]
    pub fn with_prefix(&self, prefix: &str) -> Self {
        let prefix = format!("{}{prefix}", self.0.prefix);
        let staged = Self::new(&self.0.client, Arc::clone(&self.0.layout), &prefix);
        staged.with_validators(self.validators().clone())
    }

    /// The layout.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.0.layout
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// A namespace below the root by its name, or by its dotted path with the parameters of all
    /// levels at once.
    ///
    /// By name they fill what the path leaves open; by position they go in order to the levels for
    /// which the path has none.
    ///
    /// ```
    /// # use nestkey::{Client, Layout, param::named};
    /// # let layout = Layout::from_json(r#"{"namespaces": {"user": {"prefix": "user:{user_id:int}",
    /// #     "namespaces": {"inbox": {"prefix": "box:{name}"}}}}}"#)?;
    /// # let (client, _) = Client::memory();
    /// let root = client.bind(&layout);
    /// let inbox = root.namespace("user.inbox", (7, "work"))?;
    /// assert_eq!(inbox.prefix(), "user:7:box:work");
    /// let given = named((("user_id", 7), ("name", "work")));
    /// assert_eq!(root.namespace("user.inbox", given)?.prefix(), "user:7:box:work");
    /// assert_eq!(root.namespace("user(7).inbox", ["work"])?.prefix(), "user:7:box:work");
    /// # Ok::<(), nestkey::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// There is no such namespace, or its parameters are missing, surplus, unknown, doubled or
    /// ill-typed.
    #[inline(always)]
    pub fn namespace(&self, name: &str, params: impl Params) -> Result<Namespace<'_>> {
        Namespace::below(Held::Borrowed(self), NamespaceId::ROOT, self.top()?, name, params)
    }

    /// An entry below the root that needs no parameters.
    ///
    /// # Errors
    ///
    /// There is no such entry, or it has parameters.
    #[inline(always)]
    pub fn entry(&self, name: &str) -> Result<Entry<'_>> {
        self.entry_with(name, ())
    }

    /// An entry below the root with its parameters: by its name with its own, or by its dotted path
    /// with those of all levels at once.
    ///
    /// # Errors
    ///
    /// As [`namespace`](Self::namespace).
    #[inline(always)]
    pub fn entry_with(&self, name: &str, params: impl Params) -> Result<Entry<'_>> {
        Entry::below(Held::Borrowed(self), NamespaceId::ROOT, self.top()?, name, params)
    }

    /// The entry at a path with its parameters: `user(7).messages.message(42)`.
    ///
    /// # Errors
    ///
    /// A path that is spelled wrong, leads nowhere or to a namespace; parameters as in
    /// [`namespace`](Self::namespace).
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # let layout = Layout::from_json(r#"{"namespaces": {"user": {
    /// #     "prefix": "user:{user_id:int}", "keys": {"age": {"type": "int"}}}}}"#)?;
    /// # let (client, _) = Client::memory();
    /// let root = client.bind(&layout);
    /// assert_eq!(root.at("user(7).age")?.key(), "user:7:age");
    /// assert_eq!(root.at("user(user_id=7).age")?.key(), "user:7:age");
    /// # Ok::<(), nestkey::Error>(())
    /// ```
    pub fn at(&self, path: &str) -> Result<Entry<'_>> {
        self.entry_with(path, ())
    }

    /// The namespace at a path with its parameters: `user(7).messages`.
    ///
    /// # Errors
    ///
    /// As [`at`](Self::at).
    pub fn namespace_at(&self, path: &str) -> Result<Namespace<'_>> {
        if path.is_empty() { self.top_namespace() } else { self.namespace(path, ()) }
    }

    /// A call that is data already, such as one read from [its JSON](CoreCall::from_json); it gives
    /// what core makes of the replies.
    ///
    /// The keys of [`Verb::Keys`](nestkey_core::call::Verb::Keys) are not handed out:
    /// [`Namespace::keys`] is for that.
    ///
    /// ```
    /// use nestkey::core::{call::{Call, Outcome}, json};
    /// # use nestkey::{Client, Layout};
    /// # let layout = Layout::from_json(r#"{"keys": {"age": {"type": "int"}}}"#)?;
    /// # let (client, _) = Client::memory();
    /// let root = client.bind(&layout);
    /// let call = Call::from_json(&json::read(br#"{"call": "exists", "path": "age"}"#)?, &layout, "")?;
    /// assert_eq!(root.call(call).wait()?, Outcome::Bool(false));
    /// # Ok::<(), nestkey::Error>(())
    /// ```
    pub fn call(&self, call: CoreCall) -> Call<Outcome> {
        Call::new(self.clone(), Ok(call), Ok)
    }

    /// The root as a namespace, for [`keys`](Namespace::keys), [`count`](Namespace::count) and
    /// [`clear`](Namespace::clear) over everything.
    ///
    /// # Errors
    ///
    /// The prefix given when binding is too long.
    pub fn top_namespace(&self) -> Result<Namespace<'_>> {
        Ok(Namespace::new(Held::Borrowed(self), NamespaceId::ROOT, self.top()?.clone()))
    }

    /// Several calls in one batch: a tuple, an array or a `Vec` of them.
    ///
    /// Awaited it gives their values, or the first failure with everything else inside;
    /// [`settled`](Pipeline::settled) gives a result for each.
    ///
    /// The commands leave in the order of the calls. A call that takes several turns (`update`,
    /// `get_or_set`, `verify`, `rebind`, walks) sends its later commands behind the first ones of
    /// the calls after it: put what must come after it into the next pipeline.
    ///
    /// A long pipeline is sent piece by piece, within
    /// [`max_in_flight`](crate::connect::Connect::max_in_flight). Where a piece fails, the calls of
    /// earlier ones have their results, its own are [ambiguous](Error::outcome), and those behind it
    /// were not sent.
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// # let layout = Layout::from_json(r#"{"keys": {"age": {"type": "int"}, "name": {"type": "string"}}}"#)?;
    /// # let root = Client::connect("memory://").await?.bind(&layout);
    /// # let (age, name) = (root.entry("age")?, root.entry("name")?);
    /// let (_, _, age) = root.pipeline((age.set(30), name.set("Ada"), age.get::<i64>())).await?;
    /// assert_eq!(age, 30);
    /// # Ok(()) }
    /// ```
    pub fn pipeline<C: Calls>(&self, calls: C) -> Pipeline<C> {
        Pipeline::new(self.clone(), calls, false)
    }

    /// The same between MULTI and EXEC: no other client's command comes in between.
    ///
    /// Redis has no rollback: a command that fails while the group runs leaves the others applied.
    /// A call that cannot even be made keeps the whole group from being sent, and so does one that
    /// exceeds [`max_in_flight`](crate::connect::Connect::max_in_flight), MULTI and EXEC included.
    #[doc(alias = "transaction")]
    pub fn atomic<C: Calls>(&self, calls: C) -> Pipeline<C> {
        Pipeline::new(self.clone(), calls, true)
    }

    pub(crate) fn validators(&self) -> &Validators {
        &self.0.validators
    }

    pub(crate) fn with_validators(&self, validators: Validators) -> Self {
        let Bound { client, layout, prefix, top, .. } = &*self.0;
        Self(Arc::new(Bound {
            client: client.clone(),
            layout: Arc::clone(layout),
            prefix: prefix.clone(),
            top: top.clone(),
            validators,
        }))
    }

    /// What a step of a plan may look at.
    pub(crate) fn cx(&self) -> Cx<'_> {
        let client = &self.0.client;
        let cx = Cx::new(&self.0.layout, &self.0.prefix);
        let cx = cx.with_max_in_flight(client.max_in_flight()).with_limits(client.value_limits());
        match client.keys() {
            Some(keyring) => cx.with_keyring(keyring),
            None => cx,
        }
    }

    /// Whether a call made with the other means the same here.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let (a, b) = (&self.0, &other.0);
        Arc::ptr_eq(a, b)
            || (Arc::ptr_eq(&a.layout, &b.layout) && a.prefix == b.prefix && a.client.is(&b.client))
    }

    /// An error with the path of what it is about.
    #[cold]
    pub(crate) fn located(&self, error: Error, target: Option<Target>) -> Error {
        match target {
            Some(target) => error.at_path(self.layout().path_of(target)),
            None => error,
        }
    }

    /// A key or prefix for people to read: sensitive parameters are hidden, by the path alone
    /// where they stand in a prefix.
    pub(crate) fn shown(&self, target: Target, key: &Key) -> String {
        match target {
            Target::Entry(id) => self.layout().shown(id, key.as_str(), self.prefix()),
            Target::Namespace(id) if self.layout().is_sensitive(id) => {
                self.layout().path_of(target).to_owned()
            }
            Target::Namespace(_) => key.as_str().to_owned(),
        }
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.0.prefix
    }

    pub(crate) fn top(&self) -> Result<&Key> {
        self.0.top.as_ref().map_err(Error::clone)
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Root")
            .field("layout", self.layout())
            .field("prefix", &self.prefix())
            .field("client", self.client())
            .finish()
    }
}

/// The namespace calls on everything below the root, as on any [`Namespace`].
impl Root {
    /// Every key of the layout that exists: [`Namespace::keys`].
    pub fn keys(&self) -> Keys {
        match self.top_namespace() {
            Ok(top) => top.keys(),
            Err(error) => Keys::failed(self.clone(), error),
        }
    }

    /// Every key under the root's prefix that the layout does not know: [`Namespace::strays`].
    pub fn strays(&self) -> Strays {
        match self.top_namespace() {
            Ok(top) => top.strays(),
            Err(error) => Strays::failed(self.clone(), error),
        }
    }

    /// How many keys of the layout exist: [`Namespace::count`].
    pub fn count(&self) -> Call<u64> {
        match self.top_namespace() {
            Ok(top) => top.count(),
            Err(error) => Call::failed(self.clone(), error),
        }
    }

    /// Removes every key of the layout: [`Namespace::clear`].
    pub fn clear(&self) -> Call<Cleared, op::Clear> {
        match self.top_namespace() {
            Ok(top) => top.clear(),
            Err(error) => Call::failed(self.clone(), error),
        }
    }
}
