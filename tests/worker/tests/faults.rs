//! Faults on the built Worker: workerd is killed or emptied at many moments of a commit, and calls break in every way.
//! The simulator's journal is the judge: at most one effective change for each line, and nothing left hanging.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use simulator::{Fault, FaultKind, Vendor};
use worker_tests::Install;

/// Approves everything that can be, lets `trouble` happen meanwhile, and checks what the vendor saw.
async fn commit_through<F: AsyncFn(&Install) -> Result<()>>(companies: usize, trouble: F) -> Result<()> {
    let install = Install::busy(companies).await?;
    let lines = install.lines("to_approve").await?;
    ensure!(!lines.is_empty(), "nothing to approve");
    ensure!(install.approve(&lines).await? == lines.len(), "a line was refused");
    trouble(&install).await?;
    install.simulator.world().clear_faults();
    install.at_rest().await?;
    judge(&install, &lines).await
}

async fn judge(install: &Install, lines: &[serde_json::Value]) -> Result<()> {
    let changes = install.changes();
    let doubled: Vec<_> = changes.iter().filter(|(_, count)| **count > 1).collect();
    ensure!(doubled.is_empty(), "changed more than once: {doubled:?}");
    let intents = install.get("/api/intents?limit=500").await?;
    let intents = intents["items"].as_array().cloned().unwrap_or_default();
    ensure!(intents.len() == lines.len(), "{} intents for {} lines", intents.len(), lines.len());
    for row in &intents {
        let (intent, addition) = (&row["intent"], row["intent"]["addition"].as_i64().unwrap_or_default());
        let is = install.simulator.world().addition(i32::try_from(addition)?).map(|addition| addition.quantity.to_string());
        match intent["state"].as_str().unwrap_or_default() {
            "done" => ensure!(is.as_deref() == intent["to"].as_str(), "done, but the addition has {is:?}: {intent}"),
            "failed" | "parked" => ensure!(!intent["outcome"]["words"].is_null(), "without a reason: {intent}"),
            state => anyhow::bail!("stuck in {state}: {intent}"),
        }
    }
    println!("lines={} changed={} double_changes=0 stuck=0", lines.len(), changes.len());
    Ok(())
}

/// Makes each write slow, so that what happens next happens in the middle of one.
fn slow_writes(install: &Install) {
    let fault = Fault::new(Vendor::ConnectWise, FaultKind::Delay { ms: 40 }).on("PATCH", "/additions/");
    install.simulator.world().inject(fault);
}

#[tokio::test]
async fn faults_workerd_killed_again_and_again_during_commits() -> Result<()> {
    commit_through(60, async |install| {
        slow_writes(install);
        for pause in [5, 30, 60, 90, 140] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            install.served.kill().await?;
        }
        Ok(())
    })
    .await
}

/// Moments nobody chose. A failure says by which `KILL_SEED` it is seen again, as far as the machine's own timing allows.
#[tokio::test]
async fn faults_workerd_killed_at_random_moments_during_commits() -> Result<()> {
    let seed = std::env::var("KILL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    let mut random = fastrand::Rng::with_seed(seed);
    let pauses: Vec<u64> = (0..8).map(|_| random.u64(0..250)).collect();
    let killed = commit_through(40, async |install| {
        slow_writes(install);
        for pause in &pauses {
            tokio::time::sleep(Duration::from_millis(*pause)).await;
            install.served.kill().await?;
        }
        Ok(())
    });
    killed.await.with_context(|| format!("KILL_SEED={seed}: killed after pauses of {pauses:?} ms"))
}

#[tokio::test]
async fn faults_ledger_dropped_from_memory_during_commits() -> Result<()> {
    commit_through(40, async |install| {
        slow_writes(install);
        for pause in [5, 40, 80] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            if !install.served.evict().await? {
                println!("not checked: this runtime cannot drop an object from memory");
            }
        }
        Ok(())
    })
    .await
}

/// Breaks the first writes in the same way and lets the Worker find out by itself; every change must arrive, once.
async fn commit_with_broken_writes(kind: FaultKind) -> Result<()> {
    let install = Install::busy(20).await?;
    let lines = install.lines("to_approve").await?;
    install.simulator.world().inject(Fault::new(Vendor::ConnectWise, kind).on("PATCH", "/additions/").times(3));
    install.approve(&lines).await?;
    install.at_rest().await?;
    judge(&install, &lines).await?;
    ensure!(install.changes().len() == lines.len(), "a change was lost");
    Ok(())
}

#[tokio::test]
async fn faults_answers_lost_after_the_effect() -> Result<()> {
    commit_with_broken_writes(FaultKind::ResetAfter).await
}

#[tokio::test]
async fn faults_connections_cut_before_the_effect() -> Result<()> {
    commit_with_broken_writes(FaultKind::ResetBefore).await
}
