//! The collision proof over whole layouts.

use nestkey_core::layout::collide::Collision;
use serde_json::json;

use super::layouts::Layout;

fn pairs(collisions: &[Collision]) -> Vec<(u32, u32)> {
    collisions.iter().map(|collision| (collision.first, collision.second)).collect()
}

#[test]
fn every_pair_of_a_layout_is_reported_once() {
    let layout = Layout::new(
        &["a:{x}", "a:b", "a:{y:int}", "a:{x}", "a:7", "c:{x}:d", "c:{y:int}:{z}", "e"],
        &json!({}),
    );
    let collisions = layout.trie().collisions(100).unwrap();
    assert_eq!(
        pairs(&collisions),
        [(0, 1), (0, 2), (0, 3), (0, 4), (1, 3), (2, 3), (2, 4), (3, 4), (5, 6)]
    );
}

#[test]
fn no_more_pairs_are_reported_than_asked_for() {
    let layout = Layout::new(&["a:{x}"; 40], &json!({}));
    assert_eq!(layout.trie().collisions(7).unwrap().len(), 7);
    assert_eq!(layout.trie().collisions(10_000).unwrap().len(), 40 * 39 / 2);
}

#[test]
fn the_example_is_a_key_of_both() {
    let attributes = json!({"n": {"min": 40, "max": 50}, "m": {"min": 45}});
    let layout = Layout::new(&["root:u:{n:int}:{x}", "root:u:{m:int}:age"], &attributes);
    let collisions = layout.trie().collisions(9).unwrap();
    assert_eq!(pairs(&collisions), [(0, 1)]);
    assert_eq!(collisions[0].key, "root:u:45:age");
}

#[test]
fn a_parameter_without_values_collides_with_nothing() {
    let layout = Layout::new(&["a:{n:int}", "a:{m:int}"], &json!({"n": {"min": 2, "max": 1}}));
    assert_eq!(layout.trie().collisions(9).unwrap(), []);
    let none = json!({"n": {"min": 2, "max": 1}, "m": {"min": 2, "max": 1}});
    assert_eq!(Layout::new(&["a:{n:int}", "a:{m:int}"], &none).trie().collisions(9).unwrap(), []);
}

#[test]
fn a_text_that_only_fits_beyond_the_limit_of_a_parameter_is_no_collision() {
    // The shortest text of both is one character longer than what the limit allows.
    let spelled = |length: usize| {
        let words: Vec<_> = (1..length).map(|length| "1".repeat(length)).collect();
        let attributes = json!({"a": {"none_of": words}, "b": {"one_of": ["1".repeat(length)]}});
        Layout::new(&["x:{a}", "x:{b}"], &attributes).trie().collisions(9).unwrap().len()
    };
    assert_eq!(spelled(512), 1);
    assert_eq!(spelled(513), 0);
}

#[test]
fn characters_and_bytes_are_counted_apart() {
    let collide = |templates: [&str; 2], attributes: serde_json::Value| {
        !Layout::new(&templates, &attributes).trie().collisions(9).unwrap().is_empty()
    };
    let word = json!(["éa"]);
    for (length, of_text, of_bytes) in [(1, false, false), (2, true, false), (3, true, true)] {
        let attributes = json!({"a": {"max_length": length}, "b": {"one_of": word}});
        assert_eq!(collide(["x:{a}", "x:{b}"], attributes.clone()), of_text);
        assert_eq!(collide(["x:{a:bytes}", "x:{b}"], attributes), of_bytes);
    }
    // One character on one side is one byte behind a literal on the other.
    let attributes = json!({"a": {"max_length": 1}, "b": {"max_length": 1}});
    assert!(collide(["x:{a}", "x:%C3{b:bytes}"], attributes.clone()));
    assert!(!collide(["x:{a}", "x:%E2{b:bytes}"], attributes));
}

#[test]
fn templates_that_overlap_beyond_measure_are_refused_in_time() {
    // Every pair of 7,000 different parameters meets, and no pair of entries collides.
    let templates: Vec<_> = (0..7_000).map(|i| format!("x:{{p{i}:int}}:k{i}")).collect();
    let templates: Vec<_> = templates.iter().map(String::as_str).collect();
    let attributes = (0..7_000).map(|i| (format!("p{i}"), json!({"max": 1_000 + i})));
    let layout = Layout::new(&templates, &serde_json::Value::Object(attributes.collect()));
    let undecided = layout.trie().collisions(100).unwrap_err();
    assert!(undecided.first < undecided.second && undecided.second < 7_000, "{undecided:?}");
}
