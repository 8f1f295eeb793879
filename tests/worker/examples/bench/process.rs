//! What Linux tells about a process that runs.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// What `/proc` counts processor time in; the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;
/// A process that has used no processor time for so long has nothing to do.
const QUIET: Duration = Duration::from_secs(3);

/// A running process.
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// Processor time of all its threads so far, in milliseconds, the kernel's share included.
    pub(crate) fn cpu_ms(&self) -> Result<f64> {
        let text = self.read("stat")?;
        // The name in brackets may hold spaces. Behind it, user and system time are the twelfth and thirteenth field.
        let (_, fields) = text.rsplit_once(')').context("a name in brackets")?;
        let times: Vec<f64> = fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
        ensure!(times.len() == 2, "no times in {text}");
        Ok(times.iter().sum::<f64>() * 1000.0 / TICKS_PER_SECOND)
    }

    /// Memory it has in use now, in MB.
    pub(crate) fn memory_mb(&self) -> Result<f64> {
        self.status("VmRSS:")
    }

    /// The most memory it had in use since [`Process::forget_peak`], in MB.
    pub(crate) fn peak_mb(&self) -> Result<f64> {
        self.status("VmHWM:")
    }

    /// Lets the peak begin anew from what is in use now.
    pub(crate) fn forget_peak(&self) -> Result<()> {
        Ok(std::fs::write(format!("/proc/{}/clear_refs", self.0), "5")?)
    }

    /// Waits until it has nothing to do.
    pub(crate) async fn quiet(&self, patience: Duration) -> Result<()> {
        let limit = Instant::now() + patience;
        let (mut spent, mut since) = (self.cpu_ms()?, Instant::now());
        while since.elapsed() < QUIET {
            ensure!(Instant::now() < limit, "process {} does not become quiet", self.0);
            tokio::time::sleep(Duration::from_millis(100)).await;
            let now = self.cpu_ms()?;
            // A tick now and then is the runtime's own.
            if now - spent > 10.0 {
                (spent, since) = (now, Instant::now());
            }
        }
        Ok(())
    }

    fn status(&self, name: &str) -> Result<f64> {
        let text = self.read("status")?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim_end().parse()?;
        Ok(kilobytes / 1024.0)
    }

    fn read(&self, file: &str) -> Result<String> {
        Ok(std::fs::read_to_string(format!("/proc/{}/{file}", self.0))?)
    }
}
