//! Values that callers compute: `update` and `get_or_set`.

use std::{
    future::{Future, ready},
    time::Duration,
};

use nestkey_core::{
    call::{GetOrSet, Outcome, Update, Verb, WhenDown},
    error::{Error, ErrorKind, Result},
    plan::Answer,
    value::Payload,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Entry,
    call::{Call, milliseconds, op, option},
    outcome::{Read, Value},
    ser,
    work::Work,
};

/// What a closure may come to: a `T`, or a `Result<T, E>` with an error of the caller's own.
///
/// An error ends the call, and nothing is stored. A `nestkey::Error` is handed on as it is; any
/// other is the [source](std::error::Error::source) of one of the kind
/// [`compute-failed`](ErrorKind::ComputeFailed).
///
/// Where the error could itself be stored and read (a `String`), a `Result` of it could be the value
/// or an error, and the compiler wants the type of what the call gives:
///
/// ```
/// # use nestkey::{Client, Layout};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
/// # let layout = Layout::from_json(r#"{"keys": {"age": {"type": "int", "default": 0}}}"#)?;
/// # let age = Client::connect("memory://").await?.bind(&layout);
/// # let age = age.entry("age")?;
/// let next = |age: i64| async move { age.checked_add(1).ok_or_else(|| "too old".to_owned()) };
/// let age: i64 = age.update(next).await?;
/// # assert_eq!(age, 1);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a closure computes",
    label = "a value that can be stored and read, or a `Result` of one",
    note = "it implements `serde::Serialize` and `serde::Deserialize`; a function that answers at once is for `update_with` and `get_or_set_with`, one that returns a future for `update` and `get_or_set`"
)]
pub trait Computed<T> {
    #[doc(hidden)]
    fn finish(self) -> Result<T>;
}

impl<T: Serialize + DeserializeOwned> Computed<T> for T {
    fn finish(self) -> Result<T> {
        Ok(self)
    }
}

impl<T, E> Computed<T> for std::result::Result<T, E>
where
    T: Serialize + DeserializeOwned,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn finish(self) -> Result<T> {
        self.map_err(|error| match error.into().downcast::<Error>() {
            Ok(own) => *own,
            Err(foreign) => {
                let message = "the function that computes the value failed";
                Error::new(ErrorKind::ComputeFailed, message).caused_by(foreign)
            }
        })
    }
}

impl Entry<'_> {
    /// Computes the new value from the present one, and stores it unless somebody else wrote in
    /// between; then it is read and computed once more. Gives the new value.
    ///
    /// The closure gets what [`get`](Self::get) would give, the default included; it takes an
    /// `Option` where the key may be missing. It may be called several times, up to
    /// [`tries`](Call::tries), at once and then after random waits of up to 127 ms, and gives a value or
    /// a `Result` of one. Reading and writing are two
    /// turns, the write being a script that compares and sets.
    ///
    /// Past its [deadline](Call::deadline) nothing is stored, and what the closure is at is dropped.
    /// With [`wait`](Call::wait) its future is driven without a runtime, which it must not need: on
    /// the calling thread, or where there is a deadline on one of its own.
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// # let layout = Layout::from_json(r#"{"keys": {"age": {"type": "int", "default": 0}}}"#)?;
    /// # let root = Client::connect("memory://").await?.bind(&layout);
    /// let age = root.entry("age")?;
    /// let next = age.update(|age: i64| async move { age + 1 }).await?; // GET age, EVALSHA … 1 age …
    /// assert_eq!(next, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`] after the last try: nothing is stored, and the call is
    /// [retryable](Error::is_retryable); what the closure fails with, as [`Computed`]
    /// says.
    pub fn update<I, T, F, C>(&self, mut compute: F) -> Call<T, op::Update>
    where
        I: DeserializeOwned + 'static,
        T: Serialize + DeserializeOwned + 'static,
        F: FnMut(I) -> C + Send + 'static,
        C: Future<Output: Computed<T>> + Send + 'static,
    {
        let work: Work = Box::new(move |present| {
            let present = present.map_or(Outcome::Missing, Outcome::Value);
            let computing = Value::<I>::read(present).map(&mut compute);
            Box::pin(async {
                match computing {
                    Ok(computing) => answer(computing.await),
                    Err(error) => Answer::Failed(error),
                }
            })
        });
        self.working(Verb::Update(Update::default()), work)
    }

    /// The same with a function that answers at once: [`update`](Self::update).
    ///
    /// It runs where the call is driven, so it should not block.
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// # let layout = Layout::from_json(r#"{"keys": {"age": {"type": "int", "default": 0}}}"#)?;
    /// # let root = Client::connect("memory://").await?.bind(&layout);
    /// let age = root.entry("age")?;
    /// assert_eq!(age.update_with(|age: i64| age + 1).await?, 1); // GET age, EVALSHA … 1 age …
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub fn update_with<I, T, F, C>(&self, mut compute: F) -> Call<T, op::Update>
    where
        I: DeserializeOwned + 'static,
        T: Serialize + DeserializeOwned + 'static,
        F: FnMut(I) -> C + Send + 'static,
        C: Computed<T> + Send + 'static,
    {
        self.update(move |present| ready(compute(present)))
    }

    /// The value; where the key is missing it is computed and stored first.
    ///
    /// One caller at a time computes, in all processes: it holds a [lease](Call::lease) on a key
    /// beside the value's (`root:page::lease:{root:page}`), and the others look every 20 to 500 ms
    /// whether the value is there.
    ///
    /// A computation that fails or panics gives its lease back, and so does a call that is dropped
    /// (a cancelled request): the next caller computes at once. Over a server a dropped
    /// call does that in a task on the tokio runtime that it is dropped in. Where there is none, or
    /// the whole process is gone, the lease expires.
    ///
    /// The closure runs once at most; the default of the entry does not count as a value.
    ///
    /// Past its [deadline](Call::deadline) the call ends with [`ErrorKind::Timeout`], while the
    /// computation goes on in the background, for as long as the lease lasts, and its value is stored.
    ///
    /// With [`wait`](Call::wait) the closure's future is driven without a runtime, which it must not
    /// need: on the calling thread, or where there is a deadline on one of its own.
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// # let layout = Layout::from_json(r#"{"keys": {"page": {"type": "string", "ttl": "1m"}}}"#)?;
    /// # let root = Client::connect("memory://").await?.bind(&layout);
    /// # async fn render() -> String { "<p>".into() }
    /// let page = root.entry("page")?
    ///     .get_or_set(render)     // GET page, SET page::lease:{page} … NX, SET page … EX 60
    ///     .lease(Duration::from_secs(2))
    ///     .or_compute_when_down()
    ///     .await?;
    /// assert_eq!(page, "<p>");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// What the closure fails with, as [`Computed`] says; nothing is stored then, and the lease is
    /// given back.
    pub fn get_or_set<T, F, C>(&self, compute: F) -> Call<T, op::GetOrSet>
    where
        T: Serialize + DeserializeOwned + 'static,
        F: FnOnce() -> C + Send + 'static,
        C: Future<Output: Computed<T>> + Send + 'static,
    {
        let mut token = [0; 16];
        if getrandom::fill(&mut token).is_err() {
            let message = "the system has no random bytes for a lease";
            return self.failed(Error::new(ErrorKind::Unsupported, message));
        }
        let mut compute = Some(compute);
        let work: Work = Box::new(move |_| {
            let computing = compute.take().map(|compute| compute());
            Box::pin(async {
                match computing {
                    Some(computing) => answer(computing.await),
                    None => Answer::Failed(computed_twice()),
                }
            })
        });
        self.working(Verb::GetOrSet(GetOrSet::new(token)), work)
    }

    /// The same with a function that answers at once: [`get_or_set`](Self::get_or_set).
    ///
    /// It runs where the call is driven, so it should not block.
    ///
    /// # Errors
    ///
    /// As [`get_or_set`](Self::get_or_set).
    pub fn get_or_set_with<T, F, C>(&self, compute: F) -> Call<T, op::GetOrSet>
    where
        T: Serialize + DeserializeOwned + 'static,
        F: FnOnce() -> C + Send + 'static,
        C: Computed<T> + Send + 'static,
    {
        self.get_or_set(move || ready(compute()))
    }

    fn working<T, K>(&self, verb: Verb, work: Work) -> Call<T, K>
    where
        T: DeserializeOwned,
    {
        let work = self.root().admitting(self.id(), work);
        self.maybe(self.as_value().map(|()| verb), Value::<T>::read).with_work(work)
    }
}

/// Options of [`Entry::update`].
impl<T> Call<T, op::Update> {
    /// How often the value is read and computed at most: 16 times unless said otherwise, once at
    /// least.
    pub fn tries(self, tries: u32) -> Self {
        let tries = (tries > 0).then_some(tries).ok_or_else(|| refused("`tries` is 1 at least"));
        self.answer(&option::TRIES, tries)
    }
}

/// Options of [`Entry::get_or_set`].
impl<T> Call<T, op::GetOrSet> {
    /// How long others wait for this computation before one of them does it itself; 10 seconds
    /// unless said otherwise.
    ///
    /// Fractions of a millisecond are rounded up. It should be longer than the computation takes.
    pub fn lease(self, lease: Duration) -> Self {
        let lease = milliseconds(lease).and_then(|ms| match ms {
            0 => Err(refused("a lease of zero: everybody would compute")),
            ms => Ok(ms),
        });
        self.answer(&option::LEASE, lease)
    }

    /// Gives the old value for so long behind its expiry, while one caller computes a new one: who
    /// finds it stale and gets the lease computes, and all others have the old value at once.
    ///
    /// The key lives for that much longer than its expiry says, so every caller should give the same: a
    /// layout says it for all with `stale`, in whose place this stands. Zero gives no old value.
    /// Where the computation fails, or outlives its caller's deadline, that one has the old value too;
    /// that leaves a [warning](crate::trace). It is for values that expire.
    pub fn stale(self, stale: Duration) -> Self {
        self.answer(&option::STALE, milliseconds(stale).map(Some))
    }

    /// Computes the value without storing it where no server can be reached in time, instead of
    /// failing. That leaves a [warning](crate::trace).
    pub fn or_compute_when_down(self) -> Self {
        self.fill(|fill| fill.when_down = WhenDown::Compute)
    }

    fn fill(self, option: impl FnOnce(&mut GetOrSet)) -> Self {
        self.option(|verb| {
            if let Verb::GetOrSet(fill) = verb {
                option(fill);
            }
        })
    }
}

fn answer<T: Serialize>(computed: impl Computed<T>) -> Answer {
    let payload: Result<Payload> = computed.finish().and_then(|value| ser::payload(&value));
    payload.map_or_else(Answer::Failed, Answer::Value)
}

#[cold]
fn refused(message: &str) -> Error {
    Error::new(ErrorKind::InvalidCall, message)
}

#[cold]
fn computed_twice() -> Error {
    Error::new(ErrorKind::Internal, "a value was computed twice")
}
