use alloc::{format, vec::Vec};

use super::{Step, Turn, update::is_unknown_script};
use crate::{
    call::{Call, Cx, Outcome, Rebind, Target, Verb},
    command::Role,
    error::{Effect, Error, ErrorKind, Result},
    key::Key,
    layout::Entry,
    ops::{
        self,
        compare::{self, Named, Swap},
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
    Writing { seen: Plaintext, plaintext: Option<Plaintext>, named: Named },
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

    /// Whether it came to write something.
    pub(super) const fn has_written(&self) -> bool {
        matches!(self.state, State::Writing { .. })
    }

    pub(super) fn step(
        &mut self,
        cx: &Cx<'_>,
        replies: &mut [Reply],
        turn: &mut Turn,
    ) -> Result<Step> {
        self.advance(cx, replies, turn).map_err(|error| self.located(cx, error))
    }

    pub(super) fn located(&self, cx: &Cx<'_>, error: Error) -> Error {
        cx.located(error, &self.call)
    }

    fn advance(&mut self, cx: &Cx<'_>, replies: &mut [Reply], turn: &mut Turn) -> Result<Step> {
        let entry = ops::entry(&self.call, cx)?;
        let reply = replies.first_mut().map(core::mem::take).unwrap_or_default();
        if let (Reply::Error(error), false) = (&reply, is_unknown_script(&reply)) {
            return Err(Error::server_unquoted(&error.code));
        }
        match &self.state {
            State::Start => self.look(turn),
            State::Looking => match ops::secret::read_head(reply)? {
                Some(form) if is_stale(form, cx)? => self.read(turn),
                Some(form) => return Ok(Step::Done(Outcome::Form(form))),
                None => return Ok(Step::Done(Outcome::Missing)),
            },
            State::Reading => match reply {
                Reply::Bulk(seen) => self.open(cx, entry, seen, turn)?,
                Reply::Nil => return Ok(Step::Done(Outcome::Missing)),
                other => return Err(ops::unexpected("a bulk string", &other)),
            },
            State::Writing { seen, plaintext, named } => match (reply, named) {
                (Reply::Int(1), _) => return self.done(cx),
                (Reply::Int(_), _) if self.tries < TRIES => self.look(turn),
                (Reply::Int(_), _) => return Err(self.conflict()),
                (Reply::Error(_), Named::Digest) => {
                    let (seen, plaintext) = (seen.clone(), plaintext.clone());
                    self.write(cx, seen, plaintext, Named::Text, turn)?;
                }
                (other, _) => return Err(ops::unexpected("1 or 0", &other)),
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

    fn open(&mut self, cx: &Cx<'_>, entry: &Entry, seen: Vec<u8>, turn: &mut Turn) -> Result<()> {
        let sealed_for = match &self.call.verb {
            Verb::Rebind(wish) => &wish.from,
            _ => &self.call.key,
        };
        let plaintext = ops::secret::open(cx, entry, sealed_for.as_bytes(), &seen)?;
        self.write(cx, Plaintext::new(seen), plaintext, Named::Digest, turn)
    }

    fn write(
        &mut self,
        cx: &Cx<'_>,
        seen: Plaintext,
        plaintext: Option<Plaintext>,
        named: Named,
        turn: &mut Turn,
    ) -> Result<()> {
        let (key, role) = (&self.call.key, Role::Secret);
        let swap = Swap { key, seen: Some(seen.expose()), named, role };
        ops::secret::write_reseal(cx, &swap, plaintext.as_ref(), &mut turn.batch)?;
        self.state = State::Writing { seen, plaintext, named };
        Ok(())
    }

    fn done(&self, cx: &Cx<'_>) -> Result<Step> {
        Ok(Step::Done(match self.call.verb {
            Verb::Rebind(_) => Outcome::Bool(true),
            _ => Outcome::Form(primary(cx)?),
        }))
    }

    #[cold]
    fn conflict(&self) -> Error {
        let message = format!("others wrote between reading and writing, {} times", self.tries);
        Error::new(ErrorKind::Conflict, message).effect(Effect::Rejected)
    }
}

/// Whether a secret wants to be sealed anew; a null is not sealed at all.
fn is_stale(form: Form, cx: &Cx<'_>) -> Result<bool> {
    Ok(form != Form::Null && form != primary(cx)?)
}

/// How secrets are stored now.
pub(super) fn primary(cx: &Cx<'_>) -> Result<Form> {
    let primary = cx.keyring()?.primary().map(|key| Form::Sealed(key.id()));
    primary.ok_or_else(|| {
        let message = "a keyring without a primary key seals nothing";
        Error::new(ErrorKind::NoKeyring, message)
    })
}
