//! What every part of nestkey is held against: real servers and a wire client of its own.

pub mod resp;
pub mod server;
pub mod transcript;
