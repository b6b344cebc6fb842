//! Layouts: the declared tree, read and checked once.

mod build;
mod canonical;
mod check;
pub mod collide;
mod describe;
mod lookup;
mod meet;
mod model;
mod name;
pub mod parse;
mod path;
mod place;
mod read;
mod resolve;
pub mod trie;

pub(crate) use self::resolve::Sought;
pub use self::{
    canonical::canonical,
    model::{
        Codec, Entry, EntryId, HashField, Layout, Legacy, Namespace, NamespaceId, OnFailure, Target,
    },
    name::is_reserved,
    resolve::Params,
};
