//! The redis-server that tests start.

use std::{env, path::PathBuf};

use anyhow::{Context, Result, ensure};

use crate::{
    debian,
    process::{find, is_executable},
};

/// The variable that tells tests which server to start, and by which a developer names one.
pub(crate) const SERVER: &str = "NESTKEY_REDIS_SERVER";

/// Finds a redis-server: the one that is named, the one on PATH, or Debian's.
pub(crate) fn locate() -> Result<PathBuf> {
    if let Some(named) = env::var_os(SERVER).filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        ensure!(is_executable(&named), "{SERVER} names {}, which is no program", named.display());
        return Ok(named);
    }
    if let Some(found) = find("redis-server") {
        return Ok(found);
    }
    let advice = format!(
        "the tests need redis-server 7 or newer: install your system's package (`redis-server` or \
         `redis`), or set {SERVER} to the program"
    );
    if debian::can_install() {
        debian::install("redis-server").with_context(|| advice.clone())?;
    }
    find("redis-server").context(advice)
}
