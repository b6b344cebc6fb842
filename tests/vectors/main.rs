//! The vectors about layouts and keys, held against core: patterns, parsing, slots, expiries,
//! and layouts that are refused.

use std::fs;

use base64::{Engine, engine::general_purpose::STANDARD};
use nestkey_core::{
    call::{Call, Cx, Verb},
    error::ErrorKind,
    json::{self, Node, Value},
    key::{
        param::{Given, Param},
        slot::slot,
    },
    layout::{Layout, NamespaceId, Params},
    plan::{Input, Plan, Step, Turn},
    ttl::Ttl,
};

#[test]
fn each_key_has_its_slot() {
    for case in cases(&read("slots"), "slots") {
        let wanted = case.member("slot").map(Node::to_string);
        assert_eq!(Some(slot(text(case, "key").as_bytes()).to_string()), wanted, "{case}");
    }
}

#[test]
fn durations_are_read_shown_and_sent() {
    let file = read("expiries");
    for case in cases(&file, "ttls") {
        let (spelled, ms) = (text(case, "text"), number(case, "ms"));
        assert_eq!(Ttl::parse(spelled), Ok(Ttl::For(ms)), "{case}");
        assert_eq!(Ttl::For(ms).to_string(), text(case, "shown"), "{case}");
        let sent = sent_by_set(&format!(r#""ttl": {}"#, case.member("text").expect("a text")));
        assert_eq!(sent, words(case, "option"), "{case}");
    }
    for case in cases(&file, "refused") {
        let spelled = case.as_str().expect("a text");
        assert!(Ttl::parse(spelled).is_err(), "`{spelled}` is a ttl");
    }
    for case in cases(&file, "expire_at") {
        let sent = sent_by_set(&format!(r#""expire_at": {}"#, number(case, "ms")));
        assert_eq!(sent, words(case, "option"), "{case}");
    }
}

#[test]
fn each_namespace_is_scanned_with_the_narrowest_pattern() {
    for case in cases(&read("scans"), "patterns") {
        let layout = layout(case);
        let prefix = text(case, "prefix");
        let (target, key) = layout.resolve(text(case, "path"), prefix).expect("a namespace");
        let sent = first_turn(&layout, prefix, Call::new(target, key, Verb::Count));
        let scan = sent.iter().find(|args| args[0] == "SCAN");
        let pattern =
            scan.map(|args| args[args.iter().position(|arg| arg == "MATCH").unwrap() + 1].clone());
        let wanted = case.member("pattern").and_then(Node::as_str).map(str::to_owned);
        assert_eq!(pattern, wanted, "{}", text(case, "name"));
    }
}

#[test]
fn a_path_takes_the_parameters_of_all_its_levels() {
    let file = read("levels");
    let layout = layout(&file);
    let resolve = |case: &Node| {
        let (path, mut key) = (text(case, "path"), layout.root("").expect("a prefix"));
        let given = case.member("given").expect("parameters");
        let params = |given: Params<'_>| {
            layout.follow(NamespaceId::ROOT, path, given, &mut key).map(|target| (target, key))
        };
        match &given.value {
            Value::Object(members) => {
                let named: Vec<_> =
                    members.iter().map(|one| (&one.name[..], param(&one.node))).collect();
                params(Params::Named(&named))
            }
            Value::Array(items) => {
                params(Params::Positional(&items.iter().map(param).collect::<Vec<_>>()))
            }
            _ => panic!("{case}"),
        }
    };
    for case in cases(&file, "found") {
        let (_, key) = resolve(case).unwrap_or_else(|error| panic!("{case}: {error}"));
        assert_eq!(key.as_str(), text(case, "key"), "{case}");
    }
    for case in cases(&file, "refused") {
        let error = resolve(case).map(|(_, key)| key).expect_err(text(case, "path"));
        assert_eq!(error.kind().code(), text(case, "error"), "{case}: {error}");
    }
}

fn param(node: &Node) -> Param<'_> {
    match &node.value {
        Value::Number(text) => Param::Int(text.parse().expect("an integer")),
        Value::String(text) => Param::Str(text),
        _ => panic!("no parameter is {node}"),
    }
}

#[test]
fn keys_of_the_layout_parse_back_and_others_do_not() {
    let file = read("paths");
    let layout = layout(&file);
    for case in cases(&file, "ours") {
        let (entry, params) =
            layout.parse(text(case, "key"), "").unwrap_or_else(|| panic!("{case}"));
        assert_eq!(layout.entry(entry).expect("an entry").path, text(case, "path"));
        let specs = layout.all_params(entry);
        let params = specs.iter().zip(&params).map(|(spec, given)| (&spec.name, spell(given)));
        let params: Vec<_> = params.map(|(name, given)| format!("\"{name}\":{given}")).collect();
        let wanted = case.member("params").map(Node::to_string);
        assert_eq!(Some(format!("{{{}}}", params.join(","))), wanted, "{case}");
        // A prefix given when binding stands before the same key, and only there.
        let key = format!("dev:{}", text(case, "key"));
        assert!(layout.parse(&key, "dev:").is_some(), "{key}");
        assert!(layout.parse(&key, "").is_none(), "{key}");
    }
    for case in cases(&file, "not_ours") {
        let key = case.as_str().expect("a key");
        assert!(layout.parse(key, "").is_none(), "`{key}` is no key of the layout");
    }
}

#[test]
fn layouts_with_problems_are_refused_with_all_of_them() {
    let file = read("layouts");
    for case in cases(&file, "refused") {
        let name = text(case, "name");
        let text = case.member("layout").expect("a layout").to_string();
        let error = Layout::from_json(&text).expect_err(name);
        assert_eq!(error.kind(), ErrorKind::InvalidLayout, "{name}");
        assert!(error.issues().iter().all(|issue| issue.place.is_some()), "{name}: {error}");
        if let Some(Value::Array(paths)) = case.member("paths").map(|paths| &paths.value) {
            let found: Vec<_> = error.issues().iter().map(|issue| &issue.path[..]).collect();
            let wanted: Vec<_> = paths.iter().filter_map(Node::as_str).collect();
            assert_eq!(found, wanted, "{name}: {error}");
        }
    }
    for case in cases(&file, "accepted") {
        let text = case.member("layout").expect("a layout").to_string();
        assert_eq!(Layout::from_json(&text).err(), None, "{}", self::text(case, "name"));
    }
}

#[test]
fn the_shop_is_the_same_layout_in_toml_and_in_json() {
    let read = |file: &str| {
        let path = format!("{}/../examples/{file}", env!("CARGO_MANIFEST_DIR"));
        fs::read_to_string(&path).expect(&path)
    };
    let toml = Layout::from_toml(&read("shop.layout.toml")).expect("a layout");
    let json = Layout::from_json(&read("node/shop.layout.json")).expect("a layout");
    assert_eq!(toml.describe().to_string(), json.describe().to_string());
}

fn spell(given: &Given) -> String {
    let text = |text: &str| Node { at: 0, value: Value::String(text.to_owned()) }.to_string();
    match given {
        Given::Bool(value) => value.to_string(),
        Given::Bytes(bytes) => {
            format!(r#"{{"__type__":"bytes","value":"{}"}}"#, STANDARD.encode(bytes))
        }
        Given::Int(value) => value.to_string(),
        Given::String(value) | Given::Uuid(value) => text(value),
        other => panic!("a parameter of a type that has no spelling: {other:?}"),
    }
}

/// The words behind the value of a SET with an option in the spelling of calls.
fn sent_by_set(option: &str) -> Vec<String> {
    let layout = Layout::from_json(r#"{"keys": {"a": {"type": "int"}}}"#).expect("a layout");
    let call = format!(r#"{{"call": "set", "path": "a", "value": 1, {option}}}"#);
    let call = Call::from_json(&json::read(call.as_bytes()).expect("JSON"), &layout, "");
    first_turn(&layout, "", call.expect("a call"))[0].split_off(3)
}

fn first_turn(layout: &Layout, prefix: &str, call: Call) -> Vec<Vec<String>> {
    let mut turn = Turn::default();
    let mut plan = Plan::new(call);
    let step = plan.step(&Cx::new(layout, prefix), Input::default(), &mut turn);
    assert!(matches!(step, Ok(Step::More | Step::Done(_))), "{step:?}");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    let sent = turn.batch.commands().map(|c| c.args().map(|arg| text(arg.bytes)).collect());
    sent.collect()
}

fn read(file: &str) -> Node {
    let path = format!("{}/vectors/{file}.json", env!("CARGO_MANIFEST_DIR"));
    json::read(&fs::read(&path).expect(&path)).expect(&path)
}

fn layout(node: &Node) -> Layout {
    Layout::from_json(&node.member("layout").expect("a layout").to_string()).expect("a layout")
}

fn cases<'n>(file: &'n Node, name: &str) -> &'n [Node] {
    match file.member(name).map(|node| &node.value) {
        Some(Value::Array(cases)) if !cases.is_empty() => cases,
        _ => panic!("no cases under `{name}`"),
    }
}

fn text<'n>(case: &'n Node, name: &str) -> &'n str {
    case.member(name).and_then(Node::as_str).unwrap_or_else(|| panic!("no `{name}` in {case}"))
}

fn number(case: &Node, name: &str) -> u64 {
    let number = case.member(name).map(Node::to_string);
    number.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no `{name}` in {case}"))
}

fn words(case: &Node, name: &str) -> Vec<String> {
    cases(case, name).iter().filter_map(Node::as_str).map(str::to_owned).collect()
}
