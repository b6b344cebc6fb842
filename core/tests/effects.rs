//! What an operation that was broken off says became of it.
#![cfg(feature = "toml")]

use nestkey_core::{
    call::{Call, Cx, GetOrSet, Outcome, Set, Update, Verb, Verify},
    error::{Effect, Error, ErrorKind},
    layout::Layout,
    ops::key,
    plan::{Answer, Input, Plan, Step, Turn},
    reply::Reply,
    value::Payload,
};

const LAYOUT: &str = r#"
prefix = "root"
keys.hits = { type = "int", default = 0 }
keys.page = { type = "int", ttl = "1m" }
keys.session = { type = "int", ttl = "1m", renew = "access" }
keys.password = { kind = "password", cost = 10 }
keys.note = { template = "note:{n:int}", type = "int" }
"#;

const FREE: (&str, bool) = ("unchanged", true);
const UNKNOWN: (&str, bool) = ("ambiguous", false);

fn layout() -> Layout {
    Layout::from_toml(LAYOUT).unwrap()
}

fn plan(path: &str, verb: Verb) -> Plan {
    let (target, key) = layout().resolve(path, "").unwrap();
    Plan::new(Call::new(target, key, verb))
}

fn set() -> Plan {
    plan("page", Verb::Set(Set::new(Payload::from(7))))
}

fn get() -> Plan {
    plan("page", Verb::Get)
}

fn update() -> Plan {
    plan("hits", Verb::Update(Update::default()))
}

fn fill() -> Plan {
    plan("page", Verb::GetOrSet(GetOrSet::new([1; 16])))
}

/// The effects, and whether it may be repeated, where the replies to the turn behind these steps get
/// lost.
fn effects(mut plan: Plan, steps: &[&[Reply]]) -> Vec<(&'static str, bool)> {
    let layout = layout();
    let cx = Cx::new(&layout, "");
    let mut turn = Turn::default();
    for replies in [&[][..]].iter().chain(steps) {
        let mut answers = vec![Answer::Value(Payload::from(7)); turn.jobs.len()];
        turn.clear();
        let mut replies = replies.to_vec();
        let input = Input { replies: &mut replies, answers: &mut answers };
        assert_eq!(plan.step(&cx, input, &mut turn), Ok(Step::More));
    }
    let late = Error::new(ErrorKind::Timeout, "no reply").effect(Effect::Ambiguous);
    let told = |error: Error| (error.outcome().code(), error.is_retryable());
    match plan.interrupt(&cx, late, &mut [], &mut turn) {
        Ok(Step::Done(Outcome::Many(results))) => {
            results.into_iter().map(|result| told(result.unwrap_err())).collect()
        }
        step => vec![told(step.unwrap_err())],
    }
}

#[test]
fn a_read_that_timed_out_may_be_repeated() {
    for verb in [Verb::Get, Verb::Lookup, Verb::op(&key::EXISTS), Verb::Raw, Verb::op(&key::TTL)] {
        assert_eq!(effects(plan("page", verb), &[]), [FREE]);
    }
    for plan in [set(), plan("page", Verb::op(&key::DELETE)), plan("page", Verb::op(&key::TOUCH))] {
        assert_eq!(effects(plan.clone(), &[]), [UNKNOWN], "{plan:?}");
    }
}

#[test]
fn a_read_that_renews_is_not_only_a_read() {
    assert_eq!(effects(plan("session", Verb::Get), &[]), [UNKNOWN]);
    let fill = Verb::GetOrSet(GetOrSet::new([1; 16]));
    assert_eq!(effects(plan("session", fill), &[]), [UNKNOWN]);
}

#[test]
fn a_call_of_several_turns_may_be_repeated_until_it_writes() {
    assert_eq!(effects(update(), &[]), [FREE]);
    assert_eq!(effects(update(), &[&[Reply::Nil], &[]]), [UNKNOWN]);
    assert_eq!(effects(fill(), &[]), [FREE]);
    // A lease is no value.
    assert_eq!(effects(fill(), &[&[Reply::Nil]]), [FREE]);
    assert_eq!(effects(fill(), &[&[Reply::Nil], &[Reply::ok(), Reply::Nil], &[]]), [UNKNOWN]);
    let verify = |upgrade| {
        let mut wish = Verify::new("hunter2".into());
        wish.upgrade = upgrade;
        plan("password", Verb::Verify(wish))
    };
    assert_eq!(effects(verify(false), &[]), [FREE]);
    assert_eq!(effects(verify(true), &[]), [FREE]);
}

#[test]
fn each_call_of_a_pipeline_or_group_has_an_effect_of_its_own() {
    let all = || vec![get(), set(), get()];
    assert_eq!(effects(Plan::join(all()), &[]), [FREE, UNKNOWN, FREE]);
    assert_eq!(effects(Plan::atomic(all()), &[]), [FREE, UNKNOWN, FREE]);
    let in_group = vec![Plan::join(vec![set()]), update(), Plan::atomic(vec![get()])];
    let ends: Vec<_> = in_group.into_iter().map(|plan| effects(plan, &[])).collect();
    assert_eq!(ends, [[UNKNOWN], [FREE], [FREE]]);
}

#[test]
fn a_walk_may_be_repeated_unless_it_clears() {
    for (verb, wanted) in
        [(Verb::Count, FREE), (Verb::Keys, FREE), (Verb::Clear { strays: false }, UNKNOWN)]
    {
        assert_eq!(effects(plan("", verb), &[]), [wanted]);
    }
}
