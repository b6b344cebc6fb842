//! JSON for people: what holds nothing else stands on one line, where there is room for it.

use nestkey::core::json::{self, Member, Node, Value};

/// The width of a line that is not broken.
const WIDTH: usize = 100;

/// Writes a tree with an indentation of two spaces and a line break at the end.
pub(crate) fn pretty(node: &Node) -> String {
    let mut text = String::new();
    write(node, 0, false, &mut text);
    text.push('\n');
    text
}

fn write(node: &Node, depth: usize, may_be_flat: bool, text: &mut String) {
    if may_be_flat && let Some(line) = flat(node) {
        let start = text.rfind('\n').map_or(0, |at| at + 1);
        if text[start..].chars().count() + line.chars().count() < WIDTH {
            text.push_str(&line);
            return;
        }
    }
    match &node.value {
        Value::Array(items) if !items.is_empty() => {
            let item = |item: &Node, text: &mut String| write(item, depth + 1, true, text);
            write_lines(items, ["[", "]"], depth, item, text);
        }
        Value::Object(members) if !members.is_empty() => {
            let member = |member: &Member, text: &mut String| {
                text.push_str(&format!("{}: ", quoted(&member.name)));
                write(&member.node, depth + 1, true, text);
            };
            write_lines(members, ["{", "}"], depth, member, text);
        }
        _ => text.push_str(&node.to_string()),
    }
}

fn write_lines<T>(
    items: &[T],
    [open, close]: [&str; 2],
    depth: usize,
    write_item: impl Fn(&T, &mut String),
    text: &mut String,
) {
    text.push_str(open);
    for (index, item) in items.iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(&"  ".repeat(depth + 1));
        write_item(item, text);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push_str(close);
}

/// An array or object on one line, unless it holds others that are not empty.
fn flat(node: &Node) -> Option<String> {
    match &node.value {
        Value::Array(items) if items.iter().all(is_leaf) => {
            let items: Vec<_> = items.iter().map(Node::to_string).collect();
            Some(format!("[{}]", items.join(", ")))
        }
        Value::Object(members) if members.is_empty() => Some(String::from("{}")),
        Value::Object(members) if members.iter().all(|member| is_leaf(&member.node)) => {
            let member = |member: &Member| format!("{}: {}", quoted(&member.name), member.node);
            let members: Vec<_> = members.iter().map(member).collect();
            Some(format!("{{ {} }}", members.join(", ")))
        }
        _ => None,
    }
}

fn is_leaf(node: &Node) -> bool {
    match &node.value {
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => true,
    }
}

fn quoted(name: &str) -> String {
    let mut shown = String::new();
    json::quote(name, |piece| shown.push_str(piece));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        pretty(&json::read(text.as_bytes()).unwrap())
    }

    #[test]
    fn what_holds_nothing_else_stands_on_one_line() {
        assert_eq!(
            shown(r#"{"a":{"b":1.50,"c":[],"d":{}},"e":[1,"x"],"f":[[1],{"g":null}],"h\n":"é"}"#),
            "{\n  \"a\": { \"b\": 1.50, \"c\": [], \"d\": {} },\n  \"e\": [1, \"x\"],\n  \"f\": [\n    \
             [1],\n    { \"g\": null }\n  ],\n  \"h\\n\": \"é\"\n}\n"
        );
    }

    #[test]
    fn the_whole_is_broken_unless_it_is_empty() {
        assert_eq!(shown(r#"{"a":1}"#), "{\n  \"a\": 1\n}\n");
        assert_eq!(shown("{}"), "{}\n");
    }

    #[test]
    fn a_line_without_room_is_broken() {
        let long = "x".repeat(80);
        let broken = format!("{{\n  \"a\": {{\n    \"b\": \"{long}\",\n    \"c\": 1\n  }}\n}}\n");
        assert_eq!(shown(&format!(r#"{{"a":{{"b":"{long}","c":1}}}}"#)), broken);
        assert_eq!(shown(&broken), broken);
    }
}
