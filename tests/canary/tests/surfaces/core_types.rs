//! The types of core: keyrings, plaintexts, calls, plans, turns, and the errors of all of them.

use nestkey::core::{
    call::{Call, Cx, Outcome, Password, Rebind, Seal, SetPassword, Verb, Verify},
    command::{Batch, Class},
    error::{Error, ErrorKind},
    json,
    key::Key,
    layout::Layout,
    memory::{SessionId, Store},
    plan::{Input, Plan, Step, Turn},
    reply::Reply,
    value::{Entropy, Keyring, Plaintext, fernet, open, password, seal},
};
use nestkey_canary::{keyring, stored, stored_key, text};

use crate::shown::{debug, failure};

pub(crate) const LAYOUT: &str = include_str!("../../../cross/secrets.layout.json");

pub(crate) fn ring() -> Keyring {
    Keyring::from_json(&keyring()).expect("the canaries are a keyring")
}

#[test]
fn keyrings_and_plaintexts_show_no_material() {
    let ring = ring();
    debug("a keyring", &ring);
    for key in ring.keys() {
        debug("a root key", key);
        debug("a key's check value", &key.check());
    }
    debug("the text of a keyring", &ring.to_json());
    debug("a plaintext", &Plaintext::from(text("plaintext")));
    let seed = text("root key").as_bytes().try_into().expect("32 bytes");
    let entropy = Entropy::new(seed);
    let _: [u8; 24] = entropy.take();
    debug("entropy", &entropy);
}

#[test]
fn a_keyring_that_is_refused_shows_no_material() {
    let good = keyring();
    let material = good.split("\"material\":\"").nth(1).and_then(|rest| rest.split('"').next());
    let material = material.expect("a material");
    for bad in [
        String::from(material),
        format!("{material}\n"),
        format!("\"{material}\""),
        format!("{{\"{material}\": 1}}"),
        format!("{{\"nestkey_keyring\": \"{material}\"}}"),
        format!("[{good}]"),
        good.replace("7f3a0102", material),
        good.replace("primary", material),
        good.replace("\"status\"", &format!("\"{material}\"")),
        good.replace(material, &format!("{material}A")),
        good.replace(material, &material[1..]),
        good.replace(material, &text("root key").replace('\\', "")),
        good.replace("primary", "disabled"),
        good.replace('}', &format!("{material}}}")),
        good.replace("\"fernet\":[\"", "\"fernet\":[\"x"),
        good[..good.len() - 1].into(),
    ] {
        failure("a keyring that is refused", Keyring::from_json(&bad));
    }
    let doubled = good.replacen("{\"id\"", &format!("{{\"id\":\"7f3a0102\",\"status\":\"decrypt-only\",\"material\":\"{material}\"}},{{\"id\""), 1);
    failure("a keyring with a key twice", Keyring::from_json(&doubled));
    let fernet = format!("{}x", text("Fernet key"));
    failure("a Fernet key that is refused", Keyring::default().add_fernet(&fernet));
    failure("a Fernet key that is no base64", Keyring::default().add_fernet(text("Fernet key")));
}

/// What Python sealed with the fixed salt, so that keys and authenticated data are the canaries.
#[test]
fn a_secret_that_does_not_open_shows_nothing() {
    let (ring, key, sealed) = (ring(), stored_key().as_bytes(), stored("sealed"));
    let opened = open(&ring, key, b"", sealed.as_bytes()).expect("it opens");
    assert_eq!(opened.expose(), text("plaintext").as_bytes());
    debug("what was opened", &opened);

    failure("a moved secret", open(&ring, b"root:user:2:sensitive_data", b"", sealed.as_bytes()));
    failure(
        "a secret of another field",
        open(&ring, key, text("plaintext").as_bytes(), sealed.as_bytes()),
    );
    failure("no keyring's secret", open(&Keyring::default(), key, b"", sealed.as_bytes()));
    for at in 0..sealed.len() {
        let mut changed = sealed.as_bytes().to_vec();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        if let Err(error) = open(&ring, key, b"", &changed) {
            crate::shown::error("a changed secret", &error);
        }
        failure("a shortened secret", open(&ring, key, b"", &sealed.as_bytes()[..at]));
    }
    failure("a plain text", open(&ring, key, b"", text("plaintext").as_bytes()));
    let mut out = Vec::new();
    let long = text("plaintext").repeat(30_000);
    failure(
        "a long plaintext",
        seal(&ring, &Entropy::new([1; 32]), key, b"", long.as_bytes(), &mut out),
    );

    let token = stored("fernet");
    assert_eq!(
        fernet::open(&ring, token).expect("it opens").expose(),
        text("plaintext").as_bytes()
    );
    failure("a changed token", fernet::open(&ring, token.replace("AAAAA", "AAAAB")));
    failure("a plain token", fernet::open(&ring, text("plaintext")));
    failure("a token without a key", fernet::open(&Keyring::default(), token));
}

#[test]
fn a_password_that_is_refused_is_not_shown() {
    let canary = text("password");
    for bad in [canary.repeat(2), format!("{canary}\0")] {
        failure("a password that is refused", password::check(bad.as_bytes()));
        failure("a password that is not hashed", password::hash(bad.as_bytes(), 10, [1; 16]));
    }
    failure("a cost", password::hash(canary.as_bytes(), 9, [1; 16]));
    failure("a hash that is none", password::verify(canary.as_bytes(), canary.as_bytes()));
    let hash = format!("$2b$12${canary:.<53}");
    failure("a malformed hash", password::check_hash(hash.replace("2b", "2x").as_bytes()));
    failure("a hash of a high cost", password::check_hash(hash.replace("12", "31").as_bytes()));
    failure("a hash of another alphabet", password::check_hash(hash.as_bytes()));
}

#[test]
fn calls_plans_and_turns_show_nothing() {
    let secret = || Some(Plaintext::from(text("plaintext")));
    let canary = || Plaintext::from(text("password"));
    let mut bench = Bench::new();
    bench.put(stored_key(), stored("sealed"));
    bench.run("user(1).sensitive_data", Verb::Get);
    bench.run("user(1).sensitive_data", Verb::Raw);
    bench.run("user(1).sensitive_data", Verb::Rebind(Rebind::new(Key::from("root:old"))));
    bench.run("user(1).sensitive_data", Verb::Seal(Seal::new(secret())));
    bench.run("user(1).sensitive_data", Verb::Lookup);
    bench.put(stored_key(), &format!(r#"{{"__type__": "str", "value": "{}"}}"#, stored("fernet")));
    bench.run("user(1).sensitive_data", Verb::Get);
    bench.run("", Verb::Rotate);
    // Somebody stored it unencrypted, which is refused, and must not be shown for that.
    bench.put(stored_key(), text("plaintext"));
    bench.run("user(1).sensitive_data", Verb::Get);
    bench.run("", Verb::Rotate);

    bench.run("user(1).password", Verb::SetPassword(SetPassword::new(Password::Plain(canary()))));
    bench.run("user(1).password", Verb::Verify(Verify::new(canary())));
    bench.run("user(1).password", Verb::Reveal);
    bench.run("user(1).password", Verb::SetPassword(SetPassword::new(Password::Hashed(canary()))));
    // The password itself where its hash should be.
    bench.put(
        "root:user:1:password",
        &format!(r#"{{"__type__": "str", "value": "{}"}}"#, text("password")),
    );
    bench.run("user(1).password", Verb::Verify(Verify::new(canary())));
    bench.run("user(1).password", Verb::Reveal);
}

#[test]
fn a_call_in_json_that_is_refused_does_not_show_what_is_in_it() {
    let layout = Layout::from_json(LAYOUT).expect("the layout");
    let (plaintext, canary) = (text("plaintext"), text("password"));
    for call in [
        format!(r#"{{"call": "set", "path": "user(1).sensitive_data", "value": ["{plaintext}"]}}"#),
        format!(
            r#"{{"call": "set", "path": "user(1).sensitive_data", "value": {{"{plaintext}": 1}}}}"#
        ),
        format!(
            r#"{{"call": "set", "path": "user(1).sensitive_data", "value": "{plaintext}", "x": 1}}"#
        ),
        format!(r#"{{"call": "set", "path": "user(1).password", "value": ["{canary}"]}}"#),
        format!(r#"{{"call": "set", "path": "user(1).password", "hash": {{"a": "{canary}"}}}}"#),
        format!(r#"{{"call": "verify", "path": "user(1).password", "password": ["{canary}"]}}"#),
        format!(
            r#"{{"call": "verify", "path": "user(1).password", "password": "{canary}", "upgrade": 1}}"#
        ),
    ] {
        let node = json::read(call.as_bytes()).expect("JSON");
        failure("a call that is refused", Call::from_json(&node, &layout, ""));
    }
}

#[test]
fn what_a_server_says_of_arguments_is_not_repeated() {
    let canary = text("plaintext");
    let said =
        format!("unknown command 'SETX', with args beginning with: 'root:user:1:x' '{canary}' ");
    debug("an error reply", &Reply::error(&format!("ERR {said}")));
    crate::shown::error("an unknown command", &Error::server("ERR", &said));
    debug("a reply", &Reply::Array(vec![Reply::Bulk(canary.into())]));
    let mut batch = Batch::default();
    batch.command("SET", Class::Other).key(b"k").secret(canary.as_bytes());
    debug("a batch", &batch);
    for command in batch.commands() {
        debug("a command", &command);
        nestkey_canary::assert_none("a command", &command.to_string());
        for arg in command.args() {
            debug("an argument", &arg);
        }
    }
}

/// Plans over the memory store; whatever comes by is looked at.
struct Bench {
    layout: Layout,
    keyring: Keyring,
    store: Store,
}

impl Bench {
    fn new() -> Self {
        let layout = Layout::from_json(LAYOUT).expect("the layout");
        Self { layout, keyring: ring(), store: Store::default() }
    }

    fn put(&mut self, key: &str, stored: &str) {
        let mut batch = Batch::default();
        batch.command("SET", Class::Other).key(key.as_bytes()).arg(stored.as_bytes());
        self.exchange(&batch);
    }

    fn exchange(&mut self, batch: &Batch) -> Vec<Reply> {
        let mut replies = Vec::new();
        self.store.exchange(SessionId(1), 1_000_000, batch, &mut replies);
        replies
    }

    fn run(&mut self, path: &str, verb: Verb) {
        let (target, key) = self.layout.resolve(path, "").expect("a path");
        let call = Call::new(target, key, verb);
        debug("a call", &call);
        let mut plan = Plan::new(call);
        let (mut replies, mut answers) = (Vec::new(), Vec::new());
        loop {
            debug("a plan", &plan);
            let mut turn = Turn::default();
            let entropy = Entropy::new([7; 32]);
            let cx = Cx::new(&self.layout, "").with_keyring(&self.keyring).with_entropy(&entropy);
            debug("what a step may look at", &cx);
            let input = Input { replies: &mut replies, answers: &mut answers };
            debug("the input of a step", &input);
            let step = plan.step(&cx, input, &mut turn);
            debug("a turn", &turn);
            for note in &turn.notes {
                crate::shown::error("a note", &note.error);
            }
            match step {
                Ok(Step::More) => {}
                // Nobody asked for anything but the stored bytes.
                Ok(Step::Done(Outcome::Bytes(_))) => return,
                Ok(step) => return debug("a last step", &step),
                Err(error) => {
                    assert_ne!(error.kind(), ErrorKind::Internal, "{error}");
                    return crate::shown::error("a call's error", &error);
                }
            }
            replies = self.exchange(&turn.batch);
            debug("replies", &replies);
            answers = turn.jobs.iter().map(|(_, job)| job.run()).collect();
            debug("answers", &answers);
        }
    }
}
