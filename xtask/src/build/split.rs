//! The app as several modules of WebAssembly: one every visit needs, and for each group of pages what only it needs.
//!
//! A function marked `#[wasm_split(group, …)]` in `app/src/pages/mod.rs` is where a group begins. What two groups need and the
//! start does not becomes a chunk that is loaded with either. `__wasm_split.js` fetches them; esbuild makes it one with the glue.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use crate::workspace;

const PAGES: &str = "pages.json";

/// The stems of the modules each group of pages loads besides the start, by the group's name.
pub(crate) type Pages = BTreeMap<String, Vec<String>>;

/// Splits what cargo linked. Writes the modules and `__wasm_split.js` into `folder`, and answers the start, which
/// wasm-bindgen has yet to see.
pub(super) fn split(linked: &Path, folder: &Path) -> Result<PathBuf> {
    let input = fs::read(linked).with_context(|| format!("cargo did not make {}", linked.display()))?;
    let start = folder.join("start.wasm");
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = folder;
    options.main_out_path = &start;
    options.main_module = "./glue.js";
    let made = wasm_split_cli_support::transform(options).map_err(|report| anyhow!("the app cannot be split: {report:#}"))?;
    let pages: Pages = made.prefetch_map.into_iter().collect();
    workspace::write(&folder.join(PAGES), serde_json::to_string(&pages)?)?;
    Ok(start)
}

/// What each group of pages loads, as the last build of the app left it.
pub(crate) fn pages(folder: &Path) -> Result<Pages> {
    serde_json::from_str(&workspace::read(&folder.join(PAGES))?).context("the pages of the app cannot be read")
}

/// Every module but the start, in the order of their names.
pub(super) fn modules(pages: &Pages) -> Vec<&str> {
    let mut stems: Vec<&str> = pages.values().flatten().map(String::as_str).collect();
    stems.sort_unstable();
    stems.dedup();
    stems
}
