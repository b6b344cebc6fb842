//! Secrets and passwords against vectors of independent programs, and against tampering.

#[path = "secret/vectors.rs"]
mod vectors;
