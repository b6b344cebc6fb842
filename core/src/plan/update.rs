use alloc::vec::Vec;

use super::{
    Answer, Input, Job, Step, Turn,
    swap::{Swapped, Swapping, conflict},
};
use crate::{
    call::{self, Call, Condition, Cx, Outcome, Target, Verb},
    command::Role,
    error::Result,
    key::Key,
    layout::Entry,
    ops::{
        self,
        compare::{self, Swap},
    },
    reply::Reply,
    value::{self, Payload, Plaintext},
};

/// Read, compute, write if nothing came between: `GET`, a job, and a script that compares and sets.
#[derive(Clone, Debug)]
pub struct Update {
    call: Call,
    wish: call::Update,
    state: State,
    tries: u32,
}

#[derive(Clone, Debug)]
enum State {
    Start,
    Reading,
    Computing {
        seen: Option<Vec<u8>>,
    },
    Writing {
        swapping: Swapping,
        value: Payload,
    },
    /// For others to have written.
    Waiting,
}

/// How often the longest wait between two tries doubles: to 127 ms, at which two hundred callers
/// at once come through within their sixteen tries.
const DOUBLINGS: u32 = 7;

impl Update {
    pub(super) fn new(target: Target, key: Key, wish: call::Update) -> Self {
        let call = Call::new(target, key, Verb::Update(wish.clone()));
        Self { call, wish, state: State::Start, tries: 0 }
    }

    pub(super) const fn call(&self) -> &Call {
        &self.call
    }

    pub(super) fn step(
        &mut self,
        cx: &Cx<'_>,
        input: &mut Input<'_>,
        turn: &mut Turn,
    ) -> Result<Step> {
        let entry = ops::entry(&self.call, cx)?;
        let reply = input.reply(&self.call)?;
        match core::mem::replace(&mut self.state, State::Start) {
            State::Start => {
                self.wish.expiry.check_of_value()?;
                self.read(turn);
            }
            State::Reading => self.compute(cx, entry, reply, turn)?,
            State::Computing { seen } => {
                self.write(cx, entry, seen, &computed(input)?, turn)?;
            }
            State::Writing { mut swapping, value } => {
                match swapping.step(&self.call.key, reply, turn)? {
                    Swapped::Again => self.state = State::Writing { swapping, value },
                    Swapped::Overtaken if self.tries < self.wish.tries => self.retry(cx, turn),
                    Swapped::Overtaken => return Err(conflict(self.tries)),
                    Swapped::Replaced => return Ok(Step::Done(Outcome::Value(value))),
                }
            }
            State::Waiting => self.read(turn),
        }
        Ok(Step::More)
    }

    /// Whether being overtaken in the next step would have it wait for a random time, or that step
    /// draws how long its key lives.
    pub(super) fn wants_entropy(&self, cx: &Cx<'_>) -> bool {
        match self.state {
            State::Computing { .. } => cx.draws_lifetime(self.call.target),
            State::Writing { .. } => (2..self.wish.tries).contains(&self.tries),
            _ => false,
        }
    }

    /// The first time at once; then, so that many do not meet again and again, after a random time
    /// whose longest doubles: 1 ms, 3, 7 and on.
    fn retry(&mut self, cx: &Cx<'_>, turn: &mut Turn) {
        let longest: u8 = (1 << (self.tries - 1).min(DOUBLINGS)) - 1;
        // Of the length of other salts, whose code is there.
        let ms = match cx.entropy {
            Some(entropy) if longest > 0 => entropy.take::<16>()[0] & longest,
            _ => longest,
        };
        if ms == 0 {
            return self.read(turn);
        }
        turn.wait(ms.into());
        self.state = State::Waiting;
    }

    fn read(&mut self, turn: &mut Turn) {
        self.tries += 1;
        compare::write_read(&self.call.key, &mut turn.batch);
        self.state = State::Reading;
    }

    /// The closure gets what a `get` would: the value, or its default.
    fn compute(&mut self, cx: &Cx<'_>, entry: &Entry, reply: Reply, turn: &mut Turn) -> Result<()> {
        let (seen, present) = match reply {
            Reply::Bulk(bytes) => {
                let present = ops::value::open(cx, entry, &bytes)?;
                (Some(bytes), Some(present))
            }
            Reply::Nil => (None, entry.default.clone()),
            other => return Err(ops::unexpected("a bulk string", &other)),
        };
        turn.ask(Job::Value(present));
        self.state = State::Computing { seen };
        Ok(())
    }

    fn write(
        &mut self,
        cx: &Cx<'_>,
        entry: &Entry,
        seen: Option<Vec<u8>>,
        value: &Payload,
        turn: &mut Turn,
    ) -> Result<()> {
        let value =
            value::fit(value, &entry.ty, &entry.constraints, cx.layout.records())?.into_owned();
        let mut new = Vec::new();
        ops::value::encode(cx, entry, &value, &mut new)?;
        let swap = Swap {
            seen: seen.map(Plaintext::new),
            new: Plaintext::new(new),
            role: Role::Plain,
            policy: ops::value::policy(cx, entry, self.wish.expiry, Condition::Always)?,
        };
        let swapping = Swapping::begin(swap, &self.call.key, turn);
        self.state = State::Writing { swapping, value };
        Ok(())
    }
}

/// What the closure came to.
pub(super) fn computed(input: &Input<'_>) -> Result<Payload> {
    input.answer(|answer| match answer {
        Answer::Value(value) => Some(value.clone()),
        _ => None,
    })
}
