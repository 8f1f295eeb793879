//! `cargo xtask faults`: worlds full of faults, and the bugs planted to see whether they are found.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};
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

/// What the tests are built with: quick code, and the compiler's own checks.
pub(crate) const PROFILE: &str = "faults";
/// Set while this program stands in for rustc: cargo calls it for the workspace's own crates, and only they can have bugs
/// planted. Everything they depend on is built once, with bugs and without.
const PLANTING: &str = "SEATBRIDGE_PLANTING";

/// Runs what was chosen.
pub(crate) fn faults(options: &Options) -> Result<()> {
    if options.planted {
        return planted();
    }
    let mut run = built(false)?;
    match options.seed {
        Some(seed) => run.args(["seed", &seed.to_string()]),
        None => run.args(["random", &options.start.to_string(), &options.seeds.to_string()]),
    };
    command::run(&mut run)
}

/// The program, built when it has to be.
fn built(with_bugs: bool) -> Result<Command> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--profile", PROFILE, "--package", "faults"]);
    if with_bugs {
        command.env(PLANTING, "1").env("RUSTC_WORKSPACE_WRAPPER", std::env::current_exe()?);
    }
    command.arg("--");
    Ok(command)
}

/// Compiles with bugs to be planted when cargo calls this program in place of rustc. None when nobody did.
pub(crate) fn as_compiler() -> Option<ExitCode> {
    std::env::var_os(PLANTING)?;
    let mut arguments = std::env::args_os().skip(1);
    let compiled = Command::new(arguments.next()?).args(arguments).args(["--cfg", "planted_bugs"]).status();
    Some(if compiled.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plants each bug, and fails unless every one of them is found and nothing is found without one.
fn planted() -> Result<()> {
    let bugs = command::output(built(true)?.arg("bugs"))?;
    let bugs: Vec<(&str, &str)> = bugs.lines().filter_map(|line| line.split_once(' ')).collect();
    if let Some(words) = command::answer(built(true)?.args(["planted", "none"])) {
        bail!("something is found although no bug is planted: what finds the others is not to be believed\n{words}");
    }
    let mut found = 0;
    for (name, what) in &bugs {
        match command::answer(built(true)?.args(["planted", name])) {
            Some(how) => {
                found += 1;
                println!("found   {name}: {what}\n        {how}");
            }
            None => println!("MISSED  {name}: {what}"),
        }
    }
    println!("found {found} of {}", bugs.len());
    if found < bugs.len() {
        bail!("a planted bug was not found");
    }
    Ok(())
}
