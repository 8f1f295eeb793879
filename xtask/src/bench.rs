//! `cargo xtask bench`: measurements, one JSON object per line.
//!
//! A bench is a row of [`BENCHES`]: its name and a function that answers what it measured. Add a row to add a bench.

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;

use crate::build::{self, Profile};
use crate::command::{self, cargo};
use crate::setup::{self, node};
use crate::workspace;

/// What a person may choose.
#[derive(Args)]
pub(crate) struct Options {
    /// Only benches whose name contains this
    filter: Option<String>,
}

/// One line of the output.
#[derive(Serialize, serde::Deserialize)]
pub(crate) struct Measurement {
    /// What was measured.
    name: String,
    /// How much.
    value: f64,
    /// Of what.
    unit: String,
}

type Bench = fn() -> Result<Vec<Measurement>>;

const BENCHES: [(&str, Bench); 6] = [
    ("rules", rules),
    ("ledger", ledger),
    ("edge", edge),
    ("edge-passes", edge_passes),
    ("edge-tickets", edge_tickets),
    ("preview", preview),
];

/// Runs the benches; one that fails is told and the others still run.
pub(crate) fn bench(options: &Options) -> Result<()> {
    let wanted = |name: &str| options.filter.as_deref().is_none_or(|filter| name.contains(filter));
    let mut failed = Vec::new();
    for (name, measure) in BENCHES.iter().filter(|(name, _)| wanted(name)) {
        match measure() {
            Ok(measured) => {
                for measurement in measured {
                    println!("{}", serde_json::to_string(&measurement)?);
                }
            }
            Err(error) => {
                eprintln!("{name}: {error:#}");
                failed.push(*name);
            }
        }
    }
    if !failed.is_empty() {
        bail!("no measurement from {}", failed.join(", "));
    }
    Ok(())
}

/// The example `plan_bench` of the rules prints its own lines.
fn rules() -> Result<Vec<Measurement>> {
    lines_of(cargo().args(["run", "--release", "--package", "engine", "--example", "plan_bench"]))
}

/// The example `ledger_bench` of the native install counts what a day without a change writes; counting need not be fast.
fn ledger() -> Result<Vec<Measurement>> {
    lines_of(cargo().args(["run", "--package", "harness", "--example", "ledger_bench"]))
}

/// The example `bench` of the Worker's tests drives the release build in workerd; the driver itself need not be fast.
fn edge() -> Result<Vec<Measurement>> {
    on_the_edge(&[])
}

/// The same example measures what a pass with nothing to do costs workerd, for three sizes.
fn edge_passes() -> Result<Vec<Measurement>> {
    on_the_edge(&["passes"])
}

/// The same example measures the tickets pass of many rules and devices.
fn edge_tickets() -> Result<Vec<Measurement>> {
    on_the_edge(&["tickets"])
}

fn on_the_edge(arguments: &[&str]) -> Result<Vec<Measurement>> {
    setup::for_building()?;
    build::worker(Profile::Release)?;
    let mut example = cargo();
    example.args(["run", "--package", "worker-tests", "--example", "bench", "--"]);
    example.args(arguments);
    lines_of(example.env("PATH", node::search_path()?))
}

/// The script `preview-bench.mjs` asks the release build's preview in Chromium what an edited product changes on 10,000 lines.
fn preview() -> Result<Vec<Measurement>> {
    setup::for_browser_tests()?;
    build::app(Profile::Release)?;
    let slice = workspace::path("target/tools/slice.json");
    let mut example = cargo();
    example.args(["run", "--release", "--package", "engine", "--example", "plan_bench", "--", "slice"]);
    workspace::write(&slice, command::output(&mut example)?)?;
    lines_of(node::node()?.arg(workspace::path("tests/browser/preview-bench.mjs")).arg(slice))
}

fn lines_of(command: &mut std::process::Command) -> Result<Vec<Measurement>> {
    command::output(command)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}
