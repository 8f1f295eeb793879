//! Puts every tool the commands need on this machine. Asked for by each command; quick when nothing is missing.
//!
//! Everything lands inside the workspace (`target/tools`, `tools/node_modules`), except for what only the system
//! can give: the wasm32 target and, for the browser tests, Chromium.

pub(crate) mod chromium;
pub(crate) mod node;
pub(crate) mod schemathesis;
pub(crate) mod system;
pub(crate) mod wasm_target;

use std::thread;

use anyhow::{Result, anyhow, bail};

use crate::pins;

/// What it takes to build app and Worker and to run them in workerd.
pub(crate) fn for_building() -> Result<()> {
    provide(false)
}

/// The same and Chromium.
pub(crate) fn for_browser_tests() -> Result<()> {
    provide(true)
}

fn provide(browser: bool) -> Result<()> {
    let wrong = pins::disagreements()?;
    if !wrong.is_empty() {
        bail!("the pinned versions contradict each other:\n  {}", wrong.join("\n  "));
    }
    let pins = pins::read()?;
    // Downloads and compilers side by side; the two that may call apt-get take turns in one thread.
    thread::scope(|scope| {
        let npm = scope.spawn(|| node::provide(&pins));
        let system = scope.spawn(|| {
            wasm_target::provide()?;
            if browser { chromium::provide() } else { Ok(()) }
        });
        let finished = [joined(npm.join()), joined(system.join())];
        finished.into_iter().collect()
    })
}

fn joined(outcome: thread::Result<Result<()>>) -> Result<()> {
    outcome.map_err(|_| anyhow!("a set-up step stopped unexpectedly; its message is above"))?
}

/// One line on the terminal when something is being installed, so that nobody wonders at the wait.
pub(crate) fn announce(what: &str) {
    eprintln!("set-up: {what}");
}
