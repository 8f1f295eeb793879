//! `cargo xtask openapi`: the contract as OpenAPI 3.1, from the types it is written in.

use anyhow::{Context, Result};

use crate::command::{self, cargo};
use crate::workspace;

/// Writes worker/openapi.json, which the Worker answers at /api/openapi.json.
pub(crate) fn openapi() -> Result<()> {
    let text = command::output(cargo().args(["run", "--quiet", "--package", "shared", "--features", "schema", "--example", "openapi"]))
        .context("the example `openapi` of shared prints the document")?;
    let file = workspace::path("worker/openapi.json");
    workspace::write(&file, text)?;
    println!("wrote {}", file.display());
    Ok(())
}
