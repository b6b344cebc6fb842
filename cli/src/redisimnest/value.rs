//! Values as TOML.

use nestkey::core::json::{self, Node, Value};

/// A value as TOML, which has no null and integers of 64 bits.
pub(super) fn toml(value: &Value) -> Option<String> {
    let all = |items: &[Node]| items.iter().map(|item| toml(&item.value)).collect();
    Some(match value {
        Value::Array(items) => {
            let items: Option<Vec<_>> = all(items);
            format!("[{}]", items?.join(", "))
        }
        Value::Bool(value) => value.to_string(),
        Value::Null => return None,
        Value::Number(text) => {
            let is_float = text.contains(['.', 'e', 'E']);
            if !is_float && text.parse::<i64>().is_err() {
                return None;
            }
            text.clone()
        }
        Value::Object(members) => {
            let member = |member: &json::Member| {
                Some(format!("{} = {}", quoted(&member.name), toml(&member.node.value)?))
            };
            let members: Option<Vec<_>> = members.iter().map(member).collect();
            format!("{{ {} }}", members?.join(", "))
        }
        Value::String(text) => quoted(text),
    })
}

/// A basic string, which JSON spells but for one character.
pub(super) fn quoted(text: &str) -> String {
    let mut shown = String::new();
    json::quote(text, |piece| shown.push_str(piece));
    shown.replace('\u{7f}', "\\u007F")
}
