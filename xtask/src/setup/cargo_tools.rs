//! `wasm-bindgen` and `worker-build`, built from source into `target/tools`.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{announce, system};
use crate::command::{self, cargo, is_installed, program};
use crate::pins::Pins;
use crate::workspace;

/// Where a tool's program is, whether installed or not.
pub(crate) fn path(tool: &str) -> PathBuf {
    workspace::path("target/tools/bin").join(tool)
}

/// The version a tool says it has.
pub(crate) fn version(tool: &str) -> Option<String> {
    let answer = command::answer(program(path(tool)).arg("--version"))?;
    answer.split_whitespace().last().map(str::to_owned)
}

/// Installs what is missing or of another version. One after the other: they share most of their dependencies,
/// and one compiler already fills a small machine.
pub(crate) fn provide(pins: &Pins) -> Result<()> {
    // Without its TLS stack, which only its test runner's downloads need, wasm-bindgen builds in half the time.
    install("wasm-bindgen", "wasm-bindgen-cli", &pins.cargo.wasm_bindgen_cli, &["--no-default-features"])?;
    if version("worker-build").as_ref() != Some(&pins.cargo.worker_build) {
        provide_openssl()?;
    }
    install("worker-build", "worker-build", &pins.cargo.worker_build, &[])
}

fn install(tool: &str, package: &str, wanted: &str, arguments: &[&str]) -> Result<()> {
    if version(tool).as_deref() == Some(wanted) {
        return Ok(());
    }
    announce(&format!("{tool} {wanted} from source (about two minutes on two cores)"));
    let mut build = cargo();
    // Without --locked: the locks these packages ship name versions that have been withdrawn since.
    build
        .args(["install", package, "--version", wanted, "--bin", tool, "--force", "--quiet", "--root"])
        .arg(workspace::path("target/tools"))
        .args(arguments)
        .env("CARGO_TARGET_DIR", workspace::path("target/tools/build"))
        .env_remove("RUSTFLAGS")
        // They run for a second each: built fast is worth more than built fast-running.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
    command::run_quietly(&mut build).with_context(|| format!("cannot install {package} {wanted}"))
}

/// worker-build links the system's OpenSSL.
fn provide_openssl() -> Result<()> {
    if is_installed("pkg-config") && command::answer(program("pkg-config").args(["--exists", "openssl"])).is_some() {
        return Ok(());
    }
    system::install(&["pkg-config", "libssl-dev"], "worker-build needs the OpenSSL headers")
}
