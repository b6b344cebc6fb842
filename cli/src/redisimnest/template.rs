//! redisimnest's templates, which are Python's format strings.

use nestkey::core::key::template;

use super::name::snake;

/// A format string in parts.
#[derive(Debug, PartialEq)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, PartialEq)]
enum Part {
    /// A parameter, by a name that a layout can have.
    Hole(String),
    /// Text as it stands there, doubled braces included.
    Text(String),
}

impl Template {
    /// Reads a format string, or says what a layout has no words for.
    pub(super) fn read(mut text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        while let Some(at) = text.find(['{', '}']) {
            literal.push_str(&text[..at]);
            let rest = &text[at..];
            if rest.starts_with("{{") || rest.starts_with("}}") {
                literal.push_str(&rest[..2]);
                text = &rest[2..];
                continue;
            }
            let end = rest.find('}').filter(|_| rest.starts_with('{'));
            let Some(end) = end else { return Err("a brace without its other".to_owned()) };
            let name = &rest[1..end];
            if name.is_empty() || name.contains(|c: char| !c.is_alphanumeric() && c != '_') {
                return Err(format!("the placeholder `{{{name}}}`, which is more than a name"));
            }
            parts.push(Part::Text(std::mem::take(&mut literal)));
            parts.push(Part::Hole(snake(name)));
            text = &rest[end + 1..];
        }
        literal.push_str(text);
        parts.push(Part::Text(literal));
        Ok(Self { parts })
    }

    pub(super) fn holes(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(name) => Some(&name[..]),
            Part::Text(_) => None,
        })
    }

    /// Names its holes anew, in their order.
    pub(super) fn rename(&mut self, mut name: impl FnMut(&str) -> String) {
        for part in &mut self.parts {
            if let Part::Hole(hole) = part {
                *hole = name(hole);
            }
        }
    }

    /// The template as a layout spells it, if it can.
    pub(super) fn spelled(&self) -> Result<String, String> {
        let text: String = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Hole(name) => format!("{{{name}}}"),
                Part::Text(text) => text.clone(),
            })
            .collect();
        template::Template::parse(&text).map(|_| text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_parameters_of_names_that_a_layout_can_have() {
        let template = Template::read("{{t}}:user:{userId}x:{b}").unwrap();
        assert_eq!(template.holes().collect::<Vec<_>>(), ["user_id", "b"]);
        assert_eq!(template.spelled().unwrap(), "{{t}}:user:{user_id}x:{b}");
    }

    #[test]
    fn what_formats_or_reaches_into_values_is_refused() {
        for text in ["{n:05d}", "{n!r}", "{a.b}", "{a[0]}", "{}", "a}", "{a"] {
            assert!(Template::read(text).is_err(), "{text}");
        }
        for text in ["{a}{b}", "a b", "a::b"] {
            assert!(Template::read(text).unwrap().spelled().is_err(), "{text}");
        }
    }
}
