//! From crates to what a browser and workerd load: `dist/` and `build/worker/`.

pub(crate) mod app;
mod bindgen;
pub(crate) mod site;
pub(crate) mod split;
pub(crate) mod worker;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

use anyhow::{Context, Result, anyhow};

use crate::command;
use crate::setup::{node, wasm_target};
use crate::workspace::{self, clear};

pub(crate) use app::{build as app, folder as app_folder};
pub(crate) use split::{OPENED, pages};
pub(crate) use worker::build as worker;

/// A cargo profile of the workspace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Profile {
    /// Built in a hurry; `run` and the tests use it.
    Local,
    /// Small; what is deployed and measured.
    Release,
}

impl Profile {
    /// Its name in Cargo.toml.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Release => "release",
        }
    }
}

/// What is compiled together: asked for one by one, cargo gives each the features it needs alone, and compiles what is below it again
/// for each.
const MODULES: [&str; 3] = ["app", "preview", "edge"];

/// Compiles what becomes a module for wasm32; answers the modules in the order of [`MODULES`].
fn compile(profile: Profile) -> Result<[PathBuf; 3]> {
    let mut cargo = wasm_target::wasm_cargo()?;
    cargo.args(["build", "--target", "wasm32-unknown-unknown", "--profile", profile.name()]);
    cargo.args(MODULES.iter().flat_map(|package| ["--package", package]));
    describe_release(&mut cargo, profile);
    command::run(&mut cargo).with_context(|| format!("{} do not all compile for wasm32", MODULES.join(", ")))?;
    let folder = workspace::wasm_target_dir().join("wasm32-unknown-unknown").join(profile.name());
    Ok(MODULES.map(|package| folder.join(package.replace('-', "_")).with_extension("wasm")))
}

/// Panic messages carry source paths; those of a release carry none of this machine's.
fn describe_release(cargo: &mut Command, profile: Profile) {
    if profile == Profile::Local {
        return;
    }
    // The variable replaces the flags of .cargo/config.toml, so they are said again.
    let mut flags = vec!["--cfg".to_owned(), "getrandom_backend=\"wasm_js\"".to_owned(), "--cfg".to_owned(), "erase_components".to_owned()];
    flags.push(format!("--remap-path-prefix={}=.", workspace::root().display()));
    let home = std::env::var_os("HOME").map(PathBuf::from);
    if let Some(cargo_home) = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(home?.join(".cargo"))) {
        flags.push(format!("--remap-path-prefix={}=cargo", cargo_home.display()));
    }
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags.join(" "));
}

/// The modules made small in place, half of them beside the other half. Sizes differ a lot, so they are dealt out in turn.
fn shrink(modules: &[PathBuf]) -> Result<()> {
    let hands = thread::available_parallelism().map_or(1, NonZero::get).min(modules.len());
    thread::scope(|scope| {
        let at_work: Vec<_> = (0..hands)
            .map(|hand| {
                let mut shrink = node::node()?;
                shrink.arg(workspace::path("tools/shrink.mjs")).args(modules.iter().skip(hand).step_by(hands));
                Ok(scope.spawn(move || command::run_quietly(&mut shrink)))
            })
            .collect::<Result<_>>()?;
        at_work.into_iter().try_for_each(|hand| hand.join().map_err(|_| anyhow!("a thread stopped unexpectedly; its message is above"))?)
    })
    .context("binaryen could not shrink a module")
}

/// Which inputs an output folder was made from; beside the folder, so that it is never served.
struct Stamp {
    file: PathBuf,
    wanted: String,
}

impl Stamp {
    fn new(output: &str, inputs: &[u8]) -> Self {
        Self { file: workspace::path(&format!("target/tools/stamps/{output}")), wanted: workspace::short_hash(inputs) }
    }

    fn is_current(&self, output: &Path) -> bool {
        output.exists() && fs::read_to_string(&self.file).is_ok_and(|found| found == self.wanted)
    }

    fn keep(&self) -> Result<()> {
        workspace::write(&self.file, &self.wanted)
    }
}
