//! Layout files: what loads, what is refused, and what the sentences say.
#![cfg(feature = "toml")]

use nestkey_core::{
    call::{Call, Cx, Set, Verb},
    error::{Error, ErrorKind},
    json::Node,
    key::{Key, param::Param},
    layout::{EntryId, Layout, Params, Target},
    plan::{Input, Plan, Turn},
    ttl::{Renew, Ttl},
    types::Kind,
    value::Entropy,
};

const SHOP: &str = include_str!("../../examples/shop.layout.toml");

fn shop() -> Layout {
    Layout::from_toml(SHOP).unwrap()
}

fn refused(toml: &str) -> Error {
    match Layout::from_toml(toml) {
        Ok(_) => panic!("this layout loads:\n{toml}"),
        Err(error) => error,
    }
}

fn key(layout: &Layout, path: &str) -> String {
    layout.resolve(path, "").unwrap().1.to_string()
}

#[test]
fn the_example_resolves_as_redisimnest_does() {
    let shop = shop();
    for (path, expected) in [
        ("project_name", "root:project_name"),
        ("date", "root:the_date"),
        ("app.tokens", "root:app:tokens"),
        ("user(1).age", "root:user:1:age"),
        ("user(user_id=1).fist_name", "root:user:1:firt_name"),
        ("admin(123)", "root:admin:123"),
        ("admin(123).messages", "root:admin:123:messages"),
        ("admin(123).messages.message(123)", "root:admin:123:messages:message:123"),
        ("user(7).messages.message(42)", "root:user:7:messages:message:42"),
        (r#"admin("a:b")"#, "root:admin:a%3Ab"),
        ("", "root"),
    ] {
        assert_eq!(key(&shop, path), expected, "{path}");
    }
}

#[test]
fn a_prefix_given_when_binding_stands_in_front() {
    let shop = shop();
    for prefix in ["dev", "dev:", "dev::"] {
        assert_eq!(shop.resolve("user(1).age", prefix).unwrap().1.as_str(), "dev:root:user:1:age");
    }
    for prefix in ["a b", "ü", "a{b", "a}b", "a::b", ":a"] {
        let error = shop.resolve("project_name", prefix).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidPath, "{prefix}");
    }
    let bare = Layout::from_toml("prefix = ''\nkeys.k = {}").unwrap();
    assert_eq!(key(&bare, "k"), "k");
    assert_eq!(bare.resolve("k", ":").unwrap().1.as_str(), "k");
    assert_eq!(bare.resolve("k", "dev:").unwrap().1.as_str(), "dev:k");
}

#[test]
fn bad_paths_and_parameters_are_refused_by_kind() {
    use ErrorKind as E;
    let shop = shop();
    for (path, kind) in [
        ("user.age", E::MissingParam),
        ("admin.messages", E::MissingParam),
        ("admin(123).messages.message", E::MissingParam),
        ("user(1,2).age", E::SurplusParam),
        ("user(id=1).age", E::UnknownParam),
        ("user(user_id=1,user_id=2).age", E::DoubledParam),
        ("user(1,user_id=2).age", E::InvalidPath),
        ("user(0).age", E::InvalidParam),
        ("user(x).age", E::InvalidParam),
        ("user(1).agee", E::UnknownPath),
        ("app.tokens.more", E::UnknownPath),
        ("user(1", E::InvalidPath),
        ("user(1).", E::InvalidPath),
        (".user", E::InvalidPath),
        ("user(\"1)", E::InvalidPath),
    ] {
        let error = shop.resolve(path, "").unwrap_err();
        assert_eq!(error.kind(), kind, "{path}: {error}");
    }
    let error = shop.resolve("user(1).agee", "").unwrap_err();
    assert!(error.to_string().contains("no `agee` in user, which has: age, name"), "{error}");
    let error = shop.resolve("user.age", "").unwrap_err();
    assert_eq!(error.to_string(), "user: the parameter `user_id` is missing");
}

#[test]
fn an_entry_says_for_how_long_values_stay_behind_their_time() {
    let layout = Layout::from_toml("ttl = '5m'\nkeys.a = { stale = 30 }\nkeys.b = {}").unwrap();
    let stale: Vec<_> = layout.entries().map(|(_, entry)| entry.stale_ms).collect();
    assert_eq!(stale, [30_000, 0]);
    let described = |index| layout.describe_entry(layout.entry_id(index).unwrap());
    assert_eq!(described(0).member("stale").and_then(Node::as_str), Some("30s"));
    assert!(described(1).member("stale").is_none());
}

#[test]
fn an_entry_says_by_how_much_shorter_its_keys_may_live() {
    let toml = "ttl = '5m'\nkeys.a.jitter = '1%'\nkeys.b.jitter = '50%'\nkeys.c = {}";
    let layout = Layout::from_toml(toml).unwrap();
    let jitter: Vec<_> = layout.entries().map(|(_, entry)| entry.jitter).collect();
    assert_eq!(jitter, [1, 50, 0]);
    let described = |index| layout.describe_entry(layout.entry_id(index).unwrap());
    assert_eq!(described(1).member("jitter").and_then(Node::as_str), Some("50%"));
    assert!(described(2).member("jitter").is_none());
}

#[test]
fn a_ttl_with_jitter_is_no_longer_than_declared_and_no_shorter_than_its_share() {
    for (ttl, least) in [("1ms", 1), ("3ms", 2), ("1s", 500), ("9007199254740992ms", 1 << 52)] {
        let toml = format!("keys.a = {{ type = 'int', ttl = '{ttl}', jitter = '50%' }}");
        let layout = Layout::from_toml(&toml).unwrap();
        let Some(Ttl::For(most)) = layout.entry(layout.entry_id(0).unwrap()).unwrap().ttl else {
            panic!("{ttl} is a time")
        };
        let lives = (0..=255).map(|seed| {
            let entropy = Entropy::new([seed; 32]);
            let (target, key) = layout.resolve("a", "").unwrap();
            let mut plan = Plan::new(Call::new(target, key, Verb::Set(Set::new(1.into()))));
            let cx = Cx::new(&layout, "");
            assert!(plan.wants_entropy(&cx));
            let mut turn = Turn::default();
            let step = plan.step(&cx.with_entropy(&entropy), Input::default(), &mut turn);
            assert!(step.is_ok(), "{step:?}");
            let args: Vec<_> = turn.batch.commands().next().unwrap().args().collect();
            let text = std::str::from_utf8(args[4].bytes).unwrap().parse::<u64>().unwrap();
            if args[3].bytes == b"EX" { text * 1000 } else { text }
        });
        let lives: Vec<_> = lives.collect();
        assert!(lives.iter().all(|ms| (least..=most).contains(ms)), "{ttl}: {lives:?}");
        let are_apart = lives.iter().any(|ms| *ms != lives[0]);
        assert_eq!(are_apart, ttl != "1ms", "{ttl}: {lives:?}");
    }
}

#[test]
fn an_entry_without_jitter_draws_nothing() {
    let layout = Layout::from_toml("ttl = '5m'\nkeys.a = { type = 'int' }").unwrap();
    let (target, key) = layout.resolve("a", "").unwrap();
    let plan = Plan::new(Call::new(target, key, Verb::Set(Set::new(1.into()))));
    assert!(!plan.wants_entropy(&Cx::new(&layout, "")));
}

#[test]
fn the_nearest_ttl_wins_and_persist_stops_the_inheritance() {
    let layout = Layout::from_toml(
        r#"
        ttl = "1h"
        keys.a = {}
        keys.b = { ttl = "persist" }
        keys.c = { ttl = 5, renew = "access" }
        keys.n = { kind = "counter" }
        [namespaces.quiet]
        ttl = "persist"
        renew = "never"
        keys.d = {}
        keys.e = { ttl = "500ms", renew = "write" }
        "#,
    )
    .unwrap();
    let found: Vec<_> =
        layout.entries().map(|(_, e)| (&e.name[..], e.ttl, &e.ttl_from[..], e.renew)).collect();
    assert_eq!(
        found,
        [
            ("a", Some(Ttl::For(3_600_000)), "", Renew::Write),
            ("b", Some(Ttl::Persist), "b", Renew::Write),
            ("c", Some(Ttl::For(5_000)), "c", Renew::Access),
            ("n", Some(Ttl::For(3_600_000)), "", Renew::Never),
            ("d", Some(Ttl::Persist), "quiet", Renew::Never),
            ("e", Some(Ttl::For(500)), "quiet.e", Renew::Write),
        ]
    );
}

#[test]
fn every_kind_loads() {
    let layout = Layout::from_toml(
        r#"
        keys.a = { kind = "value", type = "array<object<int?>>?" }
        keys.b = { kind = "counter", ttl = "1m" }
        keys.c = { kind = "list", type = "string" }
        keys.d = { kind = "set", type = "int" }
        keys.e = { kind = "zset", type = "uuid" }
        keys.f = { kind = "hash", fields = { name = "string", pin = { kind = "secret" } } }
        keys.g = { kind = "channel", type = "object" }
        keys.h = { kind = "secret", type = "bytes" }
        keys.i = { kind = "password" }
        "#,
    )
    .unwrap();
    let kinds: Vec<_> = layout.entries().map(|(_, entry)| entry.kind).collect();
    for kind in Kind::ALL {
        assert!(kinds.contains(kind), "{kind:?}");
    }
}

#[test]
fn dotted_and_nested_namespaces_and_json_mean_the_same() {
    let dotted = Layout::from_toml(
        "[namespaces.'user.messages']\nkeys.m = {}\n[namespaces.user]\nprefix = 'user:{id}'",
    )
    .unwrap();
    let nested = Layout::from_json(
        r#"{"namespaces": {"user": {"prefix": "user:{id}", "namespaces": {"messages": {"keys": {"m": {}}}}}}}"#,
    )
    .unwrap();
    assert_eq!(dotted.describe().to_string(), nested.describe().to_string());
    assert_eq!(key(&dotted, "user(x).messages.m"), "user:x:messages:m");
}

#[test]
fn every_problem_is_reported_at_once_with_its_place() {
    let error = refused(
        r#"prefix = "root"
surprise = 1
[types.int]
a = "string"
[keys]
Age = { type = "intt" }
n = { type = "int", default = "x", min = 5, max = 1 }
s = { kind = "secret", default = "x" }
l = { template = "l:{", ttl = "soon", renew = "often" }
[namespaces.self]
prefix = "{id}"
"#,
    );
    assert_eq!(error.kind(), ErrorKind::InvalidLayout);
    let found: Vec<_> = error
        .issues()
        .iter()
        .map(|issue| (issue.place.unwrap().0, issue.message.clone()))
        .collect();
    for (line, words) in [
        (2, "a namespace has no field `surprise`"),
        (3, "a built-in type has this name"),
        (6, "the name `Age`"),
        (6, "unknown type `intt`"),
        (7, "the default"),
        (7, "`min` 5 is greater than `max` 1"),
        (8, "a secret has no default"),
        (9, "a `{` without its `}`"),
        (9, "soon"),
        (9, "unknown renew `often`"),
        (10, "reserved by a host language"),
        (11, "starts with a literal"),
    ] {
        assert!(
            found.iter().any(|(at, message)| *at == line && message.contains(words)),
            "line {line}: {words}\nfound: {found:#?}"
        );
    }
}

#[test]
fn at_most_a_hundred_problems_are_reported() {
    let many: String = (0..300).map(|i| format!("k{i} = {{ type = 'nope' }}\n")).collect();
    let error = refused(&format!("[keys]\n{many}"));
    assert_eq!((error.issues().len(), error.more_issues()), (100, 200));
    assert!(error.message().starts_with("the layout has 300 problems: "));
    assert!(error.message().ends_with("; and 200 more"));
}

#[test]
fn contradictions_in_a_layout_are_refused() {
    for (toml, words) in [
        ("nestkey = 2", "1"),
        ("prefix = 'a:{x}'", "the root's prefix has no parameters"),
        ("keys.a = { template = 'x:{p}:{p}' }", "stands twice"),
        (
            "[namespaces.u]\nprefix = 'u:{id}'\nkeys.a = { template = 'a:{id}' }",
            "the parameter `id` stands twice",
        ),
        ("keys.a = { template = 'a:{#x}:{#y}' }", "two hash tags"),
        ("keys.a = { template = '{{a}}:{#x}' }", "literal braces beside a hash tag"),
        ("keys.a = { template = 'a:{x}', params.y = {} }", "`y` is no parameter"),
        ("keys.a = { template = 'a:{x:money}' }", "unknown parameter type `money`"),
        ("keys.a = { template = 'a:{x:int}', params.x = { min = 3, max = 2 } }", "no integer"),
        ("keys.a = { template = 'a:{x}', params.x = { min = 3 } }", "`min` does not apply"),
        ("keys.a = { type = 'string', min = 3 }", "are for numbers"),
        ("keys.a = { type = 'int', one_of = [1, 'x'] }", "`one_of` of integers holds \"x\""),
        ("keys.a = { type = 'int', default = 9, max = 5 }", "the default"),
        ("keys.a = { type = 'int', default = 1.5 }", "the default"),
        ("keys.a = { codec = 'bare', type = 'string?' }", "cannot tell null from text"),
        ("keys.a = { kind = 'hash' }", "fields"),
        ("keys.a = { kind = 'password', type = 'string' }", "a password has no type"),
        ("keys.a = { kind = 'channel', ttl = 5 }", "a channel has no ttl"),
        ("keys.a = { fields = { b = 'int' } }", "a value has no fields"),
        ("keys.a = {}\nnamespaces.a = {}", "`a` is declared twice"),
        ("reserved = ['a']\nkeys.a = {}", "`a` is reserved"),
        ("reserved = ['old:{x}']\nkeys.a = { template = 'old:{x}' }", "`old:{x}` is reserved"),
        ("reserved = ['old:{x}']\nnamespaces.a.prefix = 'old:{x}'", "`old:{x}` is reserved"),
        ("[namespaces.'a.b']\nkeys.k = {}", "there is no namespace `a`"),
        ("[namespaces.a]\nuse = 'b'", "there is no shape `b`"),
        ("shapes.s.keys.a = { type = 'text' }", "shapes.s.a: "),
        (
            "[shapes.s.namespaces.n]\nuse = 't'\n[shapes.t]\nprefix = '{x}'",
            "shapes.s.n: the prefix",
        ),
        ("params.id = { type = 'money' }", "params.id: it has no type"),
        ("params.id = { min = 1 }", "params.id: `id`: `min` does not apply"),
        (
            "params.id = { type = 'int' }\nkeys.a = { template = 'a:{x:id}', params.x = { min = 1 } }",
            "`x` is `params.id`",
        ),
        (
            "params.id = {}\nkeys.a = { template = 'a:{x:id}', params.x = { encoding = 'verbatim' } }",
            "`x` is `params.id`",
        ),
        ("keys.a = { ttl = 0 }", "a ttl of zero"),
        ("keys.a = { ttl = 5, stale = 0 }", "a stale is seconds, or a duration"),
        ("keys.a = { ttl = 5, stale = 'persist' }", "12h, 7d, not \"persist\""),
        ("keys.a = { stale = 5 }", "`stale` is for values with a ttl"),
        ("ttl = 5\nkeys.a = { ttl = 'persist', stale = 5 }", "`stale` is for values with a ttl"),
        ("keys.a = { ttl = 5, renew = 'access', stale = 5 }", "which no read renews"),
        ("keys.a = { kind = 'secret', ttl = 5, stale = 5 }", "a secret has no stale"),
        ("keys.a = { jitter = '10%' }", "`jitter` is for keys with a ttl"),
        (
            "ttl = 5\nkeys.a = { ttl = 'persist', jitter = '10%' }",
            "`jitter` is for keys with a ttl",
        ),
        ("keys.a = { ttl = 5, jitter = '0%' }", "from \"1%\" to \"50%\", not \"0%\""),
        ("keys.a = { ttl = 5, jitter = '51%' }", "from \"1%\" to \"50%\", not \"51%\""),
        ("keys.a = { ttl = 5, jitter = '+5%' }", "from \"1%\" to \"50%\", not \"+5%\""),
        ("keys.a = { ttl = 5, jitter = 0.1 }", "from \"1%\" to \"50%\", not \"0.1\""),
        (
            "keys.a = { ttl = '9007199254740s', stale = 1 }",
            "longer than 9007199254740992 ms together",
        ),
        ("types.a.__type__ = 'int'", "`__type__` is the envelope's own"),
        ("foreign = [1, {}]", "a text is wanted"),
        ("keys = 5", "a table is wanted, not a number"),
    ] {
        let error = refused(toml);
        assert!(error.to_string().contains(words), "{toml}\n  wanted: {words}\n  found: {error}");
    }
}

#[test]
fn a_named_parameter_takes_a_doc_and_a_hiding_of_its_own() {
    let layout = Layout::from_toml(
        "params.id = { type = 'int', min = 1, doc = 'A number.' }\n\
         [keys.a]\ntemplate = 'a:{x:id}'\nparams.x = { doc = 'Of an order.', sensitive = true }\n\
         [keys.b]\ntemplate = 'b:{y:id}'",
    );
    let layout = layout.unwrap();
    let params: Vec<_> = layout.entries().map(|(_, entry)| &entry.params[0]).collect();
    assert_eq!((&params[0].doc[..], params[0].sensitive), ("Of an order.", true));
    assert_eq!((&params[1].doc[..], params[1].sensitive), ("A number.", false));
    assert!(params.iter().all(|param| param.constraints.min == Some(1)));
}

#[test]
fn a_shape_that_stands_nowhere_leaves_nothing_behind() {
    let toml = "keys.a = {}\n[shapes.s]\nprefix = 's:{x}'\nkeys.a = {}\nnamespaces.n.keys.b = {}";
    let layout = Layout::from_toml(toml).unwrap();
    assert_eq!(layout.entries().count(), 1);
    assert!(layout.namespace(layout.namespace_id(0).unwrap()).unwrap().children.is_empty());
    assert_eq!(layout.namespace_id(1), None);
}

#[test]
fn two_entries_with_a_common_key_are_refused_with_an_example() {
    for (toml, example) in [
        ("keys.a = { template = 'x:{p}' }\nkeys.b = { template = 'x:{q}' }", "x:"),
        ("keys.a = { template = 'user:all' }\nkeys.b = { template = 'user:{id}' }", "`user:all`"),
        ("keys.a = {}\nkeys.b = { template = 'a' }", "`a`"),
        (
            "[namespaces.u]\nprefix = 'u'\nkeys.a = { template = 'b:c' }\n\
             [namespaces.'u.b']\nprefix = 'b'\nkeys.c = {}",
            "`u:b:c`",
        ),
    ] {
        let error = refused(toml).to_string();
        assert!(error.contains(example), "{toml}\n  found: {error}");
    }
    let ok = "keys.a = { template = 'user:all' }\nkeys.b = { template = 'user:{id:int}' }";
    assert!(Layout::from_toml(ok).is_ok(), "an integer never spells `all`");
    let ok = "keys.a = { template = 'x' }\nkeys.c = { kind = 'channel', template = 'x' }";
    assert!(Layout::from_toml(ok).is_ok(), "channels are a space of their own");
}

#[test]
fn namespaces_nest_24_deep_and_shapes_end() {
    let nested = |depth: usize| {
        let open: String = (0..depth).map(|_| r#"{"namespaces": {"n": "#).collect();
        format!("{open}{{}}{}", "}}".repeat(depth))
    };
    assert!(Layout::from_definition(&nested(24)).is_ok());
    let error = Layout::from_definition(&nested(25)).unwrap_err();
    assert!(error.to_string().contains("deeper than 24"), "{error}");
    let error = refused("[shapes.s.namespaces.again]\nuse = 's'\n[namespaces.a]\nuse = 's'");
    assert!(error.to_string().contains("the shape `s` stands inside of itself"), "{error}");
}

#[test]
fn a_key_parses_back_to_its_path_and_parameters() {
    let shop = shop();
    let (entry, params) = shop.parse("root:admin:a%3Ab:messages:message:9", "").unwrap();
    assert_eq!(shop.entry(entry).unwrap().path, "admin.messages.message");
    let names: Vec<_> = shop.all_params(entry).iter().map(|spec| &spec.name[..]).collect();
    assert_eq!(names, ["admin_id", "message_id"]);
    let texts: Vec<_> = params.iter().map(|given| format!("{:?}", Param::from(given))).collect();
    assert_eq!(texts, [r#"Str("a:b")"#, r#"Str("9")"#]);
    for stranger in ["", "root", "root:user:0:age", "root:user:1", "root:user:01:age", "x"] {
        assert!(shop.parse(stranger, "").is_none(), "{stranger}");
    }
    assert!(shop.parse("dev:root:user:1:age", "dev:").is_some());
    assert!(shop.parse("root:user:1:age", "dev:").is_none());
}

#[test]
fn sensitive_parameters_are_hidden_where_keys_are_shown() {
    let layout = Layout::from_toml(
        "[namespaces.s]\nprefix = 's:{token:hex}'\nparams.token = { sensitive = true }\nkeys.k = { template = 'k:{n:int}' }",
    )
    .unwrap();
    let (entry, _) = layout.entries().next().unwrap();
    assert_eq!(layout.shown(entry, "s:deadbeef:k:5", ""), "s:{token}:k:5");
    assert_eq!(layout.shown(entry, "dev:s:deadbeef:k:5", "dev:"), "dev:s:{token}:k:5");
}

#[test]
fn an_id_of_another_layout_is_an_error() {
    let small = Layout::from_toml("keys.a = {}").unwrap();
    let (stranger, _): (EntryId, _) = shop().entries().last().map(|(id, _)| (id, ())).unwrap();
    let error = small.complete(stranger, Params::Positional(&[]), &mut Key::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownPath);
}

#[test]
fn ten_thousand_entries_load() {
    let toml: String = (0..100)
        .flat_map(|n| {
            let head = format!("[namespaces.n{n}]\nprefix = 'n{n}:{{id:int}}'\n");
            let keys = (0..100).map(|k| format!("keys.k{k} = {{ type = 'int' }}\n"));
            core::iter::once(head).chain(keys.collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(Layout::from_toml(&toml).unwrap().entries().count(), 10_000);
}

#[test]
fn parameters_of_channels_are_hidden_as_well() {
    let layout = Layout::from_toml(
        "keys.c = { kind = 'channel', template = 'c:{token}', params.token = { sensitive = true } }",
    )
    .unwrap();
    let (target, key) = layout.resolve("c(deadbeef)", "dev:").unwrap();
    let mut plan = Plan::new(Call::new(target, key, Verb::Get));
    let cx = Cx::new(&layout, "dev:");
    let error = plan.step(&cx, Input::default(), &mut Turn::default()).unwrap_err();
    assert_eq!((error.kind(), error.key()), (ErrorKind::Unsupported, "dev:c:{token}"));
}

#[test]
fn shapes_use_shapes_and_the_root_uses_one() {
    let layout = Layout::from_toml(
        "use = 'outer'
        [shapes.outer]
        use = 'inner'
        ttl = '1m'
        [shapes.inner]
        ttl = '2m'
        keys.k = {}
        [shapes.other.namespaces.n]
        use = 'outer'",
    )
    .unwrap();
    assert_eq!(key(&layout, "k"), "k");
    let (_, entry) = layout.entries().next().unwrap();
    assert_eq!(entry.ttl, Some(Ttl::For(60_000)));
    for circle in ["use = 'a'", "use = 'b'\n[shapes.b]\nuse = 'a'"] {
        let error = refused(&format!("[namespaces.n]\nuse = 'a'\n[shapes.a]\n{circle}"));
        assert!(error.message().contains("comes back to itself"), "{error}");
    }
}

#[test]
fn names_reserved_by_a_shape_stay_reserved() {
    let error = refused("[namespaces.n]\nuse = 's'\n[shapes.s]\nreserved = ['old']\nkeys.old = {}");
    assert!(error.message().contains("`old` is reserved"), "{error}");
}

#[test]
fn shapes_that_multiply_end_early() {
    let twice = |name: &str| {
        format!("namespaces = {{ x = {{ use = '{name}' }}, y = {{ use = '{name}' }} }}\n")
    };
    let error = refused(&format!("[namespaces.n]\nuse = 's'\n[shapes.s]\n{}", twice("s")));
    assert_eq!(error.kind(), ErrorKind::InvalidLayout);
    let tower: String =
        (1..24).map(|n| format!("[shapes.s{n}]\n{}", twice(&format!("s{}", n - 1)))).collect();
    let error =
        refused(&format!("[namespaces.n]\nuse = 's23'\n[shapes.s0]\nkeys.k = {{}}\n{tower}"));
    assert!(error.message().contains("more than 20000 namespaces and keys"), "{error}");
}

#[test]
fn an_inline_format_must_suit_what_is_declared() {
    for (param, sentence) in [
        ("max_length = 5", "a ulid has 26 characters"),
        ("one_of = ['a']", "`one_of` has no use for"),
        ("format = 'hex'", "is of the format ulid in the template and hex here"),
    ] {
        let error = refused(&format!(
            "keys.k = {{ template = 'k:{{id:ulid}}', params.id = {{ {param} }} }}"
        ));
        assert!(error.message().contains(sentence), "{error}");
    }
}

#[test]
fn a_layout_of_too_many_keys_is_refused_wherever_they_stand() {
    let toml: String = (0..20_001).map(|n| format!("keys.k{n} = {{}}\n")).collect();
    let error = refused(&toml);
    assert!(error.message().contains("more than 20000 namespaces and keys"), "{error}");
    assert_eq!(error.issues().len(), 1);
}

#[test]
fn a_parameter_that_may_hold_braces_does_not_stand_before_a_hash_tag() {
    let layout = |template: &str, param: &str| {
        format!(
            "keys.k = {{ template = '{template}', params.v = {{ encoding = 'verbatim', {param} }} }}"
        )
    };
    for template in ["a:{v}:{#id}", "a:{#v}"] {
        let error = refused(&layout(template, ""));
        assert!(error.message().contains("could spoil the hash tag"), "{error}");
    }
    for (template, param) in [("a:{#id}:{v}", ""), ("a:{v}:{#id}", "format = 'slug'")] {
        let loaded = Layout::from_toml(&layout(template, param));
        assert!(loaded.is_ok(), "{template}: {loaded:?}");
    }
}

#[test]
fn a_record_whose_values_would_have_no_end_is_refused() {
    let tree = |left: &str| format!("[types.tree]\nleft = '{left}'\n[types.leaf]\nn = 'int'");
    for endless in ["tree", "other'\n[types.other]\nback = 'tree"] {
        let error = refused(&tree(endless));
        assert!(error.message().contains("without end"), "{error}");
    }
    for fine in ["tree?", "array<tree>", "object<tree>", "leaf", "any"] {
        assert!(Layout::from_toml(&tree(fine)).is_ok(), "{fine}");
    }
}

#[test]
fn what_counts_as_missing_is_described() {
    let layout = Layout::from_toml("keys.k = { on_invalid = 'missing' }\nkeys.l = {}").unwrap();
    let described = |path: &str| {
        let (target, _) = layout.resolve(path, "").unwrap();
        let Target::Entry(id) = target else { panic!("an entry") };
        let node = layout.describe_entry(id);
        node.member("on_invalid").map(ToString::to_string)
    };
    assert_eq!(described("k").as_deref(), Some("\"missing\""));
    assert_eq!(described("l"), None);
}

#[test]
fn a_text_that_is_no_toml_is_an_invalid_file_like_one_that_is_no_json() {
    for error in [Layout::from_toml("a = "), Layout::from_json("{")].map(Result::unwrap_err) {
        assert_eq!(error.kind(), ErrorKind::InvalidFile, "{error}");
    }
    let error = Layout::from_toml("prefix = \"root\"\nkeys = {").unwrap_err();
    let places = error.issues().iter().map(|issue| issue.place);
    assert!(places.flatten().any(|(line, _)| line == 2), "{error}");
    assert_eq!(Layout::from_toml("a = 1").unwrap_err().kind(), ErrorKind::InvalidLayout);
}
