use alloc::{string::String, vec::Vec};

use super::{Input, Plan, Step, Turn};
use crate::{
    call::{Cx, Outcome},
    error::{Error, ErrorKind, Result},
    reply::Reply,
};

/// Several plans side by side: each turn carries the commands of all that are not done yet.
#[derive(Clone, Debug)]
pub struct Join {
    children: Vec<Child>,
}

#[derive(Clone, Debug)]
struct Child {
    plan: Plan,
    /// How many commands it has in the present turn.
    commands: usize,
    done: Option<Result<Outcome>>,
}

impl Join {
    pub(super) fn new(plans: Vec<Plan>) -> Self {
        let child = |plan| Child { plan, commands: 0, done: None };
        Self { children: plans.into_iter().map(refuse_items).map(child).collect() }
    }

    pub(super) fn step(
        &mut self,
        cx: &Cx<'_>,
        replies: &mut [Reply],
        turn: &mut Turn,
    ) -> Result<Step> {
        let mut rest = replies;
        let mut live = false;
        for child in self.children.iter_mut().filter(|child| child.done.is_none()) {
            let (replies, others) = rest.split_at_mut(child.commands.min(rest.len()));
            rest = others;
            child.step(cx, replies, turn);
            live |= child.done.is_none();
        }
        if live {
            return Ok(Step::More);
        }
        let results = self.children.iter_mut().filter_map(|child| child.done.take());
        Ok(Step::Done(Outcome::Many(results.collect())))
    }

    pub(super) fn interrupt(&mut self, cx: &Cx<'_>, error: &Error) -> Outcome {
        let results = self.children.iter_mut().map(|child| {
            child.done.take().unwrap_or_else(|| child.plan.interrupt(cx, error.clone()))
        });
        Outcome::Many(results.collect())
    }
}

impl Child {
    fn step(&mut self, cx: &Cx<'_>, replies: &mut [Reply], turn: &mut Turn) {
        let mark = turn.batch.mark();
        let before = turn.batch.len();
        match self.plan.step(cx, Input { replies }, turn) {
            Ok(Step::More) => {}
            Ok(Step::Done(outcome)) => self.done = Some(Ok(outcome)),
            Err(error) => {
                turn.batch.rollback(&mark);
                self.done = Some(Err(error));
            }
        }
        self.commands = turn.batch.len() - before;
    }
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
