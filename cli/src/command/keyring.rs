//! `nestkey keyring`: the file with the keys of secrets, which are never shown.

use std::path::Path;

use nestkey::core::{
    error::{Error, ErrorKind},
    json::Node,
    value::{Entropy, KeyId, KeyStatus, Keyring, RootKey},
};

use crate::{
    args,
    call::standard_input,
    failure::{Failure, Result},
    json::{self, Object},
    keyring::load,
    output::Output,
    prompt::{Asked, hidden},
    replace::Replacement,
    server::random,
};

/// Makes, changes or shows a keyring's file.
pub(crate) fn run(command: &args::Keyring, out: &mut Output) -> Result {
    match command {
        args::Keyring::New { ring } => new(ring, out),
        args::Keyring::Add { ring, fernet: false } => change(ring, out, add),
        args::Keyring::Add { ring, fernet: true } => add_fernet(ring, out),
        args::Keyring::Promote { ring, id, enable } => change(ring, out, |keyring| {
            let id = find(keyring, id)?;
            if !enable {
                require_enabled(keyring, id)?;
            }
            keyring.promote(id)?;
            Ok(id)
        }),
        args::Keyring::Disable { ring, id } => change(ring, out, |keyring| {
            let id = find(keyring, id)?;
            keyring.disable(id)?;
            Ok(id)
        }),
        args::Keyring::Show { ring } => show(&load(ring)?, out),
    }
}

fn new(file: &Path, out: &mut Output) -> Result {
    let replacement = Replacement::begin(file)?;
    if replacement.replaces() {
        let file = file.display();
        return Err(Failure::usage(format!(
            "{file} is there already, and its keys may be the only ones that open some secrets: \
             `nestkey keyring add` adds a key to it"
        )));
    }
    let mut keyring = Keyring::default();
    let id = add(&mut keyring)?;
    replacement.finish(keyring.to_json().expose())?;
    print(&keyring, id, out)
}

/// Changes the keyring of a file, and prints the key that it is about.
fn change(
    file: &Path,
    out: &mut Output,
    change: impl FnOnce(&mut Keyring) -> Result<KeyId>,
) -> Result {
    let replacement = begin(file)?;
    let mut keyring = load(file)?;
    let id = change(&mut keyring)?;
    replacement.finish(keyring.to_json().expose())?;
    print(&keyring, id, out)
}

fn add_fernet(file: &Path, out: &mut Output) -> Result {
    let key = match hidden("Fernet key", Asked::Once)? {
        Some(typed) => typed,
        None => standard_input()?,
    };
    let replacement = begin(file)?;
    let mut keyring = load(file)?;
    let text = str::from_utf8(key.expose()).unwrap_or_default();
    keyring.add_fernet(text.trim())?;
    replacement.finish(keyring.to_json().expose())?;
    out.either(|| Object::default().with("fernet", json::truth(true)).node(), FERNET)
}

/// Begins to change a file that is there.
fn begin(file: &Path) -> Result<Replacement> {
    // Without it the failure would be about the lock.
    let there = file.metadata();
    there.map_err(|error| Failure::Io { name: file.display().to_string(), error })?;
    Replacement::begin(file)
}

/// Adds a fresh key under an id that no other has.
fn add(keyring: &mut Keyring) -> Result<KeyId> {
    Ok(keyring.add_fresh(&Entropy::new(random()?))?)
}

/// Somebody has disabled a key for a reason: it may be known to others.
fn require_enabled(keyring: &Keyring, id: KeyId) -> Result {
    let is_disabled = |key: &RootKey| key.id() == id && key.status() == KeyStatus::Disabled;
    if !keyring.keys().any(is_disabled) {
        return Ok(());
    }
    let message = format!("the key {id} is disabled: `--enable` lets it seal and open again");
    Err(Error::new(ErrorKind::InvalidKeyring, message).into())
}

/// The only key whose id begins so.
fn find(keyring: &Keyring, given: &str) -> Result<KeyId> {
    if given.is_empty() {
        let message =
            "a key's id, or the beginning of one, is wanted: every id begins with nothing";
        return Err(Error::new(ErrorKind::InvalidKeyring, message).into());
    }
    let wanted = given.to_ascii_lowercase();
    let begins = |key: &&RootKey| key.id().to_string().starts_with(&wanted);
    let found: Vec<_> = keyring.keys().filter(begins).map(RootKey::id).collect();
    let message = match found[..] {
        [id] => return Ok(id),
        [] => format!("no key's id begins with `{given}`"),
        _ => format!("{} keys' ids begin with `{given}`, more of it is wanted", found.len()),
    };
    Err(Error::new(ErrorKind::InvalidKeyring, message).into())
}

const FERNET: &str = "fernet    decrypt-only";

fn show(keyring: &Keyring, out: &mut Output) -> Result {
    let object = || {
        Object::default()
            .with("keys", Node::array(keyring.keys().map(to_json)))
            .with("fernet", json::truth(keyring.reads_fernet()))
            .node()
    };
    if out.json {
        return out.line(object());
    }
    keyring.keys().try_for_each(|key| out.line(shown(key)))?;
    if keyring.reads_fernet() { out.line(FERNET) } else { Ok(()) }
}

fn print(keyring: &Keyring, id: KeyId, out: &mut Output) -> Result {
    match keyring.keys().find(|key| key.id() == id) {
        Some(key) => out.either(|| to_json(key), shown(key)),
        None => Ok(()),
    }
}

fn shown(key: &RootKey) -> String {
    format!("{}  {:12}  {}", key.id(), key.status().word(), check(key))
}

fn to_json(key: &RootKey) -> Node {
    Object::default()
        .with("id", Node::string(key.id().to_string()))
        .with("status", Node::string(key.status().word()))
        .with("check", Node::string(check(key)))
        .node()
}

/// What tells keys apart without telling what they are.
fn check(key: &RootKey) -> String {
    key.check().iter().map(|byte| format!("{byte:02x}")).collect()
}
