//! The Python environment in which redisimnest itself writes and reads what nestkey does.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use fs_err as fs;

use crate::{
    debian,
    process::{find, run},
    workspace::Workspace,
};

/// The variable that tells the cross tests which Python to start.
pub(crate) const PYTHON: &str = "NESTKEY_PYTHON";

/// Makes the environment in `target/venv`, unless it is that of the requirements already.
pub(crate) fn environment(workspace: &Workspace) -> Result<PathBuf> {
    let venv = workspace.target.join("venv");
    let python = venv.join("bin/python");
    let requirements = workspace.root.join("tests/cross/requirements.txt");
    let wanted = fs::read_to_string(&requirements)?;
    let stamp = venv.join("installed.txt");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if venv.exists() {
        fs::remove_dir_all(&venv)?;
    }
    create(&venv)?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(&requirements))?;
    fs::write(stamp, wanted)?;
    Ok(python)
}

fn create(venv: &Path) -> Result<()> {
    let advice = "the cross tests need Python 3.10 or newer with its `venv` module: install \
                  `python3` and `python3-venv`";
    let make = || run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv));
    if find("python3").is_some() && make().is_ok() {
        return Ok(());
    }
    if debian::can_install() {
        debian::install("python3-venv").context(advice)?;
    }
    make().context(advice)
}
