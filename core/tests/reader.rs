//! What a reader of layouts refuses, and how it says so.

use nestkey_core::{
    error::{Error, ErrorKind, Issue},
    json,
    key::slot::slot,
    layout::{Layout, Target},
};
use proptest::prelude::*;

fn refused(toml: &str) -> Error {
    match Layout::from_toml(toml) {
        Ok(_) => panic!("accepted:\n{toml}"),
        Err(error) => error,
    }
}

fn assert_refused(toml: &str, words: &str) {
    let error = refused(toml);
    assert!(error.to_string().contains(words), "{toml}\n  wanted: {words}\n  found: {error}");
}

#[test]
fn every_element_of_every_field_is_checked() {
    for (toml, words) in [
        ("foreign = [5]", "a text is wanted, not a number"),
        ("foreign = ['a:*', '']", "the pattern \"\" is empty"),
        ("foreign = ['[']", "has a `[` without its `]`"),
        ("foreign = ['a\\']", "ends in a `\\`"),
        ("reserved = ['']", "a name or a template is wanted"),
        ("reserved = [5]", "a text is wanted, not a number"),
        ("reserved = ['a:{']", "a `{` without its `}`"),
        ("namespaces.n.reserved = ['ok', 'a b']", "has the character"),
        ("keys.a = { type = 'string', one_of = ['a', 1] }", "`one_of` of texts holds the number 1"),
        ("keys.a = { type = 'int', none_of = ['x'] }", "`none_of` of integers holds \"x\""),
        ("keys.a = { type = 'int', none_of = [1.5] }", "\"1.5\" of `none_of` is refused"),
        ("keys.a = { type = 'int', min = 3, none_of = [2] }", "\"2\" of `none_of` is refused"),
        ("keys.a = { type = 'string', max_length = 1, none_of = ['ab'] }", "\"ab\" of `none_of`"),
        ("keys.a = { type = 'string', one_of = ['a'], none_of = ['a'] }", "\"a\" of `one_of`"),
        (
            "keys.a = { type = 'string', one_of = [true] }",
            "a text or a number is wanted, not a bool",
        ),
        ("keys.a = { template = 'a:{x}', params.x = { one_of = ['a', 1] } }", "holds the number 1"),
        ("keys.a = { template = 'a:{x:int}', params.x = { none_of = ['1'] } }", "holds \"1\""),
        ("keys.a = { kind = 'secret', legacy = ['plaintext', 'x'] }", "unknown legacy `x`"),
        ("keys.a = { kind = 'secret', legacy = [5] }", "a text is wanted, not a number"),
        ("keys.a = { kind = 'channel', renew = 'write' }", "a channel has no renew"),
        (
            "types.a.b = { type = 'string', one_of = ['x', 2] }",
            "`one_of` of texts holds the number 2",
        ),
        ("types.a.b = { type = 'string', doc = 5 }", "a text is wanted, not a number"),
        ("keys.a = { kind = 'hash', fields.b = { type = 'int', none_of = ['z'] } }", "holds \"z\""),
        ("params.x = { one_of = ['a', 1] }", "`one_of` of texts holds the number 1"),
    ] {
        assert_refused(toml, words);
    }
}

#[test]
fn what_a_place_says_again_is_checked_in_the_shape_too() {
    let place = "[namespaces.n]\nuse = 's'\nprefix = 'n:{id}'\nttl = 5\nrenew = 'write'\n\
                 params.id = { max_length = 3 }\n[shapes.s]\nkeys.k = {}\n";
    assert!(Layout::from_toml(place).is_ok());
    for (shape, words) in [
        ("ttl = 'soon'", "soon"),
        ("renew = 'often'", "unknown renew `often`"),
        ("prefix = 's:{'", "a `{` without its `}`"),
        ("prefix = 's:{a:money}'", "unknown parameter type `money`"),
        ("params.id = { one_of = [1] }", "`one_of` of texts holds the number 1"),
        ("prefix = 's:{n:int}'\nparams.n = { min = 3, max = 2 }", "no integer lies from 3 to 2"),
    ] {
        assert_refused(&format!("{place}{shape}"), words);
    }
}

#[test]
fn built_in_names_cannot_be_declared_again() {
    for name in ["bool", "bytes", "int", "string", "uuid", "digits", "hex", "slug", "ulid"] {
        assert_refused(
            &format!("[params.{name}]\nmax_length = 3"),
            "a built-in type has this name",
        );
    }
    for name in ["any", "array", "int", "int64", "naive_datetime", "null", "object", "uuid"] {
        assert_refused(&format!("types.{name}.x = 'int'"), "a built-in type has this name");
    }
}

#[test]
fn a_path_leads_to_one_thing() {
    for dotted in [
        "[keys]\n'a.b' = {}",
        "[keys]\n'a.b' = {}\n[namespaces.a]\nkeys.b = {}",
        "[namespaces.a]\n[namespaces.a.keys]\n'b.c' = {}",
        "[shapes.'a.b']\nkeys.k = {}",
        "[params.'a.b']",
        "types.'a.b'.x = 'int'",
    ] {
        assert_refused(dotted, "names start with a-z and go on with a-z, 0-9 and _");
    }
    for twice in [
        "[namespaces.a]\n[namespaces.'a.b']\nkeys.k = {}\n[namespaces.a.namespaces.b]",
        "[namespaces.a]\nkeys.b = {}\n[namespaces.'a.b']",
    ] {
        assert_refused(twice, "`b` is declared twice");
    }
    let error = refused("[keys]\nok = {}\n'a.b' = {}");
    assert_eq!((error.issues().len(), error.issues()[0].place), (1, Some((3, 1))));
}

#[test]
fn a_layout_says_how_many_problems_it_does_not_list() {
    let of_a_kind: String = (0..10_000).map(|n| format!("k{n} = {{ template = 'k' }}\n")).collect();
    let error = refused(&format!("[keys]\n{of_a_kind}"));
    assert_eq!((error.issues().len(), error.more_issues()), (100, 9_899));
    assert!(error.to_string().ends_with("; and 9899 more"), "{}", &error.to_string()[..200]);
    let broken = refused(&"a b\n".repeat(10_000));
    assert_eq!((broken.kind(), broken.issues().len()), (ErrorKind::InvalidFile, 100));
    assert_eq!(broken.more_issues(), 9_900);
}

#[test]
fn a_limit_is_named_by_what_is_over_it() {
    let deep = |open: &str, close: &str, n: usize| open.repeat(n) + &close.repeat(n);
    for (text, words) in [
        ("[".repeat(65), "arrays and objects nest deeper than 64"),
        (" ".repeat((1 << 20) + 1), "a text of 1048577 bytes, 1048576 at most are read"),
    ] {
        let error = Layout::from_json(&text).unwrap_err();
        assert!(error.message().contains(words), "{error}");
        assert_eq!(error.kind(), ErrorKind::InvalidFile);
        let error = Layout::from_definition(&text).unwrap_err();
        assert!(error.message().contains(words), "{error}");
    }
    let long_name = vec!["a"; 200].join(".");
    for text in [format!("x = {}", deep("[", "]", 200)), format!("{long_name} = 1")] {
        let error = refused(&text);
        let words = "arrays, tables and dotted names nest deeper than 80";
        assert!(error.message().contains(words), "{error}");
        assert_eq!(error.kind(), ErrorKind::InvalidFile);
    }
}

#[test]
fn a_shape_that_stands_inside_of_itself_is_named_once() {
    for (toml, name) in [
        ("[namespaces.n]\nuse = 's'\n[shapes.s.namespaces.c]\nuse = 's'", "s"),
        ("[shapes.s.namespaces.c]\nuse = 's'", "s"),
        (
            "[namespaces.n]\nuse = 's'\n[shapes.s.namespaces.c]\nuse = 't'\n\
             [shapes.t.namespaces.d]\nuse = 's'",
            "s",
        ),
        (
            "[namespaces.n]\nuse = 's'\n[shapes.s]\nuse = 't'\n[shapes.t.namespaces.d]\nuse = 's'",
            "s",
        ),
    ] {
        let error = refused(toml);
        let words = format!("the shape `{name}` stands inside of itself");
        assert_eq!(error.issues().len(), 1, "{error}");
        assert!(error.issues()[0].message == words, "{error}");
    }
}

#[test]
fn a_shape_may_stand_in_several_places() {
    let toml = "[namespaces.a]\nuse = 's'\n[namespaces.b]\nuse = 's'\n[shapes.s]\nkeys.k = {}\n\
                namespaces.c.use = 't'\nnamespaces.d.use = 't'\n[shapes.t]\nkeys.k = {}";
    assert_eq!(Layout::from_toml(toml).unwrap().entries().count(), 6);
}

#[test]
fn a_prefix_with_a_hash_tag_puts_every_key_into_its_slot() {
    let layout = Layout::from_toml(
        "prefix = 'root'\nkeys.a = {}\n[namespaces.user]\nprefix = 'user:{id:int}'\nkeys.age = {}",
    )
    .unwrap();
    for prefix in ["{t}", "{t}:", "dev-{t}", "dev:{t}x:y"] {
        for path in ["a", "user(7).age", "user(8)"] {
            let (_, key) = layout.resolve(path, prefix).unwrap();
            assert_eq!(slot(key.as_bytes()), slot(b"t"), "{key}");
            assert!(key.as_str().starts_with(prefix.trim_end_matches(':')), "{key}");
        }
        let prefix = format!("{}:", prefix.trim_end_matches(':'));
        let (found, _) = layout.parse(&format!("{prefix}root:user:7:age"), &prefix).unwrap();
        assert_eq!(layout.path_of(Target::Entry(found)), "user.age");
    }
    for bad in ["{", "}", "{}", "{a", "a}", "{a}{b}", "{{a}}", "{a}}", "}{a}"] {
        let error = layout.resolve("a", bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidPath, "{bad}");
        assert!(error.message().contains("its braces are those of one hash tag"), "{error}");
    }
}

#[test]
fn a_prefix_with_a_hash_tag_is_refused_where_a_template_has_one() {
    for (toml, path, template) in [
        ("keys.a = {}\nkeys.b = { template = 'b:{#id}' }", "b", "\"b:{#id}\""),
        ("[namespaces.n]\nprefix = 'n:{#id}'\nkeys.k = {}", "n", "\"n:{#id}\""),
        ("keys.a = { template = '{{x}}:a' }", "a", "\"{{x}}:a\""),
    ] {
        let layout = Layout::from_toml(toml).unwrap();
        let error = layout.root("{t}").unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::InvalidPath, path));
        assert!(error.message().contains(template), "{error}");
        assert!(layout.root("t").is_ok());
    }
}

/// Whether a terminal, or a reader of a log, could take it for something else than one line.
fn is_plain(text: &str) -> bool {
    text.chars().all(|character| {
        let turns = ['\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}', '\u{200b}', '\u{feff}'];
        !character.is_control()
            && !matches!(character, '\u{2028}' | '\u{2029}')
            && !turns.contains(&character)
    })
}

fn assert_plain(error: &Error) {
    for text in
        [&*error.to_string(), error.message(), error.path(), error.key(), error.server_code()]
    {
        assert!(is_plain(text), "{text:?}");
    }
    assert!(error.issues().iter().all(|issue| is_plain(&issue.to_string())), "{error:?}");
}

fn hostile() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        '\n', '\r', '\t', '\0', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}', '\u{2028}', '\u{2029}',
        '\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '"', '\\', '{', '}', ':', '.', '(', ')',
        'a',
    ]);
    prop::collection::vec(nasty, 0..12).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn no_error_holds_what_moves_a_cursor(a in hostile(), b in hostile()) {
        let [x, y] = [&a, &b].map(|text| {
            let mut quoted = String::new();
            json::quote(text, |piece| quoted.push_str(piece));
            quoted
        });
        let layout = Layout::from_toml(
            "prefix = 'p'\n[namespaces.u]\nprefix = 'u:{id}'\nparams.id = { format = 'hex' }\n\
             keys.k = { template = 'k:{n:int}', type = 'int' }",
        );
        let layout = layout.unwrap();
        for json in [
            format!("{{{x}: {y}}}"),
            format!("{{\"keys\": {{{x}: {{\"type\": {y}}}}}}}"),
            format!("{{\"keys\": {{\"a\": {{\"template\": {x}, \"ttl\": {y}}}}}}}"),
            format!("{{\"keys\": {{\"a\": {{\"type\": \"int\", \"one_of\": [{x}], \"kind\": {y}}}}}}}"),
            format!("{{\"namespaces\": {{{x}: {{\"use\": {y}, \"renew\": {x}, \"prefix\": {y}}}}}}}"),
            format!("{{\"types\": {{\"r\": {{{x}: {{\"type\": {y}, \"format\": {x}}}}}}}}}"),
            format!("{{\"foreign\": [{x}], \"reserved\": [{y}], \"nestkey\": {y}}}"),
            format!("{{\"params\": {{\"p\": {{\"type\": {x}, \"encoding\": {y}}}, {y}: {{}}}}}}"),
            a.clone(),
        ] {
            if let Err(error) = Layout::from_json(&json) {
                assert_plain(&error);
            }
        }
        for toml in [a.clone(), format!("{a} = {b}"), format!("[{a}]\n{b}")] {
            if let Err(error) = Layout::from_toml(&toml) {
                assert_plain(&error);
            }
        }
        for (path, prefix) in [(&a, &b), (&format!("u({a}).k({b})"), &String::new()), (&format!("u({x}).{b}"), &a)] {
            if let Err(error) = layout.resolve(path, prefix) {
                assert_plain(&error);
            }
        }
        let issue = Issue::new(&*a, &*b);
        assert!(is_plain(&issue.to_string()));
        let error = Error::server(&a, &b).at_path(&a).at_key(&b).noted(&a);
        assert_plain(&error);
        let shown = json::visible(&a).into_owned();
        prop_assert_eq!(&*json::visible(&shown), &*shown);
    }
}
