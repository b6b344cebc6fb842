//! What every part of nestkey is held against: real servers and a wire client of its own.

pub mod cluster;
pub mod resp;
pub mod server;
pub mod transcript;

// Its examples are tests. No line of documentation may join it: paths in them begin at the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
