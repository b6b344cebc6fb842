//! What cargo knows about this workspace.

use std::{env, ffi::OsString, path::PathBuf, process::Command};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// The workspace around the current folder.
pub(crate) struct Workspace {
    /// Where the workspace's `Cargo.toml` stands.
    pub(crate) root: PathBuf,
    /// Where builds go.
    pub(crate) target: PathBuf,
    packages: Vec<Value>,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn load() -> Result<Self> {
        let printed =
            process::read(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata: Value =
            serde_json::from_str(&printed).context("`cargo metadata` printed no JSON")?;
        let folder = |name: &str| {
            let path = metadata[name].as_str().map(PathBuf::from);
            path.with_context(|| format!("`cargo metadata` does not say `{name}`"))
        };
        Ok(Self {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
            packages: metadata["packages"].as_array().cloned().unwrap_or_default(),
        })
    }

    /// The folder of the npm package.
    pub(crate) fn js(&self) -> PathBuf {
        self.root.join("js")
    }

    /// Cargo, started at the root.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        self.program(cargo().get_program(), args)
    }

    /// A program, started at the root.
    pub(crate) fn program(&self, name: impl Into<OsString>, args: &[&str]) -> Command {
        let mut command = Command::new(name.into());
        command.args(args).current_dir(&self.root);
        command
    }

    /// The features of a package, without `default`.
    pub(crate) fn features(&self, package: &str) -> Vec<&str> {
        let features = self.package(package).and_then(|package| package["features"].as_object());
        let names = features.into_iter().flat_map(|features| features.keys());
        names.map(String::as_str).filter(|name| *name != "default").collect()
    }

    /// The oldest Rust that a package builds with, as its `Cargo.toml` says.
    pub(crate) fn rust_version(&self, package: &str) -> Option<&str> {
        self.package(package)?["rust_version"].as_str()
    }

    fn package(&self, name: &str) -> Option<&Value> {
        self.packages.iter().find(|package| package["name"] == name)
    }
}

/// The cargo that started this program, so that its toolchain stays the same.
fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
