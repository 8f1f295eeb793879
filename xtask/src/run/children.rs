//! Programs that live as long as a command does, and not a moment longer.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::command::is_installed;

/// A started program; ended when this value goes out of scope.
pub(crate) struct Service {
    name: &'static str,
    process: Child,
    log: PathBuf,
}

impl Service {
    /// Starts a program that prints one JSON line when it is ready, and answers that line.
    /// `first_line` is handed to its standard input, which stays open until the end; later output goes to `log`.
    pub(crate) fn start(name: &'static str, command: Command, first_line: Option<&str>, log: &Path) -> Result<(Self, serde_json::Value)> {
        if let Some(folder) = log.parent() {
            fs::create_dir_all(folder)?;
        }
        let log_file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut process = ends_with_us(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log_file.try_clone()?)
            .spawn()
            .with_context(|| format!("cannot start the {name}"))?;
        if let (Some(line), Some(stdin)) = (first_line, process.stdin.as_mut()) {
            writeln!(stdin, "{line}")?;
        }
        let stdout = process.stdout.take().context("a started program has no output")?;
        let mut service = Self { name, process, log: log.to_path_buf() };
        let mut lines = BufReader::new(stdout).lines();
        let ready = loop {
            match lines.next() {
                Some(line) => {
                    let line = line?;
                    if let Ok(ready) = serde_json::from_str(&line) {
                        break ready;
                    }
                    writeln!(&log_file, "{line}")?;
                }
                None => bail!(service.obituary()),
            }
        };
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = writeln!(&log_file, "{line}");
            }
        });
        Ok((service, ready))
    }

    /// Fails, with the end of its log, once the program is gone.
    pub(crate) fn still_runs(&mut self) -> Result<()> {
        match self.process.try_wait()? {
            None => Ok(()),
            Some(_) => bail!(self.obituary()),
        }
    }

    fn obituary(&mut self) -> String {
        let status = self.process.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let last = lines[lines.len().saturating_sub(15)..].join("\n");
        format!("the {} stopped ({status}); the end of {}:\n{last}", self.name, self.log.display())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        if let Some(pid) = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let patience = Instant::now() + Duration::from_secs(5);
        while Instant::now() < patience {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where Linux has `setpriv`, the kernel ends the child even when we are killed without a chance to tidy up.
fn ends_with_us(command: Command) -> Command {
    if !is_installed("setpriv") {
        return command;
    }
    let mut wrapped = Command::new("setpriv");
    wrapped.args(["--pdeathsig", "TERM", "--"]).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        wrapped.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    wrapped
}

/// From now on Ctrl-C and SIGTERM no longer end this process; they are heard by [`stop_requested`].
pub(crate) fn listen_for_stop() -> Result<()> {
    static LISTENING: OnceLock<()> = OnceLock::new();
    if LISTENING.set(()).is_ok() {
        ctrlc::set_handler(|| STOP.store(true, Ordering::SeqCst)).context("cannot listen for Ctrl-C")?;
    }
    Ok(())
}

static STOP: AtomicBool = AtomicBool::new(false);

/// Whether someone wants this command to end.
pub(crate) fn stop_requested() -> bool {
    STOP.load(Ordering::SeqCst)
}
