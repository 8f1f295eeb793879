//! `cargo xtask check`: what a reviewer should not have to look for.

use anyhow::{Result, bail};

use crate::command::{self, cargo};
use crate::setup::{self, wasm_target};
use crate::test::summary::Counts;
use crate::{licences, tidy};

type Step = (&'static str, fn() -> Result<()>);

/// In the order of their cost.
const STEPS: [Step; 5] = [
    ("formatting", formatting),
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
