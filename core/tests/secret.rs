//! Secrets and passwords against vectors of independent programs, and against tampering.

#![cfg(feature = "memory")]

#[path = "secret/keyrings.rs"]
mod keyrings;
#[path = "secret/passwords.rs"]
mod passwords;
#[path = "secret/peers.rs"]
mod peers;
#[path = "secret/plans.rs"]
mod plans;
#[path = "secret/properties.rs"]
mod properties;
#[path = "secret/redaction.rs"]
mod redaction;
#[path = "secret/tampering.rs"]
mod tampering;
#[path = "secret/vectors.rs"]
mod vectors;
