//! The app: cargo, wasm-bindgen, wasm-opt and esbuild, then the site around it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Profile, Stamp, clear, compile, shrink, site};
use crate::command::{self, program};
use crate::setup::{cargo_tools, node};
use crate::workspace;

/// Builds `dist/`; leaves it alone when nothing that goes into it has changed.
pub(crate) fn build(profile: Profile) -> Result<()> {
    let wasm = compile("app", "--bin=app", profile)?;
    let dist = workspace::path("dist");
    let stamp = Stamp::new("dist", &inputs(&wasm, profile)?);
    if stamp.is_current(&dist) {
        return Ok(());
    }
    let glue = workspace::path("target/tools/app");
    clear(&glue)?;
    bind(&wasm, &glue)?;
    let wasm = glue.join("app_bg.wasm");
    if profile == Profile::Release {
        shrink(&wasm)?;
    }
    bundle(&glue.join("app.js"), &glue.join("bundled.js"))?;

    let next = workspace::path("dist.next");
    clear(&next)?;
    site::assemble(&next, &fs::read(glue.join("bundled.js"))?, &fs::read(&wasm)?)?;
    clear(&dist)?;
    fs::rename(&next, &dist).context("cannot put the new dist/ in place")?;
    stamp.keep()
}

fn inputs(wasm: &Path, profile: Profile) -> Result<Vec<u8>> {
    let mut bytes = fs::read(wasm).with_context(|| format!("cargo did not make {}", wasm.display()))?;
    bytes.extend(profile.name().as_bytes());
    bytes.extend(workspace::read(&workspace::path("tools/versions.toml"))?.as_bytes());
    for (name, file) in workspace::files_below(&workspace::path("public"))? {
        bytes.extend(name.as_bytes());
        bytes.extend(fs::read(file)?);
    }
    Ok(bytes)
}

fn bind(wasm: &Path, glue: &Path) -> Result<()> {
    let mut bindgen = program(cargo_tools::path("wasm-bindgen"));
    bindgen
        .args(["--target", "web", "--no-typescript", "--omit-default-module-path", "--out-name", "app", "--out-dir"])
        .arg(glue)
        .arg(wasm);
    command::run_quietly(&mut bindgen).context("wasm-bindgen could not make the glue of the app")
}

/// Glue and its snippets as one minified module.
fn bundle(entry: &Path, output: &Path) -> Result<()> {
    let mut esbuild = program(node::esbuild());
    esbuild
        .arg(entry)
        .args(["--bundle", "--format=esm", "--minify", "--target=es2022", "--log-level=warning"])
        .arg(format!("--outfile={}", output.display()));
    command::run_quietly(&mut esbuild).context("esbuild could not bundle the app's glue")
}
