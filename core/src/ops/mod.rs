//! The commands of one call and the reading of their replies. Turns are the plans' business.

pub(crate) mod compare;
pub(crate) mod key;
pub(crate) mod value;

use crate::{
    call::{Call, Cx, Outcome, Target, Verb},
    command::Batch,
    error::{Effect, Error, ErrorKind, Result},
    layout::Entry,
    reply::Reply,
    types::Kind,
};
use alloc::format;

/// Appends the commands of a call.
///
/// # Errors
///
/// A call that cannot be made; the batch then has to be rolled back.
pub(crate) fn write(call: &Call, cx: &Cx<'_>, batch: &mut Batch) -> Result<()> {
    let entry = entry(call, cx)?;
    match &call.verb {
        Verb::Get | Verb::Lookup => value::write_get(entry, call, batch),
        Verb::Raw | Verb::ValueType => value::write_raw(call, batch),
        Verb::Set(set) => value::write_set(cx.layout, entry, call, set, batch)?,
        _ => key::write(entry, call, batch)?,
    }
    Ok(())
}

/// Whether the commands of a call only make sense together.
pub(crate) fn is_atomic(call: &Call, cx: &Cx<'_>) -> bool {
    match (&call.verb, entry(call, cx)) {
        (Verb::Set(set), Ok(entry)) => value::is_atomic(entry, set),
        _ => false,
    }
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
        if let Reply::Error(error) = reply {
            return Err(Error::server(&error.code, &error.detail));
        }
    }
    match &call.verb {
        Verb::Get => value::read_get(cx.layout, entry, take(replies)),
        Verb::Lookup => value::read_lookup(cx.layout, entry, take(replies)),
        Verb::Raw => value::read_raw(take(replies)),
        Verb::ValueType => value::read_type(cx.layout, entry, take(replies)),
        Verb::Set(set) => value::read_set(cx.layout, entry, set, replies),
        _ => key::read(&call.verb, take(replies)),
    }
}

/// The entry of a call, if calls on its kind exist.
pub(crate) fn entry<'a>(call: &Call, cx: &Cx<'a>) -> Result<&'a Entry> {
    let Target::Entry(id) = call.target else {
        return Err(Error::new(
            ErrorKind::InvalidCall,
            format!("`{}` is a call on entries, not on namespaces", call.verb.name()),
        ));
    };
    let entry = cx.layout.entry(id)?;
    if entry.kind != Kind::Value {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("`{}` on the kind `{}` is not built yet", call.verb.name(), entry.kind.name()),
        ));
    }
    Ok(entry)
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
