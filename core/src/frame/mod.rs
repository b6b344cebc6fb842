//! Calls, turns, replies and outcomes as bytes, for hosts on the other side of a boundary.
//!
//! A host that cannot share Rust values (the npm package, across wasm) writes a call as a *frame*
//! into a buffer, gets back the turn or the outcome as another, and hands in the replies as a
//! third. Nothing but numbers crosses besides. Nobody stores frames: both sides are always of the
//! same build, so they carry no version.
//!
//! All numbers are little-endian. `text` is a `u32` length and UTF-8, `bytes` the same without the
//! promise of UTF-8; `count` is a `u32`; `ms` is a float that holds whole milliseconds.
//!
//! From the host:
//!
//! | frame | its parts |
//! |---|---|
//! | layout | text |
//! | keyring | text of a keyring in JSON, text of a Fernet key; either may be empty |
//! | calls | text prefix (with its separator), node |
//! | key | text prefix, target |
//! | key to parse | text prefix, text key |
//! | dump | text of a memory store in JSON |
//! | node | u8: 0 a failure, 1 a call, 2 a pipeline, 3 an atomic group, 4 a walk |
//! | failure | u8 kind, u8 effect; texts: message, path, server code |
//! | call | u32 length of what follows, u8 verb as in [`VERBS`], or the number of a row behind those; target, options |
//! | pipeline, atomic group | count, nodes |
//! | walk | count, calls, which go through their namespaces together |
//! | target | u8: 0 a namespace, 1 an entry; u32 id; one level for each namespace from the root down, and for the entry, that declares parameters |
//! | level | u8: 0 by position, 1 by name; count; parameters, by name each behind its text name |
//! | parameter | u8: 0 not given, 1 false, 2 true, 3 i64, 4 text of an integer, 5 text, 6 bytes, 7 a number that is no safe integer and what it is, 8 of a type that no parameter has and the name of that, 9 an ill-formed text, 10 a text longer than any parameter |
//! | options of `clear` | u8 strays |
//! | options of `expire` | expiry, u8 condition: 0 always, 1 gt, 2 lt, 3 nx, 4 xx |
//! | options of `get_or_set` | expiry, ms of the lease, u8 whether the call says for how long an older value is given, ms of that where it does; u8 whether it computes without a server, 16 bytes of a token |
//! | options of a row | its arguments; a count: u8 whether it is given, u32 where it is |
//! | options of `rebind` | text of the key that it was sealed for |
//! | options of `seal` | expiry, condition as of `set`, u8 whether there is a plaintext rather than null, the plaintext as bytes |
//! | options of `set` | expiry, u8 condition: 0 always, 1 if it exists, 2 if it is missing; u8 previous; the value as a tape, as bytes |
//! | options of `set_password` | expiry, condition as of `set`, u8 whether it is a hash already, the password or hash as bytes |
//! | options of `update` | expiry, u32 tries |
//! | options of `verify` | u8 whether an outdated hash is replaced, the password as bytes |
//! | expiry | u8: 0 the layout's, 1 in ms, 2 at ms, 3 keep, 4 persist, 5 text of a duration; ms or text where there is one |
//! | input | count, replies; count, answers |
//! | interruption | failure; count, answers |
//! | job to do | as a job without its length and its place |
//! | answer | u8: 0 and a failure, 1 and a value as a tape, as bytes, 2 and the text of a hash, 3 and u8 whether a password is right, 4 and a failure: it is not done yet, and nobody waits |
//! | reply | u8: 0 nil, 1 i64, 2 text of a status, 3 bytes of a bulk string, 4 array: count, replies; 5 text of an error line, 6 f64, 7 u8 bool, 8 map: count, pairs |
//!
//! To the host:
//!
//! | frame | its parts |
//! |---|---|
//! | turn | u32 plan, count of commands, count of arguments, count of groups, u32 length of the bytes, counts of items, jobs and notes, u32 ms to wait, 0 for none; u8 whether it goes on without replies; for each command its number of arguments; for each argument its length × 2, plus 1 when it is not ASCII; for each atomic group its first command and the one behind its last; the bytes of all arguments; the items as outcomes, jobs, notes |
//! | job | u32 length of what follows; its place: count, u32 indexes; u8: 0 and the present value, or missing, as an outcome; 1 to hash: the password as bytes, u8 cost, 16 bytes of salt; 2 to verify: the password and the hash as bytes |
//! | rest | u32 plan; its place: count, u32 indexes; ms for which it awaits its job, or NaN where it has none |
//! | note | u8: 0 invalid as missing, 1 not stored, 2 unavailable as missing, 3 not resealed, 4 not upgraded, 5 not refreshed; error |
//! | end | counts of items and notes of the last step, the items as outcomes, notes, outcome |
//! | outcome | u8: 0 missing, 1 false, 2 true, 3 i64, 4 i64 milliseconds, 5 text, 6 bytes, 7 without expiry, 8 nothing, 9 cleared: i64 removed, i64 strays; 10 key: text, u32 entry, count, parameters; 11 tape; 12 many: count, results; 13 form; 14 rotated: i64 resealed, i64 failed, count, forms each with i64; 15 a secret null, 16 a secret as bytes, 17 verdict: u8: 0 missing, 1 no, 2 yes, 3 yes and wants an upgrade |
//! | rows | count; for each text name, text kind, empty for every key; u8 reply: 0 bool, 1 size, 2 milliseconds, 3 seconds, 4 word; count of arguments, each u8: 0 a count and its text name |
//! | form | u8: 0 sealed and u32 key id, 1 Fernet, 2 null, 3 plain |
//! | result | u32 length of what follows, u8: 0 and an outcome, 1 and an error |
//! | error | u8 kind as in [`ErrorKind::ALL`], u8 effect: 0 ambiguous, 1 not sent, 2 partial, 3 rejected, 4 unchanged; u8 whether it can be retried; texts: message, path, key, server code; how many more issues there are; count of issues: text path, text message, u32 line and column, 0 for none |
//!
//! [`ErrorKind::ALL`]: crate::error::ErrorKind::ALL
//! [`VERBS`]: VERBS

mod call;
mod reader;
mod reply;
mod rows;
mod secret;
#[cfg(test)]
mod tests;
mod writer;

pub use self::{
    call::{VERBS, read_calls, read_key},
    reader::{read_text, read_texts},
    reply::{read_answers, read_input, read_interruption},
    rows::write_rows,
    secret::{read_job, read_keyring},
    writer::{
        Shown, room_of_end, room_of_turn, write_answer, write_end, write_error, write_outcome,
        write_rest, write_text, write_turn,
    },
};
