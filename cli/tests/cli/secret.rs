//! Secrets and passwords: never in words, never shown unasked.

use std::{fs, path::PathBuf};

use nestkey::core::reply::Reply;
use nestkey_conformance::{resp::Connection, server::Server};

use crate::run::{Ran, folder, nestkey_with};

/// The bytes from 0 to 31 as the primary key.
pub(crate) const RING: &str = r#"{"nestkey_keyring": 1, "keys": [
    {"id": "01020304", "status": "primary", "material": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}
]}"#;

/// `hunter2`, sealed by Python with that key for `user:42:token`.
pub(crate) const SEALED: &str = "nk1.-QEBAgMEQEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXP1qfwOqXeVVxvrFo5cWLPkORW3NNbwh7N7e5qcv5Af_W2lJ7FF4IjFaXvlW4BgMs8-NkRGlRPA";

const LAYOUT: &str = r#"
    keys.plain = { type = "string" }
    [namespaces.user]
    prefix = "user:{user_id:int}"
    keys.token = { kind = "secret" }
    keys.blob = { kind = "secret", type = "bytes" }
    keys.password = { kind = "password", cost = 10 }
"#;

/// A server of its own, a layout with secrets, and runs on them.
pub(crate) struct Vault {
    pub(crate) server: Server,
    pub(crate) connection: Connection,
    pub(crate) folder: PathBuf,
}

impl Vault {
    pub(crate) fn open(layout: &str) -> Self {
        let folder = folder([("vault.layout.toml", layout)]);
        let server = Server::start();
        let connection = server.connect();
        let vault = Self { server, connection, folder };
        vault.write("ring.json", RING);
        vault
    }

    /// A file that only its owner can read.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let file = self.folder.join(name);
        fs::write(&file, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    pub(crate) fn run<const N: usize>(&self, args: [&str; N]) -> Ran {
        self.run_with(&args, "")
    }

    pub(crate) fn run_with(&self, args: &[&str], input: &str) -> Ran {
        self.run_in(args, input, &[("NESTKEY_KEYRING", "ring.json")])
    }

    pub(crate) fn run_in(&self, args: &[&str], input: &str, variables: &[(&str, &str)]) -> Ran {
        let url = self.server.url();
        nestkey_with(&self.folder, &[&["--url", &url[..]][..], args].concat(), input, variables)
    }

    pub(crate) fn redis(&mut self, args: &[&str]) -> String {
        match self.connection.call(args) {
            Reply::Bulk(bytes) => String::from_utf8(bytes).unwrap(),
            other => format!("{other:?}"),
        }
    }
}

#[test]
fn a_secret_comes_from_standard_input_and_is_shown_when_asked_for() {
    let mut vault = Vault::open(LAYOUT);
    for (input, secret) in [
        ("sk_live\n", "\"sk_live\""),
        ("two\nlines\n\n", "\"two\\nlines\\n\""),
        ("sk\r\n", "\"sk\""),
        ("{\"quoted\": \"as it is\"}", "\"{\\\"quoted\\\": \\\"as it is\\\"}\""),
        ("123", "\"123\""),
        ("", "\"\""),
    ] {
        assert_eq!(vault.run_with(&["set", "user(1).token", "-"], input).fine(), "true\n");
        assert!(vault.redis(&["GET", "user:1:token"]).starts_with("nk1.-QEBAgME"));
        let out = vault.run(["get", "user(1).token", "--reveal"]).fine();
        assert_eq!(out, format!("{secret}\n"));
    }
    let err = vault.run(["get", "user(1).token"]).failed(2);
    assert_eq!(err, "nestkey: user.token: this is a secret, --reveal prints it\n");
    assert_eq!(vault.run(["get", "user(2).token", "--reveal"]).fine(), "null\n");
    assert_eq!(vault.run(["set", "user(1).token", "null"]).fine(), "true\n");
    assert_eq!(vault.redis(&["GET", "user:1:token"]), r#"{"__type__": "none", "value": "None"}"#);
    assert_eq!(vault.run(["get", "user(1).token", "--reveal"]).fine(), "null\n");
}

#[test]
fn secret_bytes_are_taken_as_they_stand() {
    let vault = Vault::open(LAYOUT);
    assert_eq!(vault.run_with(&["set", "user(1).blob", "-"], "a\n").fine(), "true\n");
    let out = vault.run(["get", "user(1).blob", "--reveal"]).fine();
    assert!(out.contains("\"YQo=\""), "the base64 of `a` and a line break: {out}");
}

#[test]
fn what_python_sealed_is_opened() {
    let mut vault = Vault::open(LAYOUT);
    vault.redis(&["SET", "user:42:token", SEALED]);
    assert_eq!(vault.run(["get", "user(42).token", "--reveal"]).fine(), "\"hunter2\"\n");
    vault.redis(&["SET", "user:43:token", SEALED]);
    let err = vault.run(["--json", "get", "user(43).token", "--reveal"]).failed(2);
    assert!(err.starts_with("{\"error\":{\"code\":\"auth-failed\""), "{err}");
}

#[test]
fn neither_a_secret_nor_a_password_is_a_word() {
    let mut vault = Vault::open(LAYOUT);
    for args in [
        &["set", "user(1).token", "hunter2"][..],
        &["set", "user(1).token", "\"hunter2\"", "--ttl", "5m"],
        &["set", "user(1).password", "hunter2"],
        &["set", "user(1).password", "null"],
        &["verify", "user(1).password", "hunter2"],
        &["plan", "set", "user(1).token", "hunter2"],
        &["plan", "set", "user(1).password", "hunter2"],
        &["plan", "verify", "user(1).password", "hunter2"],
        &["plan", "--json-call", r#"{"call": "set", "path": "user(1).token", "value": "hunter2"}"#],
        &[
            "plan",
            "--json-call",
            r#"{"call": "verify", "path": "user(1).password", "password": "hunter2"}"#,
        ],
    ] {
        let err = vault.run_with(args, "").failed(2);
        assert!(err.contains("is not for the command line"), "{err}");
        assert!(err.contains('-') && !err.contains("hunter2"), "{err}");
    }
    assert_eq!(vault.redis(&["DBSIZE"]), "Int(0)");
}

#[test]
fn a_password_is_stored_as_a_hash_and_verified() {
    let mut vault = Vault::open(LAYOUT);
    let verify = |vault: &Vault, password: &str, more: &[&str]| {
        vault.run_with(&[&["verify", "user(1).password"][..], more].concat(), password)
    };
    let missing = verify(&vault, "hunter2", &[]);
    assert_eq!((missing.code, &missing.out[..], &missing.err[..]), (Some(3), "missing\n", ""));
    assert_eq!(vault.run_with(&["set", "user(1).password", "-"], "hunter2\n").fine(), "true\n");
    let stored = vault.redis(&["GET", "user:1:password"]);
    assert!(stored.starts_with(r#"{"__type__": "str", "value": "$2b$10$"#), "{stored}");
    assert_eq!(verify(&vault, "hunter2\n", &["-"]).fine(), "yes\n");
    let out = verify(&vault, "hunter2", &["--json"]).fine();
    assert_eq!(out, "{\"verdict\":\"yes\",\"wants_upgrade\":false}\n");
    let no = verify(&vault, "hunter3", &[]);
    assert_eq!((no.code, &no.out[..], &no.err[..]), (Some(1), "no\n", ""));
    verify(&vault, &"x".repeat(73), &[]).failed(2);
    let elsewhere = ["verify", "user(1).password", "--url", "redis://127.0.0.1:1"];
    nestkey_with::<&str>(&vault.folder, &elsewhere, "hunter2", &[]).failed(2);
    let err = vault.run(["get", "user(1).password"]).failed(2);
    assert!(err.contains("--reveal"), "{err}");
    let hash = vault.run(["get", "user(1).password", "--reveal"]).fine();
    assert!(hash.starts_with("\"$2b$10$"), "{hash}");
    assert!(vault.run(["verify", "user(1).token"]).failed(2).contains("verify"));
}

#[test]
fn a_weak_hash_is_replaced_when_asked_for() {
    let mut vault = Vault::open(LAYOUT);
    // Of tests/vectors/seeds.json, by Python's bcrypt.
    let hash = "$2b$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm";
    let stored = format!(r#"{{"__type__": "str", "value": "{hash}"}}"#);
    vault.redis(&["SET", "user:1:password", &stored]);
    let ran = vault.run_with(&["verify", "user(1).password"], "hunter2");
    assert_eq!((ran.code, &ran.out[..]), (Some(0), "yes\n"));
    assert!(ran.err.contains("--upgrade replaces it"), "{}", ran.err);
    assert_eq!(vault.redis(&["GET", "user:1:password"]), stored);
    let out = vault.run_with(&["verify", "user(1).password", "--upgrade"], "hunter2").fine();
    assert_eq!(out, "yes\n");
    let replaced = vault.redis(&["GET", "user:1:password"]);
    assert!(replaced.contains("$2b$10$"), "{replaced}");
    assert_eq!(vault.run_with(&["verify", "user(1).password"], "hunter2").fine(), "yes\n");
}

#[test]
fn a_trace_and_a_plan_show_sizes_alone() {
    let mut vault = Vault::open(LAYOUT);
    for (args, input, shown) in [
        (&["set", "user(1).token", "-"][..], "hunter2", "→ SET user:1:token <secret 118 B>\n"),
        (&["get", "user(1).token", "--reveal"], "", "→ GET user:1:token\n← <secret>\n"),
        (&["set", "user(1).password", "-"], "hunter2", "→ SET user:1:password <secret 92 B>\n"),
        (&["verify", "user(1).password"], "hunter2", "→ GET user:1:password\n← <secret>\n"),
        (&["get", "user(1).password", "--reveal"], "", "→ GET user:1:password\n← <secret>\n"),
        (&["rotate", "--dry-run"], "", "→ GETRANGE user:1:token 0 37\n← <secret>\n"),
        (&["plan", "set", "user(1).token", "-"], "hunter2", "SET user:1:token <secret 118 B>\n"),
        (
            &["plan", "set", "user(1).password", "-"],
            "hunter2",
            "SET user:1:password <secret 92 B>\n",
        ),
        (&["plan", "verify", "user(1).password", "-"], "hunter2", "GET user:1:password\n"),
        (
            &["plan", "--json-call", "-"],
            r#"{"call": "set", "path": "user(1).token", "value": "hunter2"}"#,
            "SET user:1:token <secret 118 B>\n",
        ),
        (
            &["plan", "set", "user(1).token", "-", "--json"],
            "hunter2",
            "{\"commands\":[[\"SET\",\"user:1:token\",\"<secret 118 B>\"]],\"more\":false}\n",
        ),
    ] {
        let ran = vault.run_with(&[args, &["--trace"]].concat(), input);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let told = if args[0] == "plan" { &ran.out } else { &ran.err };
        assert!(told.contains(shown), "{args:?}: {told}");
        for hidden in ["hunter2", "nk1.", "$2b$"] {
            assert!(!ran.err.contains(hidden), "{args:?}: {}", ran.err);
            assert!(args.contains(&"--reveal") || !ran.out.contains(hidden), "{}", ran.out);
        }
    }
    // A script that a server refuses is answered with its arguments.
    vault.redis(&["SET", "user:42:token", SEALED]);
    vault.redis(&["ACL", "SETUSER", "default", "-get"]);
    let ran = vault.run(["--trace", "get", "user(42).token", "--reveal"]);
    assert!(ran.err.contains("← NOPERM <secret>\n"), "{}", ran.err);
}

#[test]
fn the_keyring_is_a_file_or_a_variable() {
    let mut vault = Vault::open(LAYOUT);
    vault.redis(&["SET", "user:42:token", SEALED]);
    let get = |args: &[&str], variables: &[(&str, &str)]| {
        let args = [&["get", "user(42).token", "--reveal"][..], args].concat();
        vault.run_in(&args, "", variables)
    };
    for (args, variables) in [
        (&["--keyring", "ring.json"][..], &[][..]),
        (&["--keyring", "ring.json"], &[("NESTKEY_KEYRING", "no.json")]),
        (&[], &[("NESTKEY_KEYRING", "ring.json")]),
        (&[], &[("NESTKEY_KEYRING", RING)]),
    ] {
        assert_eq!(get(args, variables).fine(), "\"hunter2\"\n");
    }
    let wanted = "user.token: a secret wants a keyring: --keyring FILE, or NESTKEY_KEYRING\n";
    assert_eq!(get(&[], &[]).failed(2), format!("nestkey: {wanted}"));
    let plan = vault.run_in(&["plan", "set", "user(1).token", "-"], "x", &[]);
    assert_eq!(plan.failed(2), format!("nestkey: {wanted}"));
    assert!(get(&["--keyring", "no.json"], &[]).failed(2).contains("no.json: "));
    let broken = RING.replace("AAEC", "AA");
    let err = get(&[], &[("NESTKEY_KEYRING", &broken)]).failed(2);
    assert!(err.contains("NESTKEY_KEYRING: ") && err.contains("01020304"), "{err}");
    assert!(!err.contains("AwQFBgcICQ"), "{err}");
    // What stands in a variable may be a key that was put there by mistake.
    let err = get(&[], &[("NESTKEY_KEYRING", "AAECAwQFBgcICQ")]).failed(2);
    assert!(err.contains("NESTKEY_KEYRING: ") && !err.contains("AwQFBgcICQ"), "{err}");
    let err = get(&[], &[("MY_ENCRYPTION_KEY", "a bad one")]).failed(2);
    assert!(err.contains("MY_ENCRYPTION_KEY: ") && !err.contains("a bad one"), "{err}");
    // Whatever is about no secret needs no keyring, not even a right one.
    let variables = [("NESTKEY_KEYRING", "no.json")];
    assert_eq!(vault.run_in(&["ttl", "user(42).token"], "", &variables).fine(), "persist\n");
    assert_eq!(vault.run_in(&["get", "plain"], "", &variables).fine(), "null\n");
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_refused_by_its_name() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    let vault = Vault::open(LAYOUT);
    let variables = [("MY_ENCRYPTION_KEY", OsStr::from_bytes(b"l-id\xff"))];
    let get = ["--url", "memory://", "get", "user(42).token", "--reveal"];
    for args in [&get[..], &[&get[..], &["--keyring", "ring.json"]].concat()] {
        let err = nestkey_with(&vault.folder, args, "", &variables).failed(2);
        assert_eq!(err, "nestkey: MY_ENCRYPTION_KEY: not UTF-8\n", "{args:?}");
    }
    let variables = [("REDIS_URL", OsStr::from_bytes(b"redis://\xff"))];
    let err = nestkey_with(&vault.folder, &["get", "plain"], "", &variables).failed(2);
    assert_eq!(err, "nestkey: REDIS_URL is not UTF-8\n");
}

#[test]
fn a_description_says_what_is_not_as_usual() {
    let vault = Vault::open(
        r#"
        keys.usual = { kind = "password" }
        keys.strong = { kind = "password", cost = 13 }
        keys.token = { kind = "secret" }
        keys.old = { kind = "secret", legacy = "plaintext" }
        "#,
    );
    assert_eq!(
        vault.run(["describe"]).fine(),
        "(layout)  *\n\
         \x20 usual   usual   password\n\
         \x20 strong  strong  password, cost 13\n\
         \x20 token   token   secret\n\
         \x20 old     old     secret, reads plaintext\n"
    );
}
