//! Keys: their templates, their parameters, their patterns and slots.

pub(crate) mod automaton;
mod buffer;
mod constraint;
mod decode;
mod encoding;
pub(crate) mod lease;
pub mod param;
pub mod pattern;
mod render;
pub mod slot;
pub mod template;

pub use buffer::{Key, MAX_KEY, write_int};
pub use encoding::MAX_PARAM;
