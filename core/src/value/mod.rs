//! Values between a host's types and the stored bytes.
//!
//! A host builds a [`Payload`] with a [`Builder`], [`fit`] holds it against the declared type, and
//! [`envelope`] or [`bare`] make the stored bytes; reading goes the other way. Secrets are
//! [sealed](seal) with a [`Keyring`], passwords are hashed ([`password`]).

pub mod bare;
mod builder;
mod constraint;
pub mod datetime;
mod entropy;
pub mod envelope;
pub mod fernet;
mod fit;
mod float;
mod gcm;
mod kdf;
mod keyring;
pub mod legacy;
mod misfit;
pub mod number;
pub mod password;
mod payload;
pub mod plain;
mod plaintext;
mod seal;
mod tape;
pub mod uuid;

pub use builder::Builder;
pub use entropy::Entropy;
pub(crate) use fit::admit;
pub use fit::{check, fit};
pub use keyring::{KeyId, KeyStatus, Keyring, RootKey};
pub use payload::{Items, Members, Payload, View};
pub use plaintext::Plaintext;
pub use seal::{Form, HEAD, MAX_PLAINTEXT, form, open, seal};
