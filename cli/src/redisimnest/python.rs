//! Asking the Python on PATH what a module declares, without running the module.

use std::{
    io::{ErrorKind, Write},
    process::{Command, Stdio},
};

use nestkey::core::json::{self, Limits, Node};

use crate::failure::{Failure, Result};

const SCRIPT: &str = include_str!("classes.py");

/// The longest source, in bytes.
const MAX_SOURCE: usize = 1 << 20;
/// What Python says about a source is longer than the source.
const DESCRIPTION: Limits = Limits { bytes: 32 << 20, depth: 64 };

/// The classes of a module as `classes.py` describes them.
pub(super) fn classes(source: &[u8]) -> Result<Node> {
    if source.len() > MAX_SOURCE {
        let length = source.len();
        return Err(Failure::usage(format!(
            "a source of {length} bytes, {MAX_SOURCE} at most are read"
        )));
    }
    let mut child = Command::new("python3")
        // Isolated: neither the folder nor the user's settings have a say.
        .args(["-I", "-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => Failure::usage(
                "importing reads classes with Python, and there is no python3 on PATH",
            ),
            _ => Failure::Io { name: "python3".to_owned(), error },
        })?;
    if let Some(mut input) = child.stdin.take() {
        // A Python that cannot read all of it says why itself.
        let _ = input.write_all(source);
    }
    let failure = |error| Failure::Io { name: "python3".to_owned(), error };
    let output = child.wait_with_output().map_err(failure)?;
    match json::parse(&output.stdout, DESCRIPTION) {
        Ok(node) if output.status.success() => Ok(node),
        Err(error) if output.status.success() => {
            Err(failure(std::io::Error::other(error.to_string())))
        }
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.trim_end().lines().last().unwrap_or("it said nothing").to_owned();
            Err(failure(std::io::Error::other(last)))
        }
    }
}
