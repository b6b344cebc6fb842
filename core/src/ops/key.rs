//! Commands on keys of any kind: <https://redis.io/docs/latest/commands/?group=generic>.

use super::row;
use crate::{
    call::{Call, Cx, Expire, ExpireCondition},
    command::{Batch, Class},
    error::{Error, ErrorKind, Result},
    key::Key,
    layout::Entry,
    op::{Arg, Decode, Op, Unit},
    ttl::{self, Expiry},
};

/// `DEL`: removes the key.
pub static DELETE: Op = Op::of_keys("delete", &["DEL"], Class::Idempotent, Decode::Bool);
/// `EXISTS`: whether the key is there.
pub static EXISTS: Op = Op::of_keys("exists", &["EXISTS"], Class::Read, Decode::Bool);
/// `EXPIRETIME`: when the key expires, to the second.
pub static EXPIRE_TIME: Op =
    Op::of_keys("expire_time", &["EXPIRETIME"], Class::Read, Decode::Time(Unit::Seconds));
/// `PEXPIRETIME`: when the key expires, to the millisecond.
pub static EXPIRE_TIME_MS: Op =
    Op::of_keys("expire_time_ms", &["PEXPIRETIME"], Class::Read, Decode::Time(Unit::Milliseconds));
/// `MEMORY USAGE`: how many bytes the key takes; `samples` elements of a collection are looked at.
pub static MEMORY_USAGE: Op =
    Op::of_keys("memory_usage", &["MEMORY", "USAGE"], Class::Read, Decode::Size)
        .with(&[Arg::Count { name: "samples", word: "SAMPLES" }]);
/// `PERSIST`: takes the expiry away.
pub static PERSIST: Op = Op::of_keys("persist", &["PERSIST"], Class::Idempotent, Decode::Bool);
/// `TYPE`: what Redis keeps there.
pub static REDIS_TYPE: Op = Op::of_keys("redis_type", &["TYPE"], Class::Read, Decode::Word);
/// `TOUCH`: marks the key as used.
pub static TOUCH: Op = Op::of_keys("touch", &["TOUCH"], Class::Idempotent, Decode::Bool);
/// `TTL`: how many seconds the key has left.
pub static TTL: Op = Op::of_keys("ttl", &["TTL"], Class::Read, Decode::Time(Unit::Seconds));
/// `PTTL`: how many milliseconds the key has left.
pub static TTL_MS: Op =
    Op::of_keys("ttl_ms", &["PTTL"], Class::Read, Decode::Time(Unit::Milliseconds));
/// `UNLINK`: removes the key, its memory being freed later.
pub static UNLINK: Op = Op::of_keys("unlink", &["UNLINK"], Class::Idempotent, Decode::Bool);

/// The operations of every key.
pub(super) static ROWS: &[&Op] = &[
    &DELETE,
    &EXISTS,
    &EXPIRE_TIME,
    &EXPIRE_TIME_MS,
    &MEMORY_USAGE,
    &PERSIST,
    &REDIS_TYPE,
    &TOUCH,
    &TTL,
    &TTL_MS,
    &UNLINK,
];

/// `EXISTS` of one key.
pub(crate) fn exists(key: &Key, batch: &mut Batch) {
    row::write(&EXISTS, &[], key, batch);
}

/// One `UNLINK` of several keys.
pub(crate) fn unlink<'a>(keys: impl Iterator<Item = &'a [u8]>, batch: &mut Batch) {
    keys.fold(batch.command("UNLINK", UNLINK.class), |writer, key| writer.key(key));
}

/// `EXPIRE` or one of its family, as the time and the policy of the entry say.
pub(super) fn write_expire(
    cx: &Cx<'_>,
    entry: &Entry,
    call: &Call,
    expire: &Expire,
    batch: &mut Batch,
) -> Result<()> {
    expire.expiry.check()?;
    let (at, ms) = match expire.expiry {
        Expiry::At(ms) => (true, ms),
        Expiry::In(ms) => (false, ms),
        Expiry::Policy => match cx.lifetime_ms(entry)? {
            Some(ms) => (false, ms),
            None => {
                return Err(Error::new(
                    ErrorKind::InvalidCall,
                    "the layout declares no ttl here: say when the key expires",
                ));
            }
        },
        Expiry::Keep | Expiry::Persist => {
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
