//! `cargo xtask`: everything a developer of nestkey runs, in plain Rust.

mod bench;
mod chromium;
mod debian;
mod demo;
mod lint;
mod npm;
mod process;
mod python;
mod redis;
mod test;
mod wasm;
mod watched;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::workspace::Workspace;

/// Builds, tests and checks nestkey.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Measure nestkey beside the same commands by hand, over a redis-server of its own.
    Bench(bench::Options),
    /// Show the main job in Rust, in Node and on the command line.
    Demo,
    /// Check formatting, lints, docs, the oldest supported Rust, types and dependencies.
    Lint,
    /// Build the npm package into js/dist.
    Npm,
    /// Run every test, installing what they need.
    Test,
    /// Build the wasm module and its glue into js/src/generated.
    Wasm,
}

fn main() -> ExitCode {
    let task = Task::parse();
    let done = Workspace::load().and_then(|workspace| match task {
        Task::Bench(options) => bench::run(&workspace, &options),
        Task::Demo => demo::run_all(&workspace),
        Task::Lint => lint::run(&workspace),
        Task::Npm => npm::build(&workspace),
        Task::Test => test::run(&workspace),
        Task::Wasm => wasm::build(&workspace),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
