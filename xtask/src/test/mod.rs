//! `cargo xtask test`: every layer, how many tests each has, and what each took.

mod lanes;
mod layers;
pub(crate) mod quick;
pub(crate) mod summary;
mod timing;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use self::layers::Layer;
use self::summary::Counts;
use self::timing::Stopwatch;
use crate::setup;
use crate::workspace;

pub(crate) use layers::browser_environment;

/// What a person may choose.
#[derive(Args)]
pub(crate) struct Options {
    /// One layer instead of all
    #[arg(long, value_enum)]
    only: Option<Layer>,
    /// Write what the layer found and took into this file, for the run of all layers
    #[arg(long, hide = true, requires = "only")]
    report: Option<PathBuf>,
}

/// Runs the layers; fails when any test did.
pub(crate) fn test(options: &Options) -> Result<()> {
    let all = Stopwatch::start();
    let Some(layer) = options.only else { return every_layer(&all) };
    if options.report.is_none() {
        layer.prepare()?;
    }
    // A layer that cannot even start has failed.
    let counts = layer.run().unwrap_or_else(|error| {
        eprintln!("{error:#}");
        Counts::single(false)
    });
    let report = all.report(&layer.name(), counts);
    if let Some(file) = &options.report {
        return workspace::write(file, serde_json::to_string(&report)?);
    }
    println!("\n{}", timing::table(&[], &report));
    verdict(&report.counts)
}

fn every_layer(all: &Stopwatch) -> Result<()> {
    let watch = Stopwatch::start();
    setup::for_browser_tests()?;
    let mut reports = vec![watch.report("set-up", Counts::default())];
    reports.extend(lanes::run()?);
    let mut counts = Counts::default();
    for report in &reports {
        counts.add(report.counts.clone());
    }
    let total = all.report("total", counts);
    println!("\n{}", timing::table(&reports, &total));
    verdict(&total.counts)
}

fn verdict(counts: &Counts) -> Result<()> {
    println!("\n{} passed, {} failed", counts.passed, counts.failed);
    if counts.failed > 0 {
        bail!("some tests failed; their output is above");
    }
    Ok(())
}
