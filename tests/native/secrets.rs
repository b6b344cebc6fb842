//! Secrets: sealed for their keys, opened with the right keyring, rotated while others use them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use nestkey::{
    Client, ErrorKind, Keyring, Layout, Lifetime, Lookup, Root, Secret, SecretEntry,
    core::{
        command::{Batch, Class},
        reply::Reply,
    },
};

use crate::place::everywhere_with;

const LAYOUT: &str = r#"
    keys.master = { kind = "secret", type = "string" }
    [namespaces.user]
    prefix = "user:{user_id:int}"
    keys.token = { kind = "secret", legacy = "fernet" }
    keys.old_token = { kind = "secret" }
    keys.brief = { kind = "secret", ttl = "2m", max_length = 8 }
    keys.blob = { kind = "secret", type = "bytes" }
    keys.legacy = { kind = "secret", legacy = "plaintext" }
    keys.age = { type = "int" }
"#;

/// 00 to 1f under the id 01020304, as in the known answer below.
const KEYRING: &str = r#"{"nestkey_keyring": 1, "keys": [
    {"id": "01020304", "status": "primary", "material": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}"#;

/// `hunter2` sealed for the key `user:42:token` by a Python program, with the salt 40 to 57.
const KNOWN: &str = "nk1.-QEBAgMEQEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXP1qfwOqXeVVxvrFo5cWLPkORW3NNbwh7N7e5qcv5Af_W2lJ7FF4IjFaXvlW4BgMs8-NkRGlRPA";

/// A key of redisimnest, and what Python's `cryptography` encrypted with it: `hello`.
const FERNET_KEY: &str = "l-idRhyv2wJAXxgfAl_cpi3YdYXDCQjkiNwXUGpUCPc=";
const FERNET: &str = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0OD8rpL1rr0X0_QvBDaW6GENjK8JJHZBaf52VwpTwb7icfV_WcRIPezvkHS0ZTj45lvQ==";

fn keyring() -> Keyring {
    Keyring::from_json(KEYRING).unwrap()
}

fn bind(client: &Client) -> Root {
    client.clone().keyring(keyring()).bind(&Layout::from_toml(LAYOUT).unwrap())
}

fn token(root: &Root) -> SecretEntry<'_> {
    root.at("user(42).token").unwrap().into_secret().unwrap()
}

async fn text(secret: &SecretEntry<'_>) -> Option<String> {
    secret.get().await.unwrap().map(Secret::into_exposed)
}

async fn raw(secret: &SecretEntry<'_>) -> String {
    String::from_utf8(secret.raw().await.unwrap().unwrap().into_exposed()).unwrap()
}

/// Sends a command by hand.
async fn send(root: &Root, args: &[&str]) -> Reply {
    let mut batch = Batch::default();
    let command = batch.command(args[0], Class::Other);
    args[1..].iter().fold(command, |command, arg| command.arg(arg.as_bytes()));
    root.client().backend().exchange(&batch, None).await.unwrap().remove(0)
}

async fn kind(secret: &SecretEntry<'_>) -> ErrorKind {
    let error = secret.get::<String>().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("nk1."), "{error}");
    error.kind()
}

#[tokio::test]
async fn a_secret_is_stored_sealed_and_read_back() {
    everywhere_with(bind, async |root| {
        let token = token(&root);
        assert_eq!(token.lookup::<String>().await.unwrap().value().map(drop), None);
        assert_eq!((text(&token).await, token.key_id().await.unwrap()), (None, None));
        assert!(token.raw().await.unwrap().is_none());

        assert!(token.set("sk_live").await.unwrap());
        assert_eq!(text(&token).await.as_deref(), Some("sk_live"));
        let first = raw(&token).await;
        assert!(first.starts_with("nk1.-QEBAgME") && !first.contains("sk_live"), "{first}");
        assert_eq!(token.key_id().await.unwrap().unwrap().to_string(), "01020304");
        assert_eq!(token.value_type().await.unwrap().as_deref(), Some("string"));

        token.set(Secret::new(String::from("sk_live"))).await.unwrap();
        assert_ne!(raw(&token).await, first, "each time with a salt of its own");
        assert!(token.delete().await.unwrap());
        assert_eq!(text(&token).await, None);

        send(&root, &["SET", "user:42:token", KNOWN]).await;
        assert_eq!(text(&token).await.as_deref(), Some("hunter2"));
    })
    .await;
}

#[tokio::test]
async fn null_is_told_apart_from_a_missing_key() {
    everywhere_with(bind, async |root| {
        let token = token(&root);
        token.set(None::<&str>).await.unwrap();
        assert!(matches!(token.lookup::<String>().await.unwrap(), Lookup::Null));
        assert_eq!(token.key_id().await.unwrap().unwrap().to_string(), "null");
        token.set(()).if_exists().await.unwrap();
        assert_eq!(text(&token).await, None);
        assert!(token.exists().await.unwrap());
        let refused = root.secret("master").unwrap().set(()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidValue);
    })
    .await;
}

#[tokio::test]
async fn texts_and_bytes_are_told_apart() {
    everywhere_with(bind, async |root| {
        let user = root.namespace("user", [42]).unwrap();
        let blob = user.secret("blob").unwrap();
        blob.set(&[0xFF, 0, 7]).await.unwrap();
        let read: Option<Secret<Vec<u8>>> = blob.get().await.unwrap();
        assert_eq!(read.unwrap().expose(), &[0xFF, 0, 7]);
        assert_eq!(blob.get::<String>().await.unwrap_err().kind(), ErrorKind::TypeMismatch);
        assert_eq!(blob.set("text").await.unwrap_err().kind(), ErrorKind::InvalidValue);
        let token = user.secret("token").unwrap();
        assert_eq!(token.get::<Vec<u8>>().await.unwrap_err().kind(), ErrorKind::TypeMismatch);
        assert_eq!(token.set(b"bytes").await.unwrap_err().kind(), ErrorKind::InvalidValue);
        let brief = user.secret("brief").unwrap();
        let error = brief.set("much too long").await.unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::InvalidValue, "user.brief"));
        assert!(!error.to_string().contains("much"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn expiries_conditions_and_key_calls_are_those_of_every_entry() {
    everywhere_with(bind, async |root| {
        let brief = root.namespace("user", [1]).unwrap().secret("brief").unwrap();
        assert_eq!(brief.key(), "user:1:brief");
        assert!(!brief.set("a").if_exists().await.unwrap());
        assert!(brief.set("a").if_missing().await.unwrap());
        assert!(!brief.set("b").if_missing().await.unwrap());
        assert_eq!(text(&brief).await.as_deref(), Some("a"));
        let minutes = brief.ttl().await.unwrap().left().unwrap();
        assert!(minutes > Duration::from_secs(110), "{minutes:?}");
        brief.set("c").ttl(Duration::from_secs(9)).await.unwrap();
        brief.set("d").keep_ttl().await.unwrap();
        assert!(brief.ttl().await.unwrap().left().unwrap() <= Duration::from_secs(9));
        assert!(brief.persist().await.unwrap());
        assert_eq!(brief.ttl_ms().await.unwrap(), Lifetime::Persistent);
        assert!(brief.expire(Duration::from_secs(60)).nx().await.unwrap());
        assert_eq!(brief.redis_type().await.unwrap().as_deref(), Some("string"));
        assert!(brief.with([2]).is_err());
        assert!(brief.unlink().await.unwrap());
        assert!(!brief.touch().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_opened_is_an_error_of_its_own() {
    everywhere_with(bind, async |root| {
        let token = token(&root);
        let other = |from: &str, to: &str| {
            assert!(KNOWN.contains(from), "{from}");
            KNOWN.replace(from, to)
        };
        for (stored, expected) in [
            (&other("RGlRPA", "RGlSPA")[..], ErrorKind::AuthFailed),
            (&other("QEFCQ0", "QEFCQ1"), ErrorKind::CommitmentMismatch),
            (&other("-QEBAgME", "-QIBAgME"), ErrorKind::MalformedSecret),
            (&other("-QEBAgME", "-QEBAgMF"), ErrorKind::UnknownKey),
            (&KNOWN[..60], ErrorKind::MalformedSecret),
            ("nk1.", ErrorKind::MalformedSecret),
            ("sk_live", ErrorKind::NotEncrypted),
            (r#"{"__type__": "str", "value": "sk_live"}"#, ErrorKind::NotEncrypted),
        ] {
            send(&root, &["SET", "user:42:token", stored]).await;
            assert_eq!(kind(&token).await, expected, "{stored}");
        }
        let legacy = root.namespace("user", [42]).unwrap().secret("legacy").unwrap();
        for stored in ["sk_live", r#"{"__type__": "str", "value": "sk_live"}"#] {
            send(&root, &["SET", "user:42:legacy", stored]).await;
            assert_eq!(text(&legacy).await.as_deref(), Some("sk_live"));
            assert_eq!(legacy.key_id().await.unwrap().unwrap().to_string(), "plain");
        }
    })
    .await;
}

#[tokio::test]
async fn a_secret_opens_only_under_its_key_until_it_is_rebound() {
    everywhere_with(bind, async |root| {
        let user = root.namespace("user", [42]).unwrap();
        let (token, old) = (user.secret("token").unwrap(), user.secret("old_token").unwrap());
        old.set("sk_live").ttl(Duration::from_secs(60)).await.unwrap();
        let stored = raw(&old).await;
        send(&root, &["SET", "user:42:token", &stored, "EX", "60"]).await;
        assert_eq!(kind(&token).await, ErrorKind::AuthFailed);
        assert!(token.rebind("user:42:old_token").await.unwrap());
        assert_eq!(text(&token).await.as_deref(), Some("sk_live"));
        assert!(token.ttl().await.unwrap().left().is_some());
        let again = token.rebind("user:42:old_token").await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AuthFailed);
        token.delete().await.unwrap();
        assert!(!token.rebind("user:42:old_token").await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_missing_keyring_names_the_variable() {
    let layout = Layout::from_toml(LAYOUT).unwrap();
    everywhere_with(
        |client| client.bind(&layout),
        async |root| {
            let error = token(&root).set("sk_live").await.unwrap_err();
            assert_eq!((error.kind(), error.path()), (ErrorKind::NoKeyring, "user.token"));
            assert!(error.message().contains("NESTKEY_KEYRING"), "{error}");
            assert!(!token(&root).exists().await.unwrap());
            send(&root, &["SET", "user:42:token", KNOWN]).await;
            assert_eq!(kind(&token(&root)).await, ErrorKind::NoKeyring);
            let stored = format!(r#"{{"__type__": "str", "value": "{FERNET}"}}"#);
            send(&root, &["SET", "user:42:token", &stored]).await;
            let error = token(&root).get::<String>().await.unwrap_err();
            assert!(error.message().contains("MY_ENCRYPTION_KEY"), "{error}");
            // A keyring is not needed to see what there is.
            assert_eq!(token(&root).key_id().await.unwrap().unwrap().to_string(), "fernet");
        },
    )
    .await;
}

#[tokio::test]
async fn an_entry_of_another_kind_is_no_secret() {
    let root = bind(&Client::memory().0);
    let user = root.namespace("user", [42]).unwrap();
    let error = user.secret("age").unwrap_err();
    assert_eq!(error.to_string(), "user.age: a secret was wanted, and the entry is a value");
    assert_eq!(error.kind(), ErrorKind::InvalidCall);
    assert_eq!(user.password("token").unwrap_err().kind(), ErrorKind::InvalidCall);
    // The handle of any entry has the calls on its key, and gives no plaintext.
    let any = user.entry("token").unwrap();
    any.clone().into_secret().unwrap().set("sk_live").await.unwrap();
    assert!(any.exists().await.unwrap());
    for error in [
        any.set("sk_live").await.unwrap_err(),
        any.get::<String>().await.unwrap_err(),
        any.lookup::<String>().await.map(drop).unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.path()), (ErrorKind::InvalidCall, "user.token"));
        assert!(!error.to_string().contains("sk_live"), "{error}");
    }
}

#[tokio::test]
async fn secrets_stand_in_pipelines_and_atomic_groups() {
    everywhere_with(bind, async |root| {
        let user = root.namespace("user", [42]).unwrap();
        let (token, age) = (user.secret("token").unwrap(), user.entry("age").unwrap());
        let calls = (token.set("sk_live"), age.set(30), token.get::<String>());
        let (stored, _, read) = root.pipeline(calls).await.unwrap();
        assert_eq!((stored, &read.unwrap().expose()[..]), (true, "sk_live"));
        let calls = (token.set("sk_test"), age.get::<i64>(), token.get::<String>());
        let (_, age, read) = root.atomic(calls).await.unwrap();
        assert_eq!((age, &read.unwrap().expose()[..]), (30, "sk_test"));
        // The salts of one step differ.
        let others: Vec<_> = (0..20).map(|id| root.namespace("user", [id]).unwrap()).collect();
        let sets: Vec<_> =
            others.iter().map(|user| user.secret("token").unwrap().set("same")).collect();
        root.pipeline(sets).await.unwrap();
        let mut salts = std::collections::BTreeSet::new();
        for user in &others {
            salts.insert(raw(&user.secret("token").unwrap()).await[12..44].to_owned());
        }
        assert_eq!(salts.len(), 20);
    })
    .await;
}

#[tokio::test]
async fn calls_with_another_keyring_do_not_mix() {
    let (client, _) = Client::memory();
    let layout = Arc::new(Layout::from_toml(LAYOUT).unwrap());
    let (one, other) =
        (client.clone().keyring(keyring()).bind(&layout), client.keyring(keyring()).bind(&layout));
    let error = one.pipeline([token(&other).set("sk_live")]).await.unwrap_err().error;
    assert_eq!(error.kind(), ErrorKind::InvalidCall);
}

#[tokio::test]
async fn a_rotation_seals_everything_with_the_primary_key() {
    everywhere_with(bind, async |root| {
        for id in 0..50 {
            let token = root.namespace("user", [id]).unwrap().secret("token").unwrap();
            token.set("sk_live").ttl(Duration::from_secs(600)).await.unwrap();
        }
        let fernet = format!(r#"{{"__type__": "str", "value": "{FERNET}"}}"#);
        send(&root, &["SET", "user:100:token", &fernet]).await;
        send(&root, &["SET", "user:101:token", "sk_plain"]).await;
        token(&root).set(()).await.unwrap();

        let mut keyring = keyring();
        let second = "7f3a0102".parse().unwrap();
        keyring.add(second, [7; 32]).unwrap();
        keyring.promote(second).unwrap();
        keyring.add_fernet(FERNET_KEY).unwrap();
        let rotating =
            root.client().clone().keyring(keyring).bind(&Arc::new(root.layout().clone()));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&seen);
        let user = rotating.top_namespace().unwrap();
        let rotated = user
            .rotate()
            .progress(move |so_far| told.lock().unwrap().push(so_far.resealed))
            .await
            .unwrap();
        assert_eq!((rotated.resealed, rotated.failed), (50, 1));
        let mut forms: Vec<_> =
            rotated.forms.iter().map(|(form, count)| (form.to_string(), *count)).collect();
        forms.sort();
        assert_eq!(forms, [("7f3a0102".into(), 50), ("null".into(), 1)]);
        assert!(!seen.lock().unwrap().is_empty());

        let one = rotating.namespace("user", [7]).unwrap().secret("token").unwrap();
        assert_eq!(text(&one).await.as_deref(), Some("sk_live"));
        assert!(one.ttl().await.unwrap().left().unwrap() > Duration::from_secs(590));
        let hello = rotating.namespace("user", [100]).unwrap().secret("token").unwrap();
        assert_eq!(text(&hello).await.as_deref(), Some("hello"));
        assert_eq!(hello.key_id().await.unwrap().unwrap().to_string(), "7f3a0102");
        // What has the old keyring alone cannot read it any more.
        assert_eq!(
            kind(&root.at("user(7).token").unwrap().into_secret().unwrap()).await,
            ErrorKind::UnknownKey
        );
        assert_eq!(rotating.rotate().await.unwrap().resealed, 0);
        let error = Client::memory().0.bind(root.layout()).rotate().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoKeyring);
    })
    .await;
}

#[test]
fn no_runtime_is_needed_to_wait_for_a_secret() {
    let root = bind(&Client::connect("memory://").wait().unwrap());
    let token = token(&root);
    token.set("sk_live").wait().unwrap();
    assert_eq!(token.get::<String>().wait().unwrap().unwrap().expose(), "sk_live");
    assert_eq!(root.rotate().wait().unwrap().resealed, 0);
    assert_eq!(root.rotate().progress(drop).wait().unwrap().resealed, 0);
}

#[test]
fn a_function_of_the_caller_is_asked_before_a_secret_is_sealed() {
    let root = bind(&Client::memory().0)
        .validate("user.token", |token: String| match token.starts_with("sk_") {
            true => Ok(()),
            false => Err("is no key"),
        })
        .unwrap();
    token(&root).set("sk_live").wait().unwrap();
    token(&root).set(()).wait().unwrap();
    let error = token(&root).set("other").wait().unwrap_err();
    assert_eq!(error.to_string(), "user.token: the value is refused: is no key");
}
