//! `rotate`: secrets sealed anew, and what is told of it.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
};

use crate::{
    run::{Ran, nestkey_with},
    secret::{RING, SEALED, Vault},
};

const LAYOUT: &str = r#"
    [namespaces.user]
    prefix = "user:{user_id:int}"
    keys.token = { kind = "secret", legacy = "fernet" }
    keys.name = { type = "string" }
    keys.password = { kind = "password", cost = 10 }
    [namespaces.user.namespaces.box]
    prefix = "box:{name}"
    keys.pin = { kind = "secret" }
    [namespaces.mail]
    prefix = "mail:{address}"
    params.address = { sensitive = true }
    keys.token = { kind = "secret" }
"#;

/// Two keys: the second seals.
const NEXT: &str = r#"{"nestkey_keyring": 1, "keys": [
    {"id": "01020304", "status": "decrypt-only", "material": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"},
    {"id": "0badcafe", "status": "primary", "material": "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"}
]}"#;

/// A key and a token of `tests/vectors/seeds.json`: `hello`.
const FERNET: &str = "l-idRhyv2wJAXxgfAl_cpi3YdYXDCQjkiNwXUGpUCPc=";
const TOKEN: &str = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0OD8rpL1rr0X0_QvBDaW6GENjK8JJHZBaf52VwpTwb7icfV_WcRIPezvkHS0ZTj45lvQ==";

impl Vault {
    /// Three sealed, one by redisimnest, one null, and what is no secret.
    fn filled() -> Self {
        let mut vault = Self::open(LAYOUT);
        vault.write("next.json", NEXT);
        for user in ["1", "2"] {
            let path = format!("user({user}).token");
            assert_eq!(vault.run_with(&["set", &path, "-"], "sk").fine(), "true\n");
        }
        vault.redis(&["SET", "user:42:token", SEALED, "EX", "1000"]);
        let envelope = format!(r#"{{"__type__": "str", "value": "{TOKEN}"}}"#);
        vault.redis(&["SET", "user:7:token", &envelope]);
        assert_eq!(vault.run(["set", "user(8).token", "null"]).fine(), "true\n");
        assert_eq!(vault.run_with(&["set", "user(1).password", "-"], "pw").fine(), "true\n");
        assert_eq!(vault.run(["set", "user(1).name", "Ann"]).fine(), "true\n");
        vault
    }

    fn rotate(&self, args: &[&str]) -> Ran {
        let args = [&["rotate"][..], args, &["--keyring", "next.json"]].concat();
        self.run_in(&args, "", &[("MY_ENCRYPTION_KEY", FERNET)])
    }
}

#[test]
fn secrets_are_sealed_anew_and_counted_by_key() {
    let mut vault = Vault::filled();
    assert_eq!(
        vault.rotate(&["--dry-run"]).fine(),
        "01020304  3  decrypt-only\n\
         fernet    1\n\
         null      1\n\
         4 secrets would be sealed anew\n"
    );
    assert_eq!(vault.redis(&["GET", "user:42:token"]), SEALED, "nothing was changed");
    assert_eq!(
        vault.rotate(&["--yes"]).fine(),
        "0badcafe  4  primary\n\
         null      1\n\
         4 secrets sealed anew\n"
    );
    let ttl: u64 = vault.run(["ttl", "user(42).token"]).fine().trim().parse().unwrap();
    assert!((990..=1000).contains(&ttl), "{ttl}");
    for (path, secret) in [
        ("user(1).token", "\"sk\""),
        ("user(42).token", "\"hunter2\""),
        ("user(7).token", "\"hello\""),
        ("user(8).token", "null"),
    ] {
        let out = vault.run(["get", path, "--reveal", "--keyring", "next.json"]).fine();
        assert_eq!(out, format!("{secret}\n"));
    }
    assert_eq!(vault.run(["get", "user(1).name"]).fine(), "\"Ann\"\n");
    assert_eq!(vault.run_with(&["verify", "user(1).password"], "pw").fine(), "yes\n");
}

#[test]
fn a_second_rotation_looks_at_the_first_characters_and_changes_nothing() {
    let mut vault = Vault::filled();
    vault.rotate(&["user(1)", "--yes"]).fine();
    let before = vault.redis(&["GET", "user:1:token"]);
    vault.redis(&["CONFIG", "RESETSTAT"]);
    assert_eq!(
        vault.rotate(&["user(1)", "--yes", "--json"]).fine(),
        "{\"resealed\":0,\"failed\":0,\"forms\":{\"0badcafe\":1}}\n"
    );
    assert_eq!(vault.redis(&["GET", "user:1:token"]), before);
    let stats = vault.redis(&["INFO", "commandstats"]);
    assert!(stats.contains("cmdstat_getrange:calls=1,"), "{stats}");
    assert!(stats.contains("cmdstat_get:calls=1,"), "the one of this test: {stats}");
    // What is left is done by going on.
    let out = vault.rotate(&["--yes"]).fine();
    assert!(out.ends_with("\n3 secrets sealed anew\n"), "{out}");
}

#[test]
fn the_first_word_may_be_the_layout() {
    let vault = Vault::filled();
    for (args, line) in [
        (&["vault.layout.toml"][..], "4 secrets would be sealed anew"),
        (&["vault.layout.toml", "user(2)"], "1 secret would be sealed anew"),
        (&["user(1)"], "1 secret would be sealed anew"),
        (&["user(9)"], "0 secrets would be sealed anew"),
        (&["-f", "vault.layout.toml", "user(2)"], "1 secret would be sealed anew"),
    ] {
        let out = vault.rotate(&[args, &["--dry-run"]].concat()).fine();
        assert_eq!(out.lines().last(), Some(line), "{args:?}");
    }
    vault.rotate(&["none.toml", "user", "--dry-run"]).failed(2);
    let out = vault.rotate(&["user(1).token", "--yes"]).fine();
    assert!(out.ends_with("\n1 secret sealed anew\n"), "a path may end with a key: {out}");
}

#[test]
fn a_path_may_leave_parameters_open() {
    let mut vault = Vault::filled();
    vault.redis(&["SET", "user:1:box:in:pin", SEALED]);
    vault.redis(&["SET", "user:1:box:out:pin", SEALED]);
    for (path, line) in [
        ("user", "6 secrets would be sealed anew"),
        ("user.box", "2 secrets would be sealed anew"),
        ("user(1).box", "2 secrets would be sealed anew"),
        ("user(2).box", "0 secrets would be sealed anew"),
        ("user(1).box(in)", "1 secret would be sealed anew"),
        ("user.box(in)", "1 secret would be sealed anew"),
        ("user.box.pin", "2 secrets would be sealed anew"),
        ("mail", "0 secrets would be sealed anew"),
    ] {
        let out = vault.rotate(&[path, "--dry-run"]).fine();
        assert_eq!(out.lines().last(), Some(line), "{path}");
    }
    let err = vault.rotate(&["user()", "--dry-run"]).failed(2);
    assert_eq!(err, "nestkey: user: the parameter `user_id` is missing\n");
    // Those two were sealed for another key.
    let ran = vault.rotate(&["user.box", "--yes"]);
    assert!(ran.out.ends_with("\n0 secrets sealed anew, 2 failed\n"), "{}", ran.out);
    vault.redis(&["DEL", "user:1:box:in:pin", "user:1:box:out:pin"]);
    let out = vault.rotate(&["user", "--yes"]).fine();
    assert!(out.ends_with("\n4 secrets sealed anew\n"), "{out}");
}

#[test]
fn what_cannot_be_opened_is_named_and_the_rest_goes_on() {
    let mut vault = Vault::filled();
    // Moved here from another key; of a key that nobody has; cut off; not sealed; no string at all.
    vault.redis(&["SET", "user:3:token", SEALED]);
    let unknown = SEALED.replacen("-QEBAgME", "-QEBAgMF", 1);
    vault.redis(&["SET", "mail:ann@example.org:token", &unknown]);
    vault.redis(&["SET", "user:4:token", "nk1.-QEB"]);
    vault.redis(&["SET", "user:5:token", "hunter2"]);
    vault.redis(&["LPUSH", "user:6:token", "hunter2"]);
    let ran = vault.rotate(&["--yes"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(
        ran.out,
        "0badcafe          4  primary\n\
         null              1\n\
         auth-failed       1  failed\n\
         malformed-secret  1  failed\n\
         not-encrypted     1  failed\n\
         server            1  failed\n\
         unknown-key       1  failed\n\
         4 secrets sealed anew, 5 failed\n"
    );
    let mut lines: Vec<_> = ran.err.lines().collect();
    lines.sort_unstable();
    for (line, start) in lines.iter().zip([
        "nestkey: mail.token: mail:{address}:token: unknown-key: ",
        "nestkey: user.token: user:3:token: auth-failed: ",
        "nestkey: user.token: user:4:token: malformed-secret: ",
        "nestkey: user.token: user:5:token: not-encrypted: ",
        "nestkey: user.token: user:6:token: server: ",
    ]) {
        assert!(line.starts_with(start), "{line}");
    }
    assert_eq!(lines.len(), 5);
    assert!(!ran.err.contains("hunter2") && !ran.err.contains("nk1."), "{}", ran.err);
    let ran = vault.rotate(&["--yes", "--json"]);
    assert_eq!((ran.code, &ran.err[..]), (Some(1), ""));
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&report["resealed"], &report["failed"]), (&0.into(), &5.into()));
    assert_eq!(
        report["reasons"],
        serde_json::json!({"auth-failed": 1, "malformed-secret": 1, "not-encrypted": 1,
            "server": 1, "unknown-key": 1})
    );
    let mut codes: Vec<_> = report["failures"].as_array().unwrap().iter().collect();
    codes.sort_by_key(|failure| failure["key"].as_str().unwrap().to_owned());
    assert_eq!(
        (&codes[0]["code"], &codes[0]["path"]),
        (&"unknown-key".into(), &"mail.token".into())
    );
}

#[test]
fn a_rotation_that_breaks_off_tells_how_far_it_came() {
    let mut vault = Vault::filled();
    vault.redis(&["SET", "user:3:token", SEALED]);
    // So that the walk has several pages.
    for user in 10..6_000 {
        vault.redis(&["SET", &format!("user:{user}:token"), "hunter2"]);
    }
    let rotate = |args: [&str; 2]| {
        let url = cut_off_at_scan(4, vault.server.port());
        let args = [&["rotate", "--url", &url, "--keyring", "next.json"], &args[..]].concat();
        nestkey_with::<&str>(&vault.folder, &args, "", &[])
    };
    let ran = rotate(["--yes", "--json"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let error: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!((&report["error"], error["error"]["code"].is_string()), (&error["error"], true));
    let failures = report["failures"].as_array().unwrap().len() as u64;
    assert!(failures > 500, "a page of what is not encrypted: {failures}");
    assert_eq!(report["failed"].as_u64(), Some(failures));
    assert!(report["reasons"]["not-encrypted"].as_u64() > Some(500), "{}", report["reasons"]);

    let ran = rotate(["--yes", "--trace"]);
    assert_eq!(ran.code, Some(2));
    // It is the first line where the pages before the end hold nothing that is sealed.
    assert!(ran.out.lines().any(|line| line.starts_with("not-encrypted ")), "{}", ran.out);
    assert!(ran.out.ends_with("started again, it goes on with what is left\n"), "{}", ran.out);

    let ran = rotate(["--dry-run", "--json"]);
    assert_eq!(ran.code, Some(2));
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert!(report["forms"]["plain"].as_u64() > Some(400), "{report}");
    assert!(report["error"]["code"].is_string(), "{report}");
}

/// A way to a server that ends where the walk asks for that page.
fn cut_off_at_scan(page: usize, port: u16) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut client = listener.accept().unwrap().0;
        drop(listener);
        let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let (mut replies, mut answered) =
            (server.try_clone().unwrap(), client.try_clone().unwrap());
        thread::spawn(move || io::copy(&mut replies, &mut answered));
        let (mut buffer, mut scans) = ([0; 1 << 16], 0);
        while let Ok(count @ 1..) = client.read(&mut buffer) {
            scans += buffer[..count].windows(4).filter(|word| word == b"SCAN").count();
            if scans >= page {
                break;
            }
            server.write_all(&buffer[..count]).unwrap();
        }
        let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
    });
    url
}

#[test]
fn without_a_key_that_seals_nothing_begins() {
    let mut vault = Vault::filled();
    let rotate = |vault: &Vault, args: &[&str], variables: &[(&str, &str)]| {
        vault.run_in(&[&["rotate"][..], args].concat(), "", variables)
    };
    let err = rotate(&vault, &["--yes"], &[]).failed(2);
    assert!(err.contains("--keyring FILE, or NESTKEY_KEYRING"), "{err}");
    let err = rotate(&vault, &["--yes"], &[("MY_ENCRYPTION_KEY", FERNET)]).failed(2);
    assert!(err.contains("without a primary key"), "{err}");
    assert_eq!(
        rotate(&vault, &["--dry-run"], &[]).fine(),
        "01020304  3\nfernet    1\nnull      1\nno keyring: what would be sealed anew cannot be told\n"
    );
    // There is no Fernet key in that keyring.
    let ran = rotate(&vault, &["--dry-run", "--json"], &[("NESTKEY_KEYRING", RING)]);
    assert_eq!(
        ran.out,
        "{\"resealed\":0,\"failed\":1,\"forms\":{\"01020304\":3,\"fernet\":1,\"null\":1},\
         \"dry_run\":true}\n"
    );
    assert_eq!(ran.code, Some(1));
    let err = rotate(&vault, &[], &[("NESTKEY_KEYRING", NEXT)]).failed(2);
    assert_eq!(err, "nestkey: there is no terminal to ask on: say --yes, or --dry-run\n");
    assert_eq!(vault.redis(&["GET", "user:42:token"]), SEALED);
}
