//! Layouts within the size of a file that were made to take long: each loads or ends in an error.
//!
//! Where code is optimised each takes at most 2 s: `cargo test --release -p nestkey-core --test
//! hostile`. Otherwise they are a tenth as large, and nobody looks at the clock; that the steps do
//! not grow faster than the file is counted in `core/src/steps.rs`.

use std::time::{Duration, Instant};

use nestkey_core::{error::ErrorKind, json::Limits, layout::Layout};
use serde_json::{Map, Value, json};

/// What becomes of a layout.
#[derive(Clone, Copy)]
enum End {
    Loads,
    /// An error with this in it.
    Fails(&'static str),
}

#[track_caller]
fn check(layout: &Value, end: End) {
    check_text(&layout.to_string(), end);
}

#[track_caller]
fn check_text(text: &str, end: End) {
    assert!(text.len() <= Limits::default().bytes, "{} bytes", text.len());
    let start = Instant::now();
    let result = match text.starts_with('{') {
        true => Layout::from_json(text),
        #[cfg(feature = "toml")]
        false => Layout::from_toml(text),
        #[cfg(not(feature = "toml"))]
        false => return,
    };
    let took = start.elapsed();
    match (result, end) {
        (Ok(_), End::Loads) => {}
        (Ok(_), End::Fails(message)) => panic!("it loads, wanted the error: {message}"),
        (Err(error), End::Loads) => panic!("{:.500}", error.to_string()),
        (Err(error), End::Fails(message)) => {
            let wrong = [ErrorKind::InvalidFile, ErrorKind::InvalidLayout];
            assert!(wrong.contains(&error.kind()), "{:.500}", error.to_string());
            assert!(error.to_string().contains(message), "{:.500}", error.to_string());
        }
    }
    println!("{} bytes took {took:?}", text.len());
    assert!(cfg!(debug_assertions) || took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn templates_with_ends_of_their_own_are_told_apart() {
    let key = |n| json!({"template": format!("{{p}}-s{n:05}")});
    check(&json!({"keys": numbered("k", many(10_000), key)}), End::Loads);
    let words = json!({"c": {"one_of": words("w", many(10_000))}});
    let key = |n| json!({"template": format!("{{p:c}}-s{n:05}")});
    check(&json!({"params": words, "keys": numbered("k", many(8_000), key)}), End::Loads);
    let keys = numbered("k", many(7_000), |_| json!({})).as_object().unwrap().clone();
    let ends = numbered("s", many(7_000), |n| json!({"template": format!("{{p}}-s{n:05}")}));
    let keys: Map<_, _> = keys.into_iter().chain(ends.as_object().unwrap().clone()).collect();
    check(&json!({"keys": keys}), End::Loads);
    let nested = |n| json!({"prefix": format!("a:{{p}}-s{n:05}"), "keys": {"k": {}, "l": {"template": "l:{q}"}}});
    let nested = numbered("n", many(5_000), nested);
    check(&json!({"namespaces": nested}), End::Loads);
}

#[test]
fn ranges_and_lists_that_lie_apart_are_told_apart() {
    let key =
        |n| json!({"template": "{p:int}", "params": {"p": {"min": n * 10, "max": n * 10 + 9}}});
    check(&json!({"keys": numbered("k", many(8_000), key)}), End::Loads);
    let key = |n: usize| {
        let least = n as i64 * 10 - 40_000;
        json!({"template": "a{p:int}z", "params": {"p": {"min": least, "max": least + 9}}})
    };
    check(&json!({"keys": numbered("k", many(8_000), key)}), End::Loads);
    let key = |n| {
        let words = [format!("a{n}"), format!("z{n}")];
        json!({"template": "{p}", "params": {"p": {"one_of": words}}})
    };
    check(&json!({"keys": numbered("k", many(8_000), key)}), End::Loads);
}

#[test]
fn templates_that_all_overlap_are_refused_by_name() {
    let key = |n| {
        let params = json!({"p": {"type": "int", "max": 1_000_000 + n}});
        json!({"template": format!("x:{{p}}:k{n}"), "params": params})
    };
    // Each names two entries, both templates, and what to do.
    let end = End::Fails("` and others in too many ways");
    check(&json!({"keys": numbered("k", 7_000, key)}), end);
}

#[test]
fn words_that_are_excluded_on_both_sides_are_searched_within_bounds() {
    let keys = |one: Value, other: Value, templates: [&str; 2]| {
        let [a, b] = templates;
        json!({"keys": {"a": {"template": a, "params": {"p": one}}, "b": {"template": b, "params": {"p": other}}}})
    };
    // Escaped bytes are no whole character, so no text is of both: every place is looked at.
    let texts = |prefix: &str| {
        let mut words = words(prefix, many(9_000));
        words.extend(["1", "a", "0"].map(Into::into));
        json!({"none_of": words, "max_length": 170})
    };
    let bytes = |prefix: &str| {
        let mut bytes = texts(prefix);
        bytes["type"] = json!("bytes");
        bytes
    };
    let excluded = keys(texts("w"), bytes("v"), ["k:{p}", "k:{p}%C3"]);
    check(&excluded, End::Loads);
    // Only the longest text is of both, if there were one.
    let numbers = |step: usize| {
        let words: Vec<_> = (0..many(40_000)).map(|n| n * step).collect();
        json!({"type": "int", "none_of": words})
    };
    let apart = keys(numbers(1), numbers(2), ["k:{p}", "k:{p}"]);
    check(&apart, End::Fails("as well"));
}

/// That many, or a tenth where code is not optimised.
fn many(count: usize) -> usize {
    if cfg!(debug_assertions) { count / 10 } else { count }
}

fn words(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{prefix}{n}")).collect()
}

/// Members with a number in their name.
fn numbered(name: &str, count: usize, member: impl Fn(usize) -> Value) -> Value {
    Value::Object((0..count).map(|n| (format!("{name}{n}"), member(n))).collect::<Map<_, _>>())
}

#[test]
fn the_words_of_a_named_parameter_are_shared_by_its_keys() {
    let color = json!({"one_of": words("w", many(10_000))});
    let key = |n| json!({"template": format!("k{n}:{{p:color}}"), "type": "int"});
    check(
        &json!({"params": {"color": color}, "keys": numbered("k", many(2_000), key)}),
        End::Loads,
    );
}

#[test]
fn many_words_are_held_against_as_many() {
    let param =
        |none_of: Vec<String>| json!({"one_of": words("w", many(40_000)), "none_of": none_of});
    let layout = |param| json!({"params": {"p": param}, "keys": {"k": {"template": "k:{p:p}"}}});
    let mut all = words("w", many(40_000));
    all.reverse();
    check(&layout(param(all.clone())), End::Fails("takes everything"));
    all.pop();
    check(&layout(param(all)), End::Loads);
    let value = json!({"type": "string", "one_of": words("w", many(40_000)), "none_of": words("v", many(40_000))});
    check(&json!({"keys": {"k": value}}), End::Loads);
}

#[test]
fn a_text_that_is_no_toml_ends_at_once() {
    check_text(&"a b\n".repeat(many(80_000)), End::Fails("not TOML"));
}

#[test]
fn what_shapes_multiply_has_an_end() {
    let grows = End::Fails("grow beyond");
    let used = |shape: Value, count| {
        let namespace = |n| json!({"prefix": format!("n{n}"), "use": "s"});
        json!({"shapes": {"s": shape}, "namespaces": numbered("n", count, namespace)})
    };
    let word_list = json!({"one_of": words("w", 20_000)});
    let key = json!({"template": "k:{p}", "params": {"p": word_list}});
    check(&used(json!({"keys": {"k": key}}), 9_000), grows);
    let default = json!({"type": "array<int>", "default": vec![1; 80_000]});
    check(&used(json!({"keys": {"k": default}}), 9_000), grows);
    check(&used(json!({"doc": "x".repeat(400_000)}), 9_000), grows);
    check(&used(json!({"reserved": words("r", 20_000)}), 9_000), grows);
    let documented = json!({"c": {"doc": "x".repeat(400_000)}});
    let key = |n| json!({"template": format!("k{n}:{{p:c}}")});
    check(&json!({"params": documented, "keys": numbered("k", 9_000, key)}), grows);
    let named = json!({"n".repeat(400_000): {"keys": numbered("k", 9_000, |_| json!({}))}});
    check(&json!({"namespaces": named}), grows);
}

#[test]
fn shapes_use_each_other_only_so_often() {
    let count = many(20_000);
    let shape = |n| if n + 1 < count { json!({"use": format!("s{}", n + 1)}) } else { json!({}) };
    let namespaces = numbered("n", many(9_000), |_| json!({"use": "s0"}));
    check(
        &json!({"shapes": numbered("s", count, shape), "namespaces": namespaces}),
        End::Fails("more than 24 shapes"),
    );
}

#[test]
fn names_are_looked_up_and_not_searched() {
    let count = many(12_000);
    let last = |n| count - 1 - n;
    let key = |n| json!({"template": format!("k{n}:{{p:a{}}}", last(n))});
    check(
        &json!({"params": numbered("a", count, |_| json!({})), "keys": numbered("k", count, key)}),
        End::Loads,
    );
    let key = |n| json!({"type": format!("a{}", last(n))});
    let record = |n| if n == 0 { json!({}) } else { json!({"next": format!("a{}", n - 1)}) };
    check(
        &json!({"types": numbered("a", count, record), "keys": numbered("k", count, key)}),
        End::Loads,
    );
    let shapes = numbered("s", count, |_| json!({}));
    let namespace = |n| json!({"use": format!("s{}", last(n))});
    check(&json!({"shapes": shapes, "namespaces": numbered("n", count, namespace)}), End::Loads);
    check(&json!({"keys": numbered("k", many(19_000), |_| json!({}))}), End::Loads);
    check(&json!({"keys": numbered("k", 50_000, |_| json!({}))}), End::Fails("more than 20000"));
    let mut dotted = numbered("n", many(9_000), |_| json!({}));
    let below = numbered("n", many(9_000), |_| json!({})).as_object().unwrap().clone();
    let below = below.into_iter().map(|(name, node)| (format!("{name}.c"), node));
    dotted.as_object_mut().unwrap().extend(below);
    check(&json!({"namespaces": dotted}), End::Loads);
}

#[test]
fn a_template_has_only_so_many_parameters() {
    let template = words("{a", 600).join("}:") + "}";
    let key = |_| json!({"template": template.clone()});
    check(&json!({"keys": numbered("k", 180, key)}), End::Fails("more than 16 parameters"));
}

#[test]
fn equal_templates_are_reported_and_no_more_looked_at() {
    let key = |_| json!({"template": "x"});
    check(&json!({"keys": numbered("k", many(19_000), key)}), End::Fails("as well"));
}
