//! Driving a plan to its end: one state, stepped by an asynchronous and by a blocking loop.

use std::time::Instant;

use nestkey_core::{
    call::Outcome,
    error::{Effect, Error, ErrorKind, Result},
    plan::{Input, Plan, Step, Turn},
    reply::Reply,
};

use crate::Root;

/// A plan under way.
#[derive(Debug)]
pub(crate) struct Drive {
    root: Root,
    plan: Plan,
    turn: Turn,
    deadline: Option<Instant>,
}

impl Drive {
    pub(crate) fn new(root: Root, plan: Plan, deadline: Option<Instant>) -> Self {
        Self { root, plan, turn: Turn::default(), deadline }
    }

    pub(crate) async fn run(mut self) -> Result<Outcome> {
        let mut arrived = Ok(Vec::new());
        loop {
            if let Some(outcome) = self.next(arrived)? {
                return Ok(outcome);
            }
            arrived = self.exchange().await;
        }
    }

    pub(crate) fn run_blocking(mut self) -> Result<Outcome> {
        let mut arrived = Ok(Vec::new());
        loop {
            if let Some(outcome) = self.next(arrived)? {
                return Ok(outcome);
            }
            arrived = self.exchange_blocking();
        }
    }

    /// Steps the plan with what arrived; `None` when there is something to exchange.
    ///
    /// An exchange that failed ends the plan: whether another could mend it is the caller's
    /// business.
    pub(crate) fn next(&mut self, arrived: Result<Vec<Reply>>) -> Result<Option<Outcome>> {
        let arrived = arrived.and_then(|replies| self.complete(replies));
        let cx = self.root.cx();
        self.turn.clear();
        let step = match arrived {
            Ok(mut replies) => {
                let input = Input { replies: &mut replies, ..Input::default() };
                self.plan.step(&cx, input, &mut self.turn)?
            }
            Err(error) => self.plan.interrupt(&cx, error, &mut self.turn)?,
        };
        Ok(match step {
            Step::Done(outcome) => Some(outcome),
            Step::More => None,
        })
    }

    pub(crate) async fn exchange(&self) -> Result<Vec<Reply>> {
        self.root.client().backend().exchange(&self.turn.batch, self.deadline).await
    }

    pub(crate) fn exchange_blocking(&self) -> Result<Vec<Reply>> {
        self.root.client().backend().exchange_blocking(&self.turn.batch, self.deadline)
    }

    /// What the last step handed out.
    pub(crate) fn items(&mut self) -> impl Iterator<Item = Outcome> + '_ {
        self.turn.items.drain(..)
    }

    fn complete(&self, replies: Vec<Reply>) -> Result<Vec<Reply>> {
        let commands = self.turn.batch.len();
        if replies.len() == commands {
            return Ok(replies);
        }
        let message = format!("{commands} commands were answered with {} replies", replies.len());
        Err(Error::new(ErrorKind::UnexpectedReply, message).effect(Effect::Ambiguous))
    }
}
