//! `cargo xtask openapi`: the contract as OpenAPI 3.1, from the types it is written in.

use anyhow::{Context, Result};

use crate::command::{self, cargo};
use crate::workspace;

/// Writes shared/contract/openapi.json, which is served as a file at /api/openapi.json.
pub(crate) fn openapi() -> Result<()> {
    let text = command::output(cargo().args(["run", "--package", "contract", "--features", "schema", "--example", "openapi"]))
        .context("the example `openapi` of shared prints the document")?;
    let file = workspace::path("shared/contract/openapi.json");
    workspace::write(&file, text)?;
    println!("wrote {}", file.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_answers_the_description_before_the_worker_is_asked() {
        let read = |file: &str| workspace::read(&workspace::path(file)).unwrap();
        assert!(read("wrangler.toml").contains(r#"run_worker_first = ["/api/*", "!/api/openapi.json"]"#));
        assert!(read("tools/serve.mjs").contains(r#"user_worker: ["/api/*"], asset_worker: ["/api/openapi.json"]"#));
        assert_eq!(format!("/{}", crate::build::site::DESCRIPTION), "/api/openapi.json");
    }
}
