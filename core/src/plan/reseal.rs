use alloc::vec::Vec;

use super::{
    Input, Step, Turn,
    swap::{Swapped, Swapping, conflict},
};
use crate::{
    call::{Call, Cx, Outcome, Rebind, Target, Verb},
    command::Role,
    error::Result,
    key::Key,
    layout::Entry,
    ops::{
        self,
        compare::{self, Swap},
        value::Policy,
    },
    reply::Reply,
    value::{Form, Plaintext},
};

/// A secret that is sealed anew: `GET`, and a script that replaces it if it still stands there.
///
/// Its expiry stays. When others write meanwhile it looks again.
#[derive(Clone, Debug)]
pub struct Reseal {
    /// `rebind` where it was sealed for another key; `key_id` in a rotation, where its first
    /// characters tell whether there is anything to do.
    call: Call,
    state: State,
    tries: u32,
}

#[derive(Clone, Debug)]
enum State {
    Start,
    Looking,
    Reading,
    Writing(Swapping),
    Written,
}

/// How often it looks again when others wrote meanwhile.
const TRIES: u32 = 16;

impl Reseal {
    /// The plan of a `rebind`.
    pub(super) fn rebind(target: Target, key: Key, wish: Rebind) -> Self {
        Self { call: Call::new(target, key, Verb::Rebind(wish)), state: State::Start, tries: 0 }
    }

    /// One secret of a rotation. Its outcome is how it is stored in the end, or that it is missing.
    pub(super) fn rotate(target: Target, key: Key) -> Self {
        Self { call: Call::new(target, key, Verb::KeyId), state: State::Start, tries: 0 }
    }

    pub(super) const fn call(&self) -> &Call {
        &self.call
    }

    /// Whether the next step may seal something.
    pub(super) const fn wants_entropy(&self) -> bool {
        matches!(self.state, State::Reading)
    }

    /// Whether it replaced something.
    pub(super) const fn has_written(&self) -> bool {
        matches!(self.state, State::Written)
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
            State::Start | State::Written => self.look(turn),
            State::Looking => match ops::secret::read_head(reply)? {
                Some(form) if is_stale(form, cx)? => self.read(turn),
                Some(form) => return Ok(Step::Done(Outcome::Form(form))),
                None => return Ok(Step::Done(Outcome::Missing)),
            },
            State::Reading => match reply {
                Reply::Bulk(seen) => return self.write(cx, entry, seen, turn),
                Reply::Nil => return Ok(Step::Done(Outcome::Missing)),
                other => return Err(ops::unexpected("a bulk string", &other)),
            },
            State::Writing(mut swapping) => match swapping.step(&self.call.key, reply, turn)? {
                Swapped::Again => self.state = State::Writing(swapping),
                Swapped::Overtaken if self.tries < TRIES => self.look(turn),
                Swapped::Overtaken => return Err(conflict(self.tries)),
                Swapped::Replaced => return self.done(cx),
            },
        }
        Ok(Step::More)
    }

    fn look(&mut self, turn: &mut Turn) {
        match self.call.verb {
            Verb::Rebind(_) => self.read(turn),
            _ => {
                ops::secret::write_head(self.call.key.as_bytes(), &mut turn.batch);
                self.state = State::Looking;
            }
        }
    }

    fn read(&mut self, turn: &mut Turn) {
        self.tries += 1;
        compare::write_read_secret(&self.call.key, &mut turn.batch);
        self.state = State::Reading;
    }

    /// Opens what was read, and puts it back sealed anew. A null that its first characters did not tell
    /// is left to a rotation as it is.
    fn write(
        &mut self,
        cx: &Cx<'_>,
        entry: &Entry,
        seen: Vec<u8>,
        turn: &mut Turn,
    ) -> Result<Step> {
        let key = &self.call.key;
        let sealed_for = match &self.call.verb {
            Verb::Rebind(wish) => &wish.from,
            _ => key,
        };
        let plaintext = ops::secret::open(cx, entry, sealed_for.as_bytes(), &seen)?;
        if plaintext.is_none() && self.call.verb == Verb::KeyId {
            return Ok(Step::Done(Outcome::Form(Form::Null)));
        }
        let mut new = Vec::new();
        ops::secret::encode(cx, entry, key.as_bytes(), plaintext.as_ref(), &mut new)?;
        let swap = Swap {
            seen: Some(Plaintext::new(seen)),
            new: Plaintext::new(new),
            role: Role::Secret,
            policy: Policy::Keep,
        };
        self.state = State::Writing(Swapping::begin(swap, key, turn));
        Ok(Step::More)
    }

    fn done(&mut self, cx: &Cx<'_>) -> Result<Step> {
        self.state = State::Written;
        Ok(Step::Done(match self.call.verb {
            Verb::Rebind(_) => Outcome::Bool(true),
            _ => Outcome::Form(primary(cx)?),
        }))
    }
}

/// Whether a secret wants to be sealed anew; a null is not sealed at all.
fn is_stale(form: Form, cx: &Cx<'_>) -> Result<bool> {
    Ok(form != Form::Null && form != primary(cx)?)
}

/// How secrets are stored now.
pub(super) fn primary(cx: &Cx<'_>) -> Result<Form> {
    cx.keyring()?.sealer().map(|key| Form::Sealed(key.id()))
}
