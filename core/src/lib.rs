//! The core of nestkey: it decides everything and does nothing.
//!
//! No I/O, clock, randomness or threads: time and entropy arrive as arguments, commands leave as
//! data. Hosts (the `nestkey` crate, the npm package) carry them.
#![no_std]

extern crate alloc;

pub mod command;
pub mod error;
pub mod key;
pub mod layout;
pub mod reply;
pub mod types;
