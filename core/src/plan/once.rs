use super::{Note, NoteKind, Step, Turn, atomic, job::is_unavailable};
use crate::{
    call::{Call, Cx, Outcome, Target, Verb},
    error::{Error, ErrorKind, Result},
    layout::OnFailure,
    ops,
    reply::Reply,
    value::Payload,
};

/// One call of one turn.
#[derive(Clone, Debug)]
pub struct Once {
    call: Call,
    sent: Sent,
}

#[derive(Clone, Copy, Debug)]
enum Sent {
    No,
    /// As they are.
    Plain,
    /// Between a MULTI and an EXEC of its own.
    Grouped,
}

impl Once {
    pub(super) const fn new(call: Call) -> Self {
        Self { call, sent: Sent::No }
    }

    pub(super) fn step(
        &mut self,
        cx: &Cx<'_>,
        replies: &mut [Reply],
        turn: &mut Turn,
    ) -> Result<Step> {
        match self.sent {
            Sent::No => self.send(cx, turn).map(|()| Step::More),
            Sent::Plain => ops::read(&self.call, cx, replies).map(Step::Done),
            Sent::Grouped => atomic::unwrap_own(&self.call, replies)
                .and_then(|mut replies| ops::read(&self.call, cx, &mut replies).map(Step::Done)),
        }
    }

    /// Whether the next step seals a secret, or may draw how long a key lives.
    pub(super) fn wants_entropy(&self, cx: &Cx<'_>) -> bool {
        match (&self.sent, &self.call.verb) {
            (Sent::No, Verb::Seal(_)) => true,
            (Sent::No, _) => cx.draws_lifetime(self.call.target),
            _ => false,
        }
    }

    pub(super) const fn call(&self) -> &Call {
        &self.call
    }

    pub(super) const fn call_mut(&mut self) -> &mut Call {
        &mut self.call
    }

    fn send(&mut self, cx: &Cx<'_>, turn: &mut Turn) -> Result<()> {
        let grouped = ops::is_atomic(&self.call, cx) && turn.batch.open_group();
        ops::write(&self.call, cx, &mut turn.batch)?;
        if grouped {
            turn.batch.close_group();
        }
        if let Verb::Set(set) = &mut self.call.verb {
            // It stands in the batch, and may be large.
            set.value = Payload::null();
        }
        turn.has_fallback |= counts_as_missing(&self.call, cx);
        self.sent = if grouped { Sent::Grouped } else { Sent::Plain };
        Ok(())
    }
}

/// Whether it reads as missing where there is no server.
fn counts_as_missing(call: &Call, cx: &Cx<'_>) -> bool {
    matches!(call.verb, Verb::Get | Verb::Lookup)
        && ops::entry(call, cx).is_ok_and(|entry| entry.on_unavailable == OnFailure::Missing)
}

/// What a read gives instead of an error, where its entry says that such a value counts as missing.
pub(super) fn let_pass(cx: &Cx<'_>, call: &Call, error: Error, turn: &mut Turn) -> Result<Outcome> {
    let error = cx.located(error, call);
    let (Target::Entry(id), Verb::Get | Verb::GetOrSet(_) | Verb::Lookup) =
        (call.target, &call.verb)
    else {
        return Err(error);
    };
    let entry = cx.layout.entry(id)?;
    let is_invalid = matches!(error.kind(), ErrorKind::MalformedValue | ErrorKind::TypeMismatch);
    let kind = if is_invalid && entry.on_invalid == OnFailure::Missing {
        NoteKind::InvalidAsMissing
    } else if is_unavailable(&error) && entry.on_unavailable == OnFailure::Missing {
        NoteKind::UnavailableAsMissing
    } else {
        return Err(error);
    };
    turn.notes.push(Note { entry: id, kind, error });
    Ok(match (&call.verb, &entry.default) {
        (Verb::Get, Some(default)) => Outcome::Value(default.clone()),
        _ => Outcome::Missing,
    })
}
