//! The layers of tests, and how each is run.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use super::quick;
use super::summary::{self, Counts};
use crate::build::{self, Profile};
use crate::command::{self, cargo};
use crate::setup::{self, chromium, node, schemathesis};
use crate::{check, deploy, fuzz, pins, run, workspace};

/// A layer of tests.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub(super) enum Layer {
    /// Formatting, lints, licences, advisories
    Check,
    /// Every native test, compiled
    Native,
    /// The house rules and the developer commands themselves
    Tools,
    /// The pure rules
    Rules,
    /// Every state the engine can come to, natively
    Model,
    /// The app's own logic, natively
    Screen,
    /// The edge natively: router, vendor clients, ledger logic
    Router,
    /// The simulated vendors
    Simulator,
    /// Every trouble at every call of a commit, and random worlds, natively
    Faults,
    /// Hostile input for what reads it
    Fuzz,
    /// App and Worker, built as they are deployed
    Build,
    /// The built Worker in workerd
    Worker,
    /// The built Worker against its own description
    Schema,
    /// The built Worker, killed and starved in the middle of its work
    Killed,
    /// What wrangler would upload
    Deploy,
    /// What `run` starts, twice
    Run,
    /// The app in Chromium
    Browser,
}

impl Layer {
    pub(super) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Installs what it needs.
    pub(super) fn prepare(self) -> Result<()> {
        match self {
            Self::Browser => setup::for_browser_tests(),
            Self::Check | Self::Build => setup::for_building(),
            _ if self.wants_shipped() => setup::for_building(),
            _ => Ok(()),
        }
    }

    /// Whether it looks at what is deployed: what is tested is what is deployed.
    fn wants_shipped(self) -> bool {
        matches!(self, Self::Worker | Self::Schema | Self::Killed | Self::Deploy | Self::Run | Self::Browser)
    }

    /// Runs it.
    pub(super) fn run(self) -> Result<Counts> {
        if self.wants_shipped() {
            shipped()?;
        }
        match self {
            Self::Check => Ok(check::as_tests()),
            Self::Native => Ok(Counts::single(report(&quick::compile().map(|_| ())))),
            Self::Tools => cargo_test("xtask"),
            Self::Rules => quick_test("shared", &[]),
            Self::Model => quick_test("tests/model", &[]),
            Self::Screen => quick_test("app", &[]),
            Self::Router => router_tests(),
            Self::Simulator => simulator_tests(),
            Self::Faults => fault_tests(),
            Self::Fuzz => fuzz::some(FUZZ_SECONDS),
            Self::Build => Ok(Counts::single(report(&shipped()))),
            Self::Worker => worker_tests(),
            Self::Schema => schema_test(),
            Self::Killed => quick_test("tests/worker", &["faults"]),
            Self::Deploy => Ok(Counts::single(report(&deploy::dry_run()))),
            Self::Run => Ok(Counts::single(report(&run::rehearse(quick::compile()?.program("bin", "simulator")?)))),
            Self::Browser => browser_test(),
        }
    }
}

fn shipped() -> Result<()> {
    build::app(Profile::Release)?;
    build::worker(Profile::Release)
}

/// Tests of one package, as cargo builds it for `cargo xtask` itself.
fn cargo_test(package: &str) -> Result<Counts> {
    let mut command = cargo();
    command.args(["test", "--package", package, "--", "--format=pretty"]);
    let (output, succeeded) = watched(&mut command, |line| !is_routine(line))?;
    Ok(summary::of_cargo_test(&output, succeeded))
}

/// Tests of the package in a folder that live through whole installs. Each starts the services it needs; they find Node on the path.
fn quick_test(folder: &str, filter: &[&str]) -> Result<Counts> {
    let path = node::search_path().or_else(|_| std::env::var_os("PATH").context("no PATH"))?;
    let mut counts = Counts::default();
    for mut test in quick::compile()?.tests_in(&workspace::path(folder)) {
        let (output, succeeded) = watched(test.arg("--format=pretty").args(filter).env("PATH", &path), |line| !is_routine(line))?;
        counts.add(summary::of_cargo_test(&output, succeeded));
    }
    Ok(counts)
}

/// Each part of the edge, and whole installs made of them.
fn router_tests() -> Result<Counts> {
    let mut counts = quick_test("worker", &[])?;
    counts.add(quick_test("tests/install", &[])?);
    Ok(counts)
}

/// The simulator's, and the examples in descriptions, most of which are its.
fn simulator_tests() -> Result<Counts> {
    let mut counts = quick_test("tests/simulator", &[])?;
    let (output, succeeded) = watched(&mut quick::examples(), |line| !is_routine(line))?;
    counts.add(summary::of_cargo_test(&output, succeeded));
    Ok(counts)
}

/// Requests that keep the API's description, and requests that break it.
fn schema_test() -> Result<Counts> {
    schemathesis::provide(&pins::read()?)?;
    let mut judge = command::program(quick::compile()?.program("example", "schema")?);
    judge.arg(schemathesis::path()).env("PATH", node::search_path()?);
    Ok(Counts::single(report(&command::run(&mut judge))))
}

/// Random worlds of every test run: the same ones each time, so that a failure is a change's.
const SEEDS: &str = "300";

/// Seconds each fuzz target gets in every test run.
const FUZZ_SECONDS: u32 = 5;

fn fault_tests() -> Result<Counts> {
    let mut counts = quick_test("tests/faults", &[])?;
    let mut random = command::program(quick::compile()?.program("bin", "faults")?);
    counts.add(Counts::single(report(&command::run(random.args(["random", "1", SEEDS])))));
    Ok(counts)
}

/// The built Worker in workerd, and its entry around a module that traps.
fn worker_tests() -> Result<Counts> {
    let mut counts = quick_test("tests/worker", &["--skip", "faults"])?;
    counts.add(node_tests(&mut node_test("tests/worker")?)?);
    Ok(counts)
}

fn browser_test() -> Result<Counts> {
    let mut command = node_test("tests/browser")?;
    browser_environment(&mut command, quick::compile()?.program("bin", "simulator")?)?;
    node_tests(&mut command)
}

/// The scripts of tests in a folder, as a command that runs them one after the other.
fn node_test(folder: &str) -> Result<Command> {
    let files = workspace::files_below(&workspace::path(folder))?;
    let tests: Vec<_> = files.into_iter().filter(|(name, _)| name.ends_with(".test.mjs")).map(|(_, file)| file).collect();
    ensure!(!tests.is_empty(), "{folder} has no *.test.mjs");
    let mut command = node::node()?;
    command.args(["--test", "--test-reporter=tap", "--test-concurrency=1"]).args(tests);
    Ok(command)
}

fn node_tests(command: &mut Command) -> Result<Counts> {
    let (output, succeeded) = watched(command, |_| true)?;
    Ok(summary::of_node_test(&output, succeeded))
}

/// What scripts that open a browser are told.
pub(crate) fn browser_environment(command: &mut Command, simulator: &Path) -> Result<()> {
    command.env("CHROMIUM", chromium::path().context("no Chromium: run `cargo xtask setup --browser`")?).env("SIMULATOR", simulator);
    Ok(())
}

/// Runs a test program, shows the lines worth seeing as they come, and returns all of them.
fn watched(command: &mut Command, is_worth_seeing: impl Fn(&str) -> bool) -> Result<(String, bool)> {
    let is_cargo = command.get_program() == "cargo";
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    if is_cargo {
        command.stderr(Stdio::piped());
    }
    let mut child = command.spawn().context("cannot start the tests")?;
    let errors = child.stderr.take().map(|said| thread::spawn(move || command::relay(said, |line| !command::is_step(line))));
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
    if let Some(errors) = errors {
        let _ = errors.join();
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
