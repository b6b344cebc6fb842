//! `cargo xtask npm`: the npm package, from wasm and TypeScript to `js/dist`, ready for `npm pack`.

use std::{ffi::OsString, path::PathBuf, process::Command};

use anyhow::{Result, bail, ensure};
use fs_err as fs;

use crate::{
    process::{find, read, run},
    wasm,
    workspace::Workspace,
};

/// Builds the package into `js/dist`.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    wasm::build(workspace)?;
    eprintln!("==> npm");
    let dist = workspace.js().join("dist");
    if dist.exists() {
        // A module that was renamed must not live on in the package.
        fs::remove_dir_all(&dist)?;
    }
    run(&mut tsc(workspace, &[]))?;
    copy_generated(workspace)?;
    copy_texts(workspace)
}

/// Installs the development dependencies, unless they are those of the lock file already.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    check_node(workspace)?;
    let js = workspace.js();
    let wanted = fs::read_to_string(js.join("package-lock.json"))?;
    let stamp = js.join("node_modules/.nestkey-lock");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(js);
    run(&mut npm)?;
    fs::write(stamp, wanted)?;
    Ok(())
}

/// The TypeScript compiler of the lock file, started in `js`.
pub(crate) fn tsc(workspace: &Workspace, args: &[&str]) -> Command {
    let mut command = program(workspace, "tsc");
    command.args(args);
    command
}

/// A program of the installed development dependencies, started in `js`.
pub(crate) fn program(workspace: &Workspace, name: &str) -> Command {
    let js = workspace.js();
    let mut command = Command::new(js.join("node_modules/.bin").join(name));
    command.current_dir(js);
    command
}

/// Node's test runner over every `*.test.mjs` below `js/test`, or `None` where there are none.
pub(crate) fn tests(workspace: &Workspace) -> Result<Option<Command>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from("test")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(workspace.js().join(&folder)) else { continue };
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if entry.file_name().to_string_lossy().ends_with(".test.mjs") {
                files.push(OsString::from(path));
            }
        }
    }
    files.sort();
    // Node 20 knows no globs here, so the files are named one by one.
    let mut node = Command::new("node");
    node.arg("--test").args(&files).current_dir(workspace.js());
    Ok((!files.is_empty()).then_some(node))
}

const OLDEST_NODE: (u32, u32) = (20, 19);

fn check_node(workspace: &Workspace) -> Result<()> {
    let (major, minor) = OLDEST_NODE;
    for program in ["node", "npm"] {
        if find(program).is_none() {
            bail!("`{program}` is not on PATH: install Node.js {major}.{minor} or newer with npm");
        }
    }
    let printed = read(&mut workspace.program("node", &["--version"]))?;
    let mut numbers = printed.trim().trim_start_matches('v').split('.').map(str::parse::<u32>);
    let (Some(Ok(found_major)), Some(Ok(found_minor))) = (numbers.next(), numbers.next()) else {
        bail!("`node --version` printed {printed:?}, which is no version");
    };
    ensure!(
        (found_major, found_minor) >= OLDEST_NODE,
        "Node.js {major}.{minor} or newer is needed, and this is {}",
        printed.trim()
    );
    Ok(())
}

/// What the compiler does not carry over: the types of the exports, and the module as a file.
fn copy_generated(workspace: &Workspace) -> Result<()> {
    let js = workspace.js();
    let (from, to) = (js.join("src/generated"), js.join("dist"));
    fs::copy(from.join("glue.d.ts"), to.join("generated/glue.d.ts"))?;
    fs::copy(from.join("nestkey.wasm"), to.join("nestkey.wasm"))?;
    Ok(())
}

/// The licences, which every package has at its root; npm packs nothing from above `js`.
fn copy_texts(workspace: &Workspace) -> Result<()> {
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(workspace.root.join(name), workspace.js().join(name))?;
    }
    Ok(())
}
