//! redisimnest's classes: read into layouts, written from layouts.

mod class;
pub(crate) mod import;
mod key;
mod name;
mod python;
mod template;
mod value;
