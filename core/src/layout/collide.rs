//! The proof that no two entries share a key: the tree of templates, walked against itself.

use alloc::{boxed::Box, string::String, vec::Vec};

use super::{
    meet::{Side, meet},
    trie::{Literal, Node, Shape, Trie},
};
use crate::{
    error::{Error, ErrorKind, Result},
    index::{Index, hash},
    key::{automaton::Automaton, param::ParamSpec},
    order::order,
};

/// Two entries that can resolve to the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collision {
    /// The lower number of the two.
    pub first: u32,
    /// The higher number.
    pub second: u32,
    /// A key that both can resolve to.
    pub key: String,
}

impl Trie {
    /// The pairs of entries that can resolve to the same key, at most `limit` of them, by number.
    ///
    /// The answer is exact: when it is empty, no two different paths or parameters have one key.
    /// A parameter that no value satisfies collides with nothing.
    ///
    /// # Errors
    ///
    /// `invalid-layout` when the segments of the templates overlap in so many ways that comparing
    /// them would take seconds; no layout of ordinary shape comes near.
    pub fn collisions(&self, limit: usize) -> Result<Vec<Collision>> {
        let mut walk = Walk::new(self, limit);
        walk.visit(Self::ROOT, Self::ROOT);
        while walk.found.len() < limit {
            if walk.effort > MAX_EFFORT {
                let message = "the templates overlap in too many ways to be compared";
                return Err(Error::new(ErrorKind::InvalidLayout, message));
            }
            let Some(step) = walk.stack.pop() else { break };
            walk.path.truncate(step.depth);
            walk.path.push(step.shared);
            walk.visit(step.a, step.b);
        }
        let pair = |index: usize| walk.found.get(index).map(|found| (found.first, found.second));
        let order = order(walk.found.len(), &|a, b| pair(a).cmp(&pair(b)));
        Ok(order.into_iter().filter_map(|index| walk.found.get(index).cloned()).collect())
    }
}

/// An example of what a parameter renders to, `None` when no value satisfies its constraints.
///
/// ```
/// use nestkey_core::key::param::{ParamSpec, ParamType};
/// let mut spec = ParamSpec::new("day", ParamType::Int);
/// (spec.constraints.min, spec.constraints.max) = (Some(17), Some(18));
/// assert_eq!(nestkey_core::layout::collide::example(&spec).as_deref(), Some("17"));
/// spec.constraints.none_of = ["17", "18"].into();
/// assert_eq!(nestkey_core::layout::collide::example(&spec), None);
/// ```
#[must_use]
pub fn example(param: &ParamSpec) -> Option<String> {
    let shape = Shape { before: "".into(), param: param.clone(), after: "".into() };
    let side = Side { shape: &shape, automaton: &Automaton::of(param) };
    meet(side, side, &mut 0)
}

/// Effort is counted in children passed by, some 20 ns each.
const MAX_EFFORT: u64 = 20_000_000;

struct Walk<'t> {
    trie: &'t Trie,
    limit: usize,
    /// Pairs of nodes that a common beginning of keys leads to. As every node has one parent, no
    /// pair comes up twice.
    stack: Vec<Step<'t>>,
    /// The segments that lead to the pair at hand.
    path: Vec<Shared<'t>>,
    automata: Vec<Option<Automaton>>,
    meetings: Meetings,
    effort: u64,
    found: Vec<Collision>,
}

#[derive(Clone, Copy)]
struct Step<'t> {
    a: u32,
    b: u32,
    depth: usize,
    shared: Shared<'t>,
}

/// A segment that two templates share.
#[derive(Clone, Copy)]
enum Shared<'t> {
    /// This text.
    Text(&'t str),
    /// Any text that both shapes render to; the lower number first.
    Shapes(u32, u32),
}

/// What was found out about pairs of shapes.
#[derive(Default)]
struct Meetings {
    index: Index,
    pairs: Vec<(u32, u32)>,
    texts: Vec<Option<Box<str>>>,
}

impl Meetings {
    fn find(&self, pair: (u32, u32)) -> Option<usize> {
        self.index.find(hash(&pair), &|number| self.pairs.get(number) == Some(&pair))
    }

    fn insert(&mut self, pair: (u32, u32), text: Option<String>) -> usize {
        self.index.push(hash(&pair));
        self.pairs.push(pair);
        self.texts.push(text.map(String::into_boxed_str));
        self.pairs.len() - 1
    }
}

impl<'t> Walk<'t> {
    fn new(trie: &'t Trie, limit: usize) -> Self {
        let automata = trie.shapes.iter().map(|_| None).collect();
        Self {
            trie,
            limit,
            stack: Vec::new(),
            path: Vec::new(),
            automata,
            meetings: Meetings::default(),
            effort: 0,
            found: Vec::new(),
        }
    }

    fn visit(&mut self, a: u32, b: u32) {
        let nodes = &self.trie.nodes;
        let (Some(x), Some(y)) = (nodes.get(a as usize), nodes.get(b as usize)) else { return };
        if a == b {
            for (index, &first) in x.entries.iter().enumerate() {
                self.report(first, x.entries.get(index + 1..).unwrap_or_default());
            }
            self.within(x);
        } else {
            for &first in &x.entries {
                self.report(first, &y.entries);
            }
            self.across(x, y);
        }
    }

    /// Pairs the children of one node with themselves and each other.
    fn within(&mut self, node: &'t Node) {
        for Literal { text, child, .. } in &node.literals {
            self.push(*child, *child, Shared::Text(text));
        }
        for branch in &node.branches {
            self.push(branch.child, branch.child, Shared::Shapes(branch.shape, branch.shape));
            self.meet_outwards(node, branch.outer, branch.shape, branch.child, true);
        }
        self.literals_against(node, node);
    }

    /// Pairs the children of two nodes with each other.
    fn across(&mut self, x: &'t Node, y: &'t Node) {
        self.literals_in_both(x, y);
        self.literals_against(x, y);
        self.literals_against(y, x);
        self.branches_against(x, y, true);
        self.branches_against(y, x, false);
    }

    fn literals_in_both(&mut self, x: &'t Node, y: &'t Node) {
        let (few, many) = if x.literals.len() < y.literals.len() { (x, y) } else { (y, x) };
        if few.literals.len() * 8 < many.literals.len() {
            for Literal { text, child, .. } in &few.literals {
                self.effort += 1;
                if let Some(other) = many.literal(text) {
                    self.push(*child, other, Shared::Text(text));
                }
            }
            return;
        }
        self.effort += few.literals.len() as u64;
        let mut others = many.literals.iter().peekable();
        for Literal { text, child, .. } in &few.literals {
            while others.next_if(|other| other.text < *text).is_some() {}
            if let Some(other) = others.next_if(|other| other.text == *text) {
                self.push(*child, other.child, Shared::Text(text));
            }
        }
    }

    /// Pairs the literals of one node with the branches of another.
    fn literals_against(&mut self, x: &'t Node, y: &'t Node) {
        if y.branches.is_empty() {
            return;
        }
        for Literal { text, child, .. } in &x.literals {
            let mut from = self.trie.innermost(y, text);
            while let Some(index) = from.filter(|_| self.effort <= MAX_EFFORT) {
                self.effort += 1;
                let Some(branch) = y.branches.get(index as usize) else { break };
                let shape = self.trie.shapes.get(branch.shape as usize);
                if shape.is_some_and(|shape| shape.admits(text)) {
                    self.push(*child, branch.child, Shared::Text(text));
                }
                from = branch.outer;
            }
        }
    }

    /// Pairs the branches of one node with those of another that begin no later: where the text
    /// before the parameter is the same, only one direction may take the pair.
    fn branches_against(&mut self, x: &'t Node, y: &'t Node, also_equal: bool) {
        if y.branches.is_empty() {
            return;
        }
        for branch in &x.branches {
            let Some(shape) = self.trie.shapes.get(branch.shape as usize) else { return };
            let from = self.trie.innermost(y, &shape.before);
            self.meet_outwards(y, from, branch.shape, branch.child, also_equal);
        }
    }

    /// Pairs one branch with those of a node from one of them outwards.
    fn meet_outwards(
        &mut self,
        node: &'t Node,
        mut from: Option<u32>,
        shape: u32,
        child: u32,
        also_equal: bool,
    ) {
        while let Some(index) = from.filter(|_| self.effort <= MAX_EFFORT) {
            let Some(other) = node.branches.get(index as usize) else { return };
            from = other.outer;
            self.effort += 1;
            if !also_equal && self.begin_alike(shape, other.shape) {
                continue;
            }
            if self.may_meet(shape, other.shape) && self.meeting(shape, other.shape).is_some() {
                let (low, high) = (shape.min(other.shape), shape.max(other.shape));
                self.push(child, other.child, Shared::Shapes(low, high));
            }
        }
    }

    fn begin_alike(&self, a: u32, b: u32) -> bool {
        let before = |shape: u32| self.trie.shapes.get(shape as usize).map(|shape| &shape.before);
        before(a) == before(b)
    }

    /// What can be said without looking any closer: the texts behind the parameters fit.
    fn may_meet(&self, a: u32, b: u32) -> bool {
        let after =
            |shape: u32| self.trie.shapes.get(shape as usize).map_or("", |shape| &*shape.after);
        let (a, b) = (after(a), after(b));
        if a.len() < b.len() { b.ends_with(a) } else { a.ends_with(b) }
    }

    /// A text that two shapes both render to.
    fn meeting(&mut self, a: u32, b: u32) -> Option<&str> {
        let pair = (a.min(b), a.max(b));
        let number = self.meetings.find(pair).unwrap_or_else(|| {
            self.prepare(a);
            self.prepare(b);
            let text = match (self.side(a), self.side(b)) {
                (Some(x), Some(y)) => {
                    let mut effort = 0;
                    let text = meet(x, y, &mut effort);
                    self.effort += effort;
                    text
                }
                _ => None,
            };
            self.meetings.insert(pair, text)
        });
        self.meetings.texts.get(number)?.as_deref()
    }

    fn prepare(&mut self, shape: u32) {
        if let (Some(empty @ None), Some(shape)) =
            (self.automata.get_mut(shape as usize), self.trie.shapes.get(shape as usize))
        {
            *empty = Some(Automaton::of(&shape.param));
        }
    }

    fn side(&self, shape: u32) -> Option<Side<'_>> {
        let automaton = self.automata.get(shape as usize)?.as_ref()?;
        Some(Side { shape: self.trie.shapes.get(shape as usize)?, automaton })
    }

    fn push(&mut self, a: u32, b: u32, shared: Shared<'t>) {
        self.effort += 1;
        if a == b {
            // Where one entry ends and nothing goes on, nothing can collide.
            let node = self.trie.nodes.get(a as usize);
            if node.is_none_or(Node::is_plain_end) {
                return;
            }
        }
        self.stack.push(Step { a, b, depth: self.path.len(), shared });
    }

    /// Reports one entry beside each of some others, as far as there is room.
    fn report(&mut self, a: u32, others: &[u32]) {
        for &b in others.iter().take(self.limit.saturating_sub(self.found.len())) {
            if let Some(key) = self.example() {
                self.found.push(Collision { first: a.min(b), second: a.max(b), key });
            }
        }
    }

    /// A key with the path at hand.
    fn example(&mut self) -> Option<String> {
        let mut key = String::new();
        for (index, shared) in self.path.clone().into_iter().enumerate() {
            key.push_str(if index == 0 { "" } else { ":" });
            match shared {
                Shared::Text(text) => key.push_str(text),
                Shared::Shapes(a, b) => key.push_str(self.meeting(a, b)?),
            }
        }
        Some(key)
    }
}
