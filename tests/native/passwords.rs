//! Passwords: hashed on threads of their own, verified, upgraded, and never read.

use std::time::{Duration, Instant};

use nestkey::{
    Client, Error, ErrorKind, Layout, PasswordEntry, Root, Secret, Verdict,
    backend::{Backend, Exchange},
    core::{
        command::{Batch, Class},
        error::Result,
        reply::Reply,
    },
};

use crate::place::everywhere_with;

const LAYOUT: &str = r#"
    [namespaces.user]
    prefix = "user:{user_id:int}"
    keys.password = { kind = "password", cost = 10 }
    keys.strong = { kind = "password", cost = 12 }
    keys.age = { type = "int" }
"#;

/// Hashes of `hunter2` that Python's bcrypt 5.0.0 made, with the salt `abcdefghijklmnopqrstuu`.
const COST_10: &str = "$2b$10$abcdefghijklmnopqrstuu7gIUFBKrYXdzQy8HrouzMJyZ4cijAb2";
const COST_12: &str = "$2b$12$abcdefghijklmnopqrstuuCEzSpXJ42scy/MOdv14p0ieHzvDXISW";
const VERSION_A: &str = "$2a$10$abcdefghijklmnopqrstuu7gIUFBKrYXdzQy8HrouzMJyZ4cijAb2";

const YES: Verdict = Verdict::Yes { wants_upgrade: false };
const OUTDATED: Verdict = Verdict::Yes { wants_upgrade: true };

fn bind(client: &Client) -> Root {
    client.bind(&Layout::from_toml(LAYOUT).unwrap())
}

fn password(root: &Root) -> PasswordEntry<'_> {
    root.at("user(1).password").unwrap().into_password().unwrap()
}

fn strong(root: &Root) -> PasswordEntry<'_> {
    root.at("user(1).strong").unwrap().into_password().unwrap()
}

async fn hash(password: &PasswordEntry<'_>) -> Option<String> {
    password.reveal().await.unwrap().map(Secret::into_exposed)
}

fn envelope(hash: &str) -> String {
    format!(r#"{{"__type__": "str", "value": "{hash}"}}"#)
}

fn put(key: &str, value: &str) -> Batch {
    let mut batch = Batch::default();
    batch.command("SET", Class::Other).key(key.as_bytes()).secret(value.as_bytes());
    batch
}

#[tokio::test]
async fn a_password_is_verified_and_never_read() {
    everywhere_with(bind, async |root| {
        let password = password(&root);
        assert_eq!(password.verify("hunter2").await.unwrap(), Verdict::Missing);
        assert!(password.set("hunter2").await.unwrap());
        assert_eq!(password.verify("hunter2").await.unwrap(), YES);
        assert_eq!(password.verify("hunter3").await.unwrap(), Verdict::No);
        let first = hash(&password).await.unwrap();
        assert!(first.starts_with("$2b$10$") && first.len() == 60, "{first}");
        password.set("hunter2").ttl(Duration::from_secs(60)).await.unwrap();
        assert_ne!(hash(&password).await.unwrap(), first);
        assert!(password.ttl().await.unwrap().left().is_some());
        assert!(!password.set("hunter3").if_missing().await.unwrap());
        assert!(password.delete().await.unwrap());
        assert_eq!(
            (password.verify("").await.unwrap(), hash(&password).await),
            (Verdict::Missing, None)
        );
    })
    .await;
}

#[tokio::test]
async fn hashes_of_other_programs_are_taken_and_verified() {
    everywhere_with(bind, async |root| {
        let password = password(&root);
        for known in [COST_10, VERSION_A] {
            password.set_hash(known).await.unwrap();
            assert_eq!(hash(&password).await.as_deref(), Some(known));
            assert!(password.verify("hunter2").await.unwrap().is_yes());
            assert_eq!(password.verify("hunter3").await.unwrap(), Verdict::No);
        }
        for (refused, expected) in [
            (COST_10.replace("$2b$", "$2x$"), ErrorKind::MalformedHash),
            (COST_10.replace("$10$", "$16$"), ErrorKind::CostTooHigh),
            (COST_10[..59].to_owned(), ErrorKind::MalformedHash),
            (String::from("hunter2"), ErrorKind::MalformedHash),
        ] {
            let error = password.set_hash(&refused).await.unwrap_err();
            assert_eq!(error.kind(), expected);
            root.client()
                .backend()
                .exchange(&put("user:1:password", &envelope(&refused)), None)
                .await
                .unwrap();
            let start = Instant::now();
            let stored = password.verify("hunter2").await.unwrap_err();
            assert_eq!((stored.kind(), stored.path()), (expected, "user.password"));
            assert!(start.elapsed() < Duration::from_secs(1), "nothing is computed for it");
            for error in [error, stored] {
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains("hunter2") && !shown.contains("abcdefg"), "{shown}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn passwords_that_bcrypt_would_cut_are_refused() {
    let root = bind(&Client::memory().0);
    let password = password(&root);
    let long = "ä".repeat(37);
    for (refused, expected) in
        [(long.as_str(), ErrorKind::PasswordTooLong), ("hunter2\0", ErrorKind::InvalidPassword)]
    {
        assert_eq!(password.set(refused).await.unwrap_err().kind(), expected);
        let error = password.verify(refused).await.unwrap_err();
        assert_eq!((error.kind(), error.path()), (expected, "user.password"));
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    assert!(password.set(&long[..72]).await.unwrap());
    assert_eq!(
        root.namespace("user", [1]).unwrap().password("age").unwrap_err().kind(),
        ErrorKind::InvalidCall
    );
    let any = root.at("user(1).password").unwrap();
    for (error, told) in [
        (any.get::<String>().await.unwrap_err(), ".password(\"password\")"),
        (any.raw().await.unwrap_err(), "`verify`"),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidCall);
        assert!(error.message().contains(told), "{error}");
    }
}

#[tokio::test]
async fn a_weak_hash_is_replaced_when_asked_for_and_no_other() {
    everywhere_with(bind, async |root| {
        let strong = strong(&root);
        strong.set_hash(COST_10).ttl(Duration::from_secs(600)).await.unwrap();
        assert_eq!(strong.verify("hunter2").await.unwrap(), OUTDATED);
        assert_eq!(strong.verify("hunter3").upgrade().await.unwrap(), Verdict::No);
        assert_eq!(hash(&strong).await.as_deref(), Some(COST_10));
        assert!(strong.verify("hunter2").upgrade().await.unwrap().is_yes());
        assert!(hash(&strong).await.unwrap().starts_with("$2b$12$"));
        assert!(strong.ttl().await.unwrap().left().unwrap() > Duration::from_secs(500));
        assert_eq!(strong.verify("hunter2").await.unwrap(), YES);

        let password = password(&root);
        // Another prefix is no weakness, and a hash stronger than the layout wants keeps its cost.
        for as_good in [VERSION_A, COST_12] {
            password.set_hash(as_good).await.unwrap();
            assert_eq!(password.verify("hunter2").upgrade().await.unwrap(), YES);
            assert_eq!(hash(&password).await.as_deref(), Some(as_good));
        }
    })
    .await;
}

/// Writes another hash just before a script would.
#[derive(Debug)]
struct Interloper(Client);

impl Backend for Interloper {
    fn exchange<'a>(&'a self, batch: &'a Batch, deadline: Option<Instant>) -> Exchange<'a> {
        Box::pin(async move {
            let is_script = batch.commands().any(|command| {
                command.args().next().is_some_and(|name| name.bytes.starts_with(b"EVAL"))
            });
            if is_script {
                let other = envelope(VERSION_A);
                self.0.backend().exchange(&put("user:1:strong", &other), deadline).await?;
            }
            self.0.backend().exchange(batch, deadline).await
        })
    }
}

#[tokio::test]
async fn an_upgrade_does_not_overwrite_what_came_between() {
    everywhere_with(bind, async |root| {
        let client = root.client().with_backend(Interloper(root.client().clone()));
        let raced = bind(&client);
        strong(&raced).set_hash(COST_10).await.unwrap();
        assert!(strong(&raced).verify("hunter2").upgrade().await.unwrap().is_yes());
        assert_eq!(hash(&strong(&root)).await.as_deref(), Some(VERSION_A));
    })
    .await;
}

#[tokio::test]
async fn passwords_stand_in_pipelines_and_are_stored_in_atomic_groups() {
    everywhere_with(bind, async |root| {
        let password = password(&root);
        password.set("hunter2").await.unwrap();
        let age = root.at("user(1).age").unwrap();
        let (_, verdict, age) = root
            .pipeline((age.set(30), password.verify("hunter2"), age.get::<i64>()))
            .await
            .unwrap();
        assert_eq!((verdict, age), (YES, 30));
        // A hash is stored as one of a group; what reads first cannot stand in one.
        let (stored, age) = root
            .atomic((password.set("hunter4"), root.at("user(1).age").unwrap().get::<i64>()))
            .await
            .unwrap();
        assert_eq!((stored, age), (true, 30));
        assert!(password.verify("hunter4").await.unwrap().is_yes());
        let error = root.atomic([password.verify("hunter4")]).await.unwrap_err().error;
        assert_eq!(error.kind(), ErrorKind::InvalidCall);
    })
    .await;
}

#[tokio::test]
async fn a_pipeline_verifies_more_than_the_queue_holds() {
    let root = bind(&Client::memory().0.hash_queue(1));
    let password = password(&root);
    password.set("hunter2").await.unwrap();
    let given = |n| if n % 2 == 0 { "hunter2" } else { "hunter3" };
    let calls: Vec<_> = (0..64).map(|n| password.verify(given(n))).collect();
    let verdicts = root.pipeline(calls).await.unwrap();
    for (n, verdict) in verdicts.iter().enumerate() {
        assert_eq!(verdict.is_yes(), n % 2 == 0, "{n}");
    }
}

#[tokio::test]
async fn past_the_queue_a_call_is_busy_and_its_neighbours_go_on() {
    let client = Client::connect("memory://").hash_threads(1).hash_queue(0).await.unwrap();
    let root = bind(&client);
    password(&root).set("hunter2").await.unwrap();
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let call = password(&root).verify("hunter2");
            tokio::spawn(call)
        })
        .collect();
    let mut results: Vec<Result<Verdict>> = Vec::new();
    for call in calls {
        results.push(call.await.unwrap());
    }
    let busy: Vec<&Error> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert_eq!(results.iter().filter(|result| **result == Ok(YES)).count(), 1);
    assert!(
        busy.iter().all(|error| error.kind() == ErrorKind::Busy && error.is_retryable()),
        "{busy:?}"
    );
    assert_eq!(password(&root).verify("hunter2").await, Ok(YES));
}

#[tokio::test]
async fn a_thousand_aborted_verifications_block_nobody() {
    let client = Client::connect("memory://").hash_threads(2).hash_queue(2_000).await.unwrap();
    let root = bind(&client);
    password(&root).set("hunter2").await.unwrap();
    let calls: Vec<_> = (0..1_000)
        .map(|_| {
            let call = password(&root).verify("hunter2");
            tokio::spawn(call)
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(10)).await;
    calls.iter().for_each(tokio::task::JoinHandle::abort);
    assert_eq!(password(&root).verify("hunter2").await, Ok(YES));
}

#[tokio::test]
async fn a_deadline_holds_for_the_wait_in_the_queue() {
    let client = Client::connect("memory://").hash_threads(1).await.unwrap();
    let root = bind(&client);
    password(&root).set_hash(COST_10.replace("$10$", "$13$")).await.unwrap();
    let call = password(&root).verify("hunter2").deadline(Duration::from_millis(20));
    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Timeout);
}

#[test]
fn a_wait_hashes_on_the_calling_thread() {
    let root = bind(&Client::memory().0.hash_threads(1).hash_queue(0));
    let password = password(&root);
    password.set("hunter2").wait().unwrap();
    let calls: Vec<_> = (0..4).map(|_| password.verify("hunter2")).collect();
    assert_eq!(root.pipeline(calls).wait().unwrap(), [YES; 4]);
    strong(&root).set_hash(COST_10).wait().unwrap();
    strong(&root).verify("hunter2").upgrade().wait().unwrap();
    assert_eq!(strong(&root).verify("hunter2").wait().unwrap(), YES);
}

#[test]
fn a_function_of_the_caller_is_the_policy_of_passwords() {
    let root = bind(&Client::memory().0)
        .validate("user.password", |password: String| match password.len() {
            8.. => Ok(()),
            _ => Err("is too short"),
        })
        .unwrap();
    let error = password(&root).set("hunter2").wait().unwrap_err();
    assert_eq!(error.to_string(), "user.password: the value is refused: is too short");
    password(&root).set("hunter22").wait().unwrap();
    // Whoever signs in is not held against it.
    assert_eq!(password(&root).verify("hunter2").wait(), Ok(Verdict::No));
}

#[tokio::test]
async fn an_error_of_the_server_does_not_quote_the_hash() {
    #[derive(Debug)]
    struct Quoting;
    impl Backend for Quoting {
        fn exchange<'a>(&'a self, batch: &'a Batch, _: Option<Instant>) -> Exchange<'a> {
            let quote = |arg: nestkey::core::command::Arg<'_>| {
                String::from_utf8_lossy(arg.bytes).into_owned()
            };
            let replies = batch
                .commands()
                .map(|command| {
                    let args: Vec<_> = command.args().map(quote).collect();
                    Reply::error(&format!("ERR cannot do {}", args.join(" ")))
                })
                .collect();
            Box::pin(async { Ok(replies) })
        }
    }
    let root = bind(&Client::from_backend(Quoting));
    let error = password(&root).set_hash(COST_10).await.unwrap_err();
    assert_eq!((error.kind(), error.server_code()), (ErrorKind::Server, "ERR"));
    assert!(!format!("{error} {error:?}").contains("abcdefg"), "{error}");
}
