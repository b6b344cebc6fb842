//! A few words, given one by one.

use alloc::{vec, vec::Vec};

use crate::{
    key::{
        Key,
        param::{Param, ParamSpec},
    },
    order::order,
    steps,
    types::WordList,
};

/// A set of words as a tree.
#[derive(Debug)]
pub(super) struct Words {
    nodes: Vec<WordNode>,
}

/// A beginning of words; the root, which is nobody's child, stands for none where a number is
/// wanted.
#[derive(Clone, Copy, Debug, Default)]
struct WordNode {
    byte: u8,
    whole: bool,
    /// The first of the nodes that are one byte longer, by that byte.
    child: u32,
    /// The next node of the same length with the same beginning.
    sibling: u32,
}

impl Words {
    pub(super) const ROOT: u32 = 0;

    /// The segments of those values that the parameter can take.
    pub(super) fn rendered(spec: &ParamSpec, values: &WordList) -> Self {
        let render = |value: &alloc::string::String| {
            let mut segment = Key::new();
            spec.render(Param::Str(value), &mut segment).is_ok().then_some(segment)
        };
        let segments: Vec<Key> = values.iter().filter_map(render).collect();
        let bytes = |index: usize| segments.get(index).map_or(&[][..], Key::as_bytes);
        let mut words = Self { nodes: vec![WordNode::default()] };
        // The nodes that the word before leads through, from the root on.
        let mut path = vec![Self::ROOT];
        let mut before: &[u8] = &[];
        for index in order(segments.len(), &|a, b| bytes(a).cmp(bytes(b))) {
            let word = bytes(index);
            words.push(word, before, &mut path);
            before = word;
        }
        words
    }

    /// Adds a word that sorts behind the one before.
    fn push(&mut self, word: &[u8], before: &[u8], path: &mut Vec<u32>) {
        let alike = word.iter().zip(before).take_while(|(a, b)| a == b).count();
        for (depth, &byte) in word.iter().enumerate().skip(alike) {
            steps::count(1);
            let node = self.nodes.len() as u32;
            let sibling = path.get(depth + 1).copied();
            path.truncate(depth + 1);
            let neighbour = sibling.or_else(|| path.last().copied()).unwrap_or(Self::ROOT);
            if let Some(neighbour) = self.nodes.get_mut(neighbour as usize) {
                *(if sibling.is_some() { &mut neighbour.sibling } else { &mut neighbour.child }) =
                    node;
            }
            self.nodes.push(WordNode { byte, ..WordNode::default() });
            path.push(node);
        }
        let end = path.get(word.len()).copied().unwrap_or(Self::ROOT);
        if let Some(node) = self.nodes.get_mut(end as usize) {
            node.whole = true;
        }
    }

    pub(super) fn next(&self, node: u32, byte: u8) -> Option<u32> {
        let mut number = self.nodes.get(node as usize)?.child;
        while number != Self::ROOT {
            steps::count(1);
            let node = self.nodes.get(number as usize)?;
            if node.byte >= byte {
                return (node.byte == byte).then_some(number);
            }
            number = node.sibling;
        }
        None
    }

    pub(super) fn is_whole(&self, node: u32) -> bool {
        self.nodes.get(node as usize).is_some_and(|node| node.whole)
    }

    pub(super) fn mark(&self, marked: &mut [bool; 256]) {
        for node in self.nodes.iter().skip(1) {
            marked[usize::from(node.byte)] = true;
        }
    }
}
