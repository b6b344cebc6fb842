//! Properties of payloads and codecs over random values and random bytes.

use nestkey_core::{
    error::Result,
    types::{Constraints, Field, Record, Shape, Type},
    value::{Builder, Payload, View, bare, check, envelope, fit, plain},
};
use proptest::prelude::*;
use serde_json::Value as Json;

/// A random value, as a tree.
#[derive(Clone, Debug)]
enum Tree {
    Array(Vec<Self>),
    Bool(bool),
    Bytes(Vec<u8>),
    Datetime(String),
    Float(f64),
    Int(String),
    Null,
    Object(Vec<(String, Self)>),
    String(String),
    Tuple(Vec<Self>),
    Uuid(String),
}

impl Tree {
    fn payload(&self) -> Payload {
        let mut builder = Builder::new();
        self.build(&mut builder).unwrap();
        builder.finish().unwrap()
    }

    fn build(&self, out: &mut Builder) -> Result<()> {
        match self {
            Self::Array(items) => {
                out.begin_array()?;
                items.iter().try_for_each(|item| item.build(out))?;
                out.end()
            }
            Self::Bool(value) => out.bool(*value),
            Self::Bytes(bytes) => out.bytes(bytes),
            Self::Datetime(text) => out.datetime(text),
            Self::Float(value) => out.float(*value),
            Self::Int(text) => out.int_text(text),
            Self::Null => out.null(),
            Self::Object(members) => {
                out.begin_object()?;
                for (name, item) in members {
                    out.name(name)?;
                    item.build(out)?;
                }
                out.end()
            }
            Self::String(text) => out.string(text),
            Self::Tuple(items) => {
                out.begin_tuple()?;
                items.iter().try_for_each(|item| item.build(out))?;
                out.end()
            }
            Self::Uuid(text) => out.uuid(text),
        }
    }

    /// What Python's `json.loads` would make of the `value` of its envelope.
    fn json(&self, is_top: bool) -> Json {
        let tagged = |tag: &str, value: Json| match is_top {
            true => value,
            false => serde_json::json!({ "__type__": tag, "value": value }),
        };
        match self {
            Self::Array(items) | Self::Tuple(items) => {
                items.iter().map(|item| item.json(false)).collect()
            }
            Self::Bool(value) => Json::from(*value),
            Self::Bytes(bytes) => tagged("bytes", Json::from(base64(bytes))),
            Self::Datetime(text) => tagged("datetime", Json::from(&text[..])),
            Self::Float(value) => Json::from(*value),
            Self::Int(text) => serde_json::from_str(text).unwrap(),
            Self::Null if is_top => Json::from("None"),
            Self::Null => tagged("none", Json::Null),
            Self::Object(members) => {
                members.iter().map(|(name, item)| (name.clone(), item.json(false))).collect()
            }
            Self::String(text) => Json::from(&text[..]),
            Self::Uuid(text) => tagged("uuid", Json::from(&text[..])),
        }
    }
}

/// Base64 by its definition, one bit after the other.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1)).collect();
    let mut text: String = bits
        .chunks(6)
        .map(|six| {
            let index = (0..6).fold(0, |sum, i| sum << 1 | six.get(i).unwrap_or(&0));
            char::from(LETTERS[usize::from(index)])
        })
        .collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

fn scalar() -> impl Strategy<Value = Tree> {
    let float = any::<f64>().prop_filter("finite", |value| value.is_finite());
    let edge = prop::sample::select(vec![i64::MAX, i64::MIN, 0, -1, 1 << 53]);
    prop_oneof![
        any::<bool>().prop_map(Tree::Bool),
        prop::collection::vec(any::<u8>(), 0..9).prop_map(Tree::Bytes),
        datetime().prop_map(Tree::Datetime),
        float.prop_map(Tree::Float),
        prop_oneof![any::<i64>(), edge].prop_map(|value| Tree::Int(value.to_string())),
        "-?[1-9][0-9]{18,40}".prop_map(Tree::Int),
        Just(Tree::Null),
        any::<String>().prop_map(Tree::String),
        "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}".prop_map(Tree::Uuid),
    ]
}

fn datetime() -> impl Strategy<Value = String> {
    let fraction = prop_oneof![Just(String::new()), "\\.[0-9]{5}[1-9]"];
    let zone = prop_oneof![
        Just(String::new()),
        Just("+00:00".to_owned()),
        "[+-](0[1-9]|1[0-9]|2[0-3]):[0-5][0-9](:[0-5][1-9](\\.[0-9]{5}[1-9])?)?",
    ];
    let date = "(000[1-9]|[1-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])";
    let time = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]";
    (date, time, fraction, zone)
        .prop_map(|(date, time, fraction, zone)| format!("{date}T{time}{fraction}{zone}"))
}

/// A value that nests; with tuples inside only where they may stand.
fn tree(nested_tuples: bool) -> impl Strategy<Value = Tree> {
    scalar().prop_recursive(4, 40, 6, move |inner| {
        let items = prop::collection::vec(inner.clone(), 0..6);
        let members = prop::collection::btree_map(any::<String>(), inner, 0..6);
        prop_oneof![
            items.clone().prop_map(Tree::Array),
            members.prop_map(|members| Tree::Object(members.into_iter().collect())),
            items.prop_map(if nested_tuples { Tree::Tuple } else { Tree::Array }),
        ]
    })
}

fn any_type() -> Type {
    Type::new(Shape::Any)
}

/// Types of every shape, and the record that some of them name.
fn types() -> (Vec<Type>, Vec<Record>) {
    let parse = |text: &str| Type::parse(text, &|name| (name == "address").then_some(0)).unwrap();
    let record = Record::new(
        "address",
        vec![
            Field::new("street", parse("string")),
            Field::new("zip", parse("string?")),
            Field::new("seen", parse("array<datetime>?")),
        ],
    );
    let types = [
        "any",
        "array",
        "array<int?>",
        "array<bytes>",
        "bool",
        "bytes",
        "datetime?",
        "float",
        "int",
        "int64?",
        "naive_datetime",
        "object",
        "object<array<uuid>>",
        "address?",
        "string",
        "tuple?",
        "uuid",
    ];
    (types.into_iter().map(parse).collect(), vec![record])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_built_payload_is_a_valid_tape(tree in tree(true)) {
        let payload = tree.payload();
        prop_assert_eq!(Payload::from_tape(payload.as_tape().to_vec()).unwrap(), payload);
    }

    #[test]
    fn envelopes_come_back_as_they_were(tree in tree(false), is_tuple: bool) {
        let tree = match tree {
            Tree::Array(items) if is_tuple => Tree::Tuple(items),
            other => other,
        };
        let payload = tree.payload();
        let mut out = b"before".to_vec();
        envelope::write(&payload, &mut out).unwrap();
        let text = &out[6..];
        prop_assert!(text.is_ascii());
        prop_assert_eq!(envelope::read(text).unwrap(), payload);

        let json: Json = serde_json::from_slice(text).unwrap();
        let (ours, theirs) = (json["value"].to_string(), tree.json(true).to_string());
        // Read by serde_json both times, so that it rounds floats the same way.
        let again: Json = serde_json::from_str(&theirs).unwrap();
        let ours: Json = serde_json::from_str(&ours).unwrap();
        prop_assert!(is_close(&ours, &again), "{ours} {again}");
    }

    #[test]
    fn any_value_comes_back_from_bare_and_plain_json(tree in tree(true)) {
        let (payload, ty) = (tree.payload(), any_type());
        let mut out = Vec::new();
        bare::write(&payload, &ty, &[], &mut out).unwrap();
        prop_assert_eq!(&bare::read(&out, &ty, &[]).unwrap(), &payload);
        prop_assert_eq!(plain::to_json(&payload, &ty, &[]).unwrap().into_bytes(), out);
    }

    #[test]
    fn a_bare_value_that_fits_its_type_comes_back(tree in tree(true), index: prop::sample::Index) {
        let (types, records) = types();
        let ty = index.get(&types);
        let tree = tree.payload();
        let Ok(payload) = fit(&tree, ty, &Constraints::default(), &records) else {
            return Ok(());
        };
        prop_assert!(check(&payload, ty, &records).is_ok());
        let mut out = Vec::new();
        if bare::write(&payload, ty, &records, &mut out).is_ok() {
            prop_assert_eq!(&bare::read(&out, ty, &records).unwrap(), &*payload);
        } else {
            prop_assert!(out.is_empty());
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let (types, records) = types();
        let _ = envelope::read(&bytes);
        if let Ok(payload) = Payload::from_tape(bytes.clone()) {
            walk(payload.view());
        }
        for ty in &types {
            let _ = bare::read(&bytes, ty, &records);
        }
    }

    #[test]
    fn changed_tapes_are_refused_or_can_be_walked(
        tree in tree(true),
        index: prop::sample::Index,
        byte in prop_oneof![any::<u8>(), 0..14_u8],
    ) {
        let mut tape = tree.payload().into_tape();
        let at = index.index(tape.len());
        tape[at] = byte;
        if let Ok(payload) = Payload::from_tape(tape) {
            walk(payload.view());
            let mut copy = Builder::new();
            copy.view(payload.view()).unwrap();
            prop_assert_eq!(copy.finish().unwrap(), payload);
        }
    }

    #[test]
    fn changed_envelopes_are_refused_or_read(
        tree in tree(false),
        index: prop::sample::Index,
        byte in prop_oneof![any::<u8>(), prop::sample::select(&b"{}[]:,\"\\_09.-e "[..])],
    ) {
        let mut text = Vec::new();
        envelope::write(&tree.payload(), &mut text).unwrap();
        let at = index.index(text.len());
        text[at] = byte;
        if let Ok(payload) = envelope::read(&text) {
            let mut again = Vec::new();
            envelope::write(&payload, &mut again).unwrap();
            prop_assert_eq!(envelope::read(&again).unwrap(), payload);
        }
    }
}

fn walk(view: View<'_>) {
    match view {
        View::Array(items) | View::Tuple(items) => {
            assert_eq!(items.len(), items.map(walk).count());
        }
        View::Object(members) => {
            assert_eq!(members.len(), members.map(|(_, item)| walk(item)).count());
        }
        _ => {}
    }
}

/// Equality but for the last bits of floats.
fn is_close(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_close(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| is_close(a, b)))
        }
        (Json::Number(x), Json::Number(y)) if a != b => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            (x - y).abs() <= y.abs() * 1e-15
        }
        _ => a == b,
    }
}
