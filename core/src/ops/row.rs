//! Every row is written and read here.

use super::unexpected;
use crate::{
    call::Outcome,
    command::Batch,
    error::Result,
    key::Key,
    op::{Arg, Decode, Op, Operand, Unit},
    reply::Reply,
};

/// Appends the command of a row.
pub(super) fn write(row: &Op, args: &[Operand], key: &Key, batch: &mut Batch) {
    let [name, words @ ..] = row.words else { return };
    let mut command = batch.command(name, row.class);
    for word in words {
        command = command.arg(word.as_bytes());
    }
    command = command.key(key.as_bytes());
    for (Arg::Count { word, .. }, given) in row.args.iter().zip(args) {
        if let Operand::Int(count) = given {
            command = command.arg(word.as_bytes()).int(*count);
        }
    }
}

/// Reads the reply to it.
pub(super) fn read(decode: Decode, reply: Reply) -> Result<Outcome> {
    match (decode, reply) {
        (Decode::Bool, Reply::Int(count)) => Ok(Outcome::Bool(count > 0)),
        (Decode::Size, Reply::Int(size)) => Ok(Outcome::Int(size)),
        (Decode::Size, Reply::Nil) => Ok(Outcome::Missing),
        (Decode::Time(unit), Reply::Int(time)) => Ok(read_time(unit, time)),
        (Decode::Word, Reply::Status(word)) => Ok(match &word[..] {
            "none" => Outcome::Missing,
            _ => Outcome::Text(word),
        }),
        (Decode::Bool | Decode::Size | Decode::Time(_), other) => {
            Err(unexpected("an integer", &other))
        }
        (Decode::Word, other) => Err(unexpected("a status", &other)),
    }
}

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
