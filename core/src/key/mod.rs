//! Keys: their templates, their parameters, their patterns and slots.

mod buffer;
pub mod template;

pub use buffer::{Key, write_int};
