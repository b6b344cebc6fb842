//! Plans: operations of one or more turns as plain data, stepped by a host.
//!
//! ```text
//! loop:  step(input, turn)  →  Done(outcome)
//!                           →  More: send turn.batch, hand out turn.items, come back with replies
//! ```

mod atomic;
mod fill;
mod hashing;
mod input;
mod job;
mod join;
mod once;
mod reseal;
mod rotate;
mod scan;
mod swap;
mod target;
mod update;
mod verify;

use alloc::{boxed::Box, vec::Vec};

use self::once::let_pass;
pub use self::{
    atomic::Atomic,
    fill::Fill,
    hashing::Hashing,
    input::Input,
    job::{Answer, Job, Note, NoteKind, Place},
    join::Join,
    once::Once,
    reseal::Reseal,
    rotate::Rotate,
    scan::Scan,
    update::Update,
    verify::Verify,
};
use crate::{
    call::{Call, Cx, Outcome, Verb},
    command::{Batch, Class},
    error::{Effect, Error, Result},
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
/// let step = plan.step(&cx, Input { replies: &mut replies, ..Input::default() }, &mut turn)?;
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
    /// A value that is computed when it is missing.
    Fill(Box<Fill>),
    /// A password that is hashed and then stored.
    Hashing(Box<Hashing>),
    /// Several plans side by side, sharing their turns.
    Join(Join),
    /// One call of one turn.
    Once(Box<Once>),
    /// A secret that is sealed anew.
    Reseal(Box<Reseal>),
    /// Every secret below a namespace, sealed anew.
    Rotate(Box<Rotate>),
    /// A walk over the keys of a namespace.
    Scan(Box<Scan>),
    /// A value that is computed from the one that stands there.
    Update(Box<Update>),
    /// A password that is held against its stored hash.
    Verify(Box<Verify>),
}

/// What a plan wants done before its next step.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Turn {
    /// Commands to send.
    pub batch: Batch,
    /// Results to hand out while the plan goes on.
    pub items: Vec<Outcome>,
    /// What the host computes, each with the call that it is for.
    pub jobs: Vec<(Place, Job)>,
    /// How long to wait before the next step, in milliseconds.
    pub wait_ms: Option<u64>,
    /// What the layout let pass, for whoever watches.
    pub notes: Vec<Note>,
    /// What is left to do, beside the plan and behind its end.
    pub rests: Vec<Rest>,
    /// Whether the plan goes on if the commands are not answered in time: a host lets them have half
    /// of what is left of the caller's deadline, so that there is time for it.
    pub has_fallback: bool,
    /// Where among nested pipelines the plan being stepped stands.
    place: Place,
}

/// What a plan leaves to be done without its caller, who has got an answer or gets one now.
///
/// A host drives it to its end in the background; what it comes to is for nobody.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rest {
    /// Whose job it takes up, where it awaits one.
    pub place: Place,
    /// What there is to do.
    pub plan: Plan,
    /// Whether its first step wants the answer to the job at that place of the last turn, which was
    /// [late](Answer::Late), and for how many more milliseconds it is worth waiting for.
    pub awaits_ms: Option<u64>,
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
        if call.verb.is_walk() {
            return match call.verb {
                Verb::Rotate => Self::Rotate(Box::new(Rotate::new(call))),
                _ => Self::Scan(Box::new(Scan::new(call))),
            };
        }
        let Call { target, key, verb, .. } = call;
        match verb {
            Verb::GetOrSet(wish) => Self::Fill(Box::new(Fill::new(target, key, wish))),
            Verb::Rebind(wish) => Self::Reseal(Box::new(Reseal::rebind(target, key, wish))),
            Verb::SetPassword(_) => {
                Self::Hashing(Box::new(Hashing::new(Call::new(target, key, verb))))
            }
            Verb::Update(wish) => Self::Update(Box::new(Update::new(target, key, wish))),
            Verb::Verify(wish) => Self::Verify(Box::new(Verify::new(target, key, wish))),
            _ => Self::Once(Box::new(Once::new(Call::new(target, key, verb)))),
        }
    }

    /// Several `clear`s, `count`s or `keys` in a single walk over the keyspace.
    ///
    /// Its outcome is that of one call, all namespaces together. A clear and a count hand out how
    /// far they are after each page.
    #[must_use]
    pub fn walk(calls: &[Call]) -> Self {
        Scan::shared(calls, false).map_or_else(Self::Failed, |scan| Self::Scan(Box::new(scan)))
    }

    /// The walk of several `clear`s or `rotate`s that changes nothing: of a clear the outcome is what
    /// it would come to, and a rotate hands out the keys of its secrets.
    #[must_use]
    pub fn dry_walk(calls: &[Call]) -> Self {
        Scan::shared(calls, true).map_or_else(Self::Failed, |scan| Self::Scan(Box::new(scan)))
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
    pub fn step(&mut self, cx: &Cx<'_>, mut input: Input<'_>, turn: &mut Turn) -> Result<Step> {
        let step = match self {
            Self::Atomic(plan) => plan.step(cx, input, turn),
            Self::Failed(error) => Err(error.clone()),
            Self::Fill(plan) => plan.step(cx, &mut input, turn),
            Self::Hashing(plan) => plan.step(cx, &mut input, turn),
            Self::Join(plan) => plan.step(cx, input, turn),
            Self::Once(plan) => plan.step(cx, input.replies, turn),
            Self::Reseal(plan) => plan.step(cx, &mut input, turn),
            Self::Rotate(plan) => plan.step(cx, input.replies, turn),
            Self::Scan(plan) => plan.step(cx, input.replies, turn),
            Self::Update(plan) => plan.step(cx, &mut input, turn),
            Self::Verify(plan) => plan.step(cx, &mut input, turn),
        };
        step.or_else(|error| self.fail(cx, error, turn))
    }

    /// Tells the plan that the commands of its turn could not be sent, which ends it but for what
    /// it can still do without a server; its jobs may have been done.
    ///
    /// `turn` is handed in as the step before left it: a call whose commands change nothing is told
    /// from one that may have been carried out ([`Effect::Unchanged`]).
    ///
    /// Plans inside of a pipeline that are done already, or with the answers to their jobs, keep
    /// their results; the others fail with `error`, each with its place and with what it had done
    /// before. An entry whose layout says `on_unavailable = "missing"` reads as missing; a value
    /// that may be computed without a server asks for that. A host goes on as after
    /// [`step`](Self::step).
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step).
    pub fn interrupt(
        &mut self,
        cx: &Cx<'_>,
        error: Error,
        answers: &mut [Answer],
        turn: &mut Turn,
    ) -> Result<Step> {
        let sent: Vec<_> = turn.batch.commands().map(|command| command.class()).collect();
        turn.clear();
        self.break_off(cx, error, &sent, answers, turn)
    }

    /// The same with the classes of the commands that it had in the turn.
    fn break_off(
        &mut self,
        cx: &Cx<'_>,
        error: Error,
        sent: &[Class],
        answers: &mut [Answer],
        turn: &mut Turn,
    ) -> Result<Step> {
        match self {
            Self::Atomic(plan) => Ok(Step::Done(plan.interrupt(cx, &error, sent, turn))),
            Self::Failed(own) => Err(own.clone()),
            Self::Fill(plan) => plan.interrupt(cx, of_reads(error, sent), turn),
            Self::Join(plan) => Ok(plan.interrupt(cx, &error, sent, answers, turn)),
            _ => self.fail(cx, of_reads(error, sent), turn),
        }
    }

    /// Writes what gives back the leases that the plan holds or has just asked for: it is dropped
    /// with all its jobs, and stepped no further.
    ///
    /// A host sends that behind what it has sent already, and needs not look at the replies.
    pub fn release(&self, turn: &mut Turn) {
        match self {
            Self::Fill(plan) => plan.release(turn),
            Self::Join(plan) => plan.unfinished().for_each(|plan| plan.release(turn)),
            _ => {}
        }
    }

    /// Ends the plan by an error, which says where it happened, or by what stands in for it.
    fn fail(&self, cx: &Cx<'_>, error: Error, turn: &mut Turn) -> Result<Step> {
        match self {
            Self::Atomic(_) | Self::Failed(_) | Self::Fill(_) | Self::Join(_) => Err(error),
            Self::Hashing(plan) => Err(cx.located(error, plan.call())),
            Self::Once(plan) => let_pass(cx, plan.call(), error, turn).map(Step::Done),
            Self::Reseal(plan) => Err(cx.located(error, plan.call())),
            Self::Rotate(plan) => {
                // How far it came is told even where it ends.
                turn.items.push(plan.outcome());
                Err(plan.located(cx, error))
            }
            Self::Scan(plan) => Err(plan.located(cx, error)),
            Self::Update(plan) => Err(cx.located(error, plan.call())),
            Self::Verify(plan) => plan.fail(cx, error, turn),
        }
    }

    /// The call of a plan of one turn.
    fn call(&self) -> Option<&Call> {
        match self {
            Self::Hashing(plan) => Some(plan.call()),
            Self::Once(plan) => Some(plan.call()),
            _ => None,
        }
    }

    /// Whether it walks over the keyspace: then its first step wants to know which part of it the
    /// backend has, as the [`reach`](Cx::reach) of its [`Cx`].
    #[must_use]
    pub fn walks(&self) -> bool {
        match self {
            Self::Join(plan) => plan.unfinished().any(Self::walks),
            Self::Rotate(_) | Self::Scan(_) => true,
            // A group refuses walks.
            Self::Atomic(_) => false,
            Self::Failed(_) | Self::Fill(_) | Self::Hashing(_) | Self::Once(_) => false,
            Self::Reseal(_) | Self::Update(_) | Self::Verify(_) => false,
        }
    }

    /// Whether the next step wants random bytes in its [`Cx`]: it seals secrets, hashes passwords, draws
    /// how long a key lives, or waits for a random time.
    #[must_use]
    pub fn wants_entropy(&self, cx: &Cx<'_>) -> bool {
        match self {
            Self::Atomic(plan) => plan.children().iter().any(|child| child.wants_entropy(cx)),
            Self::Failed(_) | Self::Scan(_) => false,
            Self::Fill(plan) => plan.wants_entropy(cx),
            Self::Hashing(plan) => plan.wants_entropy(cx),
            Self::Join(plan) => plan.unfinished().any(|child| child.wants_entropy(cx)),
            Self::Once(plan) => plan.wants_entropy(cx),
            Self::Reseal(plan) => plan.wants_entropy(),
            Self::Rotate(plan) => plan.wants_entropy(),
            Self::Update(plan) => plan.wants_entropy(cx),
            Self::Verify(plan) => plan.wants_entropy(cx),
        }
    }
}

/// What commands that only read leave behind where their replies got lost: nothing.
fn of_reads(error: Error, sent: &[Class]) -> Error {
    let may_have_run = matches!(error.outcome(), Effect::Ambiguous | Effect::Partial);
    if may_have_run && !sent.is_empty() && sent.iter().all(|class| *class == Class::Read) {
        return error.effect(Effect::Unchanged);
    }
    error
}

impl Turn {
    /// Asks for something to be computed for the plan being stepped.
    fn ask(&mut self, job: Job) {
        self.jobs.push((self.place.clone(), job));
    }

    /// Asks to be stepped again no sooner than that.
    fn wait(&mut self, ms: u64) {
        self.wait_ms = self.wait_ms.max(Some(ms));
    }

    /// Forgets the turn and keeps its room.
    pub fn clear(&mut self) {
        self.batch.clear();
        self.items.clear();
        self.jobs.clear();
        self.wait_ms = None;
        self.notes.clear();
        self.rests.clear();
        self.has_fallback = false;
    }
}
