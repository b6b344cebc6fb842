//! Secrets and passwords: nestkey in Rust and Node, the format written anew in Python, redisimnest.
//! What one of them stores, the others read.

use nestkey::{Client, Keyring, Layout, Root, Secret};
use nestkey_canary::{keyring, text};
use nestkey_conformance::server::Server;
use nestkey_core::reply::Reply;
use serde_json::{Value, json};

use crate::{Peer, folder, process::Process, python};

#[test]
fn ten_thousand_secrets_of_each_open_in_the_others() {
    let server = Server::start();
    let values = texts(10_000);
    let mut peers = peers(&server);
    for writer in 0..peers.len() {
        server.connect().call(&["FLUSHALL"]);
        let name = peers[writer].name();
        let wrote =
            peers[writer].answer(&json!({"do": "set_secrets", "values": values, "count": 10_000}));
        assert_eq!(wrote, true, "{name} seals");
        for reader in &mut peers {
            let found = reader.answer(&json!({"do": "get_secrets", "count": 10_000}));
            let differ = values.iter().zip(found.as_array().expect("texts"));
            let differ = differ.enumerate().find(|(_, (wanted, found))| wanted != found);
            // Not what it is: that is a secret.
            let differ = differ.map(|(index, _)| index);
            assert_eq!(differ, None, "{} opens a secret of {name}", reader.name());
        }
    }
}

#[test]
fn each_verifies_the_passwords_that_the_others_hashed() {
    let server = Server::start();
    let mut peers = peers(&server);
    for writer in 0..peers.len() {
        server.connect().call(&["FLUSHALL"]);
        let name = peers[writer].name();
        // nestkey hashes no cheaper than with cost 10.
        let count = if name == "Python" { 50 } else { 4 };
        let right: Vec<_> = passwords(count);
        let wrong: Vec<_> = right.iter().map(|password| format!("{password}.")).collect();
        let wrote =
            peers[writer].answer(&json!({"do": "set_passwords", "values": right, "count": count}));
        assert_eq!(wrote, true, "{name} hashes");
        for reader in &mut peers {
            for (given, verdict) in [(&right, true), (&wrong, false)] {
                let request = json!({"do": "verify_passwords", "values": given, "count": count});
                let found = reader.answer(&request);
                assert_eq!(
                    found,
                    json!(vec![verdict; count]),
                    "{} verifies what {name} hashed",
                    reader.name()
                );
            }
        }
    }
}

#[test]
fn what_redisimnest_encrypted_and_hashed_is_read_and_sealed_anew() {
    let server = Server::start();
    let mut connection = server.connect();
    let mut peers = peers(&server);
    let Some(mut imnest) = redisimnest(&server) else { return };
    let values =
        ["sk_live \u{dc}\u{1f600} \u{0} \"q\" \\", "nk1.not-sealed", "$2b$looks like a hash"];
    let passwords = [text("password"), "p\u{e4}ss", " "];
    let wrote = imnest
        .answer(&json!({"do": "redisimnest_writes", "values": values, "passwords": passwords}));
    assert_eq!(wrote, true);

    let ours = |name: &str| matches!(name, "Node" | "Rust");
    for peer in peers.iter_mut().filter(|peer| ours(peer.name())) {
        assert_eq!(
            peer.answer(&json!({"do": "get_secrets", "count": 3})),
            json!(values),
            "{}",
            peer.name()
        );
        let request = json!({"do": "verify_passwords", "values": passwords, "count": 3});
        assert_eq!(peer.answer(&request), json!([true, true, true]), "{}", peer.name());
    }
    let root = root(&server);
    let rotated = root.rotate().wait().expect("a rotation");
    assert_eq!((rotated.resealed, rotated.failed), (3, 0));
    for peer in &mut peers {
        assert_eq!(
            peer.answer(&json!({"do": "get_secrets", "count": 3})),
            json!(values),
            "{}",
            peer.name()
        );
    }
    // redisimnest gives its keys 120 seconds; sealing them anew takes none of it away or adds any.
    for user in 1..=3 {
        let reply = connection.call(&["TTL", &format!("root:user:{user}:sensitive_data")]);
        assert!(matches!(reply, Reply::Int(1..=120)), "{reply:?}");
    }

    for peer in peers.iter_mut().filter(|peer| ours(peer.name())) {
        connection.call(&["FLUSHALL"]);
        peer.answer(&json!({"do": "set_passwords", "values": passwords, "count": 3}));
        for (given, verdict) in [(passwords, true), (["x", "y", "z"], false)] {
            let request = json!({"do": "redisimnest_verifies", "values": given});
            assert_eq!(imnest.answer(&request), json!(vec![verdict; 3]), "{}", peer.name());
        }
    }
}

/// redisimnest can read its own, so that the test above tells of nestkey and not of a wrong key.
#[test]
fn redisimnest_reads_its_own_secrets() {
    let server = Server::start();
    let Some(mut imnest) = redisimnest(&server) else { return };
    let values = ["one", "two"];
    imnest.answer(&json!({"do": "redisimnest_writes", "values": values, "passwords": values}));
    assert_eq!(imnest.answer(&json!({"do": "redisimnest_reveals", "count": 2})), json!(values));
}

/// nestkey in Rust.
struct Rust(Root);

impl Peer for Rust {
    fn name(&self) -> &'static str {
        "Rust"
    }

    fn answer(&mut self, request: &Value) -> Value {
        act(&self.0, request).expect("the call succeeds")
    }
}

fn act(root: &Root, request: &Value) -> nestkey::Result<Value> {
    let user = |user: usize| root.namespace("user", [user as u64]);
    let count = request["count"].as_u64().expect("how many") as usize;
    let secret = |index: usize| user(index + 1)?.secret("sensitive_data");
    let password = |index: usize| user(index + 1)?.password("password");
    let text = |index: usize| request["values"][index].as_str().expect("a text");
    match request["do"].as_str().expect("what to do") {
        "set_secrets" => {
            let calls = (0..count).map(|i| Ok(secret(i)?.set(text(i))));
            let calls = calls.collect::<nestkey::Result<Vec<_>>>()?;
            Ok(root.pipeline(calls).wait()?.into_iter().all(|stored| stored).into())
        }
        "get_secrets" => {
            let calls = (0..count).map(|i| Ok(secret(i)?.get::<String>()));
            let found = root.pipeline(calls.collect::<nestkey::Result<Vec<_>>>()?).wait()?;
            Ok(found.into_iter().map(|found| found.map(Secret::into_exposed)).collect())
        }
        "set_passwords" => {
            let calls = (0..count).map(|i| Ok(password(i)?.set(text(i))));
            let calls = calls.collect::<nestkey::Result<Vec<_>>>()?;
            Ok(root.pipeline(calls).wait()?.into_iter().all(|stored| stored).into())
        }
        _ => {
            let calls = (0..count).map(|i| Ok(password(i)?.verify(text(i))));
            let found = root.pipeline(calls.collect::<nestkey::Result<Vec<_>>>()?).wait()?;
            Ok(found.into_iter().map(|verdict| verdict.is_yes()).collect())
        }
    }
}

fn root(server: &Server) -> Root {
    let keyring = Keyring::from_json(&keyring()).expect("a keyring");
    let client = Client::connect(&server.url()).keyring(keyring).wait().expect("a connection");
    client.bind(&Layout::from_json(include_str!("secrets.layout.json")).expect("the layout"))
}

fn peers(server: &Server) -> Vec<Box<dyn Peer>> {
    let mut peers: Vec<Box<dyn Peer>> = vec![Box::new(Rust(root(server)))];
    if let Some(python) = start(server, "Python") {
        peers.push(Box::new(python));
    }
    if crate::has_node() {
        let file = folder().join("cross/secrets.mjs");
        peers.push(Box::new(Process::start_with(
            "Node",
            "node",
            &file,
            server.port(),
            &variables(),
        )));
    }
    peers
}

fn redisimnest(server: &Server) -> Option<Process> {
    start(server, "redisimnest")
}

fn start(server: &Server, name: &'static str) -> Option<Process> {
    let file = folder().join("cross/secrets.py");
    Some(Process::start_with(name, &python()?, &file, server.port(), &variables()))
}

/// The same keyring, and its Fernet key for redisimnest.
fn variables() -> [(&'static str, String); 2] {
    let keyring: Value = serde_json::from_str(&keyring()).expect("JSON");
    let fernet = keyring["fernet"][0].as_str().expect("a Fernet key").to_owned();
    [("NESTKEY_KEYRING", keyring.to_string()), ("MY_ENCRYPTION_KEY", fernet)]
}

/// Texts of every length up to 200 characters, a few that look like something else, and long ones.
fn texts(count: usize) -> Vec<String> {
    let special = [
        text("plaintext"),
        "",
        "\0",
        "nk1.",
        "gAAAAAB",
        "$2b$04$",
        "null",
        "{\"__type__\": \"none\"}",
        "\u{feff}\u{2028}",
    ];
    let mut texts: Vec<_> = special.map(String::from).into();
    texts.push("\u{fc}\u{1f600}".repeat(1_000));
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    while texts.len() < count {
        let length = texts.len() % 200;
        // All of Unicode; where a number is no character, a letter.
        texts
            .push((0..length).map(|_| char::from_u32(next() % 0x11_0000).unwrap_or('x')).collect());
    }
    texts
}

/// One password of each length from 1 up to the 72 bytes that there may be, and then again.
fn passwords(count: usize) -> Vec<String> {
    let one =
        |index: usize| "p\u{e4}ssw\u{f6}rt 7/".repeat(9).chars().take(1 + index % 59).collect();
    (0..count).map(one).collect()
}
