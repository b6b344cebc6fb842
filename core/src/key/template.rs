//! Templates: the text of a key with its parameters as holes.

use alloc::{format, string::String, vec::Vec};

use crate::{quote::quoted, steps};

/// A parsed template: segments that are joined by `:`.
///
/// `{id}` and `{id:int}` are parameters, `{#id}` one that is also the hash tag, `{{` and `}}`
/// literal braces. A segment holds at most one parameter, with literal text before or after it.
///
/// ```
/// use nestkey_core::key::template::{Segment, Template};
/// let template = Template::parse("user:{user_id:int}").unwrap();
/// assert_eq!(template.segments.len(), 2);
/// assert_eq!(template.segments[0], Segment::literal("user"));
/// assert!(Template::parse("user:{").is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Template {
    /// The text as declared.
    pub text: String,
    /// The parts between the colons; none for the empty template.
    pub segments: Vec<Segment>,
}

/// A part of a template between two colons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Segment {
    /// Literal text, braces unescaped; all of it where there is no parameter. The opening brace of
    /// a hash tag belongs to it.
    pub before: String,
    /// The parameter.
    pub hole: Option<Hole>,
    /// Literal text behind the parameter, the closing brace of a hash tag included.
    pub after: String,
}

/// A parameter where it stands in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hole {
    /// The parameter's name.
    pub name: String,
    /// The type given inline (`{id:int}`).
    pub inline: Option<String>,
    /// Whether it is the hash tag.
    pub tag: bool,
}

/// The longest template, in bytes.
pub const MAX_TEMPLATE: usize = 4_096;
/// The longest literal between two colons, in bytes.
pub const MAX_LITERAL: usize = 512;

impl Segment {
    /// A segment without a parameter.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self { before: text.into(), ..Self::default() }
    }
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_TEMPLATE {
            return Err(format!("a template of {} bytes: {MAX_TEMPLATE} at most", text.len()));
        }
        let mut template = Self { text: text.into(), segments: Vec::new() };
        if text.is_empty() {
            return Ok(template);
        }
        let mut parser = Parser { rest: text, template: text };
        loop {
            let segment = parser.segment()?;
            template.segments.push(segment);
            match parser.rest.strip_prefix(':') {
                Some(rest) => parser.rest = rest,
                None => return Ok(template),
            }
        }
    }

    /// The parameters in order.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.segments.iter().filter_map(|segment| segment.hole.as_ref())
    }

    /// Whether literal braces stand in it, which a hash tag does not tolerate.
    #[must_use]
    pub fn has_literal_braces(&self) -> bool {
        self.text.as_bytes().windows(2).any(|pair| matches!(pair, b"{{" | b"}}"))
    }
}

struct Parser<'a> {
    rest: &'a str,
    template: &'a str,
}

impl Parser<'_> {
    /// Reads up to the next colon outside of a parameter, or to the end.
    fn segment(&mut self) -> Result<Segment, String> {
        let mut segment = Segment::default();
        loop {
            steps::count(1);
            let mut rest = self.rest.chars();
            let Some(first) = rest.next() else { break };
            let literal =
                if segment.hole.is_some() { &mut segment.after } else { &mut segment.before };
            match first {
                ':' => break,
                '{' | '}' if rest.as_str().starts_with(first) => {
                    literal.push(first);
                    rest.next();
                    self.rest = rest.as_str();
                }
                '{' => {
                    let hole = self.hole()?;
                    if segment.hole.is_some() {
                        return Err(self.wrong("two parameters in one segment"));
                    }
                    if hole.tag {
                        segment.before.push('{');
                        segment.after.push('}');
                    }
                    segment.hole = Some(hole);
                }
                '}' => {
                    return Err(self.wrong("a `}` without its `{`: write `}}` for the character"));
                }
                '!'..='~' => {
                    literal.push(first);
                    self.rest = rest.as_str();
                }
                other => {
                    return Err(self.wrong(&format!(
                        "the character {}: literals are printable ASCII without spaces",
                        quoted(other.encode_utf8(&mut [0; 4]))
                    )));
                }
            }
        }
        if segment.hole.is_none() && segment.before.is_empty() {
            return Err(self.wrong("an empty segment"));
        }
        if segment.before.len().max(segment.after.len()) > MAX_LITERAL {
            return Err(self.wrong(&format!("a literal of more than {MAX_LITERAL} bytes")));
        }
        Ok(segment)
    }

    /// Reads `{name}`, `{name:type}` or `{#name…}`.
    fn hole(&mut self) -> Result<Hole, String> {
        let hole = self.rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let Some((inside, behind)) = hole else {
            return Err(self.wrong("a `{` without its `}`: write `{{` for the character"));
        };
        steps::count(inside.len());
        let (inside, tag) = match inside.strip_prefix('#') {
            Some(rest) => (rest, true),
            None => (inside, false),
        };
        let (name, inline) = match inside.split_once(':') {
            Some((name, inline)) => (name, Some(inline.into())),
            None => (inside, None),
        };
        if name.is_empty() {
            return Err(self.wrong("a parameter without a name"));
        }
        self.rest = behind;
        Ok(Hole { name: name.into(), inline, tag })
    }

    fn wrong(&self, what: &str) -> String {
        format!("template `{}` has {what}", self.template)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_may_stand_between_literals() {
        let template = Template::parse("v{n:int}.json:{{x}}").unwrap();
        let [first, second] = &template.segments[..] else { panic!("two segments") };
        assert_eq!((&first.before[..], &first.after[..]), ("v", ".json"));
        assert_eq!(first.hole.as_ref().unwrap().inline.as_deref(), Some("int"));
        assert_eq!(second, &Segment::literal("{x}"));
    }

    #[test]
    fn a_hash_tag_carries_its_braces() {
        let template = Template::parse("t{#id}x").unwrap();
        let segment = &template.segments[0];
        assert_eq!((&segment.before[..], &segment.after[..]), ("t{", "}x"));
        assert!(segment.hole.as_ref().unwrap().tag);
    }

    #[test]
    fn bad_templates_are_refused() {
        let long = "a".repeat(513);
        for bad in
            ["user:{", "user:}", "a::b", ":a", "a:", "{a}{b}", "{}", "{#}", "a b", "é", "\n", &long]
        {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_literal_has_up_to_512_bytes() {
        let longest = "a".repeat(512);
        for good in [longest.clone(), format!("{longest}{{id}}{longest}:{longest}")] {
            assert!(Template::parse(&good).is_ok(), "{good}");
        }
    }
}
