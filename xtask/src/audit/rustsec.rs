//! RustSec's database: a folder for each crate, a file for each advisory. Read here rather than by cargo-audit, which takes longer to
//! build than Seatbridge.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use semver::{Version, VersionReq};
use serde::Deserialize;

use super::{Finding, Looked};
use crate::command::program;
use crate::workspace;

const DATABASE: &str = "https://github.com/RustSec/advisory-db";
const LOCKS: [&str; 2] = ["Cargo.lock", "fuzz/Cargo.lock"];
/// How long the network may take to give a database of some megabytes.
const PATIENCE: Duration = Duration::from_secs(90);

/// What the TOML at the head of an advisory says.
#[derive(Deserialize)]
struct Advisory {
    advisory: Head,
    versions: Versions,
}

#[derive(Deserialize)]
struct Head {
    id: String,
    withdrawn: Option<String>,
    /// `unmaintained`, `unsound` or `notice` instead of a vulnerability.
    informational: Option<String>,
}

/// Every version is vulnerable but these.
#[derive(Deserialize)]
struct Versions {
    patched: Vec<VersionReq>,
    #[serde(default)]
    unaffected: Vec<VersionReq>,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: Version,
    /// None for our own crates.
    source: Option<String>,
}

/// Holds our locks against the database in `folder`, or against a fresh copy.
pub(super) fn look(folder: Option<&Path>) -> Result<Looked> {
    let folder = match folder.map_or_else(fetched, |folder| Ok(folder.to_path_buf())) {
        Ok(folder) => folder,
        Err(error) => return Ok(Looked::Unreachable(format!("{error:#}"))),
    };
    let mut found = Vec::new();
    for name in LOCKS {
        let lock: Lock = toml::from_str(&workspace::read(&workspace::path(name))?).context(name)?;
        for package in lock.package.iter().filter(|package| package.source.is_some()) {
            found.extend(against(&folder, package, name)?);
        }
    }
    Ok(Looked::At(found))
}

/// A copy as of today.
fn fetched() -> Result<PathBuf> {
    let folder = workspace::path("target/tools/advisory-db");
    if folder.join(".git").exists() {
        within(git().args(["fetch", "--quiet", "--depth=1", "origin", "HEAD"]).current_dir(&folder))?;
        within(git().args(["reset", "--quiet", "--hard", "FETCH_HEAD"]).current_dir(&folder))?;
    } else {
        within(git().args(["clone", "--quiet", "--depth=1", DATABASE]).arg(&folder))?;
    }
    Ok(folder)
}

fn git() -> Command {
    let mut git = program("git");
    git.env("GIT_TERMINAL_PROMPT", "0");
    git
}

/// Runs a program that may hang on the network.
fn within(command: &mut Command) -> Result<()> {
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().context("cannot start git")?;
    let patience = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if Instant::now() < patience => thread::sleep(Duration::from_millis(50)),
            None => {
                child.kill()?;
                child.wait()?;
                bail!("{DATABASE} gave nothing within {} s", PATIENCE.as_secs());
            }
        }
    };
    if status.success() {
        return Ok(());
    }
    let said = child.stderr.take().map(std::io::read_to_string).transpose()?.unwrap_or_default();
    bail!("git cannot fetch the database: {}", said.trim())
}

/// The advisories against this version.
fn against(database: &Path, package: &Package, lock: &str) -> Result<Vec<Finding>> {
    let folder = database.join("crates").join(&package.name);
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for entry in entries {
        let file = entry?.path();
        let text = workspace::read(&file)?;
        let (head, rest) = parts(&text).with_context(|| format!("{} is no advisory", file.display()))?;
        let Advisory { advisory, versions } = toml::from_str(head).with_context(|| format!("{} cannot be read", file.display()))?;
        let is_safe = versions.patched.iter().chain(&versions.unaffected).any(|safe| safe.matches(&package.version));
        if advisory.withdrawn.is_none() && !is_safe {
            let title = rest.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or("no title").to_owned();
            let is_note = advisory.informational.is_some_and(|kind| kind != "unsound");
            found.push(Finding { id: advisory.id, package: format!("{} {} in {lock}", package.name, package.version), title, is_note });
        }
    }
    Ok(found)
}

/// The TOML at the head of an advisory, and the text after it.
fn parts(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("```toml\n")?.split_once("\n```")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advisory_holds_for_the_versions_it_names() {
        let fixture = workspace::path("xtask/fixtures/advisory-db");
        for (name, version, expected) in [
            ("rsa", "0.9.10", vec!["RUSTSEC-2023-0071"]),
            ("serde", "1.0.99", vec!["RUSTSEC-2000-0001", "RUSTSEC-2000-0002"]),
            ("serde", "1.0.100", vec!["RUSTSEC-2000-0002"]),
            ("serde", "0.9.0", vec!["RUSTSEC-2000-0002"]),
            ("other", "1.0.0", vec![]),
        ] {
            let package = Package { name: name.to_owned(), version: version.parse().unwrap(), source: Some(String::new()) };
            let mut found = against(&fixture, &package, "Cargo.lock").unwrap();
            found.sort();
            let ids: Vec<&str> = found.iter().map(|finding| finding.id.as_str()).collect();
            assert_eq!(ids, expected, "{name} {version}");
            assert!(found.iter().all(|finding| finding.is_note == (finding.id == "RUSTSEC-2000-0002")), "{found:?}");
        }
    }

    #[test]
    fn a_database_that_cannot_be_fetched_is_no_clean_bill() {
        let error = within(git().args(["clone", "--quiet", "/nowhere", "/nowhere/else"])).unwrap_err();
        assert!(error.to_string().contains("cannot fetch the database"), "{error}");
    }
}
