//! The proof that no two entries share a key: the tree of templates, walked against itself.

use alloc::{boxed::Box, rc::Rc, string::String, vec::Vec};
use core::mem;

use super::{
    language::Language,
    meet::{Exhausted, Side, meet},
    sieve::{Alike, Outline, Sieve},
    trie::{Branch, Literal, Node, Shape, Trie},
};
use crate::{
    index::{Index, hash},
    key::param::ParamSpec,
    order::order,
    steps,
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

/// Two entries of which the proof could not tell in time whether they share a key: others overlap
/// with them in too many ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undecided {
    /// The lower number of the two.
    pub first: u32,
    /// The higher number.
    pub second: u32,
}

impl Trie {
    /// The pairs of entries that can resolve to the same key, at most `limit` of them, by number.
    ///
    /// The answer is exact: when it is empty, no two different paths or parameters have one key.
    /// A parameter that no value satisfies collides with nothing.
    ///
    /// # Errors
    ///
    /// The segments of the templates overlap in so many ways that comparing them would take
    /// seconds. Those do not count that plainly differ: by the texts before or behind their
    /// parameters, or by what lies between their least and their greatest segments.
    pub fn collisions(&self, limit: usize) -> Result<Vec<Collision>, Undecided> {
        let languages = Language::all(self);
        let mut walk = Walk::new(self, &languages, limit);
        walk.visit(Self::ROOT, Self::ROOT)?;
        while walk.found.len() < limit {
            let Some(step) = walk.stack.pop() else { break };
            walk.path.truncate(step.depth);
            walk.path.push(step.shared);
            walk.visit(step.a, step.b)?;
        }
        steps::count(walk.effort as usize);
        let pair = |index: usize| walk.found.get(index).map(|found| (found.first, found.second));
        let order = order(walk.found.len(), &|a, b| pair(a).cmp(&pair(b)));
        Ok(order.into_iter().filter_map(|index| walk.found.get(index).cloned()).collect())
    }

    /// An entry whose template leads through a node.
    fn entry_below(&self, mut node: u32) -> u32 {
        while let Some(found) = self.nodes.get(node as usize) {
            if let Some(&entry) = found.entries.first() {
                return entry;
            }
            let literal = found.literals.first().map(|literal| literal.child);
            match literal.or_else(|| found.branches.first().map(|branch| branch.child)) {
                Some(child) => node = child,
                None => break,
            }
        }
        0
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
    let shape = Shape { before: "".into(), param: param.clone(), language: 0, after: "".into() };
    let side = Side { shape: &shape, language: &Language::of(param) };
    meet(side, side, &mut 0, u64::MAX).ok().flatten()
}

/// Effort is counted in branches passed by, some 20 ns each.
const MAX_EFFORT: u64 = 20_000_000;

struct Walk<'t> {
    trie: &'t Trie,
    languages: &'t [Language],
    limit: usize,
    /// Pairs of nodes that a common beginning of keys leads to. As every node has one parent, no
    /// pair comes up twice.
    stack: Vec<Step<'t>>,
    /// The segments that lead to the pair at hand.
    path: Vec<Shared<'t>>,
    /// Those of the nodes that were compared with something.
    sieves: Vec<Option<Rc<Sieve<'t>>>>,
    /// The branches that a sieve let pass.
    near: Vec<u32>,
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
    fn new(trie: &'t Trie, languages: &'t [Language], limit: usize) -> Self {
        Self {
            trie,
            languages,
            limit,
            stack: Vec::new(),
            path: Vec::new(),
            sieves: trie.nodes.iter().map(|_| None).collect(),
            near: Vec::new(),
            meetings: Meetings::default(),
            effort: 0,
            found: Vec::new(),
        }
    }

    fn visit(&mut self, a: u32, b: u32) -> Result<(), Undecided> {
        let nodes = &self.trie.nodes;
        let (Some(x), Some(y)) = (nodes.get(a as usize), nodes.get(b as usize)) else {
            return Ok(());
        };
        if a == b {
            for (index, &first) in x.entries.iter().enumerate() {
                self.report(first, x.entries.get(index + 1..).unwrap_or_default())?;
            }
            self.within(a, x)
        } else {
            for &first in &x.entries {
                self.report(first, &y.entries)?;
            }
            self.across((a, x), (b, y))
        }
    }

    /// Pairs the children of one node with themselves and each other.
    fn within(&mut self, number: u32, node: &'t Node) -> Result<(), Undecided> {
        for Literal { text, child, .. } in &node.literals {
            self.push(*child, *child, Shared::Text(text))?;
        }
        for branch in &node.branches {
            self.push(branch.child, branch.child, Shared::Shapes(branch.shape, branch.shape))?;
        }
        if node.branches.len() > 1 {
            for (index, branch) in (0..).zip(&node.branches) {
                self.branch_against(branch, (number, node), Alike::Before(index))?;
            }
        }
        self.literals_against(node, (number, node))
    }

    /// Pairs the children of two nodes with each other.
    fn across(&mut self, x: (u32, &'t Node), y: (u32, &'t Node)) -> Result<(), Undecided> {
        self.literals_in_both(x.1, y.1)?;
        self.literals_against(x.1, y)?;
        self.literals_against(y.1, x)?;
        // Where the text before the parameter is the same, only one direction may take a pair.
        for (one, other, alike) in [(x, y, Alike::All), (y, x, Alike::None)] {
            if !other.1.branches.is_empty() {
                for branch in &one.1.branches {
                    self.branch_against(branch, other, alike)?;
                }
            }
        }
        Ok(())
    }

    fn literals_in_both(&mut self, x: &'t Node, y: &'t Node) -> Result<(), Undecided> {
        let (few, many) = if x.literals.len() < y.literals.len() { (x, y) } else { (y, x) };
        if few.literals.len() * 8 < many.literals.len() {
            for Literal { text, child, .. } in &few.literals {
                self.effort += 1;
                if let Some(other) = many.literal(text) {
                    self.push(*child, other, Shared::Text(text))?;
                }
            }
            return Ok(());
        }
        self.effort += few.literals.len() as u64;
        let mut others = many.literals.iter().peekable();
        for Literal { text, child, .. } in &few.literals {
            while others.next_if(|other| other.text < *text).is_some() {}
            if let Some(other) = others.next_if(|other| other.text == *text) {
                self.push(*child, other.child, Shared::Text(text))?;
            }
        }
        Ok(())
    }

    /// Pairs the literals of one node with the branches of another.
    fn literals_against(&mut self, x: &'t Node, y: (u32, &'t Node)) -> Result<(), Undecided> {
        if y.1.branches.is_empty() || x.literals.is_empty() {
            return Ok(());
        }
        let sieve = self.sieve(y);
        for Literal { text, child, .. } in &x.literals {
            let mut near = mem::take(&mut self.near);
            let outline = Outline::literal(text);
            sieve.near(&outline, Alike::All, &mut near, &mut self.effort);
            sort_once(&mut near);
            for branch in near.drain(..).filter_map(|index| y.1.branches.get(index as usize)) {
                self.spend(1, *child, branch.child)?;
                let shape = self.trie.shapes.get(branch.shape as usize);
                if shape.is_some_and(|shape| shape.admits(text)) {
                    self.push(*child, branch.child, Shared::Text(text))?;
                }
            }
            self.near = near;
        }
        Ok(())
    }

    /// Pairs a branch with those of a node that begin no later.
    fn branch_against(
        &mut self,
        branch: &Branch,
        y: (u32, &'t Node),
        alike: Alike,
    ) -> Result<(), Undecided> {
        let Some(shape) = self.trie.shapes.get(branch.shape as usize) else { return Ok(()) };
        let Some(language) = self.languages.get(shape.language as usize) else { return Ok(()) };
        let sieve = self.sieve(y);
        let mut near = mem::take(&mut self.near);
        for extent in &language.extents {
            sieve.near(&Outline::of(shape, extent), alike, &mut near, &mut self.effort);
        }
        sort_once(&mut near);
        for other in near.drain(..).filter_map(|index| y.1.branches.get(index as usize)) {
            self.spend(1, branch.child, other.child)?;
            let met = self.meeting(branch.shape, other.shape).map(|text| text.is_some());
            if met.map_err(|_| self.undecided(branch.child, other.child))? {
                let (low, high) = (branch.shape.min(other.shape), branch.shape.max(other.shape));
                self.push(branch.child, other.child, Shared::Shapes(low, high))?;
            }
        }
        self.near = near;
        Ok(())
    }

    fn sieve(&mut self, (number, node): (u32, &'t Node)) -> Rc<Sieve<'t>> {
        let (trie, languages) = (self.trie, self.languages);
        let build = || Rc::new(Sieve::of(node, trie, languages));
        match self.sieves.get_mut(number as usize) {
            Some(sieve) => sieve.get_or_insert_with(build).clone(),
            None => build(),
        }
    }

    /// A text that two shapes both render to.
    fn meeting(&mut self, a: u32, b: u32) -> Result<Option<&str>, Exhausted> {
        let pair = (a.min(b), a.max(b));
        let number = match self.meetings.find(pair) {
            Some(number) => number,
            None => {
                let text = match (self.side(a), self.side(b)) {
                    (Some(x), Some(y)) => meet(x, y, &mut self.effort, MAX_EFFORT)?,
                    _ => None,
                };
                self.meetings.insert(pair, text)
            }
        };
        Ok(self.meetings.texts.get(number).and_then(|text| text.as_deref()))
    }

    fn side(&self, shape: u32) -> Option<Side<'t>> {
        let shape = self.trie.shapes.get(shape as usize)?;
        Some(Side { shape, language: self.languages.get(shape.language as usize)? })
    }

    fn push(&mut self, a: u32, b: u32, shared: Shared<'t>) -> Result<(), Undecided> {
        self.spend(1, a, b)?;
        if a == b {
            // Where one entry ends and nothing goes on, nothing can collide.
            let node = self.trie.nodes.get(a as usize);
            if node.is_none_or(Node::is_plain_end) {
                return Ok(());
            }
        }
        self.stack.push(Step { a, b, depth: self.path.len(), shared });
        Ok(())
    }

    /// Counts effort for the nodes at hand, as long as there is some left.
    fn spend(&mut self, effort: u64, a: u32, b: u32) -> Result<(), Undecided> {
        self.effort += effort;
        if self.effort > MAX_EFFORT { Err(self.undecided(a, b)) } else { Ok(()) }
    }

    #[cold]
    fn undecided(&self, a: u32, b: u32) -> Undecided {
        steps::count(self.effort as usize);
        let (a, b) = (self.trie.entry_below(a), self.trie.entry_below(b));
        Undecided { first: a.min(b), second: a.max(b) }
    }

    /// Reports one entry beside each of some others, as far as there is room.
    fn report(&mut self, a: u32, others: &[u32]) -> Result<(), Undecided> {
        for &b in others.iter().take(self.limit.saturating_sub(self.found.len())) {
            let (first, second) = (a.min(b), a.max(b));
            let key = self.example().map_err(|_| Undecided { first, second })?;
            self.found.extend(key.map(|key| Collision { first, second, key }));
        }
        Ok(())
    }

    /// A key with the path at hand.
    fn example(&mut self) -> Result<Option<String>, Exhausted> {
        let mut key = String::new();
        for (index, shared) in self.path.clone().into_iter().enumerate() {
            key.push_str(if index == 0 { "" } else { ":" });
            match shared {
                Shared::Text(text) => key.push_str(text),
                Shared::Shapes(a, b) => match self.meeting(a, b)? {
                    Some(text) => key.push_str(text),
                    None => return Ok(None),
                },
            }
        }
        Ok(Some(key))
    }
}

/// Brings numbers into their order, each once; mostly there are a few.
fn sort_once(numbers: &mut Vec<u32>) {
    if numbers.len() > 1 {
        let sorted = order(numbers.len(), &|a, b| numbers.get(a).cmp(&numbers.get(b)));
        *numbers = sorted.into_iter().filter_map(|index| numbers.get(index).copied()).collect();
        numbers.dedup();
    }
}
