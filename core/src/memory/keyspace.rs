//! <https://redis.io/docs/latest/commands/?group=generic>: the commands about keys as such.

use alloc::{string::ToString, vec, vec::Vec};

use super::{
    argument::{cursor, integer, is_word},
    database::Database,
    refusal::{Answer, Refusal},
    table::Entry,
};
use crate::{glob, reply::Reply};

pub(super) fn del(database: &mut Database, args: &[&[u8]]) -> Answer {
    Ok(count(args, |key| database.remove(key)))
}

/// EXISTS and TOUCH: a key named twice counts twice.
pub(super) fn exists(database: &mut Database, args: &[&[u8]]) -> Answer {
    Ok(count(args, |key| database.contains(key)))
}

/// An estimate: what the entry takes here, not what it would take in a server.
pub(super) fn memory_usage(database: &mut Database, args: &[&[u8]]) -> Answer {
    let mut options = &args[3..];
    while let [option, samples, rest @ ..] = options {
        if !is_word(option, "samples") || integer(samples)? < 0 {
            return Err(Refusal::SYNTAX);
        }
        options = rest;
    }
    if !options.is_empty() {
        return Err(Refusal::SYNTAX);
    }
    Ok(database.get(args[2]).map_or(Reply::Nil, |entry| Reply::Int(entry.bytes() as i64)))
}

pub(super) fn scan(database: &mut Database, args: &[&[u8]]) -> Answer {
    let cursor = cursor(args[1])?;
    let filter = Filter::parse(&args[2..])?;
    let mut keys = Vec::new();
    let next = database.scan(cursor, filter.count, |entry| {
        if filter.takes(entry) {
            keys.push(Reply::Bulk(entry.key.to_vec()));
        }
    });
    Ok(Reply::Array(vec![Reply::Bulk(next.to_string().into_bytes()), Reply::Array(keys)]))
}

pub(super) fn type_of(database: &mut Database, args: &[&[u8]]) -> Answer {
    let name = database.get(args[1]).map_or("none", |entry| entry.value.type_name());
    Ok(Reply::Status(name.into()))
}

fn count(args: &[&[u8]], mut counts: impl FnMut(&[u8]) -> bool) -> Reply {
    Reply::Int(args.iter().skip(1).filter(|key| counts(key)).count() as i64)
}

/// The options of SCAN.
struct Filter<'a> {
    count: usize,
    pattern: Option<&'a [u8]>,
    type_name: Option<&'a [u8]>,
}

impl<'a> Filter<'a> {
    fn parse(mut options: &[&'a [u8]]) -> Result<Self, Refusal> {
        let mut filter = Self { count: 10, pattern: None, type_name: None };
        while let [option, value, rest @ ..] = options {
            if is_word(option, "count") {
                let count = integer(value)?;
                if count < 1 {
                    return Err(Refusal::SYNTAX);
                }
                filter.count = usize::try_from(count).unwrap_or(usize::MAX);
            } else if is_word(option, "match") {
                // As a pattern `*` would not match the empty key.
                filter.pattern = (*value != b"*").then_some(*value);
            } else if is_word(option, "type") {
                filter.type_name = Some(value);
            } else {
                return Err(Refusal::SYNTAX);
            }
            options = rest;
        }
        if options.is_empty() { Ok(filter) } else { Err(Refusal::SYNTAX) }
    }

    fn takes(&self, entry: &Entry) -> bool {
        self.type_name.is_none_or(|name| is_word(name, entry.value.type_name()))
            && self.pattern.is_none_or(|pattern| glob::matches(pattern, &entry.key))
    }
}
