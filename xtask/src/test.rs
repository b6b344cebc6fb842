//! `cargo xtask test`: every test of every language, none of which may print a secret.

use std::{path::Path, time::Instant};

use anyhow::{Context, Result};

use crate::{chromium, npm, python, redis, watched, workspace::Workspace};

/// Runs all tests and stops at the first step that fails.
///
/// What the tests of one language need of another is built first: the cross tests run Rust, Node
/// and Python against each other.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::new();
    let server = steps.take("redis-server", redis::locate)?;
    eprintln!("    {}", server.display());
    steps.take("npm package", || npm::build(workspace))?;
    let python = steps.take("Python environment", || python::environment(workspace))?;
    steps.take("Rust tests", || rust_tests(workspace, &server, &python))?;
    steps.take("Rust crates that nestkey converts to, each alone", || foreign_tests(workspace))?;
    let mut node = npm::tests(workspace)?.context("there is no js/test/**/*.test.mjs")?;
    if let Some(browser) = chromium::locate() {
        node.env(chromium::BROWSER, browser);
    }
    steps.take("JavaScript tests", || watched::run(node.env(redis::SERVER, &server)))?;
    let types = || watched::run(&mut npm::tsc(workspace, &["--project", "test/types"]));
    steps.take("TypeScript type tests", types)?;
    steps.finish();
    Ok(())
}

fn rust_tests(workspace: &Workspace, server: &Path, python: &Path) -> Result<()> {
    // What passing tests print is searched as well.
    let args = ["test", "--workspace", "--all-features", "--locked", "--", "--show-output"];
    watched::run(workspace.cargo(&args).env(redis::SERVER, server).env(python::PYTHON, python))
}

/// The features that bring types of other crates.
const FOREIGN: [&str; 4] = ["chrono", "jiff", "time", "uuid"];

fn foreign_tests(workspace: &Workspace) -> Result<()> {
    for feature in FOREIGN {
        let args = ["test", "--package", "nestkey", "--lib", "--no-default-features", "--locked"];
        watched::run(workspace.cargo(&args).args(["--features", feature, "foreign"]))?;
    }
    Ok(())
}

struct Steps {
    started: Instant,
    passed: u32,
}

impl Steps {
    fn new() -> Self {
        Self { started: Instant::now(), passed: 0 }
    }

    fn take<T>(&mut self, name: &str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("\n==> {name}");
        let done = step().with_context(|| format!("the step `{name}` failed"))?;
        self.passed += 1;
        Ok(done)
    }

    fn finish(&self) {
        let Self { started, passed } = self;
        let seconds = started.elapsed().as_secs_f64();
        println!("xtask result: ok. {passed} steps passed; finished in {seconds:.2}s");
    }
}
