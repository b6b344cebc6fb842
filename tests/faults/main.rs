//! Each fault of redisimnest that concerns Rust, as a test of what is right: over memory and over a
//! server in RESP2 and RESP3.

mod secrets;

use std::{collections::BTreeMap, future::Future, time::Duration};

use nestkey::{Client, ErrorKind, Layout, Lifetime, Lookup, Root, Value, Walk, value::Tuple};
use nestkey_conformance::server::Server;

const LAYOUT: &str = r#"
    prefix = "root"
    keys.motto = { type = "string" }
    keys.anything = { type = "any" }
    [namespaces.user]
    prefix = "user:{user_id}"
    ttl = "2m"
    keys.age = { type = "int", default = 0 }
    keys.api_key = { kind = "secret" }
    keys.password = { kind = "password", cost = 10 }
    keys.forever = { type = "int", ttl = "persist" }
    keys.clear = { type = "int" }
    keys.seen = { type = "int", renew = "access" }
    keys.tags = { type = "array<string>", default = [] }
    keys.note = { template = "note:{n:int}", type = "string" }
    [namespaces."user.sub"]
    prefix = "sub"
    keys.age = { type = "int" }
"#;

/// Runs a test on memory, on a server by RESP2, and on a server by RESP3.
async fn everywhere<F: Future<Output = nestkey::Result<()>>>(test: impl Fn(Root) -> F) {
    let layout = Layout::from_toml(LAYOUT).unwrap();
    let memory = Client::connect("memory://").await.unwrap();
    test(memory.bind(&layout)).await.unwrap();
    let server = Server::start();
    for protocol in ["resp2", "resp3"] {
        let url = format!("{}/?protocol={protocol}", server.url());
        let root = Client::connect(&url).await.unwrap().bind(&layout);
        test(root.with_prefix(protocol)).await.unwrap();
    }
}

#[tokio::test]
async fn clear_of_one_user_leaves_the_next_alone() {
    everywhere(async |root| {
        for id in ["1", "12", "2"] {
            root.namespace("user", [id])?.entry("age")?.set(1).await?;
            root.namespace("user", [id])?.entry_with("note", [1])?.set("x").await?;
        }
        assert_eq!(root.namespace("user", ["1"])?.clear().await?.removed, 2);
        assert_eq!(root.namespace("user", ["12"])?.count().await?, 2);
        assert_eq!(root.namespace("user", ["2"])?.count().await?, 2);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn several_namespaces_clear_in_one_walk_that_tells_how_far_it_is() {
    everywhere(async |root| {
        for id in ["1", "12", "2", "3"] {
            root.namespace("user", [id])?.entry("age")?.set(1).await?;
            root.namespace("user", [id])?.entry_with("note", [1])?.set("x").await?;
        }
        let (told, heard) = std::sync::mpsc::channel();
        let namespaces = [root.namespace("user", ["1"])?, root.namespace("user", ["3"])?];
        let clear = root.client().clear(namespaces).progress(move |cleared| {
            let _ = told.send(cleared.removed);
        });
        assert_eq!(clear.await?.removed, 4);
        assert!(heard.iter().count() > 0);
        let blocking = root.namespace("user", ["2"])?.clear().progress(|_| {});
        let removed = tokio::task::spawn_blocking(move || blocking.wait()).await.unwrap()?.removed;
        assert_eq!((removed, root.count().await?), (2, 2));
        assert_eq!(root.client().clear(Vec::<Walk>::new()).await?.removed, 0);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn glob_characters_in_a_parameter_are_text() {
    everywhere(async |root| {
        for id in ["*", "[ab]", "a", "b", "?"] {
            root.namespace("user", [id])?.entry_with("note", [1])?.set("x").await?;
        }
        for id in ["*", "[ab]", "?"] {
            assert_eq!(root.namespace("user", [id])?.clear().await?.removed, 1, "{id}");
        }
        assert_eq!(root.count().await?, 2);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_empty_prefix_clears_its_own_keys_and_no_others() {
    let layout = Layout::from_json(r#"{"keys": {"own": {"type": "int"}}}"#).unwrap();
    let other = Layout::from_json(r#"{"keys": {"other": {"type": "int"}}}"#).unwrap();
    let server = Server::start();
    for url in [String::from("memory://"), server.url()] {
        let client = Client::connect(&url).await.unwrap();
        let (root, other) = (client.bind(&layout), client.bind(&other));
        root.entry("own").unwrap().set(1).await.unwrap();
        other.entry("other").unwrap().set(1).await.unwrap();
        assert_eq!(root.clear().await.unwrap().removed, 1);
        assert!(other.entry("other").unwrap().exists().await.unwrap());
        assert_eq!(root.clear().strays().await.unwrap_err().kind(), ErrorKind::EmptyPrefix);
    }
}

#[tokio::test]
async fn a_separator_in_a_parameter_adds_no_level() {
    everywhere(async |root| {
        let outer = root.namespace("user", ["1:sub"])?.entry("age")?;
        let inner = root.at("user(1).sub.age")?;
        assert_ne!(outer.key(), inner.key());
        outer.set(1).await?;
        assert!(!inner.exists().await?);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_is_stored_is_read_back_the_same() {
    everywhere(async |root| {
        let anything = root.entry("anything")?;
        // An object that looks like an envelope would not come back: it is refused, not lost.
        let object = BTreeMap::from([("__type__", "str"), ("value", "x")]);
        assert_eq!(kind(anything.set(&object).await), ErrorKind::InvalidValue);
        assert_eq!(kind(anything.set(f64::NAN).await), ErrorKind::InvalidValue);
        assert_eq!(kind(anything.set([Tuple((1, 2))]).await), ErrorKind::InvalidValue);
        assert!(!anything.exists().await?);
        anything.set(Tuple((1, 2))).await?;
        let tuple = Value::Tuple(vec![Value::Int(1), Value::Int(2)]);
        assert_eq!(anything.get::<Value>().await?, tuple);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_pipeline_renews_and_keeps_every_result_beside_a_failure() {
    everywhere(async |root| {
        let user = root.namespace("user", ["1"])?;
        let (seen, age) = (user.entry("seen")?, user.entry("age")?);
        seen.set(1).ttl(Duration::from_secs(5)).await?;
        root.entry("anything")?.set("no number").await?;
        let (value, wrong, stored) = root
            .pipeline((seen.get::<i64>(), root.entry("anything")?.get::<i64>(), age.set(3)))
            .settled()
            .await?;
        assert_eq!((value, stored), (Ok(1), Ok(true)));
        assert_eq!(kind(wrong), ErrorKind::TypeMismatch);
        let left = seen.ttl().await?.left().expect("an expiry");
        assert!(left > Duration::from_secs(100), "{left:?}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn every_expiry_works_below_an_inherited_ttl() {
    everywhere(async |root| {
        let user = root.namespace("user", ["1"])?;
        let age = user.entry("age")?;
        age.set(5).ttl(Duration::from_millis(50_500)).await?;
        assert!(age.ttl_ms().await?.left().expect("an expiry") <= Duration::from_millis(50_500));
        age.set(6).keep_ttl().await?;
        assert!(age.ttl().await?.left().expect("an expiry") <= Duration::from_secs(51));
        age.set(7).persist().await?;
        assert_eq!(age.ttl().await?, Lifetime::Persistent);
        user.entry("forever")?.set(1).await?;
        assert_eq!(user.entry("forever")?.ttl().await?, Lifetime::Persistent);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_missing_parameter_is_told_where_it_is_missing() {
    everywhere(async |root| {
        let error = root.namespace("user", ()).unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::MissingParam, "user"));
        let user = root.namespace("user", ["1"])?;
        assert_eq!(kind(user.entry("note")), ErrorKind::MissingParam);
        assert_eq!(user.with(["2"])?.entry("age")?.key(), root.at("user(2).age")?.key());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_previous_value_comes_back_as_a_value() {
    everywhere(async |root| {
        let age = root.at("user(1).age")?;
        assert_eq!(age.set(1).previous::<Option<i64>>().await?, None);
        assert_eq!(age.set(2).previous::<Option<i64>>().await?, Some(1));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_entry_may_have_the_name_of_a_call() {
    everywhere(async |root| {
        let user = root.namespace("user", ["1"])?;
        user.entry("clear")?.set(3).await?;
        assert_eq!(user.entry("clear")?.get::<i64>().await?, 3);
        assert_eq!(user.clear().await?.removed, 1);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_default_is_a_fresh_copy_and_never_stored() {
    everywhere(async |root| {
        let tags = root.at("user(1).tags")?;
        let mut first: Vec<String> = tags.get().await?;
        first.push("changed".into());
        assert_eq!(tags.get::<Vec<String>>().await?, Vec::<String>::new());
        assert_eq!(tags.lookup::<Vec<String>>().await?, Lookup::Missing);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn values_are_computed_over_a_server_as_over_memory() {
    everywhere(async |root| {
        let (age, motto) = (root.at("user(1).age")?, root.entry("motto")?);
        let calls = (
            age.update(|age: i64| async move { age + 1 }),
            motto.get_or_set(|| async { String::from("small and sharp") }),
        );
        assert_eq!(root.pipeline(calls).await?, (1, String::from("small and sharp")));
        assert_eq!(age.update(|age: i64| async move { age + 1 }).await?, 2);
        assert!(age.ttl().await?.left().is_some());
        assert_eq!(motto.get_or_set(|| async { String::new() }).await?, "small and sharp");
        Ok(())
    })
    .await;
}

#[test]
fn a_template_is_checked_wherever_it_stands() {
    for prefix in ["{x}", "{}", "a:{x-y}"] {
        let layout = format!(r#"{{"prefix": "{prefix}", "keys": {{"a": {{}}}}}}"#);
        assert_eq!(kind(Layout::from_json(&layout)), ErrorKind::InvalidLayout, "{prefix}");
    }
}

fn kind<T>(result: nestkey::Result<T>) -> ErrorKind {
    result.err().expect("an error").kind()
}
