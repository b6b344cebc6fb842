//! Rotation under load: it is killed at random points while others read and write with both
//! keyrings of a rollout, and nobody notices.
//!
//! 5,000 secrets, or 100,000 with `NESTKEY_LONG=1`.

mod killing;
mod load;
mod random;

use std::{env, time::Duration};

use nestkey::{
    Client, Keyring, Layout, Root, SecretForm,
    keyring::{self, KeyId},
};
use nestkey_conformance::{resp::Connection, server::Server};
use nestkey_core::reply::Reply;

use crate::{killing::kill_rotations, load::Load, random::Random};

const LAYOUT: &str = r#"{"prefix": "root", "namespaces": {"user": {
    "prefix": "user:{id:int}", "keys": {"api_key": {"kind": "secret"}}}}}"#;
/// How often a rotation's future is dropped, and how often its process is killed.
const DROPS: usize = 20;
const KILLS: usize = 10;
/// How many calls a pipeline of the preparations has.
const CHUNK: u64 = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_is_killed_again_and_again_loses_nothing() {
    let secrets =
        if env::var("NESTKEY_LONG").is_ok_and(|long| long == "1") { 100_000 } else { 5_000 };
    let longest = Duration::from_millis(secrets / 100);
    let server = Server::start();
    let [before, after, last] = keyrings();
    let old = connect(&server.url(), &before).await;
    let new = connect(&server.url(), &after).await;
    fill(&old, secrets).await;
    let expiries = expiries(&mut server.connect(), secrets);

    let load = Load::start(secrets, &[old, new.clone()]);
    let mut random = Random::new(1);
    drop_rotations(&new, longest, &mut random).await;
    kill_rotations(KILLS, &server.url(), &after, longest, &mut random).await;
    load.promote().await;
    let rotated = new.rotate().await.unwrap();
    assert_eq!(rotated.failed, 0, "{rotated:?}");
    let written = load.stop().await;

    let again = new.rotate().await.unwrap();
    let forms = vec![(SecretForm::Sealed(id(NEW)), secrets)];
    assert_eq!((again.resealed, again.failed, again.forms), (0, 0, forms));
    let new = connect(&server.url(), &last).await;
    assert_eq!(read(&new, secrets).await, written, "an update was lost");
    assert_eq!(self::expiries(&mut server.connect(), secrets), expiries, "a TTL changed");
}

/// Rotates until its future was dropped often enough before it was done.
async fn drop_rotations(root: &Root, longest: Duration, random: &mut Random) {
    let mut dropped = 0;
    while dropped < DROPS {
        let rotation = tokio::time::timeout(random.within(longest), root.rotate()).await;
        match rotation {
            Err(_) => dropped += 1,
            Ok(finished) => assert_eq!(finished.unwrap().failed, 0),
        }
    }
}

const OLD: u32 = 0x0a0b_0c0d;
const NEW: u32 = 0x7f3a_0102;

/// Before the new key is primary, after that, and when the old one is disabled.
fn keyrings() -> [Keyring; 3] {
    let mut before = Keyring::default();
    before.add(id(OLD), [1; 32]).unwrap();
    before.add(id(NEW), [2; 32]).unwrap();
    let mut after = before.clone();
    after.promote(id(NEW)).unwrap();
    let mut last = after.clone();
    last.disable(id(OLD)).unwrap();
    [before, after, last]
}

fn id(id: u32) -> KeyId {
    KeyId::new(id).unwrap()
}

async fn connect(url: &str, keyring: &Keyring) -> Root {
    let layout = Layout::from_json(LAYOUT).unwrap();
    Client::connect(url).keyring(keyring.clone()).await.unwrap().bind(&layout)
}

/// The first text of each secret; a third of them never expire.
async fn fill(root: &Root, secrets: u64) {
    let set = |id: u64| {
        let call = load::secret(root, id).set(load::text(id, 0));
        if id.is_multiple_of(3) { call } else { call.ttl(Duration::from_secs(3_600 + id)) }
    };
    for first in (0..secrets).step_by(CHUNK as usize) {
        root.pipeline((first..first + CHUNK).map(set).collect::<Vec<_>>()).await.unwrap();
    }
}

/// Every secret's text.
async fn read(root: &Root, secrets: u64) -> Vec<String> {
    let mut texts = Vec::new();
    for first in (0..secrets).step_by(CHUNK as usize) {
        let get = |id| load::secret(root, id).get::<String>();
        let found = root.pipeline((first..first + CHUNK).map(get).collect::<Vec<_>>()).await;
        texts.extend(found.unwrap().into_iter().map(|secret| secret.unwrap().into_exposed()));
    }
    texts
}

fn expiries(connection: &mut Connection, secrets: u64) -> Vec<Reply> {
    let key = |id| format!("root:user:{id}:api_key");
    (0..secrets).map(|id| connection.call(&["PEXPIRETIME", &key(id)])).collect()
}

/// What [`kill_rotations`] starts, several times.
#[tokio::test]
#[ignore = "a process that is started and killed by the test of rotations"]
async fn a_process_that_rotates() {
    let url = env::var(killing::URL).unwrap();
    let root = connect(&url, &keyring::from_env().unwrap()).await;
    println!("{}", killing::BEGINS);
    assert_eq!(root.rotate().await.unwrap().failed, 0);
}
