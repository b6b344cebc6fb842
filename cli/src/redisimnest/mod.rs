//! redisimnest's classes: read into layouts, written from layouts.

mod class;
pub(crate) mod export;
pub(crate) mod import;
mod key;
mod name;
mod param;
mod python;
mod source;
mod template;
mod value;
