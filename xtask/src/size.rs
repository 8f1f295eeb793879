//! `cargo xtask size`: what a release weighs, against `tools/size-budget.toml`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

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
    name: &'static str,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Builds a release, prints its weights, fails when one is over its budget.
pub(crate) fn size() -> Result<()> {
    setup::for_building()?;
    build::app(Profile::Release)?;
    build::worker(Profile::Release)?;
    let budget: Budget = toml::from_str(&workspace::read(&workspace::path("tools/size-budget.toml"))?).context("tools/size-budget.toml")?;

    let wasm = weigh("app wasm", &dist_files("app-", ".wasm")?)?;
    let js = weigh("app js", &[dist_files("app-", ".js")?, dist_files("boot-", ".js")?].concat())?;
    let css = weigh("app css", &dist_files("app-", ".css")?)?;
    let preview = weigh("preview", &[dist_files("preview-", ".js")?, dist_files("preview-", ".wasm")?].concat())?;
    let worker_folder = workspace::path("build/worker");
    let worker = weigh("worker", &[worker_folder.join("index.js"), worker_folder.join("index_bg.wasm")])?;

    let limits = [
        (wasm.brotli, budget.app.wasm_brotli, "brotli"),
        (js.brotli, budget.app.js_brotli, "brotli"),
        (css.brotli, budget.app.css_brotli, "brotli"),
        (preview.brotli, budget.app.preview_brotli, "brotli"),
        (worker.gzip, budget.worker.gzip, "gzip"),
    ];
    println!("{:<10} {:>10} {:>10} {:>10}   budget", "", "raw", "gzip", "brotli");
    let mut over = Vec::new();
    for (weight, (is, allowed, encoding)) in [wasm, js, css, preview, worker].iter().zip(limits) {
        let verdict = if is <= allowed { "ok" } else { "OVER" };
        println!("{:<10} {:>10} {:>10} {:>10}   {allowed} {encoding}: {verdict}", weight.name, weight.raw, weight.gzip, weight.brotli);
        if is > allowed {
            over.push(weight.name);
        }
    }
    if !over.is_empty() {
        bail!("over budget: {}; make it smaller, or raise tools/size-budget.toml with a reason", over.join(", "));
    }
    Ok(())
}

fn dist_files(start: &str, end: &str) -> Result<Vec<PathBuf>> {
    let files = workspace::files_below(&workspace::path("dist"))?;
    Ok(files.into_iter().filter(|(name, _)| name.starts_with(start) && name.ends_with(end)).map(|(_, file)| file).collect())
}

fn weigh(name: &'static str, files: &[PathBuf]) -> Result<Weight> {
    let mut weight = Weight { name, raw: 0, gzip: 0, brotli: 0 };
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
