//! Values that stay for some time behind their expiry, while a new one is computed.

use super::{Fill, Note, NoteKind, Step, Turn};
use crate::{
    call::{Cx, Outcome, Target},
    error::{Error, ErrorKind, Result},
    layout::Entry,
    ops::compare,
    reply::Reply,
    ttl::{Expiry, Renew, Ttl},
};

impl Fill {
    /// The old value, and why there is no new one.
    pub(super) fn give_old(&mut self, error: Error, turn: &mut Turn) -> Result<Step> {
        let (Some(old), Target::Entry(entry)) = (self.old.take(), self.call.target) else {
            return Err(error);
        };
        turn.notes.push(Note { entry, kind: NoteKind::NotRefreshed, error });
        Ok(Step::Done(Outcome::Value(old)))
    }

    /// What the call says stands in the place of what the entry declares.
    pub(super) fn take_stale(&mut self, entry: &Entry) {
        self.stale_ms = self.wish.stale_ms.unwrap_or(entry.stale_ms);
    }

    /// How much time is left tells whether a value is stale.
    pub(super) fn ask_age(&self, turn: &mut Turn) {
        if self.stale_ms > 0 {
            compare::write_left(&self.call.key, &mut turn.batch);
        }
    }

    /// Whether the value is behind its time, by what is left until it is gone.
    pub(super) fn is_stale(&self, replies: &[Reply]) -> bool {
        match replies.last() {
            Some(Reply::Int(left)) if self.stale_ms > 0 => {
                u64::try_from(*left).is_ok_and(|left| left <= self.stale_ms)
            }
            _ => false,
        }
    }

    /// Whether the next step may draw how long a key lives.
    pub(in crate::plan) fn wants_entropy(&self, cx: &Cx<'_>) -> bool {
        cx.draws_lifetime(self.call.target)
    }

    /// The expiry of a value that is stored now: what is the layout's is drawn with its jitter.
    pub(super) fn expiry_now(&self, cx: &Cx<'_>, entry: &Entry) -> Result<Expiry> {
        match (self.wish.expiry, self.expiry(entry)?) {
            (Expiry::Policy, Expiry::In(ms)) => Ok(Expiry::In(ms - cx.cut_ms(entry)?)),
            (_, expiry) => Ok(expiry),
        }
    }

    /// The expiry of a new value: behind its time it stays for as long as it may be given.
    pub(super) fn expiry(&self, entry: &Entry) -> Result<Expiry> {
        let (expiry, stale_ms) = (self.wish.expiry, self.stale_ms);
        let longer = match (expiry, entry.ttl) {
            // What is never behind its time by the call's own expiry needs no more of it.
            (Expiry::Keep | Expiry::Persist, _) if self.wish.stale_ms.is_none() => {
                return Ok(expiry);
            }
            // What the layout declares would be longer than what the call wants.
            (Expiry::Policy, Some(Ttl::For(ms))) if stale_ms == 0 && entry.stale_ms > 0 => {
                return Ok(Expiry::In(ms));
            }
            _ if stale_ms == 0 => return Ok(expiry),
            (Expiry::Policy, Some(_)) if entry.renew == Renew::Access => None,
            (Expiry::In(ms), _) | (Expiry::Policy, Some(Ttl::For(ms))) => {
                ms.checked_add(stale_ms).map(Expiry::In)
            }
            (Expiry::At(ms), _) => ms.checked_add(stale_ms).map(Expiry::At),
            _ => None,
        };
        let longer = longer.ok_or_else(|| {
            let message = "`stale` is for values that expire, and whose expiry no read renews";
            Error::new(ErrorKind::InvalidCall, message)
        })?;
        longer.check_of_value().map(|()| longer)
    }
}
