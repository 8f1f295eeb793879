//! `cargo xtask faults`: worlds full of faults, and the bugs planted to see whether they are found.

mod planted;

use anyhow::Result;
use clap::Args;

use crate::command::{self, cargo};

/// What a person may choose.
#[derive(Args)]
pub(crate) struct Options {
    /// How many random worlds
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first one
    #[arg(long, default_value_t = 1)]
    start: u64,
    /// One world only, with everything it says
    #[arg(long, conflicts_with_all = ["seeds", "start"])]
    seed: Option<u64>,
    /// Plant each known bug in turn, and see that it is found
    #[arg(long, conflicts_with_all = ["seeds", "start", "seed"])]
    planted: bool,
}

/// Runs what was chosen.
pub(crate) fn faults(options: &Options) -> Result<()> {
    if options.planted {
        return planted::planted();
    }
    let mut run = cargo();
    run.args(["run", "--package", "faults", "--"]);
    match options.seed {
        Some(seed) => run.args(["seed", &seed.to_string()]),
        None => run.args(["random", &options.start.to_string(), &options.seeds.to_string()]),
    };
    command::run(&mut run)
}
