//! `cargo xtask demo`: the main job in Rust, in Node and on the command line.

use std::{env, ffi::OsStr, path::PathBuf, process::Command};

use anyhow::Result;

use crate::{npm, process::run, workspace::Workspace};

/// What the command line shows, in the folder of the examples, whose one layout it finds itself.
const COMMANDS: [&[&str]; 6] = [
    &["check"],
    &["describe", "user"],
    &["resolve", "user(7).messages.message(42)"],
    &["parse", "root:user:7:messages:message:42"],
    &["plan", "set", "user(1).age", "30"],
    &["plan", "clear", "user(1)"],
];

/// Builds everything and shows it, on memory and, where `REDIS_URL` is set, on that server.
pub(crate) fn run_all(workspace: &Workspace) -> Result<()> {
    npm::build(workspace)?;
    let programs = Programs::build(workspace)?;
    title("Rust, on memory");
    run(&mut programs.rust(&[]))?;
    title("Node, on memory");
    run(&mut programs.node(&[]))?;
    title("The command line");
    for args in COMMANDS {
        run(&mut programs.cli(args))?;
    }
    match env::var("REDIS_URL") {
        Ok(url) if !url.is_empty() => {
            title("Rust and Node on the server of REDIS_URL, each seeing the other's keys");
            run(&mut programs.rust(&[&url, "--keep"]))?;
            run(&mut programs.node(&[&url, "--keep"]))?;
            run(&mut programs.rust(&[&url]))
        }
        _ => {
            title("With REDIS_URL set, Rust and Node also run on that server");
            Ok(())
        }
    }
}

/// Where everything that is shown has been built.
struct Programs<'w> {
    workspace: &'w Workspace,
    folder: PathBuf,
}

impl<'w> Programs<'w> {
    fn build(workspace: &'w Workspace) -> Result<Self> {
        eprintln!("==> the example and the command line");
        let packages = ["--package", "nestkey-example", "--package", "nestkey-cli"];
        run(workspace.cargo(&["build", "--locked"]).args(packages))?;
        Ok(Self { workspace, folder: workspace.target.join("debug") })
    }

    fn rust(&self, args: &[&str]) -> Command {
        self.program(self.folder.join("nestkey-example"), args)
    }

    fn node(&self, args: &[&str]) -> Command {
        let mut node = self.program("node", &["node/main.mjs"]);
        node.args(args);
        node
    }

    fn cli(&self, args: &[&str]) -> Command {
        let mut cli = self.program(self.folder.join("nestkey"), args);
        // What is shown here touches no server.
        cli.env_remove("REDIS_URL");
        cli
    }

    fn program(&self, name: impl AsRef<OsStr>, args: &[&str]) -> Command {
        let mut command = Command::new(name);
        command.args(args).current_dir(self.workspace.root.join("examples"));
        command
    }
}

fn title(text: &str) {
    eprintln!("\n==> {text}");
}
