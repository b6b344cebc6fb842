//! How long a rotation takes for each secret.

use std::{error::Error, time::Instant};

use nestkey::{Client, Keyring, Layout, Root, keyring::KeyId};
use nestkey_conformance::server::Server;

use crate::row::Row;

type Fallible<T> = Result<T, Box<dyn Error>>;

const LAYOUT: &str = r#"{"prefix": "root", "namespaces": {"user": {
    "prefix": "user:{user_id:int}", "ttl": "1h", "keys": {"api_key": {"kind": "secret"}}
}}}"#;
const SECRETS: u32 = 100_000;
/// How many secrets a pipeline stores.
const CHUNK: u32 = 1_000;

pub(crate) async fn rows() -> Fallible<[Row; 2]> {
    let server = Server::start();
    let mut keyring = Keyring::default();
    let [old, new] = [KeyId::new(1), KeyId::new(2)].map(|id| id.ok_or("an id of 0"));
    let new = new?;
    keyring.add(old?, [1; 32])?;
    fill(&connect(&server, &keyring).await?).await?;
    keyring.add(new, [2; 32])?;
    keyring.promote(new)?;
    let root = connect(&server, &keyring).await?;
    Ok([
        rotate(&root, SECRETS, "Rust: rotate, µs a secret that is sealed anew", 50.0).await?,
        rotate(&root, 0, "Rust: rotate, µs a secret that is sealed already", 20.0).await?,
    ])
}

async fn connect(server: &Server, keyring: &Keyring) -> Fallible<Root> {
    let layout = Layout::from_json(LAYOUT)?;
    Ok(Client::connect(&server.url()).keyring(keyring.clone()).await?.bind(&layout))
}

/// Secrets of 32 characters.
async fn fill(root: &Root) -> Fallible<()> {
    for first in (0..SECRETS).step_by(CHUNK as usize) {
        let set = |id: u32| {
            let api_key = root.namespace("user", [id])?.secret("api_key")?;
            Ok(api_key.set(format!("{id:032}")))
        };
        let sets: nestkey::Result<Vec<_>> = (first..first + CHUNK).map(set).collect();
        root.pipeline(sets?).await?;
    }
    Ok(())
}

async fn rotate(root: &Root, wanted: u32, name: &'static str, target: f64) -> Fallible<Row> {
    let start = Instant::now();
    let rotated = root.rotate().await?;
    let elapsed = start.elapsed().as_secs_f64();
    if (rotated.resealed, rotated.failed) != (wanted.into(), 0) {
        return Err(format!("{rotated:?} is not {wanted} secrets").into());
    }
    let per_second = f64::from(SECRETS) / elapsed;
    Ok(Row {
        name,
        ratio: Some(1e6 / per_second),
        aa: None,
        target: Some(target),
        figures: format!("{:.0} thousand a second", per_second / 1_000.0),
    })
}
