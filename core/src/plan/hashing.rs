use super::{Answer, Job, Once, Step, Turn};
use crate::{
    call::{Call, Cx, Password, Verb},
    error::{Error, ErrorKind, Result},
    ops,
    reply::Reply,
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

    pub(super) const fn wants_entropy(&self) -> bool {
        !self.is_asked
    }

    pub(super) fn step(
        &mut self,
        cx: &Cx<'_>,
        replies: &mut [Reply],
        answers: &[Answer],
        turn: &mut Turn,
    ) -> Result<Step> {
        if self.prepare(cx, answers, turn)? {
            self.once.step(cx, replies, turn)
        } else {
            Ok(Step::More)
        }
    }

    pub(super) fn interrupt(&self, cx: &Cx<'_>, error: Error, turn: &mut Turn) -> Result<Step> {
        self.once.interrupt(cx, error, turn)
    }

    /// Puts the hash in the place of the password: asks for it at first, then takes it from the
    /// answers. False while it is not there.
    pub(super) fn prepare(
        &mut self,
        cx: &Cx<'_>,
        answers: &[Answer],
        turn: &mut Turn,
    ) -> Result<bool> {
        let asked = core::mem::replace(&mut self.is_asked, true);
        let call = self.once.call_mut();
        let Verb::SetPassword(set) = &call.verb else { return Ok(true) };
        let Password::Plain(plain) = &set.password else { return Ok(true) };
        let prepared = if asked {
            hashed(answers).map(Some)
        } else {
            ops::value::check_expiry(set.expiry)
                .and_then(|()| ops::entry(call, cx))
                .and_then(|entry| hash(cx, plain, entry.cost))
                .map(|job| {
                    turn.ask(job);
                    None
                })
        };
        let Some(hash) = prepared.map_err(|error| cx.located(error, call))? else {
            return Ok(false);
        };
        if let Verb::SetPassword(set) = &mut call.verb {
            set.password = Password::Hashed(hash);
        }
        Ok(true)
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
pub(super) fn hashed(answers: &[Answer]) -> Result<Plaintext> {
    match answers.first() {
        Some(Answer::Hashed(hash)) => Ok(hash.clone()),
        Some(Answer::Failed(error)) => Err(error.clone()),
        _ => Err(Error::new(ErrorKind::Internal, "a password that nobody hashed")),
    }
}
