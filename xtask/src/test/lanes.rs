//! Layers side by side: each is a program of its own, so that its output and its times are its own, too.

use std::fs::{self, File};
use std::process::Stdio;
use std::sync::Mutex;
use std::{env, thread};

use anyhow::{Context, Result, anyhow};

use super::layers::Layer;
use super::summary::Counts;
use super::timing::{Report, Stopwatch};
use crate::command;
use crate::workspace;

/// Two lanes that need each other's processor time only: what is compiled for this machine and runs on it, and what is deployed and runs
/// in workerd or Chromium, whose tests wait more than they work.
const LANES: [&[Layer]; 2] = [
    &[
        Layer::Check,
        Layer::Native,
        Layer::Tools,
        Layer::Rules,
        Layer::Model,
        Layer::Screen,
        Layer::Router,
        Layer::Simulator,
        Layer::Faults,
        Layer::Fuzz,
    ],
    &[Layer::Build, Layer::Worker, Layer::Schema, Layer::Killed, Layer::Deploy, Layer::Run, Layer::Browser],
];

/// Runs every layer; the reports stand in the order of the lanes.
pub(super) fn run() -> Result<Vec<Report>> {
    let terminal = &Mutex::new(());
    thread::scope(|scope| {
        let lanes = LANES.map(|lane| scope.spawn(move || lane.iter().map(|layer| apart(*layer, terminal)).collect::<Vec<_>>()));
        let mut reports = Vec::new();
        for lane in lanes {
            reports.extend(lane.join().map_err(|_| anyhow!("a lane stopped unexpectedly; its message is above"))?);
        }
        Ok(reports)
    })
}

/// Runs a layer in a program of its own, and shows what it said when it has ended.
fn apart(layer: Layer, terminal: &Mutex<()>) -> Report {
    println!("… {}", layer.name());
    let watch = Stopwatch::start();
    // A layer that cannot even start has failed; the others still say what they know.
    let (report, said) = start(layer).unwrap_or_else(|error| (watch.report(&layer.name(), Counts::single(false)), format!("{error:#}\n")));
    let _alone = terminal.lock();
    println!("\n── {} ({}) ──\n{}", layer.name(), report.times(), said.trim_end());
    report
}

fn start(layer: Layer) -> Result<(Report, String)> {
    let file = |ending: &str| workspace::path(&format!("target/tools/test/{}.{ending}", layer.name()));
    let (log, report) = (file("log"), file("json"));
    workspace::write(&log, "")?;
    if report.exists() {
        fs::remove_file(&report)?;
    }
    let output = File::create(&log)?;
    let mut alone = command::program(env::current_exe()?);
    alone.args(["test", "--only", &layer.name(), "--report"]).arg(&report);
    alone.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).status().context("cannot start a layer")?;
    let said = workspace::read(&log)?;
    let report = workspace::read(&report).with_context(|| format!("it ended without a report:\n{said}"))?;
    Ok((serde_json::from_str(&report)?, said))
}
