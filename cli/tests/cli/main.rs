//! The real binary, from its words to what it prints and how it exits.

mod describe;
mod files;
mod paths;
mod plan;
mod redisimnest;
mod run;
mod server;
mod usage;
