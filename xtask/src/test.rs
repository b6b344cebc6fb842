//! `cargo xtask test`: every test of every language, in an order that fails early.

use std::{path::Path, time::Instant};

use anyhow::{Context, Result};

use crate::{npm, process, python, redis, workspace::Workspace};

/// Runs all tests and stops at the first step that fails.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::new();
    let server = steps.take("redis-server", redis::locate)?;
    eprintln!("    {}", server.display());
    steps.take("Rust tests", || rust_tests(workspace, &server))?;
    steps.take("npm package", || npm::build(workspace))?;
    match npm::tests(workspace)? {
        Some(mut node) => {
            steps.take("JavaScript tests", || process::run(node.env(redis::SERVER, &server)))?;
        }
        None => steps.skip("JavaScript tests", "there is no js/test/**/*.test.mjs"),
    }
    if workspace.js().join("test/types/tsconfig.json").exists() {
        let check = || process::run(&mut npm::tsc(workspace, &["--project", "test/types"]));
        steps.take("TypeScript type tests", check)?;
    } else {
        steps.skip("TypeScript type tests", "there is no js/test/types/tsconfig.json");
    }
    if workspace.has_test(CONFORMANCE, "cross") {
        let python = steps.take("Python environment", || python::environment(workspace))?;
        steps.take("cross tests", || cross_tests(workspace, &server, &python))?;
    } else {
        steps.skip("cross tests", "nestkey-conformance has no test target `cross`");
    }
    steps.finish();
    Ok(())
}

const CONFORMANCE: &str = "nestkey-conformance";

fn rust_tests(workspace: &Workspace, server: &Path) -> Result<()> {
    let args = ["test", "--workspace", "--all-features", "--locked"];
    process::run(workspace.cargo(&args).env(redis::SERVER, server))
}

fn cross_tests(workspace: &Workspace, server: &Path, python: &Path) -> Result<()> {
    let args = ["test", "--package", CONFORMANCE, "--all-features", "--locked", "--test", "cross"];
    process::run(workspace.cargo(&args).env(redis::SERVER, server).env(python::PYTHON, python))
}

struct Steps {
    started: Instant,
    passed: u32,
    skipped: u32,
}

impl Steps {
    fn new() -> Self {
        Self { started: Instant::now(), passed: 0, skipped: 0 }
    }

    fn take<T>(&mut self, name: &str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("\n==> {name}");
        let done = step().with_context(|| format!("the step `{name}` failed"))?;
        self.passed += 1;
        Ok(done)
    }

    fn skip(&mut self, name: &str, reason: &str) {
        eprintln!("\n==> {name}: skipped, {reason}");
        self.skipped += 1;
    }

    fn finish(&self) {
        let Self { started, passed, skipped } = self;
        let seconds = started.elapsed().as_secs_f64();
        println!(
            "xtask result: ok. {passed} steps passed; {skipped} skipped; finished in {seconds:.2}s"
        );
    }
}
