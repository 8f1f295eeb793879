//! The `wasm32-unknown-unknown` target.
//!
//! rustup gives it in a second where it can reach its servers. Where it cannot, on Debian, the distribution's
//! `rustc-web` brings a compiler together with the source of its own standard library: that library is built for
//! wasm32 once (under a minute) and put where this compiler looks for it, and wasm builds use it as the rustup
//! toolchain `debian`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{announce, system};
use crate::command::{self, cargo, is_installed, program};
use crate::workspace;

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_TOOLCHAIN: &str = "debian";
const DEBIAN_RUSTLIB: &str = "/usr/lib/rustlib";
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"];

/// Which compiler makes the wasm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Toolchain {
    /// The one `cargo` starts anyway.
    Active,
    /// Debian's, linked into rustup under the name `debian`.
    Debian,
}

/// The toolchain that can build for wasm32 now, if one can.
pub(crate) fn found() -> Option<Toolchain> {
    if active_libraries().is_some_and(|folder| has_core(&folder)) {
        return Some(Toolchain::Active);
    }
    let linked = is_installed("rustup") && command::answer(program("rustup").args(["run", DEBIAN_TOOLCHAIN, "rustc", "-V"])).is_some();
    (linked && has_core(&debian_libraries())).then_some(Toolchain::Debian)
}

/// Makes sure one of the two can.
pub(crate) fn provide() -> Result<()> {
    if found().is_some() {
        return Ok(());
    }
    if is_installed("rustup") {
        announce("wasm32 target through rustup");
        if command::run_quietly(program("rustup").args(["target", "add", TARGET])).is_ok() {
            return Ok(());
        }
    }
    if !system::is_debian() {
        bail!("no wasm32 target: `rustup target add {TARGET}` failed; run it by hand to see why, then start this command again");
    }
    announce("wasm32 target from Debian's rustc-web, because rustup could not add it (about a minute)");
    from_debian().context(
        "cannot set up the wasm32 target; `rustup target add wasm32-unknown-unknown` on a machine with network access is the short way",
    )
}

/// cargo for wasm builds: right toolchain, own target folder, no stray flags.
pub(crate) fn wasm_cargo() -> Result<Command> {
    let mut command = cargo();
    match found() {
        Some(Toolchain::Active) => {}
        Some(Toolchain::Debian) => {
            command.env("RUSTUP_TOOLCHAIN", DEBIAN_TOOLCHAIN);
        }
        None => bail!("no toolchain here builds for wasm32: run `cargo xtask setup`"),
    }
    command
        .env_remove("RUSTFLAGS")
        .env("CARGO_TARGET_DIR", workspace::wasm_target_dir())
        // What the crate `worker` is made for: its macros expand to futures of `js_sys`.
        .env("WASM_BINDGEN_USE_JS_SYS", "1");
    Ok(command)
}

/// The five steps of the Debian way; each may be repeated without harm.
fn from_debian() -> Result<()> {
    system::install(&DEBIAN_PACKAGES, "the wasm32 target needs Debian's web build of Rust")?;
    if is_installed("rustup") {
        command::run_quietly(program("rustup").args(["toolchain", "link", DEBIAN_TOOLCHAIN, "/usr"]))?;
    }
    provide_linker()?;
    let built = build_standard_library()?;
    install_libraries(&built)?;
    // cargo does not see that the standard library changed.
    let stale = workspace::wasm_target_dir();
    if stale.exists() {
        fs::remove_dir_all(&stale)?;
    }
    Ok(())
}

/// Debian's compiler looks for `rust-lld` in its own folder; the rustup toolchain has one.
fn provide_linker() -> Result<()> {
    let host = "x86_64-unknown-linux-gnu";
    let wanted = PathBuf::from(format!("{DEBIAN_RUSTLIB}/{host}/bin/rust-lld"));
    if wanted.exists() || is_installed("rust-lld") {
        return Ok(());
    }
    let sysroot = command::answer(program("rustc").args(["--print", "sysroot"])).context("rustc does not answer")?;
    let ours = PathBuf::from(sysroot).join(format!("lib/rustlib/{host}/bin/rust-lld"));
    if !ours.exists() {
        bail!("no rust-lld in {}: install the package `lld` and link it to {}", ours.display(), wanted.display());
    }
    let folder = wanted.parent().context("the linker has no folder")?;
    command::run_quietly(system::as_root("mkdir").arg("-p").arg(folder))?;
    command::run_quietly(system::as_root("ln").arg("-sf").arg(ours).arg(&wanted))
}

/// Builds std for wasm32 by way of an empty crate and answers the folder with its libraries.
fn build_standard_library() -> Result<PathBuf> {
    let seed = workspace::path("target/wasm-std");
    workspace::write(&seed.join("Cargo.toml"), "[package]\nname = \"std-seed\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n")?;
    workspace::write(&seed.join("src/lib.rs"), "#![no_std]\n")?;
    let mut build = cargo();
    build
        .current_dir(&seed)
        .env("RUSTUP_TOOLCHAIN", DEBIAN_TOOLCHAIN)
        .env("CARGO_TARGET_DIR", seed.join("target"))
        // Without bitcode link-time optimisation finds nothing to work on.
        .env("RUSTFLAGS", "-C embed-bitcode=yes")
        // The switch below is not stable yet; the compiler and its library source are of one version.
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["build", "--release", "-Z", "build-std=std,panic_abort,test", "--target", TARGET]);
    command::run_quietly(&mut build)?;
    Ok(seed.join(format!("target/{TARGET}/release/deps")))
}

fn install_libraries(built: &Path) -> Result<()> {
    let destination = debian_libraries();
    command::run_quietly(system::as_root("mkdir").arg("-p").arg(&destination))?;
    let mut copy = system::as_root("cp");
    for (name, file) in workspace::files_below(built)? {
        if name.ends_with(".rlib") && !name.starts_with("libstd_seed") {
            copy.arg(file);
        }
    }
    command::run_quietly(copy.arg(&destination))
}

fn debian_libraries() -> PathBuf {
    PathBuf::from(format!("{DEBIAN_RUSTLIB}/{TARGET}/lib"))
}

fn active_libraries() -> Option<PathBuf> {
    let mut rustc = program("rustc");
    rustc.env_remove("LD_LIBRARY_PATH");
    command::answer(rustc.args(["--print", "target-libdir", "--target", TARGET])).map(PathBuf::from)
}

fn has_core(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-")))
}
