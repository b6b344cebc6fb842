//! No two (path, params) have one key unless the proof says so, and every key parses back.

use std::collections::{HashMap, HashSet};

use nestkey_core::{
    key::{
        Key,
        param::{Given, Param, ParamSpec, ParamType},
    },
    layout::trie::{SegmentSpec, Trie},
};
use proptest::prelude::*;
use serde_json::json;

use super::layouts::{Layout, param};

#[test]
fn all_pairs_of_short_params_have_keys_of_their_own() {
    let attributes = json!({"x": {"allow_empty": true}, "y": {"allow_empty": true}});
    let layout = Layout::new(&["{x}:{y}"], &attributes);
    let (trie, entry) = (layout.trie(), &layout.entries[0]);
    let mut words = vec![String::new()];
    for index in 0..1 + 5 + 25 {
        let word = words[index].clone();
        words.extend("a:%-{".chars().map(|letter| format!("{word}{letter}")));
    }
    let (mut keys, mut joined) = (HashSet::new(), HashSet::new());
    for x in &words {
        for y in &words {
            let key = entry.render(&[Param::Str(x), Param::Str(y)]).unwrap();
            let wanted = vec![Given::String(x.clone()), Given::String(y.clone())];
            assert_eq!(trie.parse(key.as_str()), Some((0, wanted)));
            keys.insert(key.as_str().to_owned());
            joined.insert(format!("{x}:{y}"));
        }
    }
    assert_eq!(keys.len(), 24_336);
    assert_eq!(joined.len(), 23_215, "what joining without encoding leaves");
}

proptest! {
    #[test]
    fn any_text_comes_back_from_its_segment(text in any::<String>()) {
        let mut spec = ParamSpec::new("p", ParamType::String);
        spec.allow_empty = true;
        let mut key = Key::new();
        if spec.render(Param::Str(&text), &mut key).is_ok() {
            prop_assert_eq!(spec.decode(key.as_str()), Some(Given::String(text)));
        } else {
            prop_assert!(text.len() * 3 > 512);
        }
    }

    #[test]
    fn any_bytes_come_back_from_their_segment(bytes in prop::collection::vec(any::<u8>(), 0..170)) {
        let mut spec = ParamSpec::new("p", ParamType::Bytes);
        spec.allow_empty = true;
        let mut key = Key::new();
        spec.render(Param::Bytes(&bytes), &mut key).unwrap();
        prop_assert_eq!(spec.decode(key.as_str()), Some(Given::Bytes(bytes)));
    }

    #[test]
    fn what_decodes_renders_to_the_same_segment(segment in "(%[0-9A-Fa-f]{2}|[ -~]|é|%-){0,12}") {
        for &ty in ParamType::ALL {
            for verbatim in [false, true] {
                let mut spec = ParamSpec::new("p", ty);
                (spec.allow_empty, spec.verbatim) = (true, verbatim);
                if let Some(given) = spec.decode(&segment) {
                    let mut key = Key::new();
                    spec.render(Param::from(&given), &mut key).unwrap();
                    prop_assert_eq!(key.as_str(), &segment);
                }
            }
        }
    }
}

#[test]
fn random_layouts_have_no_collision_that_the_proof_missed() {
    let long = std::env::var_os("NESTKEY_LONG").is_some();
    let cases = if long { 10_000_000 } else { 20_000 };
    let mut counts = Counts::default();
    let (specs, mut seed) = (specs(), 0);
    while counts.keys < cases {
        seed += 1;
        try_layout(&specs, &mut Random(seed), &mut counts);
    }
    println!("{counts:?}");
    assert!(counts.shared_keys > 0, "the layouts are close enough to collide");
}

#[test]
fn many_templates_collide_exactly_where_two_of_them_do() {
    let layouts = if std::env::var_os("NESTKEY_LONG").is_some() { 1_000 } else { 10 };
    let specs = specs();
    let mut collide = 0;
    for seed in 0..layouts {
        let random = &mut Random(seed);
        let entries: Vec<(u32, Vec<SegmentSpec<'_>>)> =
            (0..40).map(|entry| (entry, template(&specs, random))).collect();
        let pairs = |trie: &Trie| -> Vec<(u32, u32)> {
            let collisions = trie.collisions(usize::MAX).unwrap();
            collisions.iter().map(|found| (found.first, found.second)).collect()
        };
        let mut expected = Vec::new();
        for (index, one) in entries.iter().enumerate() {
            for other in &entries[index + 1..] {
                expected.extend(pairs(&Trie::new(&[one.clone(), other.clone()])));
            }
        }
        assert_eq!(pairs(&Trie::new(&entries)), expected, "seed {seed}");
        collide += expected.len();
    }
    assert!(collide > 0, "the layouts are close enough to collide");
}

#[derive(Debug, Default)]
struct Counts {
    layouts: u32,
    colliding_layouts: u32,
    reported_pairs: usize,
    keys: u32,
    shared_keys: u32,
}

/// Draws one layout and some keys of it, and compares what happens with what the proof says.
fn try_layout(specs: &[ParamSpec], random: &mut Random, counts: &mut Counts) {
    let shown = format!("layout of seed {}", random.0);
    let entries: Vec<(u32, Vec<SegmentSpec<'_>>)> =
        (0..2 + random.below(4)).map(|entry| (entry, template(specs, random))).collect();
    let trie = Trie::new(&entries);
    let collisions = trie.collisions(usize::MAX).unwrap();
    let mut colliding = HashSet::new();
    for collision in &collisions {
        colliding.insert((collision.first, collision.second));
        for entry in [collision.first, collision.second] {
            let alone = Trie::new(&[entries[entry as usize].clone()]);
            assert!(alone.parse(&collision.key).is_some(), "{shown}: {collision:?}");
        }
    }
    let may_share = |a: u32, b: u32| a != b && colliding.contains(&(a.min(b), a.max(b)));

    let mut keys: HashMap<String, (u32, Vec<Given>)> = HashMap::new();
    for _ in 0..60 {
        let (entry, segments) = &entries[random.below(entries.len() as u32) as usize];
        let (key, given) = draw(segments, random);
        counts.keys += 1;
        let parsed = trie.parse(&key);
        let Some((found, found_given)) = parsed else { panic!("{shown}: {key} is not parsed") };
        if found == *entry {
            assert_eq!(found_given, given, "{shown}: {key}");
        } else {
            assert!(may_share(found, *entry), "{shown}: {key} belongs to {found} and {entry}");
        }
        if let Some((other, other_given)) = keys.get(&key) {
            if other == entry {
                assert_eq!(other_given, &given, "{shown}: {key}");
            } else {
                assert!(may_share(*other, *entry), "{shown}: {key} of {other} and {entry}");
                counts.shared_keys += 1;
            }
        }
        keys.insert(key, (*entry, given));
    }
    counts.layouts += 1;
    counts.colliding_layouts += u32::from(!collisions.is_empty());
    counts.reported_pairs += collisions.len();
}

fn template<'a>(specs: &'a [ParamSpec], random: &mut Random) -> Vec<SegmentSpec<'a>> {
    let segment = |random: &mut Random| {
        if random.below(3) == 0 {
            SegmentSpec::literal(random.one(&["a", "1", "a1", "%3A", "%-", "0", "true", "a-1"]))
        } else {
            SegmentSpec {
                before: random.one(&["", "", "", "", "a", "1", "%", "{", "a-"]),
                param: Some(&specs[random.below(specs.len() as u32) as usize]),
                after: random.one(&["", "", "", "", "a", "1", "A", "}", "-1"]),
            }
        }
    };
    (0..1 + random.below(3)).map(|_| segment(random)).collect()
}

/// A key of a template and the parameters in it.
fn draw(segments: &[SegmentSpec<'_>], random: &mut Random) -> (String, Vec<Given>) {
    let (mut key, mut params) = (Key::new(), Vec::new());
    for (index, segment) in segments.iter().enumerate() {
        key.push_str(if index == 0 { "" } else { ":" });
        key.push_str(segment.before);
        if let Some(spec) = segment.param {
            params.push(loop {
                let given = value(spec, random);
                if spec.render(Param::from(&given), &mut key).is_ok() {
                    break given;
                }
            });
        }
        key.push_str(segment.after);
    }
    (key.as_str().to_owned(), params)
}

/// A value as decoding gives it back; not all of them satisfy the constraints.
fn value(spec: &ParamSpec, random: &mut Random) -> Given {
    match spec.ty {
        ParamType::Bool => Given::Bool(random.below(2) == 0),
        ParamType::Int if random.below(20) == 0 => {
            Given::Int(random.one(&[i64::MIN.into(), u64::MAX.into(), 1 << 63]))
        }
        ParamType::Int => Given::Int(i128::from(random.below(31)) - 10),
        ParamType::Uuid => {
            let uuid = "00000000-0000-0000-0000-00000000000";
            Given::Uuid(format!("{uuid}{}", random.below(4)))
        }
        ParamType::Bytes => {
            let byte = |random: &mut Random| random.one(b"a1-0:%\xff\xc3\xa9\0");
            Given::Bytes((0..random.below(4)).map(|_| byte(random)).collect())
        }
        _ => match random.below(12) {
            0 => Given::String("0".repeat(26)),
            1 => Given::String(format!("00000000-0000-0000-0000-00000000000{}", random.below(4))),
            _ => {
                let letter = |random: &mut Random| random.one(&['a', '1', '-', '0', ':', '%', 'é']);
                Given::String((0..random.below(4)).map(|_| letter(random)).collect())
            }
        },
    }
}

fn specs() -> Vec<ParamSpec> {
    let spec = |(ty, attributes)| param("p", ty, &attributes);
    [
        (ParamType::String, json!({})),
        (ParamType::String, json!({})),
        (ParamType::String, json!({"allow_empty": true})),
        (ParamType::String, json!({"max_length": 1})),
        (ParamType::String, json!({"max_length": 2, "none_of": ["a", "1", "a-", "10"]})),
        (ParamType::String, json!({"one_of": ["a", "1", "a-1", "0"]})),
        (ParamType::String, json!({"format": "digits", "max_length": 3})),
        (ParamType::String, json!({"format": "digits", "allow_empty": true})),
        (ParamType::String, json!({"format": "hex"})),
        (ParamType::String, json!({"format": "slug"})),
        (ParamType::String, json!({"format": "ulid"})),
        (ParamType::String, json!({"encoding": "verbatim"})),
        (ParamType::String, json!({"encoding": "verbatim", "max_length": 2})),
        (ParamType::Bytes, json!({})),
        (ParamType::Bytes, json!({"max_length": 2, "allow_empty": true})),
        (ParamType::Bool, json!({})),
        (ParamType::Int, json!({})),
        (ParamType::Int, json!({"min": 1, "max": 9})),
        (ParamType::Int, json!({"min": 10, "max": 199})),
        (ParamType::Int, json!({"min": -5, "max": 0})),
        (ParamType::Int, json!({"min": 5, "none_of": ["10", "11"]})),
        (ParamType::Uuid, json!({})),
        (ParamType::Uuid, json!({"none_of": ["00000000-0000-0000-0000-000000000001"]})),
    ]
    .map(spec)
    .into()
}

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ mixed >> 31) % u64::from(bound)) as u32
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u32) as usize]
    }
}
