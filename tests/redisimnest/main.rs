//! What redisimnest documents and tests, line by line: over memory and over a server in RESP2 and
//! RESP3. Node does the same in `js/test/redisimnest.test.mjs`.
//!
//! R1 to R30 are the rows of its own test suite and of its binding rules. Where nestkey gives
//! another answer on purpose, the test says which and why.

mod pipelines;

use std::{collections::BTreeMap, fs, time::Duration};

use nestkey::{
    Client, ErrorKind, Keyring, Layout, Lifetime, Lookup, Result, Root, Secret, Value, Verdict,
    param::named,
    value::{DateTime, NaiveDateTime, Type, Uuid, deserialize_typed, serialize, serialize_typed},
};
use nestkey_conformance::server::Server;
use serde::{Deserialize, Serialize};

#[tokio::test]
async fn memory_does_what_redisimnest_documents() -> Result<()> {
    everything(&Client::connect("memory://").await?).await
}

#[tokio::test]
async fn a_server_in_resp2_does_what_redisimnest_documents() -> Result<()> {
    let server = Server::start();
    everything(&Client::connect(&server.url()).await?).await
}

#[tokio::test]
async fn a_server_in_resp3_does_what_redisimnest_documents() -> Result<()> {
    let server = Server::start();
    everything(&Client::connect(&format!("{}/?protocol=resp3", server.url())).await?).await
}

async fn everything(client: &Client) -> Result<()> {
    let root = client.clone().keyring(Keyring::from_json(KEYRING)?).bind(&shop()?);
    the_readme(&root).await?;
    prefixes_and_keys(&root)?;
    inherited_ttls(&root).await?;
    values(&root).await?;
    times_to_live(&root).await?;
    key_calls(&root).await?;
    keys_and_clear(&root).await?;
    types_of_values(&root).await?;
    passwords(&root).await?;
    secrets(&root).await?;
    defaults(&root).await?;
    complex_data(&root).await?;
    pipelines::every_call(&root).await?;
    pipelines::failures(client, &root).await?;
    binding(client)?;
    values_of_parameters(client)?;
    serialized()
}

const KEYRING: &str = r#"{"nestkey_keyring": 1, "keys": [
    {"id": "7f3a0102", "status": "primary", "material": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}"#;

fn shop() -> Result<Layout> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/shop.layout.toml");
    Layout::from_toml(&fs::read_to_string(file).expect("the example"))
}

/// The example of its README.
async fn the_readme(root: &Root) -> Result<()> {
    let project_name = root.at("project_name")?;
    project_name.set("RedisimNest").await?;
    root.at("user(1).age")?.set(30).await?;
    assert_eq!(root.at("user(1).age")?.get::<i64>().await?, 30);
    root.at("app.tokens")?.set(["token1", "token2"]).await?;
    root.at("app.tokens")?.expire(Duration::from_secs(60)).await?;
    root.namespace("app", ())?.clear().await?;

    let the_type = project_name.value_type().await?;
    assert_eq!(the_type.as_deref(), Some("string"));
    project_name.delete().await?;
    assert_eq!(project_name.value_type().await?, None);
    Ok(())
}

fn prefixes_and_keys(root: &Root) -> Result<()> {
    // R1 to R5.
    let admin = root.namespace("admin", [123])?;
    assert_eq!(admin.prefix(), "root:admin:123");
    assert_eq!(kind(root.namespace("admin", ())), ErrorKind::MissingParam);
    let messages = admin.namespace("messages", ())?;
    assert_eq!(messages.prefix(), "root:admin:123:messages");
    assert_eq!(kind(messages.entry("message")), ErrorKind::MissingParam);
    let message = messages.entry_with("message", [123])?;
    assert_eq!(message.key(), "root:admin:123:messages:message:123");
    Ok(())
}

async fn inherited_ttls(root: &Root) -> Result<()> {
    // R6 and R7: the nearest ttl, read back as what is left of it.
    for (path, seconds) in [
        ("admin(1).messages.message(42)", Some(50)),
        ("user(5).messages.message(99)", Some(50)),
        ("project_name", None),
        ("admin(1).fist_name", None),
    ] {
        let entry = root.at(path)?;
        entry.set("x").await?;
        let left = entry.ttl_ms().await?;
        match seconds {
            Some(seconds) => {
                let full = Duration::from_secs(seconds);
                let left = left.left().expect(path);
                assert!(left <= full && left > full - Duration::from_secs(5), "{path}: {left:?}");
            }
            None => assert_eq!(left, Lifetime::Persistent, "{path}"),
        }
        entry.delete().await?;
    }
    root.at("app.pending_users")?.set(["ada"]).await?;
    let left = root.at("app.pending_users")?.ttl().await?.left().expect("an expiry");
    assert!(left <= Duration::from_secs(80) && left > Duration::from_secs(75), "{left:?}");
    Ok(())
}

async fn values(root: &Root) -> Result<()> {
    // R8 and R9: parameters by name and by position are the same key.
    let name = root.at("project_name")?;
    name.set("RedisimNest").await?;
    assert_eq!(name.get::<String>().await?, "RedisimNest");
    root.namespace("user", named([("user_id", 1)]))?.entry("age")?.set(30).await?;
    assert_eq!(root.namespace("user", [1])?.entry("age")?.get::<i64>().await?, 30);
    // R12: so are a text and a number.
    root.namespace("admin", ["7"])?.entry("fist_name")?.set("Ada").await?;
    let same = root.namespace("admin", [7])?.entry("fist_name")?;
    assert!(same.memory_usage().await?.expect("a size") > 0);
    Ok(())
}

async fn times_to_live(root: &Root) -> Result<()> {
    // R10.
    let name = root.at("user(123).fist_name")?;
    name.set("Ada").await?;
    let left = name.ttl().await?.left().expect("an expiry");
    assert!(left > Duration::ZERO && left <= Duration::from_secs(120), "{left:?}");
    assert!(name.expire(Duration::from_secs(10)).await?);
    assert!(name.ttl().await?.left().expect("an expiry") <= Duration::from_secs(10));
    assert!(name.persist().await?);
    assert_eq!(name.ttl().await?, Lifetime::Persistent);
    Ok(())
}

async fn key_calls(root: &Root) -> Result<()> {
    // R11 and R13.
    let pending = root.at("app.pending_users")?;
    pending.set(["ada", "bob"]).await?;
    assert!(pending.unlink().await?);
    assert!(!pending.exists().await?);
    let tokens = root.at("app.tokens")?;
    tokens.set(["token1"]).await?;
    assert!(tokens.exists().await?);
    assert!(tokens.touch().await?);
    assert!(tokens.ttl().await?.left().is_some());
    Ok(())
}

async fn keys_and_clear(root: &Root) -> Result<()> {
    // R14: what is below the prefix goes, and nothing else.
    let app = root.namespace("app", ())?;
    root.at("project_name")?.set("RedisimNest").await?;
    root.at("app.tokens")?.set(["token1"]).await?;
    assert_eq!(found(app.keys()).await?, ["root:app:tokens"]);
    assert_eq!(app.count().await?, 1);
    assert_eq!(app.clear().await?.removed, 1);
    let rest = found(root.keys()).await?;
    assert!(rest.iter().all(|key| !key.starts_with("root:app:")), "{rest:?}");
    assert!(rest.contains(&String::from("root:project_name")));

    // R19, and the ids that begin with the same digits, which redisimnest clears as well.
    let (one, twelve) = (root.at("user(1).age")?, root.at("user(12).age")?);
    one.set(1).await?;
    twelve.set(12).await?;
    root.at("user(1).messages.message(5)")?.set("hello").await?;
    assert_eq!(root.namespace("user", [1])?.clear().await?.removed, 2);
    assert!(one.lookup::<i64>().await?.is_missing());
    assert_eq!(root.at("user(1).messages.message(5)")?.get::<String>().await?, "Unknown Message");
    assert_eq!(twelve.get::<i64>().await?, 12);
    Ok(())
}

async fn types_of_values(root: &Root) -> Result<()> {
    // R15 and R16.
    let date = root.at("date")?;
    let now: NaiveDateTime = "2026-11-21T02:18:58.123456".parse()?;
    date.set(&now).await?;
    assert_eq!(date.get::<NaiveDateTime>().await?, now);
    assert_eq!(date.value_type().await?.as_deref(), Some("naive_datetime"));
    let name = root.at("project_name")?;
    assert_eq!(name.value_type().await?.as_deref(), Some("string"));
    assert_eq!(name.host_type().await?, Some(Type::String));
    name.delete().await?;
    assert_eq!(name.value_type().await?, None);
    assert_eq!(name.host_type().await?, None);
    assert_eq!(name.get::<Option<String>>().await?, None);
    // redisimnest stores any type under any key.
    assert_eq!(kind(date.set("today").await), ErrorKind::InvalidValue);
    Ok(())
}

async fn passwords(root: &Root) -> Result<()> {
    // R20: where redisimnest answers none, the verdict says missing.
    let password = root.namespace("user", [1])?.password("password")?;
    password.set("hunter2").await?;
    assert_eq!(password.verify("hunter2").await?, Verdict::Yes { wants_upgrade: false });
    assert_eq!(password.verify("not-hunter2").await?, Verdict::No);
    // R21: the hash is revealed on request, and there is nothing else to get; a password that is
    // no text does not compile.
    let first = password.reveal().await?.expect("a hash").into_exposed();
    assert_ne!(first, "hunter2");
    assert_eq!(kind(root.at("user(1).password")?.get::<String>().await), ErrorKind::InvalidCall);
    // R22.
    password.set("hunter2").await?;
    assert_ne!(password.reveal().await?.expect("a hash").expose(), &first);
    password.delete().await?;
    assert_eq!(password.verify("hunter2").await?, Verdict::Missing);
    Ok(())
}

async fn secrets(root: &Root) -> Result<()> {
    // R23: what is neither text nor null does not compile.
    let secret = root.namespace("user", [1])?.secret("sensitive_data")?;
    secret.set("bank").await?;
    let read = async || secret.get().await.map(|read| read.map(Secret::<String>::into_exposed));
    assert_eq!(read().await?.as_deref(), Some("bank"));
    // R24.
    assert_eq!(secret.value_type().await?.as_deref(), Some("string"));
    assert_eq!(format!("{secret:?}"), "Entry(root:user:1:sensitive_data)");
    let password = root.namespace("user", [1])?.password("password")?;
    assert!(format!("{:#}", password.describe()).contains(r#""kind": "password""#));
    assert!(format!("{:#}", secret.describe()).contains(r#""kind": "secret""#));
    let first = secret.raw().await?.expect("stored bytes").into_exposed();
    secret.set("bank").await?;
    assert_ne!(secret.raw().await?.expect("stored bytes").expose(), &first);
    secret.set(None::<&str>).await?;
    assert_eq!(read().await?, None);
    assert!(secret.delete().await?);
    assert_eq!(read().await?, None);
    Ok(())
}

async fn defaults(root: &Root) -> Result<()> {
    // R25: a handle is used again after its key is gone.
    let user = root.namespace("user", [321])?;
    let age = user.entry("age")?;
    assert_eq!(age.get::<i64>().await?, 0);
    age.set(52).await?;
    assert_eq!(age.get::<i64>().await?, 52);
    user.clear().await?;
    assert_eq!(age.get::<i64>().await?, 0);
    // A default is not stored.
    assert_eq!(age.lookup::<i64>().await?, Lookup::Missing);
    assert!(!age.exists().await?);
    Ok(())
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Order {
    id: u32,
    uuid: Uuid,
    placed: NaiveDateTime,
    paid: bool,
    total: f64,
    lines: Vec<Line>,
    notes: BTreeMap<String, Option<String>>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Line {
    name: String,
    sent: Option<DateTime>,
}

async fn complex_data(root: &Root) -> Result<()> {
    // R26: datetimes, UUIDs, booleans, floats, lists and objects inside of each other.
    let data = root.at("user(1).messages.complex_data")?;
    let order = Order {
        id: 1,
        uuid: "12345678-1234-5678-1234-567812345678".parse()?,
        placed: "2020-01-01T12:00:00".parse()?,
        paid: true,
        total: 1.0,
        lines: vec![
            Line { name: "ink".into(), sent: Some("2021-01-01T12:00:00+02:00".parse()?) },
            Line { name: "pen".into(), sent: None },
        ],
        notes: BTreeMap::from([("a".into(), None), ("b".into(), Some("é".into()))]),
    };
    data.set(&order).await?;
    assert_eq!(data.get::<Order>().await?, order);
    let untyped = data.get::<Value>().await?;
    data.set(&untyped).await?;
    assert_eq!(data.get::<Order>().await?, order);
    data.delete().await?;
    assert_eq!(data.get::<BTreeMap<String, Value>>().await?, BTreeMap::new());
    Ok(())
}

fn binding(client: &Client) -> Result<()> {
    // R28. Surplus parameters, which redisimnest drops in silence, are refused; so is a mix of
    // both ways to give them.
    let layout = Layout::from_json(
        r#"{"prefix": "root", "namespaces": {"two": {"prefix": "two:{a}:{b}", "keys": {"k": {}}}}}"#,
    )?;
    let root = client.bind(&layout);
    let by_position = root.namespace("two", [1, 2])?.entry("k")?;
    assert_eq!(by_position.key(), "root:two:1:2:k");
    let by_name = root.namespace("two", named([("b", 2), ("a", 1)]))?.entry("k")?;
    assert_eq!(by_name.key(), "root:two:1:2:k");
    assert_eq!(kind(root.namespace("two", [1, 2, 3, 4])), ErrorKind::SurplusParam);
    assert_eq!(kind(root.namespace("two", [1])), ErrorKind::MissingParam);
    assert_eq!(kind(root.namespace("two", named([("a", 1)]))), ErrorKind::MissingParam);
    assert_eq!(kind(root.at("two(1, b=2).k")), ErrorKind::InvalidPath);
    Ok(())
}

fn values_of_parameters(client: &Client) -> Result<()> {
    // R29. Python's `str()` of any value becomes a part of the key there, a separator included.
    let layout = Layout::from_json(
        r#"{"namespaces": {"user": {"prefix": "user:{id}", "keys": {"name": {}}}}}"#,
    )?;
    let root = client.bind(&layout);
    assert_eq!(root.namespace("user", ["1.0"])?.entry("name")?.key(), "user:1.0:name");
    assert_eq!(root.namespace("user", ["a:b"])?.entry("name")?.key(), "user:a%3Ab:name");
    assert_eq!(kind(root.namespace("user", [""])), ErrorKind::EmptyParam);
    assert_eq!(kind(root.namespace("user", [true])), ErrorKind::WrongType);
    Ok(())
}

fn serialized() -> Result<()> {
    // R17 and R18: the type beside the value, as a type and by its name.
    let now: NaiveDateTime = "2026-11-21T02:18:58.123456".parse()?;
    let bytes = serialize(&now)?;
    assert_eq!(deserialize_typed(&bytes)?, (Type::NaiveDateTime, now));
    let uuid: Uuid = "12345678-1234-5678-1234-567812345678".parse()?;
    let (ty, bytes) = serialize_typed(&uuid)?;
    assert_eq!(ty.name(), "uuid");
    assert_eq!(bytes, br#"{"__type__": "uuid", "value": "12345678-1234-5678-1234-567812345678"}"#);
    let (ty, same) = deserialize_typed::<Uuid>(&bytes)?;
    assert_eq!((ty.name(), same), ("uuid", uuid));
    Ok(())
}

async fn found(mut keys: nestkey::keys::Keys) -> Result<Vec<String>> {
    let mut all = Vec::new();
    while let Some(found) = keys.next().await {
        all.push(found?.key().to_owned());
    }
    all.sort();
    Ok(all)
}

fn kind<T>(result: Result<T>) -> ErrorKind {
    result.err().expect("an error").kind()
}
