//! Bugs planted on purpose, in a copy of the sources: `tests/faults/planted.toml` has a patch for each.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::{command, workspace};

const LIST: &str = "tests/faults/planted.toml";
/// Tells the program that judges which bug is planted in its process.
const CHOSEN: &str = "SEATBRIDGE_PLANTED";
/// Set while the copy is compiled, so that its programs know that they are the copy's.
const WITH_BUGS: &str = "SEATBRIDGE_WITH_BUGS";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    bug: Vec<Bug>,
}

/// A bug. One without a patch is planted by a patch of another, which asks for both.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bug {
    name: String,
    what: String,
    /// What has to find it.
    #[serde(default)]
    by: Finder,
    #[serde(default)]
    patch: Vec<Patch>,
}

/// What finds a bug.
#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Finder {
    /// The sweep or the seeds.
    #[default]
    Faults,
    /// The model of the engine.
    Model,
}

/// What is written in place of what, in one file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    file: String,
    find: String,
    replace: String,
}

/// Plants each bug, and fails unless every one of them is found and nothing is found without one.
pub(super) fn planted() -> Result<()> {
    let bugs = list()?;
    let copy = copied(&bugs)?;
    // In silence: the compiler warns of what only the sources without bugs need.
    for (finder, build) in [(Finder::Faults, &["build"][..]), (Finder::Model, &["test", "--no-run"])] {
        command::run_quietly(&mut finder.at_work(&copy, build))?;
    }
    for finder in [Finder::Faults, Finder::Model] {
        if let Some(how) = finder.finds(&copy, "none")? {
            bail!("something is found although no bug is planted: what finds the others is not to be believed\n{how}");
        }
    }
    let mut found = 0;
    for Bug { name, what, by, .. } in &bugs {
        match by.finds(&copy, name)? {
            Some(how) => {
                found += 1;
                println!("found   {name}: {what}\n        {how}");
            }
            None => println!("MISSED  {name}: {what}"),
        }
    }
    println!("found {found} of {}", bugs.len());
    ensure!(found == bugs.len(), "a planted bug was not found");
    Ok(())
}

fn list() -> Result<Vec<Bug>> {
    let list: List =
        toml::from_str(&workspace::read(&workspace::path(LIST))?).with_context(|| format!("{LIST} is not what it should be"))?;
    Ok(list.bug)
}

impl Finder {
    /// Has cargo do something with what finds bugs in the copy, in a target directory of its own.
    fn at_work(self, copy: &Path, what: &[&str]) -> Command {
        let mut cargo = command::cargo();
        cargo.args(what).current_dir(copy).env("CARGO_TARGET_DIR", workspace::path("target/planted/target")).env(WITH_BUGS, "1");
        cargo.args(match self {
            Self::Faults => ["--package", "faults", "--bin", "faults"],
            Self::Model => ["--package", "model-tests", "--test", "engine"],
        });
        cargo
    }

    /// How the bug is found, if it is.
    fn finds(self, copy: &Path, name: &str) -> Result<Option<String>> {
        match self {
            Self::Faults => Ok(command::answer(self.at_work(copy, &["run"]).env(CHOSEN, name).args(["--", "planted", name]))),
            Self::Model => {
                let done = self.at_work(copy, &["test"]).env(CHOSEN, name).stdin(Stdio::null()).output().context("cannot start cargo")?;
                let said = String::from_utf8_lossy(&done.stdout);
                match counterexample(&said) {
                    _ if done.status.success() => Ok(None),
                    Some(way) => Ok(Some(way)),
                    None => bail!("the model failed at {name} without saying how:\n{said}{}", String::from_utf8_lossy(&done.stderr)),
                }
            }
        }
    }
}

/// The first promise that the model found broken, with the way there: a line that says so, and a numbered line for each thing that happens.
fn counterexample(said: &str) -> Option<String> {
    let mut lines = said.lines().skip_while(|line| !line.starts_with("broken: "));
    let first = lines.next()?;
    let way = lines.take_while(|line| line.trim_start().starts_with(|sign: char| sign.is_ascii_digit()));
    Some([first].into_iter().chain(way).collect::<Vec<_>>().join("\n        "))
}

/// A copy of the sources in which all bugs can be planted. What is the same as in the last copy keeps its time, so that cargo does
/// not compile it again.
fn copied(bugs: &[Bug]) -> Result<PathBuf> {
    let copy = workspace::path("target/planted/sources");
    let listed = command::output(command::program("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    let mut wanted = BTreeMap::new();
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        // What was deleted and not committed yet is listed too.
        let Ok(bytes) = fs::read(workspace::path(name)) else { continue };
        let bytes = if name.ends_with(".rs") { with_bugs(name, &String::from_utf8(bytes)?, bugs)?.into_bytes() } else { bytes };
        wanted.insert(name.to_owned(), bytes);
    }
    for (name, file) in workspace::files_below(&copy)? {
        if !wanted.contains_key(&name) {
            fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
    }
    for (name, bytes) in wanted {
        let file = copy.join(name);
        if fs::read(&file).ok().as_ref() != Some(&bytes) {
            workspace::write(&file, bytes)?;
        }
    }
    Ok(copy)
}

/// A file's text with all patches made, and every condition asking which bug is chosen.
fn with_bugs(name: &str, text: &str, bugs: &[Bug]) -> Result<String> {
    let mut text = text.to_owned();
    for patch in bugs.iter().flat_map(|bug| &bug.patch).filter(|patch| patch.file == name) {
        ensure!(text.matches(&patch.find).count() == 1, "{LIST}: `{}` does not stand exactly once in {name}", patch.find);
        text = text.replace(&patch.find, &patch.replace);
    }
    let asks = format!("(|name: &str| std::env::var(\"{CHOSEN}\").is_ok_and(|chosen| chosen == name))(");
    Ok(text.replace("planted!(", &asks))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every Rust file of the product.
    fn sources() -> BTreeMap<String, String> {
        let files = ["shared", "worker"].into_iter().flat_map(|folder| {
            let files = workspace::files_below(&workspace::path(folder)).unwrap();
            files.into_iter().map(move |(name, file)| (format!("{folder}/{name}"), file))
        });
        files.filter(|(name, _)| name.ends_with(".rs")).map(|(name, file)| (name, workspace::read(&file).unwrap())).collect()
    }

    #[test]
    fn every_patch_finds_its_place_once() {
        let sources = sources();
        for bug in list().unwrap() {
            for Patch { file, find, replace } in &bug.patch {
                let text = sources.get(file).unwrap_or_else(|| panic!("{}: there is no {file}", bug.name));
                assert_eq!(text.matches(find).count(), 1, "{}: `{find}` in {file}", bug.name);
                assert!(replace.contains("planted!("), "{}: a patch that is always in force", bug.name);
            }
        }
    }

    #[test]
    fn every_bug_is_planted_by_a_patch_and_none_in_the_sources() {
        let bugs = list().unwrap();
        let patches: String = bugs.iter().flat_map(|bug| &bug.patch).map(|patch| patch.replace.as_str()).collect();
        for bug in &bugs {
            assert!(patches.contains(&format!("planted!(\"{}\")", bug.name)), "no patch plants {}", bug.name);
        }
        assert!(sources().values().all(|text| !text.contains("planted!")), "a bug stands in the product's own code");
    }

    #[test]
    fn all_patches_of_a_file_are_made_and_ask_for_the_bug() {
        let patch = |find: &str, replace: &str| Patch { file: "a.rs".to_owned(), find: find.to_owned(), replace: replace.to_owned() };
        let patch = vec![patch("if ready", "if ready || planted!(\"early\")"), patch("wait();", "")];
        let bugs = [Bug { name: "early".to_owned(), what: String::new(), by: Finder::Faults, patch }];
        let text = with_bugs("a.rs", "if ready { wait(); go(); }", &bugs).unwrap();
        assert!(text.starts_with("if ready || (|name: &str|") && text.ends_with("(\"early\") {  go(); }"), "{text}");
        assert_eq!(with_bugs("b.rs", "if ready", &bugs).unwrap(), "if ready");
        assert!(with_bugs("a.rs", "if ready { if ready { wait(); } }", &bugs).is_err(), "two places");
    }

    #[test]
    fn the_first_counterexample_is_taken_from_what_the_model_says() {
        let said = "running 4 tests\n---- x stdout ----\nbroken: it always ends:\n  1. an alarm fires\n 12. five minutes pass\n\nbroken: another:\n";
        let way = "broken: it always ends:\n          1. an alarm fires\n         12. five minutes pass";
        assert_eq!(counterexample(said).as_deref(), Some(way));
        assert_eq!(counterexample("error: could not compile"), None);
    }
}
