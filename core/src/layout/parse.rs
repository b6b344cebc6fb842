//! Parsing keys back: which entry a key belongs to, and with which parameters.

use alloc::{boxed::Box, collections::BTreeMap, string::String, vec, vec::Vec};

use crate::{
    key::param::{Given, ParamSpec, ParamType},
    types::{Constraints, Format},
};

/// The whole templates of a layout as a tree of segments.
///
/// It gives keys back their entry, and [finds](Self::collisions) the entries that share a key.
///
/// ```
/// use nestkey_core::key::param::{Given, ParamSpec, ParamType};
/// use nestkey_core::layout::parse::{SegmentSpec, Trie};
/// let id = ParamSpec::new("id", ParamType::Int);
/// let trie = Trie::new(&[(5, vec![SegmentSpec::literal("user"), SegmentSpec::param(&id)])]);
/// assert_eq!(trie.parse("user:7"), Some((5, vec![Given::Int(7)])));
/// assert_eq!(trie.parse("user:07"), None);
/// ```
#[derive(Clone, Debug)]
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

/// Room for what [`Trie::find`] finds, to be used again and again.
#[derive(Clone, Debug, Default)]
pub struct Captures {
    spans: Vec<Span>,
    pending: Vec<Choice>,
}

/// A place in the tree: the segments on the way to it are what its templates begin with.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Children by literal segment, sorted.
    pub(super) literals: Vec<(Box<str>, u32)>,
    /// Children by segments with a parameter, sorted by the text before it.
    pub(super) branches: Vec<Branch>,
    /// The entries whose templates end here: one, unless they share every key.
    pub(super) entries: Vec<u32>,
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
    pub(super) after: Box<str>,
}

/// Where a parameter stands in a key.
#[derive(Clone, Copy, Debug)]
struct Span {
    shape: u32,
    start: usize,
    end: usize,
}

/// A branch as a way to read a segment, with the number of parameters captured before.
#[derive(Clone, Copy, Debug)]
struct Choice {
    node: u32,
    start: usize,
    end: usize,
    branch: u32,
    captured: usize,
}

/// Where reading a key has arrived; `start` is `None` behind its last segment.
#[derive(Clone, Copy, Debug)]
struct Spot {
    node: u32,
    start: Option<usize>,
}

impl Trie {
    pub(super) const ROOT: u32 = 0;

    /// The tree of some entries: each with the segments of its whole template, prefixes included.
    #[must_use]
    pub fn new(entries: &[(u32, Vec<SegmentSpec<'_>>)]) -> Self {
        // Sorted, templates that begin alike are neighbours and children come in their order.
        let mut languages = Languages::default();
        let mut templates: Vec<(Vec<Edge<'_>>, u32)> = entries
            .iter()
            .map(|(entry, segments)| {
                (segments.iter().map(|segment| languages.edge(segment)).collect(), *entry)
            })
            .collect();
        templates.sort();

        let mut builder = Builder::new(languages);
        let mut path = vec![Self::ROOT];
        let mut previous: &[Edge<'_>] = &[];
        for (edges, entry) in &templates {
            let shared = edges.iter().zip(previous).take_while(|(a, b)| a == b).count();
            path.truncate(shared + 1);
            let mut node = path.last().copied().unwrap_or(Self::ROOT);
            for edge in edges.iter().skip(shared) {
                node = builder.grow(node, edge);
                path.push(node);
            }
            builder.end(node, *entry);
            previous = edges;
        }
        builder.trie
    }

    /// The entry that a key belongs to, with its parameters in the order of the template.
    #[must_use]
    pub fn parse(&self, key: &str) -> Option<(u32, Vec<Given>)> {
        let mut captures = Captures::default();
        let entry = self.find(key, &mut captures)?;
        let given = |span: &Span| {
            let shape = self.shapes.get(span.shape as usize)?;
            shape.param.decode(key.get(span.start..span.end)?)
        };
        Some((entry, captures.spans.iter().map(given).collect::<Option<_>>()?))
    }

    /// The entry that a key belongs to; `captures` then tells where its parameters stand.
    ///
    /// Allocates nothing once `captures` has been used.
    pub fn find(&self, key: &str, captures: &mut Captures) -> Option<u32> {
        captures.spans.clear();
        captures.pending.clear();
        let mut spot = Spot { node: Self::ROOT, start: Some(0) };
        loop {
            let next = match spot.start {
                Some(start) => self.advance(key, spot.node, start, captures),
                None => match self.nodes.get(spot.node as usize)?.entries.first() {
                    Some(&entry) => return Some(entry),
                    None => None,
                },
            };
            spot = match next {
                Some(next) => next,
                None => {
                    let choice = captures.pending.pop()?;
                    captures.spans.truncate(choice.captured);
                    self.take(key, choice, captures)?
                }
            };
        }
    }

    /// Reads one segment, literally if it can be.
    fn advance(&self, key: &str, at: u32, start: usize, captures: &mut Captures) -> Option<Spot> {
        let rest = key.get(start..)?;
        let length = rest.bytes().position(|byte| byte == b':').unwrap_or(rest.len());
        let segment = rest.get(..length)?;
        let node = self.nodes.get(at as usize)?;
        let end = start + length;
        let choice = self
            .matching(node, self.innermost(node, segment), segment)
            .map(|branch| Choice { node: at, start, end, branch, captured: captures.spans.len() });
        match node.literal(segment) {
            Some(child) => {
                captures.pending.extend(choice);
                Some(Spot { node: child, start: start_behind(key, end) })
            }
            None => self.take(key, choice?, captures),
        }
    }

    /// Reads a segment as a branch and remembers the next branch that matches as well.
    fn take(&self, key: &str, choice: Choice, captures: &mut Captures) -> Option<Spot> {
        let node = self.nodes.get(choice.node as usize)?;
        let branch = node.branches.get(choice.branch as usize)?;
        let segment = key.get(choice.start..choice.end)?;
        if let Some(other) = self.matching(node, branch.outer, segment) {
            captures.pending.push(Choice { branch: other, ..choice });
        }
        let shape = self.shapes.get(branch.shape as usize)?;
        captures.spans.push(Span {
            shape: branch.shape,
            start: choice.start + shape.before.len(),
            end: choice.end - shape.after.len(),
        });
        Some(Spot { node: branch.child, start: start_behind(key, choice.end) })
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
            self.shapes.get(branch.shape as usize).is_some_and(|shape| *shape.before <= *text)
        });
        up_to.checked_sub(1).map(|index| index as u32)
    }
}

impl Captures {
    /// The texts of the parameters in the key that was found, in the order of the template.
    pub fn segments<'k>(&self, key: &'k str) -> impl Iterator<Item = &'k str> {
        self.spans.iter().filter_map(move |span| key.get(span.start..span.end))
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
        let index = self.literals.binary_search_by(|(text, _)| (**text).cmp(segment)).ok()?;
        self.literals.get(index).map(|(_, child)| *child)
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
        segment
            .strip_prefix(&*self.before)
            .and_then(|rest| rest.strip_suffix(&*self.after))
            .is_some_and(|param| self.param.admits(param))
    }
}

/// Where the segment behind a separator starts, if there is a separator.
fn start_behind(key: &str, end: usize) -> Option<usize> {
    (end < key.len()).then_some(end + 1)
}

/// A segment that can be compared: parameters with one language have one number, literals have 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge<'a> {
    before: &'a str,
    language: u32,
    after: &'a str,
}

/// Numbers for the languages of parameters, from 1 on.
#[derive(Default)]
struct Languages<'a> {
    numbers: BTreeMap<Language<'a>, u32>,
    params: Vec<&'a ParamSpec>,
}

/// What the segments of a parameter depend on.
type Language<'a> = (
    (ParamType, bool, bool),
    (Option<i128>, Option<i128>, Option<u32>, Option<&'static str>),
    (&'a [String], &'a [String]),
);

impl<'a> Languages<'a> {
    fn edge(&mut self, segment: &SegmentSpec<'a>) -> Edge<'a> {
        let language = segment.param.map_or(0, |param| {
            *self.numbers.entry(language(param)).or_insert_with(|| {
                self.params.push(param);
                self.params.len() as u32
            })
        });
        Edge { before: segment.before, language, after: segment.after }
    }
}

fn language(param: &ParamSpec) -> Language<'_> {
    let Constraints { min, max, max_length, one_of, none_of, format } = &param.constraints;
    (
        (param.ty, param.allow_empty, param.verbatim),
        (*min, *max, *max_length, format.map(Format::name)),
        (one_of, none_of),
    )
}

struct Builder<'a> {
    trie: Trie,
    languages: Languages<'a>,
    shapes: BTreeMap<Edge<'a>, u32>,
}

impl<'a> Builder<'a> {
    fn new(languages: Languages<'a>) -> Self {
        let trie = Trie { nodes: vec![Node::default()], shapes: Vec::new() };
        Self { trie, languages, shapes: BTreeMap::new() }
    }

    /// Adds a child that sorts behind the ones there are.
    fn grow(&mut self, parent: u32, edge: &Edge<'a>) -> u32 {
        let child = self.trie.nodes.len() as u32;
        self.trie.nodes.push(Node::default());
        let branch = self.shape(edge).map(|shape| Branch {
            shape,
            child,
            outer: self.outer(parent, edge.before),
        });
        if let Some(parent) = self.trie.nodes.get_mut(parent as usize) {
            match branch {
                Some(branch) => parent.branches.push(branch),
                None => parent.literals.push((edge.before.into(), child)),
            }
        }
        child
    }

    fn end(&mut self, node: u32, entry: u32) {
        if let Some(node) = self.trie.nodes.get_mut(node as usize) {
            node.entries.push(entry);
        }
    }

    /// The shape of a segment, `None` of a literal one.
    fn shape(&mut self, edge: &Edge<'a>) -> Option<u32> {
        let index = (edge.language as usize).checked_sub(1)?;
        let param = *self.languages.params.get(index)?;
        let shapes = &mut self.trie.shapes;
        Some(*self.shapes.entry(*edge).or_insert_with(|| {
            shapes.push(Shape {
                before: edge.before.into(),
                param: param.clone(),
                after: edge.after.into(),
            });
            shapes.len() as u32 - 1
        }))
    }

    /// The last branch so far whose text before the parameter begins `before`.
    fn outer(&self, parent: u32, before: &str) -> Option<u32> {
        let node = self.trie.nodes.get(parent as usize)?;
        let mut index = node.branches.len().checked_sub(1)? as u32;
        loop {
            let branch = node.branches.get(index as usize)?;
            let shape = self.trie.shapes.get(branch.shape as usize)?;
            if before.starts_with(&*shape.before) {
                return Some(index);
            }
            index = branch.outer?;
        }
    }
}
