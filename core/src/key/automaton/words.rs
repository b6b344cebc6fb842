//! A few words, given one by one.

use alloc::{string::String, vec, vec::Vec};

use crate::key::{
    Key,
    param::{Param, ParamSpec},
};

/// A set of words as a tree.
#[derive(Debug)]
pub(super) struct Words {
    nodes: Vec<WordNode>,
}

#[derive(Debug, Default)]
struct WordNode {
    next: Vec<(u8, u32)>,
    whole: bool,
}

impl Words {
    pub(super) const ROOT: u32 = 0;

    /// The segments of those values that the parameter can take.
    pub(super) fn rendered(spec: &ParamSpec, values: &[String]) -> Self {
        let mut words = Self { nodes: vec![WordNode::default()] };
        for value in values {
            let mut segment = Key::new();
            if spec.render(Param::Str(value), &mut segment).is_ok() {
                words.insert(segment.as_bytes());
            }
        }
        words
    }

    fn insert(&mut self, word: &[u8]) {
        let mut at = Self::ROOT;
        for &byte in word {
            at = match self.next(at, byte) {
                Some(next) => next,
                None => {
                    let next = self.nodes.len() as u32;
                    self.nodes.push(WordNode::default());
                    if let Some(node) = self.nodes.get_mut(at as usize) {
                        node.next.push((byte, next));
                    }
                    next
                }
            };
        }
        if let Some(node) = self.nodes.get_mut(at as usize) {
            node.whole = true;
        }
    }

    pub(super) fn next(&self, node: u32, byte: u8) -> Option<u32> {
        let edges = &self.nodes.get(node as usize)?.next;
        edges.iter().find(|edge| edge.0 == byte).map(|edge| edge.1)
    }

    pub(super) fn is_whole(&self, node: u32) -> bool {
        self.nodes.get(node as usize).is_some_and(|node| node.whole)
    }

    pub(super) fn mark(&self, marked: &mut [bool; 256]) {
        for (byte, _) in self.nodes.iter().flat_map(|node| &node.next) {
            marked[usize::from(*byte)] = true;
        }
    }
}
