//! The local installation: what the Worker is given, and how simulator and Worker are started.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::children::Service;
use crate::command::{self, cargo, program};
use crate::setup::node;
use crate::workspace;

/// A running simulator.
pub(crate) struct Simulator {
    /// The process.
    pub(crate) service: Service,
    /// What it said when it was ready.
    pub(crate) world: World,
}

/// The simulator's first line.
#[derive(Deserialize)]
pub(crate) struct World {
    /// Address of its control API.
    pub(crate) control: String,
    /// Address of its MSP Administrator 2.
    pub(crate) ema2: String,
    /// Address of its ESET Connect.
    pub(crate) connect: String,
    /// Address of its ESET PROTECT On-Prem.
    pub(crate) protect: String,
    /// Address of its ConnectWise PSA.
    pub(crate) connectwise: String,
    /// Who may sign in where.
    pub(crate) credentials: Value,
}

/// A running Worker.
pub(crate) struct Edge {
    /// The process.
    pub(crate) service: Service,
    /// `http://127.0.0.1:<port>`.
    pub(crate) url: String,
    /// By what the first administrator comes in; new at each start.
    pub(crate) setup_token: String,
}

/// Compiles the simulator for this machine.
pub(crate) fn build_simulator() -> Result<PathBuf> {
    command::run(cargo().args(["build", "--package", "simulator"])).context("the simulator does not compile")?;
    Ok(workspace::path("target/debug/simulator"))
}

/// Starts the simulator with the world of this seed and size, as it was left the last time; on free ports when no first one is named.
pub(crate) fn start_simulator(binary: &Path, seed: u64, companies: u32, first_port: Option<u16>) -> Result<Simulator> {
    let mut command = program(binary);
    command.args(["--seed", &seed.to_string(), "--companies", &companies.to_string(), "--state"]).arg(simulator_state(seed, companies));
    if let Some(port) = first_port {
        command.args(["--ports", &port.to_string()]);
    }
    let (service, ready) = Service::start("simulator", command, None, &workspace::path(".local/simulator.log"))?;
    let world = serde_json::from_value(ready).context("the simulator's first line is not the expected one")?;
    Ok(Simulator { service, world })
}

/// Where a simulated world is kept.
pub(crate) fn simulator_state(seed: u64, companies: u32) -> PathBuf {
    workspace::path(&format!(".local/simulator-{seed}-{companies}.json"))
}

/// Starts the Worker in workerd with a store that outlives it and a cron that ticks. It serves a copy of what was built: a build beside
/// it puts other files in place, under names the app that is open has never heard of.
pub(crate) fn start_edge(port: u16, store: &str) -> Result<Edge> {
    let setup_token = URL_SAFE_NO_PAD.encode(random_bytes()?);
    let served = format!("{store}-served");
    for (built, copy) in [("dist", "app"), ("build/worker", "worker")] {
        workspace::copy(&workspace::path(built), &workspace::path(&served).join(copy))?;
    }
    let options = json!({
        "port": port,
        "store": store,
        "assets": format!("{served}/app"),
        "worker": format!("{served}/worker"),
        "log": ".local/worker.log",
        "cronEveryMs": 10 * 60 * 1000,
        "vars": {
            "ENVIRONMENT": "local",
            "SETUP_TOKEN": setup_token,
            "MASTER_KEY": master_key()?,
            "FETCH_BUDGET": "400",
            // Calls per second to each vendor; the simulator is not worn out by them.
            "VENDOR_RATE": "2000",
        },
    });
    let mut command = node::node()?;
    command.arg(workspace::path("tools/serve.mjs")).arg("-");
    let (service, ready) = Service::start("local Worker", command, Some(&options.to_string()), &workspace::path(".local/serve.log"))?;
    match ready["url"].as_str() {
        Some(url) => Ok(Edge { service, url: url.to_owned(), setup_token }),
        None if ready["taken"] == true => bail!(port_in_use(port)),
        None => bail!("the local Worker did not start: {}", ready["error"].as_str().unwrap_or("no reason given")),
    }
}

/// Fails while there is time, rather than after minutes of building.
pub(crate) fn require_free(ports: impl IntoIterator<Item = u16>) -> Result<()> {
    for port in ports {
        if TcpListener::bind(("127.0.0.1", port)).is_err() {
            bail!(port_in_use(port));
        }
    }
    Ok(())
}

fn port_in_use(port: u16) -> String {
    format!("port {port} is in use, perhaps by another `cargo xtask run`: end that, or choose another with --port")
}

/// The key stored credentials are encrypted with; kept, so that they can be read after a restart.
fn master_key() -> Result<String> {
    let file = workspace::path(".local/master-key");
    if let Ok(key) = fs::read_to_string(&file) {
        return Ok(key);
    }
    let key = STANDARD.encode(random_bytes()?);
    workspace::write(&file, &key)?;
    Ok(key)
}

/// 32 bytes nobody can guess.
pub(crate) fn random_bytes() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    fs::File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut bytes)).context("this system has no /dev/urandom")?;
    Ok(bytes)
}
