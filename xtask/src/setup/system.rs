//! The system's package manager, where it is apt.

use std::path::Path;

use anyhow::{Result, bail};

use crate::command::{self, is_installed, program};

/// Whether packages can be installed here without asking anybody.
pub(crate) fn can_install() -> bool {
    is_installed("apt-get") && (is_root() || has_sudo())
}

/// Installs Debian packages; the error names them when this machine will not let us.
pub(crate) fn install(packages: &[&str], reason: &str) -> Result<()> {
    if !can_install() {
        bail!("{reason}: install {} with your system's package manager, then start this command again", packages.join(" "));
    }
    let once = || {
        command::run_quietly(
            as_root("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(["install", "-y", "--no-install-recommends"]).args(packages),
        )
    };
    // A fresh machine has no package lists yet; an up-to-date one need not fetch them again.
    if once().is_err() {
        command::run_quietly(as_root("apt-get").arg("update"))?;
        once()?;
    }
    Ok(())
}

/// A program with the rights of root: as it is, or through sudo.
pub(crate) fn as_root(name: &str) -> std::process::Command {
    if is_root() {
        return program(name);
    }
    let mut command = program("sudo");
    command.args(["-n", name]);
    command
}

/// Whether this is Debian or made from it.
pub(crate) fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn has_sudo() -> bool {
    is_installed("sudo") && command::answer(program("sudo").args(["-n", "true"])).is_some()
}
