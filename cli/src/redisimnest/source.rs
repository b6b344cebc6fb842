//! Python source: names, texts and values.

use nestkey::core::{
    json::{Member, Node, Value},
    layout::Layout,
    types::{Shape, Type},
};

/// Words that Python keeps for itself.
const KEYWORDS: [&str; 32] = [
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
    "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// What redisimnest's own attributes are called.
const ATTRIBUTES: [&str; 8] = [
    "clear",
    "cluster_cls",
    "describe",
    "get_full_prefix",
    "get_pipeline",
    "parent",
    "redis",
    "subkeys",
];

/// The attribute for a name of a layout, with `_` behind it where the name is taken.
pub(super) fn attribute(name: &str) -> String {
    let is_taken = KEYWORDS.contains(&name) || ATTRIBUTES.contains(&name) || name == "with_params";
    format!("{name}{}", if is_taken { "_" } else { "" })
}

/// A text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut shown = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => shown.extend(['\\', character]),
            '\n' => shown.push_str("\\n"),
            c if c.is_control() => shown.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown.push('"');
    shown
}

/// A text that stays on its line.
pub(super) fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A value of a type, from its plain JSON.
pub(super) fn value(node: &Node, ty: &Type, layout: &Layout) -> String {
    let any = Type::new(Shape::Any);
    let inner = match &ty.shape {
        Shape::Array(Some(inner)) | Shape::Object(Some(inner)) => inner,
        _ => &any,
    };
    let member_type = |name: &str| match &ty.shape {
        Shape::Record(index) => {
            let record = layout.records().get(*index as usize);
            let field = record.and_then(|it| it.fields.iter().find(|field| field.name == name));
            field.map_or(&any, |field| &field.ty)
        }
        _ => inner,
    };
    match &node.value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(text) if ty.shape == Shape::Float && !text.contains(['.', 'e', 'E']) => {
            format!("{text}.0")
        }
        Value::Number(text) => text.clone(),
        Value::String(text) => match ty.shape {
            Shape::Datetime | Shape::NaiveDatetime => {
                format!("datetime.fromisoformat({})", quoted(text))
            }
            Shape::Uuid => format!("UUID({})", quoted(text)),
            _ => quoted(text),
        },
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| value(item, inner, layout)).collect();
            match ty.shape {
                Shape::Tuple => format!("tuple([{}])", items.join(", ")),
                _ => format!("[{}]", items.join(", ")),
            }
        }
        Value::Object(members) => {
            let member = |member: &Member| {
                let shown = value(&member.node, member_type(&member.name), layout);
                format!("{}: {shown}", quoted(&member.name))
            };
            let members: Vec<_> = members.iter().map(member).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_what_they_are_in_python() {
        assert_eq!(quoted("a\"b\\c\nd\u{7f}é😀"), "\"a\\\"b\\\\c\\nd\\x7fé😀\"");
        assert_eq!(comment("a\nb\u{0}c"), "a b c");
    }

    #[test]
    fn names_that_python_or_redisimnest_has_get_an_underscore() {
        assert_eq!(attribute("class"), "class_");
        assert_eq!(attribute("clear"), "clear_");
        assert_eq!(attribute("age"), "age");
    }
}
