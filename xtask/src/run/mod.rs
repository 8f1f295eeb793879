//! `cargo xtask run`: the whole of Seatbridge on this machine, with the simulated vendors connected.

mod api;
pub(crate) mod children;
pub(crate) mod demo;
pub(crate) mod local;

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;

use crate::build::{self, Profile};
use crate::setup;
use crate::workspace;

/// What a person may choose.
#[derive(Args)]
pub(crate) struct Options {
    /// Start with nothing connected; the simulator runs beside it
    #[arg(long)]
    empty: bool,
    /// Customers in the simulated world
    #[arg(long, default_value_t = 300)]
    companies: u32,
    /// Which simulated world
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the app is served; the simulator takes the ports that follow
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// The build that would be deployed
    #[arg(long)]
    release: bool,
    /// Forget what the last run stored
    #[arg(long)]
    fresh: bool,
}

/// How many ports after `--port` the simulator may take.
const SIMULATOR_PORTS: u16 = 5;

/// Starts everything and stays until Ctrl-C.
pub(crate) fn run(options: &Options) -> Result<()> {
    local::require_free(options.port..=options.port.saturating_add(SIMULATOR_PORTS))?;
    setup::for_building()?;
    let profile = if options.release { Profile::Release } else { Profile::Local };
    let simulator = thread::scope(|scope| {
        let simulator = scope.spawn(local::build_simulator);
        build::app(profile)?;
        build::worker(profile)?;
        simulator.join().map_err(|_| anyhow!("building the simulator stopped unexpectedly"))?
    })?;
    let store = store(options)?;

    children::listen_for_stop()?;
    let mut simulator = local::start_simulator(&simulator, options.seed, options.companies, Some(options.port.saturating_add(1)))?;
    let mut edge = local::start_edge(options.port, &store)?;
    let prepared = demo::prepare(&edge, &workspace::path(&store), (!options.empty).then_some(&simulator.world));
    let access = match prepared {
        Err(_) if children::stop_requested() => return Ok(()),
        prepared => prepared?,
    };
    println!();
    if options.empty {
        println!("Nothing is connected. The simulated vendors to connect:");
    } else {
        println!("Connected to the simulated vendors:");
    }
    println!("  ESET MSP Administrator 2  {}", simulator.world.ema2);
    println!("  ESET Connect              {}", simulator.world.connect);
    println!("  ESET PROTECT On-Prem      {}", simulator.world.protect);
    println!("  ConnectWise PSA           {}", simulator.world.connectwise);
    println!("  control                   {}", simulator.world.control);
    println!("  credentials               {}", simulator.world.credentials);
    println!();
    if access.known {
        println!("Open: {}  (no passkey in this browser? {})", access.page, access.link);
    } else {
        println!("Open: {}", access.link);
    }
    println!("API token: {}", access.token);
    while !children::stop_requested() {
        simulator.service.still_runs()?;
        edge.service.still_runs()?;
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// Each simulated world has a store of its own: mappings of one make no sense in another.
fn store(options: &Options) -> Result<String> {
    let world = format!("{}-{}", options.seed, options.companies);
    let store = if options.empty { format!(".local/store-{world}-empty") } else { format!(".local/store-{world}") };
    if options.fresh {
        forget(&store, options.seed, options.companies);
    }
    Ok(store)
}

fn forget(store: &str, seed: u64, companies: u32) {
    for outdated in [workspace::path(store), local::simulator_state(seed, companies)] {
        let _ = fs::remove_dir_all(&outdated);
        let _ = fs::remove_file(&outdated);
    }
}

/// Starts what [`run`] starts, with a small world and a store of its own: twice, as a second start finds what the first has left.
pub(crate) fn rehearse(simulator: &Path) -> Result<()> {
    const STORE: &str = ".local/store-rehearsal";
    const SEED: u64 = 1;
    const COMPANIES: u32 = 7;
    forget(STORE, SEED, COMPANIES);
    let simulator = local::start_simulator(simulator, SEED, COMPANIES, None)?;
    let start = || {
        let edge = local::start_edge(0, STORE)?;
        demo::prepare(&edge, &workspace::path(STORE), Some(&simulator.world))
    };
    let (first, second) = (start().context("the first start")?, start().context("the second start")?);
    ensure!(first.token == second.token, "the second start made another API token");
    ensure!(first.link != second.link, "the one-time link is the same twice");
    Ok(())
}
