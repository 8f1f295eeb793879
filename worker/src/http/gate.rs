//! The gate every request passes: who calls, what the route does, and whether the one may do the other.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use shared::access::Role;
use shared::api::{Problem, ROUTES, Route};

use super::App;
use super::caller::{Caller, Proof};
use super::error::Failure;

/// Lets a request through to its handler, or refuses it. Denies whatever the table of routes does not know.
pub(super) async fn gate(State(app): State<App>, path: Option<MatchedPath>, mut request: Request, next: Next) -> Response {
    let checked = match path {
        Some(path) => check(&app, path.as_str(), request.method(), request.headers()),
        // No route: the fallback says so, to everyone alike.
        None => Ok(Caller::nobody()),
    };
    let mut response = match checked {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(failure) => failure.into_response(),
    };
    for (name, value) in HEADERS {
        response.headers_mut().entry(*name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// What every answer of the API carries. Static files get theirs from `public/_headers`.
const HEADERS: &[(&str, &str)] = &[
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("cross-origin-resource-policy", "same-origin"),
    ("strict-transport-security", "max-age=63072000; includeSubDomains; preload"),
    ("x-robots-tag", "noindex, nofollow"),
];

fn check(app: &App, path: &str, method: &Method, headers: &HeaderMap) -> Result<Caller, Failure> {
    let Some(route) = route(path, method) else {
        let detail = format!("{path} does not answer {method}.");
        return Err(Problem::new(405, "method_not_allowed", "This path has no such method.", detail, "See /api/openapi.json.").into());
    };
    let caller = Caller::of(app, headers)?;
    if !caller.role.may(route.action) {
        return Err(refusal(&caller));
    }
    let by_browser = matches!(caller.by, Proof::Session(_) | Proof::Nothing);
    if by_browser && !matches!(*method, Method::GET | Method::HEAD) && from_another_site(headers) {
        let remedy = "Do it from Seatbridge's own page, or with an API token.";
        return Err(Problem::new(403, "cross_site", "The request comes from another site.", "Nothing was done.", remedy).into());
    }
    Ok(caller)
}

fn route(path: &str, method: &Method) -> Option<&'static Route> {
    use shared::api::Method as M;
    let method = match *method {
        Method::GET | Method::HEAD => M::Get,
        Method::POST => M::Post,
        Method::PUT => M::Put,
        Method::PATCH => M::Patch,
        Method::DELETE => M::Delete,
        _ => return None,
    };
    ROUTES.iter().find(|route| route.path == path && route.method == method)
}

fn refusal(caller: &Caller) -> Failure {
    if caller.role == Role::Anonymous {
        return Problem::new(
            401,
            "not_signed_in",
            "You are not signed in.",
            "The session may have ended, or the token may have been revoked.",
            "Sign in with a one-time link, or send Authorization: Bearer with an API token.",
        )
        .into();
    }
    Problem::new(
        403,
        "not_allowed",
        "You may not do this.",
        format!("{} has no right to it.", caller.name),
        "Ask an administrator of Seatbridge.",
    )
    .into()
}

/// Browsers say where a request comes from. One that does not say is not a browser's.
fn from_another_site(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text(header::HOST.as_str())) {
        (Some(origin), Some(host)) => origin.split_once("://").is_none_or(|(_, from)| from != host),
        (Some(_), None) => true,
        (None, _) => false,
    }
}
