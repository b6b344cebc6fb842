//! nestkey beside the same commands by hand: `cargo xtask bench` builds and runs this.
//!
//! Each row is one line of JSON. The server is its own; the rows of Node are measured by
//! `node.mjs`, which is given the server's port.

mod clear;
mod keys;
mod memory;
mod pairs;
mod passwords;
mod rotation;
mod row;
mod server;

use std::{env, path::Path, process::Command};

use nestkey_conformance::server::Server;

/// What every row measures with: `root:user:{user_id}:age`, an int that lives two minutes.
const LAYOUT: &str = r#"{"prefix": "root", "namespaces": {"user": {
    "prefix": "user:{user_id:int}", "ttl": "2m", "keys": {"age": {"type": "int", "default": 0}}
}}}"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let [_, mode, url] = &env::args().collect::<Vec<_>>()[..]
        && mode == clear::CLEAR
    {
        return runtime.block_on(clear::run(url));
    }
    for row in keys::rows()? {
        row.print();
    }
    runtime.block_on(memory::row())?.print();
    for row in runtime.block_on(rotation::rows())? {
        row.print();
    }
    let server = Server::start();
    for row in runtime.block_on(passwords::rows(&server.url()))? {
        row.print();
    }
    for row in runtime.block_on(server::rows(&server.url()))? {
        row.print();
    }
    node(server.port())?;
    clear::row()?.print();
    Ok(())
}

/// Lets Node print its rows.
fn node(port: u16) -> Result<(), Box<dyn std::error::Error>> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("node.mjs");
    let status =
        Command::new("node").arg("--expose-gc").arg(program).arg(port.to_string()).status()?;
    if status.success() { Ok(()) } else { Err(format!("node left with {status}").into()) }
}
