//! One module for each command, or for the few that are alike.

pub(crate) mod check;
pub(crate) mod clear;
pub(crate) mod describe;
pub(crate) mod export;
pub(crate) mod fmt;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod keyring;
pub(crate) mod keys;
pub(crate) mod parse;
pub(crate) mod plan;
pub(crate) mod resolve;
pub(crate) mod rotate;
pub(crate) mod strays;
pub(crate) mod value;
