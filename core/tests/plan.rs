//! Plans of several turns, driven over the memory store.
#![cfg(all(feature = "memory", feature = "toml"))]

use nestkey_core::{
    call::{Call, Condition, Cx, GetOrSet, Outcome, Set, Update, Verb, WhenDown},
    error::{Effect, Error, ErrorKind},
    layout::Layout,
    memory::{SessionId, Store},
    plan::{Answer, Input, Job, NoteKind, Plan, Step, Turn},
    reply::Reply,
    ttl::Expiry,
    value::Payload,
};

const LAYOUT: &str = r#"
prefix = "root"
keys.hits = { type = "int", default = 0 }
keys.page = { type = "string", ttl = "1m" }
keys.cache = { type = "int", default = 7, on_invalid = "missing", on_unavailable = "missing" }
[namespaces.user]
prefix = "user:{id:int}"
keys.age = { type = "int" }
keys.note = { template = "note:{n:int}", type = "int" }
[namespaces.users]
prefix = "users"
keys.list = { template = "list:{n}", type = "int" }
"#;

struct Bench {
    layout: Layout,
    store: Store,
    now: i64,
    sent: Vec<String>,
    notes: Vec<NoteKind>,
}

impl Bench {
    fn new() -> Self {
        let layout = Layout::from_toml(LAYOUT).unwrap();
        let (sent, notes) = (Vec::new(), Vec::new());
        Self { layout, store: Store::default(), now: 1_000_000, sent, notes }
    }

    fn call(&self, path: &str, verb: Verb) -> Call {
        let (target, key) = self.layout.resolve(path, "").unwrap();
        Call::new(target, key, verb)
    }

    fn set(&mut self, path: &str, value: i64) {
        let call = self.call(path, Verb::Set(Set::new(Payload::from(value))));
        self.drive(Plan::new(call), |_, _| panic!("no job")).unwrap();
    }

    fn get(&mut self, path: &str) -> Outcome {
        let call = self.call(path, Verb::Get);
        self.drive(Plan::new(call), |_, _| panic!("no job")).unwrap()
    }

    fn raw(&mut self, args: &[&str]) -> Reply {
        use nestkey_core::command::{Batch, Class};
        let mut batch = Batch::default();
        let [name, rest @ ..] = args else { panic!("a command") };
        rest.iter()
            .fold(batch.command(name, Class::Other), |writer, arg| writer.arg(arg.as_bytes()));
        let mut replies = Vec::new();
        self.store.exchange(SessionId(9), self.now, &batch, &mut replies);
        replies.remove(0)
    }

    fn exchange(&mut self, turn: &Turn) -> Vec<Reply> {
        self.sent.extend(turn.batch.commands().map(|command| command.to_string()));
        let mut replies = Vec::new();
        self.store.exchange(SessionId(1), self.now, &turn.batch, &mut replies);
        replies
    }

    /// `work` answers the jobs; it may use the store meanwhile.
    fn drive(
        &mut self,
        plan: Plan,
        work: impl FnMut(&mut Self, Job) -> Answer,
    ) -> Result<Outcome, Error> {
        self.drive_behind("", plan, work)
    }

    /// The same with a prefix given when binding.
    fn drive_behind(
        &mut self,
        prefix: &str,
        mut plan: Plan,
        mut work: impl FnMut(&mut Self, Job) -> Answer,
    ) -> Result<Outcome, Error> {
        let layout = self.layout.clone();
        let cx = Cx::new(&layout, prefix);
        let mut turn = Turn::default();
        let (mut replies, mut answers) = (Vec::new(), Vec::new());
        for _ in 0..200 {
            turn.clear();
            let input = Input { replies: &mut replies, answers: &mut answers };
            let step = plan.step(&cx, input, &mut turn)?;
            self.notes.extend(turn.notes.iter().map(|note| note.kind));
            let Step::More = step else {
                let Step::Done(outcome) = step else { unreachable!() };
                return Ok(outcome);
            };
            replies = self.exchange(&turn);
            answers = turn.jobs.drain(..).map(|(_, job)| work(self, job)).collect();
            self.now += turn.wait_ms.unwrap_or_default() as i64;
        }
        panic!("the plan does not end")
    }
}

fn one_more(job: Job) -> Answer {
    let Job::Value(Some(present)) = job else { panic!("a present value: {job:?}") };
    let nestkey_core::value::View::Int(n) = present.view() else { panic!("an int") };
    Answer::Value(Payload::from(n + 1))
}

fn int(n: i64) -> Outcome {
    Outcome::Value(Payload::from(n))
}

#[test]
fn an_update_starts_from_the_default_and_learns_the_script_once() {
    let mut bench = Bench::new();
    for expected in 1..=3 {
        let plan = Plan::new(bench.call("hits", Verb::Update(Update::default())));
        assert_eq!(bench.drive(plan, |_, job| one_more(job)), Ok(int(expected)));
    }
    let names: Vec<_> = bench.sent.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(names, ["GET", "EVALSHA", "EVAL", "GET", "EVALSHA", "GET", "EVALSHA"]);
}

#[test]
fn an_update_computes_again_when_somebody_wrote_in_between() {
    let mut bench = Bench::new();
    let plan = Plan::new(bench.call("hits", Verb::Update(Update::default())));
    let mut others = 3;
    let outcome = bench.drive(plan, |bench, job| {
        if others > 0 {
            others -= 1;
            bench.set("hits", 100 - others);
        }
        one_more(job)
    });
    assert_eq!(outcome, Ok(int(101)));
    assert_eq!(bench.get("hits"), int(101));
}

#[test]
fn an_update_gives_up_after_its_tries() {
    let mut bench = Bench::new();
    let mut update = Update::default();
    update.tries = 4;
    let plan = Plan::new(bench.call("hits", Verb::Update(update)));
    let mut computed = 0;
    let error = bench
        .drive(plan, |bench, job| {
            computed += 1;
            bench.set("hits", 1_000 + computed);
            one_more(job)
        })
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome(), computed),
        (ErrorKind::Conflict, Effect::Rejected, 4)
    );
}

#[test]
fn updates_pipeline_with_their_neighbours() {
    let mut bench = Bench::new();
    bench.set("user(1).age", 40);
    let update = |path| Plan::new(bench.call(path, Verb::Update(Update::default())));
    let plans = vec![
        update("hits"),
        Plan::new(bench.call("user(1).age", Verb::Get)),
        update("user(1).age"),
        update("user(2).age"),
    ];
    let outcome = bench.drive(Plan::join(plans), |_, job| match job {
        Job::Value(None) => Answer::Failed(Error::new(ErrorKind::InvalidValue, "nothing there")),
        job => one_more(job),
    });
    let Ok(Outcome::Many(results)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(results[..3], [Ok(int(1)), Ok(int(40)), Ok(int(41))]);
    assert_eq!(results[3].as_ref().unwrap_err().kind(), ErrorKind::InvalidValue);
}

fn fill(bench: &Bench, path: &str, token: u8) -> Plan {
    Plan::new(bench.call(path, Verb::GetOrSet(GetOrSet::new([token; 16]))))
}

fn page(text: &str) -> Payload {
    Payload::string(text).unwrap()
}

#[test]
fn a_missing_value_is_computed_stored_and_its_lease_given_back() {
    let mut bench = Bench::new();
    let plan = fill(&bench, "page", 1);
    let outcome = bench.drive(plan, |_, _| Answer::Value(page("computed")));
    assert_eq!(outcome, Ok(Outcome::Value(page("computed"))));
    let token = "01".repeat(16);
    assert_eq!(
        bench.sent[..4],
        [
            "GET root:page".into(),
            format!("SET root:page::lease:{{root:page}} {token} EX 10 NX"),
            "GET root:page".into(),
            r#"SET root:page '{"__type__": "str", "value": "computed"}' EX 60"#.to_owned(),
        ]
    );
    assert_eq!(bench.raw(&["EXISTS", "root:page::lease:{root:page}"]), Reply::Int(0));
    let plan = fill(&bench, "page", 2);
    let found = bench.drive(plan, |_, _| panic!("it is there"));
    assert_eq!(found, Ok(Outcome::Value(page("computed"))));
}

#[test]
fn who_comes_second_waits_for_the_value_of_the_first() {
    let mut bench = Bench::new();
    bench.raw(&["SET", "root:page::lease:{root:page}", "somebody", "PX", "300"]);
    // The first one crashed: its lease runs out, and the second one computes.
    let started = bench.now;
    let plan = fill(&bench, "page", 1);
    let outcome = bench.drive(plan, |_, _| Answer::Value(page("second")));
    assert_eq!(outcome, Ok(Outcome::Value(page("second"))));
    assert!(bench.now - started > 300, "it waited for the lease");
}

#[test]
fn a_failed_computation_gives_its_lease_back() {
    let mut bench = Bench::new();
    let plan = fill(&bench, "page", 1);
    let failed = Error::new(ErrorKind::InvalidValue, "no page today");
    let error = bench.drive(plan, |_, _| Answer::Failed(failed.clone())).unwrap_err();
    assert_eq!(error.message(), "no page today");
    assert_eq!(bench.raw(&["EXISTS", "root:page::lease:{root:page}"]), Reply::Int(0));
    assert_eq!(bench.get("page"), Outcome::Missing);
}

#[test]
fn a_value_is_computed_without_a_server_where_that_is_wanted() {
    let bench = Bench::new();
    let cx = Cx::new(&bench.layout, "");
    let mut wish = GetOrSet::new([1; 16]);
    wish.when_down = WhenDown::Compute;
    let mut plan = Plan::new(bench.call("page", Verb::GetOrSet(wish)));
    let mut turn = Turn::default();
    assert_eq!(plan.step(&cx, Input::default(), &mut turn), Ok(Step::More));
    turn.clear();
    let down = Error::new(ErrorKind::Unreachable, "nobody listens");
    assert_eq!(plan.interrupt(&cx, down.clone(), &mut [], &mut turn), Ok(Step::More));
    assert_eq!((turn.jobs.len(), turn.batch.len()), (1, 0));
    assert_eq!(turn.notes[0].kind, NoteKind::NotStored);
    let mut answers = [Answer::Value(page("computed"))];
    let input = Input { answers: &mut answers, ..Input::default() };
    assert_eq!(plan.step(&cx, input, &mut turn), Ok(Step::Done(Outcome::Value(page("computed")))));

    let mut plan = fill(&bench, "page", 1);
    let _ = plan.step(&cx, Input::default(), &mut turn).unwrap();
    assert_eq!(
        plan.interrupt(&cx, down, &mut [], &mut turn).unwrap_err().kind(),
        ErrorKind::Unreachable
    );
}

#[test]
fn what_cannot_be_read_counts_as_missing_where_the_layout_says_so() {
    let mut bench = Bench::new();
    for stored in ["no envelope", r#"{"__type__": "str", "value": "x"}"#] {
        bench.raw(&["SET", "root:cache", stored]);
        bench.raw(&["SET", "root:hits", stored]);
        assert_eq!(bench.get("cache"), int(7));
        let call = bench.call("hits", Verb::Get);
        assert!(bench.drive(Plan::new(call), |_, _| panic!("no job")).is_err());
    }
    assert_eq!(bench.notes, [NoteKind::InvalidAsMissing; 2]);
    let cx = Cx::new(&bench.layout, "");
    let mut turn = Turn::default();
    let mut plan = Plan::new(bench.call("cache", Verb::Get));
    let _ = plan.step(&cx, Input::default(), &mut turn).unwrap();
    let down = Error::new(ErrorKind::Timeout, "no reply in time");
    assert_eq!(plan.interrupt(&cx, down, &mut [], &mut turn), Ok(Step::Done(int(7))));
}

#[test]
fn several_namespaces_clear_in_one_walk() {
    let mut bench = Bench::new();
    for id in [1, 2, 3, 12] {
        bench.set(&format!("user({id}).age"), id);
        bench.set(&format!("user({id}).note(5)"), id);
    }
    bench.set("users.list(1)", 1);
    bench.sent.clear();
    let clear = |path: &str| bench.call(path, Verb::Clear { strays: false });
    let calls = [clear("user(1)"), clear("user(3)")];
    let outcome = bench.drive(Plan::walk(&calls), |_, _| panic!("no job")).unwrap();
    let Outcome::Cleared(cleared) = outcome else { panic!("{outcome:?}") };
    assert_eq!((cleared.removed, cleared.strays), (4, 0));
    assert_eq!(bench.sent.iter().filter(|line| line.starts_with("SCAN")).count(), 1);
    assert!(bench.sent[1].contains("MATCH root:user:*:note:*"), "{:?}", bench.sent);
    for (path, there) in
        [("user(2).age", true), ("user(12).note(5)", true), ("user(3).note(5)", false)]
    {
        assert_eq!(bench.get(path) != Outcome::Missing, there, "{path}");
    }
    assert!(bench.drive(Plan::walk(&[]), |_, _| panic!("no job")).is_err());
    let rotate = bench.call("", Verb::Rotate);
    let error = bench.drive(Plan::walk(&[rotate]), |_, _| panic!("no job")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidCall);
}

#[test]
fn a_shared_clear_leaves_strays_of_other_namespaces_alone() {
    let mut bench = Bench::new();
    let strays = ["root:user:1:stray", "root:user:2:stray", "root:user:3:stray", "root:other"];
    for key in strays {
        bench.raw(&["SET", key, "x"]);
    }
    let clear = Verb::Clear { strays: true };
    let calls = ["user(1)", "user(2)"].map(|path| bench.call(path, clear.clone()));
    bench.set("user(2).age", 1);
    let dry = bench.drive(Plan::dry_walk(&calls), |_, _| panic!("no job"));
    let Ok(Outcome::Cleared(dry)) = dry else { panic!("{dry:?}") };
    assert_eq!((dry.removed, dry.strays), (3, 2));
    assert_eq!(strays.map(|key| bench.raw(&["EXISTS", key])), [1; 4].map(Reply::Int));
    let outcome = bench.drive(Plan::walk(&calls), |_, _| panic!("no job"));
    let Ok(Outcome::Cleared(cleared)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((cleared.removed, cleared.strays), (3, 2));
    let left = strays.map(|key| bench.raw(&["EXISTS", key]));
    assert_eq!(left, [0, 0, 1, 1].map(Reply::Int));
}

#[test]
fn counts_that_no_server_gives_add_up_to_no_more_than_a_number_holds() {
    let bench = Bench::new();
    let mut plan = Plan::new(bench.call("", Verb::Clear { strays: false }));
    let cx = Cx::new(&bench.layout, "");
    let (mut replies, mut turn) = (Vec::new(), Turn::default());
    let outcome = loop {
        let input = Input { replies: &mut replies, ..Input::default() };
        match plan.step(&cx, input, &mut turn).unwrap() {
            Step::Done(outcome) => break outcome,
            Step::More => {}
        }
        let answer = |line: String| match line.starts_with("SCAN") {
            true => {
                let keys = [1, 2].map(|id| format!("root:user:{id}:note:5"));
                let keys = keys.map(|key| Reply::Bulk(key.into_bytes()));
                Reply::Array(vec![Reply::Bulk(b"0".to_vec()), Reply::Array(keys.into())])
            }
            false => Reply::Int(i64::MIN),
        };
        replies = turn.batch.commands().map(|command| answer(command.to_string())).collect();
        turn.clear();
    };
    let Outcome::Cleared(cleared) = outcome else { panic!("{outcome:?}") };
    assert_eq!(cleared.removed, u64::MAX);
}

#[test]
fn a_walk_asks_for_single_keys_within_what_may_be_in_flight() {
    let keys: Vec<_> = (0..50).map(|n| format!(r#""k{n}":{{"type":"int"}}"#)).collect();
    let layout = Layout::from_json(&format!(r#"{{"keys":{{{}}}}}"#, keys.join(","))).unwrap();
    let cx = Cx::new(&layout, "").with_max_in_flight(8);
    let (target, key) = layout.resolve("", "").unwrap();
    let mut plan = Plan::new(Call::new(target, key, Verb::Count));
    let (mut replies, mut turn) = (Vec::new(), Turn::default());
    let outcome = loop {
        turn.clear();
        let input = Input { replies: &mut replies, ..Input::default() };
        match plan.step(&cx, input, &mut turn).unwrap() {
            Step::Done(outcome) => break outcome,
            Step::More => assert!(turn.batch.len() <= 8, "{} commands", turn.batch.len()),
        }
        replies = turn.batch.commands().map(|_| Reply::Int(1)).collect();
    };
    assert_eq!(outcome, Outcome::Int(50));
}

#[test]
fn a_lease_stands_behind_the_given_prefix_and_is_no_stray() {
    let mut bench = Bench::new();
    let lease = "dev:root:user:1:age::lease:{dev:root:user:1:age}";
    let (target, key) = bench.layout.resolve("user(1).age", "dev").unwrap();
    let fill = Plan::new(Call::new(target, key, Verb::GetOrSet(GetOrSet::new([1; 16]))));
    let outcome = bench.drive_behind("dev:", fill, |bench, _| {
        let (target, key) = bench.layout.resolve("user(1)", "dev").unwrap();
        let clear = Plan::new(Call::new(target, key, Verb::Clear { strays: true }));
        let outcome = bench.drive_behind("dev:", clear, |_, _| panic!("no job")).unwrap();
        let Outcome::Cleared(cleared) = outcome else { panic!("{outcome:?}") };
        assert_eq!((cleared.removed, cleared.strays), (0, 0));
        assert_eq!(bench.raw(&["EXISTS", lease]), Reply::Int(1));
        Answer::Value(Payload::from(5))
    });
    assert_eq!(outcome, Ok(Outcome::Value(Payload::from(5))));
    assert_eq!(bench.raw(&["EXISTS", lease]), Reply::Int(0));
}

#[test]
fn a_clear_removes_every_key_below_and_no_other() {
    let layouts = [
        "prefix = ''
        keys.lone = { template = '{a:int}' }
        keys.pair = { template = 'x{b}y:{h}' }
        [namespaces.bare]
        prefix = ''
        keys.star = { template = 'st*r[{d}]?' }
        [namespaces.bare.namespaces.deep]
        prefix = 'deep:v{e}.0'
        keys.closed = { template = 'c:d' }
        keys.open = { template = 'c:d:{f}' }
        keys.tail = { template = '{g:int}' }",
        "prefix = 'root:{{x}}'
        keys.lone = { template = 'l:{a:int}' }
        keys.pair = { template = 'l:{b:int}:x{h}' }
        [namespaces.bare]
        prefix = ''
        keys.star = { template = 's:{d}' }
        [namespaces.bare.namespaces.deep]
        prefix = 'v:{e}'
        keys.closed = {}
        keys.open = { template = 'open{f}' }
        keys.tail = { template = '{g:int}:tail' }",
    ];
    let paths = [
        "lone(1)",
        "pair(2,3)",
        "bare.star(a)",
        "bare.deep(1).closed",
        "bare.deep(1).open(x)",
        "bare.deep(12).open(x)",
        "bare.deep(1).tail(5)",
    ];
    for layout in layouts {
        for prefix in ["", "dev:", "de*v:st:"] {
            let layout = Layout::from_toml(layout).unwrap();
            for cleared in ["", "bare", "bare.deep(1)", "bare.deep(12)"] {
                let mut bench = Bench { layout: layout.clone(), ..Bench::new() };
                let keys: Vec<_> = paths
                    .iter()
                    .map(|path| (layout.resolve(path, prefix).unwrap().1.to_string(), path))
                    .collect();
                for (key, _) in &keys {
                    bench.raw(&["SET", key, "x"]);
                }
                let (target, key) = layout.resolve(cleared, prefix).unwrap();
                let plan = Plan::new(Call::new(target, key, Verb::Clear { strays: false }));
                bench.drive_behind(prefix, plan, |_, _| panic!("no job")).unwrap();
                for (key, path) in &keys {
                    let is_below = cleared.is_empty() || path.starts_with(&format!("{cleared}."));
                    let left = bench.raw(&["EXISTS", key]);
                    assert_eq!(left, Reply::Int((!is_below).into()), "{cleared}: {key} {path}");
                }
            }
        }
    }
}

/// The first step of a call, then a second one with these replies.
fn answered(verb: Verb, replies: Vec<Reply>) -> Result<Step, Error> {
    let layout = Layout::from_toml(
        "keys.n = { type = 'int' }
        keys.once = { type = 'int', ttl = '1m', renew = 'never' }",
    )
    .unwrap();
    let path = if replies.len() == 4 { "once" } else { "n" };
    let (target, key) = layout.resolve(path, "").unwrap();
    let cx = Cx::new(&layout, "");
    let mut plan = Plan::new(Call::new(target, key, verb));
    let mut turn = Turn::default();
    assert_eq!(plan.step(&cx, Input::default(), &mut turn), Ok(Step::More));
    assert_eq!(turn.batch.len(), replies.len());
    turn.clear();
    let mut replies = replies;
    plan.step(&cx, Input { replies: &mut replies, ..Input::default() }, &mut turn)
}

#[test]
fn a_stored_value_that_cannot_be_read_was_sent_for() {
    for verb in [Verb::Get, Verb::Lookup, Verb::ValueType] {
        let error = answered(verb, vec![Reply::Bulk(b"?".to_vec())]).unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::MalformedValue, Effect::Rejected));
    }
}

#[test]
fn what_a_server_quotes_of_a_command_is_not_passed_on() {
    let set = Verb::Set(Set::new(Payload::from(1)));
    let reply = "ERR unknown command 'SET', with args beginning with: 'n' '{\"__type__\": …' ";
    let error = answered(set, vec![Reply::error(reply)]).unwrap_err();
    assert_eq!(error.message(), "the server answered ERR unknown command 'SET'");
}

#[test]
fn a_group_that_is_discarded_fails_with_the_reason() {
    let set = Verb::Set(Set::new(Payload::from(1)));
    let oom = Reply::error("OOM command not allowed when used memory > 'maxmemory'");
    let abort = Reply::error("EXECABORT Transaction discarded because of previous errors.");
    let error = answered(set, vec![Reply::ok(), oom.clone(), oom, abort]).unwrap_err();
    assert_eq!((error.server_code(), error.outcome()), ("OOM", Effect::Rejected));
}

#[test]
fn a_group_whose_beginning_is_refused_may_have_been_carried_out() {
    let set = || Verb::Set(Set::new(Payload::from(1)));
    let refused = || Reply::error("NOPERM this user has no permissions to run the 'multi' command");
    let error = answered(set(), vec![refused(), Reply::ok(), Reply::ok(), refused()]).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unauthorized, Effect::Partial));
    let error = answered(set(), vec![refused(), refused(), refused(), refused()]).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unauthorized, Effect::Rejected));
}

#[test]
fn a_set_that_found_an_unreadable_value_says_whether_it_replaced_it() {
    for (condition, effect) in [
        (Condition::Always, Effect::Partial),
        (Condition::IfExists, Effect::Partial),
        (Condition::IfMissing, Effect::Rejected),
    ] {
        let mut set = Set::new(Payload::from(1));
        (set.condition, set.previous) = (condition, true);
        let error = answered(Verb::Set(set), vec![Reply::Bulk(b"?".to_vec())]).unwrap_err();
        assert_eq!(error.outcome(), effect, "{condition:?}");
        assert_eq!(error.message().contains("is stored"), effect == Effect::Partial, "{error}");
    }
}

#[test]
fn a_failed_computation_is_not_tried_again_because_the_server_went_away() {
    let bench = Bench::new();
    let mut wish = GetOrSet::new([7; 16]);
    wish.when_down = WhenDown::Compute;
    let mut plan = Plan::new(bench.call("page", Verb::GetOrSet(wish)));
    let cx = Cx::new(&bench.layout, "");
    let mut turn = Turn::default();
    let failed = Error::new(ErrorKind::InvalidValue, "the closure failed");
    let steps = [
        (vec![], vec![]),
        (vec![Reply::Nil], vec![]),
        (vec![Reply::ok(), Reply::Nil], vec![]),
        (vec![], vec![Answer::Failed(failed)]),
    ];
    for (mut replies, mut answers) in steps {
        turn.clear();
        let input = Input { replies: &mut replies, answers: &mut answers };
        assert_eq!(plan.step(&cx, input, &mut turn), Ok(Step::More));
    }
    turn.clear();
    let error = plan.interrupt(&cx, Error::new(ErrorKind::Unreachable, "gone"), &mut [], &mut turn);
    assert_eq!(error.unwrap_err().message(), "the closure failed");
    assert!(turn.jobs.is_empty());
}

#[test]
fn a_value_that_is_stored_is_no_failure_because_its_lease_cannot_be_given_back() {
    let bench = Bench::new();
    let stored = Reply::Bulk(br#"{"__type__": "str", "value": "stored"}"#.to_vec());
    let unknown = Reply::error("NOSCRIPT no matching script");
    let computed = vec![Answer::Value(page("stored"))];
    let found = [(vec![], vec![]), (vec![Reply::Nil], vec![]), (vec![Reply::ok(), stored], vec![])];
    let filled = [
        (vec![], vec![]),
        (vec![Reply::Nil], vec![]),
        (vec![Reply::ok(), Reply::Nil], vec![]),
        (vec![], computed),
        (vec![Reply::ok(), unknown], vec![]),
    ];
    for (steps, stored) in
        [(found.to_vec(), true), (filled.to_vec(), true), (filled[..4].to_vec(), false)]
    {
        let mut plan = fill(&bench, "page", 1);
        let cx = Cx::new(&bench.layout, "");
        let mut turn = Turn::default();
        for (mut replies, mut answers) in steps {
            turn.clear();
            let input = Input { replies: &mut replies, answers: &mut answers };
            assert_eq!(plan.step(&cx, input, &mut turn), Ok(Step::More));
        }
        turn.clear();
        let gone = Error::new(ErrorKind::Unreachable, "gone");
        let step = plan.interrupt(&cx, gone, &mut [], &mut turn);
        let value = Ok(Step::Done(Outcome::Value(page("stored"))));
        assert_eq!(step == value, stored, "{step:?}");
        assert!(turn.notes.is_empty());
    }
}

#[test]
fn a_ttl_of_zero_is_refused_before_anything_is_read_or_computed() {
    let mut bench = Bench::new();
    let mut update = Update::default();
    update.expiry = Expiry::In(0);
    let mut fill = GetOrSet::new([1; 16]);
    fill.expiry = Expiry::In(0);
    for verb in [Verb::Update(update), Verb::GetOrSet(fill)] {
        let plan = Plan::new(bench.call("page", verb));
        let error = bench.drive(plan, |_, _| panic!("no job")).unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidCall, Effect::NotSent));
    }
    assert!(bench.sent.is_empty());
}

#[test]
fn a_long_pipeline_tells_each_job_its_place() {
    let bench = Bench::new();
    let update = Plan::new(bench.call("hits", Verb::Update(Update::default())));
    let mut pipeline = Plan::join(vec![update; 65_540]);
    let cx = Cx::new(&bench.layout, "").with_max_in_flight(1_000_000);
    let mut turn = Turn::default();
    let step = pipeline.step(&cx, Input::default(), &mut turn);
    assert!(matches!(step, Ok(Step::More)));
    let mut replies = vec![Reply::Nil; turn.batch.len()];
    turn.clear();
    let input = Input { replies: &mut replies, ..Input::default() };
    assert!(matches!(pipeline.step(&cx, input, &mut turn), Ok(Step::More)));
    assert!((0..).zip(&turn.jobs).all(|(index, (place, _))| *place == [index]));
    assert_eq!(turn.jobs.len(), 65_540);
}
