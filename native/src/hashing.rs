//! Where passwords are hashed: on threads for blocking work, a bounded number at a time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use nestkey_core::{
    error::{Error, ErrorKind, Result},
    plan::{Answer, Job},
};
use tokio::{runtime::Handle, sync::Semaphore};

use crate::work::Answering;

/// How many passwords are hashed at the same time, and how many may wait for that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) threads: usize,
    pub(crate) queue: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { threads: thread::available_parallelism().map_or(1, usize::from), queue: 64 }
    }
}

/// The bounds of a client, shared by its clones.
#[derive(Debug)]
pub(crate) struct Hashing {
    limits: Limits,
    permits: Arc<Semaphore>,
    /// How many jobs are waiting or at work.
    inside: Arc<AtomicUsize>,
}

/// The jobs of one turn on their way in: admitted or refused together.
#[derive(Debug)]
pub(crate) struct Admission {
    tickets: Result<Vec<Ticket>>,
    permits: Arc<Semaphore>,
    deadline: Option<Instant>,
}

/// One job inside.
#[derive(Debug)]
struct Ticket(Arc<AtomicUsize>);

impl Hashing {
    pub(crate) fn new(limits: Limits) -> Self {
        let threads = limits.threads.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            limits: Limits { threads, ..limits },
            permits: Arc::new(Semaphore::new(threads)),
            inside: Arc::default(),
        }
    }

    pub(crate) const fn limits(&self) -> Limits {
        self.limits
    }

    /// Lets the jobs of a turn in while others leave room for one: a pipeline may be longer than
    /// the queue.
    pub(crate) fn admit(&self, jobs: usize, deadline: Option<Instant>) -> Admission {
        let Limits { threads, queue } = self.limits;
        let room = threads.saturating_add(queue);
        let enter = |inside: usize| (inside < room).then(|| inside.saturating_add(jobs));
        let tickets = match self.inside.fetch_update(Ordering::Relaxed, Ordering::Relaxed, enter) {
            Ok(_) => Ok((0..jobs).map(|_| Ticket(Arc::clone(&self.inside))).collect()),
            Err(inside) => Err(busy(inside, room)),
        };
        Admission { tickets, permits: Arc::clone(&self.permits), deadline }
    }
}

impl Admission {
    /// Starts a job as soon as it is awaited and a thread is free.
    ///
    /// The permit and the ticket move into the work: dropping the answer ends neither early.
    pub(crate) fn start(&mut self, job: Job) -> Answering {
        let ticket = match &mut self.tickets {
            Ok(tickets) => tickets.pop(),
            Err(error) => return Box::pin(std::future::ready(Answer::Failed(error.clone()))),
        };
        let (permits, deadline) = (Arc::clone(&self.permits), self.deadline);
        Box::pin(async move {
            let Ok(runtime) = Handle::try_current() else { return Answer::Failed(no_runtime()) };
            let working = async move {
                let permit = permits.acquire_owned().await;
                let work = runtime.spawn_blocking(move || {
                    let _inside = (permit, ticket);
                    job.run()
                });
                work.await.unwrap_or_else(|_| Answer::Failed(lost()))
            };
            match deadline {
                Some(deadline) => tokio::time::timeout_at(deadline.into(), working)
                    .await
                    .unwrap_or_else(|_| Answer::Failed(too_late())),
                None => working.await,
            }
        })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cold]
fn busy(inside: usize, room: usize) -> Error {
    let message = format!("{inside} passwords are being hashed or wait for it, of {room} at most");
    Error::new(ErrorKind::Busy, message)
}

#[cold]
fn no_runtime() -> Error {
    let message = "passwords are hashed on threads of a tokio runtime: use `.wait()` here";
    Error::new(ErrorKind::Unsupported, message)
}

#[cold]
fn too_late() -> Error {
    Error::new(ErrorKind::Timeout, "the deadline is over before a password was hashed")
}

/// The runtime went down, or the work panicked, which it never does.
#[cold]
fn lost() -> Error {
    Error::new(ErrorKind::Internal, "the thread that hashed a password went away")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Job::Hash { password: "hunter2".into(), cost: 10, salt: [7; 16] }
    }

    fn limits(threads: usize, queue: usize) -> Hashing {
        Hashing::new(Limits { threads, queue })
    }

    async fn empty(hashing: &Hashing, threads: usize) {
        while hashing.inside.load(Ordering::Relaxed) > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        assert_eq!(hashing.permits.available_permits(), threads);
    }

    #[tokio::test]
    async fn past_the_queue_a_job_is_refused_before_it_is_computed() {
        let hashing = limits(1, 2);
        let inside: Vec<_> = (0..3).map(|_| hashing.admit(1, None).start(job())).collect();
        let Answer::Failed(error) = hashing.admit(1, None).start(job()).await else {
            panic!("a fourth job was let in")
        };
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Busy, true));
        for working in inside {
            assert!(matches!(working.await, Answer::Hashed(_)));
        }
        empty(&hashing, 1).await;
    }

    #[tokio::test]
    async fn a_turn_longer_than_the_queue_is_admitted_as_one() {
        let hashing = limits(2, 1);
        let mut turn = hashing.admit(8, None);
        let jobs: Vec<_> = (0..8).map(|_| turn.start(job())).collect();
        assert!(hashing.admit(1, None).tickets.is_err());
        for working in jobs {
            assert!(matches!(working.await, Answer::Hashed(_)));
        }
        empty(&hashing, 2).await;
    }

    #[tokio::test]
    async fn a_thousand_aborted_jobs_leave_no_permit_taken() {
        let hashing = limits(2, 2_000);
        let tasks: Vec<_> =
            (0..1_000).map(|_| tokio::spawn(hashing.admit(1, None).start(job()))).collect();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        // What runs already keeps its permit until it is done.
        assert_eq!(hashing.permits.available_permits(), 0);
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
        empty(&hashing, 2).await;
    }

    #[tokio::test]
    async fn a_deadline_ends_the_wait_for_a_thread() {
        let hashing = limits(1, 8);
        let mut first = hashing.admit(1, None).start(job());
        std::future::poll_fn(|cx| {
            assert!(first.as_mut().poll(cx).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        let soon = Instant::now() + std::time::Duration::from_millis(1);
        let Answer::Failed(error) = hashing.admit(1, Some(soon)).start(job()).await else {
            panic!("a job was done in no time")
        };
        assert_eq!(error.kind(), ErrorKind::Timeout);
        drop(first);
        empty(&hashing, 1).await;
    }
}
