//! schemathesis, from PyPI, in an environment of its own under `target/tools`.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{announce, system};
use crate::command::{self, program};
use crate::pins::Pins;
use crate::workspace;

/// It and what it stands on, with their hashes.
const REQUIREMENTS: &str = "tools/python-requirements.txt";

/// Its program, whether installed or not.
pub(crate) fn path() -> PathBuf {
    folder().join("bin/schemathesis")
}

/// The version that is installed.
pub(crate) fn version() -> Option<String> {
    let answer = command::answer(program(path()).arg("--version"))?;
    answer.split_whitespace().last().map(str::to_owned)
}

/// Installs it when it is missing or of another version.
pub(crate) fn provide(pins: &Pins) -> Result<()> {
    let wanted = &pins.pypi.schemathesis;
    if version().as_ref() == Some(wanted) {
        return Ok(());
    }
    announce(&format!("schemathesis {wanted} from PyPI"));
    let make = || command::run_quietly(program("python3").args(["-m", "venv", "--clear"]).arg(folder()));
    if make().is_err() {
        system::install(&["python3", "python3-venv"], "schemathesis is written in Python")?;
        make()?;
    }
    let mut install = program(folder().join("bin/python"));
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement"]);
    install.arg(workspace::path(REQUIREMENTS));
    command::run_quietly(&mut install).with_context(|| format!("pip could not install schemathesis {wanted}"))
}

fn folder() -> PathBuf {
    workspace::path("target/tools/python")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pins;

    #[test]
    fn every_python_package_has_hashes_and_schemathesis_its_pinned_version() {
        let text = workspace::read(&workspace::path(REQUIREMENTS)).unwrap();
        let joined = text.replace("\\\n", "");
        let packages: Vec<&str> = joined.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(packages.len() > 20);
        for package in &packages {
            assert!(package.contains("==") && package.contains("--hash=sha256:"), "{package}");
        }
        let wanted = format!("schemathesis=={} ", pins::read().unwrap().pypi.schemathesis);
        assert!(packages.iter().any(|package| package.starts_with(&wanted)), "{wanted}");
    }
}
