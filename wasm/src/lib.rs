//! The wasm face of nestkey's core: a handful of exports that take and return numbers only.
//!
//! Everything else crosses as frames (`nestkey_core::frame`) in two buffers that the host reads and
//! writes in place. [`reserve`] hands out the place of the input; [`output`] tells where the last
//! answer stands. A host looks at both anew after each call, because memory may have moved.
//!
//! Layouts, live plans and memory stores are numbers in tables. Functions that answer a *status*
//! put an error, an outcome or a turn into the output, as [`FAILED`], [`DONE`] and [`MORE`] say.

//!
//! There is no standard library: its panics would bring their printing along, which nobody reads.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod tables;

use nestkey_core::{
    call::Reach,
    frame::{Shown, write_error, write_rows},
    limits::Limits,
};
use spin::Mutex;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::tables::{Tables, Terms};

/// The status of what failed: the output holds the error.
pub const FAILED: u32 = 0;
/// The status of what is finished: the output holds the outcome.
pub const DONE: u32 = 1;
/// The status of a plan that goes on: the output holds its turn.
pub const MORE: u32 = 2;

static TABLES: Mutex<Option<Tables>> = Mutex::new(None);

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn stop(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Makes room for an input of that many bytes and answers where it stands, or 0 where there is no
/// memory for it; what stood there before is kept as far as it fits.
#[wasm_bindgen]
#[must_use]
pub fn reserve(length: u32) -> u32 {
    with(0, |tables| tables.reserve(length as usize))
}

/// Where the output of the last call stands.
#[wasm_bindgen]
#[must_use]
pub fn output() -> u32 {
    with(0, |tables| tables.output.as_ptr() as usize as u32)
}

/// How long that is, for a host that passes it on as it is.
#[wasm_bindgen]
#[must_use]
pub fn output_length() -> u32 {
    with(0, |tables| tables.output.len() as u32)
}

/// Gives back the room of a large output that was read; that of a large input is given back by
/// whatever reads it.
#[wasm_bindgen]
pub fn give_back() {
    with((), Tables::give_output_back);
}

/// Reads a layout from the JSON text in the input.
///
/// Answers a status; the output then holds the number of the layout as a `u32`. `is_file` says
/// that the text is a file of its own, so that problems have lines and columns.
#[wasm_bindgen]
#[must_use]
pub fn open_layout(length: u32, is_file: bool) -> u32 {
    with(FAILED, |tables| tables.open_layout(length as usize, is_file))
}

/// Reads a keyring from the input, which is wiped.
///
/// Answers a status; the output then holds the number of the keyring as a `u32`, which is never 0.
#[wasm_bindgen]
#[must_use]
pub fn open_keyring(length: u32) -> u32 {
    with(FAILED, |tables| tables.open_keyring(length as usize))
}

/// Forgets a keyring and wipes its keys.
#[wasm_bindgen]
pub fn close_keyring(keyring: u32) {
    with((), |tables| tables.close_keyring(keyring));
}

/// Adds a fresh key, made of the random bytes given before, to the keyring whose text is in the
/// input, or to an empty one where that is empty; the input is wiped. Answers a status; the output
/// then holds the text of the keyring.
#[wasm_bindgen]
#[must_use]
pub fn add_key(length: u32) -> u32 {
    with(FAILED, |tables| tables.add_key(length as usize))
}

/// Takes 32 random bytes from the input, for the next step alone: where it seals a secret or
/// hashes a password.
#[wasm_bindgen]
pub fn give_entropy() {
    with((), Tables::give_entropy);
}

/// Does the job in the input, which hashes or verifies a password and takes long; the input is
/// wiped. Answers a status; the output then holds the answer as it goes into the input of the
/// next step.
#[wasm_bindgen]
#[must_use]
pub fn work(length: u32) -> u32 {
    with(FAILED, |tables| tables.work(length as usize))
}

/// Wipes that many bytes of the input, and the output: what carried a secret.
#[wasm_bindgen]
pub fn wipe(length: u32) {
    with((), |tables| tables.wipe(length as usize));
}

/// Puts what a layout knows about itself into the output: a text of JSON. Answers a status.
#[wasm_bindgen]
#[must_use]
pub fn describe(layout: u32) -> u32 {
    with(FAILED, |tables| tables.describe(layout))
}

/// Resolves the target in the input: its key or prefix as text. Answers a status.
#[wasm_bindgen]
#[must_use]
pub fn resolve(layout: u32, length: u32) -> u32 {
    with(FAILED, |tables| tables.resolve(layout, length as usize))
}

/// Parses a key, behind a prefix in the input: the key as an outcome, or nothing where it belongs to
/// no entry of the layout. Answers a status.
#[wasm_bindgen]
#[must_use]
pub fn parse(layout: u32, length: u32) -> u32 {
    with(FAILED, |tables| tables.parse(layout, length as usize))
}

/// Begins the calls in the input and takes their first step. `keyring` is 0 where there is none;
/// `flags` are [`IS_NODE`] and [`IN_MEMORY`]; so many commands may be on their way at the same time,
/// so many bytes may a value have, and so many all that is sent and answered in one turn. Answers a
/// status.
#[wasm_bindgen]
#[must_use]
pub fn begin(
    layout: u32,
    keyring: u32,
    flags: u32,
    max_in_flight: u32,
    value_bytes: u32,
    turn_bytes: u32,
    length: u32,
) -> u32 {
    let terms = Terms {
        layout,
        keyring,
        reach: if flags & IS_NODE != 0 { Reach::Node } else { Reach::Whole },
        shown: if flags & IN_MEMORY != 0 { Shown::Names } else { Shown::Commands },
        max_in_flight: max_in_flight as usize,
        limits: Limits::new(value_bytes as usize, turn_bytes as usize),
    };
    with(FAILED, |tables| tables.begin(terms, length as usize))
}

/// The backend is one node of a cluster.
pub const IS_NODE: u32 = 1;
/// The plan goes on by [`resume_in_memory`]: of its commands the host gets the names alone.
pub const IN_MEMORY: u32 = 2;

/// Takes the next step of a plan with the replies and answers in the input. Answers a status.
#[wasm_bindgen]
#[must_use]
pub fn resume(plan: u32, length: u32) -> u32 {
    with(FAILED, |tables| tables.resume(plan, length as usize))
}

/// Tells a plan that the commands of its turn could not be sent, by the interruption in the input,
/// and takes its last step: what was done before, or by its jobs, is not lost. Answers a status.
#[wasm_bindgen]
#[must_use]
pub fn interrupt(plan: u32, length: u32) -> u32 {
    with(FAILED, |tables| tables.interrupt(plan, length as usize))
}

/// Puts the next thing that the last step has left to be done without its caller into the output: a
/// plan to be resumed. Answers `MORE`, or `DONE` where there is nothing.
#[wasm_bindgen]
#[must_use]
pub fn take_rest() -> u32 {
    with(DONE, Tables::take_rest)
}

/// Forgets a plan that is not stepped to its end; others are left alone.
#[wasm_bindgen]
pub fn cancel(plan: u32) {
    with((), |tables| tables.cancel(plan));
}

/// Opens an empty memory store, which takes so many bytes, and answers its number.
#[wasm_bindgen]
#[must_use]
pub fn open_memory(seed: f64, max_bytes: u32) -> u32 {
    with(0, |tables| tables.open_memory(seed.to_bits(), max_bytes as usize))
}

/// Carries out the turn of a plan in a memory store, at a time in Unix milliseconds, and takes the
/// next step with the replies, and with the answers in the input where it has jobs. Answers a
/// status.
#[wasm_bindgen]
#[must_use]
pub fn resume_in_memory(plan: u32, store: u32, length: u32, now_ms: f64) -> u32 {
    with(FAILED, |tables| tables.resume_in_memory(plan, store, length as usize, now_ms as i64))
}

/// Puts the keys of a memory store that are there at that time into the output, as a text of JSON.
/// Answers a status.
#[wasm_bindgen]
#[must_use]
pub fn dump_memory(store: u32, now_ms: f64) -> u32 {
    with(FAILED, |tables| tables.dump_memory(store, now_ms as i64))
}

/// Replaces the keys of a memory store by those of the dump in the input. Answers a status.
#[wasm_bindgen]
#[must_use]
pub fn load_memory(store: u32, length: u32, now_ms: f64) -> u32 {
    with(FAILED, |tables| tables.load_memory(store, length as usize, now_ms as i64))
}

/// Removes every key of a memory store.
#[wasm_bindgen]
pub fn reset_memory(store: u32) {
    with((), |tables| tables.reset_memory(store));
}

/// Forgets a memory store.
#[wasm_bindgen]
pub fn close_memory(store: u32) {
    with((), |tables| tables.close_memory(store));
}

/// Puts the rows into the output, in the order of their numbers, which follow those of the verbs.
#[wasm_bindgen]
pub fn rows() {
    with((), |tables| {
        tables.output.clear();
        write_rows(&mut tables.output);
    });
}

/// No export calls another, so the tables are always free; should they not be, nothing is done.
fn with<T>(otherwise: T, act: impl FnOnce(&mut Tables) -> T) -> T {
    match TABLES.try_lock() {
        Some(mut tables) => act(tables.get_or_insert_default()),
        None => otherwise,
    }
}
