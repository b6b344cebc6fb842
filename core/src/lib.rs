//! The core of nestkey: it decides everything and does nothing.
//!
//! No I/O, clock, randomness or threads: time and entropy arrive as arguments, commands leave as
//! data. Hosts (the `nestkey` crate, the npm package) carry them.
#![no_std]

extern crate alloc;

mod base64;
pub mod call;
pub mod command;
pub mod error;
#[cfg(feature = "frame")]
pub mod frame;
pub mod glob;
mod index;
pub mod json;
pub mod key;
pub mod layout;
pub mod limits;
#[cfg(feature = "memory")]
pub mod memory;
pub mod op;
pub mod ops;
mod order;
pub mod plan;
mod quote;
pub mod reply;
pub mod script;
mod spell;
mod steps;
#[cfg(feature = "toml")]
pub mod toml;
pub mod ttl;
pub mod types;
pub mod value;
