//! The shop's keyspace from Rust: `cargo run -p nestkey-example [URL] [--keep]`.
//!
//! Without a URL it runs on memory. On a server its keys stand below `nestkey-demo`, which the
//! comments leave out; `--keep` leaves them there for whoever comes next.

use std::{env, time::Duration};

use nestkey::{Client, Layout, Result};
use serde::{Deserialize, Serialize};

/// The record `address` of the layout.
#[derive(Debug, Deserialize, Serialize)]
struct Address {
    street: String,
    city: String,
    zip: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let layout = Layout::from_toml(include_str!("../../shop.layout.toml"))?;
    let (flags, urls): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|arg| arg == "--keep");
    let shop = match urls.first() {
        Some(url) => Client::connect(url).prefix("nestkey-demo").await?.bind(&layout),
        None => Client::connect("memory://").await?.bind(&layout),
    };

    let project_name = shop.entry("project_name")?;
    project_name.set("nestkey").await?; // SET root:project_name {"__type__": "str", "value": "nestkey"}

    let user = shop.namespace("user", [1])?;
    let age = user.entry("age")?;
    age.set(30).if_missing().await?; // SET root:user:1:age {"__type__": "int", "value": 30} EX 120 NX
    let years: i64 = age.get().await?; // GET root:user:1:age
    let unknown: i64 = shop.at("user(2).age")?.get().await?; // GET root:user:2:age
    println!("user 1 is {years}, and a user whom nobody knows is {unknown}");

    let home = Address { street: "High Street 1".into(), city: "Köln".into(), zip: None };
    user.entry("home")?.set(&home).ttl(Duration::from_secs(3600)).await?; // SET root:user:1:home {"__type__": "dict", "value": {…}} EX 3600
    let home: Address = user.entry("home")?.get().await?; // GET root:user:1:home
    println!("user 1 lives in {}", home.city);

    let (name, left) = shop
        .pipeline((project_name.get::<String>(), age.ttl())) // GET root:project_name, TTL root:user:1:age
        .await?;
    println!("{name} forgets this age in {} seconds", left.left().unwrap_or_default().as_secs());

    let message = user.namespace("messages", ())?.entry_with("message", ["from rust"])?;
    message.set("Hello from Rust").await?; // SET root:user:1:messages:message:from%20rust {"__type__": "str", "value": "Hello from Rust"} EX 50
    let mut keys = user.keys(); // EXISTS root:user:1:age …, SCAN 0 MATCH root:user:1:messages:message:* COUNT 1000
    while let Some(found) = keys.next().await {
        let found = found?;
        println!("  {} is {}", found.key(), found.path());
    }
    let other = shop.at("user(1).messages.message(from node)")?.get::<String>().await?; // GET root:user:1:messages:message:from%20node
    println!("Node says: {other}");

    if flags.is_empty() {
        let cleared = shop.clear().await?; // UNLINK root:project_name …, SCAN 0 MATCH root:* COUNT 1000, UNLINK …
        println!("{} keys of the shop are gone", cleared.removed);
    }
    Ok(())
}
