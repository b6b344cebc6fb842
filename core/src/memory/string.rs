//! <https://redis.io/docs/latest/commands/?group=string>

use alloc::vec::Vec;

use super::{
    argument::{integer, is_word},
    database::{Database, Expiry},
    refusal::{Answer, Refusal},
    table::Value,
};
use crate::{limits, reply::Reply};

pub(super) fn get(database: &mut Database, args: &[&[u8]]) -> Answer {
    Ok(value_of(database, args[1]))
}

pub(super) fn getdel(database: &mut Database, args: &[&[u8]]) -> Answer {
    let value = value_of(database, args[1]);
    if !matches!(value, Reply::Error(_)) {
        database.remove(args[1]);
    }
    Ok(value)
}

pub(super) fn getex(database: &mut Database, args: &[&[u8]]) -> Answer {
    let options = Options::parse(Family::Getex, &args[2..])?;
    let value = value_of(database, args[1]);
    if value == Reply::Nil {
        return Ok(value);
    }
    match options.lifetime {
        Lifetime::Keep | Lifetime::Unsaid => {}
        Lifetime::Persist => {
            if database.get(args[1]).is_some_and(|entry| entry.expires_at().is_some()) {
                database.set_expiry(args[1], None);
            }
        }
        Lifetime::Until(word, amount) => {
            let at = word.moment(amount, database.now, "getex")?;
            database.set_expiry(args[1], Some(at));
        }
    }
    Ok(value)
}

pub(super) fn getrange(database: &mut Database, args: &[&[u8]]) -> Answer {
    let (start, end) = (integer(args[2])?, integer(args[3])?);
    let Some(entry) = database.get(args[1]) else { return Ok(Reply::Bulk(Vec::new())) };
    let Value::String(string) = &entry.value;
    let length = string.len() as i64;
    // Negative ones count from the end; both are moved into the string before they are compared.
    let from_end = |index: i64| if index < 0 { length.saturating_add(index).max(0) } else { index };
    let reversed = start < 0 && end < 0 && start > end;
    let (first, last) = (from_end(start), from_end(end).min(length - 1));
    let part = usize::try_from(first).ok().zip(usize::try_from(last).ok());
    let part = part.filter(|_| !reversed).and_then(|(first, last)| string.get(first..=last));
    Ok(Reply::Bulk(part.unwrap_or_default().into()))
}

pub(super) fn set(database: &mut Database, args: &[&[u8]]) -> Answer {
    let (key, value) = (args[1], args[2]);
    let options = Options::parse(Family::Set, &args[3..])?;
    let expiry = match options.lifetime {
        Lifetime::Keep => Expiry::Keep,
        Lifetime::Persist | Lifetime::Unsaid => Expiry::Never,
        Lifetime::Until(word, amount) => Expiry::At(word.moment(amount, database.now, "set")?),
    };
    let previous = if options.get { value_of(database, key) } else { Reply::Nil };
    let allowed = match options.existence {
        Existence::Any => true,
        Existence::Missing => !database.contains(key),
        Existence::Present => database.contains(key),
    };
    if allowed {
        database.set(key, value, expiry)?;
    }
    Ok(if allowed && !options.get { Reply::ok() } else { previous })
}

pub(super) fn strlen(database: &mut Database, args: &[&[u8]]) -> Answer {
    Ok(Reply::Int(database.get(args[1]).map_or(0, |entry| {
        let Value::String(string) = &entry.value;
        string.len() as i64
    })))
}

fn value_of(database: &mut Database, key: &[u8]) -> Reply {
    let mut budget = database.budget;
    let Some(entry) = database.get(key) else { return Reply::Nil };
    let Value::String(string) = &entry.value;
    let taken = budget.take(string.len());
    let reply = match taken {
        Ok(()) => copied(string),
        Err(instead) => instead,
    };
    database.budget = budget;
    reply
}

fn copied(string: &[u8]) -> Reply {
    let mut copy = Vec::new();
    if copy.try_reserve_exact(string.len()).is_err() {
        return limits::no_memory(string.len());
    }
    copy.extend_from_slice(string);
    Reply::Bulk(copy)
}

/// The options that SET and GETEX share.
struct Options<'a> {
    existence: Existence,
    get: bool,
    lifetime: Lifetime<'a>,
}

#[derive(Clone, Copy, PartialEq)]
enum Family {
    Getex,
    Set,
}

#[derive(Clone, Copy, PartialEq)]
enum Existence {
    Any,
    Missing,
    Present,
}

#[derive(Clone, Copy, PartialEq)]
enum Lifetime<'a> {
    Keep,
    Persist,
    Unsaid,
    Until(Word, &'a [u8]),
}

#[derive(Clone, Copy, PartialEq)]
enum Word {
    Ex,
    ExAt,
    Px,
    PxAt,
}

impl<'a> Options<'a> {
    /// Reads the options; any of them may stand twice, the last amount counts.
    fn parse(family: Family, mut args: &[&'a [u8]]) -> Result<Self, Refusal> {
        let mut options =
            Options { existence: Existence::Any, get: false, lifetime: Lifetime::Unsaid };
        while let [option, rest @ ..] = args {
            args = rest;
            if family == Family::Set && options.condition(option) {
                continue;
            }
            let (lifetime, rest) = Lifetime::parse(family, option, rest).ok_or(Refusal::SYNTAX)?;
            if !options.lifetime.gives_way_to(lifetime) {
                return Err(Refusal::SYNTAX);
            }
            options.lifetime = lifetime;
            args = rest;
        }
        Ok(options)
    }

    /// Takes an option that only SET has and that does not contradict what was said before.
    fn condition(&mut self, option: &[u8]) -> bool {
        if is_word(option, "nx") && self.existence != Existence::Present {
            self.existence = Existence::Missing;
        } else if is_word(option, "xx") && self.existence != Existence::Missing {
            self.existence = Existence::Present;
        } else if is_word(option, "get") {
            self.get = true;
        } else {
            return false;
        }
        true
    }
}

impl<'a> Lifetime<'a> {
    fn parse<'b>(
        family: Family,
        option: &[u8],
        rest: &'b [&'a [u8]],
    ) -> Option<(Self, &'b [&'a [u8]])> {
        match family {
            Family::Set if is_word(option, "keepttl") => return Some((Self::Keep, rest)),
            Family::Getex if is_word(option, "persist") => return Some((Self::Persist, rest)),
            _ => {}
        }
        let (_, word) = WORDS.iter().find(|(name, _)| is_word(option, name))?;
        let (amount, rest) = rest.split_first()?;
        Some((Self::Until(*word, amount), rest))
    }

    fn gives_way_to(self, next: Self) -> bool {
        match (self, next) {
            (Self::Unsaid, _) => true,
            (Self::Until(word, _), Self::Until(next, _)) => word == next,
            (before, next) => before == next,
        }
    }
}

impl Word {
    /// The moment that a word and its amount mean, in Unix milliseconds.
    fn moment(self, amount: &[u8], now: i64, command: &str) -> Result<i64, Refusal> {
        let amount = integer(amount)?;
        let milliseconds = match self {
            Self::Ex | Self::ExAt => amount.checked_mul(1000),
            Self::Px | Self::PxAt => Some(amount),
        };
        let moment = milliseconds.filter(|ms| *ms > 0).and_then(|ms| match self {
            Self::Ex | Self::Px => ms.checked_add(now),
            Self::ExAt | Self::PxAt => Some(ms),
        });
        moment.ok_or_else(|| Refusal::expire_time(command))
    }
}

const WORDS: [(&str, Word); 4] =
    [("ex", Word::Ex), ("exat", Word::ExAt), ("px", Word::Px), ("pxat", Word::PxAt)];
