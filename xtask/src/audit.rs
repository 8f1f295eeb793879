//! `cargo xtask audit`: known advisories against what the locks name, and `tools/advisories.toml`, the ones we live with and why.

mod npm;
mod rustsec;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Deserialize;

use crate::workspace;

/// What a person may choose.
#[derive(Args, Default)]
pub(crate) struct Options {
    /// A folder with a copy of RustSec's database, for a machine that cannot fetch it
    #[arg(long)]
    database: Option<PathBuf>,
}

/// An advisory against a version that a lock names.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    id: String,
    /// Package, version and lock.
    package: String,
    title: String,
    /// Says something of the package that is no hole: that nobody maintains it any more.
    is_note: bool,
}

/// What one database says.
enum Looked {
    /// It was read.
    At(Vec<Finding>),
    /// It could not be read; the reason.
    Unreachable(String),
}

/// An advisory we live with.
#[derive(Deserialize)]
struct Accepted {
    id: String,
    reason: String,
}

/// What all databases say together.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Advisories that nobody has accepted.
    open: Vec<String>,
    /// Databases that could not be asked.
    pub(crate) unreachable: Vec<String>,
}

/// Asks every database; fails when one names a hole nobody has accepted, and when one cannot be asked.
pub(crate) fn audit(options: &Options) -> Result<()> {
    let outcome = look(options)?;
    outcome.require_none()?;
    if !outcome.unreachable.is_empty() {
        bail!("nobody knows whether there are more: see the lines above that begin with NOT LOOKED AT");
    }
    Ok(())
}

/// Asks every database and prints what each says.
pub(crate) fn look(options: &Options) -> Result<Outcome> {
    let accepted = accepted()?;
    let mut outcome = Outcome::default();
    let mut seen = Vec::new();
    for (database, looked) in [("RustSec", rustsec::look(options.database.as_deref())?), ("npm", npm::look()?)] {
        match looked {
            Looked::Unreachable(reason) => {
                let told = format!("{database}'s advisories: {reason}");
                println!("NOT LOOKED AT  {told}");
                outcome.unreachable.push(told);
            }
            Looked::At(mut findings) => {
                findings.sort();
                findings.dedup();
                println!("{database}: {} found", findings.len());
                seen.extend(findings);
            }
        }
    }
    for finding in &seen {
        let line = format!("{} {}: {}", finding.id, finding.package, finding.title);
        match accepted.iter().find(|accepted| accepted.id == finding.id) {
            Some(accepted) => println!("accepted  {line}\n          {}", accepted.reason),
            None if finding.is_note => println!("note      {line}"),
            None => outcome.open.push(line),
        }
    }
    if outcome.unreachable.is_empty() {
        for gone in accepted.iter().filter(|accepted| seen.iter().all(|finding| finding.id != accepted.id)) {
            println!("gone      {}: nothing has it any more; take it out of tools/advisories.toml", gone.id);
        }
    }
    Ok(outcome)
}

impl Outcome {
    /// Fails with one line for each advisory nobody has accepted.
    pub(crate) fn require_none(&self) -> Result<()> {
        if self.open.is_empty() {
            return Ok(());
        }
        bail!("{}\n(update the package, or accept the advisory with a reason in tools/advisories.toml)", self.open.join("\n"))
    }
}

fn accepted() -> Result<Vec<Accepted>> {
    #[derive(Deserialize)]
    struct List {
        accepted: Vec<Accepted>,
    }
    let list: List = toml::from_str(&workspace::read(&workspace::path("tools/advisories.toml"))?).context("tools/advisories.toml")?;
    Ok(list.accepted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_accepted_has_a_reason() {
        for Accepted { id, reason } in accepted().unwrap() {
            assert!(reason.len() > 30, "{id}: {reason}");
        }
    }

    #[test]
    fn an_advisory_of_our_lock_is_found_and_must_be_accepted() {
        let Looked::At(found) = rustsec::look(Some(&workspace::path("xtask/fixtures/advisory-db"))).unwrap() else { panic!("a database") };
        let holes: Vec<&str> = found.iter().filter(|finding| !finding.is_note).map(|finding| finding.id.as_str()).collect();
        assert!(!holes.is_empty() && holes.iter().all(|id| *id == "RUSTSEC-2023-0071"), "{found:?}");
        let outcome = Outcome { open: vec!["RUSTSEC-2023-0071 rsa".to_owned()], unreachable: Vec::new() };
        assert!(outcome.require_none().is_err() && Outcome::default().require_none().is_ok());
    }
}
