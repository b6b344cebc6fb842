//! Entries: one key, and every call on it.

use std::{
    fmt,
    marker::PhantomData,
    time::{Duration, SystemTime},
};

use nestkey_core::{
    call::{Call as CoreCall, Expire, Set, Target, Verb},
    error::{Error, ErrorKind, Result},
    key::Key,
    layout::{EntryId, NamespaceId},
    op::Op,
    ops::key,
    ttl::Expiry,
    types::Kind,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Root,
    call::{self, Call, ReadOutcome, op},
    held::Held,
    outcome::{Bytes, Expires, Lifetime, Lookup, Read, Size, Text, Value},
    param::Params,
    ser,
    value::{Type, named},
};

/// An entry with all its parameters: a key that is rendered once.
///
/// Every call is lazy: nothing happens until it is awaited, [`wait`](Call::wait)ed for, or put into
/// a [`pipeline`](Root::pipeline). The examples show the commands of the entry `age` of the
/// namespace `user`: `{"type": "int", "default": 0, "ttl": "2m"}`.
///
/// It borrows the [`Root`] that it comes from, unless it is [made its own](Self::into_owned); the
/// calls that it makes borrow nothing. What can be stored
/// in it depends on its kind: [`SecretEntry`](crate::SecretEntry) and
/// [`PasswordEntry`](crate::PasswordEntry) have calls of their own beside those that every key has.
pub struct Entry<'r, K = kind::Value> {
    root: Held<'r>,
    id: EntryId,
    key: Key,
    kind: PhantomData<fn() -> K>,
}

/// What is stored in an entry.
pub mod kind {
    /// The hash of a password: [`PasswordEntry`](crate::PasswordEntry).
    #[derive(Debug)]
    pub enum Password {}
    /// An encrypted text: [`SecretEntry`](crate::SecretEntry).
    #[derive(Debug)]
    pub enum Secret {}
    /// A single value, or anything of which only the key matters.
    #[derive(Debug)]
    pub enum Value {}
}

impl<'r, K> Entry<'r, K> {
    pub(crate) const fn new(root: Held<'r>, id: EntryId, key: Key) -> Self {
        Self { root, id, key, kind: PhantomData }
    }

    #[inline(always)]
    pub(crate) fn below(
        root: Held<'r>,
        parent: NamespaceId,
        prefix: &Key,
        name: &str,
        params: impl Params,
    ) -> Result<Self> {
        let mut key = prefix.clone();
        let id = params.give(|given| root.layout().entry_at(parent, name, given, &mut key))?;
        root.admit(Target::Entry(id), &key)?;
        Ok(Self::new(root, id, key))
    }

    /// The key as Redis sees it.
    #[inline]
    #[must_use]
    pub fn key(&self) -> &str {
        self.key.as_str()
    }

    /// Its dotted path in the layout, without parameters.
    #[must_use]
    pub fn path(&self) -> &str {
        self.root.layout().entry(self.id).map_or("", |entry| &entry.path)
    }

    /// The same with a root of its own, which borrows nothing: for the fields of a struct, or what is
    /// moved into a task. It costs what cloning an `Arc` does.
    ///
    /// ```
    /// # use nestkey::{Client, Entry, Layout};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// # let layout = Layout::from_json(r#"{"keys": {"hits": {"type": "int", "default": 0}}}"#)?;
    /// # let root = Client::connect("memory://").await?.bind(&layout);
    /// struct Counter { hits: Entry<'static> }
    /// let counter = Counter { hits: root.entry("hits")?.into_owned() };
    /// let counted = tokio::spawn(async move { counter.hits.update_with(|hits: i64| hits + 1).await });
    /// assert_eq!(counted.await.unwrap()?, 1);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn into_owned(self) -> Entry<'static, K> {
        Entry::new(self.root.into_owned(), self.id, self.key)
    }

    /// Removes the key; whether it was there.
    ///
    /// ```text
    /// age.delete()             // DEL root:user:1:age
    /// ```
    pub fn delete(&self) -> Call<bool> {
        self.op(&key::DELETE, bool::read)
    }

    /// Removes the key and leaves the work to the server's background; whether it was there.
    ///
    /// ```text
    /// age.unlink()             // UNLINK root:user:1:age
    /// ```
    pub fn unlink(&self) -> Call<bool> {
        self.op(&key::UNLINK, bool::read)
    }

    /// Whether the key is there.
    ///
    /// ```text
    /// age.exists()             // EXISTS root:user:1:age
    /// ```
    pub fn exists(&self) -> Call<bool> {
        self.op(&key::EXISTS, bool::read)
    }

    /// Counts as a use of the key for the server's eviction; whether it was there.
    ///
    /// ```text
    /// age.touch()              // TOUCH root:user:1:age
    /// ```
    pub fn touch(&self) -> Call<bool> {
        self.op(&key::TOUCH, bool::read)
    }

    /// Lets the key expire after some time; whether that was set.
    ///
    /// ```text
    /// age.expire(Duration::from_secs(60))        // EXPIRE root:user:1:age 60
    /// age.expire(Duration::from_millis(1)).nx()  // PEXPIRE root:user:1:age 1 NX
    /// ```
    pub fn expire(&self, after: Duration) -> Call<bool, op::Expire> {
        self.expire_to(call::after(after))
    }

    /// Lets the key expire at some time; whether that was set. A time that is over removes the key.
    ///
    /// ```text
    /// age.expire_at(time)      // EXPIREAT root:user:1:age 1893456000
    /// ```
    pub fn expire_at(&self, at: SystemTime) -> Call<bool, op::Expire> {
        self.expire_to(call::at(at))
    }

    /// Lets the key expire as the layout declares; whether that was set.
    ///
    /// ```text
    /// age.expire_policy()      // EXPIRE root:user:1:age 120
    /// ```
    pub fn expire_policy(&self) -> Call<bool, op::Expire> {
        self.expire_to(Ok(Expiry::Policy))
    }

    /// Lets the key live for ever; whether it had an expiry.
    ///
    /// ```text
    /// age.persist()            // PERSIST root:user:1:age
    /// ```
    pub fn persist(&self) -> Call<bool> {
        self.op(&key::PERSIST, bool::read)
    }

    /// How long the key has left, in whole seconds.
    ///
    /// ```text
    /// age.ttl()                // TTL root:user:1:age
    /// ```
    pub fn ttl(&self) -> Call<Lifetime> {
        self.op(&key::TTL, Lifetime::read)
    }

    /// How long the key has left, in milliseconds.
    ///
    /// ```text
    /// age.ttl_ms()             // PTTL root:user:1:age
    /// ```
    pub fn ttl_ms(&self) -> Call<Lifetime> {
        self.op(&key::TTL_MS, Lifetime::read)
    }

    /// When the key expires, to the second.
    ///
    /// ```text
    /// age.expire_time()        // EXPIRETIME root:user:1:age
    /// ```
    pub fn expire_time(&self) -> Call<Expires> {
        self.op(&key::EXPIRE_TIME, Expires::read)
    }

    /// When the key expires, to the millisecond.
    ///
    /// ```text
    /// age.expire_time_ms()     // PEXPIRETIME root:user:1:age
    /// ```
    pub fn expire_time_ms(&self) -> Call<Expires> {
        self.op(&key::EXPIRE_TIME_MS, Expires::read)
    }

    /// The type that Redis stores under the key (`string`, `hash` …), if it is there.
    ///
    /// ```text
    /// age.redis_type()         // TYPE root:user:1:age
    /// ```
    pub fn redis_type(&self) -> Call<Option<String>> {
        self.op(&key::REDIS_TYPE, Text::read)
    }

    /// How many bytes the key takes on the server, if it is there.
    ///
    /// ```text
    /// age.memory_usage()             // MEMORY USAGE root:user:1:age
    /// age.memory_usage().samples(5)  // MEMORY USAGE root:user:1:age SAMPLES 5
    /// ```
    pub fn memory_usage(&self) -> Call<Option<u64>, op::MemoryUsage> {
        self.op(&key::MEMORY_USAGE, Size::read)
    }

    fn expire_to(&self, expiry: Result<Expiry>) -> Call<bool, op::Expire> {
        let verb = expiry.map(|expiry| {
            let mut expire = Expire::default();
            expire.expiry = expiry;
            Verb::Expire(expire)
        });
        self.maybe(verb, bool::read)
    }

    /// A call of a row, of whose arguments none are given yet.
    fn op<T, O>(&self, row: &'static Op, read: ReadOutcome<T>) -> Call<T, O> {
        self.call(Verb::op(row), read)
    }

    pub(crate) fn call<T, O>(&self, verb: Verb, read: ReadOutcome<T>) -> Call<T, O> {
        let call = CoreCall::new(Target::Entry(self.id), self.key.clone(), verb);
        Call::new(Root::clone(&self.root), Ok(call), read)
    }

    pub(crate) fn maybe<T, O>(&self, verb: Result<Verb>, read: ReadOutcome<T>) -> Call<T, O> {
        match verb {
            Ok(verb) => self.call(verb, read),
            Err(error) => self.failed(error),
        }
    }

    pub(crate) fn root(&self) -> &Root {
        &self.root
    }

    pub(crate) fn held(&self) -> Held<'r> {
        self.root.clone()
    }

    pub(crate) const fn id(&self) -> EntryId {
        self.id
    }

    pub(crate) fn into_key(self) -> Key {
        self.key
    }

    pub(crate) const fn as_key(&self) -> &Key {
        &self.key
    }

    #[cold]
    pub(crate) fn failed<T, O>(&self, error: Error) -> Call<T, O> {
        Call::failed(Root::clone(&self.root), self.located(error))
    }

    /// Errors of calls that cannot be made say where, as those of the core do.
    fn located(&self, error: Error) -> Error {
        error.at_path(self.path())
    }
}

/// Calls on values.
impl Entry<'_> {
    /// The value, or the default of a missing key.
    ///
    /// A missing key without a default is `None` of an `Option`; for other types it is an error of
    /// the kind [`missing`](nestkey_core::error::ErrorKind::Missing). A stored value of another
    /// type than the entry's is an error, never a cast.
    ///
    /// ```text
    /// age.get::<i64>()         // GET root:user:1:age
    /// ```
    ///
    /// Where reading renews the expiry (`renew = "access"`) it is `GETEX root:user:1:age EX 120`.
    ///
    /// A secret or password has a handle of its own: here it is an error, and nothing is sent.
    pub fn get<T: DeserializeOwned>(&self) -> Call<T> {
        self.maybe(self.as_value().map(|()| Verb::Get), Value::<T>::read)
    }

    /// The value, told apart from null and from a missing key; never the default.
    ///
    /// ```text
    /// age.lookup::<i64>()      // GET root:user:1:age
    /// ```
    pub fn lookup<T: DeserializeOwned>(&self) -> Call<Lookup<T>> {
        self.maybe(self.as_value().map(|()| Verb::Lookup), Lookup::read)
    }

    /// Stores a value; the answer is whether it was stored, which is no only under a condition.
    ///
    /// ```text
    /// age.set(30)                                // SET root:user:1:age {"__type__": "int", "value": 30} EX 120
    /// age.set(30).if_missing()                   // SET … EX 120 NX
    /// age.set(30).if_exists().keep_ttl()         // SET … KEEPTTL XX
    /// age.set(30).ttl(Duration::from_millis(500)) // SET … PX 500
    /// age.set(30).persist()                      // SET …
    /// age.set(30).previous::<i64>()              // SET … EX 120 GET
    /// ```
    pub fn set(&self, value: impl Serialize) -> Call<bool, op::Set> {
        let value = self.as_value().and_then(|()| ser::payload(&value));
        let value = value.and_then(|value| self.root.admit_value(self.id, value));
        self.maybe(value.map(|value| Verb::Set(Set::new(value))), bool::read)
    }

    /// Refuses secrets and passwords before anything is sent: whether a key is there would decide
    /// otherwise, and a reader of plain values has no keyring.
    pub(crate) fn as_value(&self) -> Result<()> {
        match self.root.layout().entry(self.id)?.kind {
            kind @ (Kind::Password | Kind::Secret) => Err(self.wants_handle(kind)),
            _ => Ok(()),
        }
    }

    #[cold]
    fn wants_handle(&self, kind: Kind) -> Error {
        let (kind, path) = (kind.name(), self.path());
        let name = path.rsplit('.').next().unwrap_or(path);
        let message = format!(
            "the entry is a {kind}: its handle is `.{kind}(\"{name}\")`, or `.into_{kind}()` of this one"
        );
        Error::new(ErrorKind::InvalidCall, message)
    }

    /// The type of the stored value in a layout's words, whatever the entry declares.
    ///
    /// ```text
    /// age.value_type()         // GET root:user:1:age
    /// ```
    pub fn value_type(&self) -> Call<Option<String>> {
        self.call(Verb::ValueType, Text::read)
    }

    /// The type of the stored value, as a type of Rust: [`value_type`](Self::value_type) parsed.
    ///
    /// ```text
    /// age.host_type()          // GET root:user:1:age
    /// ```
    pub fn host_type(&self) -> Call<Option<Type>> {
        self.call(Verb::ValueType, |outcome| named(Text::read(outcome)?))
    }

    /// The stored bytes as they are, also when they are no value of the entry.
    ///
    /// ```text
    /// age.raw()                // GET root:user:1:age
    /// ```
    pub fn raw(&self) -> Call<Option<Vec<u8>>> {
        self.call(Verb::Raw, Bytes::read)
    }
}

impl<K> Clone for Entry<'_, K> {
    fn clone(&self) -> Self {
        Self::new(self.held(), self.id, self.key.clone())
    }
}

/// Shows the key; sensitive parameters are hidden.
impl<K> fmt::Debug for Entry<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({})", self.root.shown(Target::Entry(self.id), &self.key))
    }
}
