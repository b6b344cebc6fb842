//! What declarations take, in bytes: what shapes multiply has to end somewhere.

use alloc::vec::Vec;

use super::{
    read::{At, DeclaredConstraints, DeclaredField, DeclaredKey, DeclaredNamespace, DeclaredParam},
    readable::Word,
};
use crate::{
    json::{Node, Value},
    key::param::ParamSpec,
    steps,
};

/// What a word or a name takes besides its bytes.
pub(super) const PART: usize = 32;

impl DeclaredNamespace<'_> {
    /// Without what stands in it.
    pub(super) fn size(&self) -> usize {
        let params: usize = self.params.iter().map(DeclaredParam::size).sum();
        let prefix = self.prefix.map_or(0, |prefix| prefix.is.len());
        let texts = self.doc.len() + self.deprecated.map_or(0, str::len) + prefix;
        PART + texts + params + PART * self.reserved.len()
    }
}

impl DeclaredKey<'_> {
    pub(super) fn size(&self) -> usize {
        let params: usize = self.params.iter().map(DeclaredParam::size).sum();
        let fields = self.fields.iter().flat_map(|(_, fields)| fields);
        let fields: usize = fields.map(DeclaredField::size).sum();
        let template = self.template.map_or(0, |template| template.is.len());
        let texts = self.doc.len() + self.deprecated.map_or(0, str::len) + template;
        let default = self.default.map_or(0, size);
        PART + texts + params + fields + default + self.constraints.size()
    }
}

impl DeclaredParam<'_> {
    fn size(&self) -> usize {
        PART + self.constraints.size()
    }
}

impl DeclaredField<'_> {
    fn size(&self) -> usize {
        PART + self.name.len() + self.constraints.size()
    }
}

impl DeclaredConstraints<'_> {
    /// The words, which are checked wherever they stand.
    fn size(&self) -> usize {
        let words =
            |at: &At<Vec<At<Word<'_>>>>| at.is.iter().map(|word| PART + word.is.text.len()).sum();
        self.one_of.as_ref().map_or(0, words) + self.none_of.as_ref().map_or(0, words)
    }
}

impl ParamSpec {
    /// Without its words, which copies share.
    pub(super) fn size(&self) -> usize {
        PART + self.name.len() + self.doc.len()
    }
}

fn size(node: &Node) -> usize {
    steps::count(1);
    PART + match &node.value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(members) => members.iter().map(|it| it.name.len() + size(&it.node)).sum(),
        Value::Number(text) | Value::String(text) => text.len(),
        Value::Bool(_) | Value::Null => 0,
    }
}
