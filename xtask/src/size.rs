//! `cargo xtask size`: what a release weighs, against `tools/size-budget.toml`.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::{fs, iter, slice};

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;

use crate::build::{self, Profile};
use crate::setup;
use crate::workspace;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Budget {
    app: AppBudget,
    worker: WorkerBudget,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct AppBudget {
    visit_brotli: usize,
    wasm_brotli: usize,
    js_brotli: usize,
    css_brotli: usize,
    preview_brotli: usize,
}

#[derive(Deserialize)]
struct WorkerBudget {
    gzip: usize,
}

/// Bytes of one thing that is sent or uploaded as a whole.
struct Weight {
    name: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Which of its weights is limited.
#[derive(Clone, Copy)]
enum Encoding {
    Gzip,
    Brotli,
}

/// Builds a release, prints its weights, fails when one is over its budget.
pub(crate) fn size() -> Result<()> {
    setup::for_building()?;
    build::app(Profile::Release)?;
    build::worker(Profile::Release)?;
    let Budget { app, worker } =
        toml::from_str(&workspace::read(&workspace::path("tools/size-budget.toml"))?).context("tools/size-budget.toml")?;
    let worker_folder = workspace::path("build/worker");
    let glue = [dist_files("app-", ".js")?, dist_files("boot-", ".js")?].concat();
    let preview = [dist_files("preview-", ".js")?, dist_files("preview-", ".wasm")?].concat();

    let mut rows: Vec<(Weight, usize, Encoding)> = Vec::new();
    for weight in visits()? {
        rows.push((weight, app.visit_brotli, Encoding::Brotli));
    }
    rows.push((weigh("app wasm, every page", &every_module()?)?, app.wasm_brotli, Encoding::Brotli));
    rows.push((weigh("app js", &glue)?, app.js_brotli, Encoding::Brotli));
    rows.push((weigh("app css", &dist_files("app-", ".css")?)?, app.css_brotli, Encoding::Brotli));
    rows.push((weigh("preview", &preview)?, app.preview_brotli, Encoding::Brotli));
    rows.push((weigh("worker", &[worker_folder.join("index.js"), worker_folder.join("index_bg.wasm")])?, worker.gzip, Encoding::Gzip));

    println!("{:<28} {:>10} {:>10} {:>10}   budget", "", "raw", "gzip", "brotli");
    let mut over = Vec::new();
    for (weight, allowed, encoding) in &rows {
        let (is, by) = match encoding {
            Encoding::Gzip => (weight.gzip, "gzip"),
            Encoding::Brotli => (weight.brotli, "brotli"),
        };
        let verdict = if is <= *allowed { "ok" } else { "OVER" };
        println!("{:<28} {:>10} {:>10} {:>10}   {allowed} {by}: {verdict}", weight.name, weight.raw, weight.gzip, weight.brotli);
        if is > *allowed {
            over.push(weight.name.as_str());
        }
    }
    if !over.is_empty() {
        bail!("over budget: {}; make it smaller, or raise tools/size-budget.toml with a reason", over.join(", "));
    }
    Ok(())
}

/// What the start of the app weighs, and what a first visit does that opens a page of each group.
fn visits() -> Result<Vec<Weight>> {
    let start = build::app_folder().join("glue_bg.wasm");
    let mut visits = vec![weigh("app wasm, start", slice::from_ref(&start))?];
    for (group, stems) in build::pages(&build::app_folder())? {
        let files: Vec<PathBuf> = iter::once(start.clone()).chain(stems.iter().map(|stem| page_module(stem))).collect();
        visits.push(weigh(&format!("app wasm, start + {group}"), &files)?);
    }
    Ok(visits)
}

/// All WebAssembly of the app.
fn every_module() -> Result<Vec<PathBuf>> {
    let pages = build::pages(&build::app_folder())?;
    let stems: BTreeSet<&String> = pages.values().flatten().collect();
    Ok(iter::once(build::app_folder().join("glue_bg.wasm")).chain(stems.into_iter().map(|stem| page_module(stem))).collect())
}

fn page_module(stem: &str) -> PathBuf {
    build::app_folder().join(stem).with_extension("wasm")
}

fn dist_files(start: &str, end: &str) -> Result<Vec<PathBuf>> {
    let files = workspace::files_below(&workspace::path("dist"))?;
    Ok(files.into_iter().filter(|(name, _)| name.starts_with(start) && name.ends_with(end)).map(|(_, file)| file).collect())
}

fn weigh(name: &str, files: &[PathBuf]) -> Result<Weight> {
    let mut weight = Weight { name: name.to_owned(), raw: 0, gzip: 0, brotli: 0 };
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
