mod stale;

use alloc::boxed::Box;

use super::{
    Answer, Input, Job, Note, NoteKind, Plan, Rest, Step, Turn, atomic::first_error,
    input::is_unknown_script, job::is_unavailable, once::let_pass, update::computed,
};
use crate::{
    call::{Call, Cx, GetOrSet, Outcome, Set, Target, Verb, WhenDown},
    error::{Effect, Error, ErrorKind, Result},
    key::{Key, lease::lease},
    ops::{
        self,
        compare::{self, Named},
    },
    reply::Reply,
    value::{self, Payload},
};

/// A value that is computed when it is missing, by one caller at a time.
///
/// `GET`; when that is missing, `SET lease token NX PX …` and `GET` once more; who has the lease
/// computes, sets the value and gives the lease back; the others wait and look again.
///
/// A lease stands no longer than its computation runs: where the call ends before, it leaves a
/// [`Rest`] that stores the value or gives the lease back.
#[derive(Clone, Debug)]
pub struct Fill {
    call: Call,
    wish: GetOrSet,
    /// For how long behind its time a value is given, in milliseconds.
    stale_ms: u64,
    state: State,
    /// How long the last wait was.
    waited_ms: u64,
    /// What was computed, until it is handed out.
    value: Option<Payload>,
    /// What stands there behind its time, while a new value is wanted.
    old: Option<Payload>,
    /// Why a computation failed, until the lease is given back.
    failed: Option<Error>,
    /// Whether it is what another left, for nobody: what fails then is not tried again.
    is_rest: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Start,
    Looking,
    /// For the lease, and at the value once more.
    Asking,
    Waiting,
    Computing {
        holds_lease: bool,
    },
    /// The lease back, behind the value where that is stored in the same turn.
    Returning {
        named: Named,
        stores: bool,
    },
    /// What is left for nobody: the lease to give back, and the value to store where there is one.
    Leaving {
        stores: bool,
    },
}

/// The first and the longest wait for somebody else's computation.
const WAITS_MS: (u64, u64) = (20, 500);

impl Fill {
    pub(super) fn new(target: Target, key: Key, wish: GetOrSet) -> Self {
        let call = Call::new(target, key, Verb::GetOrSet(wish.clone()));
        let state = State::Start;
        Self {
            call,
            wish,
            stale_ms: 0,
            state,
            waited_ms: 0,
            value: None,
            old: None,
            failed: None,
            is_rest: false,
        }
    }

    pub(super) fn step(
        &mut self,
        cx: &Cx<'_>,
        input: &mut Input<'_>,
        turn: &mut Turn,
    ) -> Result<Step> {
        self.advance(cx, input, turn).map_err(|error| cx.located(error, &self.call))
    }

    /// Without a server the value is computed and not stored, where that is wanted.
    pub(super) fn interrupt(&mut self, cx: &Cx<'_>, error: Error, turn: &mut Turn) -> Result<Step> {
        self.leave(error.outcome(), turn);
        // The computation has failed, whether or not its lease could be given back.
        if let Some(failed) = self.failed.take() {
            return Err(cx.located(failed, &self.call));
        }
        // Nor does it matter to a value that is stored already.
        if let (State::Returning { stores: false, .. }, Some(value)) = (self.state, &self.value) {
            return Ok(Step::Done(Outcome::Value(value.clone())));
        }
        let error = match (self.state, error.outcome()) {
            // A lease is no value: whoever asks again waits for it, or gets it.
            (State::Asking, Effect::Ambiguous) => error.effect(Effect::Unchanged),
            _ => error,
        };
        self.without_server(cx, error, turn)
    }

    /// Goes on without a server, where that is wanted.
    fn without_server(&mut self, cx: &Cx<'_>, error: Error, turn: &mut Turn) -> Result<Step> {
        let error = cx.located(error, &self.call);
        if self.old.is_some() {
            return self.give_old(error, turn);
        }
        let (true, Target::Entry(entry)) =
            (self.computes_when_down() && is_unavailable(&error), self.call.target)
        else {
            return Err(error);
        };
        turn.notes.push(Note { entry, kind: NoteKind::NotStored, error });
        if let Some(value) = self.value.take() {
            return Ok(Step::Done(Outcome::Value(value)));
        }
        turn.ask(Job::Value(None));
        self.state = State::Computing { holds_lease: false };
        Ok(Step::More)
    }

    fn computes_when_down(&self) -> bool {
        self.wish.when_down == WhenDown::Compute
    }

    /// Leaves what is to be done about the lease, where a turn could not be carried out: what was
    /// not even sent is sent once more, value and all.
    fn leave(&self, effect: Effect, turn: &mut Turn) {
        if self.is_rest {
            return;
        }
        let stores = match (self.state, effect) {
            (State::Asking, Effect::NotSent) => return,
            (State::Returning { stores, .. }, Effect::NotSent) => stores && self.failed.is_none(),
            (State::Asking | State::Returning { .. }, _) => false,
            (State::Computing { holds_lease: true } | State::Leaving { .. }, _) => false,
            _ => return,
        };
        self.rest(State::Leaving { stores }, None, turn);
    }

    fn rest(&self, state: State, awaits_ms: Option<u64>, turn: &mut Turn) {
        let plan = Plan::Fill(Box::new(Self { state, is_rest: true, ..self.clone() }));
        turn.rests.push(Rest { place: turn.place.clone(), plan, awaits_ms });
    }

    /// A lease that was asked for and not granted is another's, whose token differs.
    pub(super) fn release(&self, turn: &mut Turn) {
        match self.state {
            State::Asking
            | State::Computing { holds_lease: true }
            | State::Returning { .. }
            | State::Leaving { .. } => {
                // By its whole text: nobody would send it again to a server that does not know it.
                self.write_release(Named::Text, turn);
            }
            State::Start | State::Looking | State::Waiting | State::Computing { .. } => {}
        }
    }

    fn advance(&mut self, cx: &Cx<'_>, input: &mut Input<'_>, turn: &mut Turn) -> Result<Step> {
        match self.state {
            State::Start => self.look(cx, turn)?,
            State::Looking => match self.found(cx, input.replies, turn) {
                Ok(Some(value)) if self.is_stale(input.replies) => {
                    self.old = Some(value);
                    self.ask(turn);
                }
                Ok(Some(value)) => return Ok(Step::Done(Outcome::Value(value))),
                Ok(None) => self.ask(turn),
                Err(error) => return self.without_server(cx, error, turn),
            },
            State::Asking => {
                let asked = self.asked(cx, input.replies, turn);
                return asked.or_else(|error| self.without_server(cx, error, turn));
            }
            State::Waiting => self.ask(turn),
            State::Computing { holds_lease } => {
                return self.computed(cx, input, holds_lease, turn);
            }
            State::Returning { named, .. } => {
                let (last, stored) = input.replies.split_last_mut().unzip();
                if let Some(error) = stored.and_then(|replies| first_error(&self.call, replies)) {
                    self.failed = self.failed.take().or(Some(error));
                }
                // A lease that cannot be given back expires: only the value decides.
                match last {
                    Some(Reply::Error(error))
                        if named == Named::Digest && is_unknown_script(error) => {}
                    _ => return self.finish(),
                }
                self.give_back(Named::Text, false, turn);
            }
            State::Leaving { stores } => match self.value.take() {
                Some(value) if stores => self.store(cx, value, turn),
                _ => self.give_back(Named::Digest, false, turn),
            },
        }
        Ok(Step::More)
    }

    fn look(&mut self, cx: &Cx<'_>, turn: &mut Turn) -> Result<()> {
        let entry = ops::entry(&self.call, cx)?;
        self.wish.expiry.check_of_value()?;
        self.take_stale(entry);
        self.expiry(entry)?;
        ops::value::write_get(cx, entry, &self.call, &mut turn.batch)?;
        self.ask_age(turn);
        turn.has_fallback |= self.computes_when_down();
        self.state = State::Looking;
        Ok(())
    }

    /// The value in the first reply; its default does not count.
    fn found(
        &self,
        cx: &Cx<'_>,
        replies: &mut [Reply],
        turn: &mut Turn,
    ) -> Result<Option<Payload>> {
        let entry = ops::entry(&self.call, cx)?;
        let reply = replies.first_mut().map(core::mem::take).unwrap_or_default();
        if let Reply::Error(error) = &reply {
            return Err(Error::server(&error.code, &error.detail));
        }
        let outcome = ops::value::read_lookup(cx, entry, reply);
        let outcome = outcome.or_else(|error| let_pass(cx, &self.call, error, turn));
        match outcome? {
            Outcome::Value(value) => Ok(Some(value)),
            _ => Ok(None),
        }
    }

    fn ask(&mut self, turn: &mut Turn) {
        compare::write_lease(
            &lease(&self.call.key),
            &self.token(),
            self.wish.lease_ms,
            &mut turn.batch,
        );
        compare::write_read(&self.call.key, &mut turn.batch);
        self.ask_age(turn);
        turn.has_fallback |= self.computes_when_down() || self.old.is_some();
        self.state = State::Asking;
    }

    fn asked(&mut self, cx: &Cx<'_>, replies: &mut [Reply], turn: &mut Turn) -> Result<Step> {
        let [lease, found @ ..] = replies else {
            return Err(ops::unexpected("two replies", &Reply::Nil));
        };
        let has_lease = match lease {
            Reply::Status(_) => true,
            Reply::Nil => false,
            Reply::Error(error) => return Err(Error::server(&error.code, &error.detail)),
            other => return Err(ops::unexpected("a status", other)),
        };
        let value = self.found(cx, found, turn);
        if let (Ok(Some(_)), true) = (&value, self.is_stale(found) && has_lease) {
            self.old = value?;
            turn.ask(Job::Value(None));
            self.state = State::Computing { holds_lease: true };
            return Ok(Step::More);
        }
        // What was old may be gone, or new.
        self.old = None;
        match (value, has_lease) {
            (Ok(Some(value)), false) => return Ok(Step::Done(Outcome::Value(value))),
            (Ok(Some(value)), true) => {
                self.value = Some(value);
                self.give_back(Named::Digest, false, turn);
            }
            (Ok(None), true) => {
                turn.ask(Job::Value(None));
                self.state = State::Computing { holds_lease: true };
            }
            (Ok(None), false) => {
                let (first, longest) = WAITS_MS;
                self.waited_ms = (self.waited_ms * 2).clamp(first, longest);
                turn.wait(self.waited_ms);
                self.state = State::Waiting;
            }
            (Err(error), true) => {
                self.failed = Some(error);
                self.give_back(Named::Digest, false, turn);
            }
            (Err(error), false) => return Err(error),
        }
        Ok(Step::More)
    }

    fn computed(
        &mut self,
        cx: &Cx<'_>,
        input: &Input<'_>,
        holds_lease: bool,
        turn: &mut Turn,
    ) -> Result<Step> {
        let entry = ops::entry(&self.call, cx)?;
        if let (Some(Answer::Late(error)), true) = (input.answers.first(), holds_lease) {
            self.rest(self.state, Some(self.wish.lease_ms), turn);
            let error = cx.located(error.clone().effect(Effect::Ambiguous), &self.call);
            return self.give_old(error, turn);
        }
        let computed = computed(input).and_then(|value| {
            value::fit(&value, &entry.ty, &entry.constraints, cx.layout.records())
                .map(alloc::borrow::Cow::into_owned)
        });
        match (computed, holds_lease) {
            (Ok(value), false) => return Ok(Step::Done(Outcome::Value(value))),
            (Err(error), false) => return Err(error),
            (Ok(value), true) => self.store(cx, value, turn),
            (Err(error), true) => {
                let error = cx.located(error, &self.call);
                match self.give_old(error, turn) {
                    Ok(Step::Done(Outcome::Value(old))) => self.value = Some(old),
                    Ok(_) => {}
                    Err(error) => self.failed = Some(error),
                }
                self.give_back(Named::Digest, false, turn);
            }
        }
        Ok(Step::More)
    }

    /// The value into its place, and the lease back.
    fn store(&mut self, cx: &Cx<'_>, value: Payload, turn: &mut Turn) {
        let mut set = Set::new(value);
        set.expiry = ops::entry(&self.call, cx)
            .and_then(|entry| self.expiry_now(cx, entry))
            .unwrap_or(self.wish.expiry);
        let call = Call::new(self.call.target, self.call.key.clone(), Verb::Set(set));
        let mark = turn.batch.mark();
        let grouped = ops::is_atomic(&call, cx) && turn.batch.open_group();
        let written = ops::write(&call, cx, &mut turn.batch);
        if let Err(error) = written {
            turn.batch.rollback(&mark);
            self.failed = Some(error);
        } else if grouped {
            turn.batch.close_group();
        }
        if let Verb::Set(set) = call.verb {
            self.value = Some(set.value);
        }
        turn.has_fallback |= self.computes_when_down();
        self.give_back(Named::Digest, true, turn);
    }

    fn give_back(&mut self, named: Named, stores: bool, turn: &mut Turn) {
        self.write_release(named, turn);
        self.state = State::Returning { named, stores };
    }

    fn write_release(&self, named: Named, turn: &mut Turn) {
        let (lease, token) = (lease(&self.call.key), self.token());
        compare::write_compare_and_delete(&lease, &token, named, &mut turn.batch);
    }

    fn finish(&mut self) -> Result<Step> {
        match (self.failed.take(), self.value.take()) {
            (None, Some(value)) => Ok(Step::Done(Outcome::Value(value))),
            (Some(error), _) => Err(error),
            (None, None) => Err(Error::new(ErrorKind::Internal, "a computed value is gone")),
        }
    }

    /// The token in hex.
    fn token(&self) -> [u8; 32] {
        let mut text = [0; 32];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.wish.token) {
            for (digit, nibble) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
                *digit = b"0123456789abcdef"[usize::from(nibble)];
            }
        }
        text
    }
}
