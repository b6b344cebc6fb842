//! Layouts: the declared tree, read and checked once.

mod build;
mod canonical;
mod check;
pub mod collide;
mod describe;
mod inherited;
mod language;
mod lookup;
mod max_size;
mod meet;
mod model;
mod name;
mod nest;
pub mod parse;
mod path;
mod place;
mod read;
mod readable;
mod resolve;
mod shape;
mod sieve;
mod size;
pub mod trie;
mod walk;

#[cfg(feature = "toml")]
pub(crate) use self::place::MAX_ISSUES;
pub(crate) use self::walk::Sought;
pub use self::{
    canonical::canonical,
    model::{
        Codec, Entry, EntryId, HashField, Layout, Legacy, Namespace, NamespaceId, OnFailure, Target,
    },
    name::is_reserved,
    resolve::Params,
    walk::Way,
};
