//! The Worker: worker-build, told which tools to use so that it downloads none.

use std::fs;

use anyhow::{Context, Result};

use super::{Profile, Stamp, compile};
use crate::command::{self, program};
use crate::setup::{cargo_tools, node, wasm_target};
use crate::workspace;

/// Builds `build/worker/`; leaves it alone when the compiled crate has not changed.
pub(crate) fn build(profile: Profile) -> Result<()> {
    let wasm = compile("seatbridge-module", "--lib", profile)?;
    let output = workspace::path("build/worker");
    let mut inputs = fs::read(&wasm).with_context(|| format!("cargo did not make {}", wasm.display()))?;
    inputs.extend(profile.name().as_bytes());
    inputs.extend(workspace::read(&workspace::path("tools/versions.toml"))?.as_bytes());
    let stamp = Stamp::new("worker", &inputs);
    if stamp.is_current(&output) {
        return Ok(());
    }
    let mut build = program(cargo_tools::path("worker-build"));
    wasm_target::environment(&mut build)?;
    super::describe_release(&mut build, profile);
    build
        .current_dir(workspace::path("worker/edge"))
        .env("WASM_BINDGEN_BIN", cargo_tools::path("wasm-bindgen"))
        .env("WASM_OPT_BIN", node::bin("wasm-opt"))
        .env("ESBUILD_BIN", node::esbuild())
        .env("PATH", node::search_path()?)
        .args(["--out-dir", "../../build/worker"]);
    // Its own wasm-opt keeps every function's name; ours does not.
    build.arg("--no-opt");
    match profile {
        Profile::Local => build.args(["--profile", profile.name()]),
        Profile::Release => build.arg("--release"),
    };
    command::run_quietly(&mut build).context("worker-build could not make the Worker")?;
    if profile == Profile::Release {
        super::shrink(&[output.join("index_bg.wasm")])?;
    }
    stamp.keep()
}
