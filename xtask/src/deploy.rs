//! `cargo xtask deploy`: a release build on a Cloudflare account.

use std::io::Write;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use clap::Args;

use crate::build::{self, Profile};
use crate::command;
use crate::run::local::random_bytes;
use crate::setup::{self, node};
use crate::workspace;

/// What a person may choose.
#[derive(Args)]
pub(crate) struct Options {
    /// Everything but the upload; needs no account and no network
    #[arg(long)]
    dry_run: bool,
    /// Another one-time link for an administrator, for when none can come in any more
    #[arg(long, conflicts_with = "dry_run")]
    new_setup_link: bool,
}

/// Set while wrangler runs: its build command then finds the work done.
pub(crate) const ALREADY_BUILT: &str = "SEATBRIDGE_ALREADY_BUILT";

/// Builds, uploads, sets the secrets a first deploy lacks, prints the link the first administrator comes in by.
pub(crate) fn deploy(options: &Options) -> Result<()> {
    setup::for_building()?;
    build::app(Profile::Release)?;
    build::worker(Profile::Release)?;
    if options.dry_run {
        return dry_run();
    }
    require_sign_in()?;
    let mut upload = node::wrangler()?;
    let report = command::output(upload.env(ALREADY_BUILT, "1").env("CI", "true").arg("deploy"))
        .context("wrangler could not deploy; nothing else was changed")?;
    print!("{report}");
    let known = command::output(node::wrangler()?.args(["secret", "list", "--format", "json"]))?;
    if !known.contains("\"MASTER_KEY\"") {
        let master_key = STANDARD.encode(random_bytes()?);
        put_secret("MASTER_KEY", &master_key)?;
        println!(
            "MASTER_KEY: {master_key}\n  Stored vendor credentials are encrypted with it. It is shown this once; keep it with your \
             passwords: without it credentials are typed in again when the key is changed."
        );
    }
    if known.contains("\"SETUP_TOKEN\"") && !options.new_setup_link {
        println!("SETUP_TOKEN: there already. --new-setup-link makes another, for when no administrator can come in any more.");
        return Ok(());
    }
    let setup_token = URL_SAFE_NO_PAD.encode(random_bytes()?);
    put_secret("SETUP_TOKEN", &setup_token)?;
    let url = address(&report).unwrap_or_else(|| "https://<the install's address>".to_owned());
    println!(
        "\nOpen: {url}/welcome#{setup_token}\n  It lets one administrator in, once, and is shown this once. The address may need some minutes."
    );
    Ok(())
}

/// Lets wrangler do everything but upload what `build/worker` and `dist` hold.
pub(crate) fn dry_run() -> Result<()> {
    let output = workspace::path("target/tools/dry-run");
    let mut wrangler = node::wrangler()?;
    wrangler.env(ALREADY_BUILT, "1").env("CI", "true").args(["deploy", "--dry-run", "--outdir"]).arg(&output);
    let report = command::output(&mut wrangler).context("wrangler would not deploy this")?;
    for wanted in ["LEDGER", "DOCUMENTS", "ASSETS"] {
        if !report.contains(wanted) {
            bail!("the deploy would lack the binding {wanted}:\n{report}");
        }
    }
    println!("{}", report.trim());
    Ok(())
}

fn require_sign_in() -> Result<()> {
    let who = command::answer(node::wrangler()?.arg("whoami")).unwrap_or_default();
    if who.is_empty() || who.contains("not authenticated") {
        bail!(
            "wrangler is not signed in to Cloudflare: run `node tools/node_modules/wrangler/bin/wrangler.js login`, \
             or set CLOUDFLARE_API_TOKEN (permission Workers Scripts: Edit, Workers KV Storage: Edit)"
        );
    }
    Ok(())
}

/// Hands a secret over on standard input, where no list of processes shows it.
fn put_secret(name: &str, value: &str) -> Result<()> {
    let mut wrangler = node::wrangler()?;
    let mut child = wrangler.args(["secret", "put", name]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    child.stdin.take().context("wrangler has no standard input")?.write_all(value.as_bytes())?;
    if !child.wait()?.success() {
        bail!("wrangler could not store the secret {name}; `cargo xtask deploy` may simply be repeated");
    }
    Ok(())
}

/// The address wrangler says the Worker is at.
fn address(report: &str) -> Option<String> {
    report.split_whitespace().find(|word| word.starts_with("https://") && word.contains(".workers.dev")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_what_wrangler_prints() {
        let report = "Uploaded seatbridge (3.1 sec)\nDeployed seatbridge triggers\n  https://seatbridge.example.workers.dev\n  schedule: */10 * * * *\n";
        assert_eq!(address(report).as_deref(), Some("https://seatbridge.example.workers.dev"));
        assert_eq!(address("nothing"), None);
    }
}
