//! Secrets and password hashes: one Redis string each, whose bytes no log may show.

use alloc::vec::Vec;

use super::{
    unexpected,
    value::{Store, bounded, read_raw},
};
use crate::{
    call::{Call, Cx, Outcome, Password, Seal, SetPassword},
    command::{Batch, Class, Role},
    error::{Effect, Error, ErrorKind, Result},
    layout::Entry,
    limits,
    reply::Reply,
    types::Shape,
    value::{
        self, Form, Keyring, Payload, Plaintext, View,
        legacy::{self, Found},
    },
};

/// `SET` of a plaintext sealed for its key, or of a null.
pub(super) fn write_set(
    cx: &Cx<'_>,
    entry: &Entry,
    call: &Call,
    seal: &Seal,
    batch: &mut Batch,
) -> Result<()> {
    admit(entry, seal.value.as_ref())?;
    store(seal.expiry, seal.condition).write(cx, entry, &call.key, batch, |out| {
        encode(cx, entry, call.key.as_bytes(), seal.value.as_ref(), out)
    })
}

/// `SET` of a hash.
///
/// # Errors
///
/// A password that is not hashed yet, and what is no hash.
pub(super) fn write_set_password(
    cx: &Cx<'_>,
    entry: &Entry,
    call: &Call,
    set: &SetPassword,
    batch: &mut Batch,
) -> Result<()> {
    let Password::Hashed(hash) = &set.password else {
        return Err(Error::new(ErrorKind::Internal, "a password that nobody hashed"));
    };
    value::password::check_hash(hash.expose())?;
    let write = |out: &mut Vec<u8>| write_hash(hash.expose(), out);
    store(set.expiry, set.condition).write(cx, entry, &call.key, batch, write)
}

fn store(expiry: crate::ttl::Expiry, condition: crate::call::Condition) -> Store {
    Store { expiry, condition, previous: false, role: Role::Secret }
}

/// `GETRANGE` of what tells the key: a secret itself need not travel for that.
pub(crate) fn write_head(key: &[u8], batch: &mut Batch) {
    batch.command("GETRANGE", Class::Read).key(key).int(0).int(value::HEAD as i64 - 1).hide_reply();
}

/// What those characters tell. A missing key and an empty one are the same.
pub(crate) fn read_head(reply: Reply) -> Result<Option<Form>> {
    match read_raw(reply)? {
        Outcome::Bytes(head) if !head.is_empty() => value::form(&head).map(Some),
        _ => Ok(None),
    }
}

/// What a secret is stored as: sealed, or the envelope of a null.
pub(crate) fn encode(
    cx: &Cx<'_>,
    entry: &Entry,
    key: &[u8],
    plaintext: Option<&Plaintext>,
    out: &mut Vec<u8>,
) -> Result<()> {
    let room = plaintext.map_or(0, |plaintext| plaintext.expose().len());
    limits::check(room, cx.most(entry))?;
    bounded(cx, entry, room, out, |out| match plaintext {
        Some(plaintext) => {
            value::seal(cx.keyring()?, cx.entropy()?, key, b"", plaintext.expose(), out)
        }
        None => value::envelope::write(&Payload::null(), out),
    })
}

/// What the hash of a password is stored as: the envelope of a text, as redisimnest has it.
pub(crate) fn write_hash(hash: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let hash = core::str::from_utf8(hash).unwrap_or_default();
    value::envelope::write(&Payload::string(hash)?, out)
}

/// Holds a plaintext against the type and the constraints of its entry.
fn admit(entry: &Entry, plaintext: Option<&Plaintext>) -> Result<()> {
    let view = match (plaintext, &entry.ty.shape) {
        (None, _) => View::Null,
        (Some(bytes), Shape::Bytes) => View::Bytes(bytes.expose()),
        (Some(text), _) => match core::str::from_utf8(text.expose()) {
            Ok(text) => View::String(text),
            Err(_) => {
                let message = "wanted a text, got bytes that are not UTF-8";
                return Err(Error::new(ErrorKind::InvalidValue, message));
            }
        },
    };
    value::admit(view, &entry.ty, &entry.constraints)
}

/// What a stored secret holds; null is `None`.
///
/// # Errors
///
/// Fails closed: whatever is not sealed for this key with a known, enabled key, or a null, or what the
/// entry's `legacy` reads besides.
pub(crate) fn open(
    cx: &Cx<'_>,
    entry: &Entry,
    key: &[u8],
    stored: &[u8],
) -> Result<Option<Plaintext>> {
    let plaintext = match value::form(stored)? {
        Form::Sealed(_) => Some(value::open(cx.keyring()?, key, b"", stored)?),
        Form::Fernet | Form::Null | Form::Plain => open_legacy(cx, entry, stored)?,
    };
    let is_text = |text: &Plaintext| core::str::from_utf8(text.expose()).is_ok();
    match &plaintext {
        None if !entry.ty.nullable => mismatch("null"),
        Some(text) if entry.ty.shape == Shape::String && !is_text(text) => mismatch("bytes"),
        _ => Ok(plaintext),
    }
}

fn open_legacy(cx: &Cx<'_>, entry: &Entry, stored: &[u8]) -> Result<Option<Plaintext>> {
    let (kind, message) = match legacy::read(stored)? {
        Found::Null => return Ok(None),
        Found::Fernet(token) if entry.legacy.fernet => {
            return value::fernet::open(legacy_keyring(cx)?, token.expose()).map(Some);
        }
        Found::Plain(text) if entry.legacy.plaintext => return Ok(Some(text)),
        Found::Fernet(_) => (
            ErrorKind::MalformedSecret,
            "a secret that redisimnest encrypted, which its entry reads with `legacy = \"fernet\"` alone",
        ),
        Found::Plain(_) => (ErrorKind::NotEncrypted, "a stored value that is not encrypted"),
    };
    Err(Error::new(kind, message))
}

fn mismatch<T>(found: &str) -> Result<T> {
    let message = alloc::format!("wanted a text, found a secret that holds {found}");
    Err(Error::new(ErrorKind::TypeMismatch, message))
}

fn legacy_keyring<'a>(cx: &Cx<'a>) -> Result<&'a Keyring> {
    cx.keyring.filter(|keyring| keyring.reads_fernet()).ok_or_else(|| {
        let message = "a secret that redisimnest encrypted, and no Fernet key: set MY_ENCRYPTION_KEY, \
            or put it into the keyring";
        Error::new(ErrorKind::NoKeyring, message)
    })
}

/// Reads a secret.
pub(super) fn read(cx: &Cx<'_>, entry: &Entry, call: &Call, reply: Reply) -> Result<Outcome> {
    match reply {
        Reply::Bulk(stored) => open(cx, entry, call.key.as_bytes(), &stored).map(Outcome::Secret),
        Reply::Nil => Ok(Outcome::Missing),
        other => Err(unexpected("a bulk string", &other)),
    }
}

/// Reads the type of what a secret holds.
pub(super) fn read_type(cx: &Cx<'_>, entry: &Entry, call: &Call, reply: Reply) -> Result<Outcome> {
    Ok(match read(cx, entry, call, reply)? {
        Outcome::Secret(None) => Outcome::Text("null".into()),
        Outcome::Secret(Some(_)) if entry.ty.shape == Shape::Bytes => Outcome::Text("bytes".into()),
        Outcome::Secret(Some(_)) => Outcome::Text("string".into()),
        other => other,
    })
}

/// Reads the hash of a password; a stored null is none.
pub(crate) fn read_hash(stored: &[u8]) -> Result<Option<Plaintext>> {
    let malformed = || {
        let message = "a stored password that is no text in an envelope";
        Error::new(ErrorKind::MalformedHash, message).effect(Effect::Rejected)
    };
    let payload = value::envelope::read(stored).map_err(|_| malformed())?;
    match payload.view() {
        View::Null => Ok(None),
        View::String(hash) => {
            value::password::check_hash(hash.as_bytes())?;
            Ok(Some(hash.into()))
        }
        _ => Err(malformed()),
    }
}
