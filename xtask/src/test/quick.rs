//! Every native test and the programs tests need, compiled in one go. Asked for one by one, cargo gives each package the features it
//! needs alone, and compiles what is below it again for each.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::command::{self, cargo, program};

/// All but these commands: they are compiled when they are called, and their tests with them.
const PACKAGES: [&str; 5] = ["--workspace", "--exclude", "xtask", "--features", "contract/schema"];

/// What cargo says of a thing it compiled, or had compiled before.
#[derive(Deserialize)]
struct Message {
    /// The file of its package.
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    target: Target,
    #[serde(default)]
    profile: Profile,
    executable: Option<PathBuf>,
}

#[derive(Deserialize, Default)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize, Default)]
struct Profile {
    test: bool,
}

/// Everything, compiled.
pub(crate) struct Compiled(Vec<Message>);

/// Compiles everything that has changed.
pub(crate) fn compile() -> Result<Compiled> {
    let told = command::output(cargo_test().args(["--no-run", "--message-format=json-render-diagnostics"]))?;
    Ok(Compiled(
        told.lines().filter_map(|line| serde_json::from_str(line).ok()).filter(|said: &Message| said.executable.is_some()).collect(),
    ))
}

/// The examples in what the packages say of themselves, as a command that compiles and runs them.
pub(super) fn examples() -> Command {
    let mut examples = cargo_test();
    examples.arg("--doc");
    examples
}

fn cargo_test() -> Command {
    let mut test = cargo();
    test.arg("test").args(PACKAGES);
    test
}

impl Compiled {
    /// The test programs of the packages in this folder and below, each to be run in its package's folder as cargo does.
    pub(super) fn tests_in(&self, folder: &Path) -> Vec<Command> {
        let run = |said: &Message| {
            let (file, package) = (said.executable.as_ref()?, said.manifest_path.parent()?);
            let mut run = program(file);
            run.current_dir(package).env("CARGO_MANIFEST_DIR", package);
            Some(run)
        };
        self.0.iter().filter(|said| said.profile.test && said.manifest_path.starts_with(folder)).filter_map(run).collect()
    }

    /// A program: a binary, or an example.
    pub(crate) fn program(&self, kind: &str, name: &str) -> Result<&Path> {
        let is_it = |said: &&Message| !said.profile.test && said.target.name == name && said.target.kind.iter().any(|of| of == kind);
        let found = self.0.iter().find(is_it).and_then(|said| said.executable.as_deref());
        found.with_context(|| format!("cargo compiled no {kind} called {name}"))
    }
}
