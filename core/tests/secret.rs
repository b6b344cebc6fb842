//! Secrets and passwords against vectors of independent programs, and against tampering.

#![cfg(feature = "memory")]

#[path = "secret/plans.rs"]
mod plans;
#[path = "secret/vectors.rs"]
mod vectors;
