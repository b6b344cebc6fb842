use super::{Answer, Input, Job, Once, Step, Turn};
use crate::{
    call::{Call, Cx, Password, Verb},
    error::{Error, ErrorKind, Result},
    ops,
    value::{Plaintext, password},
};

/// A password on its way into the store: a job that hashes it, then one call of one turn.
#[derive(Clone, Debug)]
pub struct Hashing {
    once: Once,
    /// Whether the job is under way.
    is_asked: bool,
}

impl Hashing {
    pub(super) const fn new(call: Call) -> Self {
        Self { once: Once::new(call), is_asked: false }
    }

    pub(super) const fn call(&self) -> &Call {
        self.once.call()
    }

    pub(super) fn wants_entropy(&self, cx: &Cx<'_>) -> bool {
        !self.is_asked || self.once.wants_entropy(cx)
    }

    pub(super) fn step(
        &mut self,
        cx: &Cx<'_>,
        input: &mut Input<'_>,
        turn: &mut Turn,
    ) -> Result<Step> {
        if self.prepare(cx, input, turn)? {
            self.once.step(cx, input.replies, turn)
        } else {
            Ok(Step::More)
        }
    }

    /// Puts the hash in the place of the password: asks for it at first, then takes it from the
    /// answers. False while it is not there.
    pub(super) fn prepare(
        &mut self,
        cx: &Cx<'_>,
        input: &Input<'_>,
        turn: &mut Turn,
    ) -> Result<bool> {
        let call = self.once.call_mut();
        let entry = ops::entry(call, cx)?;
        let Verb::SetPassword(set) = &mut call.verb else { return Ok(true) };
        let Password::Plain(plain) = &set.password else { return Ok(true) };
        if core::mem::replace(&mut self.is_asked, true) {
            set.password = Password::Hashed(hashed(input)?);
            return Ok(true);
        }
        set.expiry.check_of_value()?;
        turn.ask(hash(cx, plain, entry.cost)?);
        Ok(false)
    }
}

/// The job that hashes a password. An empty one is a variable that was not set, not a password.
pub(super) fn hash(cx: &Cx<'_>, plain: &Plaintext, cost: u8) -> Result<Job> {
    password::check(plain.expose())?;
    if plain.is_empty() {
        return Err(Error::new(ErrorKind::InvalidPassword, "an empty password"));
    }
    Ok(Job::Hash { password: plain.clone(), cost, salt: cx.entropy()?.take() })
}

/// What hashing came to.
pub(super) fn hashed(input: &Input<'_>) -> Result<Plaintext> {
    input.answer(|answer| match answer {
        Answer::Hashed(hash) => Some(hash.clone()),
        _ => None,
    })
}
