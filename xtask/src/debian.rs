//! Packages of Debian and its children, for tests on fresh machines and in containers.

use std::{path::Path, process::Command};

use anyhow::Result;
use fs_err as fs;

use crate::process::{find, read, run};

/// Whether packages can be installed without asking anybody.
pub(crate) fn can_install() -> bool {
    let is_root = read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    is_root && find("apt-get").is_some()
}

/// Installs a package; a service that comes with it is not started.
pub(crate) fn install(package: &str) -> Result<()> {
    let _policy = NoServices::declare();
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
        command
    };
    run(apt().arg("update"))?;
    run(apt().args(["install", "--yes", "--no-install-recommends", package]))
}

/// While it lives, Debian's own policy file says that no service may start.
struct NoServices {
    written: bool,
}

const POLICY: &str = "/usr/sbin/policy-rc.d";

impl NoServices {
    fn declare() -> Self {
        // Containers often bring that file; then it says what we want, or what their owner wants.
        let written = !Path::new(POLICY).exists() && write_policy().is_ok();
        Self { written }
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if self.written {
            let _ = fs::remove_file(POLICY);
        }
    }
}

fn write_policy() -> Result<()> {
    fs::write(POLICY, "#!/bin/sh\nexit 101\n")?;
    run(Command::new("chmod").args(["755", POLICY]))
}
