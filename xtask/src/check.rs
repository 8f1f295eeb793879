//! `cargo xtask check`: what a reviewer should not have to look for.

use anyhow::{Context, Result, bail};

use crate::command::{self, cargo};
use crate::setup;
use crate::test::summary::Counts;
use crate::{audit, licences, tidy};

type Step = (&'static str, fn() -> Result<()>);

/// In the order of their cost. No lint looks at wasm32: no line is compiled for it alone.
const STEPS: [Step; 5] = [
    ("formatting", formatting),
    ("lock file of fuzz/", fuzz_lock),
    ("licences, sources, bans", licences::check),
    ("house rules", tidy::check),
    ("lints", lints),
];

/// Runs every step, also after one has failed.
pub(crate) fn check() -> Result<()> {
    setup::for_building()?;
    let counts = as_tests();
    if counts.failed > 0 {
        bail!("{} of {} checks failed", counts.failed, STEPS.len() + 1);
    }
    Ok(())
}

/// The same, counted.
pub(crate) fn as_tests() -> Counts {
    let mut counts = Counts::default();
    for (name, step) in STEPS {
        counts.add(told(name, &step()));
    }
    counts.add(advisories());
    counts
}

fn told(name: &str, outcome: &Result<()>) -> Counts {
    match outcome {
        Ok(()) => println!("ok      {name}"),
        Err(error) => println!("FAILED  {name}\n{error:#}"),
    }
    Counts::single(outcome.is_ok())
}

/// A database that cannot be reached is no reason to fail, but it is told with what was skipped.
fn advisories() -> Counts {
    let looked = audit::look(&audit::Options::default());
    let unreachable = looked.as_ref().map(|outcome| outcome.unreachable.clone()).unwrap_or_default();
    let mut counts = told("advisories", &looked.and_then(|outcome| outcome.require_none()));
    counts.skipped = unreachable;
    counts
}

fn formatting() -> Result<()> {
    command::run_quietly(cargo().args(["fmt", "--all", "--check"]))?;
    command::run_quietly(cargo().args(["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))
}

/// The fuzz targets are a workspace of their own, which no other command resolves: what the Worker begins to use must be locked there too.
fn fuzz_lock() -> Result<()> {
    command::run_quietly(cargo().args(["metadata", "--format-version", "1", "--locked", "--manifest-path", "fuzz/Cargo.toml"]))
        .context("lock it with `cargo update --workspace --manifest-path fuzz/Cargo.toml`")
}

/// With the features of the tests, whose macros and build scripts are compiled then already.
fn lints() -> Result<()> {
    let mut clippy = cargo();
    clippy.args(["clippy", "--workspace", "--all-targets", "--features", "contract/schema"]);
    command::run(clippy.args(["--", "-D", "warnings"]))
}
