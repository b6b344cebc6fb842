//! Pipelines that are longer than what may be in flight.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use nestkey::{
    Call, Client, Effect, Error, ErrorKind, Root,
    backend::{Backend, Exchange},
    core::command::Batch,
    pipeline::PipelineError,
};
use nestkey_conformance::server::Server;

use crate::place::{everywhere, layout};

fn sets(root: &Root, calls: i64) -> Vec<Call<bool, nestkey::call::op::Set>> {
    (1..=calls)
        .map(|id| root.namespace("user", [id]).unwrap().entry("age").unwrap().set(id))
        .collect()
}

fn gets(root: &Root, calls: i64) -> Vec<Call<i64>> {
    (1..=calls)
        .map(|id| root.namespace("user", [id]).unwrap().entry("age").unwrap().get())
        .collect()
}

#[tokio::test]
async fn a_pipeline_may_be_longer_than_what_may_be_in_flight() {
    everywhere(|root| async move {
        let stored = root.pipeline(sets(&root, 50_000)).await.unwrap();
        assert_eq!((stored.len(), stored.iter().all(|stored| *stored)), (50_000, true));
        assert_eq!(root.pipeline(gets(&root, 50_000)).await.unwrap(), Vec::from_iter(1..=50_000));
    })
    .await;
}

#[test]
fn the_same_holds_without_a_runtime() {
    let server = Server::start();
    let root = Client::connect(&server.url()).max_in_flight(40).wait().unwrap().bind(&layout());
    root.pipeline(sets(&root, 100)).wait().unwrap();
    assert_eq!(root.pipeline(gets(&root, 100)).wait().unwrap(), Vec::from_iter(1..=100));
}

#[tokio::test]
async fn calls_of_several_turns_stay_within_the_bound_too() {
    let server = Server::start();
    for url in ["memory://", &server.url()] {
        let root = Client::connect(url).max_in_flight(40).await.unwrap().bind(&layout());
        let age = |id: i64| root.namespace("user", [id]).unwrap().entry("age").unwrap();
        for round in 1..=2 {
            let updates: Vec<_> =
                (1..=100).map(|id| age(id).update(|age: i64| async move { age + 1 })).collect();
            assert_eq!(root.pipeline(updates).await.unwrap(), vec![round; 100], "{url}");
        }
        let stamped = root.entry("stamped").unwrap();
        // Two commands each, between MULTI and EXEC.
        let sets: Vec<_> = (0..100).map(|n| stamped.set(n.to_string())).collect();
        root.pipeline(sets).await.unwrap();
        assert_eq!(stamped.get::<String>().await.unwrap(), "99", "{url}: in their order");
    }
}

/// Lets the exchanges pass that come first, and notes how many commands each had.
#[derive(Clone, Debug)]
struct Breaking {
    client: Client,
    left: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Backend for Breaking {
    fn exchange<'a>(&'a self, batch: &'a Batch, deadline: Option<Instant>) -> Exchange<'a> {
        self.most.fetch_max(batch.len(), Ordering::Relaxed);
        if self.left.fetch_sub(1, Ordering::Relaxed) == 0 {
            let error = Error::new(ErrorKind::Unreachable, "the wire was cut");
            return Box::pin(async { Err(error.effect(Effect::Ambiguous)) });
        }
        self.client.backend().exchange(batch, deadline)
    }
}

#[tokio::test]
async fn a_pipeline_that_breaks_off_says_of_each_call_what_became_of_it() {
    let client = Client::connect("memory://").max_in_flight(40).await.unwrap();
    let breaking = Breaking {
        client: client.clone(),
        left: Arc::new(AtomicUsize::new(2)),
        most: Arc::default(),
    };
    let root = client.with_backend(breaking.clone()).bind(&layout());
    let PipelineError { index, error, results, .. } =
        root.pipeline(sets(&root, 50)).await.unwrap_err();
    assert_eq!(
        (index, error.outcome(), error.kind()),
        (20, Effect::Ambiguous, ErrorKind::Unreachable)
    );
    let effects: Vec<_> =
        results.iter().map(|result| result.as_ref().err().map(Error::outcome)).collect();
    assert!(effects[..20].iter().all(Option::is_none), "acknowledged: {effects:?}");
    assert!(effects[20..30].iter().all(|effect| *effect == Some(Effect::Ambiguous)), "{effects:?}");
    assert!(effects[30..].iter().all(|effect| *effect == Some(Effect::NotSent)), "{effects:?}");
    assert_eq!(breaking.most.load(Ordering::Relaxed), 10, "a quarter is under way at a time");
    assert_eq!(client.bind(&layout()).count().await.unwrap(), 20);
}

#[tokio::test]
async fn an_atomic_group_beyond_the_bound_is_refused_whole() {
    let server = Server::start();
    for url in ["memory://", &server.url()] {
        let root = Client::connect(url).max_in_flight(12).await.unwrap().bind(&layout());
        root.atomic(sets(&root, 10)).await.unwrap();
        root.clear().await.unwrap();
        let failure = root.atomic(sets(&root, 11)).await.unwrap_err();
        assert_eq!((failure.index, failure.error.kind()), (10, ErrorKind::InvalidCall), "{url}");
        assert_eq!(failure.error.outcome(), Effect::NotSent);
        let stamped = root.entry("stamped").unwrap();
        let doubled: Vec<_> = (0..6).map(|n| stamped.set(n.to_string())).collect();
        let failure = root.atomic(doubled).await.unwrap_err();
        assert_eq!((failure.index, failure.error.kind()), (5, ErrorKind::InvalidCall), "{url}");
        assert_eq!(root.count().await.unwrap(), 0, "nothing was sent");
    }
}
