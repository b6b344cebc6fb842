//! Commands on keys of any kind: <https://redis.io/docs/latest/commands/?group=generic>.

use super::unexpected;
use crate::{
    call::{Call, Expire, ExpireCondition, Outcome, Unit, Verb},
    command::{Batch, Class},
    error::{Error, ErrorKind, Result},
    key::Key,
    layout::Entry,
    reply::Reply,
    ttl::{self, Expiry, Ttl},
};

/// `EXISTS` of one key.
pub(crate) fn exists(key: &Key, batch: &mut Batch) {
    batch.command("EXISTS", Class::Read).key(key.as_bytes());
}

/// One `UNLINK` of several keys.
pub(crate) fn unlink<'a>(keys: impl Iterator<Item = &'a [u8]>, batch: &mut Batch) {
    keys.fold(batch.command("UNLINK", Class::Idempotent), |writer, key| writer.key(key));
}

pub(super) fn write(entry: &Entry, call: &Call, batch: &mut Batch) -> Result<()> {
    let (name, class) = match &call.verb {
        Verb::Expire(expire) => return write_expire(entry, call, expire, batch),
        Verb::Delete => ("DEL", Class::Idempotent),
        Verb::Exists => ("EXISTS", Class::Read),
        Verb::ExpireTime(Unit::Milliseconds) => ("PEXPIRETIME", Class::Read),
        Verb::ExpireTime(Unit::Seconds) => ("EXPIRETIME", Class::Read),
        Verb::MemoryUsage { samples } => {
            write_memory_usage(call, *samples, batch);
            return Ok(());
        }
        Verb::Persist => ("PERSIST", Class::Idempotent),
        Verb::RedisType => ("TYPE", Class::Read),
        Verb::Touch => ("TOUCH", Class::Idempotent),
        Verb::Ttl(Unit::Milliseconds) => ("PTTL", Class::Read),
        Verb::Ttl(Unit::Seconds) => ("TTL", Class::Read),
        Verb::Unlink => ("UNLINK", Class::Idempotent),
        other => {
            return Err(Error::new(
                ErrorKind::InvalidCall,
                alloc::format!("`{}` is no call on an entry", other.name()),
            ));
        }
    };
    batch.command(name, class).key(call.key.as_bytes());
    Ok(())
}

fn write_memory_usage(call: &Call, samples: Option<u32>, batch: &mut Batch) {
    let writer = batch.command("MEMORY", Class::Read).arg(b"USAGE").key(call.key.as_bytes());
    if let Some(samples) = samples {
        writer.arg(b"SAMPLES").int(samples.into());
    }
}

fn write_expire(entry: &Entry, call: &Call, expire: &Expire, batch: &mut Batch) -> Result<()> {
    expire.expiry.check()?;
    let (at, ms) = match (expire.expiry, entry.ttl) {
        (Expiry::At(ms), _) => (true, ms),
        (Expiry::In(ms), _) | (Expiry::Policy, Some(Ttl::For(ms))) => (false, ms),
        (Expiry::Policy, _) => {
            return Err(Error::new(
                ErrorKind::InvalidCall,
                "the layout declares no ttl here: say when the key expires",
            ));
        }
        (Expiry::Keep | Expiry::Persist, _) => {
            return Err(Error::new(ErrorKind::InvalidCall, "expire wants a time: see `persist`"));
        }
    };
    let (whole, number) = ttl::in_units(ms);
    let name = match (at, whole) {
        (false, true) => "EXPIRE",
        (false, false) => "PEXPIRE",
        (true, true) => "EXPIREAT",
        (true, false) => "PEXPIREAT",
    };
    let class = match expire.condition {
        ExpireCondition::Always => Class::Idempotent,
        _ => Class::Other,
    };
    let writer = batch.command(name, class).key(call.key.as_bytes()).int(number);
    let condition: &[u8] = match expire.condition {
        ExpireCondition::Always => return Ok(()),
        ExpireCondition::Gt => b"GT",
        ExpireCondition::Lt => b"LT",
        ExpireCondition::Nx => b"NX",
        ExpireCondition::Xx => b"XX",
    };
    writer.arg(condition);
    Ok(())
}

pub(super) fn read(verb: &Verb, reply: Reply) -> Result<Outcome> {
    match (verb, reply) {
        (Verb::ExpireTime(unit) | Verb::Ttl(unit), Reply::Int(time)) => Ok(read_time(*unit, time)),
        (Verb::MemoryUsage { .. }, Reply::Int(bytes)) => Ok(Outcome::Int(bytes)),
        (Verb::MemoryUsage { .. }, Reply::Nil) => Ok(Outcome::Missing),
        (Verb::RedisType, Reply::Status(name)) => Ok(match &name[..] {
            "none" => Outcome::Missing,
            _ => Outcome::Text(name),
        }),
        (Verb::RedisType, other) => Err(unexpected("a status", &other)),
        (_, Reply::Int(count)) => Ok(Outcome::Bool(count > 0)),
        (_, other) => Err(unexpected("an integer", &other)),
    }
}

/// -2 is a missing key and -1 one without expiry, in `TTL` and its family.
fn read_time(unit: Unit, time: i64) -> Outcome {
    match u64::try_from(time) {
        Ok(time) => Outcome::Time(match unit {
            Unit::Milliseconds => time,
            Unit::Seconds => time.saturating_mul(1_000),
        }),
        Err(_) if time == -1 => Outcome::Persistent,
        Err(_) => Outcome::Missing,
    }
}
