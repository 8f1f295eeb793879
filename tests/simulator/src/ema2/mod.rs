//! ESET MSP Administrator 2, the API under `/api` (EMA 2 API help).
//!
//! Only GET without input and POST with a JSON body exist. Searches, histories and accessible children answer in
//! PascalCase, everything else in camelCase, as seen by clients of the real service.

mod companies;
mod input;
mod licenses;
mod token;
mod usage;

use axum::http::Method;
use serde_json::{Value, json};

use crate::exchange::{Reply, Request};
use crate::journal::Vendor;
use crate::sessions::Standing;
use crate::stage::Stage;
use crate::world::{EntityType, LicenseState, PRODUCTS};

use input::Input;

/// Code of errors about licences (EMA 2 API, error codes).
const LICENSE: u16 = 8;
/// Code of errors about the service as a whole.
const SERVICE: u16 = 99;

/// Deals with one request.
pub(crate) fn answer(stage: &mut Stage, request: &Request) -> Reply {
    let segments = request.segments();
    let Some((&"api", page)) = segments.split_first() else { return unknown_page() };
    let page = page.join("/");
    if page == "Token/Get" && request.method == Method::POST {
        return token::get(stage, request);
    }
    if page == "Token/Renew" && request.method == Method::POST {
        return token::renew(stage, request);
    }
    if let Err(refusal) = signed_in(stage, request) {
        return refusal;
    }
    let reply = match request.method {
        Method::GET => read(stage, &page),
        Method::POST => call(stage, &page, request),
        _ => unknown_page(),
    };
    let lists = ["Search/", "Company/Children", "Company/Descendants", "User/GetDirect", "UsageReport/"];
    if stage.world.settings().empty_ema2_lists && lists.iter().any(|list| page.starts_with(list)) {
        return reply.emptied();
    }
    reply
}

fn signed_in(stage: &mut Stage, request: &Request) -> Result<(), Reply> {
    let token = request.authorization("Bearer").unwrap_or_default();
    if stage.sessions.standing(Vendor::Ema2, token, stage.now()) != Standing::Valid {
        return Err(unauthorized());
    }
    stage.principal = Some(stage.credentials.ema2.username.clone());
    // The vendor documents no limit and no body for it; a client that met it expects 429.
    stage.admit(Vendor::Ema2).map_err(|_| failure(429))
}

fn read(stage: &mut Stage, page: &str) -> Reply {
    match page {
        "User/Current" => companies::current_user(stage),
        "Enum/AvailableProducts" => Reply::ok(json!({
            "products": PRODUCTS.iter().map(|known| json!({ "code": known.code, "name": known.name })).collect::<Vec<_>>()
        })),
        "Enum/LicenseStates" => {
            Reply::ok(json!({ "states": coded(LicenseState::ALL.iter().map(|(_, code, name)| ((*code).into(), *name))) }))
        }
        "Enum/EntityTypes" => Reply::ok(json!({ "types": coded(EntityType::ALL.iter().map(|(_, code, name)| (*code, *name))) })),
        _ => unknown_page(),
    }
}

fn coded<'a>(entries: impl Iterator<Item = (u16, &'a str)>) -> Vec<Value> {
    entries.map(|(code, name)| json!({ "code": code, "name": name })).collect()
}

fn call(stage: &mut Stage, page: &str, request: &Request) -> Reply {
    let answer = Input::of(request).and_then(|input| match page {
        "Company/Children" => companies::children(stage, &input),
        "Company/Descendants" => companies::descendants(stage, &input),
        "Company/Detail" => companies::detail(stage, &input),
        "Search/Companies" => companies::search(stage, &input),
        "User/GetDirectAccessibleChildren" => companies::accessible_children(stage, &input),
        "Search/Licenses" => licenses::search(stage, &input),
        "License/Detail" => licenses::detail(stage, &input),
        "License/GetHistory" => licenses::history(stage, &input),
        "License/UpdateQuantity" => licenses::update_quantity(stage, &input),
        "License/Suspend" => licenses::suspend(stage, &input),
        "License/Unsuspend" => licenses::unsuspend(stage, &input),
        "UsageReport/AllCompanies/products" => usage::all_companies(stage, &input),
        "UsageReport/SelectedCompanies/products" => usage::selected_companies(stage, &input),
        "UsageReport/Monthly/products" => usage::monthly(stage, &input),
        "UsageReport/Daily/products" => usage::daily(stage, &input),
        _ => Err(unknown_page()),
    });
    answer.unwrap_or_else(|refusal| refusal)
}

fn refusal(status: u16, code: u16, sub_code: u16, message: impl Into<Value>) -> Reply {
    Reply::json(status, json!({ "code": code, "subCode": sub_code, "message": message.into() }))
}

/// The vendor publishes no body for 401; this one has the shape of all others.
pub(crate) fn unauthorized() -> Reply {
    refusal(401, 1, 1, "Authorization has been denied for this request.")
}

/// A page that does not exist is refused, not missing (EMA 2 API, How the API works).
fn unknown_page() -> Reply {
    refusal(403, SERVICE, 1, "Page not found.")
}

fn not_found(what: &str) -> Reply {
    refusal(404, 1, 2, format!("{what} was not found."))
}

/// A failure with a status, for faults and limits.
pub(crate) fn failure(status: u16) -> Reply {
    match status {
        503 => refusal(503, SERVICE, 2, "The service is under maintenance."),
        401 => unauthorized(),
        429 => refusal(429, SERVICE, 3, "Too many requests."),
        _ => refusal(status, SERVICE, 0, "An error occurred while processing your request."),
    }
}
