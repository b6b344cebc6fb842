//! Twelve canaries go through everything that can be shown; none of it may show one.

mod core_types;
mod descriptions;
mod handles;
mod server;
mod shown;
mod traces;
