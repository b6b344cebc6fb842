use alloc::{format, string::String, vec::Vec};

use super::{Answer, Input, Plan, Step, Turn};
use crate::{
    call::{Call, Cx, Outcome},
    command::Class,
    error::{Effect, Error, ErrorKind, Result},
    ops,
    reply::Reply,
};

/// Several plans of one turn each in one MULTI/EXEC: no other client's command comes between.
///
/// Redis has no rollback: a command that fails while the group runs leaves the others applied.
#[derive(Clone, Debug)]
pub struct Atomic {
    children: Vec<Plan>,
    /// How many commands each child has in the group; empty until they are sent.
    commands: Vec<usize>,
    /// Which children asked for jobs, one each, before the group is sent.
    asked: Vec<usize>,
}

impl Atomic {
    pub(super) const fn new(children: Vec<Plan>) -> Self {
        Self { children, commands: Vec::new(), asked: Vec::new() }
    }

    pub(super) fn children(&self) -> &[Plan] {
        &self.children
    }

    pub(super) fn step(&mut self, cx: &Cx<'_>, input: Input<'_>, turn: &mut Turn) -> Result<Step> {
        let Input { replies, answers } = input;
        if !self.commands.is_empty() {
            return self.read(cx, replies, turn);
        }
        if self.children.is_empty() {
            return Ok(Step::Done(Outcome::Many(Vec::new())));
        }
        if let Some((index, error)) = self.refused(cx) {
            return Ok(Step::Done(self.not_sent(index, &error)));
        }
        let jobs = turn.jobs.len();
        match self.prepare(cx, answers, turn) {
            Ok(true) => {}
            Ok(false) => return Ok(Step::More),
            Err((index, error)) => {
                turn.jobs.truncate(jobs);
                return Ok(Step::Done(self.not_sent(index, &error)));
            }
        }
        let mark = turn.batch.mark();
        if !turn.batch.open_group() {
            return Err(Error::new(ErrorKind::InvalidCall, "an atomic group inside of another"));
        }
        match self.send(cx, turn) {
            Ok(()) => {
                turn.batch.close_group();
                Ok(Step::More)
            }
            Err((index, error)) => {
                turn.batch.rollback(&mark);
                self.commands.clear();
                Ok(Step::Done(self.not_sent(index, &error)))
            }
        }
    }

    pub(super) fn interrupt(
        &mut self,
        cx: &Cx<'_>,
        error: &Error,
        sent: &[Class],
        turn: &mut Turn,
    ) -> Outcome {
        // Behind MULTI; nobody has any before the group is sent.
        let mut sent = sent.get(1..).unwrap_or_default();
        let commands = self.commands.iter().copied().chain(core::iter::repeat(0));
        let end = |(child, commands): (&mut Plan, usize)| {
            let (own, others) = sent.split_at(commands.min(sent.len()));
            sent = others;
            match child.break_off(cx, error.clone(), own, &mut [], turn)? {
                Step::Done(outcome) => Ok(outcome),
                Step::More => Err(error.clone()),
            }
        };
        Outcome::Many(self.children.iter_mut().zip(commands).map(end).collect())
    }

    /// The first child that can be in no group, so that nothing is hashed in vain.
    fn refused(&self, cx: &Cx<'_>) -> Option<(usize, Error)> {
        if self.children.len() > most(cx) {
            return Some((most(cx), too_large(cx)));
        }
        self.children.iter().enumerate().find_map(|(index, child)| {
            let name = match child {
                Plan::Hashing(_) | Plan::Once(_) => return None,
                Plan::Failed(error) => return Some((index, error.clone())),
                Plan::Atomic(_) => return Some((index, nested("atomic"))),
                Plan::Fill(_) => "get_or_set",
                Plan::Join(_) => return Some((index, nested("pipeline"))),
                Plan::Reseal(_) => "rebind",
                Plan::Rotate(_) => "rotate",
                Plan::Scan(plan) => plan.name(),
                Plan::Update(_) => "update",
                Plan::Verify(_) => "verify",
            };
            let message = format!("`{name}` reads before it goes on, which an atomic group cannot");
            Some((index, Error::new(ErrorKind::InvalidCall, message)))
        })
    }

    /// Has passwords hashed before anything is sent. False while that is under way.
    fn prepare(
        &mut self,
        cx: &Cx<'_>,
        answers: &mut [Answer],
        turn: &mut Turn,
    ) -> core::result::Result<bool, (usize, Error)> {
        let mut answers = answers.iter_mut();
        let asked = core::mem::take(&mut self.asked);
        for (index, child) in self.children.iter_mut().enumerate() {
            let Plan::Hashing(hashing) = child else { continue };
            let answer = asked.contains(&index).then(|| answers.next()).flatten();
            let answers = answer.map(core::slice::from_mut).unwrap_or_default();
            turn.place.push(index as u32);
            let prepared = hashing.prepare(cx, &Input { answers, ..Input::default() }, turn);
            turn.place.pop();
            if !prepared.map_err(|error| (index, cx.located(error, hashing.call())))? {
                self.asked.push(index);
            }
        }
        Ok(self.asked.is_empty())
    }

    /// Appends the commands of every child, or says which one cannot be sent.
    fn send(&mut self, cx: &Cx<'_>, turn: &mut Turn) -> core::result::Result<(), (usize, Error)> {
        for (index, child) in self.children.iter_mut().enumerate() {
            let before = turn.batch.len();
            // A single-turn plan never finishes with its first step.
            let step = child.step(cx, Input::default(), turn);
            step.map_err(|error| (index, error)).map(drop)?;
            self.commands.push(turn.batch.len() - before);
            if self.commands.iter().sum::<usize>() > most(cx) {
                return Err((index, too_large(cx)));
            }
        }
        Ok(())
    }

    /// Nothing is sent when one of the calls cannot be made.
    fn not_sent(&self, failed: usize, error: &Error) -> Outcome {
        let result = |index| {
            if index == failed {
                return Err(error.clone());
            }
            let message = format!("not sent: call {failed} of the atomic group cannot be made");
            Err(Error::new(ErrorKind::Aborted, message))
        };
        Outcome::Many((0..self.children.len()).map(result).collect())
    }

    fn read(&mut self, cx: &Cx<'_>, replies: &mut [Reply], turn: &mut Turn) -> Result<Step> {
        let mut results = Vec::with_capacity(self.children.len());
        match unwrap(replies) {
            Ok(mut replies) => {
                let mut rest = &mut replies[..];
                for (child, commands) in self.children.iter_mut().zip(&self.commands) {
                    let (mine, others) = rest.split_at_mut((*commands).min(rest.len()));
                    rest = others;
                    results.push(finish(child, cx, mine, turn));
                }
            }
            Err(error) => {
                // Behind MULTI stands what each command was answered when it was queued.
                let mut rest = replies.get_mut(1..).unwrap_or_default();
                for (child, commands) in self.children.iter().zip(&self.commands) {
                    let (mine, others) = rest.split_at_mut((*commands).min(rest.len()));
                    rest = others;
                    let own = child.call().and_then(|call| first_error(call, mine));
                    results.push(Err(own.unwrap_or_else(|| error.clone())));
                }
            }
        }
        Ok(Step::Done(Outcome::Many(results)))
    }
}

/// How many commands there can be between MULTI and EXEC.
const fn most(cx: &Cx<'_>) -> usize {
    cx.max_in_flight.saturating_sub(2)
}

#[cold]
fn too_large(cx: &Cx<'_>) -> Error {
    let message = format!(
        "an atomic group is sent whole: {} commands at most, as {} may be in flight",
        most(cx),
        cx.max_in_flight
    );
    Error::new(ErrorKind::InvalidCall, message)
}

#[cold]
fn nested(name: &str) -> Error {
    let message = format!("`{name}` cannot stand in an atomic group: give it the calls themselves");
    Error::new(ErrorKind::InvalidCall, message)
}

fn finish(
    child: &mut Plan,
    cx: &Cx<'_>,
    replies: &mut [Reply],
    turn: &mut Turn,
) -> Result<Outcome> {
    match child.step(cx, Input { replies, ..Input::default() }, turn)? {
        Step::Done(outcome) => Ok(outcome),
        Step::More => Err(Error::new(ErrorKind::Internal, "a single-turn call asked for another")),
    }
}

/// The same for a group of one call: a command that the server did not even queue says why.
pub(super) fn unwrap_own(call: &Call, replies: &mut [Reply]) -> Result<Vec<Reply>> {
    unwrap(replies).map_err(|error| match error.kind() {
        ErrorKind::Aborted => first_error(call, replies).unwrap_or(error),
        _ => error,
    })
}

/// The first error among the replies to a call, those of a group included.
pub(super) fn first_error(call: &Call, replies: &[Reply]) -> Option<Error> {
    replies.iter().find_map(|reply| match reply {
        Reply::Array(inner) => first_error(call, inner),
        Reply::Error(error) => Some(ops::refusal(call, error)),
        _ => None,
    })
}

/// The replies of the commands in a group, out of those to MULTI, to each queued command and to
/// EXEC.
///
/// # Errors
///
/// The group was discarded.
pub(super) fn unwrap(replies: &mut [Reply]) -> Result<Vec<Reply>> {
    let discarded =
        |message: String| Err(Error::new(ErrorKind::Aborted, message).effect(Effect::Rejected));
    if let Some(Reply::Error(error)) = replies.first() {
        let error = Error::server(&error.code, &error.detail);
        // Without MULTI each command behind it was carried out by itself.
        let carried_out = replies.iter().any(|reply| !matches!(reply, Reply::Error(_)));
        return Err(if carried_out { error.effect(Effect::Partial) } else { error });
    }
    match replies.last_mut().map(core::mem::take) {
        Some(Reply::Array(inner)) if inner.len() + 2 == replies.len() => Ok(inner),
        Some(Reply::Error(error)) => Err(Error::server(&error.code, &error.detail)),
        Some(Reply::Nil) => discarded(String::from("a watched key changed")),
        Some(other) => Err(ops::unexpected("one reply to each command of the group", &other)),
        None => Err(ops::unexpected("an array", &Reply::Nil)),
    }
}
