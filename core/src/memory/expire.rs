//! <https://redis.io/docs/latest/commands/?group=generic>: the commands about expiry.

use super::{
    argument::{c_string, integer, is_word},
    database::Database,
    refusal::{Answer, Refusal},
};
use crate::reply::Reply;

pub(super) fn expire(database: &mut Database, args: &[&[u8]]) -> Answer {
    let now = database.now;
    set_expiry(database, args, "expire", Unit::Seconds, now)
}

pub(super) fn expireat(database: &mut Database, args: &[&[u8]]) -> Answer {
    set_expiry(database, args, "expireat", Unit::Seconds, 0)
}

pub(super) fn expiretime(database: &mut Database, args: &[&[u8]]) -> Answer {
    Ok(expiry_of(database, args[1], Unit::Seconds, 0))
}

pub(super) fn persist(database: &mut Database, args: &[&[u8]]) -> Answer {
    let expires = database.get(args[1]).is_some_and(|entry| entry.expires_at().is_some());
    if expires {
        database.set_expiry(args[1], None);
    }
    Ok(Reply::Int(expires.into()))
}

pub(super) fn pexpire(database: &mut Database, args: &[&[u8]]) -> Answer {
    let now = database.now;
    set_expiry(database, args, "pexpire", Unit::Milliseconds, now)
}

pub(super) fn pexpireat(database: &mut Database, args: &[&[u8]]) -> Answer {
    set_expiry(database, args, "pexpireat", Unit::Milliseconds, 0)
}

pub(super) fn pexpiretime(database: &mut Database, args: &[&[u8]]) -> Answer {
    Ok(expiry_of(database, args[1], Unit::Milliseconds, 0))
}

pub(super) fn pttl(database: &mut Database, args: &[&[u8]]) -> Answer {
    let now = database.now;
    Ok(expiry_of(database, args[1], Unit::Milliseconds, now))
}

pub(super) fn ttl(database: &mut Database, args: &[&[u8]]) -> Answer {
    let now = database.now;
    Ok(expiry_of(database, args[1], Unit::Seconds, now))
}

#[derive(Clone, Copy)]
enum Unit {
    Milliseconds,
    Seconds,
}

/// Sets the expiry to an amount of units after a moment.
fn set_expiry(
    database: &mut Database,
    args: &[&[u8]],
    command: &str,
    unit: Unit,
    since: i64,
) -> Answer {
    let (key, amount) = (args[1], args[2]);
    let conditions = Conditions::parse(&args[3..])?;
    let amount = integer(amount)?;
    let at = match unit {
        Unit::Milliseconds => Some(amount),
        Unit::Seconds => amount.checked_mul(1000),
    };
    let at =
        at.and_then(|ms| ms.checked_add(since)).ok_or_else(|| Refusal::expire_time(command))?;
    let Some(entry) = database.get(key) else { return Ok(Reply::Int(0)) };
    let allowed = conditions.allow(entry.expires_at(), at);
    if allowed {
        database.set_expiry(key, Some(at));
    }
    Ok(Reply::Int(allowed.into()))
}

/// How much later than a moment a key's expiry is; seconds are rounded.
fn expiry_of(database: &mut Database, key: &[u8], unit: Unit, since: i64) -> Reply {
    const MISSING: i64 = -2;
    const NEVER: i64 = -1;
    Reply::Int(match database.get(key).map(|entry| entry.expires_at()) {
        None => MISSING,
        Some(None) => NEVER,
        Some(Some(at)) => {
            let left = at.saturating_sub(since).max(0);
            match unit {
                Unit::Milliseconds => left,
                Unit::Seconds => left / 1000 + i64::from(left % 1000 >= 500),
            }
        }
    })
}

/// What NX, XX, GT and LT ask of the present expiry.
#[derive(Default)]
struct Conditions {
    none: bool,
    some: bool,
    later: bool,
    sooner: bool,
}

impl Conditions {
    fn parse(options: &[&[u8]]) -> Result<Self, Refusal> {
        let mut conditions = Self::default();
        for option in options {
            let condition = match () {
                () if is_word(option, "nx") => &mut conditions.none,
                () if is_word(option, "xx") => &mut conditions.some,
                () if is_word(option, "gt") => &mut conditions.later,
                () if is_word(option, "lt") => &mut conditions.sooner,
                () => return Err(unsupported(option)),
            };
            *condition = true;
        }
        let Self { none, some, later, sooner } = conditions;
        if none && (some || later || sooner) {
            return Err(Refusal::new(
                "ERR NX and XX, GT or LT options at the same time are not compatible",
            ));
        }
        if later && sooner {
            return Err(Refusal::new("ERR GT and LT options at the same time are not compatible"));
        }
        Ok(conditions)
    }

    /// A key without an expiry counts as one that expires later than all others.
    fn allow(&self, present: Option<i64>, next: i64) -> bool {
        match present {
            Some(_) if self.none => false,
            Some(present) if self.later => next > present,
            Some(present) if self.sooner => next < present,
            Some(_) => true,
            None => !self.some && !self.later,
        }
    }
}

fn unsupported(option: &[u8]) -> Refusal {
    let mut line = b"ERR Unsupported option ".to_vec();
    line.extend_from_slice(c_string(option));
    // The server drops line ends at the end of this text instead of turning them into spaces.
    while line.last().is_some_and(|b| matches!(b, b'\r' | b'\n')) {
        line.pop();
    }
    Refusal::quoting(&line)
}
