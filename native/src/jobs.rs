//! The jobs of a turn: run beside an exchange, up to the deadline of their caller.

use std::{
    future::poll_fn,
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use nestkey_core::plan::{Answer, Place};
use tokio::runtime::Handle;
use tracing::Span;

use crate::work::{Answering, block_on, too_late};

/// The jobs of a turn, each with the call that it is for.
#[derive(Default)]
pub(crate) struct Jobs(Vec<Job>);

struct Job {
    place: Place,
    state: State,
}

enum State {
    Working(Answering),
    /// On a thread of its own.
    Elsewhere(mpsc::Receiver<thread::Result<Answer>>),
    Done(Answer),
    /// Taken by what goes on without its caller.
    Taken,
}

impl Jobs {
    pub(crate) fn new(jobs: impl Iterator<Item = (Place, Answering)>) -> Self {
        let job = |(place, working)| Job { place, state: State::Working(working) };
        Self(jobs.map(job).collect())
    }

    /// Works until all are done or the deadline is over.
    pub(crate) async fn work(&mut self, deadline: Option<Instant>) {
        let all = poll_fn(|cx| self.poll(cx));
        match deadline {
            Some(deadline) => until(deadline, all).await,
            None => all.await,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut is_ready = true;
        for Job { state, .. } in &mut self.0 {
            let State::Working(working) = state else { continue };
            match working.as_mut().poll(cx) {
                Poll::Ready(answer) => *state = State::Done(answer),
                Poll::Pending => is_ready = false,
            }
        }
        if is_ready { Poll::Ready(()) } else { Poll::Pending }
    }

    /// The same on this thread; where there is a deadline, on threads of their own, for a thread
    /// that computes cannot be interrupted.
    pub(crate) fn work_blocking(&mut self, deadline: Option<Instant>, span: &Span) {
        let Some(deadline) = deadline else {
            return block_on(poll_fn(|cx| self.poll(cx)));
        };
        for Job { state, .. } in &mut self.0 {
            if let State::Working(working) = mem::replace(state, State::Taken) {
                *state = State::Elsewhere(work_elsewhere(working, span.clone()));
            }
        }
        for Job { state, .. } in &mut self.0 {
            let State::Elsewhere(answer) = state else { continue };
            let left = deadline.saturating_duration_since(Instant::now());
            match answer.recv_timeout(left) {
                Ok(Ok(answer)) => *state = State::Done(answer),
                Ok(Err(panic)) => resume_unwind(panic),
                Err(_) => {}
            }
        }
    }

    /// What they came to; those that are not done are late.
    pub(crate) fn answers(&self) -> Vec<Answer> {
        let answer = |job: &Job| match &job.state {
            State::Done(answer) => answer.clone(),
            _ => Answer::Late(too_late()),
        };
        self.0.iter().map(answer).collect()
    }

    /// Takes the job of a call away, for what goes on without its caller.
    pub(crate) fn take(&mut self, place: &Place) -> Option<Running> {
        let job = self.0.iter_mut().find(|job| job.place == *place)?;
        match mem::replace(&mut job.state, State::Taken) {
            State::Working(working) => Some(Running::Here(working)),
            State::Elsewhere(answer) => Some(Running::Elsewhere(answer)),
            State::Done(_) | State::Taken => None,
        }
    }
}

/// A job whose caller has gone.
pub(crate) enum Running {
    Here(Answering),
    Elsewhere(mpsc::Receiver<thread::Result<Answer>>),
}

impl Running {
    /// Its answer, where that comes in time.
    pub(crate) async fn answer(self, time: Duration) -> Option<Answer> {
        match self {
            Self::Here(mut working) => {
                let mut answer = None;
                let done = poll_fn(|cx| working.as_mut().poll(cx).map(|came| answer = Some(came)));
                let end = Instant::now().checked_add(time);
                match end {
                    Some(end) => until(end, done).await,
                    None => done.await,
                }
                answer
            }
            Self::Elsewhere(answer) => answer.recv_timeout(time).ok()?.ok(),
        }
    }
}

fn work_elsewhere(working: Answering, span: Span) -> mpsc::Receiver<thread::Result<Answer>> {
    let (sender, receiver) = mpsc::channel();
    let runtime = Handle::try_current();
    let work = move || {
        let _runtime = runtime.as_ref().map(Handle::enter);
        let answer = catch_unwind(AssertUnwindSafe(|| span.in_scope(|| block_on(working))));
        // Nobody may wait for it any more.
        drop(sender.send(answer));
    };
    // Where no thread can be started its answer never comes.
    drop(thread::Builder::new().spawn(work));
    receiver
}

/// Waits for a future up to some time; where there is no runtime, a thread keeps the time.
async fn until(end: Instant, future: impl Future<Output = ()>) {
    if Handle::try_current().is_ok() {
        drop(tokio::time::timeout_at(end.into(), future).await);
        return;
    }
    let mut waker: Option<Arc<Mutex<Waker>>> = None;
    let mut future = pin!(future);
    poll_fn(move |cx| {
        if future.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let present = cx.waker().clone();
        match &waker {
            Some(waker) => *lock(waker) = present,
            None => waker = Some(wake_at(end, present)),
        }
        // Behind that: whoever keeps the time may just have woken the waker before this one.
        if Instant::now() >= end { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Wakes whoever waits by then.
fn wake_at(end: Instant, waker: Waker) -> Arc<Mutex<Waker>> {
    let shared = Arc::new(Mutex::new(waker));
    let waker = Arc::clone(&shared);
    let wake = move || {
        thread::sleep(end.saturating_duration_since(Instant::now()));
        // Not under the lock: who is woken may poll at once.
        let waker = lock(&waker).clone();
        waker.wake();
    };
    // Where no thread can be started the wait is as long as the future.
    drop(thread::Builder::new().spawn(wake));
    shared
}

fn lock(waker: &Mutex<Waker>) -> MutexGuard<'_, Waker> {
    waker.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{sync::OnceLock, task::Wake};

    use super::*;

    #[test]
    fn who_is_woken_at_the_end_may_poll_at_once() {
        struct Polls {
            kept: OnceLock<Arc<Mutex<Waker>>>,
            is_free: mpsc::Sender<bool>,
        }

        impl Wake for Polls {
            fn wake(self: Arc<Self>) {
                let is_free = self.kept.wait().try_lock().is_ok();
                self.is_free.send(is_free).unwrap();
            }
        }

        let (is_free, woken) = mpsc::channel();
        let polls = Arc::new(Polls { kept: OnceLock::new(), is_free });
        let kept = wake_at(Instant::now(), Waker::from(Arc::clone(&polls)));
        assert!(polls.kept.set(kept).is_ok());
        assert_eq!(woken.recv_timeout(Duration::from_secs(60)), Ok(true));
    }
}
