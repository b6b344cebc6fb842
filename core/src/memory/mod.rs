//! A store that answers commands as a Redis 7.0 server would: replies, error texts and all.
//!
//! It reads commands as a server does, by name and arguments, and knows nothing of layouts. Time
//! arrives with each exchange; a key is past its expiry once the time is later than it.
//!
//! From the outside in: [`Store`] takes commands, `dispatch` finds the function of each, one module
//! per family of commands holds these functions, `database` knows time and watches, `table` keys.

mod argument;
mod connection;
mod database;
mod dispatch;
mod dump;
mod expire;
mod keyspace;
mod refusal;
mod script;
mod store;
mod string;
mod table;
mod transaction;

pub use store::{SessionId, Store};
