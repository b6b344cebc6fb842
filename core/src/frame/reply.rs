use alloc::{string::String, vec::Vec};

use super::{
    call::failure,
    reader::{Reader, broken},
};
use crate::{
    error::{Error, Result},
    plan::Answer,
    reply::Reply,
    value::Payload,
};

/// How deep arrays and maps may nest in a reply; no command of ours gets beyond three.
const MAX_DEPTH: u32 = 16;

/// Reads a frame of replies and answers to jobs.
///
/// # Errors
///
/// A frame that is cut off, or nests too deep.
pub fn read_input(frame: &[u8]) -> Result<(Vec<Reply>, Vec<Answer>)> {
    let mut reader = Reader::new(frame);
    Ok((read_many(&mut reader, MAX_DEPTH)?, answers(&mut reader)?))
}

/// Reads a frame of a failure, why the host could not send the commands of a turn, and the answers
/// to the turn's jobs.
///
/// # Errors
///
/// The frame is cut off, or of an unknown kind.
pub fn read_interruption(frame: &[u8]) -> Result<(Error, Vec<Answer>)> {
    let mut reader = Reader::new(frame);
    Ok((failure(&mut reader)?, answers(&mut reader)?))
}

/// Reads a frame of answers alone.
///
/// # Errors
///
/// A frame that is cut off.
pub fn read_answers(frame: &[u8]) -> Result<Vec<Answer>> {
    answers(&mut Reader::new(frame))
}

fn answers(reader: &mut Reader<'_>) -> Result<Vec<Answer>> {
    let count = reader.count()?;
    let one = |reader: &mut Reader<'_>| match reader.u8()? {
        0 => failure(reader).map(Answer::Failed),
        1 => Ok(Answer::Value(Payload::from_tape(reader.owned()?)?)),
        2 => Ok(Answer::Hashed(reader.bytes()?.into())),
        3 => reader.bool().map(Answer::Verified),
        4 => failure(reader).map(Answer::Late),
        _ => Err(broken()),
    };
    (0..count).map(|_| one(reader)).collect()
}

fn read_many(reader: &mut Reader<'_>, depth_left: u32) -> Result<Vec<Reply>> {
    let depth_left = depth_left.checked_sub(1).ok_or_else(broken)?;
    let count = reader.count()?;
    let mut replies = Vec::with_capacity(count);
    for _ in 0..count {
        replies.push(read_one(reader, depth_left)?);
    }
    Ok(replies)
}

fn read_one(reader: &mut Reader<'_>, depth_left: u32) -> Result<Reply> {
    Ok(match reader.u8()? {
        0 => Reply::Nil,
        1 => Reply::Int(reader.i64()?),
        2 => Reply::Status(String::from(reader.text()?)),
        3 => Reply::Bulk(reader.owned()?),
        4 => Reply::Array(read_many(reader, depth_left)?),
        5 => Reply::error(reader.text()?),
        6 => Reply::Double(reader.f64()?),
        7 => Reply::Bool(reader.bool()?),
        8 => {
            let count = reader.count()?;
            let depth_left = depth_left.checked_sub(1).ok_or_else(broken)?;
            let pair = |reader: &mut Reader<'_>| {
                Ok((read_one(reader, depth_left)?, read_one(reader, depth_left)?))
            };
            Reply::Map((0..count).map(|_| pair(reader)).collect::<Result<_>>()?)
        }
        _ => return Err(broken()),
    })
}
