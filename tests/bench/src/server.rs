//! Set and get over a server, beside redis-rs by hand in its fastest documented form.

use std::{error::Error, hint::black_box};

use nestkey::{Client, Layout, Root, redis};
use redis::{Pipeline, aio::MultiplexedConnection};
use serde::Deserialize;

use crate::{LAYOUT, pairs::Pairs, row::Row};

type Fallible<T> = Result<T, Box<dyn Error>>;

const SINGLE_PAIRS: usize = 6_000;
const PIPELINE_PAIRS: usize = 4_000;
/// How many commands a pipeline has.
const COMMANDS: u32 = 100;

pub(crate) async fn rows(url: &str) -> Fallible<Vec<Row>> {
    let root = Client::connect(url).await?.bind(&Layout::from_json(LAYOUT)?);
    let hand = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    let singles = Pairs::measure_async(
        SINGLE_PAIRS,
        async || ours(&root).await,
        async || theirs(&mut hand.clone()).await,
    );
    let singles = singles.await?;
    let pipelines = Pairs::measure_async(
        PIPELINE_PAIRS,
        async || our_pipelines(&root).await,
        async || their_pipelines(&mut hand.clone()).await,
    );
    let pipelines = pipelines.await?;
    Ok(vec![
        singles.row("Rust: set and get over a server, beside redis-rs", Some(1.03), 1),
        pipelines.row("Rust: pipelines of 100 over a server, beside redis-rs", Some(1.25), 1),
    ])
}

async fn ours(root: &Root) -> Fallible<()> {
    let age = root.namespace("user", [black_box(1)])?.entry("age")?;
    age.set(30).await?;
    black_box(age.get::<i64>().await?);
    Ok(())
}

/// A pipeline that sets, and one that gets.
async fn our_pipelines(root: &Root) -> Fallible<()> {
    let mut sets = Vec::with_capacity(COMMANDS as usize);
    let mut gets = Vec::with_capacity(COMMANDS as usize);
    for id in 0..COMMANDS {
        let age = root.namespace("user", [black_box(id)])?.entry("age")?;
        sets.push(age.set(id));
        gets.push(age.get::<i64>());
    }
    black_box(root.pipeline(sets).await?);
    black_box(root.pipeline(gets).await?);
    Ok(())
}

/// The envelope as a service without nestkey would read it.
#[derive(Deserialize)]
struct Envelope {
    value: i64,
}

fn key(id: u32) -> String {
    format!("root:user:{id}:age")
}

fn envelope(value: i64) -> String {
    format!(r#"{{"__type__": "int", "value": {value}}}"#)
}

fn read(text: &str) -> Fallible<i64> {
    Ok(serde_json::from_str::<Envelope>(text)?.value)
}

async fn theirs(connection: &mut MultiplexedConnection) -> Fallible<()> {
    let key = key(black_box(1));
    let mut set = redis::cmd("SET");
    set.arg(&key).arg(envelope(30)).arg("EX").arg(120);
    set.query_async::<()>(connection).await?;
    let text: String = redis::cmd("GET").arg(&key).query_async(connection).await?;
    black_box(read(&text)?);
    Ok(())
}

async fn their_pipelines(connection: &mut MultiplexedConnection) -> Fallible<()> {
    let mut sets = Pipeline::with_capacity(COMMANDS as usize);
    let mut gets = Pipeline::with_capacity(COMMANDS as usize);
    for id in 0..COMMANDS {
        let key = key(black_box(id));
        sets.cmd("SET").arg(&key).arg(envelope(id.into())).arg("EX").arg(120).ignore();
        gets.cmd("GET").arg(&key);
    }
    sets.query_async::<()>(connection).await?;
    let texts: Vec<String> = gets.query_async(connection).await?;
    black_box(texts.iter().map(|text| read(text)).collect::<Fallible<Vec<_>>>()?);
    Ok(())
}
