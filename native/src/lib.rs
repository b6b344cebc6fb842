//! Declare a Redis keyspace once, as a tree of namespaces and typed keys, and use it everywhere.
//!
//! ```
//! use nestkey::{Client, Layout};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
//! let layout = Layout::from_json(r#"{
//!     "prefix": "root",
//!     "namespaces": {"user": {
//!         "prefix": "user:{user_id:int}",
//!         "ttl": "2m",
//!         "keys": {"age": {"type": "int", "default": 0}, "name": {"type": "string"}}
//!     }}
//! }"#)?;
//! let root = Client::connect("memory://").await?.bind(&layout); // or redis://, rediss://, redis+unix://
//! let user = root.namespace("user", [1])?;
//!
//! user.entry("age")?.set(30).if_missing().await?; // SET root:user:1:age {"__type__": "int", "value": 30} EX 120 NX
//! let age: i64 = user.entry("age")?.get().await?; // GET root:user:1:age
//! assert_eq!(age, 30);
//!
//! let (name, age) = root                          // GET root:user:1:name, GET root:user:1:age
//!     .pipeline((user.entry("name")?.get::<Option<String>>(), user.entry("age")?.get::<i64>()))
//!     .await?;
//! assert_eq!((name, age), (None, 30));
//!
//! let cleared = user.clear().await?;              // UNLINK root:user:1:age root:user:1:name
//! assert_eq!(cleared.removed, 1);
//! # Ok(()) }
//! ```
//!
//! Every call is lazy: await it, or `.wait()` for it without any runtime.

pub mod backend;
pub mod call;
pub mod clear;
pub mod client;
pub mod compute;
pub mod connect;
mod de;
mod describe;
mod drive;
pub mod entry;
mod env;
mod foreign;
mod hashing;
mod held;
mod jobs;
pub mod keyring;
pub mod keys;
mod lazy;
pub mod namespace;
pub mod outcome;
pub mod param;
pub mod password;
pub mod pipeline;
mod rim;
pub mod root;
pub mod rotate;
pub mod secret;
mod ser;
pub mod trace;
pub mod value;
pub mod walk;
mod work;

pub use nestkey_core as core;
pub use nestkey_core::{
    call::{Cleared, Rotated, Verdict},
    error::{Effect, Error, ErrorKind, Result},
    layout::Layout,
    value::Form as SecretForm,
};
pub use redis;

pub use self::{
    backend::memory::Memory,
    call::Call,
    client::Client,
    entry::Entry,
    keyring::Keyring,
    keys::FoundKey,
    namespace::Namespace,
    outcome::{Expires, Lifetime, Lookup},
    password::PasswordEntry,
    pipeline::PipelineError,
    root::Root,
    secret::SecretEntry,
    value::{Secret, Value},
    walk::Walk,
};
