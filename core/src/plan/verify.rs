use alloc::vec::Vec;

use super::{
    Answer, Input, Job, Note, NoteKind, Step, Turn,
    hashing::{hash, hashed},
    swap::{Swapped, Swapping},
};
use crate::{
    call::{self, Call, Cx, Outcome, Target, Verb, Verdict},
    command::Role,
    error::{Error, Result},
    key::Key,
    layout::Entry,
    ops::{self, compare::Swap, value::Policy},
    reply::Reply,
    value::{Plaintext, password},
};

/// Holding a password against the stored hash: `GET`, a job, and where an upgrade is wanted
/// another job and a script that replaces the hash if it still stands there.
///
/// A missing hash takes as long as a wrong password: a decoy is verified instead. Behind a stored
/// hash that costs less than the layout wants, decoys make up for the difference: those of the costs
/// `c`, `c + 1` … `p - 1` take together with it as long as one of cost `p`.
#[derive(Clone, Debug)]
pub struct Verify {
    call: Call,
    wish: call::Verify,
    state: State,
    /// The password is the one, and what is left is to replace its hash.
    is_right: bool,
}

#[derive(Clone, Debug)]
enum State {
    Start,
    Reading,
    /// `None` when no hash is stored.
    Verifying(Option<Stored>),
    /// The password is wrong, and a decoy of that cost is being verified.
    MakingUp(u8),
    Hashing(Stored),
    Replacing(Swapping),
}

/// A stored hash, and the bytes that it was read from.
#[derive(Clone, Debug)]
struct Stored {
    bytes: Plaintext,
    hash: Plaintext,
    wants_upgrade: bool,
}

impl Verify {
    pub(super) fn new(target: Target, key: Key, wish: call::Verify) -> Self {
        let call = Call::new(target, key, Verb::Verify(wish.clone()));
        Self { call, wish, state: State::Start, is_right: false }
    }

    /// Whether the next step hashes the password anew if it is the one, or may draw how long its key
    /// lives.
    pub(super) fn wants_entropy(&self, cx: &Cx<'_>) -> bool {
        match &self.state {
            State::Start => cx.draws_lifetime(self.call.target),
            State::Verifying(Some(stored)) => stored.wants_upgrade && self.wish.upgrade,
            _ => false,
        }
    }

    /// The password is the one even when its hash cannot be replaced.
    pub(super) fn fail(&self, cx: &Cx<'_>, error: Error, turn: &mut Turn) -> Result<Step> {
        let error = cx.located(error, &self.call);
        match (self.is_right, self.call.target) {
            (true, Target::Entry(entry)) => {
                turn.notes.push(Note { entry, kind: NoteKind::NotUpgraded, error });
                Ok(done(Verdict::Yes { wants_upgrade: true }))
            }
            _ => Err(error),
        }
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
                password::check(self.wish.password.expose())?;
                ops::value::write_get(cx, entry, &self.call, &mut turn.batch)?;
                self.state = State::Reading;
            }
            State::Reading => self.verify(entry, reply, turn)?,
            State::Verifying(stored) => {
                let is_right = verified(input)?;
                return self.judge(cx, entry, stored, is_right, turn);
            }
            State::MakingUp(cost) => {
                return verified(input).map(|_| self.wrong(cost + 1, entry.cost, turn));
            }
            State::Hashing(stored) => {
                let mut new = Vec::new();
                ops::secret::write_hash(hashed(input)?.expose(), &mut new)?;
                let swap = Swap {
                    seen: Some(stored.bytes),
                    new: Plaintext::new(new),
                    role: Role::Secret,
                    policy: Policy::Keep,
                };
                self.state = State::Replacing(Swapping::begin(swap, &self.call.key, turn));
            }
            State::Replacing(mut swapping) => match swapping.step(&self.call.key, reply, turn)? {
                Swapped::Again => self.state = State::Replacing(swapping),
                // Whoever came between stored a hash of their own.
                Swapped::Overtaken | Swapped::Replaced => {
                    return Ok(done(Verdict::Yes { wants_upgrade: false }));
                }
            },
        }
        Ok(Step::More)
    }

    fn verify(&mut self, entry: &Entry, reply: Reply, turn: &mut Turn) -> Result<()> {
        let stored = match reply {
            Reply::Bulk(bytes) => read(bytes, entry.cost)?,
            Reply::Nil => None,
            other => return Err(ops::unexpected("a bulk string", &other)),
        };
        let hash = match &stored {
            Some(stored) => stored.hash.clone(),
            None => password::decoy(entry.cost)[..].into(),
        };
        turn.ask(Job::Verify { password: self.wish.password.clone(), hash });
        self.state = State::Verifying(stored);
        Ok(())
    }

    /// What follows from the answer: the verdict, another decoy, or a hash to replace the stored
    /// one with.
    fn judge(
        &mut self,
        cx: &Cx<'_>,
        entry: &Entry,
        stored: Option<Stored>,
        is_right: bool,
        turn: &mut Turn,
    ) -> Result<Step> {
        let Some(stored) = stored else { return Ok(done(Verdict::Missing)) };
        if !is_right {
            let cost = password::cost(stored.hash.expose()).unwrap_or(entry.cost);
            return Ok(self.wrong(cost, entry.cost, turn));
        }
        let wants_upgrade = stored.wants_upgrade;
        if !(wants_upgrade && self.wish.upgrade) {
            return Ok(done(Verdict::Yes { wants_upgrade }));
        }
        self.is_right = true;
        turn.ask(hash(cx, &self.wish.password, entry.cost)?);
        self.state = State::Hashing(stored);
        Ok(Step::More)
    }

    /// The password is wrong: a decoy of that cost follows while it is below the layout's.
    fn wrong(&mut self, cost: u8, wanted: u8, turn: &mut Turn) -> Step {
        if cost >= wanted {
            return done(Verdict::No);
        }
        let hash = password::decoy(cost)[..].into();
        turn.ask(Job::Verify { password: self.wish.password.clone(), hash });
        self.state = State::MakingUp(cost);
        Step::More
    }
}

fn read(bytes: Vec<u8>, cost: u8) -> Result<Option<Stored>> {
    let hash = ops::secret::read_hash(&bytes)?;
    Ok(hash.map(|hash| {
        let wants_upgrade = password::wants_upgrade(hash.expose(), cost);
        Stored { bytes: Plaintext::new(bytes), hash, wants_upgrade }
    }))
}

fn verified(input: &Input<'_>) -> Result<bool> {
    input.answer(|answer| match answer {
        Answer::Verified(is_right) => Some(*is_right),
        _ => None,
    })
}

const fn done(verdict: Verdict) -> Step {
    Step::Done(Outcome::Verdict(verdict))
}
