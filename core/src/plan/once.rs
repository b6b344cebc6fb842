use super::{Step, Turn, atomic};
use crate::{
    call::{Call, Cx},
    error::{Error, Result},
    ops,
    reply::Reply,
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
        let outcome = match self.sent {
            Sent::No => self.send(cx, turn).map(|()| Step::More),
            Sent::Plain => ops::read(&self.call, cx, replies).map(Step::Done),
            Sent::Grouped => atomic::unwrap(replies)
                .and_then(|mut replies| ops::read(&self.call, cx, &mut replies).map(Step::Done)),
        };
        outcome.map_err(|error| self.located(cx, error))
    }

    /// Says where it happened.
    pub(super) fn located(&self, cx: &Cx<'_>, error: Error) -> Error {
        cx.located(error, &self.call)
    }

    fn send(&mut self, cx: &Cx<'_>, turn: &mut Turn) -> Result<()> {
        let grouped = ops::is_atomic(&self.call, cx) && turn.batch.open_group();
        ops::write(&self.call, cx, &mut turn.batch)?;
        if grouped {
            turn.batch.close_group();
        }
        self.sent = if grouped { Sent::Grouped } else { Sent::Plain };
        Ok(())
    }
}
