//! The one spelling of a layout: fields in a fixed order, namespaces nested, short forms where
//! there are two.

use alloc::{borrow::ToOwned, string::ToString, vec::Vec};

use super::{max_size as size, model::Legacy};
use crate::{
    json::{Member, Node, Value},
    ttl::Ttl,
};

const LAYOUT: &[&str] = &[
    "name",
    "doc",
    "use",
    "prefix",
    "ttl",
    "renew",
    "deprecated",
    "reserved",
    "foreign",
    "types",
    "params",
    "shapes",
    "keys",
    "namespaces",
];
const NAMESPACE: &[&str] = &[
    "doc",
    "deprecated",
    "use",
    "prefix",
    "params",
    "ttl",
    "renew",
    "reserved",
    "keys",
    "namespaces",
];
const KEY: &[&str] = &[
    "doc",
    "deprecated",
    "template",
    "params",
    "kind",
    "type",
    "fields",
    "min",
    "max",
    "max_length",
    "one_of",
    "none_of",
    "format",
    "codec",
    "max_size",
    "cost",
    "legacy",
    "default",
    "ttl",
    "renew",
    "stale",
    "jitter",
    "on_invalid",
    "on_unavailable",
];
const PARAM: &[&str] = &[
    "doc",
    "type",
    "min",
    "max",
    "max_length",
    "one_of",
    "none_of",
    "format",
    "encoding",
    "allow_empty",
    "sensitive",
];
const FIELD: &[&str] =
    &["doc", "kind", "type", "min", "max", "max_length", "one_of", "none_of", "format"];

/// The tree of a layout in its canonical spelling; it stands for the same layout.
///
/// `nestkey: 1` comes first, then the known fields in a fixed order and those that start with
/// `x-`. Namespaces that stand by their dotted path are nested, times to live are durations, and a
/// field that only has a type is that type. Names keep their order: it is the order of
/// descriptions. The tree must be of a layout that [loads](super::Layout::from_tree): what no
/// layout has is left out.
///
/// ```
/// use nestkey_core::{json, layout::canonical};
/// let tree = json::read(br#"{"namespaces": {"a": {"ttl": 60}, "a.b": {"prefix": "c"}}}"#)?;
/// let expected = r#"{"nestkey":1,"namespaces":{"a":{"ttl":"1m","namespaces":{"b":{"prefix":"c"}}}}}"#;
/// assert_eq!(canonical(&tree).to_string(), expected);
/// # Ok::<(), nestkey_core::error::Error>(())
/// ```
#[must_use]
pub fn canonical(tree: &Node) -> Node {
    let mut members = Vec::from([member("nestkey", Node::number(&1))]);
    if let Value::Object(layout) = ordered(tree, LAYOUT, namespace_field).value {
        members.extend(layout);
    }
    Node::new(Value::Object(members))
}

/// The fields of a table in an order, then those of other tools; empty tables are left out.
fn ordered(node: &Node, order: &[&str], spell: fn(&str, &Node) -> Node) -> Node {
    let Value::Object(fields) = &node.value else { return node.clone() };
    let known = order.iter().filter_map(|name| fields.iter().find(|field| field.name == *name));
    let foreign = fields.iter().filter(|field| field.name.starts_with("x-"));
    let spelled = known
        .map(|field| member(&field.name, spell(&field.name, &field.node)))
        .filter(|field| {
            // An empty one says something in these.
            matches!(&field.name[..], "default" | "fields") || !is_empty_table(&field.node)
        })
        .chain(foreign.cloned());
    Node::new(Value::Object(spelled.collect()))
}

fn namespace_field(name: &str, node: &Node) -> Node {
    match name {
        "keys" => named(node, |key| ordered(key, KEY, key_field)),
        "namespaces" | "shapes" => {
            named(&nested(node), |namespace| ordered(namespace, NAMESPACE, namespace_field))
        }
        "params" => named(node, |param| ordered(param, PARAM, as_it_is)),
        "ttl" => ttl(node),
        "types" => named(node, fields),
        _ => node.clone(),
    }
}

fn key_field(name: &str, node: &Node) -> Node {
    match name {
        "fields" => fields(node),
        "legacy" => legacy(node),
        "max_size" => max_size(node),
        "params" => named(node, |param| ordered(param, PARAM, as_it_is)),
        "stale" | "ttl" => ttl(node),
        _ => node.clone(),
    }
}

fn as_it_is(_: &str, node: &Node) -> Node {
    node.clone()
}

/// As a text in the largest unit, or as the number that it is.
fn max_size(node: &Node) -> Node {
    let (Value::Number(text) | Value::String(text)) = &node.value else { return node.clone() };
    match size::parse(text) {
        Some(bytes) if size::spell(bytes).ends_with('B') => Node::string(size::spell(bytes)),
        Some(bytes) => Node::number(&bytes),
        None => node.clone(),
    }
}

/// Each word once; one alone stands by itself.
fn legacy(node: &Node) -> Node {
    let Value::Array(items) = &node.value else { return node.clone() };
    let mut words = items.iter().filter_map(Node::as_str);
    let legacy = words.try_fold(Legacy::default(), Legacy::with).unwrap_or_default();
    let words: Vec<_> = legacy.words().collect();
    match words[..] {
        [word] => Node::string(word),
        _ => Node::array(words.into_iter().map(Node::string)),
    }
}

/// The fields of a record or hash, each by its type alone where it has nothing else.
fn fields(node: &Node) -> Node {
    named(node, |field| {
        let ordered = ordered(field, FIELD, as_it_is);
        match &ordered.value {
            Value::Object(members) => match &members[..] {
                [Member { name, node, .. }] if name == "type" => node.clone(),
                _ => ordered,
            },
            _ => ordered,
        }
    })
}

/// A table whose names the user chose, in its own order.
fn named(node: &Node, spell: impl Fn(&Node) -> Node) -> Node {
    let Value::Object(members) = &node.value else { return node.clone() };
    let spelled = members.iter().map(|found| member(&found.name, spell(&found.node)));
    Node::new(Value::Object(spelled.collect()))
}

/// Namespaces with those that stand by their dotted path where they belong, in the order in which
/// the builder puts them there.
fn nested(node: &Node) -> Node {
    let Value::Object(members) = &node.value else { return node.clone() };
    let (mut dotted, mut nested): (Vec<Member>, Vec<Member>) =
        members.iter().cloned().partition(|found| found.name.contains('.'));
    dotted.sort_by_key(|found| found.name.matches('.').count());
    for found in dotted {
        let Some((first, rest)) = found.name.split_once('.') else { continue };
        place(&mut nested, first, rest, &found);
    }
    Node::new(Value::Object(nested))
}

/// Puts a namespace below one of these, at the rest of its path.
fn place(among: &mut [Member], first: &str, rest: &str, namespace: &Member) {
    let Some(parent) = among.iter_mut().find(|found| found.name == first) else { return };
    let Value::Object(fields) = &mut parent.node.value else { return };
    let index = fields.iter().position(|field| field.name == "namespaces").unwrap_or_else(|| {
        fields.push(member("namespaces", Node::new(Value::Object(Vec::new()))));
        fields.len() - 1
    });
    let Some(Value::Object(children)) = fields.get_mut(index).map(|found| &mut found.node.value)
    else {
        return;
    };
    match rest.split_once('.') {
        Some((next, rest)) => place(children, next, rest, namespace),
        None => children.push(member(rest, namespace.node.clone())),
    }
}

/// A time to live in its largest unit; what is none stays.
fn ttl(node: &Node) -> Node {
    match &node.value {
        Value::Number(text) | Value::String(text) => match Ttl::parse(text) {
            Ok(ttl) => Node::string(ttl.to_string()),
            Err(_) => node.clone(),
        },
        _ => node.clone(),
    }
}

fn is_empty_table(node: &Node) -> bool {
    matches!(&node.value, Value::Object(members) if members.is_empty())
}

fn member(name: &str, node: Node) -> Member {
    Member { name: name.to_owned(), at: 0, node }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;
    use crate::{json, layout::Layout};

    fn spelled(text: &str) -> String {
        let tree = json::read(text.as_bytes()).unwrap();
        let canonical = canonical(&tree);
        let described = |tree| Layout::from_tree(tree, None).unwrap().describe().to_string();
        assert_eq!(described(&tree), described(&canonical), "the same layout");
        let again = json::read(canonical.to_string().as_bytes()).unwrap();
        assert_eq!(super::canonical(&again).to_string(), canonical.to_string(), "twice is once");
        canonical.to_string()
    }

    #[test]
    fn fields_stand_in_their_order_and_names_in_the_order_of_the_file() {
        let text = r#"{"x-team": [1], "keys": {"b": {"ttl": 90, "type": "int", "doc": "B"}, "a": {}},
            "prefix": "root", "nestkey": 1, "name": "shop",
            "params": {"id": {"min": 1, "doc": "An id.", "type": "int"}}}"#;
        let expected = r#"{"nestkey":1,"name":"shop","prefix":"root","params":{"id":{"doc":"An id.","type":"int","min":1}},"keys":{"b":{"doc":"B","type":"int","ttl":"90s"},"a":{}},"x-team":[1]}"#;
        assert_eq!(spelled(text), expected);
    }

    #[test]
    fn dotted_namespaces_are_nested_in_the_order_in_which_they_load() {
        let text = r#"{"namespaces": {"a.b.c": {}, "a.b": {"namespaces": {"d": {}, "d.e": {}}},
            "a": {"namespaces": {"f.g": {}, "f": {}}}, "h": {}}}"#;
        let expected = r#"{"nestkey":1,"namespaces":{"a":{"namespaces":{"f":{"namespaces":{"g":{}}},"b":{"namespaces":{"d":{"namespaces":{"e":{}}},"c":{}}}}},"h":{}}}"#;
        assert_eq!(spelled(text), expected);
    }

    #[test]
    fn a_field_that_only_has_a_type_is_that_type() {
        let text = r#"{"types": {"home": {"zip": {"type": "string?"}, "city": {"max_length": 9, "type": "string"}}},
            "keys": {"h": {"kind": "hash", "fields": {"n": {"type": "int"}, "pin": {"kind": "secret"}}}}}"#;
        let expected = r#"{"nestkey":1,"types":{"home":{"zip":"string?","city":{"type":"string","max_length":9}}},"keys":{"h":{"kind":"hash","fields":{"n":"int","pin":{"kind":"secret"}}}}}"#;
        assert_eq!(spelled(text), expected);
    }

    #[test]
    fn no_field_is_lost() {
        let key = r#"{"doc": "d", "deprecated": "d", "template": "k:{p}", "params": {"p": {"doc": "d",
            "type": "string", "max_length": 3, "one_of": ["1", "2"], "none_of": ["2"], "format": "digits",
            "encoding": "verbatim", "allow_empty": false, "sensitive": true}}, "kind": "value",
            "type": "int", "min": 1, "max": 2, "one_of": [1], "none_of": [2], "codec": "bare",
            "default": 1, "ttl": "1m", "renew": "write", "stale": "1s", "jitter": "5%", "on_invalid": "missing",
            "on_unavailable": "missing"}"#;
        let texts = r#"{"type": "string", "max_length": 3, "format": "hex"}"#;
        let namespace = r#"{"doc": "d", "deprecated": "d", "use": "s", "prefix": "n:{q}",
            "params": {"q": {"type": "int", "min": 1, "max": 2}}, "ttl": "1m", "renew": "never",
            "reserved": ["r"]}"#;
        let text = alloc::format!(
            r#"{{"nestkey": 1, "name": "n", "doc": "d", "use": "s", "prefix": "p", "ttl": "1m",
            "renew": "write", "deprecated": "d", "reserved": ["r"], "foreign": ["f"],
            "types": {{"t": {{"f": {texts}}}}}, "params": {{"x": {{"type": "int"}}}},
            "shapes": {{"s": {{"keys": {{"k": {key}, "h": {{"kind": "hash", "fields": {{}}}}}},
            "namespaces": {{"n": {namespace}}}}}, "t": {{}}}}}}"#
        );
        let text = text.replace(r#""use": "s", "prefix": "n:"#, r#""use": "t", "prefix": "n:"#);
        let mut wanted: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        let mut found: Vec<char> = spelled(&text).chars().collect();
        wanted.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, wanted, "the same characters in another order");
    }

    #[test]
    fn a_default_is_left_alone_and_empty_tables_are_left_out() {
        let text = r#"{"foreign": ["sess:*"], "shapes": {"s": {"keys": {"k": {"default": {}, "type": "object"}}}},
            "namespaces": {"n": {"use": "s", "keys": {}, "params": {}, "ttl": "persist"}}, "types": {}}"#;
        let expected = r#"{"nestkey":1,"foreign":["sess:*"],"shapes":{"s":{"keys":{"k":{"type":"object","default":{}}}}},"namespaces":{"n":{"use":"s","ttl":"persist"}}}"#;
        assert_eq!(spelled(text), expected);
    }
}
