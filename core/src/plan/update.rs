use alloc::{format, vec::Vec};

use super::{Answer, Job, Step, Turn};
use crate::{
    call::{self, Call, Cx, Outcome, Set, Target, Verb},
    command::Role,
    error::{Effect, Error, ErrorKind, Result},
    key::Key,
    layout::Entry,
    ops::{
        self,
        compare::{self, Named, Swap},
    },
    reply::Reply,
    value::{self, Payload},
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
    Computing { seen: Option<Vec<u8>> },
    Writing { seen: Option<Vec<u8>>, value: Payload, named: Named },
}

impl Update {
    pub(super) fn new(target: Target, key: Key, wish: call::Update) -> Self {
        let call = Call::new(target, key, Verb::Update(wish.clone()));
        Self { call, wish, state: State::Start, tries: 0 }
    }

    pub(super) fn step(
        &mut self,
        cx: &Cx<'_>,
        replies: &mut [Reply],
        answers: &[Answer],
        turn: &mut Turn,
    ) -> Result<Step> {
        self.advance(cx, replies, answers, turn).map_err(|error| self.located(cx, error))
    }

    pub(super) fn located(&self, cx: &Cx<'_>, error: Error) -> Error {
        cx.located(error, &self.call)
    }

    fn advance(
        &mut self,
        cx: &Cx<'_>,
        replies: &mut [Reply],
        answers: &[Answer],
        turn: &mut Turn,
    ) -> Result<Step> {
        let entry = ops::entry(&self.call, cx)?;
        let reply = replies.first_mut().map(core::mem::take).unwrap_or_default();
        if let (Reply::Error(error), false) = (&reply, is_unknown_script(&reply)) {
            return Err(Error::server(&error.code, &error.detail));
        }
        match core::mem::replace(&mut self.state, State::Start) {
            State::Start => {
                ops::value::check_expiry(self.wish.expiry)?;
                self.read(turn);
            }
            State::Reading => self.compute(cx, entry, reply, turn)?,
            State::Computing { seen } => {
                let value = computed(answers)?;
                self.write(cx, entry, seen, &value, Named::Digest, turn)?;
            }
            State::Writing { seen, value, named } => match reply {
                Reply::Int(1) => return Ok(Step::Done(Outcome::Value(value))),
                Reply::Int(_) if self.tries < self.wish.tries => self.read(turn),
                Reply::Int(_) => return Err(self.conflict()),
                Reply::Error(_) if named == Named::Digest => {
                    self.write(cx, entry, seen, &value, Named::Text, turn)?;
                }
                other => return Err(ops::unexpected("1 or 0", &other)),
            },
        }
        Ok(Step::More)
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
                let present = ops::value::open(cx.layout, entry, &bytes)?;
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
        named: Named,
        turn: &mut Turn,
    ) -> Result<()> {
        let value =
            value::fit(value, &entry.ty, &entry.constraints, cx.layout.records())?.into_owned();
        let mut set = Set::new(value);
        set.expiry = self.wish.expiry;
        let swap = Swap { key: &self.call.key, seen: seen.as_deref(), named, role: Role::Plain };
        compare::write_compare_and_set(cx.layout, entry, &swap, &set, &mut turn.batch)?;
        self.state = State::Writing { seen, value: set.value, named };
        Ok(())
    }

    #[cold]
    fn conflict(&self) -> Error {
        let message = format!("others wrote between reading and writing, {} times", self.tries);
        Error::new(ErrorKind::Conflict, message).effect(Effect::Rejected)
    }
}

/// What the closure came to.
pub(super) fn computed(answers: &[Answer]) -> Result<Payload> {
    match answers.first() {
        Some(Answer::Value(value)) => Ok(value.clone()),
        Some(Answer::Failed(error)) => Err(error.clone()),
        _ => Err(Error::new(ErrorKind::Internal, "a value that nobody computed")),
    }
}

pub(super) fn is_unknown_script(reply: &Reply) -> bool {
    matches!(reply, Reply::Error(error) if error.code == "NOSCRIPT")
}
