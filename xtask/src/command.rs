//! Running other programs, with errors that say what was tried and what to do.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// A program, started in the workspace root.
pub(crate) fn program(name: impl AsRef<Path>) -> Command {
    let mut command = Command::new(name.as_ref());
    command.current_dir(workspace::root());
    command
}

/// cargo as a person in a terminal would call it: what the cargo that started us set is taken away again,
/// because it would point another toolchain at the libraries of this one.
pub(crate) fn cargo() -> Command {
    let mut command = program("cargo");
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name == "CARGO" || name == "LD_LIBRARY_PATH" || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST") {
            command.env_remove(name.as_ref());
        }
    }
    command
}

/// Runs to the end with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command.status().with_context(|| not_started(command))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Runs to the end in silence; on failure the error carries everything it printed.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    output(command).map(|_| ())
}

/// Standard output of a program that has to succeed; on failure the error carries everything it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let done = command.stdin(Stdio::null()).output().with_context(|| not_started(command))?;
    let stdout = String::from_utf8_lossy(&done.stdout).into_owned();
    if !done.status.success() {
        bail!("`{shown}` ended with {}:\n{stdout}{}", done.status, String::from_utf8_lossy(&done.stderr));
    }
    Ok(stdout)
}

/// Standard output if the program is there and succeeds.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let done = command.stdin(Stdio::null()).output().ok()?;
    done.status.success().then(|| String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

/// Whether a program of this name is on the path.
pub(crate) fn is_installed(name: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

fn not_started(command: &Command) -> String {
    format!("cannot start `{}`: is it installed? (`cargo xtask doctor` lists what is needed)", command.get_program().display())
}

fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}
