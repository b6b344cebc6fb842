//! Which segments a parameter renders to, and which two share: against brute force.

use std::collections::HashSet;

use nestkey_core::{
    key::{
        Key,
        param::{Param, ParamSpec, ParamType},
    },
    layout::trie::{SegmentSpec, Trie},
};
use serde_json::json;

use super::layouts::param;

/// Every text of one to `length` characters.
fn words(alphabet: &str, length: usize) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut from = 0;
    for _ in 0..length {
        let to = words.len();
        for index in from..to {
            let word = words[index].clone();
            words.extend(alphabet.chars().map(|letter| format!("{word}{letter}")));
        }
        from = to;
    }
    words.remove(0);
    words
}

fn specs() -> Vec<ParamSpec> {
    let spec = |(ty, attributes)| param("p", ty, &attributes);
    [
        (ParamType::String, json!({})),
        (ParamType::String, json!({"allow_empty": true})),
        (ParamType::String, json!({"max_length": 2})),
        (ParamType::String, json!({"none_of": ["a", "1", "a-1", "10"]})),
        (ParamType::String, json!({"one_of": ["a", "1", "a-1", ":"]})),
        (ParamType::String, json!({"format": "digits", "max_length": 3})),
        (ParamType::String, json!({"format": "hex"})),
        (ParamType::String, json!({"format": "slug", "allow_empty": true})),
        (ParamType::String, json!({"encoding": "verbatim", "max_length": 3})),
        (ParamType::Bytes, json!({"max_length": 1})),
        (ParamType::Bool, json!({})),
        (ParamType::Int, json!({"min": 1, "max": 9})),
        (ParamType::Int, json!({"min": 10, "max": 199})),
        (ParamType::Int, json!({"min": -5, "max": 0})),
        (ParamType::Int, json!({"none_of": ["1", "10", "-1"]})),
        (ParamType::Uuid, json!({})),
    ]
    .map(spec)
    .into()
}

#[test]
fn a_segment_decodes_exactly_when_some_value_renders_to_it() {
    // Segments of up to four characters come from values of up to four, of which at most one is
    // encoded; longer encoded characters need six.
    let segments = words("a1-0%3A25", 4);
    let mut values = words("a1-035A2", 4);
    values.push(String::new());
    let rest = words("a1-035A2", 1);
    for code in 0..=0xFF {
        let character = char::from(code);
        values.push(character.into());
        for neighbour in &rest {
            values.push(format!("{character}{neighbour}"));
            values.push(format!("{neighbour}{character}"));
        }
    }
    for spec in specs() {
        let mut rendered = HashSet::new();
        let mut render = |value: Param<'_>| {
            let mut key = Key::new();
            if spec.render(value, &mut key).is_ok() {
                rendered.insert(key.as_str().to_owned());
            }
        };
        for value in &values {
            render(Param::Str(value));
            render(Param::Bytes(value.as_bytes()));
        }
        for byte in 0..=u8::MAX {
            render(Param::Bytes(&[byte]));
            for neighbour in &rest {
                render(Param::Bytes(&[byte, neighbour.as_bytes()[0]]));
                render(Param::Bytes(&[neighbour.as_bytes()[0], byte]));
            }
        }
        // Verbatim text may hold the escape itself.
        for segment in &segments {
            render(Param::Str(segment));
        }
        for segment in &segments {
            assert_eq!(spec.admits(segment), rendered.contains(segment), "{segment} of {spec:?}");
            assert_eq!(spec.decode(segment).is_some(), rendered.contains(segment));
        }
    }
}

#[test]
fn two_segments_share_a_text_exactly_when_brute_force_finds_one() {
    let specs = specs();
    let mut segments = Vec::new();
    for spec in &specs {
        for before in ["", "a", "1", "%3", "1-"] {
            for after in ["", "0", "A", "-1"] {
                segments.push(SegmentSpec { before, param: Some(spec), after });
            }
        }
    }
    segments.extend(["a", "1", "10", "a-1", "-1", "%3A", "%-", "%"].map(SegmentSpec::literal));
    let words = words("a1-0%3A", 4);
    let alone = |segment: &SegmentSpec<'_>| Trie::new(&[(0, vec![*segment])]);
    let tries: Vec<_> = segments.iter().map(alone).collect();
    let found = |trie: &Trie| -> Vec<bool> {
        words.iter().map(|word| trie.parse(word).is_some()).collect()
    };
    let languages: Vec<_> = tries.iter().map(found).collect();
    let (mut pairs, mut meet) = (0, 0);
    for i in 0..segments.len() {
        for j in i..segments.len() {
            pairs += 1;
            let trie = Trie::new(&[(0, vec![segments[i]]), (1, vec![segments[j]])]);
            let collisions = trie.collisions(1).unwrap();
            let shown = || format!("{:?}\n{:?}\n{collisions:?}", segments[i], segments[j]);
            if let [collision] = &collisions[..] {
                meet += 1;
                for trie in [&tries[i], &tries[j]] {
                    assert!(trie.parse(&collision.key).is_some(), "{}", shown());
                }
            } else {
                let both = languages[i].iter().zip(&languages[j]).position(|(a, b)| *a && *b);
                assert_eq!(both.map(|word| &words[word]), None, "{}", shown());
            }
        }
    }
    println!("{pairs} pairs of segments, {meet} meet");
}
