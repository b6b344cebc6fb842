//! Rust, Node and redisimnest 0.11.3 itself, with the classes that `nestkey gen` writes for it:
//! each reads what the others wrote, finds their keys, and writes the same bytes with the same
//! expiry.
//!
//! `cargo xtask test` names a Python with redisimnest in `NESTKEY_PYTHON` and builds `js/dist`;
//! without them the test says so and goes on with the others.

mod process;
mod rust;
mod secrets;

use std::{collections::BTreeMap, env, fs, path::Path};

use nestkey_conformance::{resp::Connection, server::Server};
use nestkey_core::{layout::Layout, reply::Reply};
use serde_json::{Value, json};

use crate::{process::Process, rust::Rust};

/// One language, told what to do in the words of `peer.py`.
trait Peer {
    fn name(&self) -> &'static str;
    fn answer(&mut self, request: &Value) -> Value;
}

#[test]
fn each_reads_what_the_others_write() {
    let server = Server::start();
    let mut connection = server.connect();
    let mut peers = peers(&server);
    let cases = cases();
    let mut first: Option<(&'static str, Stored)> = None;
    for writer in 0..peers.len() {
        connection.call(&["FLUSHALL"]);
        let name = peers[writer].name();
        for case in &cases {
            let written = peers[writer].answer(&request("write", case));
            assert_eq!(written, true, "{name} writes {case}");
        }
        let stored = stored(&mut connection);
        let (other, wanted) = first.get_or_insert_with(|| (name, stored.clone()));
        assert_eq!(stored, *wanted, "{name} stores what {other} does");
        for reader in &mut peers {
            read(&mut **reader, name, &cases);
            list(&mut **reader, name, &stored);
        }
    }
}

/// redisimnest puts parameters into keys as they are, so what nestkey encodes has to be refused.
#[test]
fn the_classes_of_python_make_the_key_of_nestkey_or_none() {
    let Some(mut python) = redisimnest(&Server::start()) else { return };
    let shop = fs::read_to_string(folder().join("../examples/shop.layout.toml")).expect("the shop");
    let shop = Layout::from_toml(&shop).expect("the shop is checked");
    for path in
        ["user(1).age", "user(18446744073709551615).age", "admin(a@b+c.d).messages.message(~1)"]
    {
        let wanted = shop.resolve(path, "").expect(path).1;
        let request = json!({"do": "key", "layout": "shop", "path": path});
        assert_eq!(python.answer(&request), wanted.as_str());
    }
    for path in [
        "user(0).age",
        "user(007).age",
        "user(18446744073709551616).age",
        "user(x).age",
        "admin(a b).fist_name",
        "admin(a:b).fist_name",
        "admin(*).fist_name",
        "admin(%41).fist_name",
        "admin(\u{fc}).fist_name",
        "user(1).messages.message({x})",
    ] {
        let request = json!({"do": "key", "layout": "shop", "path": path});
        assert_eq!(python.answer(&request), Value::Null, "{path}");
    }
}

fn read(reader: &mut dyn Peer, writer: &str, cases: &[Value]) {
    for case in cases {
        let found = reader.answer(&request("read", case));
        let wanted = &case["value"];
        let reader = reader.name();
        assert_eq!(exact(&found), exact(wanted), "{reader} reads {} of {writer}", case["path"]);
    }
}

fn list(reader: &mut dyn Peer, writer: &str, stored: &Stored) {
    for (layout, path, prefix) in
        [("shop", "", "root:"), ("shop", "user(1)", "root:user:1:"), ("types", "", "types:")]
    {
        let found = reader.answer(&json!({"do": "keys", "layout": layout, "path": path}));
        let wanted: Vec<_> = stored.keys().filter(|key| key.starts_with(prefix)).collect();
        assert_eq!(found, json!(wanted), "{} finds the keys of {writer}", reader.name());
    }
}

/// Every key with its bytes, and whether it expires: the whole seconds of its ttl, rounded to ten.
type Stored = BTreeMap<String, (String, i64)>;

fn stored(connection: &mut Connection) -> Stored {
    let Reply::Array(keys) = connection.call(&["KEYS", "*"]) else { panic!("an array of keys") };
    let text = |reply| match reply {
        Reply::Bulk(bytes) => String::from_utf8(bytes).expect("keys and envelopes are ASCII"),
        other => panic!("a bulk string, not {other:?}"),
    };
    let keys: Vec<_> = keys.into_iter().map(text).collect();
    let one = |key: String| {
        let value = text(connection.call(&["GET", &key]));
        let Reply::Int(ms) = connection.call(&["PTTL", &key]) else { panic!("a ttl of {key}") };
        let tens = if ms < 0 { ms } else { (ms + 9_999) / 10_000 * 10 };
        (key, (value, tens))
    };
    keys.into_iter().map(one).collect()
}

fn peers(server: &Server) -> Vec<Box<dyn Peer>> {
    let folder = folder();
    let mut peers: Vec<Box<dyn Peer>> = vec![Box::new(Rust::new(&server.url()))];
    if let Some(python) = redisimnest(server) {
        peers.push(Box::new(python));
    }
    if has_node() {
        let peer = folder.join("cross/peer.mjs");
        peers.push(Box::new(Process::start("Node", "node", &peer, server.port())));
    }
    peers
}

fn redisimnest(server: &Server) -> Option<Process> {
    let peer = folder().join("cross/peer.py");
    Some(Process::start("redisimnest", &python()?, &peer, server.port()))
}

/// A Python that has redisimnest and what it imports.
fn python() -> Option<String> {
    let python = env::var("NESTKEY_PYTHON").ok();
    if python.is_none() {
        println!("without Python: NESTKEY_PYTHON names none that has redisimnest");
    }
    python
}

fn has_node() -> bool {
    let is_built = folder().join("../js/dist/index.js").exists();
    if !is_built {
        println!("without Node: js/dist is not built, see `cargo xtask npm`");
    }
    is_built
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("values.json")).expect("the cases")
}

fn request(what: &str, case: &Value) -> Value {
    let mut request = case.clone();
    request["do"] = json!(what);
    request
}

/// The same for the same value: the bits of floats instead of their spelling.
fn exact(tagged: &Value) -> Value {
    let items = |items: &Value| -> Value {
        items.as_array().into_iter().flatten().map(exact).collect::<Vec<_>>().into()
    };
    let value = &tagged["v"];
    let value = match tagged["t"].as_str() {
        Some("float") => {
            let float: f64 = value.as_str().and_then(|text| text.parse().ok()).expect("a float");
            json!(float.to_bits())
        }
        Some("list" | "tuple") => items(value),
        Some("dict") => {
            let members = value.as_array().into_iter().flatten();
            members.map(|member| json!([member[0], exact(&member[1])])).collect::<Vec<_>>().into()
        }
        _ => value.clone(),
    };
    json!([tagged["t"], value])
}
