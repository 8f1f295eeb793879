//! Running other programs, with errors that say what was tried and what to do.

use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, thread};

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
    // It writes into a pipe of ours, from where its colours go on to the terminal.
    command.env("CARGO_TERM_COLOR", if io::stderr().is_terminal() { "always" } else { "never" });
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
    if is_cargo(command) {
        command.stderr(Stdio::piped());
    }
    let mut child = command.spawn().with_context(|| not_started(command))?;
    if let Some(said) = child.stderr.take() {
        relay(said, |line| !is_step(line));
    }
    let status = child.wait()?;
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
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| not_started(command))?;
    let said = child.stderr.take().context("a started program has no output")?;
    let errors = thread::spawn(move || relay(said, |_| false));
    let mut stdout = Vec::new();
    child.stdout.take().context("a started program has no output")?.read_to_end(&mut stdout)?;
    let (errors, status) = (errors.join().unwrap_or_default(), child.wait()?);
    let stdout = String::from_utf8_lossy(&stdout).into_owned();
    if !status.success() {
        bail!("`{shown}` ended with {status}:\n{stdout}{errors}");
    }
    Ok(stdout)
}

/// Reads to the end, shows the lines worth showing as they come, and returns all of them. That cargo waits for another one is always
/// shown: the command would seem to hang.
pub(crate) fn relay(said: impl Read, is_worth_showing: impl Fn(&str) -> bool) -> String {
    let mut all = String::new();
    for line in BufReader::new(said).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        if let Some(("Blocking", what)) = step(&plain(&line)) {
            eprintln!("another cargo is at work: {what}");
        } else if is_worth_showing(&line) {
            eprintln!("{line}");
        }
        all.push_str(&line);
        all.push('\n');
    }
    all
}

/// Whether cargo only announces what it does next.
pub(crate) fn is_step(line: &str) -> bool {
    step(&plain(line)).is_some()
}

/// The line without colours.
fn plain(line: &str) -> String {
    let mut parts = line.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

/// Word and rest of a line in which cargo announces a step: the word ends in the twelfth column.
fn step(line: &str) -> Option<(&str, &str)> {
    let (word, rest) = line.split_at_checked(12)?;
    let word = word.trim_start();
    let is_word = word.starts_with(|first: char| first.is_ascii_uppercase()) && word.chars().all(|sign| sign.is_ascii_alphabetic());
    is_word.then_some((word, rest.strip_prefix(' ')?))
}

fn is_cargo(command: &Command) -> bool {
    command.get_program() == "cargo"
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_cargo_is_told_from_a_message() {
        let blocking = "    Blocking waiting for file lock on build directory";
        assert_eq!(step(blocking), Some(("Blocking", "waiting for file lock on build directory")));
        for step in [
            "   Compiling shared v0.1.0",
            "    Finished `dev` profile",
            "     Running `target/debug/xtask`",
            "\x1b[1m\x1b[92m   Compiling\x1b[0m shared",
        ] {
            assert!(is_step(step), "{step}");
        }
        for message in
            ["warning: unused variable", "error[E0308]: mismatched types", "  --> src/lib.rs:1:1", "", "   |", "Not a step of cargo"]
        {
            assert!(!is_step(message), "{message}");
        }
    }
}
