//! Templates and parameters as tests write them.

use nestkey_core::{
    error::Result,
    key::{
        Key,
        param::{Param, ParamSpec, ParamType},
        template::{Segment, Template},
    },
    layout::trie::{SegmentSpec, Trie},
    types::{Format, WordList},
};
use serde_json::Value;

/// Some whole templates with their parameters; the index of a template is its entry.
pub(crate) struct Layout {
    pub(crate) entries: Vec<Entry>,
}

pub(crate) struct Entry {
    pub(crate) template: Template,
    pub(crate) params: Vec<ParamSpec>,
}

impl Layout {
    /// A layout from its templates and the attributes of its parameters by name.
    pub(crate) fn new(templates: &[&str], attributes: &Value) -> Self {
        let entry = |text: &&str| {
            let template = Template::parse(text).unwrap();
            let params = template.holes().map(|hole| {
                let ty = hole.inline.as_deref().unwrap_or("string");
                let ty = ParamType::parse(ty).unwrap_or_else(|| panic!("type {ty}"));
                param(&hole.name, ty, &attributes[&hole.name])
            });
            Entry { params: params.collect(), template }
        };
        Self { entries: templates.iter().map(entry).collect() }
    }

    pub(crate) fn trie(&self) -> Trie {
        let entries = (0..).zip(self.entries.iter().map(Entry::segments));
        Trie::new(&entries.collect::<Vec<_>>())
    }
}

impl Entry {
    pub(crate) fn segments(&self) -> Vec<SegmentSpec<'_>> {
        let mut params = self.params.iter();
        let mut segments = Vec::new();
        for Segment { before, hole, after, .. } in &self.template.segments {
            let param = hole.as_ref().and_then(|_| params.next());
            segments.push(SegmentSpec { before, param, after });
        }
        segments
    }

    pub(crate) fn render(&self, given: &[Param<'_>]) -> Result<Key> {
        let mut key = Key::new();
        let mut given = given.iter();
        for (index, segment) in self.segments().iter().enumerate() {
            key.push_str(if index == 0 { "" } else { ":" });
            key.push_str(segment.before);
            if let Some(param) = segment.param {
                param.render(*given.next().unwrap(), &mut key)?;
            }
            key.push_str(segment.after);
        }
        Ok(key)
    }
}

/// A parameter from its attributes in a layout file.
pub(crate) fn param(name: &str, ty: ParamType, attributes: &Value) -> ParamSpec {
    let mut spec = ParamSpec::new(name, ty);
    let texts = |value: &Value| -> WordList {
        value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
    };
    for (attribute, value) in attributes.as_object().into_iter().flatten() {
        match attribute.as_str() {
            "min" => spec.constraints.min = Some(int(value).unwrap()),
            "max" => spec.constraints.max = Some(int(value).unwrap()),
            "max_length" => spec.constraints.max_length = Some(value.as_u64().unwrap() as u32),
            "one_of" => spec.constraints.one_of = texts(value),
            "none_of" => spec.constraints.none_of = texts(value),
            "format" => {
                spec.constraints.format = Some(Format::parse(value.as_str().unwrap()).unwrap());
            }
            "allow_empty" => spec.allow_empty = value.as_bool().unwrap(),
            "encoding" => spec.verbatim = value == "verbatim",
            other => panic!("attribute {other}"),
        }
    }
    spec
}

/// An integer of a vector.
pub(crate) fn int(value: &Value) -> Option<i128> {
    value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
}

/// A file of `tests/vectors`.
pub(crate) fn vectors(name: &str) -> Value {
    let path = format!("{}/../tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
}

/// Bytes written as hex.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
