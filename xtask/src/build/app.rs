//! The app and the preview beside it: cargo, the splitting, wasm-bindgen, binaryen and esbuild, then the site around them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Profile, Stamp, bindgen, compile, shrink, site, split};
use crate::command::{self, program};
use crate::setup::node;
use crate::workspace::{self, clear};

/// Builds `dist/`; leaves it alone when nothing that goes into it has changed.
pub(crate) fn build(profile: Profile) -> Result<()> {
    let [app, preview, _] = compile(profile)?;
    let dist = workspace::path("dist");
    let stamp = Stamp::new("dist", &inputs(&[&app, &preview], profile)?);
    if stamp.is_current(&dist) {
        return Ok(());
    }
    let app = split_module(&app, profile)?;
    fs::copy(workspace::path("public/boot.js"), app.join("boot.js"))?;
    bundle(&app.join("boot.js"), &app.join("bundled.js"), "esm")?;
    let preview = whole_module("preview", &preview, profile)?;
    fs::copy(workspace::path("public/preview.js"), preview.join("worker.js"))?;
    bundle(&preview.join("worker.js"), &preview.join("bundled.js"), "iife")?;

    let app_module = site::Module::read(&app)?.with(&app, &split::modules(&split::pages(&app)?))?;
    let next = workspace::path("dist.next");
    clear(&next)?;
    site::assemble(&next, &app_module, &site::Module::read(&preview)?)?;
    clear(&dist)?;
    fs::rename(&next, &dist).context("cannot put the new dist/ in place")?;
    stamp.keep()
}

/// Where the last build of the app left its modules.
pub(crate) fn folder() -> PathBuf {
    workspace::path("target/tools/app")
}

/// The folder with the glue and the wasm of the app, which loads its pages one by one.
fn split_module(wasm: &Path, profile: Profile) -> Result<PathBuf> {
    let folder = folder();
    clear(&folder)?;
    fs::create_dir_all(&folder)?;
    let start = split::split(wasm, &folder)?;
    bindgen::for_browser(&start, &folder, true)?;
    if profile == Profile::Release {
        let mut modules = vec![folder.join("glue_bg.wasm")];
        modules.extend(split::modules(&split::pages(&folder)?).into_iter().map(|stem| folder.join(stem).with_extension("wasm")));
        shrink(&modules)?;
    }
    Ok(folder)
}

/// The folder with the glue and the wasm of a crate that is loaded as a whole.
fn whole_module(name: &str, wasm: &Path, profile: Profile) -> Result<PathBuf> {
    let folder = workspace::path(&format!("target/tools/{name}"));
    clear(&folder)?;
    bindgen::for_browser(wasm, &folder, false)?;
    if profile == Profile::Release {
        shrink(&[folder.join("glue_bg.wasm")])?;
    }
    Ok(folder)
}

fn inputs(modules: &[&Path], profile: Profile) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for wasm in modules {
        bytes.extend(fs::read(wasm).with_context(|| format!("cargo did not make {}", wasm.display()))?);
    }
    bytes.extend(profile.name().as_bytes());
    bytes.extend(workspace::read(&workspace::path("tools/versions.toml"))?.as_bytes());
    for (name, file) in workspace::files_below(&workspace::path("public"))? {
        bytes.extend(name.as_bytes());
        bytes.extend(fs::read(file)?);
    }
    Ok(bytes)
}

/// A script and what it imports as one minified file.
fn bundle(entry: &Path, output: &Path, format: &str) -> Result<()> {
    let mut esbuild = program(node::esbuild());
    esbuild
        .arg(entry)
        .args(["--bundle", "--minify", "--target=es2022", "--log-level=warning"])
        .arg(format!("--format={format}"))
        .arg(format!("--outfile={}", output.display()));
    command::run_quietly(&mut esbuild).context("esbuild could not bundle the glue of a module")
}
