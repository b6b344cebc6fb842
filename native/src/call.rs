//! Calls: one operation each, not made yet.

use std::{
    fmt,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use nestkey_core::{
    call::{Call as CoreCall, Condition, ExpireCondition, Outcome, Target, Verb},
    error::{Error, ErrorKind, Result},
    op::Operand,
    plan::Plan,
    ttl::{Expiry, MAX_MS},
};
use serde::de::DeserializeOwned;
use tracing::Span;

use crate::{
    Root,
    drive::Drive,
    option,
    outcome::{Previous, Read},
    trace,
    work::{Work, Workers},
};

/// Which options a call has.
pub mod op {
    /// Options of [`Namespace::clear`](crate::Namespace::clear).
    #[derive(Debug)]
    pub enum Clear {}
    /// Options of [`Entry::expire`](crate::Entry::expire) and its family.
    #[derive(Debug)]
    pub enum Expire {}
    /// Options of [`Entry::get_or_set`](crate::Entry::get_or_set).
    #[derive(Debug)]
    pub enum GetOrSet {}
    /// Options of [`Entry::memory_usage`](crate::Entry::memory_usage).
    #[derive(Debug)]
    pub enum MemoryUsage {}
    /// No options but the deadline.
    #[derive(Debug)]
    pub enum Plain {}
    /// Options of [`Namespace::rotate`](crate::Namespace::rotate).
    #[derive(Debug)]
    pub enum Rotate {}
    /// Options of [`SecretEntry::set`](crate::SecretEntry) and
    /// [`PasswordEntry::set`](crate::PasswordEntry).
    #[derive(Debug)]
    pub enum Seal {}
    /// Options of [`Entry::set`](crate::Entry::set).
    #[derive(Debug)]
    pub enum Set {}
    /// Options of [`Entry::update`](crate::Entry::update).
    #[derive(Debug)]
    pub enum Update {}
    /// Options of [`PasswordEntry::verify`](crate::PasswordEntry).
    #[derive(Debug)]
    pub enum Verify {}

    /// What stores something whole: [`Set`] and [`Seal`].
    pub trait Storing: sealed::Sealed {}

    impl Storing for Seal {}
    impl Storing for Set {}

    mod sealed {
        pub trait Sealed {}

        impl Sealed for super::Seal {}
        impl Sealed for super::Set {}
    }
}

/// One operation that gives a `T`; the options in `K` are its methods.
///
/// An option is given once: two that contradict each other, or one with two values, fail the call with
/// [`ErrorKind::InvalidCall`] when it is made.
///
/// It is made at most once: by awaiting it, by [`wait`](Self::wait), or with others in a
/// [`pipeline`](Root::pipeline). The future is `Send + 'static`, so it can be spawned.
///
/// ```
/// # use nestkey::{Client, Layout};
/// # use std::{future::IntoFuture, time::Duration};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
/// # let layout = Layout::from_json(r#"{"keys": {"age": {"type": "int", "default": 0}}}"#)?;
/// # let root = Client::connect("memory://").await?.bind(&layout);
/// let age = root.entry("age")?;
/// age.set(30).if_missing().deadline(Duration::from_millis(50)).await?;
/// let spawned = tokio::spawn(age.get::<i64>().into_future());
/// assert_eq!(spawned.await.unwrap()?, 30);
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited, `.wait()`ed for, or put into a pipeline"]
pub struct Call<T, K = op::Plain> {
    pub(crate) root: Root,
    pub(crate) call: Result<CoreCall>,
    read: Reader<T>,
    /// What computes its value, where the caller does.
    work: Option<Work>,
    deadline: Option<Duration>,
    /// Which [questions](option) were answered, one bit each.
    pub(crate) answered: u8,
    options: PhantomData<fn() -> K>,
}

/// Makes what a caller gets out of what a plan comes to.
pub(crate) type Reader<T> = fn(Outcome) -> Result<T>;

/// A reader that says in its errors whose outcome it was.
#[doc(hidden)]
pub struct Reading<T> {
    read: Reader<T>,
    root: Root,
    target: Option<Target>,
}

impl<T> Reading<T> {
    pub(crate) fn located(&self, error: Error) -> Error {
        self.root.located(error, self.target)
    }

    pub(crate) fn read(self, outcome: Outcome) -> Result<T> {
        (self.read)(outcome).map_err(|error| self.root.located(error, self.target))
    }
}

impl<T> fmt::Debug for Reading<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reading")
    }
}

impl<T, K> Call<T, K> {
    pub(crate) const fn new(root: Root, call: Result<CoreCall>, read: Reader<T>) -> Self {
        Self { root, call, read, work: None, deadline: None, answered: 0, options: PhantomData }
    }

    pub(crate) fn with_work(mut self, work: Work) -> Self {
        self.work = Some(work);
        self
    }

    /// A call that cannot be made. It fails when it is run, so that its neighbours in a pipeline
    /// do not notice.
    #[cold]
    pub(crate) fn failed(root: Root, error: Error) -> Self {
        let read = |_| Err(Error::new(ErrorKind::Internal, "a call that cannot be made was made"));
        Self::new(root, Err(error), read)
    }

    /// How long it may take all in all, connecting included.
    ///
    /// Past it the call fails with [`ErrorKind::Timeout`]; its
    /// [effect](nestkey_core::error::Error::outcome) says whether anything was sent. In a pipeline
    /// the pipeline's own deadline holds. Given twice, the last one holds: who is handed a call may
    /// be more or less patient than who made it.
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Makes the call and blocks the thread until it is done.
    ///
    /// No runtime is needed, and inside of one it blocks as well. The first wait on a server opens
    /// a blocking connection to it.
    ///
    /// # Errors
    ///
    /// As awaiting it, and [`ErrorKind::NoBlocking`] on a client made from a borrowed connection.
    pub fn wait(self) -> Result<T> {
        let (reading, mut drive) = self.drive();
        drive.run_blocking().and_then(|outcome| reading.read(outcome))
    }

    fn drive(self) -> (Reading<T>, Drive) {
        let (root, deadline) = (self.root.clone(), from_now(self.deadline));
        let span = match &self.call {
            Ok(call) => trace::call(&root, call),
            Err(_) => Span::none(),
        };
        let (reading, plan, work) = self.into_parts();
        let drive = Drive::new(root, plan, deadline).with_span(span);
        (reading, drive.with_workers(Workers::alone(work)))
    }

    /// Whether it can stand in a pipeline of that root.
    pub(crate) fn is_of(&self, root: &Root) -> bool {
        self.root.is(root)
    }

    /// What a pipeline needs of it.
    pub(crate) fn into_parts(self) -> (Reading<T>, Plan, Option<Work>) {
        let target = self.call.as_ref().ok().map(|call| call.target);
        let reading = Reading { read: self.read, root: self.root, target };
        (reading, plan(self.call), self.work)
    }

    /// The call as core has it.
    pub(crate) fn into_core(self) -> (Root, Result<CoreCall>, Option<Duration>) {
        (self.root, self.call, self.deadline)
    }

    pub(crate) fn option(mut self, set: impl FnOnce(&mut Verb)) -> Self {
        if let Ok(call) = &mut self.call {
            set(&mut call.verb);
        }
        self
    }
}

/// Options of `set` on entries of every kind.
impl<T, K: op::Storing> Call<T, K> {
    /// Only when the key is missing: `NX`.
    pub fn if_missing(self) -> Self {
        self.answer(&option::CONDITION, Ok(Condition::IfMissing))
    }

    /// Only when the key is there: `XX`.
    pub fn if_exists(self) -> Self {
        self.answer(&option::CONDITION, Ok(Condition::IfExists))
    }

    /// Expires after that time instead of the layout's: `EX` or `PX`.
    ///
    /// Fractions of a millisecond are rounded up.
    pub fn ttl(self, ttl: Duration) -> Self {
        self.answer(&option::EXPIRY, after(ttl))
    }

    /// Expires at that time: `EXAT` or `PXAT`.
    pub fn expire_at(self, time: SystemTime) -> Self {
        self.answer(&option::EXPIRY, at(time))
    }

    /// Leaves the expiry as it is: `KEEPTTL`.
    pub fn keep_ttl(self) -> Self {
        self.answer(&option::EXPIRY, Ok(Expiry::Keep))
    }

    /// Lives for ever, whatever the layout declares.
    pub fn persist(self) -> Self {
        self.answer(&option::EXPIRY, Ok(Expiry::Persist))
    }
}

/// Options of [`Entry::set`](crate::Entry::set) alone.
impl<T> Call<T, op::Set> {
    /// Gives what stood there before, as [`get`](crate::Entry::get) would without the default:
    /// `GET`.
    pub fn previous<P: DeserializeOwned>(self) -> Call<P, op::Set> {
        let previous = |verb: &mut Verb| {
            if let Verb::Set(set) = verb {
                set.previous = true;
            }
        };
        let Self { root, call, deadline, answered, .. } = self.option(previous);
        Call { deadline, answered, ..Call::new(root, call, Previous::<P>::read) }
    }
}

/// Options of [`Entry::expire`](crate::Entry::expire), `expire_at` and `expire_policy`.
impl<T> Call<T, op::Expire> {
    /// Only when the key has no expiry yet.
    pub fn nx(self) -> Self {
        self.answer(&option::EXPIRE_CONDITION, Ok(ExpireCondition::Nx))
    }

    /// Only when the key has an expiry already.
    pub fn xx(self) -> Self {
        self.answer(&option::EXPIRE_CONDITION, Ok(ExpireCondition::Xx))
    }

    /// Only when it is later than the present one; no expiry counts as the latest.
    pub fn gt(self) -> Self {
        self.answer(&option::EXPIRE_CONDITION, Ok(ExpireCondition::Gt))
    }

    /// Only when it is earlier than the present one.
    pub fn lt(self) -> Self {
        self.answer(&option::EXPIRE_CONDITION, Ok(ExpireCondition::Lt))
    }
}

/// Options of [`Entry::memory_usage`](crate::Entry::memory_usage).
impl<T> Call<T, op::MemoryUsage> {
    /// How many elements of a collection the server looks at; 0 for all.
    pub fn samples(self, elements: u32) -> Self {
        self.answer(&option::SAMPLES, Ok(Operand::Int(elements.into())))
    }
}

/// Options of [`Namespace::clear`](crate::Namespace::clear).
impl<T> Call<T, op::Clear> {
    /// Removes as well what stands below the prefix and is not of the layout; refused under an
    /// empty prefix.
    pub fn strays(self) -> Self {
        self.option(|verb| *verb = Verb::Clear { strays: true })
    }
}

impl<T: 'static, K: 'static> IntoFuture for Call<T, K> {
    type Output = Result<T>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let (reading, mut drive) = self.drive();
        Box::pin(async move { drive.run().await.and_then(|outcome| reading.read(outcome)) })
    }
}

/// Shows the operation; a value to be stored and sensitive parameters are hidden.
impl<T, K> fmt::Debug for Call<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.call {
            Ok(call) => {
                // A key may hold what no log may show.
                let path = self.root.layout().path_of(call.target);
                write!(f, "Call({} {path})", call.verb.name())
            }
            Err(error) => write!(f, "Call({error:?})"),
        }
    }
}

pub(crate) fn from_now(deadline: Option<Duration>) -> Option<Instant> {
    Instant::now().checked_add(deadline?)
}

fn plan(call: Result<CoreCall>) -> Plan {
    call.map_or_else(Plan::Failed, Plan::new)
}

/// An expiry after some time. Fractions of a millisecond are rounded up, so that no time but zero
/// becomes zero.
pub(crate) fn after(time: Duration) -> Result<Expiry> {
    milliseconds(time).map(Expiry::In)
}

/// An expiry at some time.
pub(crate) fn at(time: SystemTime) -> Result<Expiry> {
    let since = time.duration_since(UNIX_EPOCH).map_err(|_| {
        Error::new(ErrorKind::InvalidCall, "an expiry is later than the beginning of 1970")
    })?;
    milliseconds(since).map(Expiry::At)
}

pub(crate) fn milliseconds(time: Duration) -> Result<u64> {
    let ms = time.as_nanos().div_ceil(1_000_000);
    u64::try_from(ms).ok().filter(|ms| *ms <= MAX_MS).ok_or_else(|| {
        Error::new(ErrorKind::InvalidCall, format!("an expiry is {MAX_MS} ms away at most"))
    })
}
