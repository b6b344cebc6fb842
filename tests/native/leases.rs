//! What a computation that is given up leaves on a server.

use std::{future::pending, time::Duration};

use nestkey::{Client, Entry, Result, Root};
use nestkey_conformance::server::Server;

use crate::place::layout;

/// Who finds the lease taken would wait past its deadline.
async fn next(entry: &Entry<'_>) -> Result<String> {
    // What gives the lease back is under way.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let next = entry.get_or_set(|| async { String::from("next") });
    next.deadline(Duration::from_secs(2)).await
}

async fn bound(server: &Server) -> Root {
    Client::connect(&server.url()).await.unwrap().bind(&layout())
}

#[tokio::test]
async fn a_dropped_computation_gives_its_lease_back() {
    let server = Server::start();
    let root = bound(&server).await;
    let motto = root.entry("motto").unwrap();
    let never = motto.get_or_set(pending::<String>);
    assert!(tokio::time::timeout(Duration::from_millis(100), never).await.is_err());
    assert_eq!(next(&motto).await.unwrap(), "next");
    assert_eq!(root.count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_computation_that_panics_gives_its_lease_back() {
    let server = Server::start();
    let root = bound(&server).await;
    let (motto, note) = (root.entry("motto").unwrap(), root.entry("note").unwrap());
    let panicking =
        |entry: &Entry<'_>| entry.get_or_set(|| async { panic!("on purpose") as String });
    let spawned = tokio::spawn(panicking(&motto));
    assert!(spawned.await.unwrap_err().is_panic());
    assert_eq!(next(&motto).await.unwrap(), "next");
    let waited = panicking(&note);
    assert!(std::thread::spawn(|| waited.wait()).join().is_err());
    assert_eq!(next(&note).await.unwrap(), "next");
}
