//! Commands on values in one Redis string: <https://redis.io/docs/latest/commands/?group=string>.

use alloc::{string::ToString, vec::Vec};

use super::unexpected;
use crate::{
    call::{Call, Condition, Cx, Outcome, Set},
    command::{Batch, Class, CommandWriter, Role},
    error::{Effect, Error, Result},
    key::Key,
    layout::{Codec, Entry},
    limits,
    reply::Reply,
    ttl::{self, Expiry, Renew},
    types::Kind,
    value::{self, Payload},
};

/// `GET`, or `GETEX` where reading renews the expiry.
pub(crate) fn write_get(cx: &Cx<'_>, entry: &Entry, call: &Call, batch: &mut Batch) -> Result<()> {
    let renewed = if entry.renew == Renew::Access { cx.lifetime_ms(entry)? } else { None };
    match renewed {
        Some(ms) => {
            let writer = batch.command("GETEX", Class::Idempotent).key(call.key.as_bytes());
            hide(entry, ttl::write_option(writer, false, ms));
        }
        None => write_raw(entry, call, batch),
    }
    Ok(())
}

pub(crate) fn write_raw(entry: &Entry, call: &Call, batch: &mut Batch) {
    hide(entry, batch.command("GET", Class::Read).key(call.key.as_bytes()));
}

/// What a secret is stored as is nobody's business either.
fn hide(entry: &Entry, writer: CommandWriter<'_>) {
    if entry.kind != Kind::Value {
        writer.hide_reply();
    }
}

/// What a `SET` does about the expiry.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Policy {
    /// Sets it.
    Fixed { at: bool, ms: u64 },
    /// Leaves it alone.
    Keep,
    /// Removes it.
    None,
    /// Sets it when the key is created, leaves it alone otherwise.
    OnCreation { ms: u64 },
}

pub(crate) fn policy(
    cx: &Cx<'_>,
    entry: &Entry,
    expiry: Expiry,
    condition: Condition,
) -> Result<Policy> {
    Ok(match expiry {
        Expiry::At(ms) => Policy::Fixed { at: true, ms },
        Expiry::In(ms) => Policy::Fixed { at: false, ms },
        Expiry::Keep => Policy::Keep,
        Expiry::Persist => Policy::None,
        Expiry::Policy => match (cx.lifetime_ms(entry)?, entry.renew, condition) {
            (None, _, _) => Policy::None,
            (Some(ms), Renew::Access | Renew::Write, _) | (Some(ms), _, Condition::IfMissing) => {
                Policy::Fixed { at: false, ms }
            }
            (Some(_), Renew::Never, Condition::IfExists) => Policy::Keep,
            (Some(ms), Renew::Never, Condition::Always) => Policy::OnCreation { ms },
        },
    })
}

/// Setting the expiry on creation only takes two commands.
pub(super) fn is_atomic(entry: &Entry, expiry: Expiry, condition: Condition) -> bool {
    (expiry, condition, entry.renew) == (Expiry::Policy, Condition::Always, Renew::Never)
        && entry.lifetime_ms().is_some()
}

pub(super) fn write_set(
    cx: &Cx<'_>,
    entry: &Entry,
    call: &Call,
    set: &Set,
    batch: &mut Batch,
) -> Result<()> {
    let Set { expiry, condition, previous, .. } = *set;
    let payload = value::fit(&set.value, &entry.ty, &entry.constraints, cx.layout.records())?;
    let store = Store { expiry, condition, previous, role: Role::Plain };
    store.write(cx, entry, &call.key, batch, |out| encode(cx, entry, &payload, out))
}

/// Storing some bytes under a key.
pub(super) struct Store {
    pub(super) expiry: Expiry,
    pub(super) condition: Condition,
    pub(super) previous: bool,
    /// What the bytes are to logs.
    pub(super) role: Role,
}

impl Store {
    /// `SET` with the options that follow from the entry and the call.
    pub(super) fn write(
        &self,
        cx: &Cx<'_>,
        entry: &Entry,
        key: &Key,
        batch: &mut Batch,
        encode: impl FnOnce(&mut Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        self.expiry.check_of_value()?;
        let policy = policy(cx, entry, self.expiry, self.condition)?;
        if let Policy::OnCreation { ms } = policy {
            // An empty value holds the place with its expiry until the next command of the group.
            let writer = batch.command("SET", Class::Idempotent).key(key.as_bytes()).arg(b"");
            ttl::write_option(writer, false, ms).arg(b"NX");
        }
        let class = match (self.condition, self.previous) {
            (Condition::Always, false) => Class::Idempotent,
            _ => Class::Other,
        };
        let writer =
            batch.command("SET", class).key(key.as_bytes()).try_arg_with(self.role, encode)?;
        let writer = match policy {
            Policy::Fixed { at, ms } => ttl::write_option(writer, at, ms),
            Policy::Keep | Policy::OnCreation { .. } => writer.arg(b"KEEPTTL"),
            Policy::None => writer,
        };
        let writer = match (&policy, self.condition) {
            (Policy::OnCreation { .. }, _) | (_, Condition::IfExists) => writer.arg(b"XX"),
            (_, Condition::IfMissing) => writer.arg(b"NX"),
            (_, Condition::Always) => writer,
        };
        if self.previous {
            writer.arg(b"GET");
        }
        Ok(())
    }
}

pub(super) fn read_get(cx: &Cx<'_>, entry: &Entry, reply: Reply) -> Result<Outcome> {
    match (read_lookup(cx, entry, reply)?, &entry.default) {
        (Outcome::Missing, Some(default)) => Ok(Outcome::Value(default.clone())),
        (outcome, _) => Ok(outcome),
    }
}

pub(crate) fn read_lookup(cx: &Cx<'_>, entry: &Entry, reply: Reply) -> Result<Outcome> {
    match reply {
        Reply::Bulk(bytes) => Ok(Outcome::Value(open(cx, entry, &bytes)?)),
        Reply::Nil => Ok(Outcome::Missing),
        other => Err(unexpected("a bulk string", &other)),
    }
}

/// Appends what a value is stored as.
pub(crate) fn encode(
    cx: &Cx<'_>,
    entry: &Entry,
    payload: &Payload,
    out: &mut Vec<u8>,
) -> Result<()> {
    let room = payload.as_tape().len();
    limits::check(room, cx.most_given(entry))?;
    bounded(cx, entry, room, out, |out| match entry.codec {
        Codec::Bare => value::bare::write(payload, &entry.ty, cx.layout.records(), out),
        Codec::Envelope => value::envelope::write(payload, out),
    })
}

/// Appends something stored, within the limits of its entry and of its turn; `room` is about what
/// it takes.
pub(super) fn bounded(
    cx: &Cx<'_>,
    entry: &Entry,
    room: usize,
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<()>,
) -> Result<()> {
    let start = out.len();
    // Of small ones many stand behind each other: their room grows by itself.
    limits::probe((out.len() + room).saturating_mul(2))?;
    if room > LARGE {
        out.reserve_exact(room + LARGE);
    }
    write(out)?;
    limits::check(out.len() - start, cx.most(entry))?;
    if out.len() > cx.limits.turn {
        return Err(limits::turn_too_large(cx.limits.turn));
    }
    Ok(())
}

const LARGE: usize = 64 * 1024;

/// The stored bytes as a payload of the declared type.
pub(crate) fn open(cx: &Cx<'_>, entry: &Entry, bytes: &[u8]) -> Result<Payload> {
    let payload = decode(cx, entry, bytes)?;
    value::check(&payload, &entry.ty, cx.layout.records()).map_err(unusable)?;
    Ok(payload)
}

fn decode(cx: &Cx<'_>, entry: &Entry, bytes: &[u8]) -> Result<Payload> {
    limits::check(bytes.len(), cx.most(entry))
        .and_then(|()| limits::probe(bytes.len().saturating_mul(2)))
        .map_err(unusable)?;
    let payload = match entry.codec {
        Codec::Bare => value::bare::read(bytes, &entry.ty, cx.layout.records()),
        Codec::Envelope => value::envelope::read(bytes),
    };
    payload.map_err(unusable)
}

/// The command was carried out; only its answer is of no use.
#[cold]
fn unusable(error: Error) -> Error {
    error.effect(Effect::Rejected)
}

pub(super) fn read_raw(reply: Reply) -> Result<Outcome> {
    match reply {
        Reply::Bulk(bytes) => Ok(Outcome::Bytes(bytes)),
        Reply::Nil => Ok(Outcome::Missing),
        other => Err(unexpected("a bulk string", &other)),
    }
}

/// The type that the stored bytes carry, whatever the entry declares; bare text carries none but
/// the declared one.
pub(super) fn read_type(cx: &Cx<'_>, entry: &Entry, reply: Reply) -> Result<Outcome> {
    let Outcome::Bytes(bytes) = read_raw(reply)? else { return Ok(Outcome::Missing) };
    let payload = decode(cx, entry, &bytes)?;
    Ok(Outcome::Text(payload.type_name().to_string()))
}

/// Reads the replies to a [`Store`]; `previous` reads what stood there before.
pub(super) fn read_set(
    cx: &Cx<'_>,
    entry: &Entry,
    set: &Set,
    replies: &mut [Reply],
) -> Result<Outcome> {
    let (created, reply) = last(replies)?;
    if !set.previous {
        return read_stored(reply);
    }
    // What a created key held before is the empty value of its own group.
    if created {
        return Ok(Outcome::Missing);
    }
    read_lookup(cx, entry, reply).map_err(|error| match set.condition {
        // Something stood there, so nothing was stored.
        Condition::IfMissing => error,
        _ => stored(error),
    })
}

/// What stood there before cannot be read, which the new value has replaced.
#[cold]
pub(super) fn stored(error: Error) -> Error {
    error.noted("the new value is stored").effect(Effect::Partial)
}

/// Whether something was stored.
pub(super) fn read_store(replies: &mut [Reply]) -> Result<Outcome> {
    read_stored(last(replies)?.1)
}

/// Whether the first of two commands created the key, and what the last one was answered.
fn last(replies: &mut [Reply]) -> Result<(bool, Reply)> {
    match replies {
        [reply] => Ok((false, core::mem::take(reply))),
        [placed, reply] => Ok((matches!(placed, Reply::Status(_)), core::mem::take(reply))),
        _ => Err(unexpected("one reply to each command", &Reply::Nil)),
    }
}

fn read_stored(reply: Reply) -> Result<Outcome> {
    match reply {
        Reply::Status(_) => Ok(Outcome::Bool(true)),
        Reply::Nil => Ok(Outcome::Bool(false)),
        other => Err(unexpected("a status", &other)),
    }
}
