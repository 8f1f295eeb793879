//! `cargo xtask screenshots`: every page, light, dark and on a phone, into docs/screenshots.

use anyhow::Result;

use crate::build::{self, Profile};
use crate::command;
use crate::run::local;
use crate::setup::{self, node};
use crate::test;
use crate::workspace;

/// Takes the pictures; tests/browser/screenshots.mjs starts what it needs and knows the pages.
pub(crate) fn screenshots() -> Result<()> {
    setup::for_browser_tests()?;
    build::app(Profile::Release)?;
    build::worker(Profile::Release)?;
    let simulator = local::build_simulator()?;
    let mut script = node::node()?;
    script.arg(workspace::path("tests/browser/screenshots.mjs")).arg(workspace::path("docs/screenshots"));
    test::browser_environment(&mut script, &simulator)?;
    command::run(&mut script)
}
