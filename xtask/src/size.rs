//! `cargo xtask size`: what a release weighs and how many files a first visit fetches, against `tools/size-budget.toml`.

mod table;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::{fs, iter};

use anyhow::{Context, Result, bail};
use clap::Args;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::build::{self, Profile};
use crate::setup;
use crate::workspace;

/// What a person may choose.
#[derive(Args)]
pub(crate) struct Options {
    /// Keep what was measured in tools/size-measured.json, and write README's table from it
    #[arg(long)]
    write: bool,
}

#[derive(Deserialize)]
struct Budget {
    visit: VisitBudget,
    worker: WorkerBudget,
}

#[derive(Deserialize)]
struct VisitBudget {
    brotli: usize,
    files: usize,
}

#[derive(Deserialize)]
struct WorkerBudget {
    gzip: usize,
}

/// Files that are fetched or uploaded together, and their bytes.
#[derive(Serialize, Deserialize, Clone, Debug)]
struct Weight {
    name: String,
    files: usize,
    raw: usize,
    gzip: usize,
    brotli: usize,
    kind: Kind,
}

#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// Everything a first visit to a page fetches.
    Visit,
    /// What is uploaded.
    Worker,
    /// Measured only.
    Part,
}

/// Builds a release, prints what it weighs, fails when something is over its budget.
pub(crate) fn size(options: &Options) -> Result<()> {
    setup::for_building()?;
    build::app(Profile::Release)?;
    build::worker(Profile::Release)?;
    let budget = budget()?;
    let weights = weights()?;
    println!("{}", table::plain(&weights, &budget));
    if options.write {
        table::keep(&weights, &budget)?;
    }
    let over: Vec<&str> = weights.iter().filter(|weight| budget.is_over(weight)).map(|weight| weight.name.as_str()).collect();
    if !over.is_empty() {
        bail!("over budget: {}; make it smaller, or raise tools/size-budget.toml with a reason", over.join(", "));
    }
    Ok(())
}

fn budget() -> Result<Budget> {
    toml::from_str(&workspace::read(&workspace::path("tools/size-budget.toml"))?).context("tools/size-budget.toml")
}

impl Budget {
    fn is_over(&self, weight: &Weight) -> bool {
        match weight.kind {
            Kind::Visit => weight.brotli > self.visit.brotli || weight.files > self.visit.files,
            Kind::Worker => weight.gzip > self.worker.gzip,
            Kind::Part => false,
        }
    }
}

fn weights() -> Result<Vec<Weight>> {
    let dist = workspace::path("dist");
    let worker = workspace::path("build/worker");
    let page = dist.join("index.html");
    let fetched = fetched_by(&workspace::read(&page)?);
    let start: Vec<PathBuf> = iter::once(page).chain(fetched.iter().map(|address| dist.join(address))).collect();
    let pages = build::pages(&build::app_folder())?;

    let mut weights = vec![weigh("start of every page", &start, Kind::Part)?];
    let (opened, visited): (Vec<_>, Vec<_>) = pages.iter().partition(|(group, _)| group.starts_with(build::OPENED));
    for (group, stems) in visited {
        let files: Vec<PathBuf> = start.iter().cloned().chain(stems.iter().map(|stem| page_module(stem))).collect();
        weights.push(weigh(&format!("first visit: {}", group.replace('_', " ")), &files, Kind::Visit)?);
    }
    // Without the start, which is there by then.
    for (group, stems) in opened {
        let files: Vec<PathBuf> = stems.iter().map(|stem| page_module(stem)).collect();
        let part = group.trim_start_matches(build::OPENED).replace('_', " ");
        weights.push(weigh(&format!("{part}, when opened"), &files, Kind::Part)?);
    }
    let stems: BTreeSet<&String> = pages.values().flatten().collect();
    let everything: Vec<PathBuf> = start.iter().cloned().chain(stems.into_iter().map(|stem| page_module(stem))).collect();
    weights.push(weigh("every page", &everything, Kind::Part)?);
    let files = workspace::files_below(&dist)?;
    let preview: Vec<PathBuf> = files.into_iter().filter(|(name, _)| name.starts_with("preview-")).map(|(_, file)| file).collect();
    weights.push(weigh("preview of rules, when opened", &preview, Kind::Part)?);
    weights.push(weigh("Worker", &[worker.join("index.js"), worker.join("index_bg.wasm")], Kind::Worker)?);
    Ok(weights)
}

fn page_module(stem: &str) -> PathBuf {
    build::app_folder().join(stem).with_extension("wasm")
}

/// The addresses of what a browser fetches because the page names it. An icon that only a home screen shows is fetched by none.
fn fetched_by(page: &str) -> BTreeSet<String> {
    let named = page.lines().filter(|line| !line.contains("apple-touch-icon"));
    let named = named.flat_map(|line| [" src=\"/", " href=\"/"].map(|before| line.split_once(before))).flatten();
    named.filter_map(|(_, rest)| rest.split_once('"')).map(|(address, _)| address.to_owned()).collect()
}

fn weigh(name: &str, files: &[PathBuf], kind: Kind) -> Result<Weight> {
    let mut weight = Weight { name: name.to_owned(), files: files.len(), raw: 0, gzip: 0, brotli: 0, kind };
    for file in files {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        weight.raw += bytes.len();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&bytes)?;
        weight.gzip += gzip.finish()?.len();
        let mut squeezed = Vec::new();
        let settings = brotli::enc::BrotliEncoderParams::default();
        brotli::BrotliCompress(&mut bytes.as_slice(), &mut squeezed, &settings)?;
        weight.brotli += squeezed.len();
    }
    Ok(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_fetches_each_file_the_page_names_once() {
        let page = "<html data-preview=\"/preview-1.js\">\n<script src=\"/theme.js\"></script>\n<link rel=\"icon\" href=\"/icons/logo.svg\">\n\
            <link rel=\"apple-touch-icon\" href=\"/icons/192.png\">\n<img src=\"/icons/logo.svg\">\n<use href=\"#i-close\"></use>";
        assert_eq!(fetched_by(page).into_iter().collect::<Vec<_>>(), ["icons/logo.svg", "theme.js"]);
    }
}
