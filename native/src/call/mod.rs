//! Calls: one operation each, not made yet.

pub mod op;
pub(crate) mod option;
mod reading;

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use nestkey_core::{
    call::{Call as CoreCall, Condition, ExpireCondition, Verb},
    error::{Effect, Error, ErrorKind, Result},
    op::Operand,
    plan::Plan,
    ttl::{Expiry, MAX_MS},
};
use serde::de::DeserializeOwned;
use tracing::Span;

use self::reading::Reader;
pub(crate) use self::reading::{Read as ReadOutcome, Reading};
use crate::{
    Root,
    drive::Drive,
    lazy::Lazy,
    outcome::{Previous, Read},
    trace,
    work::{self, Work, Workers},
};

/// One operation that gives a `T`; the options in `K` are its methods.
///
/// An option is given once: two that contradict each other, or one with two values, fail the call with
/// [`ErrorKind::InvalidCall`] when it is made.
///
/// It is a future, made at most once: by awaiting or spawning it, by [`wait`](Self::wait), or with
/// others in a [`pipeline`](Root::pipeline). It borrows nothing.
///
/// ```
/// # use nestkey::{Client, Layout};
/// # use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
/// # let layout = Layout::from_json(r#"{"keys": {"age": {"type": "int", "default": 0}}}"#)?;
/// # let root = Client::connect("memory://").await?.bind(&layout);
/// let age = root.entry("age")?;
/// age.set(30).if_missing().deadline(Duration::from_millis(50)).await?;
/// let spawned = tokio::spawn(age.get::<i64>());
/// assert_eq!(spawned.await.unwrap()?, 30);
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited, `.wait()`ed for, or put into a pipeline"]
pub struct Call<T, K = op::Plain> {
    root: Root,
    stage: Lazy<Wish<T>, Result<T>>,
    options: PhantomData<fn() -> K>,
}

/// What is to be done, and what its caller gets.
struct Wish<T> {
    /// What cannot be done fails when it is made, so that its neighbours in a pipeline do not
    /// notice.
    call: Result<CoreCall>,
    reader: Reader<T>,
    /// What computes its value, where the caller does.
    work: Option<Work>,
    deadline: Option<Duration>,
    /// Which [questions](option) were answered, one bit each.
    answered: u8,
}

impl<T, K> Call<T, K> {
    pub(crate) const fn new(root: Root, call: Result<CoreCall>, read: ReadOutcome<T>) -> Self {
        let reader = Reader::Own(read);
        let wish = Wish { call, reader, work: None, deadline: None, answered: 0 };
        Self { root, stage: Lazy::New(wish), options: PhantomData }
    }

    pub(crate) fn with_work(self, work: Work) -> Self {
        self.change(|wish, _| wish.work = Some(work))
    }

    /// A call that cannot be made.
    #[cold]
    pub(crate) fn failed(root: Root, error: Error) -> Self {
        let read = |_| Err(Error::new(ErrorKind::Internal, "a call that cannot be made was made"));
        Self::new(root, Err(error), read)
    }

    /// How long it may take all in all, connecting and closures included.
    ///
    /// Past it the call fails with [`ErrorKind::Timeout`]; its
    /// [effect](nestkey_core::error::Error::outcome) says whether anything was sent. In a pipeline
    /// the pipeline's own deadline holds. Given twice, the last one holds: who is handed a call may
    /// be more or less patient than who made it.
    pub fn deadline(self, deadline: Duration) -> Self {
        self.change(|wish, _| wish.deadline = Some(deadline))
    }

    /// The same call without its options, so that calls of any kind can stand in one `Vec`.
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// # let layout = Layout::from_json(r#"{"keys": {"age": {"type": "int"}, "name": {"type": "string"}}}"#)?;
    /// # let root = Client::connect("memory://").await?.bind(&layout);
    /// # let (age, name) = (root.entry("age")?, root.entry("name")?);
    /// let calls = vec![age.set(30).if_missing().plain(), name.delete()];
    /// assert_eq!(root.pipeline(calls).await?, [true, false]);
    /// # Ok(()) }
    /// ```
    pub fn plain(self) -> Call<T> {
        Call { root: self.root, stage: self.stage, options: PhantomData }
    }

    /// The same call with what a function makes of its value; options come before.
    ///
    /// An error is handed on as it is, and a call of a pipeline is mapped like any other.
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// # let layout = Layout::from_json(r#"{"keys": {"age": {"type": "int"}, "name": {"type": "string"}}}"#)?;
    /// # let root = Client::connect("memory://").await?.bind(&layout);
    /// # let (age, name) = (root.entry("age")?, root.entry("name")?);
    /// let calls = vec![
    ///     age.get::<Option<i64>>().map(|age| age.map(|age| age.to_string())),
    ///     name.get::<Option<String>>(),
    /// ];
    /// assert_eq!(root.pipeline(calls).await?, [None, None]);
    /// # Ok(()) }
    /// ```
    pub fn map<U: 'static>(self, with: impl FnOnce(T) -> U + Send + 'static) -> Call<U>
    where
        T: 'static,
    {
        let stage = match self.stage {
            Lazy::New(Wish { call, reader, work, deadline, answered }) => {
                let reader = reader.map(with);
                Lazy::New(Wish { call, reader, work, deadline, answered })
            }
            Lazy::Running(running) => Lazy::Running(Box::pin(async { running.await.map(with) })),
            Lazy::Over => Lazy::Over,
        };
        Call { root: self.root, stage, options: PhantomData }
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
        match self.stage {
            Lazy::New(wish) => {
                let (reading, mut drive) = wish.drive(self.root);
                drive.run_blocking().and_then(|outcome| reading.read(outcome))
            }
            Lazy::Running(running) => work::block_on(running),
            Lazy::Over => Err(made_already()),
        }
    }

    /// Whether it can stand in a pipeline of that root.
    pub(crate) fn is_of(&self, root: &Root) -> bool {
        self.root.is(root)
    }

    /// What a pipeline needs of it.
    pub(crate) fn into_parts(self) -> (Reading<T>, Plan, Option<Work>) {
        match self.stage {
            Lazy::New(wish) => wish.into_parts(self.root),
            Lazy::Running(_) | Lazy::Over => {
                let reading = Reading::new(Reader::Own(|_| Err(made_already())), self.root, None);
                (reading, Plan::Failed(made_already()), None)
            }
        }
    }

    /// The call as core has it.
    pub(crate) fn into_core(self) -> (Root, Result<CoreCall>, Option<Duration>) {
        match self.stage {
            Lazy::New(wish) => (self.root, wish.call, wish.deadline),
            Lazy::Running(_) | Lazy::Over => (self.root, Err(made_already()), None),
        }
    }

    pub(crate) fn option(self, set: impl FnOnce(&mut Verb)) -> Self {
        self.change(|wish, _| {
            if let Ok(call) = &mut wish.call {
                set(&mut call.verb);
            }
        })
    }

    /// Options come before the first poll: behind it they end the call, rather than being ignored.
    fn change(mut self, change: impl FnOnce(&mut Wish<T>, &Root)) -> Self {
        match &mut self.stage {
            Lazy::New(wish) => change(wish, &self.root),
            Lazy::Running(_) | Lazy::Over => self.stage = Lazy::Over,
        }
        self
    }
}

impl<T> Wish<T> {
    fn drive(self, root: Root) -> (Reading<T>, Drive) {
        let deadline = from_now(self.deadline);
        let span = match &self.call {
            Ok(call) => trace::call(&root, call),
            Err(_) => Span::none(),
        };
        let (reading, plan, work) = self.into_parts(root.clone());
        let drive = Drive::new(root, plan, deadline).with_span(span);
        (reading, drive.with_workers(Workers::alone(work)))
    }

    fn into_parts(self, root: Root) -> (Reading<T>, Plan, Option<Work>) {
        let target = self.call.as_ref().ok().map(|call| call.target);
        let plan = self.call.map_or_else(Plan::Failed, Plan::new);
        (Reading::new(self.reader, root, target), plan, self.work)
    }
}

/// It is made when it is polled for the first time.
impl<T: 'static, K> Future for Call<T, K> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        let Self { root, stage, .. } = &mut *self;
        let polled = stage.poll(cx, |wish| {
            let (reading, mut drive) = wish.drive(root.clone());
            Box::pin(async move { drive.run().await.and_then(|outcome| reading.read(outcome)) })
        });
        polled.map(|came| came.unwrap_or_else(|| Err(made_already())))
    }
}

#[cold]
pub(crate) fn made_already() -> Error {
    let message = "the call was made already: options and pipelines come before that";
    Error::new(ErrorKind::InvalidCall, message).effect(Effect::Ambiguous)
}

/// Options of what stores something whole, whatever the kind of its entry.
impl<T, K: op::Storing> Call<T, K> {
    /// Only when the key is missing: `NX`.
    pub fn if_missing(self) -> Self {
        self.answer(&option::CONDITION, Ok(Condition::IfMissing))
    }

    /// Only when the key is there: `XX`.
    pub fn if_exists(self) -> Self {
        self.answer(&option::CONDITION, Ok(Condition::IfExists))
    }
}

/// Options of what writes where something may stand already.
impl<T, K: op::Overwriting> Call<T, K> {
    /// Leaves the expiry as it is: `KEEPTTL`.
    pub fn keep_ttl(self) -> Self {
        self.answer(&option::EXPIRY, Ok(Expiry::Keep))
    }
}

/// Options of everything that writes a value.
impl<T, K: op::Writing> Call<T, K> {
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
        let Self { root, stage, .. } = self.option(previous);
        let stage = match stage {
            Lazy::New(Wish { call, work, deadline, answered, .. }) => {
                let reader = Reader::Own(Previous::<P>::read);
                Lazy::New(Wish { call, reader, work, deadline, answered })
            }
            Lazy::Running(_) | Lazy::Over => Lazy::Over,
        };
        Call { root, stage, options: PhantomData }
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

/// Shows the operation; a value to be stored and sensitive parameters are hidden.
impl<T, K> fmt::Debug for Call<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.stage {
            Lazy::New(Wish { call: Ok(call), .. }) => {
                // A key may hold what no log may show.
                let path = self.root.layout().path_of(call.target);
                write!(f, "Call({} {path})", call.verb.name())
            }
            Lazy::New(Wish { call: Err(error), .. }) => write!(f, "Call({error:?})"),
            Lazy::Running(_) => f.write_str("Call(under way)"),
            Lazy::Over => f.write_str("Call(made)"),
        }
    }
}

pub(crate) fn from_now(deadline: Option<Duration>) -> Option<Instant> {
    Instant::now().checked_add(deadline?)
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
