//! Walks along paths that may leave parameters open: the keys of every user, or of one.

use std::fmt;

use nestkey_core::{
    call::{Call as CoreCall, Cleared, Rotated, Verb},
    error::Result,
    key::Key,
    layout::{NamespaceId, Way},
};

use crate::{
    Namespace, Root,
    call::{Call, ReadOutcome, op},
    keys::{Keys, Strays},
    outcome::{Count, Read},
    param::Params,
};

/// Everything along a path, for every value of the parameters that are not given:
/// [`Root::walk`].
///
/// ```
/// # use nestkey::{Client, Layout, param::named};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
/// # let layout = Layout::from_json(r#"{"namespaces": {"user": {"prefix": "user:{user_id:int}",
/// #     "namespaces": {"cart": {"prefix": "cart:{shop}", "keys": {"item": {"template": "{n:int}", "type": "string"}}}}}}}"#)?;
/// # let root = Client::connect("memory://").await?.bind(&layout);
/// # for cart in ["user(1).cart(paris)", "user(2).cart(paris)", "user(2).cart(rome)"] {
/// #     root.at(&format!("{cart}.item(5)"))?.set("tea").await?;
/// # }
/// assert_eq!(root.walk("user.cart", ())?.count().await?, 3);     // SCAN 0 MATCH user:*:cart:*:* COUNT 1000
/// assert_eq!(root.walk("user.cart", [2])?.count().await?, 2);    // SCAN 0 MATCH user:2:cart:*:* COUNT 1000
/// let in_rome = named([("shop", "rome")]);
/// let cleared = root.walk("user.cart", in_rome)?.clear().await?; // SCAN 0 MATCH user:*:cart:rome:* COUNT 1000, UNLINK …
/// assert_eq!(cleared.removed, 1);
/// let item = root.walk("user.cart.item", ())?;                   // a path may end with an entry
/// assert_eq!(item.open_params(), ["user_id", "shop", "n"]);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Walk {
    root: Root,
    way: Way,
}

impl Root {
    /// A walk along a dotted path, to a namespace or an entry; parameters that neither the path nor
    /// `params` give stay open.
    ///
    /// By position they go in order to the levels for which the path has none, all of a level or
    /// none; by [name](crate::param::named) any of them may be given.
    ///
    /// # Errors
    ///
    /// A path that is spelled wrong or leads nowhere, also one with empty parentheses: a parameter
    /// is missing there. Parameters that are surplus, unknown, doubled or ill-typed.
    pub fn walk(&self, path: &str, params: impl Params) -> Result<Walk> {
        Walk::below(self, NamespaceId::ROOT, self.top()?, path, params)
    }
}

impl Namespace<'_> {
    /// A walk along a path below the namespace: [`Root::walk`].
    ///
    /// # Errors
    ///
    /// As [`Root::walk`].
    pub fn walk(&self, path: &str, params: impl Params) -> Result<Walk> {
        Walk::below(self.root(), self.id(), self.key(), path, params)
    }
}

impl Walk {
    fn below(
        root: &Root,
        from: NamespaceId,
        prefix: &Key,
        path: &str,
        params: impl Params,
    ) -> Result<Self> {
        let way = params.give(|given| root.layout().way(from, prefix, path, given))?;
        root.admit_way(&way)?;
        Ok(Self { root: root.clone(), way })
    }

    /// The dotted path that it ends with.
    #[must_use]
    pub fn path(&self) -> &str {
        self.root.layout().path_of(self.way.target())
    }

    /// The names of the parameters that are open, from the root down.
    #[must_use]
    pub fn open_params(&self) -> Vec<&str> {
        self.way.open_params(self.root.layout())
    }

    /// Every key of the layout along it that exists, one by one: [`Namespace::keys`].
    pub fn keys(&self) -> Keys {
        Keys::new(self.root.clone(), self.core_call(Verb::Keys))
    }

    /// Every key along it that the layout does not know: [`Namespace::strays`].
    pub fn strays(&self) -> Strays {
        Strays::new(self.root.clone(), self.core_call(Verb::Strays))
    }

    /// How many keys of the layout along it exist: [`Namespace::count`].
    pub fn count(&self) -> Call<u64> {
        self.call(Verb::Count, Count::read)
    }

    /// Removes every key of the layout along it: [`Namespace::clear`].
    pub fn clear(&self) -> Call<Cleared, op::Clear> {
        self.call(Verb::Clear { strays: false }, Cleared::read)
    }

    /// Seals the secrets along it anew: [`Namespace::rotate`].
    pub fn rotate(&self) -> Call<Rotated, op::Rotate> {
        self.call(Verb::Rotate, Rotated::read)
    }

    pub(crate) const fn root(&self) -> &Root {
        &self.root
    }

    pub(crate) fn core_call(&self, verb: Verb) -> CoreCall {
        CoreCall::walk(self.way.clone(), verb)
    }

    fn call<T, K>(&self, verb: Verb, read: ReadOutcome<T>) -> Call<T, K> {
        Call::new(self.root.clone(), Ok(self.core_call(verb)), read)
    }
}

/// Everything below the namespace.
impl From<Namespace<'_>> for Walk {
    fn from(namespace: Namespace<'_>) -> Self {
        let way = Way::new(namespace.id(), namespace.key().clone());
        Self { root: namespace.root().clone(), way }
    }
}

/// Shows the path and what is open on it.
impl fmt::Debug for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Walk({}", self.path())?;
        for (index, name) in self.open_params().into_iter().enumerate() {
            f.write_str(if index == 0 { ", every " } else { ", " })?;
            f.write_str(name)?;
        }
        f.write_str(")")
    }
}
