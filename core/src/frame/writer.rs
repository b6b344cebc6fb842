use alloc::{format, vec::Vec};

use super::call::EFFECTS;
use crate::{
    call::{FoundKey, Outcome, Verdict},
    command::{Arg, Command},
    error::{Error, Result},
    key::param::Given,
    plan::{Answer, Job, Note, NoteKind, Rest, Turn},
    value::{Form, Payload},
};

/// About how many bytes a turn takes, for a host that asks for the room first.
#[must_use]
pub fn room_of_turn(turn: &Turn, shown: Shown) -> usize {
    let jobs = turn.jobs.iter().map(|(_, job)| match job {
        Job::Value(Some(present)) => present.as_tape().len(),
        Job::Value(None) | Job::Hash { .. } | Job::Verify { .. } => SMALL,
    });
    let commands = turn.batch.commands().map(|command| {
        let args = shown.args(&command).map(|arg| 4 + arg.bytes.len());
        4 + args.sum::<usize>()
    });
    commands.sum::<usize>() + jobs.sum::<usize>() + room_of_items(turn)
}

/// The same for the end of a plan.
#[must_use]
pub fn room_of_end(turn: &Turn, outcome: &Outcome) -> usize {
    room_of_items(turn) + room_of(outcome)
}

fn room_of_items(turn: &Turn) -> usize {
    turn.items.iter().map(room_of).sum::<usize>() + SMALL * (1 + turn.notes.len())
}

fn room_of(outcome: &Outcome) -> usize {
    SMALL
        + match outcome {
            Outcome::Text(text) => text.len(),
            Outcome::Bytes(bytes) => bytes.len(),
            Outcome::Value(payload) => payload.as_tape().len(),
            Outcome::Secret(Some(plaintext)) => plaintext.expose().len(),
            Outcome::Many(results) => {
                results.iter().map(|result| result.as_ref().map_or(SMALL, room_of)).sum()
            }
            _ => 0,
        }
}

/// What takes a few bytes, and an error.
const SMALL: usize = 64;

/// How much of its commands a host gets to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All of them, to send them.
    Commands,
    /// Their names alone: they are carried out on this side of the boundary.
    Names,
}

impl Shown {
    fn args<'a>(self, command: &Command<'a>) -> impl ExactSizeIterator<Item = Arg<'a>> + use<'a> {
        command.args().take(match self {
            Self::Commands => usize::MAX,
            Self::Names => 1,
        })
    }
}

/// Appends a turn of the plan with that number.
pub fn write_turn(plan: u32, turn: &Turn, shown: Shown, out: &mut Vec<u8>) {
    let batch = &turn.batch;
    let groups = batch.groups();
    let args = || batch.commands().flat_map(|command| shown.args(&command));
    push_u32(plan, out);
    push_count(batch.len(), out);
    push_count(args().count(), out);
    push_count(groups.len(), out);
    push_count(args().map(|arg| arg.bytes.len()).sum(), out);
    push_count(turn.items.len(), out);
    push_count(turn.jobs.len(), out);
    push_count(turn.notes.len(), out);
    push_u32(turn.wait_ms.map_or(0, |ms| u32::try_from(ms).unwrap_or(u32::MAX)), out);
    out.push(turn.has_fallback.into());
    for command in batch.commands() {
        push_count(shown.args(&command).len(), out);
    }
    for arg in args() {
        push_count(arg.bytes.len() * 2 + usize::from(!arg.bytes.is_ascii()), out);
    }
    for group in groups {
        push_u32(group.start, out);
        push_u32(group.end, out);
    }
    for arg in args() {
        out.extend_from_slice(arg.bytes);
    }
    for item in &turn.items {
        write_outcome(item, out);
    }
    for (place, job) in &turn.jobs {
        sized(out, |out| {
            push_count(place.len(), out);
            for index in place {
                push_u32(*index, out);
            }
            write_job(job, out);
        });
    }
    for note in &turn.notes {
        write_note(note, out);
    }
}

fn write_job(job: &Job, out: &mut Vec<u8>) {
    match job {
        Job::Value(present) => {
            out.push(0);
            match present {
                Some(value) => write_value(value, out),
                None => out.push(0),
            }
        }
        Job::Hash { password, cost, salt } => {
            push_block(1, password.expose(), out);
            out.push(*cost);
            out.extend_from_slice(salt);
        }
        Job::Verify { password, hash } => {
            push_block(2, password.expose(), out);
            push_count(hash.len(), out);
            out.extend_from_slice(hash.expose());
        }
    }
}

/// Appends the answer to a job as it is read with the replies.
pub fn write_answer(answer: &Answer, out: &mut Vec<u8>) {
    match answer {
        Answer::Failed(error) => {
            out.push(0);
            write_failure(error, out);
        }
        Answer::Value(value) => push_block(1, value.as_tape(), out),
        Answer::Hashed(hash) => push_block(2, hash.expose(), out),
        Answer::Late(error) => {
            out.push(4);
            write_failure(error, out);
        }
        Answer::Verified(is_right) => out.extend_from_slice(&[3, u8::from(*is_right)]),
    }
}

fn write_failure(error: &Error, out: &mut Vec<u8>) {
    write_kind(error, out);
    write_text(error.message(), out);
    write_text(error.path(), out);
}

fn write_kind(error: &Error, out: &mut Vec<u8>) {
    out.push(error.kind() as u8);
    let effect = EFFECTS.iter().position(|effect| *effect == error.outcome());
    out.push(effect.unwrap_or_default() as u8);
}

/// Appends the end of a plan: what its last step hands out besides, and what it came to.
pub fn write_end(turn: &Turn, outcome: &Outcome, out: &mut Vec<u8>) {
    push_count(turn.items.len(), out);
    push_count(turn.notes.len(), out);
    for item in &turn.items {
        write_outcome(item, out);
    }
    for note in &turn.notes {
        write_note(note, out);
    }
    write_outcome(outcome, out);
}

/// Appends what a plan leaves to be done, as the plan of that number.
pub fn write_rest(plan: u32, rest: &Rest, out: &mut Vec<u8>) {
    push_u32(plan, out);
    push_count(rest.place.len(), out);
    for index in &rest.place {
        push_u32(*index, out);
    }
    let ms = rest.awaits_ms.map_or(f64::NAN, |ms| ms as f64);
    out.extend_from_slice(&ms.to_le_bytes());
}

fn write_note(note: &Note, out: &mut Vec<u8>) {
    let kind = match note.kind {
        NoteKind::InvalidAsMissing => 0,
        NoteKind::NotStored => 1,
        NoteKind::UnavailableAsMissing => 2,
        NoteKind::NotResealed => 3,
        NoteKind::NotUpgraded => 4,
        NoteKind::NotRefreshed => 5,
    };
    out.push(kind);
    write_error(&note.error, out);
}

/// Appends an outcome.
pub fn write_outcome(outcome: &Outcome, out: &mut Vec<u8>) {
    match outcome {
        Outcome::Missing => out.push(0),
        Outcome::Bool(value) => out.push(1 + u8::from(*value)),
        Outcome::Int(number) => push_i64(3, *number, out),
        Outcome::Time(ms) => push_i64(4, i64::try_from(*ms).unwrap_or(i64::MAX), out),
        Outcome::Text(text) => push_block(5, text.as_bytes(), out),
        Outcome::Bytes(bytes) => push_block(6, bytes, out),
        Outcome::Persistent => out.push(7),
        Outcome::Unit => out.push(8),
        Outcome::Cleared(cleared) => {
            out.push(9);
            push_number(cleared.removed, out);
            push_number(cleared.strays, out);
        }
        Outcome::Key(found) => write_key(found, out),
        Outcome::Value(payload) => write_value(payload, out),
        Outcome::Many(results) => {
            out.push(12);
            push_count(results.len(), out);
            for result in results {
                write_result(result, out);
            }
        }
        Outcome::Form(form) => {
            out.push(13);
            write_form(*form, out);
        }
        Outcome::Rotated(rotated) => {
            out.push(14);
            push_number(rotated.resealed, out);
            push_number(rotated.failed, out);
            push_count(rotated.forms.len(), out);
            for (form, count) in &rotated.forms {
                write_form(*form, out);
                push_number(*count, out);
            }
        }
        Outcome::Secret(None) => out.push(15),
        Outcome::Secret(Some(plaintext)) => push_block(16, plaintext.expose(), out),
        Outcome::Verdict(verdict) => {
            let number = match verdict {
                Verdict::Missing => 0,
                Verdict::No => 1,
                Verdict::Yes { wants_upgrade } => 2 + u8::from(*wants_upgrade),
            };
            out.extend_from_slice(&[17, number]);
        }
    }
}

fn write_form(form: Form, out: &mut Vec<u8>) {
    match form {
        Form::Sealed(id) => {
            out.push(0);
            push_u32(id.get(), out);
        }
        Form::Fernet => out.push(1),
        Form::Null => out.push(2),
        Form::Plain => out.push(3),
    }
}

fn write_value(value: &Payload, out: &mut Vec<u8>) {
    out.push(11);
    out.extend_from_slice(value.as_tape());
}

fn write_result(result: &Result<Outcome>, out: &mut Vec<u8>) {
    sized(out, |out| match result {
        Ok(outcome) => {
            out.push(0);
            write_outcome(outcome, out);
        }
        Err(error) => {
            out.push(1);
            write_error(error, out);
        }
    });
}

/// Appends something behind its length.
fn sized(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    push_u32(0, out);
    write(out);
    let length = (out.len() - start - 4) as u32;
    if let Some(room) = out.get_mut(start..start + 4) {
        room.copy_from_slice(&length.to_le_bytes());
    }
}

fn write_key(found: &FoundKey, out: &mut Vec<u8>) {
    push_block(10, found.key.as_bytes(), out);
    push_u32(found.entry.index(), out);
    push_count(found.params.len(), out);
    for param in &found.params {
        match param {
            Given::Bool(value) => out.push(1 + u8::from(*value)),
            Given::Bytes(bytes) => push_block(6, bytes, out),
            Given::Int(number) => push_block(4, format!("{number}").as_bytes(), out),
            Given::String(text) | Given::Uuid(text) => push_block(5, text.as_bytes(), out),
        }
    }
}

/// Appends an error.
pub fn write_error(error: &Error, out: &mut Vec<u8>) {
    write_kind(error, out);
    out.push(error.is_retryable().into());
    for text in [error.message(), error.path(), error.key(), error.server_code()] {
        write_text(text, out);
    }
    push_count(error.more_issues(), out);
    push_count(error.issues().len(), out);
    for issue in error.issues() {
        write_text(&issue.path, out);
        write_text(&issue.message, out);
        let (line, column) = issue.place.unwrap_or_default();
        push_u32(line, out);
        push_u32(column, out);
    }
}

/// Appends a text.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    push_count(text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

fn push_number(number: u64, out: &mut Vec<u8>) {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    out.extend_from_slice(&number.to_le_bytes());
}

fn push_block(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    push_count(bytes.len(), out);
    out.extend_from_slice(bytes);
}

fn push_i64(tag: u8, number: i64, out: &mut Vec<u8>) {
    out.push(tag);
    out.extend_from_slice(&number.to_le_bytes());
}

/// Counts and lengths stay far below 2^32: they are of things in a 32-bit memory.
pub(super) fn push_count(count: usize, out: &mut Vec<u8>) {
    push_u32(count as u32, out);
}

fn push_u32(number: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(&number.to_le_bytes());
}
