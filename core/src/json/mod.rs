//! JSON as nestkey reads it: strict, with places, number texts and member order.
//!
//! Layouts, transcripts and bare values become a tree of [`Node`]s; envelopes are read by the same
//! lexer without one.

mod lexer;
mod make;
mod names;
mod node;

pub use crate::quote::{quote, quote_ascii, visible};
pub(crate) use lexer::{Head, Lexer, Places, Quoted, is_integer};
pub use lexer::{Limits, SyntaxError, place};
pub(crate) use names::repeated;
pub use node::{Member, Node, Value, parse, read};
