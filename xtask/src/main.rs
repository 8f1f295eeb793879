//! Every developer command of Seatbridge: `cargo xtask <command>`.

mod audit;
mod backup;
mod bench;
mod build;
mod check;
mod command;
mod deploy;
mod doctor;
mod faults;
mod fuzz;
mod licences;
mod openapi;
mod pins;
mod run;
mod screenshots;
mod setup;
mod size;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::build::Profile;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Every developer command of Seatbridge")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start simulator, Worker and app on this machine, with the simulated vendors connected
    Run(run::Options),
    /// Run every test layer, or one; prints the number of tests of each
    Test(test::Options),
    /// Formatting, lints, house rules, licences, advisories
    Check,
    /// Known advisories against what the locks name
    Audit(audit::Options),
    /// Which tools are here, which are wanted, what will be done about it
    Doctor,
    /// Install what is missing, and nothing else
    Setup {
        /// Chromium too, which only the browser tests need
        #[arg(long)]
        browser: bool,
    },
    /// Build app and Worker into dist/ and build/worker/
    Build {
        /// Optimised for size, as deployed
        #[arg(long)]
        release: bool,
    },
    /// Bytes and files of the release build against tools/size-budget.toml
    Size(size::Options),
    /// A backup of an install into a file, or with --import a file into a new install
    Backup(backup::Options),
    /// Measurements as JSON lines
    Bench(bench::Options),
    /// Random worlds full of faults, judged by the vendors' journal; --planted proves that they find bugs
    Faults(faults::Options),
    /// Hostile input for what reads it; --target runs one program alone
    Fuzz(fuzz::Options),
    /// Release build, secrets, wrangler deploy
    Deploy(deploy::Options),
    /// Write shared/contract/openapi.json from the contract's types
    Openapi,
    /// Pictures of every page into docs/screenshots
    Screenshots,
}

fn main() -> ExitCode {
    match dispatch(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<()> {
    match command {
        Command::Run(options) => run::run(&options),
        Command::Test(options) => test::test(&options),
        Command::Check => check::check(),
        Command::Audit(options) => audit::audit(&options),
        Command::Doctor => doctor::doctor(),
        Command::Setup { browser: false } => setup::for_building(),
        Command::Setup { browser: true } => setup::for_browser_tests(),
        Command::Build { release } => build_both(if release { Profile::Release } else { Profile::Local }),
        Command::Size(options) => size::size(&options),
        Command::Backup(options) => backup::backup(&options),
        Command::Bench(options) => bench::bench(&options),
        Command::Faults(options) => faults::faults(&options),
        Command::Fuzz(options) => fuzz::fuzz(&options),
        Command::Deploy(options) => deploy::deploy(&options),
        Command::Openapi => openapi::openapi(),
        Command::Screenshots => screenshots::screenshots(),
    }
}

/// What wrangler.toml names as its build command, too.
fn build_both(profile: Profile) -> Result<()> {
    if std::env::var_os(deploy::ALREADY_BUILT).is_some() {
        return Ok(());
    }
    setup::for_building()?;
    build::app(profile)?;
    build::worker(profile)
}
