//! `cargo xtask backup`: a backup of an install into a file, or a file into a new install.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::Value;

/// What is backed up, and where to.
#[derive(Args)]
pub(crate) struct Options {
    /// The install, such as https://seatbridge.example.workers.dev
    url: String,
    /// The file; `seatbridge-<day>.json` when left out
    file: Option<PathBuf>,
    /// Import the file into this install, in which nothing is connected yet
    #[arg(long, requires = "file")]
    import: bool,
}

/// Where the API token of an administrator is read from: an argument could be seen by others on the machine.
const TOKEN: &str = "SEATBRIDGE_TOKEN";

/// Takes or imports a backup.
pub(crate) fn backup(options: &Options) -> Result<()> {
    let token = std::env::var(TOKEN).with_context(|| format!("set {TOKEN} to an administrator's API token (Settings, API tokens)"))?;
    let base = options.url.trim_end_matches('/');
    ensure!(goes_unseen(base), "{base} is neither https nor this machine: the token could be read on its way");
    ensure!(token.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter)), "{TOKEN} is no API token");
    match (&options.file, options.import) {
        (Some(file), true) => import(base, &token, file),
        (file, _) => take(base, &token, file.as_deref()),
    }
}

fn goes_unseen(base: &str) -> bool {
    let here = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
    base.starts_with("https://")
        || here.iter().any(|here| base.strip_prefix(here).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')))
}

fn take(base: &str, token: &str, file: Option<&Path>) -> Result<()> {
    let body = curl(&format!("{base}/api/backup"), token, &[])?;
    let backup: Value = serde_json::from_str(&body).context("what came is no backup, or was cut off")?;
    let (Some(taken_at), Some(rows)) = (backup["taken_at"].as_str(), backup["rows"].as_u64()) else { bail!("what came is no backup") };
    let named = PathBuf::from(format!("seatbridge-{}.json", taken_at.get(..10).unwrap_or(taken_at)));
    let file = file.unwrap_or(&named);
    // A backup that is there already is not written over.
    let mut out = fs::File::create_new(file).with_context(|| format!("cannot make {}", file.display()))?;
    out.write_all(body.as_bytes()).with_context(|| format!("cannot write {}", file.display()))?;
    println!("{}: {rows} rows as of {taken_at}", file.display());
    Ok(())
}

fn import(base: &str, token: &str, file: &Path) -> Result<()> {
    ensure!(file.is_file(), "there is no file {}", file.display());
    let data = format!("@{}", file.display());
    let answer =
        curl(&format!("{base}/api/backup/import"), token, &["--header", "content-type: application/json", "--data-binary", &data])?;
    let imported: Value = serde_json::from_str(&answer).context("what came back cannot be read")?;
    println!("{} rows imported, as of {}", imported["rows"], imported["taken_at"].as_str().unwrap_or_default());
    for connection in imported["connections"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        println!("  enter the credentials of {connection} again");
    }
    println!("Nothing is written to ConnectWise until somebody has seen what differs (Settings, Look only).");
    Ok(())
}

/// Calls the API with curl, which is told the token on its standard input. Fails with what the install says when it refuses.
fn curl(url: &str, token: &str, more: &[&str]) -> Result<String> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--fail-with-body", "--max-time", "600", "--config", "-"]).args(more).arg(url);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start curl: install it")?;
    if let Some(mut told) = child.stdin.take() {
        writeln!(told, "header = \"Authorization: Bearer {token}\"")?;
    }
    let done = child.wait_with_output()?;
    let body = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(body);
    }
    let problem: Value = serde_json::from_str(&body).unwrap_or_default();
    match (problem["title"].as_str(), problem["detail"].as_str(), problem["remedy"].as_str()) {
        (Some(title), Some(detail), Some(remedy)) => bail!("{title} {detail} {remedy}"),
        _ => bail!("{url} was not answered: curl ended with {}", done.status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_to_https_or_to_this_machine() {
        for base in ["https://seatbridge.example.workers.dev", "http://localhost:8787", "http://127.0.0.1"] {
            assert!(goes_unseen(base), "{base}");
        }
        for base in ["http://seatbridge.example", "http://localhost.example", "http://127.0.0.1.example:80", "seatbridge.example"] {
            assert!(!goes_unseen(base), "{base}");
        }
    }
}
