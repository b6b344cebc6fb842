//! The public types of the Rust crate, each in use.

use std::{fmt::Display, time::Duration};

use nestkey::{
    Client, ErrorKind, Keyring, Layout, Lookup, Result, Root, Secret,
    core::{
        command::{Batch, Class},
        error::Error,
    },
    value::Bytes,
};
use nestkey_canary::{assert_none, stored, stored_key, text};
use serde::Serialize;

use crate::{
    core_types::{LAYOUT, ring},
    descriptions::DOOR,
    shown::{debug, error, failure},
};

/// Fails to compile where a type has the trait after all: the call is ambiguous then.
macro_rules! lacks {
    ($type:ty: $trait:path) => {{
        trait Ambiguous<Marker> {
            fn proof() {}
        }
        impl<T: ?Sized> Ambiguous<()> for T {}
        struct Has;
        impl<T: ?Sized + $trait> Ambiguous<Has> for T {}
        <$type as Ambiguous<_>>::proof();
    }};
}

#[test]
fn what_is_secret_can_be_neither_displayed_nor_serialized() {
    lacks!(Secret<String>: Display);
    lacks!(Secret<String>: Serialize);
    lacks!(Secret<Vec<u8>>: Display);
    lacks!(Secret<Vec<u8>>: Serialize);
    lacks!(nestkey::core::value::Plaintext: Display);
    lacks!(nestkey::core::value::Plaintext: Serialize);
    lacks!(Keyring: Display);
    lacks!(Keyring: Serialize);
    debug("a secret", &Secret::new(String::from(text("plaintext"))));
    debug("a secret of bytes", &Secret::new(text("plaintext").as_bytes().to_vec()));
    debug("a secret in a lookup", &Lookup::Value(Secret::new(String::from(text("plaintext")))));
}

#[test]
fn calls_on_secrets_show_nothing_before_or_after() -> Result<()> {
    let (root, client) = bound(LAYOUT);
    let secret = root.namespace("user", [1])?.secret("sensitive_data")?;
    debug("a client", &client);
    debug("a root", &root);
    debug("a secret entry", &secret);
    let set = secret.set(text("plaintext"));
    debug("a set", &set);
    debug("a stored", &set.wait());
    let get = secret.get::<String>();
    debug("a get", &get);
    let got = get.wait()?;
    assert_eq!(got.as_ref().map(|got| &got.expose()[..]), Some(text("plaintext")));
    debug("what was got", &got);
    debug("what was looked up", &secret.lookup::<String>().wait()?);
    debug("the stored bytes", &secret.raw().wait()?);
    debug("the key's id", &secret.key_id().wait()?);
    failure("a get as bytes", secret.get::<Vec<u8>>().wait());
    failure("a set of bytes", secret.set(text("plaintext").as_bytes()).wait());
    let long = text("plaintext").repeat(30_000);
    failure("a long secret", secret.set(&long[..]).wait());

    let pipeline = root.pipeline((secret.set(text("plaintext")), secret.get::<String>()));
    debug("a pipeline", &pipeline);
    debug("what a pipeline comes to", &pipeline.wait().map_err(|failure| failure.error));
    let settled = root.pipeline((secret.get::<String>(), secret.get::<Vec<u8>>())).settled();
    debug("a settled pipeline", &settled);
    debug("what is settled", &settled.wait());
    let failed =
        root.pipeline((secret.get::<String>(), secret.get::<Vec<u8>>())).wait().unwrap_err();
    debug("a pipeline's failure", &failed);
    assert_none("a pipeline's failure", &failed.to_string());
    error("a pipeline's error", &failed.error);
    debug(
        "an atomic group",
        &root
            .atomic((secret.set(text("plaintext")), secret.get::<String>()))
            .wait()
            .map_err(|failure| failure.error),
    );

    // What stands there in the clear, and what was moved there.
    for stored in [text("plaintext"), stored("sealed")] {
        put(&client, "root:user:1:sensitive_data", stored);
        let moved = root.namespace("user", [2])?.secret("sensitive_data")?;
        put(&client, "root:user:2:sensitive_data", stored);
        failure("a get that fails", moved.get::<String>().wait());
        failure("a rebind that fails", moved.rebind("root:user:3:sensitive_data").wait());
        debug("a rotation", &root.rotate().wait());
    }
    Ok(())
}

#[test]
fn calls_on_passwords_show_nothing_before_or_after() -> Result<()> {
    let (root, client) = bound(LAYOUT);
    let password = root.namespace("user", [1])?.password("password")?;
    let canary = text("password");
    debug("a password entry", &password);
    debug("a set", &password.set(canary));
    debug("a set hash", &password.set_hash(canary));
    debug("a verification", &password.verify(canary).upgrade());
    password.set(canary).wait()?;
    debug("a verdict", &password.verify(canary).wait()?);
    debug("a revealed hash", &password.reveal().wait()?);
    failure("a hash that is none", password.set_hash(canary).wait());
    failure("a long password", password.set(canary.repeat(2)).wait());
    failure("a long wrong password", password.verify(canary.repeat(2)).wait());
    failure("a password with NUL", password.set(format!("{canary}\0")).wait());
    // The password itself where its hash should be, as an envelope and bare.
    for stored in [format!(r#"{{"__type__": "str", "value": "{canary}"}}"#), canary.into()] {
        put(&client, "root:user:1:password", &stored);
        failure("a verification of that", password.verify(canary).wait());
        failure("a revealing of that", password.reveal().wait());
    }
    Ok(())
}

#[test]
fn what_a_closure_says_of_a_secret_is_its_own_business_but_the_value_is_not_shown() -> Result<()> {
    let (root, _) = bound(LAYOUT);
    let user = root.namespace("user", [1])?;
    let kind = Error::new(ErrorKind::Missing, "a test");
    error("an error", &kind);
    failure("another kind", user.entry("sensitive_data")?.set(text("plaintext")).wait());
    failure("another kind's get", user.entry("password")?.get::<String>().wait());
    failure("a counter of a secret", user.entry("sensitive_data")?.get::<Bytes>().wait());
    Ok(())
}

#[test]
fn sensitive_parameters_show_in_no_handle_and_no_error() -> Result<()> {
    let (root, client) = bound(DOOR);
    let pin = text("sensitive parameter");
    let door = root.namespace("door", (pin, 1))?;
    let (open, code, pass) = (door.entry("open")?, door.secret("code")?, door.password("pass")?);
    debug("a namespace", &door);
    debug("an entry", &open);
    debug("a secret", &code);
    debug("a password", &pass);
    open.set(true).wait()?;
    debug("a call", &open.set(true));
    debug("a count", &door.count());
    debug("a clear", &door.clear());
    debug("a clear with progress", &door.clear().progress(|_| {}));
    debug("a rotation with progress", &door.rotate().progress(|_| {}));
    let keys = door.keys();
    debug("keys", &keys);
    let mut keys = keys.wait();
    debug("keys that block", &keys);
    debug("a found key", &keys.next());
    debug("keys under way", &keys);

    failure("a wrong value", open.set(1).wait());
    failure("a wrong reading", open.get::<String>().wait());
    failure("a path", root.at(&format!("door(\"{pin}\", 1).opne")));
    failure("a wrong name", door.entry("opne"));
    failure("a long parameter", root.namespace("door", (pin.repeat(20), 1)));
    failure("a parameter over its limit", root.namespace("door", (pin.repeat(2), 1)));
    failure("a wrong parameter", door.entry_with("visit", [pin]));
    failure("surplus parameters", root.namespace("door", (pin, 1, pin)));
    failure("a parameter of another type", root.namespace("door", (1, pin)));
    let key = door.entry("open")?.key().to_owned();
    put(&client, &key, "garbage");
    failure("a malformed value", open.get::<bool>().wait());
    put(&client, code.key(), text("plaintext"));
    failure("a plain secret", code.get::<String>().wait());
    put(&client, pass.key(), text("password"));
    failure("a plain password", pass.verify("x").wait());
    failure("a failing walk", {
        let (client, memory) = Client::memory();
        let root = client.bind(&Layout::from_json(DOOR)?);
        memory.fail_next(ErrorKind::Unreachable);
        let door = root.namespace("door", (pin, 1))?;
        door.clear().deadline(Duration::from_secs(1)).wait()
    });
    Ok(())
}

pub(crate) fn bound(layout: &str) -> (Root, Client) {
    let client = Client::memory().0.keyring(ring());
    (client.bind(&Layout::from_json(layout).expect("the layout")), client)
}

/// Stores something behind nestkey's back.
pub(crate) fn put(client: &Client, key: &str, stored: &str) {
    let mut batch = Batch::default();
    batch.command("SET", Class::Other).key(key.as_bytes()).arg(stored.as_bytes());
    client.backend().exchange_blocking(&batch, None).expect("it is stored");
    let _ = stored_key();
}
