//! What callers' closures compute for a plan, and how that runs beside an exchange.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use nestkey_core::{
    error::{Error, ErrorKind},
    plan::{Answer, Job, Place},
    value::Payload,
};

/// The closure of one call.
pub(crate) type Work = Box<dyn FnMut(Option<Payload>) -> Answering + Send>;

/// An answer, some time.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// The closures of the calls of a plan, in the order of their places.
#[derive(Default)]
pub(crate) struct Workers(Vec<(Place, Work)>);

impl Workers {
    /// The closure of a plan of one call, if it has one.
    pub(crate) fn alone(work: Option<Work>) -> Self {
        Self(work.map(|work| (Place::new(), work)).into_iter().collect())
    }

    /// The closures of the calls of a pipeline, in their order.
    pub(crate) fn of_calls(works: impl Iterator<Item = Option<Work>>) -> Self {
        let numbered = (0..).map(|index: u32| vec![index]).zip(works);
        Self(numbered.filter_map(|(place, work)| Some((place, work?))).collect())
    }

    /// Lets all of them go.
    pub(crate) fn dismiss(&mut self) {
        self.0.clear();
    }

    /// Starts a job.
    pub(crate) fn start(&mut self, place: &Place, job: Job) -> Answering {
        let found = self.0.binary_search_by(|(own, _)| own.cmp(place));
        match (job, found.ok().and_then(|index| self.0.get_mut(index))) {
            (Job::Value(present), Some((_, work))) => work(present),
            _ => Box::pin(std::future::ready(Answer::Failed(nobody()))),
        }
    }
}

#[cold]
pub(crate) fn too_late() -> Error {
    Error::new(ErrorKind::Timeout, "the deadline was over before the value was computed")
}

#[cold]
fn nobody() -> Error {
    Error::new(ErrorKind::InvalidCall, "this call computes a value, and brought no closure")
}

/// Both futures at once.
pub(crate) async fn both<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut a_done, mut b_done) = (None, None);
    poll_fn(move |cx| {
        advance(a.as_mut(), &mut a_done, cx);
        advance(b.as_mut(), &mut b_done, cx);
        match (a_done.take(), b_done.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (a_done, b_done) = (a, b);
                Poll::Pending
            }
        }
    })
    .await
}

fn advance<F: Future + ?Sized>(
    future: Pin<&mut F>,
    done: &mut Option<F::Output>,
    cx: &mut Context<'_>,
) {
    if done.is_none()
        && let Poll::Ready(output) = future.poll(cx)
    {
        *done = Some(output);
    }
}

/// Drives a future on this thread, which sleeps while there is nothing to do.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
