//! What one pass of the schedule costs workerd, and how many calls it makes.
//!
//! The runtime is started anew before each pass, because an object that nobody asks for is dropped from memory between two
//! crons.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use worker_tests::Install;

use crate::calls;
use crate::process::Process;

/// How long a large world may take to come to rest.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1800);

/// What one pass used.
#[derive(Default)]
pub(crate) struct Pass {
    pub(crate) cpu_ms: f64,
    pub(crate) calls: usize,
    /// What workerd took beyond what it had, with code that was compiled and JavaScript that was not collected yet.
    pub(crate) memory_mb: f64,
    /// What the Worker's own memory grew to.
    pub(crate) wasm_mb: f64,
}

impl Pass {
    pub(crate) fn or_worse(&self, other: &Self) -> Self {
        Self {
            cpu_ms: self.cpu_ms.max(other.cpu_ms),
            calls: self.calls.max(other.calls),
            memory_mb: self.memory_mb.max(other.memory_mb),
            wasm_mb: self.wasm_mb.max(other.wasm_mb),
        }
    }
}

impl std::fmt::Display for Pass {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:.0} ms, {} calls, {:.1} MB, of wasm {:.0} MB", self.cpu_ms, self.calls, self.memory_mb, self.wasm_mb)
    }
}

/// Has the cron call ten minutes later, and measures until the last alarm it started is over. `set_back` moves the moments that
/// the schedule goes by, and passes of these kinds have to be made.
pub(crate) async fn one(install: &Install, kinds: &[&str], set_back: fn(&Install) -> Result<()>) -> Result<Pass> {
    install.at_rest().await?;
    install.served.kill().await?;
    set_back(install)?;
    let (status, _) = install.answer(Method::GET, "/api/health", None).await?;
    ensure!(status.is_success(), "{status}");
    let workerd = Process(install.served.workerd().await?);
    workerd.quiet(PATIENCE).await?;
    let (cpu, idle, before) = (workerd.cpu_ms()?, workerd.memory_mb()?, calls(install));
    workerd.forget_peak()?;
    install.served.forget_log()?;
    install.cron().await?;
    workerd.quiet(PATIENCE).await?;
    let pass = Pass {
        cpu_ms: workerd.cpu_ms()? - cpu,
        calls: calls(install) - before,
        memory_mb: workerd.peak_mb()? - idle,
        wasm_mb: f64::from(install.served.memory_mb()?),
    };
    install.at_rest().await?;
    let passes = install.get("/api/passes").await?;
    let latest = |kind: &str| passes["items"].as_array().into_iter().flatten().find(|pass| pass["kind"] == kind).cloned();
    for kind in kinds {
        let pass = latest(kind).with_context(|| format!("no {kind} pass in {passes}"))?;
        ensure!(pass["state"] == "done" && pass["started_by"] == "schedule", "{pass}");
    }
    Ok(pass)
}
