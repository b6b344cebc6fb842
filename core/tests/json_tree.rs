//! The JSON reader compared with serde_json, on random and on mutated texts.

use nestkey_core::json::{self, Limits, Member, Node, Value};
use proptest::prelude::*;
use serde_json::Value as Json;

/// Random JSON, spelled in every way that the grammar allows.
fn text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?",
        string(),
    ];
    let space = || "[ \n\r\t]{0,2}";
    leaf.prop_recursive(5, 40, 5, move |inner| {
        let element = (space(), inner, space()).prop_map(|(a, b, c)| format!("{a}{b}{c}"));
        let member = (space(), string(), space(), element.clone())
            .prop_map(|(a, name, b, value)| format!("{a}{name}{b}:{value}"));
        prop_oneof![
            prop::collection::vec(element, 0..5).prop_map(|v| format!("[{}]", v.join(","))),
            prop::collection::vec(member, 0..5).prop_map(|v| format!("{{{}}}", v.join(","))),
        ]
    })
}

fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -!#-\\[\\]-~]{0,5}",
        "[é\u{7f}\u{2028}😀]",
        r#"\\["\\/bfnrt]"#,
        "\\\\u[0-9a-cA-C][0-9a-fA-F]{3}",
        "\\\\u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}",
        "\\\\u[dD][89a-fA-F][0-9a-fA-F]{2}",
    ];
    let weighted = prop::collection::vec((piece, 0..20_u8), 0..4);
    weighted.prop_map(|pieces| {
        // Lone surrogates make a text invalid: they are kept rare.
        let keep = |(piece, dice): &(String, u8)| !is_lone_surrogate(piece) || *dice == 0;
        let kept: Vec<_> = pieces.into_iter().filter(keep).map(|(piece, _)| piece).collect();
        format!("\"{}\"", kept.concat())
    })
}

fn is_lone_surrogate(piece: &str) -> bool {
    piece.len() == 6 && piece.to_ascii_lowercase().starts_with("\\ud")
}

/// A text with some bytes changed, inserted or taken away.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![any::<u8>(), prop::sample::select(&b"{}[]:,\"\\u09.-+eE tfn"[..])];
    let change = (any::<prop::sample::Index>(), byte, 0..3_u8);
    (text(), prop::collection::vec(change, 1..4)).prop_map(|(text, changes)| {
        let mut bytes = text.into_bytes();
        for (index, byte, what) in changes {
            let at = index.index(bytes.len() + 1);
            match what {
                0 => bytes.insert(at, byte),
                _ if at == bytes.len() => {}
                1 => bytes[at] = byte,
                _ => drop(bytes.remove(at)),
            }
        }
        bytes
    })
}

/// Compares the readers; ours alone refuses doubled names, serde_json alone numbers that overflow.
fn compare(bytes: &[u8]) {
    let limits = Limits { depth: 127, ..Limits::default() };
    match (json::parse(bytes, limits), serde_json::from_slice::<Json>(bytes)) {
        (Ok(ours), Ok(theirs)) => assert!(is_same(&ours, &theirs), "{ours} {theirs}"),
        (Err(_), Err(_)) => {}
        (Ok(ours), Err(theirs)) => {
            assert!(theirs.to_string().contains("number out of range"), "{ours} {theirs}");
        }
        (Err(ours), Ok(theirs)) => {
            assert_eq!(ours.message, "a second member of the same name", "{theirs}");
        }
    }
}

fn is_same(ours: &Node, theirs: &Json) -> bool {
    match (&ours.value, theirs) {
        (Value::Array(ours), Json::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| is_same(a, b))
        }
        (Value::Bool(ours), Json::Bool(theirs)) => ours == theirs,
        (Value::Null, Json::Null) => true,
        (Value::Number(ours), Json::Number(theirs)) => {
            let (ours, theirs): (f64, f64) = (ours.parse().unwrap(), theirs.as_f64().unwrap());
            // Without a feature of its own, serde_json may miss the last bit.
            (ours - theirs).abs() <= theirs.abs() * 1e-15
        }
        (Value::Object(ours), Json::Object(theirs)) => {
            let find = |Member { name, node, .. }: &Member| {
                theirs.get(name).is_some_and(|value| is_same(node, value))
            };
            ours.len() == theirs.len() && ours.iter().all(find)
        }
        (Value::String(ours), Json::String(theirs)) => ours == theirs,
        _ => false,
    }
}

/// The tree alone: written again, the places are others.
fn without_places(node: Node) -> Node {
    let value = match node.value {
        Value::Array(nodes) => Value::Array(nodes.into_iter().map(without_places).collect()),
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|Member { name, node, .. }| Member { name, at: 0, node: without_places(node) })
                .collect(),
        ),
        other => other,
    };
    Node { at: 0, value }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn random_json_is_read_as_serde_json_reads_it(text in text()) {
        compare(text.as_bytes());
    }

    #[test]
    fn mutated_json_is_accepted_and_refused_as_by_serde_json(bytes in mutated()) {
        compare(&bytes);
    }

    #[test]
    fn a_tree_is_written_as_it_was_read(text in text()) {
        if let Ok(tree) = json::read(text.as_bytes()) {
            for written in [format!("{tree}"), format!("{tree:#}")] {
                let again = json::read(written.as_bytes()).unwrap();
                prop_assert_eq!(without_places(again), without_places(tree.clone()));
            }
        }
    }
}

#[test]
fn a_large_object_is_read_in_less_than_quadratic_time() {
    let members: Vec<_> = (0..50_000).map(|i| format!("\"n{i}\":0")).collect();
    let text = format!("{{{}}}", members.join(","));
    let start = std::time::Instant::now();
    assert!(json::read(text.as_bytes()).is_ok());
    // Comparing every pair takes minutes in a debug build.
    assert!(start.elapsed().as_secs() < 10);
}
