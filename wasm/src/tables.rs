mod dump;

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use core::hint::black_box;

use nestkey_core::{
    call::{Cx, FoundKey, Outcome, Reach},
    error::{Error, ErrorKind, Result},
    frame::{
        Shown, read_answers, read_calls, read_input, read_interruption, read_job, read_key,
        read_keyring, read_text, read_texts, room_of_end, room_of_turn, write_answer, write_end,
        write_outcome, write_rest, write_turn,
    },
    layout::Layout,
    limits::Limits,
    memory::{SessionId, Store},
    plan::{Answer, Input, Job, Plan, Rest, Step, Turn},
    reply::Reply,
    value::{Entropy, Keyring},
};
use zeroize::Zeroize;

use crate::{DONE, FAILED, MORE, write_error};

/// Everything that lives between two calls of the host.
#[derive(Default)]
pub(crate) struct Tables {
    input: Vec<u8>,
    pub(crate) output: Vec<u8>,
    layouts: Vec<Layout>,
    /// By their numbers less one: 0 stands for none.
    keyrings: Slots<Keyring>,
    plans: Slots<Live>,
    /// What the last step left, until the host takes it, and what that needs.
    rests: Vec<(Rest, Terms, String)>,
    stores: Slots<Store>,
    /// The turn of the last finished plan, kept for its room.
    spare: Turn,
    /// Random bytes for the next step.
    entropy: Option<Entropy>,
}

/// How large a buffer may be that stays between two calls of the host, as `js/src/frame.ts` has it.
pub(crate) const KEPT: usize = 1 << 20;

/// How much of the stack may hold a piece of a secret.
const SCRUBBED: usize = 16 * 1024;

/// A plan that waits for replies.
struct Live {
    plan: Plan,
    terms: Terms,
    prefix: String,
    turn: Turn,
}

/// What a plan is stepped with besides its calls.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) layout: u32,
    /// 0 for none.
    pub(crate) keyring: u32,
    pub(crate) reach: Reach,
    pub(crate) shown: Shown,
    pub(crate) max_in_flight: usize,
    pub(crate) limits: Limits,
}

/// A table whose freed numbers are given out again.
struct Slots<T> {
    slots: Vec<Option<T>>,
    free: Vec<u32>,
}

impl Tables {
    pub(crate) fn reserve(&mut self, length: usize) -> u32 {
        if self.input.len() < length {
            let mut grown = Vec::new();
            if grown.try_reserve_exact(length).is_err() {
                return 0;
            }
            grown.extend_from_slice(&self.input);
            grown.resize(length, 0);
            // Growing in place would leave what may be a secret where it stood.
            self.input.zeroize();
            self.input = grown;
        }
        self.input.as_ptr() as usize as u32
    }

    pub(crate) fn open_layout(&mut self, length: usize, is_file: bool) -> u32 {
        let read = self.input(length).and_then(read_text).and_then(|text| {
            if is_file { Layout::from_json(text) } else { Layout::from_definition(text) }
        });
        self.give_input_back();
        self.output.clear();
        match read {
            Ok(layout) => {
                self.output.extend_from_slice(&(self.layouts.len() as u32).to_le_bytes());
                self.layouts.push(layout);
                DONE
            }
            Err(error) => self.fail(&error),
        }
    }

    pub(crate) fn open_keyring(&mut self, length: usize) -> u32 {
        let read = self.take_secret(length, read_keyring);
        self.output.clear();
        match read {
            Ok(keyring) => {
                let number = self.keyrings.insert(keyring) + 1;
                self.output.extend_from_slice(&number.to_le_bytes());
                DONE
            }
            Err(error) => self.fail(&error),
        }
    }

    pub(crate) fn close_keyring(&mut self, keyring: u32) {
        self.keyrings.remove(keyring.wrapping_sub(1));
    }

    pub(crate) fn add_key(&mut self, length: usize) -> u32 {
        let entropy = self.entropy.take();
        let added = self.take_secret(length, read_keyring).and_then(|mut keyring| {
            keyring.add_fresh(&entropy.ok_or_else(|| no_such("entropy"))?)?;
            Ok(Outcome::Secret(Some(keyring.to_json())))
        });
        self.answer(added)
    }

    pub(crate) fn give_entropy(&mut self) {
        let seed = self
            .take_secret(32, |input| <[u8; 32]>::try_from(input).map_err(|_| no_such("entropy")));
        self.entropy = seed.ok().map(Entropy::new);
    }

    pub(crate) fn work(&mut self, length: usize) -> u32 {
        let job = self.take_secret(length, read_job);
        self.output.clear();
        match job {
            Ok(job) => {
                write_answer(&job.run(), &mut self.output);
                DONE
            }
            Err(error) => self.fail(&error),
        }
    }

    pub(crate) fn describe(&mut self, layout: u32) -> u32 {
        let described = self.layout(layout).map(|layout| layout.describe().to_string());
        self.answer_text(described)
    }

    pub(crate) fn resolve(&mut self, layout: u32, length: usize) -> u32 {
        let key = self.layout(layout).and_then(|layout| read_key(self.input(length)?, layout));
        self.give_input_back();
        self.answer_text(key.map(|key| key.as_str().into()))
    }

    pub(crate) fn parse(&mut self, layout: u32, length: usize) -> u32 {
        let found = self.layout(layout).and_then(|layout| {
            let (prefix, key) = read_texts(self.input(length)?)?;
            let found = layout.parse(key, prefix).map(|(entry, params)| (key, entry, params));
            Ok(found.map_or(Outcome::Missing, |(key, entry, params)| {
                Outcome::Key(FoundKey::new(key, entry, params))
            }))
        });
        self.give_input_back();
        self.answer(found)
    }

    pub(crate) fn begin(&mut self, terms: Terms, length: usize) -> u32 {
        let begun = self.layout(terms.layout).and_then(|found| {
            let (plan, prefix) = read_calls(self.input(length)?, found)?;
            Ok((plan, String::from(prefix)))
        });
        self.give_input_back();
        match begun {
            Ok((plan, prefix)) => {
                let turn = core::mem::take(&mut self.spare);
                let number = self.plans.insert(Live { plan, terms, prefix, turn });
                self.step(number, &mut [], &mut [])
            }
            Err(error) => self.fail(&error),
        }
    }

    pub(crate) fn resume(&mut self, plan: u32, length: usize) -> u32 {
        let read = self.input(length).and_then(read_input);
        self.give_input_back();
        match read {
            Ok((mut replies, mut answers)) => self.step(plan, &mut replies, &mut answers),
            Err(error) => self.end(plan, &error),
        }
    }

    pub(crate) fn interrupt(&mut self, plan: u32, length: usize) -> u32 {
        let read = self.input(length).and_then(read_interruption);
        self.give_input_back();
        match read {
            Ok((failure, mut answers)) => self.advance(plan, &mut |plan, cx, turn| {
                plan.interrupt(cx, failure.clone(), &mut answers, turn)
            }),
            Err(error) => self.end(plan, &error),
        }
    }

    pub(crate) fn take_rest(&mut self) -> u32 {
        let Some((rest, terms, prefix)) = self.rests.pop() else { return DONE };
        let mut turn = Turn::default();
        if rest.awaits_ms.is_some() {
            turn.jobs.push((rest.place.clone(), Job::Value(None)));
        }
        let plan = rest.plan.clone();
        let number = self.plans.insert(Live { plan, terms, prefix, turn });
        self.output.clear();
        write_rest(number, &rest, &mut self.output);
        MORE
    }

    pub(crate) fn cancel(&mut self, plan: u32) {
        self.plans.remove(plan);
    }

    pub(crate) fn open_memory(&mut self, seed: u64, max_bytes: usize) -> u32 {
        self.stores.insert(Store::seeded(seed).max_bytes(max_bytes))
    }

    pub(crate) fn resume_in_memory(
        &mut self,
        plan: u32,
        store: u32,
        length: usize,
        now_ms: i64,
    ) -> u32 {
        let (Some(live), Some(store)) = (self.plans.get(plan), self.stores.get_mut(store)) else {
            return self.end(plan, &no_such("plan or memory store"));
        };
        let (mut replies, mut answers) = (Vec::new(), Vec::new());
        // Batches are whole: no transaction outlives its exchange, so one session is enough.
        let (batch, limits) = (&live.turn.batch, live.terms.limits);
        let limits = match self.layouts.get(live.terms.layout as usize) {
            Some(layout) => Cx::new(layout, "").with_limits(limits).reply_limits(),
            None => limits,
        };
        store.exchange_within(SessionId(0), now_ms, batch, limits, &mut replies);
        if !live.turn.jobs.is_empty() {
            match self.input(length).and_then(read_answers) {
                Ok(read) => answers = read,
                Err(error) => {
                    self.give_input_back();
                    return self.end(plan, &error);
                }
            }
        }
        self.give_input_back();
        self.step(plan, &mut replies, &mut answers)
    }

    pub(crate) fn close_memory(&mut self, store: u32) {
        self.stores.remove(store);
    }

    fn step(&mut self, plan: u32, replies: &mut [Reply], answers: &mut [Answer]) -> u32 {
        self.advance(plan, &mut |plan, cx, turn| {
            turn.clear();
            plan.step(cx, Input { replies, answers }, turn)
        })
    }

    /// Steps a plan where it stands: it is large to move.
    fn advance(
        &mut self,
        number: u32,
        step: &mut dyn FnMut(&mut Plan, &Cx<'_>, &mut Turn) -> Result<Step>,
    ) -> u32 {
        let Some(live) = self.plans.get_mut(number) else { return self.fail(&no_such("plan")) };
        let terms = live.terms;
        let Some(layout) = self.layouts.get(terms.layout as usize) else {
            return self.end(number, &no_such("layout"));
        };
        let entropy = self.entropy.take();
        let mut cx = Cx::new(layout, &live.prefix)
            .with_reach(terms.reach)
            .with_limits(terms.limits)
            .with_max_in_flight(terms.max_in_flight);
        cx.entropy = entropy.as_ref();
        cx.keyring = self.keyrings.get(terms.keyring.wrapping_sub(1));
        let stepped = step(&mut live.plan, &cx, &mut live.turn);
        let rests = core::mem::take(&mut live.turn.rests).into_iter();
        self.rests.clear();
        self.rests.extend(rests.map(|rest| (rest, terms, live.prefix.clone())));
        self.output.clear();
        match stepped {
            Ok(Step::More) => {
                if !has_room(&mut self.output, room_of_turn(&live.turn, live.terms.shown)) {
                    return self.end(number, &no_memory());
                }
                write_turn(number, &live.turn, live.terms.shown, &mut self.output);
                MORE
            }
            Ok(Step::Done(outcome)) => {
                if !has_room(&mut self.output, room_of_end(&live.turn, &outcome)) {
                    return self.end(number, &no_memory());
                }
                write_end(&live.turn, &outcome, &mut self.output);
                live.turn.clear();
                self.spare = core::mem::take(&mut live.turn);
                self.plans.remove(number);
                DONE
            }
            Err(error) => self.end(number, &error),
        }
    }

    /// Ends a plan by an error.
    fn end(&mut self, plan: u32, error: &Error) -> u32 {
        self.plans.remove(plan);
        self.fail(error)
    }

    fn answer_text(&mut self, answer: Result<String>) -> u32 {
        self.answer(answer.map(Outcome::Text))
    }

    fn answer(&mut self, answer: Result<Outcome>) -> u32 {
        self.output.clear();
        match answer {
            Ok(outcome) => {
                write_outcome(&outcome, &mut self.output);
                DONE
            }
            Err(error) => self.fail(&error),
        }
    }

    fn fail(&mut self, error: &Error) -> u32 {
        self.output.clear();
        write_error(error, &mut self.output);
        FAILED
    }

    fn input(&self, length: usize) -> Result<&[u8]> {
        self.input.get(..length).ok_or_else(|| no_such("input"))
    }

    /// Reads a secret from the input, which then no longer holds it.
    fn take_secret<T>(
        &mut self,
        length: usize,
        read: impl FnOnce(&[u8]) -> Result<T>,
    ) -> Result<T> {
        let read = self.input(length).and_then(read);
        self.wipe_input(length);
        self.give_input_back();
        read
    }

    /// Forgets what the input and the output hold, and what the cipher left on the stack: the last
    /// blocks of a secret. Every call of the host begins at the same place of the stack.
    pub(crate) fn wipe(&mut self, length: usize) {
        self.wipe_input(length);
        self.output.zeroize();
        black_box(&mut [0_u8; SCRUBBED]);
    }

    /// Gives a large input back to the allocator: the host takes it for gone as well. It may hold a
    /// secret.
    fn give_input_back(&mut self) {
        if self.input.len() > KEPT {
            self.input.fill(0);
            black_box(&self.input);
            self.input = Vec::new();
        }
    }

    /// Gives a large output back, which the host has read.
    pub(crate) fn give_output_back(&mut self) {
        if self.output.capacity() > KEPT {
            self.output = Vec::new();
        }
    }

    fn wipe_input(&mut self, length: usize) {
        if let Some(input) = self.input.get_mut(..length) {
            input.zeroize();
        }
    }

    fn layout(&self, number: u32) -> Result<&Layout> {
        self.layouts.get(number as usize).ok_or_else(|| no_such("layout"))
    }
}

/// Makes room for large frames; small ones find it as they go.
fn has_room(output: &mut Vec<u8>, room: usize) -> bool {
    room <= KEPT || output.try_reserve_exact(room).is_ok()
}

#[cold]
fn no_memory() -> Error {
    Error::new(ErrorKind::OutOfMemory, "there is no memory for what the call came to")
}

/// The host named something that it never got: a fault of the package itself.
#[cold]
fn no_such(what: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("there is no such {what}"))
}

impl<T> Slots<T> {
    fn insert(&mut self, value: T) -> u32 {
        let number = self.free.pop().unwrap_or(self.slots.len() as u32);
        match self.slots.get_mut(number as usize) {
            Some(slot) => *slot = Some(value),
            None => self.slots.push(Some(value)),
        }
        number
    }

    fn get(&self, number: u32) -> Option<&T> {
        self.slots.get(number as usize)?.as_ref()
    }

    fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.slots.get_mut(number as usize)?.as_mut()
    }

    fn remove(&mut self, number: u32) -> Option<T> {
        let value = self.slots.get_mut(number as usize)?.take()?;
        self.free.push(number);
        Some(value)
    }
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}
