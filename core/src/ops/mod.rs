//! The commands of one call and the reading of their replies. Turns are the plans' business.
//!
//! What decides nothing is a row of a table: an [`Op`]. Adding one touches its row here, a method in
//! each language's face, and a transcript.

pub(crate) mod compare;
pub mod key;
mod row;
pub(crate) mod secret;
pub(crate) mod value;

use crate::{
    call::{Call, Condition, Cx, Outcome, Target, Verb},
    command::Batch,
    error::{Effect, Error, ErrorKind, Result, TOO_LARGE},
    layout::Entry,
    limits,
    op::{Decode, Op},
    reply::{Reply, ServerError},
    types::Kind,
};
use alloc::format;

/// Every row, in the order of their numbers in frames.
pub fn rows() -> impl Iterator<Item = &'static Op> {
    TABLES.iter().flat_map(|table| table.iter().copied())
}

static TABLES: &[&[&Op]] = &[key::ROWS];

/// The row of that name: that of a kind, or else any, which the kind then refuses.
pub(crate) fn row(name: &str, kind: Option<Kind>) -> Option<&'static Op> {
    let named = || rows().filter(|row| row.name == name);
    let own = kind.and_then(|kind| named().find(|row| row.is_of(kind)));
    own.or_else(|| named().next())
}

/// Appends the commands of a call.
///
/// # Errors
///
/// A call that cannot be made; the batch then has to be rolled back.
pub(crate) fn write(call: &Call, cx: &Cx<'_>, batch: &mut Batch) -> Result<()> {
    let entry = entry(call, cx)?;
    match &call.verb {
        Verb::Expire(expire) => key::write_expire(cx, entry, call, expire, batch)?,
        Verb::Get | Verb::Lookup | Verb::Reveal => value::write_get(cx, entry, call, batch)?,
        Verb::KeyId => secret::write_head(call.key.as_bytes(), batch),
        Verb::Op { row, args } => row::write(row, args, &call.key, batch),
        Verb::Raw | Verb::ValueType => value::write_raw(entry, call, batch),
        Verb::Seal(seal) => secret::write_set(cx, entry, call, seal, batch)?,
        Verb::Set(set) => value::write_set(cx, entry, call, set, batch)?,
        Verb::SetPassword(set) => secret::write_set_password(cx, entry, call, set, batch)?,
        other => return Err(several_turns(other)),
    }
    Ok(())
}

/// Whether the commands of a call only make sense together.
pub(crate) fn is_atomic(call: &Call, cx: &Cx<'_>) -> bool {
    let (expiry, condition) = match &call.verb {
        Verb::Seal(seal) => (seal.expiry, seal.condition),
        Verb::Set(set) => (set.expiry, set.condition),
        Verb::SetPassword(set) => (set.expiry, set.condition),
        _ => return false,
    };
    entry(call, cx).is_ok_and(|entry| value::is_atomic(entry, expiry, condition))
}

/// Reads the replies to the commands of a call.
///
/// # Errors
///
/// An error reply, a reply that the command never gives, a stored value of another type.
pub(crate) fn read(call: &Call, cx: &Cx<'_>, replies: &mut [Reply]) -> Result<Outcome> {
    let outcome = outcome(call, cx, replies);
    // Whatever is wrong with replies, something was sent.
    outcome.map_err(|error| match error.outcome() {
        Effect::NotSent => error.effect(Effect::Rejected),
        _ => error,
    })
}

fn outcome(call: &Call, cx: &Cx<'_>, replies: &mut [Reply]) -> Result<Outcome> {
    let entry = entry(call, cx)?;
    for reply in replies.iter() {
        match reply {
            Reply::Error(error) => return Err(refusal(call, error)),
            Reply::Bulk(bytes) if entry.kind == Kind::Secret || call.verb == Verb::Raw => {
                limits::check(bytes.len(), cx.most(entry))?;
            }
            _ => {}
        }
    }
    let is_secret = entry.kind == Kind::Secret;
    match &call.verb {
        Verb::Get | Verb::Lookup if is_secret => secret::read(cx, entry, call, take(replies)),
        Verb::Get => value::read_get(cx, entry, take(replies)),
        Verb::KeyId => {
            Ok(secret::read_head(take(replies))?.map_or(Outcome::Missing, Outcome::Form))
        }
        Verb::Lookup => value::read_lookup(cx, entry, take(replies)),
        Verb::Raw => value::read_raw(take(replies)),
        Verb::Reveal => match value::read_raw(take(replies))? {
            Outcome::Bytes(stored) => {
                let hash = secret::read_hash(&stored)?;
                Ok(hash.map_or(Outcome::Missing, |hash| Outcome::Secret(Some(hash))))
            }
            other => Ok(other),
        },
        Verb::Seal(_) | Verb::SetPassword(_) => value::read_store(replies),
        Verb::Set(set) => value::read_set(cx, entry, set, replies),
        Verb::ValueType if is_secret => secret::read_type(cx, entry, call, take(replies)),
        Verb::ValueType => value::read_type(cx, entry, take(replies)),
        Verb::Expire(_) => row::read(Decode::Bool, take(replies)),
        Verb::Op { row, .. } => row::read(row.reply, take(replies)),
        other => Err(several_turns(other)),
    }
}

/// A plan of its own steps such a call.
#[cold]
fn several_turns(verb: &Verb) -> Error {
    Error::new(ErrorKind::Internal, format!("`{}` takes more than one turn", verb.name()))
}

/// The error reply to a command of a call.
#[cold]
pub(crate) fn refusal(call: &Call, error: &ServerError) -> Error {
    if error.code == TOO_LARGE {
        let error = Error::server(&error.code, &error.detail);
        return match &call.verb {
            // It is what stood there before that cannot be read.
            Verb::Set(set) if set.condition != Condition::IfMissing => value::stored(error),
            _ => error,
        };
    }
    match &call.verb {
        Verb::KeyId | Verb::Rebind(_) | Verb::Seal(_) | Verb::SetPassword(_) | Verb::Verify(_) => {
            Error::server_unquoted(&error.code)
        }
        _ => Error::server(&error.code, &error.detail),
    }
}

/// The entry of a call, if its kind has that call.
pub(crate) fn entry<'a>(call: &Call, cx: &Cx<'a>) -> Result<&'a Entry> {
    let name = call.verb.name();
    let Target::Entry(id) = call.target else {
        let message = format!("`{name}` is a call on entries, not on namespaces");
        return Err(Error::new(ErrorKind::InvalidCall, message));
    };
    let entry = cx.layout.entry(id)?;
    if has(entry.kind, &call.verb) {
        return Ok(entry);
    }
    let kind = entry.kind.name();
    Err(match (entry.kind, &call.verb) {
        (Kind::Password, Verb::Get | Verb::Lookup | Verb::Raw | Verb::ValueType) => Error::new(
            ErrorKind::InvalidCall,
            "a password is verified, not read: see `verify`, and `reveal` for its hash",
        ),
        (Kind::Password | Kind::Secret, Verb::Set(_)) => Error::new(
            ErrorKind::InvalidCall,
            format!("a {kind} is stored by a `set` of its own, not as a value"),
        ),
        (Kind::Password | Kind::Secret | Kind::Value, _) => {
            Error::new(ErrorKind::InvalidCall, format!("a {kind} has no call `{name}`"))
        }
        _ => Error::new(
            ErrorKind::Unsupported,
            format!("`{name}` on the kind `{kind}` is not built yet"),
        ),
    })
}

/// Which kinds have which calls.
fn has(kind: Kind, verb: &Verb) -> bool {
    match verb {
        Verb::Clear { .. } | Verb::Count | Verb::Keys | Verb::Rotate | Verb::Strays => false,
        Verb::Get | Verb::Lookup | Verb::Raw | Verb::ValueType => {
            matches!(kind, Kind::Secret | Kind::Value)
        }
        Verb::GetOrSet(_) | Verb::Set(_) | Verb::Update(_) => kind == Kind::Value,
        Verb::KeyId | Verb::Rebind(_) | Verb::Seal(_) => kind == Kind::Secret,
        Verb::Reveal | Verb::SetPassword(_) | Verb::Verify(_) => kind == Kind::Password,
        // A channel is no key.
        Verb::Expire(_) => kind != Kind::Channel,
        Verb::Op { row, .. } => row.is_of(kind),
    }
}

fn take(replies: &mut [Reply]) -> Reply {
    replies.first_mut().map(core::mem::take).unwrap_or_default()
}

/// A reply that the command never gives.
#[cold]
pub(crate) fn unexpected(wanted: &str, reply: &Reply) -> Error {
    Error::new(
        ErrorKind::UnexpectedReply,
        format!("the server answered {} instead of {wanted}", reply.name()),
    )
    .effect(Effect::Ambiguous)
}
