//! What a computation leaves where its caller, or the server, is gone before it is done.
#![cfg(all(feature = "memory", feature = "toml"))]

use nestkey_core::{
    call::{Call, Cx, GetOrSet, Outcome, Update, Verb, WhenDown},
    error::{Effect, Error, ErrorKind},
    layout::Layout,
    memory::{SessionId, Store},
    ops::key,
    plan::{Answer, Input, NoteKind, Plan, Rest, Step, Turn},
    reply::Reply,
    value::Payload,
};

const LAYOUT: &str = r#"
prefix = "root"
keys.hits = { type = "int", default = 0 }
keys.page = { type = "int", ttl = "1m" }
keys.cache = { type = "int", default = 7, on_unavailable = "missing" }
"#;

const LEASE: &str = "root:page::lease:{root:page}";

struct Bench {
    layout: Layout,
    store: Store,
}

impl Bench {
    fn new() -> Self {
        Self { layout: Layout::from_toml(LAYOUT).unwrap(), store: Store::default() }
    }

    fn plan(&self, path: &str, verb: Verb) -> Plan {
        let (target, key) = self.layout.resolve(path, "").unwrap();
        Plan::new(Call::new(target, key, verb))
    }

    fn fill(&self, when_down: WhenDown) -> Plan {
        let mut wish = GetOrSet::new([1; 16]);
        wish.when_down = when_down;
        self.plan("page", Verb::GetOrSet(wish))
    }

    fn step(
        &self,
        plan: &mut Plan,
        mut replies: Vec<Reply>,
        mut answers: Vec<Answer>,
        turn: &mut Turn,
    ) -> Result<Step, Error> {
        turn.clear();
        let input = Input { replies: &mut replies, answers: &mut answers };
        plan.step(&Cx::new(&self.layout, ""), input, turn)
    }

    fn interrupt(&self, plan: &mut Plan, error: Error, turn: &mut Turn) -> Result<Step, Error> {
        plan.interrupt(&Cx::new(&self.layout, ""), error, &mut [], turn)
    }

    fn exchange(&mut self, turn: &Turn) -> Vec<Reply> {
        let mut replies = Vec::new();
        self.store.exchange(SessionId(1), 1_000_000, &turn.batch, &mut replies);
        replies
    }

    /// Carries out so many turns over the store.
    fn advance(&mut self, plan: &mut Plan, turns: usize, turn: &mut Turn) {
        let mut replies = Vec::new();
        for _ in 0..turns {
            assert_eq!(self.step(plan, replies, vec![], turn), Ok(Step::More));
            replies = self.exchange(turn);
        }
        assert_eq!(self.step(plan, replies, vec![], turn), Ok(Step::More));
    }

    /// Drives what was left to its end.
    fn finish(&mut self, mut rest: Rest, answer: Option<Answer>) -> Result<Outcome, Error> {
        assert_eq!(rest.awaits_ms.is_some(), answer.is_some());
        let mut turn = Turn::default();
        let mut answers: Vec<_> = answer.into_iter().collect();
        let mut replies = Vec::new();
        loop {
            match self.step(&mut rest.plan, replies, std::mem::take(&mut answers), &mut turn)? {
                Step::Done(outcome) => return Ok(outcome),
                Step::More => replies = self.exchange(&turn),
            }
        }
    }

    fn has(&mut self, key: &str) -> bool {
        use nestkey_core::command::{Batch, Class};
        let mut batch = Batch::default();
        batch.command("EXISTS", Class::Read).key(key.as_bytes());
        let mut replies = Vec::new();
        self.store.exchange(SessionId(9), 1_000_000, &batch, &mut replies);
        replies == [Reply::Int(1)]
    }
}

fn late() -> Error {
    Error::new(ErrorKind::Timeout, "the deadline is over")
}

fn lost() -> Error {
    late().effect(Effect::Ambiguous)
}

#[test]
fn a_computation_that_outlives_its_caller_is_stored_and_its_lease_given_back() {
    let mut bench = Bench::new();
    let mut plan = bench.fill(WhenDown::Fail);
    let mut turn = Turn::default();
    bench.advance(&mut plan, 2, &mut turn);
    let error = bench.step(&mut plan, vec![], vec![Answer::Late(late())], &mut turn).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Effect::Ambiguous));
    assert!(turn.batch.is_empty() && bench.has(LEASE));
    let rest = turn.rests.remove(0);
    assert_eq!((&rest.place[..], rest.awaits_ms), (&[][..], Some(10_000)));
    bench.finish(rest, Some(Answer::Value(7.into()))).unwrap();
    assert!(bench.has("root:page") && !bench.has(LEASE));
}

#[test]
fn a_computation_that_fails_without_its_caller_gives_its_lease_back() {
    let mut bench = Bench::new();
    let mut plan = bench.fill(WhenDown::Fail);
    let mut turn = Turn::default();
    bench.advance(&mut plan, 2, &mut turn);
    let _ = bench.step(&mut plan, vec![], vec![Answer::Late(late())], &mut turn).unwrap_err();
    let rest = turn.rests.remove(0);
    let failed = Error::new(ErrorKind::ComputeFailed, "no page");
    assert_eq!(bench.finish(rest, Some(Answer::Failed(failed))).unwrap_err().message(), "no page");
    assert!(!bench.has("root:page") && !bench.has(LEASE));
}

#[test]
fn in_a_pipeline_only_what_holds_a_lease_outlives_its_caller() {
    let mut bench = Bench::new();
    let update = bench.plan("hits", Verb::Update(Update::default()));
    let (fill, get) = (bench.fill(WhenDown::Fail), bench.plan("hits", Verb::Get));
    let mut plan = Plan::join(vec![get, update, fill]);
    let mut turn = Turn::default();
    let mut replies = Vec::new();
    for answers in [vec![], vec![], vec![Answer::Late(late())]] {
        assert_eq!(bench.step(&mut plan, replies, answers, &mut turn), Ok(Step::More));
        replies = bench.exchange(&turn);
    }
    // The update has been told already; the lease has come meanwhile.
    let step = bench.step(&mut plan, replies, vec![Answer::Late(late())], &mut turn);
    let Ok(Step::Done(Outcome::Many(results))) = step else { panic!("everything is told") };
    let effects: Vec<_> = results.iter().map(|result| result.as_ref().err()).collect();
    let effects: Vec<_> = effects.iter().map(|error| error.map(Error::outcome)).collect();
    assert_eq!(effects, [None, Some(Effect::NotSent), Some(Effect::Ambiguous)]);
    assert_eq!(turn.rests.len(), 1);
    assert_eq!(turn.rests[0].place, [2]);
}

#[test]
fn a_lease_that_may_have_been_granted_is_given_back() {
    for (when_down, more) in [(WhenDown::Fail, false), (WhenDown::Compute, true)] {
        let mut bench = Bench::new();
        let mut plan = bench.fill(when_down);
        let mut turn = Turn::default();
        bench.advance(&mut plan, 1, &mut turn);
        bench.exchange(&turn);
        assert!(bench.has(LEASE));
        let step = bench.interrupt(&mut plan, lost(), &mut turn);
        assert_eq!(step.is_ok(), more);
        bench.finish(turn.rests.remove(0), None).unwrap_err();
        assert!(!bench.has(LEASE));
    }
    // What was not sent leaves nothing.
    let mut bench = Bench::new();
    let mut plan = bench.fill(WhenDown::Fail);
    let mut turn = Turn::default();
    bench.advance(&mut plan, 1, &mut turn);
    assert!(bench.interrupt(&mut plan, late(), &mut turn).is_err() && turn.rests.is_empty());
}

#[test]
fn a_value_that_came_too_late_to_be_sent_is_stored_all_the_same() {
    let mut bench = Bench::new();
    let mut plan = bench.fill(WhenDown::Fail);
    let mut turn = Turn::default();
    bench.advance(&mut plan, 2, &mut turn);
    let computed = vec![Answer::Value(Payload::from(7))];
    assert_eq!(bench.step(&mut plan, vec![], computed, &mut turn), Ok(Step::More));
    assert!(bench.interrupt(&mut plan, late(), &mut turn).is_err());
    let mut rest = turn.rests.remove(0);
    // What fails once more is given up.
    let mut again = rest.clone();
    assert_eq!(bench.step(&mut again.plan, vec![], vec![], &mut turn), Ok(Step::More));
    assert!(bench.interrupt(&mut again.plan, late(), &mut turn).is_err() && turn.rests.is_empty());
    rest.place.clear();
    bench.finish(rest, None).unwrap();
    assert!(bench.has("root:page") && !bench.has(LEASE));
}

#[test]
fn a_turn_with_a_fallback_says_so() {
    let bench = Bench::new();
    let mut turn = Turn::default();
    for (mut plan, wanted) in [
        (bench.plan("cache", Verb::Get), true),
        (bench.plan("hits", Verb::Get), false),
        (bench.plan("cache", Verb::op(&key::EXISTS)), false),
        (bench.fill(WhenDown::Compute), true),
        (bench.fill(WhenDown::Fail), false),
        (Plan::join(vec![bench.plan("hits", Verb::Get), bench.plan("cache", Verb::Get)]), true),
    ] {
        assert_eq!(bench.step(&mut plan, vec![], vec![], &mut turn), Ok(Step::More));
        assert_eq!(turn.has_fallback, wanted, "{plan:?}");
    }
}

#[test]
fn a_value_is_computed_where_the_server_answers_that_it_is_not_ready() {
    let bench = Bench::new();
    let loading = || Reply::error("LOADING Redis is loading the dataset in memory");
    for replies in [vec![vec![loading()]], vec![vec![Reply::Nil], vec![loading(), loading()]]] {
        let mut plan = bench.fill(WhenDown::Compute);
        let mut turn = Turn::default();
        for replies in std::iter::once(vec![]).chain(replies) {
            assert_eq!(bench.step(&mut plan, replies, vec![], &mut turn), Ok(Step::More));
        }
        assert_eq!((turn.jobs.len(), turn.notes[0].kind), (1, NoteKind::NotStored));
        let step = bench.step(&mut plan, vec![], vec![Answer::Value(7.into())], &mut turn);
        assert_eq!(step, Ok(Step::Done(Outcome::Value(7.into()))));
    }
}
