//! The whole templates of a layout as a tree of segments.

use alloc::{boxed::Box, vec, vec::Vec};

use crate::{
    index::{Index, hash},
    key::param::{ParamSpec, ParamType},
    order::order,
    steps,
    types::{Constraints, Format, WordList},
};

/// The whole templates of a layout as a tree of segments.
///
/// It gives keys back their entry, and [finds](Self::collisions) the entries that share a key.
///
/// ```
/// use nestkey_core::key::param::{Given, ParamSpec, ParamType};
/// use nestkey_core::layout::trie::{SegmentSpec, Trie};
/// let id = ParamSpec::new("id", ParamType::Int);
/// let trie = Trie::new(&[(5, vec![SegmentSpec::literal("user"), SegmentSpec::param(&id)])]);
/// assert_eq!(trie.parse("user:7"), Some((5, vec![Given::Int(7)])));
/// assert_eq!(trie.parse("user:07"), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Trie {
    pub(super) nodes: Vec<Node>,
    pub(super) shapes: Vec<Shape>,
}

/// A segment of a whole template: literal text, or a parameter with literal text around it.
#[derive(Clone, Copy, Debug)]
pub struct SegmentSpec<'a> {
    /// Literal text before the parameter; all of it where there is none.
    pub before: &'a str,
    /// The parameter.
    pub param: Option<&'a ParamSpec>,
    /// Literal text behind the parameter.
    pub after: &'a str,
}

/// A place in the tree: the segments on the way to it are what its templates begin with.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Children by literal segment, sorted.
    pub(super) literals: Vec<Literal>,
    /// Children by segments with a parameter, sorted by the text before it.
    pub(super) branches: Vec<Branch>,
    /// The entries whose templates end here: one, unless they share every key.
    pub(super) entries: Vec<u32>,
}

#[derive(Clone, Debug)]
pub(super) struct Literal {
    head: u64,
    pub(super) child: u32,
    pub(super) text: Box<str>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Branch {
    pub(super) shape: u32,
    pub(super) child: u32,
    /// The nearest branch further up whose text before the parameter begins this one's.
    ///
    /// All such branches are reached from one to the next.
    pub(super) outer: Option<u32>,
}

/// A segment with a parameter; its name does not matter.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) before: Box<str>,
    pub(super) param: ParamSpec,
    /// Parameters that render to the same texts have the same number, counted from 0.
    pub(super) language: u32,
    pub(super) after: Box<str>,
}

impl Trie {
    pub(super) const ROOT: u32 = 0;

    /// The tree of some entries: each with the segments of its whole template, prefixes included.
    #[must_use]
    pub fn new(entries: &[(u32, Vec<SegmentSpec<'_>>)]) -> Self {
        let mut builder = Builder::default();
        let templates: Vec<Template<'_>> = entries
            .iter()
            .map(|(_, segments)| segments.iter().map(|segment| builder.edge(segment)).collect())
            .collect();
        builder.trie.nodes.push(Node::default());
        let sorted = order(templates.len(), &|a, b| templates.get(a).cmp(&templates.get(b)));
        let edge_at = |index: usize, depth: usize| templates.get(index)?.get(depth).copied();
        // Groups of templates that agree in their first segments, with the node those lead to.
        let mut groups = vec![(Self::ROOT, 0, &sorted[..])];
        while let Some((node, depth, group)) = groups.pop() {
            for alike in group.chunk_by(|&a, &b| edge_at(a, depth) == edge_at(b, depth)) {
                match alike.first().and_then(|&index| edge_at(index, depth)) {
                    Some(edge) => groups.push((builder.grow(node, &edge), depth + 1, alike)),
                    None => {
                        let ending = alike.iter().filter_map(|&index| entries.get(index));
                        builder.end(node, ending.map(|(entry, _)| *entry));
                    }
                }
            }
        }
        builder.trie
    }

    /// The first branch that a segment matches, from one branch outwards.
    pub(super) fn matching(
        &self,
        node: &Node,
        mut from: Option<u32>,
        segment: &str,
    ) -> Option<u32> {
        while let Some(index) = from {
            let branch = node.branches.get(index as usize)?;
            if self.shapes.get(branch.shape as usize)?.admits(segment) {
                return Some(index);
            }
            from = branch.outer;
        }
        None
    }

    /// A branch from which outwards lie all branches whose text before the parameter begins `text`.
    ///
    /// It is the last one sorted up to `text`: whatever begins `text` begins that one's as well.
    pub(super) fn innermost(&self, node: &Node, text: &str) -> Option<u32> {
        let up_to = node.branches.partition_point(|branch| {
            let before = self.shapes.get(branch.shape as usize).map(|shape| &*shape.before);
            before.is_some_and(|before| filled(before) <= filled(text))
        });
        up_to.checked_sub(1).map(|index| index as u32)
    }
}

impl<'a> SegmentSpec<'a> {
    /// A segment without a parameter.
    #[must_use]
    pub const fn literal(text: &'a str) -> Self {
        Self { before: text, param: None, after: "" }
    }

    /// A segment that is a parameter and nothing else.
    #[must_use]
    pub const fn param(param: &'a ParamSpec) -> Self {
        Self { before: "", param: Some(param), after: "" }
    }
}

impl Node {
    pub(super) fn literal(&self, segment: &str) -> Option<u32> {
        let sought = head(segment);
        let order = |literal: &Literal| {
            literal.head.cmp(&sought).then_with(|| match literal.text.len().max(segment.len()) {
                // The heads said it all, and the text may be far away in memory.
                0..=8 => literal.text.len().cmp(&segment.len()),
                _ => (*literal.text).cmp(segment),
            })
        };
        let index = self.literals.binary_search_by(order).ok()?;
        self.literals.get(index).map(|literal| literal.child)
    }
}

impl Node {
    /// Whether one entry ends here and no template goes on.
    pub(super) const fn is_plain_end(&self) -> bool {
        self.literals.is_empty() && self.branches.is_empty() && self.entries.len() < 2
    }
}

impl Shape {
    #[inline]
    pub(super) fn admits(&self, segment: &str) -> bool {
        let after_before = match filled(&self.before) {
            Some(before) => segment.strip_prefix(before),
            None => Some(segment),
        };
        let inside = after_before.and_then(|rest| match filled(&self.after) {
            Some(after) => rest.strip_suffix(after),
            None => Some(rest),
        });
        inside.is_some_and(|param| self.param.admits(param))
    }
}

/// A segment that can be compared: parameters with one language have one number, literals have 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Edge<'a> {
    head: u64,
    before: Option<&'a str>,
    language: u32,
    after: Option<&'a str>,
}

/// A text that is worth comparing.
///
/// An empty text points nowhere: comparing its bytes all the same costs some processors hundreds of
/// cycles, for a fault that they suppress.
fn filled(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The segments of an entry's template.
type Template<'a> = Vec<Edge<'a>>;

/// What the segments of a parameter depend on.
type Language<'a> = (
    (ParamType, bool, bool),
    (Option<i128>, Option<i128>, Option<u32>, Option<&'static str>),
    (&'a WordList, &'a WordList),
);

fn language(param: &ParamSpec) -> Language<'_> {
    let Constraints { min, max, max_length, one_of, none_of, format } = &param.constraints;
    (
        (param.ty, param.allow_empty, param.verbatim),
        (*min, *max, *max_length, format.map(Format::name)),
        (one_of, none_of),
    )
}

/// The first bytes of a text as a number, so that most comparisons need not look at the text.
fn head(text: &str) -> u64 {
    match text.as_bytes().first_chunk() {
        Some(head) => u64::from_be_bytes(*head),
        None => text.bytes().rev().fold(0, |head, byte| head >> 8 | u64::from(byte) << 56),
    }
}

#[derive(Default)]
struct Builder<'a> {
    trie: Trie,
    /// The first parameter of each language.
    params: Vec<&'a ParamSpec>,
    languages: Index,
    /// What the shapes so far were made of.
    edges: Vec<Edge<'a>>,
    shapes: Index,
}

impl<'a> Builder<'a> {
    fn edge(&mut self, segment: &SegmentSpec<'a>) -> Edge<'a> {
        let SegmentSpec { before, param, after } = *segment;
        let language = param.map_or(0, |param| self.language(param));
        Edge { head: head(before), before: filled(before), language, after: filled(after) }
    }

    /// The number of a parameter's language, counted from 1.
    fn language(&mut self, param: &'a ParamSpec) -> u32 {
        let sought = language(param);
        let hash = hash(&sought);
        let is_same =
            |number: usize| self.params.get(number).is_some_and(|param| language(param) == sought);
        let number = self.languages.find(hash, &is_same).unwrap_or_else(|| {
            self.languages.push(hash);
            self.params.push(param);
            self.params.len() - 1
        });
        number as u32 + 1
    }

    /// Adds a child that sorts behind the ones there are.
    fn grow(&mut self, parent: u32, edge: &Edge<'a>) -> u32 {
        let child = self.trie.nodes.len() as u32;
        self.trie.nodes.push(Node::default());
        let shape = self.shape(edge);
        let before = edge.before.unwrap_or_default();
        let outer = shape.and_then(|_| self.outer(parent, before));
        if let Some(parent) = self.trie.nodes.get_mut(parent as usize) {
            match shape {
                Some(shape) => parent.branches.push(Branch { shape, child, outer }),
                None => {
                    let literal = Literal { head: edge.head, child, text: before.into() };
                    parent.literals.push(literal);
                }
            }
        }
        child
    }

    fn end(&mut self, node: u32, entries: impl Iterator<Item = u32>) {
        if let Some(node) = self.trie.nodes.get_mut(node as usize) {
            node.entries.extend(entries);
        }
    }

    /// The shape of a segment, `None` of a literal one.
    fn shape(&mut self, edge: &Edge<'a>) -> Option<u32> {
        let index = (edge.language as usize).checked_sub(1)?;
        let param = *self.params.get(index)?;
        let hash = hash(edge);
        let is_same = |number: usize| self.edges.get(number) == Some(edge);
        let number = self.shapes.find(hash, &is_same).unwrap_or_else(|| {
            self.shapes.push(hash);
            self.edges.push(*edge);
            self.trie.shapes.push(Shape {
                before: edge.before.unwrap_or_default().into(),
                param: param.clone(),
                language: index as u32,
                after: edge.after.unwrap_or_default().into(),
            });
            self.edges.len() - 1
        });
        Some(number as u32)
    }

    /// The last branch so far whose text before the parameter begins `before`.
    fn outer(&self, parent: u32, before: &str) -> Option<u32> {
        let node = self.trie.nodes.get(parent as usize)?;
        let mut index = node.branches.len().checked_sub(1)? as u32;
        loop {
            steps::count(1);
            let branch = node.branches.get(index as usize)?;
            let shape = self.trie.shapes.get(branch.shape as usize)?;
            if before.starts_with(&*shape.before) {
                return Some(index);
            }
            index = branch.outer?;
        }
    }
}
