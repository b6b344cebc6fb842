//! The embedded memory: its handle for tests, its names, its clock.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use nestkey::{
    Client, Effect, Error, ErrorKind, Expires, Layout, Lifetime, Root,
    backend::{Backend, Exchange, Reaching},
    core::{call::Reach, command::Batch, reply::Reply},
};

const MINUTE: Duration = Duration::from_secs(60);

fn layout() -> Layout {
    Layout::from_json(
        r#"{"keys": {
            "session": {"type": "string", "ttl": "30m"},
            "motto": {"type": "string"},
            "page": {"template": "page:{id}", "type": "int"}
        }}"#,
    )
    .unwrap()
}

async fn connect(url: &str) -> Root {
    Client::connect(url).await.unwrap().bind(&layout())
}

#[tokio::test]
async fn time_stands_still_until_it_is_advanced() {
    let (client, memory) = Client::memory();
    let root = client.bind(&layout());
    let session = root.entry("session").unwrap();
    let start = memory.now();
    session.set("ada").await.unwrap();
    assert_eq!(session.ttl_ms().await.unwrap(), Lifetime::Left(30 * MINUTE));
    assert_eq!(session.expire_time_ms().await.unwrap(), Expires::At(start + 30 * MINUTE));
    memory.advance(29 * MINUTE);
    assert_eq!(session.ttl().await.unwrap(), Lifetime::Left(MINUTE));
    memory.advance(MINUTE + Duration::from_millis(1));
    assert_eq!(session.get::<Option<String>>().await.unwrap(), None);
    assert_eq!(memory.now(), start + 30 * MINUTE + Duration::from_millis(1));
}

#[tokio::test]
async fn a_dump_is_loaded_elsewhere_with_its_expiries() {
    let (client, memory) = Client::memory();
    let root = client.bind(&layout());
    root.entry("session").unwrap().set("ada").await.unwrap();
    root.entry("motto").unwrap().set("x").await.unwrap();
    let dump = memory.dump();
    assert_eq!(dump, memory.dump());

    let (client, other) = Client::memory();
    let root = client.bind(&layout());
    root.at("page(7)").unwrap().set(1).await.unwrap();
    other.load(&dump).unwrap();
    assert_eq!(other.dump(), dump);
    assert!(!root.at("page(7)").unwrap().exists().await.unwrap());
    other.advance(31 * MINUTE);
    assert_eq!(root.entry("session").unwrap().get::<Option<String>>().await.unwrap(), None);
    assert_eq!(root.entry("motto").unwrap().get::<String>().await.unwrap(), "x");

    let error = other.load("{}").unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidDump, Effect::NotSent));
    assert!(root.entry("motto").unwrap().exists().await.unwrap());
}

#[tokio::test]
async fn a_store_that_was_reset_is_as_it_was_in_the_beginning() {
    let (client, memory) = Client::memory();
    let root = client.bind(&layout());
    let motto = root.entry("motto").unwrap();
    let start = memory.now();
    motto.set("x").await.unwrap();
    memory.advance(999 * MINUTE);
    memory.fail_next(ErrorKind::Unreachable);
    memory.reset();
    assert!(memory.now() < start + MINUTE);
    assert!(!motto.exists().await.unwrap());
}

#[tokio::test]
async fn failures_are_injected_in_order_and_nothing_is_done() {
    let (client, memory) = Client::memory();
    let root = client.bind(&layout());
    let motto = root.entry("motto").unwrap();
    memory.fail_next(ErrorKind::Unreachable);
    memory.fail_next(Error::new(ErrorKind::Timeout, "slow").effect(Effect::Ambiguous));
    let error = motto.set("x").await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Unreachable, true));
    assert_eq!((error.path(), error.key()), ("motto", "motto"));
    let error = motto.set("x").wait().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Effect::Ambiguous));
    assert!(!motto.exists().await.unwrap());
}

#[tokio::test]
async fn a_scan_that_breaks_off_hands_out_what_it_found_before_the_error() {
    let (client, memory) = Client::memory();
    let root = client.bind(&layout());
    let pages = (0..3_000).map(|id| root.entry_with("page", [id]).unwrap().set(id));
    root.pipeline(pages.collect::<Vec<_>>()).await.unwrap();
    let mut keys = root.keys();
    keys.next().await.unwrap().unwrap();
    memory.fail_next(ErrorKind::Unreachable);
    let (mut found, mut errors) = (0, Vec::new());
    while let Some(key) = keys.next().await {
        match key {
            Ok(_) => found += 1,
            Err(error) => errors.push(error.kind()),
        }
    }
    assert_eq!(errors, [ErrorKind::Unreachable]);
    assert!((1..2_999).contains(&found), "{found}");
    assert_eq!(root.count().await.unwrap(), 3_000);
}

/// Answers one batch, and is gone for the next.
#[derive(Debug)]
struct OneTurn(Mutex<Option<Vec<Reply>>>);

impl Backend for OneTurn {
    fn exchange<'a>(&'a self, _: &'a Batch, _: Option<Instant>) -> Exchange<'a> {
        let replies = self.0.lock().unwrap().take();
        let gone = || Error::new(ErrorKind::Unreachable, "gone").effect(Effect::Ambiguous);
        Box::pin(std::future::ready(replies.ok_or_else(gone)))
    }

    fn reach(&self, _: Option<Instant>) -> Reaching<'_> {
        Box::pin(std::future::ready(Ok(Reach::Whole)))
    }
}

#[tokio::test]
async fn a_finished_call_of_a_pipeline_outlives_a_later_failure() {
    // SET motto, UNLINK session motto, SCAN: another page is behind this one.
    let page = Reply::Array(vec![Reply::Bulk(b"7".to_vec()), Reply::Array(Vec::new())]);
    let first_turn = vec![Reply::ok(), Reply::Int(2), page];
    let client = Client::from_backend(OneTurn(Mutex::new(Some(first_turn))));
    let root = client.bind(&layout());
    let motto = root.entry("motto").unwrap();
    let (set, cleared) = root.pipeline((motto.set("x"), root.clear())).settled().await.unwrap();
    assert_eq!(set, Ok(true));
    let error = cleared.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unreachable, Effect::Partial));
    assert!(error.message().ends_with("2 keys were removed before"), "{error}");
    assert_eq!(motto.get::<String>().wait().unwrap_err().kind(), ErrorKind::NoBlocking);
}

#[tokio::test]
async fn a_name_shares_a_memory_in_the_process() {
    let (one, same) = (connect("memory://shared").await, connect("memory://shared").await);
    let other = connect("memory://other").await;
    one.entry("motto").unwrap().set("x").await.unwrap();
    assert!(same.entry("motto").unwrap().exists().await.unwrap());
    assert!(!other.entry("motto").unwrap().exists().await.unwrap());
    let (private, another) = (connect("memory://").await, connect("memory://").await);
    private.entry("motto").unwrap().set("x").await.unwrap();
    assert!(!another.entry("motto").unwrap().exists().await.unwrap());
}

#[tokio::test]
async fn a_prefix_comes_before_everything() {
    let client = Client::connect("memory://").prefix("staging").await.unwrap();
    let root = client.bind(&layout());
    let tenant = root.with_prefix("eu:");
    assert_eq!(root.entry("motto").unwrap().key(), "staging:motto");
    assert_eq!(tenant.at("motto").unwrap().key(), "staging:eu:motto");
    tenant.entry("motto").unwrap().set("x").await.unwrap();
    assert_eq!((root.count().await.unwrap(), tenant.count().await.unwrap()), (0, 1));
    assert_eq!(tenant.clear().await.unwrap().removed, 1);
}

#[tokio::test]
async fn a_deadline_that_is_over_sends_nothing() {
    let root = connect("memory://").await;
    let error = root.entry("motto").unwrap().set("x").deadline(Duration::ZERO).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Effect::NotSent));
}

#[test]
fn what_services_keep_is_clone_send_sync_and_static() {
    fn check<T: Clone + Send + Sync + 'static>() {}
    check::<Client>();
    check::<Root>();
    check::<nestkey::Memory>();
    fn borrows<T: Clone + Send + Sync>() {}
    borrows::<nestkey::Namespace<'_>>();
    borrows::<nestkey::Entry<'_>>();
}

#[test]
fn debug_output_hides_what_is_to_be_stored() {
    let call = Client::memory().0.bind(&layout()).entry("motto").unwrap().set("hunter2");
    assert_eq!(format!("{call:?}"), "Call(set motto)");
}

#[tokio::test]
async fn what_a_call_is_shown_as_holds_no_parameter() {
    let root = connect("memory://").await;
    let page = root.entry_with("page", ["deadbeef"]).unwrap();
    assert_eq!(format!("{:?}", page.set(1)), "Call(set page)");
}

#[test]
fn a_secret_or_password_as_a_plain_value_names_its_handle_and_sends_nothing() {
    let layout = Layout::from_toml(
        r#"
        namespaces.user.prefix = "user:{id:int}"
        namespaces.user.keys.api_key = { kind = "secret" }
        namespaces.user.keys.pass = { kind = "password" }
        "#,
    );
    let (client, memory) = Client::memory();
    let root = client.bind(&layout.unwrap());
    // An exchange would fail with that.
    memory.fail_next(ErrorKind::Unreachable);
    for (name, handle) in [("api_key", ".secret(\"api_key\")"), ("pass", ".password(\"pass\")")] {
        let entry = root.namespace("user", [1]).unwrap().entry(name).unwrap();
        for error in [
            entry.get::<Option<String>>().wait().unwrap_err(),
            entry.lookup::<String>().wait().unwrap_err(),
            entry.set("sk_live_42").wait().unwrap_err(),
            entry.update(|text: String| async move { text }).wait().unwrap_err(),
            entry.get_or_set(|| async { String::new() }).wait().unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidCall);
            assert_eq!(error.path(), format!("user.{name}"));
            assert!(error.message().contains(handle), "{error}");
        }
    }
}

#[test]
fn a_call_that_cannot_be_made_says_where() {
    let root = Client::memory().0.bind(&layout());
    let motto = root.entry("motto").unwrap();
    let error = motto.set("x").ttl(Duration::MAX).wait().unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::InvalidCall, "motto"));
    let other = Client::memory().0.bind(&layout());
    let error = other.pipeline([motto.exists()]).wait().unwrap_err().error;
    assert_eq!((error.kind(), error.path()), (ErrorKind::InvalidCall, "motto"));
}
