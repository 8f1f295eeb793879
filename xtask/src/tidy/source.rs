//! What the house rules read: the files somebody wrote, and the lines of them that are code.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::workspace;

/// Folders that are made, not written.
const MADE: [&str; 8] = ["target/", "build/", "dist/", "dist.next/", ".git/", ".local/", ".wrangler/", "tools/node_modules/"];

const TEXT_FILES: [&str; 9] = [".rs", ".mjs", ".js", ".css", ".html", ".toml", ".json", ".md", ".lock"];

/// A file of the repository: its path from the root and its text.
pub(super) struct Written {
    pub(super) path: String,
    pub(super) text: String,
}

pub(super) fn written_files() -> Result<Vec<Written>> {
    let mut files = Vec::new();
    for folder in ["", ".cargo", ".ci", "app", "docs", "public", "shared", "tests", "tools", "worker", "xtask"] {
        for (path, file) in files_of(folder)? {
            if TEXT_FILES.iter().any(|ending| path.ends_with(ending)) || path == ".ci/run" {
                files.push(Written { text: workspace::read(&file)?, path });
            }
        }
    }
    Ok(files)
}

/// Files below a folder of the root, or right in the root for the empty name.
fn files_of(folder: &str) -> Result<Vec<(String, PathBuf)>> {
    if folder.is_empty() {
        let entries = fs::read_dir(workspace::root())?.flatten().filter(|entry| entry.path().is_file());
        return Ok(entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path())).collect());
    }
    let skipped = |path: &str| MADE.iter().any(|made| path.starts_with(made)) || path.contains("node_modules/");
    let files = workspace::files_below(&workspace::path(folder))?;
    Ok(files.into_iter().map(|(name, file)| (format!("{folder}/{name}"), file)).filter(|(path, _)| !skipped(path)).collect())
}

/// Whether only tests compile the file; an example is a small world for them.
pub(super) fn is_test_file(path: &str) -> bool {
    path.ends_with("/example.rs")
        || path.ends_with("_tests.rs")
        || path.ends_with("_laws.rs")
        || path.ends_with("/tests.rs")
        || path.contains("/tests/")
}

/// Numbered lines without comments and without items under `#[cfg(test)]`.
pub(super) fn code_lines(text: &str) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    let mut rest = text.lines().enumerate();
    while let Some((index, line)) = rest.next() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        if line.trim() != "#[cfg(test)]" {
            lines.push((index + 1, line));
            continue;
        }
        // The item ends where its closing brace stands as far in as its attribute, or with its first line.
        let indentation = line.len() - line.trim_start().len();
        let closing = format!("{}}}", " ".repeat(indentation));
        for (_, inside) in rest.by_ref() {
            let is_one_line = inside.trim_end().ends_with(';') && !inside[indentation.min(inside.len())..].starts_with(' ');
            if inside == closing || is_one_line {
                break;
            }
        }
    }
    lines
}
