//! The rows of the adversarial table in facts/security.md B.4, by their numbers.
//!
//! Rows 1 to 87 are in `tests/vectors/params.json` as well, with exact bytes; here they stand with
//! what the other types answer. Rows 93 to 101 concern JS values; 115 to 121 are refused by
//! templates and layouts.

use std::time::{Duration, Instant};

use nestkey_core::{
    error::ErrorKind,
    key::{
        Key,
        param::{Param, ParamSpec, ParamType},
        pattern::Pattern,
        template::Template,
    },
};
use serde_json::json;

use super::layouts::Layout;

type Outcome = Result<&'static str, ErrorKind>;

fn string() -> ParamSpec {
    ParamSpec::new("id", ParamType::String)
}

fn bytes() -> ParamSpec {
    ParamSpec::new("id", ParamType::Bytes)
}

fn int() -> ParamSpec {
    ParamSpec::new("id", ParamType::Int)
}

/// An `int` parameter with the range of a u64.
fn u64() -> ParamSpec {
    let mut spec = int();
    spec.constraints.min = Some(0);
    spec
}

fn uuid() -> ParamSpec {
    ParamSpec::new("id", ParamType::Uuid)
}

fn rendered(spec: &ParamSpec, given: Param<'_>) -> Result<String, ErrorKind> {
    let mut key = Key::from("user:");
    let outcome = spec.render(given, &mut key);
    match outcome {
        Ok(()) => Ok(key.as_str().strip_prefix("user:").unwrap().to_owned()),
        Err(error) => {
            assert_eq!(key.as_str(), "user:", "a refused parameter leaves the key as it was");
            assert!(error.message().contains("`id`"), "{error} names the parameter");
            Err(error.kind())
        }
    }
}

#[test]
fn every_row_of_the_table_gives_its_result() {
    use ErrorKind::{EmptyParam, InvalidParam, InvalidUtf8, ParamTooLong, WrongType};
    let long = "a".repeat(300);
    let (a512, a513) = ("a".repeat(512), "a".repeat(513));
    let (colons170, colons171) = (":".repeat(170), ":".repeat(171));
    let mut allowing = string();
    allowing.allow_empty = true;
    let encoded170: &'static str = "%3A".repeat(170).leak();
    let kept = |text: &str| -> Outcome { Ok(String::leak(text.to_owned())) };
    let rows: Vec<(u32, ParamSpec, Param<'_>, Outcome)> = vec![
        (1, string(), Param::Int(1), Ok("1")),
        (1, int(), Param::Str("1"), Ok("1")),
        (2, string(), Param::Str("a:b"), Ok("a%3Ab")),
        (2, int(), Param::Str("a:b"), Err(InvalidParam)),
        (7, string(), Param::Str("*"), Ok("%2A")),
        (7, int(), Param::Str("*"), Err(InvalidParam)),
        (7, uuid(), Param::Str("*"), Err(InvalidParam)),
        (27, int(), Param::Str("+"), Err(InvalidParam)),
        (27, int(), Param::Str("+7"), Err(InvalidParam)),
        (28, int(), Param::Str(" 7"), Err(InvalidParam)),
        (34, string(), Param::Str("\0"), Ok("%00")),
        (37, bytes(), Param::Bytes(b"\x80"), Ok("%80")),
        (37, string(), Param::Bytes(b"\x80"), Err(InvalidUtf8)),
        (38, bytes(), Param::Bytes(b"\xff"), Ok("%FF")),
        (38, string(), Param::Bytes(b"\xff"), Err(InvalidUtf8)),
        (39, bytes(), Param::Bytes(b"\xc3"), Ok("%C3")),
        (39, string(), Param::Bytes(b"\xc3"), Err(InvalidUtf8)),
        (40, bytes(), Param::Bytes(b"\xc0\xaf"), Ok("%C0%AF")),
        (40, string(), Param::Bytes(b"\xc0\xaf"), Err(InvalidUtf8)),
        (41, bytes(), Param::Bytes(b"\xed\xa0\x80"), Ok("%ED%A0%80")),
        (41, string(), Param::Bytes(b"\xed\xa0\x80"), Err(InvalidUtf8)),
        (42, string(), Param::Str("\u{e9}"), Ok("%C3%A9")),
        (43, string(), Param::Str("e\u{301}"), Ok("e%CC%81")),
        (68, string(), Param::Str("NaN"), Ok("NaN")),
        (68, u64(), Param::Str("NaN"), Err(InvalidParam)),
        (69, string(), Param::Str("-0"), Ok("-0")),
        (69, int(), Param::Str("-0"), Err(InvalidParam)),
        (70, string(), Param::Str("0"), Ok("0")),
        (70, u64(), Param::Str("0"), Ok("0")),
        (71, string(), Param::Str("00"), Ok("00")),
        (71, u64(), Param::Str("00"), Err(InvalidParam)),
        (72, string(), Param::Str("1.0"), Ok("1.0")),
        (72, u64(), Param::Str("1.0"), Err(InvalidParam)),
        (73, u64(), Param::Str("1e3"), Err(InvalidParam)),
        (74, u64(), Param::Str("0x10"), Err(InvalidParam)),
        (75, string(), Param::Int(-1), Ok("-1")),
        (75, int(), Param::Int(-1), Ok("-1")),
        (75, u64(), Param::Str("-1"), Err(InvalidParam)),
        (75, u64(), Param::Int(-1), Err(InvalidParam)),
        (76, u64(), Param::from(u64::MAX), Ok("18446744073709551615")),
        (76, u64(), Param::Str("18446744073709551615"), Ok("18446744073709551615")),
        (77, string(), Param::Str("18446744073709551616"), Ok("18446744073709551616")),
        (77, u64(), Param::Str("18446744073709551616"), Err(InvalidParam)),
        (77, u64(), Param::Int(1 << 64), Err(InvalidParam)),
        (77, string(), Param::Int(1 << 64), Err(InvalidParam)),
        (77, int(), Param::Int(i128::MIN), Err(InvalidParam)),
        (77, int(), Param::from(i64::MIN), Ok("-9223372036854775808")),
        (77, int(), Param::Str("-9223372036854775809"), Err(InvalidParam)),
        (87, string(), Param::Str(&long), kept(&long)),
        (87, string(), Param::Str(&a512), kept(&a512)),
        (88, string(), Param::Str(&a513), Err(ParamTooLong)),
        (88, bytes(), Param::Bytes(a513.as_bytes()), Err(ParamTooLong)),
        (88, int(), Param::Str(&a513), Err(ParamTooLong)),
        (89, string(), Param::Str(&colons170), Ok(encoded170)),
        (89, string(), Param::Str(&colons171), Err(ParamTooLong)),
        (89, bytes(), Param::Bytes(colons171.as_bytes()), Err(ParamTooLong)),
        (91, string(), Param::Str(""), Err(EmptyParam)),
        (91, bytes(), Param::Bytes(b""), Err(EmptyParam)),
        (91, int(), Param::Str(""), Err(EmptyParam)),
        (92, allowing, Param::Str(""), Ok("%-")),
        (96, int(), Param::from(9_007_199_254_740_993_i64), Ok("9007199254740993")),
        (99, string(), Param::Bool(true), Err(WrongType)),
        (99, int(), Param::Bool(true), Err(WrongType)),
        (99, bytes(), Param::Int(1), Err(WrongType)),
        (
            103,
            uuid(),
            Param::Str("550E8400-E29B-41D4-A716-446655440000"),
            Ok("550e8400-e29b-41d4-a716-446655440000"),
        ),
        (104, uuid(), Param::Str("{550e8400-e29b-41d4-a716-446655440000}"), Err(InvalidParam)),
        (104, uuid(), Param::Str("550e8400e29b41d4a716446655440000"), Err(InvalidParam)),
    ];
    for (row, spec, given, wanted) in rows {
        assert_eq!(rendered(&spec, given), wanted.map(str::to_owned), "row {row}: {given:?}");
    }
}

#[test]
fn row_78_a_sibling_literal_that_the_param_can_spell_is_a_collision() {
    let collide = |templates: &[&str]| {
        let attributes = json!({"id": {"min": 0}});
        !Layout::new(templates, &attributes).trie().collisions(1).unwrap().is_empty()
    };
    assert!(collide(&["user:{id}", "user:all"]));
    assert!(collide(&["user:{id}", "user:meta"]));
    assert!(!collide(&["user:{id:int}", "user:meta"]));
}

#[test]
fn row_90_a_64_mib_string_is_refused_before_it_is_read() {
    let huge = "é".repeat(32 << 20);
    let start = Instant::now();
    for spec in [string(), bytes(), int(), uuid()] {
        assert_eq!(rendered(&spec, Param::Str(&huge)), Err(ErrorKind::ParamTooLong));
        assert_eq!(
            rendered(&string(), Param::Bytes(huge.as_bytes())),
            Err(ErrorKind::ParamTooLong)
        );
    }
    assert!(start.elapsed() < Duration::from_millis(10), "{:?}", start.elapsed());
}

#[test]
fn rows_105_to_114_are_not_our_keys() {
    let layout = Layout::new(&["user:{id}:name"], &json!({}));
    let trie = layout.trie();
    for (row, segment) in [
        (105, ""),
        (106, "%"),
        (107, "%4"),
        (108, "%3a"),
        (109, "%41"),
        (110, "%GG"),
        (111, "a b"),
        (112, "a{"),
        (113, "%-x"),
        (113, "x%-"),
        // A raw byte FF is no text, and a key is text before it is parsed.
        (114, "%FF"),
    ] {
        assert_eq!(trie.parse(&format!("user:{segment}:name")), None, "row {row}: {segment}");
    }
}

#[test]
fn rows_115_to_120_are_no_templates() {
    for (row, template) in
        [(115, "a::b"), (115, "a{b"), (116, "user:{"), (117, "{a}{b}"), (120, "{#}"), (120, "{}")]
    {
        assert!(Template::parse(template).is_err(), "row {row}: {template}");
    }
}

#[test]
fn row_122_a_users_glob_in_a_prefix_is_a_parameter_like_any_other() {
    let mut prefix = Key::from("user:");
    string().render(Param::Str("*"), &mut prefix).unwrap();
    let mut pattern = Pattern::new();
    pattern.push_literal(prefix.as_str());
    pattern.push_below();
    assert_eq!(pattern.as_str(), "user:%2A:*");
}

#[test]
fn a_sensitive_value_stays_out_of_errors() {
    let secrets = ["canary", "4711canary", "canary:canary*"];
    for ty in ParamType::ALL {
        let mut spec = ParamSpec::new("token", *ty);
        spec.sensitive = true;
        spec.verbatim = *ty == ParamType::String;
        spec.constraints.one_of = ["other"].into();
        spec.constraints.max = Some(1);
        for secret in secrets {
            let error = spec.render(Param::Str(secret), &mut Key::new()).unwrap_err();
            assert!(!error.to_string().contains("canary"), "{error}");
            assert!(error.to_string().contains("token"), "{error}");
        }
        if let Err(error) = spec.render(Param::Int(4711), &mut Key::new()) {
            assert!(!error.to_string().contains("4711"), "{error}");
        }
    }
}

#[test]
fn errors_are_sentences_with_what_was_wanted_and_what_came() {
    let mut spec = int();
    spec.constraints.min = Some(1);
    spec.constraints.max = Some(9);
    let error = spec.render(Param::Int(0), &mut Key::new()).unwrap_err();
    assert_eq!(error.to_string(), "parameter `id` wants a decimal integer from 1 to 9, got 0");
    let error = spec.render(Param::Bool(true), &mut Key::new()).unwrap_err();
    assert_eq!(error.to_string(), "parameter `id` wants a decimal integer from 1 to 9, got a bool");
    let error = string().render(Param::Str(""), &mut Key::new()).unwrap_err();
    assert_eq!(error.to_string(), "parameter `id` is empty");
}

#[test]
fn contradictions_of_a_declaration_are_found() {
    let problems = |ty, attributes| super::layouts::param("id", ty, &attributes).problems();
    for (ty, attributes) in [
        (ParamType::String, json!({"min": 1})),
        (ParamType::Int, json!({"max_length": 1})),
        (ParamType::Int, json!({"min": 2, "max": 1})),
        (ParamType::Int, json!({"format": "digits"})),
        (ParamType::Int, json!({"one_of": ["x"]})),
        (ParamType::Int, json!({"none_of": ["07"]})),
        (ParamType::Int, json!({"encoding": "verbatim"})),
        (ParamType::Bool, json!({"allow_empty": true})),
        (ParamType::String, json!({"encoding": "verbatim", "allow_empty": true})),
        (ParamType::String, json!({"encoding": "verbatim", "one_of": ["a:b"]})),
        (ParamType::String, json!({"max_length": 0})),
        (ParamType::String, json!({"one_of": ["abc", "d"], "max_length": 2})),
        (ParamType::String, json!({"one_of": ["a"], "none_of": ["a"]})),
        (ParamType::String, json!({"format": "ulid", "max_length": 25})),
        (ParamType::Uuid, json!({"one_of": ["x"]})),
    ] {
        assert_eq!(problems(ty, attributes.clone()).len(), 1, "{ty:?} {attributes}");
    }
    for (ty, attributes) in [
        (ParamType::Int, json!({"min": 1, "max": 9, "none_of": ["3"]})),
        (ParamType::String, json!({"one_of": ["", "a:b"], "allow_empty": true})),
        (ParamType::String, json!({"encoding": "verbatim", "format": "slug", "max_length": 9})),
    ] {
        assert_eq!(problems(ty, attributes), Vec::<String>::new());
    }
}
