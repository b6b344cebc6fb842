//! The shared vectors: params, parse, slots, patterns, collisions.

use nestkey_core::{
    key::{
        Key,
        param::{Given, Param, ParamSpec, ParamType},
        pattern::Pattern,
        slot::slot,
    },
    layout::{parse::Captures, trie::Trie},
};
use serde_json::Value;

use super::layouts::{Layout, int, unhex, vectors};

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn every_param_of_the_vectors_encodes_and_decodes() {
    let spec = ParamSpec::new("id", ParamType::String);
    let bytes_spec = ParamSpec::new("id", ParamType::Bytes);
    for case in vectors("params")["params"].as_array().unwrap() {
        let mut key = Key::new();
        if let Some(input) = case["input"].as_str() {
            spec.render(Param::Str(input), &mut key).unwrap();
            assert_eq!(key.as_str(), case["encoded"].as_str().unwrap());
            assert_eq!(spec.decode(key.as_str()), Some(Given::String(input.into())));
        } else {
            let input = unhex(case["input_hex"].as_str().unwrap());
            let error = spec.render(Param::Bytes(&input), &mut key).unwrap_err();
            assert_eq!(error.kind().code(), case["error"].as_str().unwrap());
            bytes_spec.render(Param::Bytes(&input), &mut key).unwrap();
            assert_eq!(key.as_str(), case["encoded_if_bytes"].as_str().unwrap());
            assert_eq!(bytes_spec.decode(key.as_str()), Some(Given::Bytes(input)));
            assert_eq!(spec.decode(key.as_str()), None);
        }
    }
}

#[test]
fn segments_that_no_param_renders_to_are_not_ours() {
    let mut spec = ParamSpec::new("id", ParamType::String);
    for allow_empty in [false, true] {
        spec.allow_empty = allow_empty;
        for segment in texts(&vectors("params")["not_ours"]) {
            assert_eq!(spec.decode(segment), None, "{segment}");
            assert!(!spec.admits(segment), "{segment}");
        }
    }
}

#[test]
fn keys_parse_back_as_the_vectors_say() {
    let mut captures = Captures::default();
    for case in vectors("parse")["layouts"].as_array().unwrap() {
        let layout = Layout::new(&texts(&case["templates"]), &case["params"]);
        let trie = layout.trie();
        let name = &case["name"];
        assert_eq!(trie.collisions(9).unwrap(), [], "{name}");
        for case in case["cases"].as_array().unwrap() {
            let key = case["key"].as_str().unwrap();
            let parsed = trie.parse(key);
            let entry = parsed.as_ref().map(|(entry, _)| *entry);
            assert_eq!(entry.map(u64::from), case["entry"].as_u64(), "{name}: {key:?}");
            assert_eq!(trie.find(key, &mut captures), entry, "{name}: {key:?}");
            let Some((entry, given)) = parsed else { continue };
            let wanted: Vec<_> = case["params"].as_array().unwrap().iter().map(shown).collect();
            assert_eq!(given.iter().map(shown_given).collect::<Vec<_>>(), wanted, "{key:?}");
            assert_eq!(captures.segments(key).count(), given.len());
            let params: Vec<_> = given.iter().map(Param::from).collect();
            let again = layout.entries[entry as usize].render(&params).unwrap();
            assert_eq!(again.as_str(), key);
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Bool(value) => format!("bool {value}"),
        Value::Number(_) => format!("int {}", int(value).unwrap()),
        Value::Object(object) => format!("bytes {:?}", unhex(object["hex"].as_str().unwrap())),
        value => format!("text {}", value.as_str().unwrap()),
    }
}

fn shown_given(given: &Given) -> String {
    match given {
        Given::Bool(value) => format!("bool {value}"),
        Given::Int(value) => format!("int {value}"),
        Given::Bytes(bytes) => format!("bytes {bytes:?}"),
        Given::String(text) | Given::Uuid(text) => format!("text {text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn templates_collide_as_the_vectors_say() {
    for case in vectors("collisions")["cases"].as_array().unwrap() {
        let name = &case["name"];
        let templates = [case["a"].as_str().unwrap(), case["b"].as_str().unwrap()];
        for templates in [templates, [templates[1], templates[0]]] {
            let layout = Layout::new(&templates, &case["params"]);
            let collisions = layout.trie().collisions(9).unwrap();
            assert_eq!(!collisions.is_empty(), case["collide"], "{name}");
            for collision in collisions {
                assert_eq!((collision.first, collision.second), (0, 1));
                for entry in &layout.entries {
                    let alone = Trie::new(&[(0, entry.segments())]);
                    assert!(alone.parse(&collision.key).is_some(), "{name}: {collision:?}");
                }
            }
        }
    }
}

#[test]
fn slots_agree_with_redis() {
    let vectors = vectors("slots");
    for case in vectors["slots"].as_array().unwrap() {
        let key = case["key"].as_str().unwrap();
        assert_eq!(u64::from(slot(key.as_bytes())), case["slot"].as_u64().unwrap(), "{key:?}");
    }
    for (byte, wanted) in (0..=u8::MAX).zip(vectors["bytes"].as_array().unwrap()) {
        assert_eq!(u64::from(slot(&[byte])), wanted.as_u64().unwrap(), "{byte}");
    }
}

#[test]
fn patterns_escape_as_redis_wants_it() {
    let vectors = vectors("patterns");
    for case in vectors["literals"].as_array().unwrap() {
        let mut pattern = Pattern::new();
        pattern.push_literal(case["literal"].as_str().unwrap());
        assert_eq!(pattern.as_str(), case["pattern"].as_str().unwrap());
    }
    for case in vectors["below"].as_array().unwrap() {
        let mut pattern = Pattern::new();
        pattern.push_literal(case["prefix"].as_str().unwrap());
        pattern.push_below();
        assert_eq!(pattern.as_str(), case["pattern"].as_str().unwrap());
    }
}
