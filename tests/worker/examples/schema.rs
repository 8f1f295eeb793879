//! The built Worker against its own description: schemathesis makes requests that keep `shared/contract/openapi.json` and requests that break it,
//! and judges the answers. No failure of ours, no status, kind or shape that is not described, nothing taken that should be refused.
//!
//! `cargo xtask test --only schema` gets schemathesis and starts this with its program as the argument.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use serde_json::Value;
use worker_tests::Install;

/// What is judged of each answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
    response_schema_conformance,negative_data_rejection,unsupported_method,ignored_auth";
/// Requests of the random kind for each operation; those that try out each bound of each field come on top.
const EXAMPLES: &str = "8";
/// Customers of the simulated vendors.
const COMPANIES: usize = 6;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let program = std::env::args().nth(1).context("the program schemathesis is the one argument")?;
    let install = Install::ready(COMPANIES).await?;
    install.connect_console().await?;
    install.sync().await?;
    let settings = std::env::temp_dir().join(format!("seatbridge-schema-{}.toml", std::process::id()));
    std::fs::write(&settings, known_things(&install).await?)?;
    let mut judge = Command::new(program);
    judge
        // It keeps a folder of its own where it is started.
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target"))
        .arg("--config-file")
        .arg(&settings)
        .args(["run", concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/contract/openapi.json")])
        // The document is a file, which the platform answers and this Worker does not have.
        .args(["--exclude-path", "/api/openapi.json"])
        .args(["--url", install.served.url()])
        .args(["--header", &format!("Authorization: Bearer {}", install.token())])
        .args(["--checks", CHECKS])
        // The same requests each time.
        .args(["--phases", "coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", "1", "--generation-deterministic"])
        .args(["--workers", "1", "--no-color", "--warnings", "off", "--suppress-health-check", "all"]);
    // On a thread of its own: the simulated vendors answer on these meanwhile.
    let judged = tokio::task::spawn_blocking(move || judge.status()).await?.context("cannot start schemathesis")?;
    std::fs::remove_file(&settings)?;
    Ok(if judged.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Ids of things there are, for the paths that read one: an id that is made up is answered 404, and says little.
async fn known_things(install: &Install) -> Result<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a text");
    let connections = install.get("/api/connections").await?;
    let connections = connections.as_array().context("connections")?;
    let psa = connections.iter().find(|connection| connection["kind"] == "connectwise").context("a ConnectWise connection")?;
    let psa = text(&psa["id"])?;
    let line = install.get("/api/month?segment=all&limit=1").await?["items"][0]["line"].clone();
    let (line, period) = (text(&line["id"])?, text(&line["period"])?);
    let pass = text(&install.get("/api/passes?limit=1").await?["items"][0]["id"])?;
    let snapshot = text(&install.get("/api/snapshots?limit=1").await?["items"][0]["id"])?;
    let board = install.get(&format!("/api/desks/{psa}")).await?["boards"][0]["id"].to_string();
    let company = install.get("/api/psa/companies?limit=1").await?["items"][0]["company"].to_string();
    let console = &install.get("/api/groups").await?[0];
    let (console, group) = (text(&console["connection"])?, text(&console["groups"][0]["group"])?);
    let mut settings = String::new();
    let mut know = |operation: &str, parts: &[(&str, &str)]| {
        let parts: Vec<String> = parts.iter().map(|(name, value)| format!("\"path.{name}\" = \"{value}\"")).collect();
        settings.push_str(&format!("[[operations]]\ninclude-name = \"{operation}\"\nparameters = {{ {} }}\n", parts.join(", ")));
    };
    for path in ["GET /api/connections/{id}", "GET /api/connections/{id}/consequences", "POST /api/connections/{id}/test"] {
        know(path, &[("id", &psa)]);
    }
    for path in ["GET /api/desks/{id}", "GET /api/desks/{id}/configuration-types"] {
        know(path, &[("id", &psa)]);
    }
    know("GET /api/desks/{id}/boards/{board}", &[("id", &psa), ("board", &board)]);
    know("GET /api/desks/{id}/companies/{company}/contacts", &[("id", &psa), ("company", &company)]);
    know("GET /api/groups/{id}/{group}/devices", &[("id", &console), ("group", &group)]);
    for path in ["GET /api/months/{period}", "GET /api/months/{period}/statement", "GET /api/months/{period}/statement.csv"] {
        know(path, &[("period", &period)]);
    }
    know("GET /api/lines/{id}", &[("id", &line)]);
    know("GET /api/passes/{id}", &[("id", &pass)]);
    know("GET /api/snapshots/{id}", &[("id", &snapshot)]);
    Ok(settings)
}
