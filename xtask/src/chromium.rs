//! The browser that tests start: without one they are skipped.

use std::{env, path::PathBuf};

use crate::{debian, process::find};

/// The variable that tells tests which browser to start, and by which a developer names one.
pub(crate) const BROWSER: &str = "NESTKEY_CHROMIUM";

/// Finds a Chromium: the one that is named, one on PATH, or Debian's.
pub(crate) fn locate() -> Option<PathBuf> {
    if let Some(named) = env::var_os(BROWSER).filter(|named| !named.is_empty()) {
        return Some(PathBuf::from(named));
    }
    let on_path = || ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(find);
    if let Some(found) = on_path() {
        return Some(found);
    }
    if !debian::can_install() {
        return None;
    }
    if let Err(error) = debian::install("chromium") {
        eprintln!("    there is no Chromium, so tests in a browser are skipped: {error:#}");
    }
    on_path()
}
