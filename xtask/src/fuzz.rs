//! `cargo xtask fuzz`: hostile input for what reads it, found by libFuzzer.
//!
//! The targets of `fuzz/` are one program of libFuzzer, which steers by the branches an input takes. What cargo-fuzz adds to that are
//! compiler switches, and those that matter here are stable: so the active toolchain builds them and nothing else is installed. What
//! needs a nightly one is the address sanitizer, and nothing here has unsafe code. `FUZZ_TARGET=json cargo fuzz run
//! targets` works in `fuzz/` all the same.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::{self, cargo, is_installed, program};
use crate::setup::system;
use crate::test::summary::Counts;
use crate::workspace;

/// What a person may choose.
#[derive(Args)]
pub(crate) struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// One target instead of all
    #[arg(long)]
    target: Option<String>,
}

/// Counts where an input leads and what it is compared with, as cargo-fuzz asks for it.
const INSTRUMENTED: [&str; 8] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-sanitizer-coverage-stack-depth",
    // Panics end the program with the input that caused them.
    "-Cdebug-assertions",
];
/// Bytes of the longest input: a vendor's page is longer, but says nothing that a short one cannot.
const LONGEST: u32 = 4_096;
/// Seconds an input may take. Each is read in a millisecond.
const SLOWEST: u32 = 5;

/// Runs what was chosen; fails when an input breaks a target, and says where it lies.
pub(crate) fn fuzz(options: &Options) -> Result<()> {
    let known = targets()?;
    let chosen = match &options.target {
        Some(name) if !known.contains(name) => bail!("no target {name}; there are {}", known.join(", ")),
        Some(name) => vec![name.clone()],
        None => known,
    };
    let program = build()?;
    let broken: Vec<String> = chosen.into_iter().filter(|target| report(run(&program, target, options.seconds))).collect();
    if broken.is_empty() {
        return Ok(());
    }
    bail!("broken: {}; the inputs are in target/fuzz/findings", broken.join(", "))
}

/// Every target for so many seconds, as a part of every test run: the same order of inputs each time.
pub(crate) fn some(seconds: u32) -> Result<Counts> {
    let program = build()?;
    let mut counts = Counts::default();
    for target in targets()? {
        counts.add(Counts::single(!report(run(&program, &target, seconds))));
    }
    Ok(counts)
}

/// The names of the files in `fuzz/fuzz_targets`.
fn targets() -> Result<Vec<String>> {
    let files = workspace::files_below(&workspace::path("fuzz/fuzz_targets"))?;
    let names = files.iter().filter_map(|(name, _)| name.strip_suffix(".rs")).filter(|name| *name != "main");
    Ok(names.map(str::to_owned).collect())
}

/// Builds the program of all targets.
fn build() -> Result<PathBuf> {
    if !is_installed("c++") {
        system::install(&["g++"], "libFuzzer is written in C++")?;
    }
    let about = command::answer(program("rustc").env_remove("LD_LIBRARY_PATH").arg("-vV")).context("rustc does not answer")?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let folder = workspace::path("target");
    let mut build = cargo();
    build
        .args(["build", "--locked", "--manifest-path", "fuzz/Cargo.toml"])
        // With a target of their own, build scripts and macros are left as they are, and are those of every other native build.
        .args(["--target", host])
        .env("CARGO_TARGET_DIR", &folder)
        .env("RUSTFLAGS", INSTRUMENTED.join(" "));
    command::run(&mut build)?;
    Ok(folder.join(host).join("debug/targets"))
}

fn run(program_file: &Path, target: &str, seconds: u32) -> Result<()> {
    let folder = |name: &str| workspace::path("target/fuzz").join(name).join(target);
    let (found, findings) = (folder("corpus"), folder("findings"));
    std::fs::create_dir_all(&found)?;
    std::fs::create_dir_all(&findings)?;
    let mut fuzzer = Command::new(program_file);
    fuzzer
        .current_dir(workspace::root())
        .env("FUZZ_TARGET", target)
        .arg(found)
        .arg(workspace::path("fuzz/seeds").join(target))
        .arg(format!("-artifact_prefix={}/", findings.display()))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={LONGEST}"))
        .arg(format!("-timeout={SLOWEST}"))
        .args(["-seed=1", "-verbosity=0", "-print_final_stats=1", "-rss_limit_mb=1024"]);
    let done = fuzzer.output().with_context(|| format!("cannot start the target {target}"))?;
    let said = String::from_utf8_lossy(&done.stderr);
    if !done.status.success() {
        bail!("{target} is broken:\n{said}");
    }
    let tried = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    println!("ok      {target}: {} inputs", tried.unwrap_or("?").trim());
    Ok(())
}

/// Shows what went wrong, and answers whether something did.
fn report(outcome: Result<()>) -> bool {
    outcome.inspect_err(|error| eprintln!("FAILED  {error:#}")).is_err()
}
