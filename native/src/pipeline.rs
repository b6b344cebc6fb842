//! Several calls in one batch.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use nestkey_core::{
    call::Outcome,
    error::{Effect, Error, ErrorKind, Result},
    plan::Plan,
};

use crate::{
    Root,
    call::{Call, Reading, from_now, made_already},
    drive::Drive,
    lazy::Lazy,
    trace,
    work::{self, Work, Workers},
};

/// Several calls that share their batches: [`Root::pipeline`] and [`Root::atomic`].
#[must_use = "a pipeline does nothing until it is awaited or `.wait()`ed for"]
pub struct Pipeline<C: Calls> {
    atomic: bool,
    stage: Lazy<Batch<C>, C::Results>,
}

struct Batch<C> {
    root: Root,
    calls: C,
    atomic: bool,
    deadline: Option<Duration>,
}

/// A pipeline that gives a result for each call: [`Pipeline::settled`].
#[must_use = "a pipeline does nothing until it is awaited or `.wait()`ed for"]
pub struct Settled<C: Calls>(Pipeline<C>);

/// The first failure of a pipeline, with the results of all its calls.
///
/// Of an atomic group it is the call that kept it from being carried out, not those that it took down.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PipelineError<R> {
    /// Which call failed first, counted from 0.
    pub index: usize,
    /// What it failed with; its [effect](Error::outcome), and with that whether the pipeline can be
    /// made again, is that on all calls together.
    pub error: Error,
    /// The results of all calls, this one included: a tuple, array or `Vec` of them.
    pub results: R,
}

/// The values of all calls, or the first failure.
pub type Results<C> =
    std::result::Result<<C as Calls>::Values, PipelineError<<C as Calls>::Results>>;

/// What can be in a pipeline: tuples of up to 12 calls, arrays and `Vec`s of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of calls",
    label = "a tuple of up to 12 calls, an array or a `Vec` of them",
    note = "a single call stands in a tuple or an array: `(call,)`, `[call]`; an iterator is collected into a `Vec`",
    note = "calls with different options or values stand in one `Vec` behind `.plain()` or `.map(…)`"
)]
pub trait Calls: Sized + Send + Unpin + 'static {
    /// What all calls give.
    type Values: 'static;
    /// A result for each call.
    type Results: 'static;
    #[doc(hidden)]
    type Readers: Send + 'static;

    #[doc(hidden)]
    fn split(self, root: &Root) -> (Vec<Part>, Self::Readers);
    #[doc(hidden)]
    fn read(readers: Self::Readers, outcomes: Outcomes) -> Self::Results;
    #[doc(hidden)]
    fn values(results: Self::Results) -> Results<Self>;
    /// What they give where they were made already.
    #[doc(hidden)]
    fn over() -> Self::Results;
}

/// One call of a pipeline: its plan, and what computes its value.
#[doc(hidden)]
pub struct Part {
    plan: Plan,
    work: Option<Work>,
}

/// What the calls of a pipeline came to, one after the other.
#[doc(hidden)]
#[derive(Debug)]
pub struct Outcomes(std::vec::IntoIter<Result<Outcome>>);

impl<C: Calls> Pipeline<C> {
    pub(crate) const fn new(root: Root, calls: C, atomic: bool) -> Self {
        Self { atomic, stage: Lazy::New(Batch { root, calls, atomic, deadline: None }) }
    }

    /// How long all of it may take.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        if let Lazy::New(batch) = &mut self.stage {
            batch.deadline = Some(deadline);
        }
        self
    }

    /// Gives a result for each call instead of the first failure.
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// # let layout = Layout::from_json(r#"{"keys": {"age": {"type": "int"}}}"#)?;
    /// # let root = Client::connect("memory://").await?.bind(&layout);
    /// let age = root.entry("age")?;
    /// let (bad, good) = root.pipeline((age.set("thirty"), age.set(30))).settled().await?;
    /// assert_eq!(bad.unwrap_err().kind().code(), "invalid-value");
    /// assert_eq!(good, Ok(true));
    /// # Ok(()) }
    /// ```
    pub const fn settled(self) -> Settled<C> {
        Settled(self)
    }

    /// Makes the calls and blocks the thread until they are done.
    ///
    /// # Errors
    ///
    /// The first failure.
    pub fn wait(self) -> Results<C> {
        C::values(self.wait_for_all())
    }

    fn wait_for_all(self) -> C::Results {
        match self.stage {
            Lazy::New(batch) => {
                let (mut drive, readers, calls) = batch.drive();
                C::read(readers, Outcomes::new(drive.run_blocking(), calls))
            }
            Lazy::Running(running) => work::block_on(running),
            Lazy::Over => C::over(),
        }
    }

    fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<C::Results> {
        let polled = self.stage.poll(cx, |batch| Box::pin(batch.run()));
        polled.map(|results| results.unwrap_or_else(C::over))
    }
}

impl<C: Calls> Batch<C> {
    async fn run(self) -> C::Results {
        let (mut drive, readers, calls) = self.drive();
        C::read(readers, Outcomes::new(drive.run().await, calls))
    }

    fn drive(self) -> (Drive, C::Readers, usize) {
        let (parts, readers) = self.calls.split(&self.root);
        let calls = parts.len();
        let span = trace::begin(&self.root, if self.atomic { "atomic" } else { "pipeline" });
        let (plans, works): (Vec<_>, Vec<_>) =
            parts.into_iter().map(|part| (part.plan, part.work)).unzip();
        let plan = if self.atomic { Plan::atomic(plans) } else { Plan::join(plans) };
        let drive = Drive::new(self.root, plan, from_now(self.deadline))
            .with_span(span)
            .with_workers(Workers::of_calls(works.into_iter()));
        (drive, readers, calls)
    }
}

impl<C: Calls> Settled<C> {
    /// Makes the calls and blocks the thread until they are done.
    ///
    /// # Errors
    ///
    /// None so far: what fails is a result of its call.
    pub fn wait(self) -> Result<C::Results> {
        Ok(self.0.wait_for_all())
    }
}

/// The calls are made when it is polled for the first time.
impl<C: Calls> Future for Pipeline<C> {
    type Output = Results<C>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_all(cx).map(C::values)
    }
}

/// The calls are made when it is polled for the first time.
impl<C: Calls> Future for Settled<C> {
    type Output = Result<C::Results>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_all(cx).map(Ok)
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Part")
    }
}

impl<C: Calls> fmt::Debug for Pipeline<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.atomic { "Pipeline(atomic)" } else { "Pipeline" })
    }
}

impl<C: Calls> fmt::Debug for Settled<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settled({:?})", self.0)
    }
}

impl<R> fmt::Display for PipelineError<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call {} of the pipeline failed: {}", self.index, self.error)
    }
}

/// Shows the failure; the results beside it are the caller's values.
impl<R> fmt::Debug for PipelineError<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PipelineError({}: {:?})", self.index, self.error)
    }
}

impl<R> std::error::Error for PipelineError<R> {}

impl<R> From<PipelineError<R>> for Error {
    fn from(failure: PipelineError<R>) -> Self {
        failure.error
    }
}

impl Outcomes {
    /// A plan of several calls comes to `Many`; where it failed as a whole, so did each call.
    fn new(outcome: Result<Outcome>, calls: usize) -> Self {
        let outcomes = match outcome {
            Ok(Outcome::Many(outcomes)) => outcomes,
            Ok(_) => Vec::new(),
            Err(error) => vec![Err(error); calls],
        };
        Self(outcomes.into_iter())
    }

    fn read<T>(&mut self, reading: Reading<T>) -> Result<T> {
        match self.0.next() {
            Some(outcome) => outcome.and_then(|outcome| reading.read(outcome)),
            None => Err(came_to_nothing()),
        }
    }
}

impl<T: 'static, K: 'static> Calls for Vec<Call<T, K>> {
    type Values = Vec<T>;
    type Results = Vec<Result<T>>;
    type Readers = Vec<Reading<T>>;

    fn split(self, root: &Root) -> (Vec<Part>, Self::Readers) {
        self.into_iter().map(|call| part(call, root)).unzip()
    }

    fn read(readers: Self::Readers, mut outcomes: Outcomes) -> Self::Results {
        readers.into_iter().map(|read| outcomes.read(read)).collect()
    }

    fn values(results: Self::Results) -> Results<Self> {
        match first_failure(results.iter().map(|result| result.as_ref().err())) {
            Some((index, error)) => Err(PipelineError { index, error, results }),
            None => Ok(results.into_iter().flatten().collect()),
        }
    }

    fn over() -> Self::Results {
        vec![Err(made_already())]
    }
}

impl<T: 'static, K: 'static, const N: usize> Calls for [Call<T, K>; N] {
    type Values = [T; N];
    type Results = [Result<T>; N];
    type Readers = [Reading<T>; N];

    fn split(self, root: &Root) -> (Vec<Part>, Self::Readers) {
        let mut parts = Vec::with_capacity(N);
        let readers = self.map(|call| {
            let (own, read) = part(call, root);
            parts.push(own);
            read
        });
        (parts, readers)
    }

    fn read(readers: Self::Readers, mut outcomes: Outcomes) -> Self::Results {
        readers.map(|read| outcomes.read(read))
    }

    fn values(results: Self::Results) -> Results<Self> {
        if let Some((index, error)) =
            first_failure(results.iter().map(|result| result.as_ref().err()))
        {
            return Err(PipelineError { index, error, results });
        }
        let values: Vec<T> = results.into_iter().flatten().collect();
        values.try_into().map_err(|values: Vec<T>| {
            let mut values = values.into_iter();
            let results = std::array::from_fn(|_| values.next().ok_or_else(came_to_nothing));
            PipelineError { index: 0, error: came_to_nothing(), results }
        })
    }

    fn over() -> Self::Results {
        std::array::from_fn(|_| Err(made_already()))
    }
}

macro_rules! tuples {
    ($($($call:ident $options:ident $value:ident $index:tt),+;)*) => {$(
        impl<$($call: 'static, $options: 'static),+> Calls for ($(Call<$call, $options>,)+) {
            type Values = ($($call,)+);
            type Results = ($(Result<$call>,)+);
            type Readers = ($(Reading<$call>,)+);

            fn split(self, root: &Root) -> (Vec<Part>, Self::Readers) {
                let parts = ($(part(self.$index, root),)+);
                (vec![$(parts.$index.0),+], ($(parts.$index.1,)+))
            }

            fn read(readers: Self::Readers, mut outcomes: Outcomes) -> Self::Results {
                ($(outcomes.read(readers.$index),)+)
            }

            fn values(results: Self::Results) -> Results<Self> {
                match results {
                    ($(Ok($value),)+) => Ok(($($value,)+)),
                    results => {
                        let failures = [$(results.$index.as_ref().err()),+];
                        let (index, error) = first_failure(failures.into_iter())
                            .unwrap_or_else(|| (0, came_to_nothing()));
                        Err(PipelineError { index, error, results })
                    }
                }
            }

            fn over() -> Self::Results {
                ($(Result::<$call>::Err(made_already()),)+)
            }
        }
    )*};
}

tuples! {
    A KA a 0;
    A KA a 0, B KB b 1;
    A KA a 0, B KB b 1, C KC c 2;
    A KA a 0, B KB b 1, C KC c 2, D KD d 3;
    A KA a 0, B KB b 1, C KC c 2, D KD d 3, E KE e 4;
    A KA a 0, B KB b 1, C KC c 2, D KD d 3, E KE e 4, F KF f 5;
    A KA a 0, B KB b 1, C KC c 2, D KD d 3, E KE e 4, F KF f 5, G KG g 6;
    A KA a 0, B KB b 1, C KC c 2, D KD d 3, E KE e 4, F KF f 5, G KG g 6, H KH h 7;
    A KA a 0, B KB b 1, C KC c 2, D KD d 3, E KE e 4, F KF f 5, G KG g 6, H KH h 7, I KI i 8;
    A KA a 0, B KB b 1, C KC c 2, D KD d 3, E KE e 4, F KF f 5, G KG g 6, H KH h 7, I KI i 8,
        J KJ j 9;
    A KA a 0, B KB b 1, C KC c 2, D KD d 3, E KE e 4, F KF f 5, G KG g 6, H KH h 7, I KI i 8,
        J KJ j 9, K KK k 10;
    A KA a 0, B KB b 1, C KC c 2, D KD d 3, E KE e 4, F KF f 5, G KG g 6, H KH h 7, I KI i 8,
        J KJ j 9, K KK k 10, L KL l 11;
}

fn part<T, K>(call: Call<T, K>, root: &Root) -> (Part, Reading<T>) {
    let is_ours = call.is_of(root);
    let (reading, plan, work) = call.into_parts();
    if is_ours {
        return (Part { plan, work }, reading);
    }
    let message = "a call made with another client, layout or prefix than its pipeline";
    let plan = Plan::Failed(reading.located(Error::new(ErrorKind::InvalidCall, message)));
    (Part { plan, work: None }, reading)
}

/// The first failure of its own; calls that an atomic group took down with it only stand in where
/// there is none.
///
/// Its effect is that on all calls: what could be repeated by itself is not beside what was, or may
/// have been, carried out.
fn first_failure<'a>(
    failures: impl Iterator<Item = Option<&'a Error>> + Clone,
) -> Option<(usize, Error)> {
    let mut failed =
        failures.clone().enumerate().filter_map(|(index, error)| Some((index, error?)));
    let cause = failed.clone().find(|(_, error)| error.kind() != ErrorKind::Aborted);
    let (index, error) = cause.or_else(|| failed.next())?;
    let is_alone = failures.clone().all(|failure| failure.is_some_and(Error::is_retryable));
    if is_alone || !error.is_retryable() {
        return Some((index, error.clone()));
    }
    let mut effects = failures.map(|failure| failure.map_or(Effect::Partial, Error::outcome));
    let is_unknown = effects.any(|effect| effect == Effect::Ambiguous);
    let effect = if is_unknown { Effect::Ambiguous } else { Effect::Partial };
    Some((index, error.clone().effect(effect)))
}

#[cold]
fn came_to_nothing() -> Error {
    Error::new(ErrorKind::Internal, "a call of a pipeline came to nothing")
}
