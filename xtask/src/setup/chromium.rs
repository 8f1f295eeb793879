//! The browser of the browser tests and the screenshots.

use std::path::PathBuf;

use anyhow::Result;

use super::{announce, system};
use crate::command::{self, program};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Where Chromium is. `CHROMIUM` in the environment names another one.
pub(crate) fn path() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    let folders = std::env::var_os("PATH")?;
    NAMES.iter().flat_map(|name| std::env::split_paths(&folders).map(move |folder| folder.join(name))).find(|file| file.is_file())
}

/// Installs it from the system's packages when there is none.
pub(crate) fn provide() -> Result<()> {
    if path().is_some() {
        return Ok(());
    }
    announce("Chromium from the system's packages");
    system::install(&["chromium", "fonts-dejavu-core"], "the browser tests need Chromium")
}

/// The version it says it has.
pub(crate) fn version() -> Option<String> {
    let answer = command::answer(program(path()?).arg("--version"))?;
    answer.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned)
}
