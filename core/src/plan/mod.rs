//! Plans: operations of one or more turns as plain data, stepped by a host.
//!
//! ```text
//! loop:  step(input, turn)  →  Done(outcome)
//!                           →  More: send turn.batch, hand out turn.items, come back with replies
//! ```

mod atomic;
mod join;
mod once;
mod scan;

use alloc::{boxed::Box, vec::Vec};

pub use self::{atomic::Atomic, join::Join, once::Once, scan::Scan};
use crate::{
    call::{Call, Cx, Outcome},
    command::Batch,
    error::{Error, Result},
    reply::Reply,
};

/// A resumable operation.
///
/// A host calls [`step`](Self::step) until it is done. Between two steps it sends the batch of the
/// turn and brings the replies, one for each command. A plan is stepped no further once it is done.
///
/// ```
/// use nestkey_core::{call::{Call, Cx, Outcome, Verb}, layout::Layout};
/// use nestkey_core::plan::{Input, Plan, Step, Turn};
/// use nestkey_core::reply::Reply;
///
/// let layout = Layout::from_json(r#"{"prefix": "root", "keys": {"age": {"type": "int"}}}"#)?;
/// let (target, key) = layout.resolve("age", "")?;
/// let mut plan = Plan::new(Call::new(target, key, Verb::Get));
/// let cx = Cx::new(&layout, "");
/// let mut turn = Turn::default();
///
/// assert!(matches!(plan.step(&cx, Input::default(), &mut turn)?, Step::More));
/// assert_eq!(turn.batch.commands().next().unwrap().to_string(), "GET root:age");
/// turn.clear();
///
/// let mut replies = [Reply::Bulk(br#"{"__type__": "int", "value": 30}"#.to_vec())];
/// let step = plan.step(&cx, Input { replies: &mut replies }, &mut turn)?;
/// assert!(matches!(step, Step::Done(Outcome::Value(value)) if value.type_name() == "int"));
/// # Ok::<(), nestkey_core::error::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Plan {
    /// Several single-turn plans in one MULTI/EXEC.
    Atomic(Atomic),
    /// A call that could not even be made.
    Failed(Error),
    /// Several plans side by side, sharing their turns.
    Join(Join),
    /// One call of one turn.
    Once(Box<Once>),
    /// A walk over the keys of a namespace.
    Scan(Box<Scan>),
}

/// What a plan wants done before its next step.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Turn {
    /// Commands to send.
    pub batch: Batch,
    /// Results to hand out while the plan goes on.
    pub items: Vec<Outcome>,
}

/// What came back since the last step.
#[derive(Debug, Default)]
pub struct Input<'a> {
    /// One reply for each command of the last turn.
    pub replies: &'a mut [Reply],
}

/// How far a plan is.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Step {
    /// It is finished.
    Done(Outcome),
    /// The turn has to be carried out.
    More,
}

impl Plan {
    /// The plan of one call.
    #[must_use]
    pub fn new(call: Call) -> Self {
        if call.verb.is_for_namespaces() {
            Self::Scan(Box::new(Scan::new(call)))
        } else {
            Self::Once(Box::new(Once::new(call)))
        }
    }

    /// A pipeline: each plan has its own result, [`Outcome::Many`] in the end.
    #[must_use]
    pub fn join(plans: Vec<Self>) -> Self {
        Self::Join(Join::new(plans))
    }

    /// An atomic group: all of it is sent or nothing.
    #[must_use]
    pub fn atomic(plans: Vec<Self>) -> Self {
        Self::Atomic(Atomic::new(plans))
    }

    /// Advances by one turn.
    ///
    /// `turn` is appended to; a host hands in an empty one.
    ///
    /// # Errors
    ///
    /// What the operation as a whole failed with. Plans inside of a pipeline or atomic group fail
    /// in their own place of [`Outcome::Many`] instead.
    #[expect(clippy::needless_pass_by_value, reason = "replies are taken out of it")]
    pub fn step(&mut self, cx: &Cx<'_>, input: Input<'_>, turn: &mut Turn) -> Result<Step> {
        match self {
            Self::Atomic(plan) => plan.step(cx, input.replies, turn),
            Self::Failed(error) => Err(error.clone()),
            Self::Join(plan) => plan.step(cx, input.replies, turn),
            Self::Once(plan) => plan.step(cx, input.replies, turn),
            Self::Scan(plan) => plan.step(cx, input.replies, turn),
        }
    }

    /// Ends the plan because its turn could not be carried out.
    ///
    /// Plans inside of a pipeline that are done already keep their results; the others fail with
    /// `error`, each with its place and with what it had done before.
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step).
    pub fn interrupt(&mut self, cx: &Cx<'_>, error: Error) -> Result<Outcome> {
        match self {
            Self::Atomic(plan) => Ok(plan.interrupt(cx, &error)),
            Self::Failed(own) => Err(own.clone()),
            Self::Join(plan) => Ok(plan.interrupt(cx, &error)),
            Self::Once(plan) => Err(plan.located(cx, error)),
            Self::Scan(plan) => Err(plan.located(cx, error)),
        }
    }
}

impl Turn {
    /// Forgets the turn and keeps its room.
    pub fn clear(&mut self) {
        self.batch.clear();
        self.items.clear();
    }
}
