//! Values that stay for some time behind their expiry, while a new one is computed.

use super::{Fill, Note, NoteKind, Step, Turn};
use crate::{
    call::{GetOrSet, Outcome, Target},
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

    /// How much time is left tells whether a value is stale.
    pub(super) fn ask_age(&self, turn: &mut Turn) {
        if self.wish.stale_ms > 0 {
            compare::write_left(&self.call.key, &mut turn.batch);
        }
    }

    /// Whether the value is behind its time, by what is left until it is gone.
    pub(super) fn is_stale(&self, replies: &[Reply]) -> bool {
        match replies.last() {
            Some(Reply::Int(left)) if self.wish.stale_ms > 0 => {
                u64::try_from(*left).is_ok_and(|left| left <= self.wish.stale_ms)
            }
            _ => false,
        }
    }

    /// The expiry of a new value: behind its time it stays for as long as it may be given.
    pub(super) fn expiry(&self, entry: &Entry) -> Result<Expiry> {
        let GetOrSet { expiry, stale_ms, .. } = self.wish;
        if stale_ms == 0 {
            return Ok(expiry);
        }
        let longer = match (expiry, entry.ttl) {
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
