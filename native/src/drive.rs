//! Driving a plan to its end: one state, stepped by an asynchronous and by a blocking loop.

use std::{
    future::Future,
    mem, thread,
    time::{Duration, Instant},
};

use nestkey_core::{
    call::{Outcome, Reach},
    error::{Effect, Error, ErrorKind, Result},
    plan::{Answer, Input, Job, Place, Plan, Rest, Step, Turn},
    reply::Reply,
    value::Entropy,
};
use tokio::runtime::Handle;
use tracing::{Instrument, Span};

use crate::{
    Root,
    backend::require_runtime,
    jobs::Jobs,
    trace,
    work::{self, Answering, Workers},
};

/// A plan under way.
pub(crate) struct Drive {
    root: Root,
    plan: Plan,
    turn: Turn,
    deadline: Option<Instant>,
    span: Span,
    /// Whether the span has the name of its operation.
    is_named: bool,
    is_blocking: bool,
    is_over: bool,
    /// The closures of its calls, until it is over.
    workers: Workers,
    /// The jobs of the last turn, and what they came to.
    jobs: Jobs,
    answers: Vec<Answer>,
    reach: Reach,
}

impl Drive {
    #[inline]
    pub(crate) fn new(root: Root, plan: Plan, deadline: Option<Instant>) -> Self {
        Self {
            root,
            plan,
            turn: Turn::default(),
            deadline,
            span: Span::none(),
            is_named: false,
            is_blocking: false,
            is_over: false,
            workers: Workers::default(),
            jobs: Jobs::default(),
            answers: Vec::new(),
            reach: Reach::Whole,
        }
    }

    /// Tells of the plan in that span.
    #[inline]
    pub(crate) fn with_span(mut self, span: Span) -> Self {
        self.is_named = span.is_disabled();
        self.span = span;
        self
    }

    /// Gives the plan the closures of its calls.
    #[inline]
    pub(crate) fn with_workers(mut self, workers: Workers) -> Self {
        self.workers = workers;
        self
    }

    // By reference: a future has room for an argument and once more for what it becomes.
    pub(crate) fn run(&mut self) -> impl Future<Output = Result<Outcome>> {
        self.run_telling(drop)
    }

    pub(crate) fn run_blocking(&mut self) -> Result<Outcome> {
        self.run_telling_blocking(drop)
    }

    /// The same, handing on what each step hands out.
    pub(crate) async fn run_telling(&mut self, mut tell: impl FnMut(Outcome)) -> Result<Outcome> {
        let mut arrived = self.begin().await;
        loop {
            let step = self.next(arrived);
            self.items().for_each(&mut tell);
            if let Some(outcome) = step? {
                return Ok(outcome);
            }
            arrived = self.exchange().await;
        }
    }

    /// The same on this thread.
    pub(crate) fn run_telling_blocking(
        &mut self,
        mut tell: impl FnMut(Outcome),
    ) -> Result<Outcome> {
        self.is_blocking = true;
        let mut arrived = self.begin_blocking();
        loop {
            let step = self.next(arrived);
            self.items().for_each(&mut tell);
            if let Some(outcome) = step? {
                return Ok(outcome);
            }
            arrived = self.exchange_blocking();
        }
    }

    /// Learns what the first step wants to know; what arrives is nothing, or why the plan fails.
    pub(crate) async fn begin(&mut self) -> Result<Vec<Reply>> {
        // Few plans come here: the others need not make room for it.
        if self.plan.walks() {
            Box::pin(self.learn_reach()).await?;
        }
        Ok(Vec::new())
    }

    async fn learn_reach(&mut self) -> Result<()> {
        let asked = self.root.client().backend().reach(self.deadline);
        self.reach = asked.instrument(self.span.clone()).await?;
        Ok(())
    }

    /// The same on this thread.
    pub(crate) fn begin_blocking(&mut self) -> Result<Vec<Reply>> {
        if self.plan.walks() {
            self.reach = self.root.client().backend().reach_blocking(self.deadline)?;
        }
        Ok(Vec::new())
    }

    /// Steps the plan with what arrived; `None` when there is something to exchange.
    ///
    /// An exchange that failed ends the plan, but for what it can do without a server: whether
    /// another exchange could mend it is the caller's business.
    pub(crate) fn next(&mut self, arrived: Result<Vec<Reply>>) -> Result<Option<Outcome>> {
        let arrived = arrived.and_then(|replies| self.complete(replies));
        let step = self.step(arrived);
        for rest in mem::take(&mut self.turn.rests) {
            self.finish_alone(rest);
        }
        if !matches!(step, Ok(Step::More)) {
            self.is_over = true;
            self.workers.dismiss();
        }
        self.tell(&step);
        Ok(match step? {
            Step::Done(outcome) => Some(outcome),
            Step::More => None,
        })
    }

    fn step(&mut self, arrived: Result<Vec<Reply>>) -> Result<Step> {
        let cx = self.root.cx().with_reach(self.reach);
        let entropy = if self.plan.wants_entropy(&cx) { draw().map(Some) } else { Ok(None) };
        let cx = match &entropy {
            Ok(Some(entropy)) => cx.with_entropy(entropy),
            _ => cx,
        };
        let arrived = arrived.and_then(|replies| match &entropy {
            Ok(_) => Ok(replies),
            Err(error) if replies.is_empty() => Err(error.clone()),
            Err(error) => Err(error.clone().effect(Effect::Ambiguous)),
        });
        let step = match arrived {
            Ok(mut replies) => {
                self.turn.clear();
                let input = Input { replies: &mut replies, answers: &mut self.answers };
                self.plan.step(&cx, input, &mut self.turn)
            }
            Err(error) => self.plan.interrupt(&cx, error, &mut self.answers, &mut self.turn),
        };
        self.answers.clear();
        step
    }

    /// Tells whoever watches.
    fn tell(&mut self, step: &Result<Step>) {
        for note in &self.turn.notes {
            trace::note(&self.span, &self.root, note);
        }
        if self.span.is_disabled() {
            return;
        }
        if !self.is_named {
            self.is_named = true;
            trace::name(&self.span, &self.turn.batch);
        }
        match step {
            Err(error) => trace::failed(&self.span, error),
            Ok(Step::Done(Outcome::Many(results))) => {
                if let Some(error) = results.iter().find_map(|result| result.as_ref().err()) {
                    trace::failed(&self.span, error);
                }
            }
            Ok(_) => {}
        }
    }

    /// Carries out a turn: its commands, its jobs and its wait, all at the same time.
    pub(crate) async fn exchange(&mut self) -> Result<Vec<Reply>> {
        if self.is_mere_exchange() {
            let backend = self.root.client().backend();
            let exchange = backend.exchange(&self.turn.batch, self.limit());
            if self.span.is_disabled() {
                return exchange.await;
            }
            return exchange.instrument(self.span.clone()).await;
        }
        // Few calls come here: the others need not make room for it.
        let span = self.span.clone();
        Box::pin(self.exchange_and_work().instrument(span)).await
    }

    async fn exchange_and_work(&mut self) -> Result<Vec<Reply>> {
        let pause = self.pause();
        if pause.is_some() {
            require_runtime()?;
        }
        let heavy = self.turn.jobs.iter().filter(|(_, job)| !job.is_closure()).count();
        let mut hashing = self.root.client().hashing().admit(heavy, self.deadline);
        let mut jobs = self.start_jobs(|job| hashing.start(job));
        let (backend, batch) = (self.root.client().backend(), &self.turn.batch);
        let (limit, deadline) = (self.limit(), self.deadline);
        let exchange = async {
            // Without a server there may still be something to compute.
            if batch.is_empty() { Ok(Vec::new()) } else { backend.exchange(batch, limit).await }
        };
        let pause = async {
            if let Some(pause) = pause {
                tokio::time::sleep(pause).await;
            }
        };
        let (replies, ((), ())) =
            work::both(exchange, work::both(jobs.work(deadline), pause)).await;
        self.answers = jobs.answers();
        self.jobs = jobs;
        replies
    }

    /// The same on this thread: first the commands, then the jobs at the same time, then the wait.
    pub(crate) fn exchange_blocking(&mut self) -> Result<Vec<Reply>> {
        let _entered = self.span.clone().entered();
        let (backend, batch) = (self.root.client().backend(), &self.turn.batch);
        if self.is_mere_exchange() {
            return backend.exchange_blocking(batch, self.limit());
        }
        let replies = match batch.is_empty() {
            true => Ok(Vec::new()),
            false => backend.exchange_blocking(batch, self.limit()),
        };
        self.jobs = self.start_jobs(|job| Box::pin(async move { job.run() }));
        self.jobs.work_blocking(self.deadline, &self.span);
        self.answers = self.jobs.answers();
        if let Some(pause) = self.pause() {
            thread::sleep(pause);
        }
        replies
    }

    /// What the last step handed out.
    pub(crate) fn items(&mut self) -> impl Iterator<Item = Outcome> + '_ {
        self.turn.items.drain(..)
    }

    fn is_mere_exchange(&self) -> bool {
        self.turn.jobs.is_empty() && self.turn.wait_ms.is_none()
    }

    /// By when the commands of the turn want to be answered: what could go on without replies needs
    /// time for that.
    fn limit(&self) -> Option<Instant> {
        let deadline = self.deadline?;
        let now = Instant::now();
        let left = deadline.saturating_duration_since(now);
        Some(if self.turn.has_fallback { now + left / 2 } else { deadline })
    }

    /// How long to wait; past the deadline the next exchange fails.
    fn pause(&self) -> Option<Duration> {
        let pause = Duration::from_millis(self.turn.wait_ms?);
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        Some(left.map_or(pause, |left| left.min(pause)))
    }

    /// Starts the closures of calls, and lets `hash` start everything else.
    fn start_jobs(&mut self, mut hash: impl FnMut(Job) -> Answering) -> Jobs {
        let workers = &mut self.workers;
        let is_late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let start = |(place, job): (Place, Job)| {
            let working: Answering = if is_late {
                // Nobody waits: it is not even begun.
                Box::pin(std::future::ready(Answer::Failed(work::too_late())))
            } else if job.is_closure() {
                workers.start(&place, job)
            } else {
                hash(job)
            };
            (place, working)
        };
        Jobs::new(mem::take(&mut self.turn.jobs).into_iter().map(start))
    }

    /// Does what the plan leaves for nobody, in a task or a thread of its own.
    #[cold]
    fn finish_alone(&mut self, rest: Rest) {
        let running = rest.awaits_ms.and_then(|_| self.jobs.take(&rest.place));
        let time = Duration::from_millis(rest.awaits_ms.unwrap_or_default());
        let mut drive = Self::new(self.root.clone(), rest.plan, None);
        drive.is_blocking = self.is_blocking;
        let has_answer = move |drive: &mut Self, answer| drive.answers.extend(answer);
        let is_blocking = self.is_blocking;
        let work = async move {
            if let Some(running) = running {
                let answer = running.answer(time).await;
                // Without one the drive is dropped, which gives the lease back.
                if answer.is_none() {
                    return;
                }
                has_answer(&mut drive, answer);
            }
            drop(if is_blocking { drive.run_blocking() } else { drive.run().await });
        };
        match Handle::try_current() {
            Ok(runtime) if !is_blocking => drop(runtime.spawn(work)),
            // Where no thread can be started the drive is dropped as well.
            _ => drop(thread::Builder::new().spawn(|| work::block_on(work))),
        }
    }

    /// Gives back the leases of a plan that goes no further; what cannot be given back expires.
    #[cold]
    fn give_back(&mut self) {
        let mut turn = Turn::default();
        self.plan.release(&mut turn);
        let (client, batch) = (self.root.client().clone(), turn.batch);
        if batch.is_empty() || client.backend().exchange_at_once(&batch).is_some() {
            return;
        }
        if self.is_blocking {
            drop(client.backend().exchange_blocking(&batch, None));
        } else if let Ok(runtime) = Handle::try_current() {
            let given_back = async move { drop(client.backend().exchange(&batch, None).await) };
            drop(runtime.spawn(given_back.instrument(self.span.clone())));
        }
    }

    fn complete(&self, mut replies: Vec<Reply>) -> Result<Vec<Reply>> {
        let commands = self.turn.batch.len();
        if replies.len() == commands {
            self.root.cx().reply_limits().bound(&mut replies);
            return Ok(replies);
        }
        let message = format!("{commands} commands were answered with {} replies", replies.len());
        Err(Error::new(ErrorKind::UnexpectedReply, message).effect(Effect::Ambiguous))
    }
}

/// A call that is given up, or unwinds, while it may hold a lease gives it back.
impl Drop for Drive {
    fn drop(&mut self) {
        if !self.is_over {
            self.give_back();
        }
    }
}

/// Random bytes for one step.
fn draw() -> Result<Entropy> {
    let mut bytes = [0; 32];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(Entropy::new(bytes)),
        Err(_) => {
            let message = "the system has no random bytes to seal or hash with";
            Err(Error::new(ErrorKind::Unsupported, message))
        }
    }
}
