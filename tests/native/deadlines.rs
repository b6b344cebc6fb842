//! The rule of docs/deadlines.md, row by row: a server that stands still, functions that are slow.

use std::time::{Duration, Instant};

use nestkey::{Client, Entry, Error, ErrorKind, Layout, Result, Root};
use nestkey_conformance::server::Server;

const LAYOUT: &str = r#"
    prefix = "root"
    keys.page = { type = "string", ttl = "1m" }
    keys.title = { type = "string", default = "untitled", on_unavailable = "missing" }
    keys.hits = { type = "int", default = 0 }
"#;

const LEASE: &str = "root:page::lease:{root:page}";

/// Beyond what is waited for, for a machine that is busy.
const SLACK: Duration = Duration::from_millis(280);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

async fn bound(url: &str, response: u64) -> Root {
    let client = Client::connect(url).timeout(ms(response)).await.unwrap();
    let root = client.bind(&Layout::from_toml(LAYOUT).unwrap());
    // A connection for each of those who wait and those who block.
    root.entry("hits").unwrap().get::<i64>().await.unwrap();
    root.entry("hits").unwrap().get::<i64>().wait().unwrap();
    root
}

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    /// `get_or_set` by a function that takes so long, with or without a server.
    Fill { takes: u64, when_down: bool },
    /// A `get` that reads as missing where there is no server.
    Lenient,
    /// A `get` that does not.
    Strict,
}

async fn call(root: &Root, what: What, deadline: u64, is_blocking: bool) -> Result<String> {
    let page = root.entry("page")?;
    let call = match what {
        What::Fill { takes, when_down } => {
            let call = fill(&page, takes).deadline(ms(deadline));
            let call = if when_down { call.or_compute_when_down() } else { call };
            return if is_blocking { call.wait() } else { call.await };
        }
        What::Lenient => root.entry("title")?.get::<String>(),
        What::Strict => page.get::<String>(),
    };
    let call = call.deadline(ms(deadline));
    if is_blocking { call.wait() } else { call.await }
}

fn fill(page: &Entry<'_>, takes: u64) -> nestkey::call::Call<String, nestkey::call::op::GetOrSet> {
    // Of threads, so that it takes as long where there is no runtime.
    page.get_or_set(move || async move {
        let (sender, slept) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            std::thread::sleep(ms(takes));
            let _ = sender.send(());
        });
        drop(slept.await);
        String::from("computed")
    })
}

/// What comes out, and by when at least and at most but for the slack.
type Row = (What, u64, std::result::Result<&'static str, ErrorKind>, u64, u64);

async fn hold(root: &Root, rows: &[Row]) {
    for &(what, deadline, ref wanted, from, to) in rows {
        for is_blocking in [false, true] {
            let started = Instant::now();
            let came = call(root, what, deadline, is_blocking).await;
            let took = started.elapsed();
            let came = came.as_deref().map_err(Error::kind);
            let row = format!("{what:?} within {deadline} ms, blocking: {is_blocking}: {took:?}");
            assert_eq!(came, *wanted, "{row}");
            assert!(took >= ms(from) && took < ms(to) + SLACK, "{row}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_server_stands_still_a_fallback_is_there_within_the_deadline() {
    let (fast, slow) = (0, 450);
    let fill = |takes, when_down| What::Fill { takes, when_down };
    let late = Err(ErrorKind::Timeout);
    let server = Server::start();
    // The deadline is shorter than the response timeout: half of it goes to the server.
    let root = bound(&server.url(), 5_000).await;
    server.stop();
    hold(
        &root,
        &[
            (What::Strict, 600, late, 600, 600),
            (What::Lenient, 600, Ok("untitled"), 300, 300),
            (fill(fast, false), 600, late, 600, 600),
            (fill(fast, true), 600, Ok("computed"), 300, 300),
            (fill(slow, true), 1_400, Ok("computed"), 1_150, 1_150),
            (fill(slow, true), 600, late, 600, 600),
        ],
    )
    .await;
    server.go_on();
    // The response timeout is shorter: it holds as ever.
    let root = bound(&server.url(), 300).await;
    for (what, wanted) in [(What::Lenient, "untitled"), (fill(fast, true), "computed")] {
        server.stop();
        hold(&root, &[(what, 6_000, Ok(wanted), 300, 300)]).await;
        server.go_on();
        root.entry("hits").unwrap().get::<i64>().await.unwrap();
        root.entry("hits").unwrap().get::<i64>().wait().unwrap();
    }
}

/// Waits until something is so, for two seconds at most.
async fn becomes(mut is_so: impl FnMut() -> bool, what: &str) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < ms(2_000), "{what}");
        tokio::time::sleep(ms(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_computation_that_outlives_its_deadline_is_stored_and_its_lease_given_back() {
    let server = Server::start();
    for url in ["memory://deadlines".to_owned(), server.url()] {
        let root = bound(&url, 5_000).await;
        let page = root.entry("page").unwrap();
        for is_blocking in [false, true] {
            let started = Instant::now();
            let what = What::Fill { takes: 600, when_down: false };
            let error = call(&root, what, 50, is_blocking).await.unwrap_err();
            let took = started.elapsed();
            assert_eq!((error.kind(), error.path()), (ErrorKind::Timeout, "page"));
            assert!(took >= ms(50) && took < ms(50) + SLACK, "{url} {is_blocking}: {took:?}");
            assert!(!page.exists().await.unwrap(), "it is still being computed");
            // Whoever comes now waits for it, and computes nothing.
            let next = page.get_or_set(|| async { String::from("again") });
            assert_eq!(next.await.unwrap(), "computed");
            assert!(started.elapsed() < ms(600) + SLACK * 4, "{:?}", started.elapsed());
            assert!(page.delete().await.unwrap());
            let next = page.get_or_set(|| async { String::from("next") });
            assert_eq!(next.deadline(ms(2_000)).await.unwrap(), "next", "the lease is free");
            page.delete().await.unwrap();
        }
    }
    assert_eq!(server.connect().call(&["EXISTS", LEASE]), nestkey::core::reply::Reply::Int(0));
}

#[tokio::test]
async fn a_lease_that_was_asked_for_in_vain_is_given_back() {
    let server = Server::start();
    let root = bound(&server.url(), 5_000).await;
    let page = root.entry("page").unwrap();
    let late = nestkey::core::reply::Reply::Int(1);
    // Reads are answered, and what asks for the lease is not, until its caller has gone.
    server.connect().call(&["CLIENT", "PAUSE", "300", "WRITE"]);
    let error = fill(&page, 0).deadline(ms(100)).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Timeout, true));
    let mut connection = server.connect();
    tokio::time::sleep(ms(300)).await;
    becomes(|| connection.call(&["EXISTS", LEASE]) != late, "the lease is free").await;
    assert_eq!(fill(&page, 0).deadline(ms(2_000)).await.unwrap(), "computed");
}

#[tokio::test]
async fn an_update_that_outlives_its_deadline_stores_nothing() {
    let (client, _) = Client::memory();
    let root = client.bind(&Layout::from_toml(LAYOUT).unwrap());
    let hits = root.entry("hits").unwrap();
    for is_blocking in [false, true] {
        let started = Instant::now();
        let call = hits.update(|hits: i64| async move {
            tokio::time::sleep(ms(600)).await;
            hits + 1
        });
        let call = call.deadline(ms(50));
        let ended = if is_blocking { call.wait() } else { call.await };
        let error = ended.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Timeout, true));
        assert!(started.elapsed() < ms(50) + SLACK, "{:?}", started.elapsed());
    }
    tokio::time::sleep(ms(900)).await;
    assert_eq!(hits.get::<i64>().await.unwrap(), 0);
}

#[test]
fn a_deadline_needs_no_runtime() {
    let (client, _) = Client::memory();
    let root = client.bind(&Layout::from_toml(LAYOUT).unwrap());
    let page = root.entry("page").unwrap();
    let started = Instant::now();
    let mut late = std::pin::pin!(IntoFuture::into_future(fill(&page, 600).deadline(ms(50))));
    let error = futures_executor(late.as_mut()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(started.elapsed() < ms(50) + SLACK);
    assert_eq!(page.get_or_set(|| async { String::from("again") }).wait().unwrap(), "computed");
}

/// The smallest executor there is.
fn futures_executor<F: Future>(mut future: std::pin::Pin<&mut F>) -> F::Output {
    struct Unpark(std::thread::Thread);

    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = std::task::Waker::from(std::sync::Arc::new(Unpark(std::thread::current())));
    let mut cx = std::task::Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut cx) {
            std::task::Poll::Ready(output) => return output,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}
