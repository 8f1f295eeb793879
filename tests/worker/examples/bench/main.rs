//! Measures the built Worker against the simulator: vendor calls, start-up, and the month of 2,000 companies; with `passes`,
//! what a pass with nothing to do costs, for all sizes or the one that follows; with `tickets`, what the tickets pass costs
//! when nothing has changed and when a thousand devices enter at once. One JSON object a line. Run by `cargo xtask bench`.

mod pass;
mod passes;
mod process;
mod tickets;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::json;
use simulator::Vendor;
use worker_tests::Install;

/// How often a time is taken; its median is printed.
const RUNS: usize = 9;
/// Companies of the worlds whose passes are measured.
const SIZES: [usize; 3] = [300, 2_000, 10_000];

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("passes", sizes)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        let sizes: Vec<usize> = sizes.iter().map(|size| size.parse()).collect::<Result<_, _>>()?;
        for companies in if sizes.is_empty() { SIZES.to_vec() } else { sizes } {
            passes::measure(companies).await?;
        }
        return Ok(());
    }
    if arguments == ["tickets"] {
        return tickets::measure().await;
    }
    for companies in [300, 2_000] {
        measure(companies).await?;
    }
    Ok(())
}

async fn measure(companies: usize) -> Result<()> {
    let install = Install::empty(companies).await?;
    install.connect().await?;
    let before = calls(&install);
    let began = Instant::now();
    install.sync().await?;
    print(&format!("sync_vendor_calls_{companies}"), (calls(&install) - before) as f64, "calls");
    print(&format!("sync_s_{companies}"), began.elapsed().as_secs_f64(), "s");
    install.map_everything_sure(false).await?;
    install.at_rest().await?;
    let changes = install.changes().len();

    let before = calls(&install);
    install.read_on_schedule().await?;
    ensure!(install.changes().len() == changes, "a pass with nothing to do wrote something");
    // Two passes: the mapping is put back by the second.
    print(&format!("noop_pass_vendor_calls_{companies}"), (calls(&install) - before) as f64 / 2.0, "calls");

    if companies == 300 {
        let lines = install.lines("to_approve").await?;
        let before = calls(&install);
        let taken = install.approve(&lines).await?;
        install.at_rest().await?;
        ensure!(taken > 0 && install.changes().len() == taken, "not every approved line was written");
        print("commit_calls_per_line", (calls(&install) - before) as f64 / taken as f64, "calls");
        print("worker_start_ms", median(start_up(&install).await?), "ms");
    } else {
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let began = Instant::now();
            install.get("/api/month?segment=all&limit=500").await?;
            times.push(began.elapsed());
        }
        print("api_month_ms", median(times), "ms");
    }
    Ok(())
}

/// Times of the first answer after the runtime was killed: compiling the module, opening the ledger, answering.
async fn start_up(install: &Install) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        install.served.kill().await?;
        let began = Instant::now();
        let (status, _) = install.answer(Method::GET, "/api/health", None).await?;
        ensure!(status.is_success(), "{status}");
        times.push(began.elapsed());
    }
    Ok(times)
}

/// Calls the vendors have had so far, a person's own at ConnectWise left out.
fn calls(install: &Install) -> usize {
    let entries = install.simulator.world().journal();
    entries.iter().filter(|entry| entry.vendor != Vendor::Protect && entry.method != "HAND").count()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).context("no times").map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}

fn print(name: &str, value: f64, unit: &str) {
    println!("{}", json!({ "name": name, "value": (value * 100.0).round() / 100.0, "unit": unit }));
}
