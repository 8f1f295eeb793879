//! Reading and billing with nothing to do: what one pass of the schedule costs workerd, and how many calls it makes.
//!
//! The schedule goes by the ledger's own moments, so these are set back instead of waiting ten minutes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use worker_tests::Install;

use crate::pass::{PATIENCE, Pass};
use crate::{pass, print};

/// Passes that are measured after the first, which plans the month once more. What a held line waits for is read at most in
/// every third.
const UNCHANGED: usize = 3;
/// Passes in which every mapped agreement comes up once, as `worker/src/passes/read.rs` plans it.
const ROUND: usize = 36;
/// Rows of a full page, as `worker/src/vendors/connectwise` asks for them.
const PAGE: usize = 1000;
/// Passes after which a world must have nothing left to propose.
const ROUNDS: usize = 6;

/// Measures a world of so many companies.
pub(crate) async fn measure(companies: usize) -> Result<()> {
    let install = settled(companies).await?;
    let bound = lower_bound(&install).await?;
    let mut worst = one(&install).await?;
    eprintln!("{companies} companies, planned anew: {worst}");
    let mut unchanged = Pass::default();
    for _ in 0..UNCHANGED {
        let pass = one(&install).await?;
        eprintln!("{companies} companies, unchanged: {pass}");
        unchanged = unchanged.or_worse(&pass);
    }
    worst = worst.or_worse(&unchanged);
    print(&format!("pass_cpu_ms_{companies}"), worst.cpu_ms, "ms");
    print(&format!("pass_calls_{companies}"), worst.calls as f64, "calls");
    print(&format!("pass_calls_lower_bound_{companies}"), bound as f64, "calls");
    print(&format!("pass_memory_mb_{companies}"), worst.memory_mb, "MB");
    print(&format!("pass_wasm_memory_mb_{companies}"), worst.wasm_mb, "MB");
    print(&format!("pass_unchanged_cpu_ms_{companies}"), unchanged.cpu_ms, "ms");
    print(&format!("pass_unchanged_memory_mb_{companies}"), unchanged.memory_mb, "MB");
    Ok(())
}

/// An install that knows its vendors and has nothing to propose: ConnectWise bills what ESET says.
async fn settled(companies: usize) -> Result<Install> {
    let install = Install::empty(companies).await?.patient(PATIENCE);
    install.connect().await?;
    install.sync().await?;
    install.map_everything_sure(false).await?;
    install.at_rest().await?;
    // Agreements with a change are read by every pass, so the next one sees what was edited.
    for _ in 0..ROUNDS {
        let lines = install.lines("to_approve").await?;
        eprintln!("{companies} companies: {} lines to approve", lines.len());
        if lines.is_empty() {
            return Ok(install);
        }
        bill_as_proposed(&install, &lines)?;
        one(&install).await?;
    }
    bail!("there is still something to do")
}

/// Has ConnectWise bill what the lines propose, as if somebody had typed it in there.
fn bill_as_proposed(install: &Install, lines: &[Value]) -> Result<()> {
    for line in lines {
        let line = &line["line"];
        let addition = line["addition"].as_i64().and_then(|id| i32::try_from(id).ok());
        let target: Option<f64> = line["target"].as_str().and_then(|text| text.parse().ok()).or_else(|| line["target"].as_f64());
        install.simulator.world().edit_addition(addition.context("an addition")?, target.context("a quantity")?)?;
    }
    Ok(())
}

async fn one(install: &Install) -> Result<Pass> {
    pass::one(install, &["read", "billing"], set_back).await
}

/// Sets the moments back that the schedule goes by, so that ten minutes have gone for it.
fn set_back(install: &Install) -> Result<()> {
    let ledger = rusqlite::Connection::open(install.served.ledger_file()?)?;
    ledger.busy_timeout(Duration::from_secs(10))?;
    let earlier = |column: &str| format!("{column} = strftime('%Y-%m-%dT%H:%M:%fZ', {column}, '-10 minutes')");
    let due = ledger.execute(&format!("UPDATE passes SET {} WHERE kind IN ('read', 'billing')", earlier("started_at")), [])?;
    ledger.execute(&format!("UPDATE additions SET {}", earlier("read_at")), [])?;
    ensure!(due > 0, "no pass has run yet");
    Ok(())
}

/// The fewest calls a pass can make and keep the promise of the read plan, which is that the additions of each mapped agreement
/// are read again within [`ROUND`] passes: the pages of all of them, each agreement's filled to [`PAGE`] rows and at least
/// one, because ConnectWise lists additions by agreement only, spread evenly over the round. What is read besides, for held
/// lines, logins or the hourly catalogue, is above the bound.
async fn lower_bound(install: &Install) -> Result<usize> {
    let mut rows: BTreeMap<i64, usize> = BTreeMap::new();
    for addition in install.simulator.world().additions() {
        *rows.entry(i64::from(addition.agreement_id)).or_default() += 1;
    }
    let companies = install.all("/api/companies?state=mapped&limit=500").await?;
    let mapped: BTreeSet<i64> = companies.iter().filter_map(|company| Value::as_i64(&company["mapping"]["agreement"])).collect();
    ensure!(!mapped.is_empty(), "no company is mapped");
    let pages = |agreement: &i64| rows.get(agreement).copied().unwrap_or_default().div_ceil(PAGE).max(1);
    Ok(mapped.iter().map(pages).sum::<usize>().div_ceil(ROUND))
}
