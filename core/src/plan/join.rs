use alloc::{string::String, vec::Vec};

use super::{Answer, Input, Plan, Step, Turn};
use crate::{
    call::{Cx, Outcome},
    command::Class,
    error::{Effect, Error, ErrorKind, Result},
};

/// Several plans side by side: each turn carries the commands of all that are under way.
///
/// They are begun in their order, as many as there is room for at a time, so that a
/// pipeline of any length stays within the bound on the commands in flight.
#[derive(Clone, Debug)]
pub struct Join {
    children: Vec<Child>,
}

#[derive(Clone, Debug)]
struct Child {
    plan: Plan,
    /// Its place in the pipeline.
    index: u32,
    /// How many commands and jobs it has in the present turn.
    commands: usize,
    jobs: usize,
    has_begun: bool,
    done: Option<Result<Outcome>>,
}

impl Join {
    pub(super) fn new(plans: Vec<Plan>) -> Self {
        let child = |(index, plan)| {
            let plan = refuse_items(plan);
            Child { plan, index: index as u32, commands: 0, jobs: 0, has_begun: false, done: None }
        };
        Self { children: plans.into_iter().enumerate().map(child).collect() }
    }

    pub(super) fn step(&mut self, cx: &Cx<'_>, input: Input<'_>, turn: &mut Turn) -> Result<Step> {
        let Input { mut replies, mut answers } = input;
        let (room, mut under_way) = (room(cx), 0);
        // Those under way stand in front: they are begun in their order.
        for child in self.children.iter_mut().filter(|child| child.done.is_none()) {
            if !child.has_begun && !has_room(room, cx.limits.turn, under_way, turn, &child.plan) {
                break;
            }
            let (own_replies, others) = replies.split_at_mut(child.commands.min(replies.len()));
            let (own_answers, rest) = answers.split_at_mut(child.jobs.min(answers.len()));
            (replies, answers) = (others, rest);
            child.take(turn, &mut |plan, turn| {
                let input = Input { replies: own_replies, answers: own_answers };
                plan.step(cx, input, turn)
            });
            under_way += usize::from(child.done.is_none());
        }
        Ok(self.progress())
    }

    pub(super) fn interrupt(
        &mut self,
        cx: &Cx<'_>,
        error: &Error,
        mut sent: &[Class],
        mut answers: &mut [Answer],
        turn: &mut Turn,
    ) -> Step {
        for child in self.children.iter_mut().filter(|child| child.done.is_none()) {
            let (own_answers, rest) = answers.split_at_mut(child.jobs.min(answers.len()));
            answers = rest;
            let (own_sent, rest) = sent.split_at(child.commands.min(sent.len()));
            sent = rest;
            let has_sent = child.commands > 0;
            child.take(turn, &mut |plan, turn| match plan {
                // Each of its own children knows what it has sent.
                Plan::Join(plan) => Ok(plan.interrupt(cx, error, own_sent, own_answers, turn)),
                plan if has_sent => plan.break_off(cx, error.clone(), own_sent, &mut [], turn),
                plan => go_on(plan, cx, error, own_answers, turn),
            });
        }
        self.progress()
    }

    /// The plans that still have something to do.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = &Plan> {
        self.children.iter().filter(|child| child.done.is_none()).map(|child| &child.plan)
    }

    fn progress(&mut self) -> Step {
        if self.children.iter().any(|child| child.done.is_none()) {
            return Step::More;
        }
        // With room for all from the start, which a filter cannot promise.
        let mut results = Vec::with_capacity(self.children.len());
        results.extend(self.children.iter_mut().filter_map(|child| child.done.take()));
        Step::Done(Outcome::Many(results))
    }
}

impl Child {
    /// Advances the plan and counts what it adds to the turn.
    fn take(
        &mut self,
        turn: &mut Turn,
        advance: &mut dyn FnMut(&mut Plan, &mut Turn) -> Result<Step>,
    ) {
        let mark = turn.batch.mark();
        let (commands, jobs, items) = (turn.batch.len(), turn.jobs.len(), turn.items.len());
        self.has_begun = true;
        turn.place.push(self.index);
        self.done = match advance(&mut self.plan, turn) {
            Ok(Step::More) => None,
            Ok(Step::Done(outcome)) => Some(Ok(outcome)),
            Err(error) => Some(Err(error)),
        };
        if self.done.is_some() {
            turn.batch.rollback(&mark);
            turn.jobs.truncate(jobs);
        }
        turn.place.pop();
        // How far a walk is has no place in a pipeline.
        turn.items.truncate(items);
        self.commands = turn.batch.len() - commands;
        self.jobs = turn.jobs.len() - jobs;
    }
}

/// How many plans of a pipeline are under way at the same time.
///
/// One step adds four commands at most, walks aside (a value in a group of its own), and some of the
/// bound is left to other callers: a pipeline must not be busy with itself, nor keep all others out.
pub(super) fn room(cx: &Cx<'_>) -> usize {
    (cx.max_in_flight / 4).max(1)
}

/// Whether one more plan can begin in this turn, by the number of commands and of bytes. A group
/// that fills a turn has one for itself.
fn has_room(room: usize, bytes: usize, under_way: usize, turn: &Turn, plan: &Plan) -> bool {
    let commands = match plan {
        Plan::Atomic(group) => group.children().len() + 2,
        _ => 1,
    };
    under_way < room
        && (turn.batch.is_empty() || turn.batch.len() + commands <= room)
        && turn.batch.byte_len() <= bytes / 2
}

/// Takes the answers to jobs in a turn whose commands, all of them others', did not get through:
/// what is done with them is done, and what would send something now is interrupted too.
fn go_on(
    plan: &mut Plan,
    cx: &Cx<'_>,
    error: &Error,
    answers: &mut [Answer],
    turn: &mut Turn,
) -> Result<Step> {
    let (mark, commands, jobs) = (turn.batch.mark(), turn.batch.len(), turn.jobs.len());
    if !answers.is_empty() {
        let step = plan.step(cx, Input { answers, ..Input::default() }, turn)?;
        if turn.batch.len() == commands {
            return Ok(step);
        }
        turn.batch.rollback(&mark);
        turn.jobs.truncate(jobs);
    }
    // It has sent nothing in this turn that could have come through.
    plan.break_off(cx, error.clone().effect(Effect::NotSent), &[], &mut [], turn)
}

/// Items have nowhere to go in a pipeline.
fn refuse_items(plan: Plan) -> Plan {
    match plan {
        Plan::Scan(scan) if scan.hands_out_items() => Plan::Failed(Error::new(
            ErrorKind::InvalidCall,
            String::from("`keys` hands out one key after the other: iterate over it by itself"),
        )),
        other => other,
    }
}
