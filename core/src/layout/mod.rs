//! Layouts: the declared tree, checked once.

pub mod collide;
mod meet;
pub mod parse;
pub mod trie;
