//! wasm-bindgen, as a library: it is of the version that Cargo.lock names for the crates it binds, and no program has to be installed.

use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

/// Writes `glue.js` and `glue_bg.wasm` for a browser, which is told at run time where the module is. A module that others are loaded
/// beside keeps what they take from it: the table of functions and the memory.
pub(super) fn for_browser(wasm: &Path, folder: &Path, is_split: bool) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.web(true)?.omit_default_module_path(true).keep_lld_exports(is_split);
    write(&mut bindgen, "glue", wasm, folder)
}

/// Writes `index.js` and `index_bg.wasm` for workerd, able to begin anew after a panic, as worker-build asks for it.
pub(super) fn for_workerd(wasm: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.module(true)?.omit_default_module_path(false).reset_state_function(true).force_enable_abort_handler(true);
    write(&mut bindgen, "index", wasm, folder)
}

fn write(bindgen: &mut Bindgen, name: &str, wasm: &Path, folder: &Path) -> Result<()> {
    bindgen
        .input_path(wasm)
        .out_name(name)
        .typescript(false)
        .generate(folder)
        .with_context(|| format!("wasm-bindgen could not make the glue of {}", wasm.display()))
}
