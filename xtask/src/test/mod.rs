//! `cargo xtask test`: every layer, one after the other, and how many tests each has.

pub(crate) mod summary;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use self::summary::Counts;
use crate::build::{self, Profile};
use crate::command::{self, cargo};
use crate::run::local;
use crate::setup::{self, chromium, node, schemathesis};
use crate::{check, deploy, faults, fuzz, pins, workspace};

/// What a person may choose.
#[derive(Args)]
pub(crate) struct Options {
    /// One layer instead of all
    #[arg(long, value_enum)]
    only: Option<Layer>,
}

/// A layer of tests, quickest first.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
enum Layer {
    /// Formatting, lints, licences
    Check,
    /// The house rules and the developer commands themselves
    Tools,
    /// The pure rules
    Rules,
    /// The app's own logic, natively
    Screen,
    /// The edge natively: router, vendor clients, ledger logic
    Router,
    /// The simulated vendors
    Simulator,
    /// The built Worker in workerd
    Worker,
    /// The built Worker against its own description
    Schema,
    /// Every trouble at every call of a commit, and random worlds, natively
    Faults,
    /// Hostile input for what reads it
    Fuzz,
    /// The built Worker, killed and starved in the middle of its work
    Killed,
    /// What wrangler would upload
    Deploy,
    /// The app in Chromium
    Browser,
}

/// Runs the layers; fails when any test did.
pub(crate) fn test(options: &Options) -> Result<()> {
    let layers = match options.only {
        Some(layer) => vec![layer],
        None => Layer::value_variants().to_vec(),
    };
    prepare(&layers)?;
    let mut total = Counts::default();
    let mut lines = Vec::new();
    for layer in layers {
        let started = Instant::now();
        println!("\n── {} ──", layer.name());
        // A layer that cannot even start has failed; the others still say what they know.
        let counts = layer.run().unwrap_or_else(|error| {
            eprintln!("{error:#}");
            Counts::single(false)
        });
        lines.push(format!(
            "{:<10} {:>5} passed {:>4} failed {:>4} skipped {:>6.1} s",
            layer.name(),
            counts.passed,
            counts.failed,
            counts.skipped.len(),
            started.elapsed().as_secs_f32()
        ));
        total.add(counts);
    }
    println!("\n{}", lines.join("\n"));
    for skipped in &total.skipped {
        println!("skipped: {skipped}");
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        bail!("some tests failed; their output is above");
    }
    Ok(())
}

/// Installs what the chosen layers need.
fn prepare(layers: &[Layer]) -> Result<()> {
    let needs = |wanted: &[Layer]| layers.iter().any(|layer| wanted.contains(layer));
    if needs(&[Layer::Browser]) {
        setup::for_browser_tests()
    } else if needs(&[Layer::Check, Layer::Worker, Layer::Schema, Layer::Killed, Layer::Deploy]) {
        setup::for_building()
    } else {
        Ok(())
    }
}

impl Layer {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn run(self) -> Result<Counts> {
        match self {
            Self::Check => Ok(check::as_tests()),
            Self::Tools => cargo_test("xtask", &[], &[]),
            Self::Rules => cargo_test("shared", &["--features", "schema"], &[]),
            Self::Screen => cargo_test("app", &[], &[]),
            Self::Router => cargo_test("seatbridge-worker", &QUICK, &[]),
            Self::Simulator => cargo_test("simulator", &QUICK, &[]),
            Self::Worker => built_worker_test(&["--skip", "faults"]),
            Self::Schema => schema_test(),
            Self::Faults => fault_tests(),
            Self::Fuzz => fuzz::some(FUZZ_SECONDS),
            Self::Killed => built_worker_test(&["faults"]),
            Self::Deploy => {
                build_shipped()?;
                Ok(Counts::single(report(&deploy::dry_run())))
            }
            Self::Browser => browser_test(),
        }
    }
}

/// Tests that live through whole installs are compiled once, in the profile of the worlds of faults: they run three times as fast.
const QUICK: [&str; 2] = ["--profile", faults::PROFILE];

/// What is tested is what is deployed; one profile also means that wasm is built once.
fn build_shipped() -> Result<()> {
    build::app(Profile::Release)?;
    build::worker(Profile::Release)
}

/// Tests of one package. Each starts the services it needs; they find Node on the path.
fn cargo_test(package: &str, options: &[&str], filter: &[&str]) -> Result<Counts> {
    let mut command = cargo();
    command.args(["test", "--quiet", "--package", package]).args(options).args(["--", "--format=pretty"]).args(filter);
    command.env("PATH", node::search_path().or_else(|_| std::env::var_os("PATH").context("no PATH"))?);
    let (output, succeeded) = watched(&mut command, |line| !is_routine(line))?;
    Ok(summary::of_cargo_test(&output, succeeded))
}

fn built_worker_test(filter: &[&str]) -> Result<Counts> {
    build_shipped()?;
    cargo_test("worker-tests", &QUICK, filter)
}

/// Requests that keep the API's description, and requests that break it.
fn schema_test() -> Result<Counts> {
    schemathesis::provide(&pins::read()?)?;
    build_shipped()?;
    let mut judge = cargo();
    judge.args(["run", "--quiet"]).args(QUICK).args(["--package", "worker-tests", "--example", "schema", "--"]).arg(schemathesis::path());
    judge.env("PATH", node::search_path()?);
    Ok(Counts::single(report(&command::run(&mut judge))))
}

/// Random worlds of every test run: the same ones each time, so that a failure is a change's.
const SEEDS: u64 = 300;

/// Seconds each fuzz target gets in every test run.
const FUZZ_SECONDS: u32 = 5;

fn fault_tests() -> Result<Counts> {
    let mut counts = cargo_test("faults", &QUICK, &[])?;
    counts.add(Counts::single(report(&faults::some(SEEDS))));
    Ok(counts)
}

fn browser_test() -> Result<Counts> {
    build_shipped()?;
    let simulator = local::build_simulator()?;
    let files = workspace::files_below(&workspace::path("tests/browser"))?;
    let tests: Vec<_> = files.into_iter().filter(|(name, _)| name.ends_with(".test.mjs")).map(|(_, file)| file).collect();
    if tests.is_empty() {
        let mut none = Counts::default();
        none.skipped.push("browser: tests/browser has no *.test.mjs".to_owned());
        return Ok(none);
    }
    let mut command = node::node()?;
    command.args(["--test", "--test-reporter=tap", "--test-concurrency=1"]).args(tests);
    browser_environment(&mut command, &simulator)?;
    let (output, succeeded) = watched(&mut command, |_| true)?;
    Ok(summary::of_node_test(&output, succeeded))
}

/// What scripts that open a browser are told.
pub(crate) fn browser_environment(command: &mut Command, simulator: &std::path::Path) -> Result<()> {
    command.env("CHROMIUM", chromium::path().context("no Chromium: run `cargo xtask setup --browser`")?).env("SIMULATOR", simulator);
    Ok(())
}

/// Runs a test program, shows the lines worth seeing as they come, and answers all of them.
fn watched(command: &mut Command, is_worth_seeing: impl Fn(&str) -> bool) -> Result<(String, bool)> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start the tests")?;
    let stdout = child.stdout.take().context("a started program has no output")?;
    let mut output = String::new();
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        if is_worth_seeing(&line) {
            println!("{line}");
        }
        output.push_str(&line);
        output.push('\n');
    }
    Ok((output, child.wait()?.success()))
}

/// Lines of a passing `cargo test` that say nothing new.
fn is_routine(line: &str) -> bool {
    line.trim().is_empty()
        || line.starts_with("running ")
        || (line.starts_with("test ") && line.ends_with("... ok"))
        || line.starts_with("test result: ok. 0 passed; 0 failed; 0 ignored")
}

fn report(outcome: &Result<()>) -> bool {
    if let Err(error) = outcome {
        eprintln!("{error:#}");
    }
    outcome.is_ok()
}
