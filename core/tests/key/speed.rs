//! Large layouts, hostile ones too, are checked in well under 100 ms where code is optimised.

use std::time::{Duration, Instant};

use nestkey_core::{
    key::param::{ParamSpec, ParamType},
    layout::{
        parse::Captures,
        trie::{SegmentSpec, Trie},
    },
};
use serde_json::json;

use super::layouts::param;

type Entries<'a> = Vec<(u32, Vec<SegmentSpec<'a>>)>;

/// Builds and checks a layout, prints how long that took, and gives back the tree.
fn check(name: &str, entries: &Entries<'_>) -> Trie {
    let start = Instant::now();
    let trie = Trie::new(entries);
    let built = start.elapsed();
    let collisions = trie.collisions(100).unwrap();
    let took = start.elapsed();
    println!("{name}: {} entries built in {built:?}, checked in {took:?}", entries.len());
    assert_eq!(collisions, [], "{name}");
    // Tests run unoptimised and beside others; the goal is for the optimised build.
    let limit = if cfg!(debug_assertions) { 5_000 } else { 250 };
    assert!(took < Duration::from_millis(limit), "{name}: {took:?}");
    trie
}

fn literals(prefix: &str, count: u32) -> Vec<String> {
    (0..count).map(|index| format!("{prefix}{index}")).collect()
}

/// Numbered entries from the segments behind `root`.
fn numbered<'a>(templates: impl Iterator<Item = Vec<SegmentSpec<'a>>>) -> Entries<'a> {
    let rooted = |template| [vec![SegmentSpec::literal("root")], template].concat();
    (0..).zip(templates.map(rooted)).collect()
}

fn literal(text: &str) -> SegmentSpec<'_> {
    SegmentSpec::literal(text)
}

#[test]
fn a_hundred_namespaces_of_a_hundred_keys() {
    let (namespaces, keys) = (literals("ns", 100), literals("k", 100));
    let id = param("id", ParamType::Int, &json!({"min": 1}));
    let entries = numbered(namespaces.iter().flat_map(|namespace| {
        let id = SegmentSpec::param(&id);
        keys.iter().map(move |key| vec![literal(namespace), id, literal(key)])
    }));
    let trie = check("100 namespaces of 100 keys", &entries);

    let keys: Vec<_> =
        (0..200_000).map(|i| format!("root:ns{}:{}:k{}", i % 100, i * 7 + 1, i % 97)).collect();
    let mut captures = Captures::default();
    let start = Instant::now();
    let found = keys.iter().filter(|key| trie.find(key, &mut captures).is_some()).count();
    let find = keys.len() as f64 / start.elapsed().as_secs_f64() / 1e6;
    let start = Instant::now();
    let parsed = keys.iter().filter(|key| trie.parse(key).is_some()).count();
    let parse = keys.len() as f64 / start.elapsed().as_secs_f64() / 1e6;
    println!("{find:.1} M keys found, {parse:.1} M keys parsed a second");
    assert_eq!((found, parsed), (keys.len(), keys.len()));
}

#[test]
fn ten_thousand_literals_beside_a_parameter() {
    let keys = literals("k", 9_999);
    let id = ParamSpec::new("id", ParamType::String);
    let flat = keys.iter().map(|key| vec![literal(key)]);
    let beside = [vec![SegmentSpec::param(&id), literal("x")]];
    check("literals beside a parameter", &numbered(flat.chain(beside)));
}

#[test]
fn two_overlapping_namespaces_of_five_thousand_keys() {
    let keys = literals("k", 10_000);
    let text = ParamSpec::new("id", ParamType::String);
    let slug = param("id", ParamType::String, &json!({"format": "slug"}));
    let entries = numbered(keys.iter().enumerate().map(|(index, key)| {
        vec![SegmentSpec::param(if index < 5_000 { &text } else { &slug }), literal(key)]
    }));
    check("two overlapping namespaces", &entries);
}

#[test]
fn a_hundred_overlapping_shapes_of_a_hundred_keys() {
    let keys = literals("k", 10_000);
    let id = ParamSpec::new("id", ParamType::String);
    let suffix = "x".repeat(99);
    let entries = numbered(keys.iter().enumerate().map(|(index, key)| {
        let shape = SegmentSpec { before: "", param: Some(&id), after: &suffix[index / 100..] };
        vec![shape, literal(key)]
    }));
    check("a hundred overlapping shapes", &entries);
}

#[test]
fn ten_thousand_parameters_with_prefixes_of_their_own() {
    let prefixes: Vec<_> = (0..10_000).map(|index| format!("user{index}-")).collect();
    let id = ParamSpec::new("id", ParamType::String);
    let entries = numbered(
        prefixes.iter().map(|before| vec![SegmentSpec { before, param: Some(&id), after: "" }]),
    );
    check("ten thousand prefixes", &entries);
}

#[test]
fn a_hundred_ranges_of_integers_side_by_side() {
    let range = |index: i64| {
        let attributes = json!({"min": index * 1_000, "max": index * 1_000 + 999});
        param("id", ParamType::Int, &attributes)
    };
    let ranges: Vec<_> = (0..100).map(range).collect();
    let keys = literals("k", 100);
    let entries = numbered(ranges.iter().flat_map(|range| {
        let range = SegmentSpec::param(range);
        keys.iter().map(move |key| vec![range, literal(key)])
    }));
    check("a hundred ranges", &entries);
}

#[test]
fn a_hundred_shapes_that_never_meet() {
    // Every pair has to be searched to its end: the suffixes fit, the values never do.
    let one_of = |index: u32| {
        let words: Vec<_> = (0..20).map(|word| format!("w{index}-{word}")).collect();
        param("id", ParamType::String, &json!({"one_of": words}))
    };
    let words: Vec<_> = (0..100).map(one_of).collect();
    check("a hundred lists", &numbered(words.iter().map(|words| vec![SegmentSpec::param(words)])));
}
