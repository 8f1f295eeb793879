//! House rules no compiler knows: which words may stand in which files.
//!
//! Each rule is a row of [`RULES`] or, where a row does not fit, a function of its own; each is a test, and
//! `cargo xtask check` prints what they find.

mod layers;
mod module_docs;
mod proofs;
mod rooms;
mod source;
#[cfg(test)]
mod tests;

use anyhow::{Result, bail};

use self::source::{Written, code_lines, is_test_file, written_files};
use crate::pins;

/// Words that may not stand in some files.
struct Rule {
    /// The test and the reason in one sentence.
    name: &'static str,
    /// Path prefixes it holds for.
    within: &'static [&'static str],
    /// Endings of file names it holds for.
    endings: &'static [&'static str],
    /// Path prefixes it does not hold for after all.
    except: &'static [&'static str],
    /// What may not be written there; test code and comments are free.
    words: &'static [&'static str],
}

const RULES: [Rule; 5] = [
    Rule {
        name: "the rules know no platform",
        within: &["shared/"],
        endings: &[".rs"],
        except: &[],
        words: &["worker::", "js_sys", "web_sys", "wasm_bindgen"],
    },
    Rule {
        name: "the platform is met at the edge of the edge only",
        within: &["worker/"],
        endings: &[".rs"],
        except: &["worker/edge/"],
        words: &["worker::", "js_sys", "web_sys", "wasm_bindgen"],
    },
    Rule {
        name: "nothing panics: a panic ends every request of its isolate",
        within: &["shared/", "worker/"],
        endings: &[".rs"],
        except: &["shared/domain/src/billing/example.rs", "worker/egress/src/ports/scripted.rs"],
        words: &[".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!("],
    },
    Rule {
        name: "KV values are read as text and parsed by serde_json, as the native tests do",
        within: &["worker/edge/"],
        endings: &[".rs"],
        except: &[],
        words: &[".json::<"],
    },
    Rule {
        name: "no style attribute: the content security policy blocks it",
        within: &["app/src/", "public/"],
        endings: &[".rs", ".html"],
        except: &[],
        words: &[" style=", "<style"],
    },
];

const LONGEST_FILE: usize = 400;

/// Every rule; the error lists all that was found.
pub(crate) fn check() -> Result<()> {
    let files = written_files()?;
    let mut found: Vec<String> = RULES.iter().flat_map(|rule| forbidden_words(rule, &files)).collect();
    found.extend(long_files(&files));
    found.extend(inline_scripts(&files));
    found.extend(machine_traces(&files));
    found.extend(module_docs::missing(&files));
    found.extend(rooms::crowded(&files));
    found.extend(layers::forbidden(&files));
    found.extend(several_bindgens()?);
    found.extend(proofs::missing()?);
    if !found.is_empty() {
        bail!("{}", found.join("\n"));
    }
    Ok(())
}

fn forbidden_words(rule: &Rule, files: &[Written]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| file.path.starts_with(prefix));
        let holds = starts(rule.within)
            && !starts(rule.except)
            && rule.endings.iter().any(|ending| file.path.ends_with(ending))
            && !is_test_file(&file.path);
        if !holds {
            continue;
        }
        for (number, line) in code_lines(&file.text) {
            for word in rule.words.iter().filter(|word| stands_in(word, line)) {
                found.push(format!("{}:{number}: `{}`: {}", file.path, word.trim(), rule.name));
            }
        }
    }
    found
}

/// Whether the word stands in the line by itself, not as the end of a longer name.
fn stands_in(word: &str, line: &str) -> bool {
    // That a future may be sent is a promise to the compiler; it brings no platform along.
    let line = line.replace("worker::send", "");
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !word.starts_with(char::is_alphanumeric) || !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

fn long_files(files: &[Written]) -> Vec<String> {
    files
        .iter()
        .filter(|file| [".rs", ".mjs", ".js", ".css"].iter().any(|ending| file.path.ends_with(ending)))
        .filter(|file| file.text.lines().count() > LONGEST_FILE)
        .map(|file| format!("{}: {} lines; at most {LONGEST_FILE}, so split it", file.path, file.text.lines().count()))
        .collect()
}

fn inline_scripts(files: &[Written]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.path.starts_with("public/") && file.path.ends_with(".html"))
        .filter(|file| file.text.split("<script").skip(1).any(|tag| !tag.split('>').next().unwrap_or_default().contains("src=")))
        .map(|file| format!("{}: an inline script; the content security policy blocks it", file.path))
        .collect()
}

/// Traces of the machine a file was written on.
fn machine_traces(files: &[Written]) -> Vec<String> {
    let homes = [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/wo", "rk/")];
    let mut found = Vec::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            for home in homes.iter().filter(|home| line.match_indices(**home).any(|(at, _)| begins_a_path(&line[..at]))) {
                found.push(format!("{}:{}: `{home}` is a path of one machine", file.path, number + 1));
            }
        }
        if file.path.ends_with("package-lock.json") && file.text.contains("\"resolved\"") {
            found.push(format!("{}: names the registry it was made with; tools/.npmrc keeps that out", file.path));
        }
        let foreign = |line: &&str| line.starts_with("source = ") && !line.contains("github.com/rust-lang/crates.io-index");
        if let Some(line) = file.text.lines().find(|line| file.path == "Cargo.lock" && foreign(line)) {
            found.push(format!("Cargo.lock: {line}: only crates.io is allowed"));
        }
    }
    found
}

/// A folder in the middle of a path may have such a name; the beginning of a path may not.
fn begins_a_path(before: &str) -> bool {
    !before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || "._-}*".contains(c))
}

fn several_bindgens() -> Result<Vec<String>> {
    let versions = pins::locked("wasm-bindgen")?;
    Ok(match versions.as_slice() {
        [_] => Vec::new(),
        several => vec![format!("Cargo.lock: wasm-bindgen {}: app and Worker need one and the same", several.join(", "))],
    })
}
