//! `cargo xtask lint`: everything that can be checked without running nestkey.

use anyhow::{Context, Result, ensure};

use crate::{
    npm,
    process::{self, read},
    wasm,
    workspace::Workspace,
};

/// Runs all checks and stops at the first that finds something.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    check("format", || process::run(&mut workspace.cargo(&["fmt", "--all", "--check"])))?;
    check("clippy", || clippy(workspace))?;
    check("docs", || docs(workspace))?;
    check("core without features", || core_alone(workspace))?;
    check("each feature of nestkey alone", || native_alone(workspace))?;
    check("core's dependencies", || core_dependencies(workspace))?;
    check("oldest Rust", || oldest_rust(workspace))?;
    check("TypeScript", || typescript(workspace))?;
    println!("xtask result: ok. nothing to complain about");
    Ok(())
}

fn check(name: &str, step: impl FnOnce() -> Result<()>) -> Result<()> {
    eprintln!("\n==> {name}");
    step().with_context(|| format!("the check `{name}` failed"))
}

fn clippy(workspace: &Workspace) -> Result<()> {
    let args = ["clippy", "--workspace", "--all-targets", "--all-features", "--locked"];
    process::run(workspace.cargo(&args).args(["--", "--deny", "warnings"]))
}

fn docs(workspace: &Workspace) -> Result<()> {
    let args = ["doc", "--workspace", "--no-deps", "--all-features", "--locked"];
    process::run(workspace.cargo(&args).env("RUSTDOCFLAGS", "--deny warnings"))
}

const CORE: &str = "nestkey-core";

fn core_alone(workspace: &Workspace) -> Result<()> {
    let args = ["check", "--package", CORE, "--no-default-features", "--locked"];
    process::run(&mut workspace.cargo(&args))
}

const NATIVE: &str = "nestkey";

fn native_alone(workspace: &Workspace) -> Result<()> {
    for feature in workspace.features(NATIVE) {
        let args = ["clippy", "--package", NATIVE, "--lib", "--no-default-features", "--locked"];
        process::run(workspace.cargo(&args).args([
            "--features",
            feature,
            "--",
            "--deny",
            "warnings",
        ]))?;
    }
    Ok(())
}

/// What core must never depend on: hosts, clocks, chance, and readers that it has itself.
const FORBIDDEN: &[&str] =
    &["getrandom", "js-sys", "log", "redis", "serde", "tokio", "tracing", "wasm-bindgen"];

/// The `toml` feature reads files for native hosts and is the one that may bring such crates.
fn core_dependencies(workspace: &Workspace) -> Result<()> {
    let features: Vec<_> =
        workspace.features(CORE).into_iter().filter(|name| *name != "toml").collect();
    let args = ["tree", "--package", CORE, "--edges", "features,no-dev,no-build,no-proc-macro"];
    let printed = read(
        workspace
            .cargo(&args)
            .args(["--prefix", "none", "--locked", "--no-default-features", "--features"])
            .arg(features.join(",")),
    )?;
    let found = printed.lines().find(|line| {
        let name = line.split(' ').next().unwrap_or_default();
        FORBIDDEN.contains(&name) || line.contains("feature \"std\"")
    });
    ensure!(found.is_none(), "{CORE} depends on {}", found.unwrap_or_default());
    Ok(())
}

fn oldest_rust(workspace: &Workspace) -> Result<()> {
    let version = workspace.rust_version(CORE).context("Cargo.toml states no `rust-version`")?;
    let installed = read(&mut workspace.program("rustup", &["toolchain", "list"]));
    let installed = installed.unwrap_or_default();
    let Some(toolchain) = installed
        .lines()
        .filter_map(|line| line.split(' ').next())
        .find(|name| name.strip_prefix(version).is_some_and(|rest| rest.starts_with(['.', '-'])))
    else {
        eprintln!("    skipped, Rust {version} is not here: `rustup toolchain install {version}`");
        return Ok(());
    };
    let args = ["run", toolchain, "cargo", "check", "--workspace", "--all-features", "--locked"];
    process::run(&mut workspace.program("rustup", &args))
}

fn typescript(workspace: &Workspace) -> Result<()> {
    wasm::build(workspace)?;
    process::run(&mut npm::tsc(workspace, &["--noEmit"]))
}
