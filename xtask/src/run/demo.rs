//! Makes a fresh local installation worth opening, over the same HTTP API everybody uses.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use authenticator::Authenticator;
use serde_json::{Value, json};

use super::api::Api;
use super::children::stop_requested;
use super::local::{Edge, World};
use crate::workspace;

/// What a person needs to get in.
pub(crate) struct Access {
    /// The page to open.
    pub(crate) page: String,
    /// The page to make a passkey on, with a one-time token in it.
    pub(crate) link: String,
    /// Whether somebody has come in by such a link before.
    pub(crate) known: bool,
    /// A bearer token for the API.
    pub(crate) token: String,
}

/// The administrator that this command is: it comes in by the set-up secret, which is new at each start.
const SELF: &str = "cargo xtask run";
/// What the API token is called: nothing else that acts may be called so.
const TOKEN: &str = "Token of cargo xtask run";
/// The administrator who sits before this machine.
const PERSON: &str = "Administrator";

/// How long all passes of one round may take. Thousands of companies need minutes, a broken one none.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Makes a one-time link and an API token; with a world, connects it, reads it once and maps what is beyond doubt.
/// That is done once for a store: what people changed in it since stays as they left it.
pub(crate) fn prepare(edge: &Edge, store: &Path, world: Option<&World>) -> Result<Access> {
    // Browsers keep cookies and passkeys for `localhost` that they refuse for an address.
    let page = edge.url.replace("127.0.0.1", "localhost");
    let session = come_in(&page, &edge.setup_token)?;
    let api = Api::signed_in(&page, &session);
    let token = api_token(&page, &api, &store.join("api-token"))?;
    if let Some(world) = world {
        let done = store.join("demo-is-set-up");
        if !done.exists() {
            set_up(&Api::new(&page, &token), world).context("cannot connect the simulated vendors")?;
            workspace::write(&done, "")?;
        }
    }
    let people = api.all("/api/people", "")?;
    let person = people.iter().find(|person| person["name"] == PERSON);
    let made = match person.and_then(|person| person["id"].as_str()) {
        Some(id) => api.post(&format!("/api/people/{id}/link"), &json!({}))?,
        None => api.post("/api/people", &json!({ "name": PERSON, "role": "admin" }))?,
    };
    let link = format!("{page}/welcome#{}", made["token"].as_str().context("the one-time link has no token")?);
    let known = person.is_some_and(|person| person["passkeys"].as_u64() > Some(0));
    Ok(Access { page, link, known, token })
}

/// Comes in with a passkey in software. Answers the session's cookie.
fn come_in(page: &str, setup_token: &str) -> Result<String> {
    let stranger = Api::signed_in(page, "");
    let opened = stranger.post("/api/invitations/open", &json!({ "token": setup_token }))?;
    let passkey = Authenticator::new(page, setup_token).make(&opened["passkey"], SELF);
    stranger.cookie_of("/api/invitations/accept", &json!({ "token": setup_token, "name": SELF, "passkey": passkey }))
}

/// The token of the last run while it is good, so that its list does not grow with every start.
fn api_token(page: &str, api: &Api, kept: &Path) -> Result<String> {
    if let Ok(token) = fs::read_to_string(kept)
        && Api::new(page, &token).get("/api/session").is_ok()
    {
        return Ok(token);
    }
    let created = api.post("/api/tokens", &json!({ "name": TOKEN, "role": "admin" }))?;
    let token = created["token"].as_str().context("the API token has no text")?.to_owned();
    workspace::write(kept, &token)?;
    Ok(token)
}

/// Every step may have been done by an earlier run that was stopped.
fn set_up(api: &Api, world: &World) -> Result<()> {
    connect(api, "ESET (simulated)", "ema2", &world.ema2, &world.credentials)?;
    connect(api, "ESET Connect (simulated)", "connect", &world.connect, &world.credentials)?;
    connect(api, "ConnectWise (simulated)", "connectwise", &world.connectwise, &world.credentials)?;
    eprintln!("reading the simulated vendors …");
    pass(api, "sync")?;
    let companies = api.all("/api/companies", "?state=unmapped")?;
    store_in_parts(api, "/api/mappings/companies", &companies.iter().filter_map(undoubted_company).collect::<Vec<_>>())?;
    let products = api.all("/api/products", "")?;
    store_in_parts(api, "/api/mappings/products", &products.iter().filter_map(undoubted_product).collect::<Vec<_>>())?;
    eprintln!("planning the month …");
    pass(api, "billing")?;
    let month = api.get("/api/month?segment=all&limit=1")?;
    if month["summary"]["lines"].as_u64() == Some(0) {
        bail!("both vendors were read, but the month has no lines; .local/worker.log tells what the Worker did");
    }
    Ok(())
}

fn connect(api: &Api, name: &str, kind: &str, address: &str, credentials: &Value) -> Result<()> {
    if api.all("/api/connections", "")?.iter().any(|connection| connection["kind"] == kind) {
        return Ok(());
    }
    let mut credentials = credentials[kind].clone();
    credentials["kind"] = json!(kind);
    let body = json!({ "name": name, "address": address, "credentials": credentials });
    api.post("/api/connections", &body).map(|_| ()).with_context(|| format!("cannot connect to {name} at {address}"))
}

/// Starts passes of one kind and stays until each has ended.
fn pass(api: &Api, kind: &str) -> Result<()> {
    let started = api.post("/api/passes", &json!({ "kind": kind }))?;
    let started = started["passes"].as_array().context("no pass was started")?;
    let limit = Instant::now() + PATIENCE;
    for pass in started {
        let id = pass["id"].as_str().map_or_else(|| pass["id"].to_string(), str::to_owned);
        loop {
            let pass = api.get(&format!("/api/passes/{id}"))?;
            match pass["state"].as_str() {
                Some("done" | "partial") => break,
                Some("failed") => bail!("the {} pass failed: {} {}", pass["kind"], pass["result"], pass["troubles"]),
                _ if stop_requested() => bail!("stopped"),
                _ if Instant::now() > limit => bail!("the {} pass does not end: {pass}", pass["kind"]),
                _ => thread::sleep(Duration::from_millis(100)),
            }
        }
    }
    Ok(())
}

/// At most as many changes at a time as the API takes.
fn store_in_parts(api: &Api, path: &str, changes: &[Value]) -> Result<()> {
    for part in changes.chunks(500) {
        api.put(path, &json!({ "changes": part }))?;
    }
    Ok(())
}

/// The mapping of a company whose first suggestion nobody would doubt, and which has just one agreement to bill on.
fn undoubted_company(company: &Value) -> Option<Value> {
    let best = company["suggestions"].get(0)?;
    let suggestion = &best["suggestion"];
    // Companies with merely similar names are left for a person: that page should not be empty either.
    let is_certain = suggestion["ambiguous"] == false && suggestion["reason"] != "similar_name";
    let is_sure = is_certain && !suggestion["agreement"].is_null() && company["mapping"]["state"] == "unmapped";
    is_sure.then(|| {
        json!({
            "connection": company["connection"],
            "company": company["company"],
            "decision": { "decision": "map", "psa": best["psa"], "agreement": suggestion["agreement"] },
        })
    })
}

fn undoubted_product(product: &Value) -> Option<Value> {
    let suggestion = product["suggestions"].get(0)?;
    // A catalog adds words to ESET's name ("… (seat)"), so a single similar one is the one.
    let is_sure = suggestion["ambiguous"] == false && !product["psa"].is_null() && product["mapping"]["state"] == "unmapped";
    is_sure.then(|| {
        json!({
            "psa": product["psa"],
            "code": product["code"],
            "decision": { "decision": "map", "product": suggestion["product"] },
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn company(suggestions: &Value) -> Value {
        json!({ "connection": "c1", "company": "e1", "mapping": { "state": "unmapped" }, "suggestions": suggestions })
    }

    #[test]
    fn only_a_suggestion_nobody_would_doubt_is_accepted() {
        let sure = json!({ "agreement": 7, "ambiguous": false, "reason": "same_name" });
        let accepted = undoubted_company(&company(&json!([{ "psa": "p1", "suggestion": sure }])));
        assert_eq!(accepted.unwrap()["decision"], json!({ "decision": "map", "psa": "p1", "agreement": 7 }));
        for doubtful in [
            json!({ "agreement": 7, "ambiguous": true, "reason": "same_name" }),
            json!({ "agreement": 7, "ambiguous": false, "reason": "similar_name" }),
            json!({ "agreement": null, "ambiguous": false, "reason": "same_id" }),
        ] {
            assert_eq!(undoubted_company(&company(&json!([{ "psa": "p1", "suggestion": doubtful }]))), None);
        }
        assert_eq!(undoubted_company(&company(&json!([]))), None);
    }
}
