//! The app as several modules of WebAssembly: one every visit needs, and a few for each group of pages.
//!
//! A function marked `#[wasm_split(group, …)]` in `app/src/pages/mod.rs` is where a group begins. The splitting makes a module of what
//! each group, two groups, three of them need and the start does not: hundreds, most of them tiny. They are put together here until a
//! page loads no more than [`MOST_MODULES`]. `__wasm_split.js` fetches them; esbuild makes it one with the glue.

mod gather;
mod join;
mod loader;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};

use self::gather::{Piece, gather};
use crate::workspace;

const PAGES: &str = "pages.json";
const LOADER: &str = "__wasm_split.js";

/// The most modules a page loads besides the start. With them a first visit is twelve files.
const MOST_MODULES: usize = 5;

/// The most modules of a part that opens on a click. The page has mostly fetched some of them by then; a lower limit would put more
/// into every page.
const MOST_OF_PART: usize = 8;

/// How the name of a group begins that opens on a click, and of which no page begins.
pub(crate) const OPENED: &str = "opened_";

/// The stems of the modules each group of pages loads besides the start, by the group's name.
pub(crate) type Pages = BTreeMap<String, Vec<String>>;

/// Splits what cargo linked. Writes the modules and `__wasm_split.js` into `folder`, and answers the start, which
/// wasm-bindgen has yet to see.
pub(super) fn split(linked: &Path, folder: &Path) -> Result<PathBuf> {
    let input = fs::read(linked).with_context(|| format!("cargo did not make {}", linked.display()))?;
    let pieces = folder.join("pieces");
    let start = folder.join("start.wasm");
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = &pieces;
    options.main_out_path = &start;
    options.main_module = "./glue.js";
    fs::create_dir_all(&pieces)?;
    let made = wasm_split_cli_support::transform(options).map_err(|report| anyhow!("the app cannot be split: {report:#}"))?;
    let pages = put_together(&made.prefetch_map.into_iter().collect(), &pieces, folder)?;
    let written = workspace::read(&pieces.join(LOADER))?;
    workspace::write(&folder.join(LOADER), loader::loader(&written, &pages)?)?;
    workspace::write(&folder.join(PAGES), serde_json::to_string(&pages)?)?;
    super::clear(&pieces)?;
    Ok(start)
}

/// Writes the modules that pages load into `folder`, each made of some of `pieces`; answers what each group loads by now.
fn put_together(singly: &Pages, pieces: &Path, folder: &Path) -> Result<Pages> {
    ensure!(singly.len() <= 64, "the app has more than 64 groups of pages");
    let mut found: BTreeMap<&String, Piece> = BTreeMap::new();
    for (bit, stems) in singly.values().enumerate() {
        for stem in stems {
            let known = match found.entry(stem) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let module = fs::read(piece(pieces, stem)).with_context(|| format!("the splitting did not make {stem}"))?;
                    new.insert(Piece { groups: 0, stems: vec![stem.clone()], bytes: join::own_bytes(&module)? })
                }
            };
            known.groups |= 1 << bit;
        }
    }
    let most: Vec<usize> = singly.keys().map(|group| if group.starts_with(OPENED) { MOST_OF_PART } else { MOST_MODULES }).collect();
    let gathered = gather(found.into_values().collect(), &most);
    let mut pages: Pages = singly.keys().map(|group| (group.clone(), Vec::new())).collect();
    for (number, part) in gathered.iter().enumerate() {
        let modules: Vec<Vec<u8>> = part.stems.iter().map(|stem| Ok(fs::read(piece(pieces, stem))?)).collect::<Result<_>>()?;
        // What one group alone needs is called by it, as the splitting did.
        let stem = match part.stems.as_slice() {
            [own] if part.groups.is_power_of_two() => own.clone(),
            _ => format!("part_{number}"),
        };
        workspace::write(&piece(folder, &stem), join::join(&modules).with_context(|| format!("{:?} cannot be put together", part.stems))?)?;
        for (_, stems) in pages.values_mut().enumerate().filter(|(bit, _)| part.groups & (1 << bit) != 0) {
            stems.push(stem.clone());
        }
    }
    Ok(pages)
}

fn piece(folder: &Path, stem: &str) -> PathBuf {
    folder.join(stem).with_extension("wasm")
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
