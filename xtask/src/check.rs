//! `cargo xtask check`: what a reviewer should not have to look for.

use anyhow::{Context, Result, bail};

use crate::command::{self, cargo};
use crate::setup::{self, wasm_target};
use crate::test::summary::Counts;
use crate::{licences, tidy};

type Step = (&'static str, fn() -> Result<()>);

/// In the order of their cost.
const STEPS: [Step; 6] = [
    ("formatting", formatting),
    ("lock file of fuzz/", fuzz_lock),
    ("licences, sources, bans", licences::check),
    ("house rules", tidy::check),
    ("lints", lints),
    ("lints on wasm32", wasm_lints),
];

/// Runs every step, also after one has failed.
pub(crate) fn check() -> Result<()> {
    setup::for_building()?;
    let counts = as_tests();
    if counts.failed > 0 {
        bail!("{} of {} checks failed", counts.failed, STEPS.len());
    }
    Ok(())
}

/// The same, counted.
pub(crate) fn as_tests() -> Counts {
    let mut counts = Counts::default();
    for (name, step) in STEPS {
        let outcome = step();
        match &outcome {
            Ok(()) => println!("ok      {name}"),
            Err(error) => println!("FAILED  {name}\n{error:#}"),
        }
        counts.add(Counts::single(outcome.is_ok()));
    }
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

fn lints() -> Result<()> {
    command::run(cargo().args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn wasm_lints() -> Result<()> {
    command::run(wasm_target::wasm_cargo()?.args([
        "clippy",
        "--quiet",
        "--package",
        "app",
        "--package",
        "preview",
        "--package",
        "seatbridge-module",
        "--package",
        "seatbridge-worker",
        "--target",
        "wasm32-unknown-unknown",
        "--",
        "-D",
        "warnings",
    ]))
}
