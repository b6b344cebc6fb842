//! Parsing keys back: which entry a key belongs to, and with which parameters.

use alloc::vec::Vec;

use super::trie::Trie;
use crate::{key::param::Given, steps};

/// Room for what [`Trie::find`] finds, to be used again and again.
#[derive(Clone, Debug, Default)]
pub struct Captures {
    spans: Vec<Span>,
    pending: Vec<Choice>,
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
        steps::count(1);
        let rest = key.get(start..)?;
        let length = rest.bytes().position(|byte| byte == b':').unwrap_or(rest.len());
        let segment = rest.get(..length)?;
        steps::count(length);
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
}

impl Captures {
    /// The texts of the parameters in the key that was found, in the order of the template.
    pub fn segments<'k>(&self, key: &'k str) -> impl Iterator<Item = &'k str> {
        self.spans.iter().filter_map(move |span| key.get(span.start..span.end))
    }
}

/// Where the segment behind a separator starts, if there is a separator.
fn start_behind(key: &str, end: usize) -> Option<usize> {
    (end < key.len()).then_some(end + 1)
}
