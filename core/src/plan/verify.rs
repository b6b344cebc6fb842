use alloc::vec::Vec;

use super::{
    Answer, Job, Note, NoteKind, Step, Turn,
    hashing::{hash, hashed},
    update::is_unknown_script,
};
use crate::{
    call::{self, Call, Cx, Outcome, Target, Verb, Verdict},
    command::Role,
    error::{Error, ErrorKind, Result},
    key::Key,
    layout::Entry,
    ops::{
        self,
        compare::{Named, Swap},
    },
    reply::Reply,
    value::{Plaintext, password},
};

/// Holding a password against the stored hash: `GET`, a job, and where an upgrade is wanted
/// another job and a script that replaces the hash if it still stands there.
///
/// A missing hash takes as long as a wrong password: a decoy is verified instead.
#[derive(Clone, Debug)]
pub struct Verify {
    call: Call,
    wish: call::Verify,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Start,
    Reading,
    /// `None` when no hash is stored.
    Verifying(Option<Stored>),
    Hashing(Stored),
    Replacing {
        stored: Stored,
        hash: Plaintext,
        named: Named,
    },
}

/// A stored hash, and the bytes that it was read from.
#[derive(Clone, Debug)]
struct Stored {
    bytes: Plaintext,
    hash: Plaintext,
}

impl Verify {
    pub(super) fn new(target: Target, key: Key, wish: call::Verify) -> Self {
        let call = Call::new(target, key, Verb::Verify(wish.clone()));
        Self { call, wish, state: State::Start }
    }

    pub(super) const fn wants_entropy(&self) -> bool {
        self.wish.upgrade
    }

    pub(super) fn step(
        &mut self,
        cx: &Cx<'_>,
        replies: &mut [Reply],
        answers: &[Answer],
        turn: &mut Turn,
    ) -> Result<Step> {
        self.advance(cx, replies, answers, turn).or_else(|error| self.interrupt(cx, error, turn))
    }

    /// The password is the one even when its hash cannot be replaced.
    pub(super) fn interrupt(&self, cx: &Cx<'_>, error: Error, turn: &mut Turn) -> Result<Step> {
        let error = cx.located(error, &self.call);
        match (&self.state, self.call.target) {
            (State::Hashing(_) | State::Replacing { .. }, Target::Entry(entry)) => {
                turn.notes.push(Note { entry, kind: NoteKind::NotUpgraded, error });
                Ok(yes(true))
            }
            _ => Err(error),
        }
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
            return Err(Error::server_unquoted(&error.code));
        }
        match &self.state {
            State::Start => {
                password::check(self.wish.password.expose())?;
                ops::value::write_get(entry, &self.call, &mut turn.batch);
                self.state = State::Reading;
            }
            State::Reading => self.verify(entry, reply, turn)?,
            State::Verifying(stored) => {
                let is_right = verified(answers)?;
                let verdict = match stored {
                    None => Verdict::Missing,
                    Some(_) if !is_right => Verdict::No,
                    Some(stored) => {
                        let hash = stored.hash.expose();
                        Verdict::Yes { wants_upgrade: password::wants_upgrade(hash, entry.cost) }
                    }
                };
                let (Some(stored), Verdict::Yes { wants_upgrade: true }, true) =
                    (stored.clone(), verdict, self.wish.upgrade)
                else {
                    return Ok(Step::Done(Outcome::Verdict(verdict)));
                };
                self.state = State::Hashing(stored);
                turn.ask(hash(cx, &self.wish.password, entry.cost)?);
            }
            State::Hashing(stored) => {
                let (stored, hash) = (stored.clone(), hashed(answers)?);
                self.replace(stored, hash, Named::Digest, turn)?;
            }
            State::Replacing { stored, hash, named } => {
                if !(is_unknown_script(&reply) && *named == Named::Digest) {
                    // Whoever came between stored a hash of their own.
                    return Ok(yes(false));
                }
                let (stored, hash) = (stored.clone(), hash.clone());
                self.replace(stored, hash, Named::Text, turn)?;
            }
        }
        Ok(Step::More)
    }

    fn verify(&mut self, entry: &Entry, reply: Reply, turn: &mut Turn) -> Result<()> {
        let bytes = match reply {
            Reply::Bulk(bytes) => Some(bytes),
            Reply::Nil => None,
            other => return Err(ops::unexpected("a bulk string", &other)),
        };
        let stored = bytes.map(read).transpose()?.flatten();
        let hash = match &stored {
            Some(stored) => stored.hash.clone(),
            None => password::decoy(entry.cost)[..].into(),
        };
        turn.ask(Job::Verify { password: self.wish.password.clone(), hash });
        self.state = State::Verifying(stored);
        Ok(())
    }

    fn replace(
        &mut self,
        stored: Stored,
        hash: Plaintext,
        named: Named,
        turn: &mut Turn,
    ) -> Result<()> {
        let seen = Some(stored.bytes.expose());
        let swap = Swap { key: &self.call.key, seen, named, role: Role::Secret };
        ops::secret::write_rehash(&swap, &hash, &mut turn.batch)?;
        self.state = State::Replacing { stored, hash, named };
        Ok(())
    }
}

fn read(bytes: Vec<u8>) -> Result<Option<Stored>> {
    let hash = ops::secret::read_hash(&bytes)?;
    Ok(hash.map(|hash| Stored { bytes: Plaintext::new(bytes), hash }))
}

fn verified(answers: &[Answer]) -> Result<bool> {
    match answers.first() {
        Some(Answer::Verified(is_right)) => Ok(*is_right),
        Some(Answer::Failed(error)) => Err(error.clone()),
        _ => Err(Error::new(ErrorKind::Internal, "a password that nobody verified")),
    }
}

const fn yes(wants_upgrade: bool) -> Step {
    Step::Done(Outcome::Verdict(Verdict::Yes { wants_upgrade }))
}
