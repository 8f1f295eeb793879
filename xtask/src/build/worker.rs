//! The Worker: wasm-bindgen, the entry around what it makes, esbuild and binaryen. worker-build does the same for any Worker; to build it
//! takes longer than to build ours.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Profile, Stamp, bindgen, compile};
use crate::command::{self, program};
use crate::setup::node;
use crate::workspace::{self, clear};

/// Builds `build/worker/`; leaves it alone when the compiled crate has not changed.
pub(crate) fn build(profile: Profile) -> Result<()> {
    let [_, _, wasm] = compile(profile)?;
    let (output, entry) = (workspace::path("build/worker"), workspace::path("worker/edge/entry.js"));
    let mut inputs = fs::read(&wasm).with_context(|| format!("cargo did not make {}", wasm.display()))?;
    inputs.extend(profile.name().as_bytes());
    inputs.extend(fs::read(&entry)?);
    inputs.extend(workspace::read(&workspace::path("tools/versions.toml"))?.as_bytes());
    let stamp = Stamp::new("worker", &inputs);
    if stamp.is_current(&output) {
        return Ok(());
    }
    let folder = workspace::path("target/tools/worker");
    clear(&folder)?;
    bindgen::for_workerd(&wasm, &folder)?;
    fs::copy(&entry, folder.join("entry.js"))?;
    bundle(&folder)?;
    // workerd knows a module of WebAssembly by its type, not by the phase of its import.
    let script = workspace::read(&folder.join("bundled.js"))?.replace("import source ", "import ");
    if profile == Profile::Release {
        super::shrink(&[folder.join("index_bg.wasm")])?;
    }
    let next = workspace::path("build/worker.next");
    clear(&next)?;
    workspace::write(&next.join("index.js"), script)?;
    fs::copy(folder.join("index_bg.wasm"), next.join("index_bg.wasm"))?;
    clear(&output)?;
    fs::rename(&next, &output).context("cannot put the new build/worker/ in place")?;
    stamp.keep()
}

/// Entry, glue and snippets as one minified file beside the module.
fn bundle(folder: &Path) -> Result<()> {
    let mut esbuild = program(node::esbuild());
    esbuild.current_dir(folder).args(["./entry.js", "--bundle", "--minify", "--format=esm", "--outfile=bundled.js", "--log-level=warning"]);
    esbuild.args(["--external:./index_bg.wasm", "--external:cloudflare:*"]);
    command::run_quietly(&mut esbuild).context("esbuild could not bundle the Worker's glue")
}
