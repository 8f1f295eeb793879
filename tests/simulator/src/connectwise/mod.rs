//! ConnectWise PSA (PSA REST API 2026.4 and its Developer Guide).

mod additions;
mod conditions;
mod desk;
mod errors;
mod fields;
mod listing;
mod patch;
pub(crate) mod replicas;
mod rows;
mod schema;
mod system;

use axum::http::Method;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::exchange::{Reply, Request};
use crate::journal::Vendor;
use crate::stage::Stage;
use crate::world::{Action, Level};

pub(crate) use desk::change_of;
pub(crate) use errors::{failure, unauthorized};

/// What good answers come as.
pub(crate) const CONTENT_TYPE: &str = "application/vnd.connectwise.com+json; version=2026.4; charset=utf-8";
/// Sent with every answer of the API.
const VERSION: &str = "2026.4";
/// The code base that is always there: on one's own server the only one, in the cloud a way to the current one.
const ROUTER_CODEBASE: &str = "v4_6_release/";

/// The member the API's changes are stamped with.
const API_MEMBER: &str = "SeatAPI";

/// Deals with one request.
pub(crate) fn answer(stage: &mut Stage, request: &Request) -> Reply {
    if let Some(company) = request.path.strip_prefix("/login/companyinfo/") {
        return company_info(stage, request, company);
    }
    let current = format!("/{}apis/3.0/", stage.world.settings().codebase);
    let router = format!("/{ROUTER_CODEBASE}apis/3.0/");
    let path = [current, router].into_iter().find_map(|base| request.path.strip_prefix(base.as_str()));
    let Some(path) = path else { return errors::nothing_here() };
    let reply = match path {
        // Seen to answer without keys: no proof that they are good.
        "system/info" => Ok(system::info(stage)),
        _ => signed_in(stage, request).and_then(|()| page(stage, request, path)),
    };
    reply.unwrap_or_else(|refusal| refusal).header("api-current-version", VERSION)
}

/// Where the API is (PSA Developer Guide, "Cloud URL formatting"). Needs no keys; an unknown company is `null`.
fn company_info(stage: &Stage, request: &Request, company: &str) -> Reply {
    let known = &stage.credentials.connectwise.company_id;
    if !company.eq_ignore_ascii_case(known) {
        return Reply::ok(Value::Null);
    }
    let settings = stage.world.settings();
    let code = settings.codebase.trim_end_matches('/');
    Reply::ok(json!({
        "CompanyName": "Northwind IT Services",
        "Codebase": settings.codebase,
        "VersionCode": code.replace('_', "."),
        "VersionNumber": "v4.6.104233",
        "CompanyID": known,
        "SiteUrl": request.header("host").unwrap_or_default(),
        "IsCloud": if settings.is_cloud { "True" } else { "False" },
    }))
}

/// `Basic base64(company+publicKey:privateKey)` and a `clientId` (PSA Developer Guide, "Authentication").
fn signed_in(stage: &mut Stage, request: &Request) -> Result<(), Reply> {
    let keys = &stage.credentials.connectwise;
    if request.header("clientid").is_none_or(str::is_empty) {
        return Err(errors::no_client_id());
    }
    let expected = format!("{}+{}:{}", keys.company_id.to_lowercase(), keys.public_key, keys.private_key);
    let given = request.authorization("Basic").and_then(|text| BASE64_STANDARD.decode(text).ok());
    let given = given.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let given = given.split_once('+').map(|(company, keys)| format!("{}+{keys}", company.to_lowercase()));
    let settings = stage.world.settings();
    if given.as_deref() != Some(expected.as_str()) || settings.connectwise_revoked {
        return Err(if settings.bad_keys_look_missing { errors::nothing_here() } else { unauthorized() });
    }
    stage.principal = Some(keys.public_key.clone());
    stage.admit(Vendor::ConnectWise).map_err(errors::too_many)
}

fn page(stage: &mut Stage, request: &Request, path: &str) -> Result<Reply, Reply> {
    let segments: Vec<&str> = path.split('/').collect();
    if let ["finance", "agreements", agreement, "additions", rest @ ..] = segments.as_slice()
        && let Ok(agreement) = agreement.parse()
    {
        return additions::answer(stage, request, agreement, rest);
    }
    if let Some(reply) = desk::answer(stage, request, &segments) {
        return reply;
    }
    if request.method != Method::GET {
        return Err(errors::nothing_here());
    }
    match segments.as_slice() {
        ["system", "mySecurity"] => listing::list(request, &fields::MY_SECURITY, system::security(stage)),
        ["system", "myMembers"] => Ok(system::member(stage)),
        ["company", "companies", rest @ ..] => rows::companies(stage, request, rest),
        ["finance", "agreements", rest @ ..] => rows::agreements(stage, request, rest),
        // The list's path ends in a slash, as the specification has it.
        ["finance", "agreementrecap", rest @ ..] => rows::recaps(stage, request, rest),
        ["finance", "billingCycles"] => listing::list(request, &fields::BILLING_CYCLE, rows::billing_cycles()),
        ["procurement", "catalog", rest @ ..] => rows::catalog(stage, request, rest),
        _ => Err(errors::nothing_here()),
    }
}

/// How far the member may do something: refused at `None`.
fn permitted(stage: &Stage, function: &str, action: Action) -> Result<Level, Reply> {
    let known = stage.world.settings().permissions.iter().find(|known| known.function == function);
    match known.map_or(Level::None, |permission| permission.level(action)) {
        Level::None => Err(errors::forbidden()),
        level => Ok(level),
    }
}
