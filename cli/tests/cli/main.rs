//! The real binary, from its words to what it prints and how it exits.

mod canary;
mod describe;
mod documents;
mod files;
mod hostile;
mod interrupt;
mod keyring;
mod paths;
mod plan;
mod redisimnest;
mod rotate;
mod run;
mod secret;
mod server;
mod terminal;
mod usage;
