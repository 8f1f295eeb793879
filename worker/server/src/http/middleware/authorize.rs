//! Authorization of every request: who calls, what the route does, and whether the one may do the other.

use std::mem::take;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use contract::{DESCRIPTION, Problem, ROUTES, Route, RouteScope};
use domain::access::{Action, Role};
use worker::send::SendFuture;

use crate::headers::HEADERS;
use crate::http::App;
use crate::http::middleware::caller::{Caller, Credential};
use crate::http::middleware::cloudflare_access;
use crate::http::middleware::error::Failure;
use crate::http::middleware::extract::whole;
use crate::http::middleware::refusals::{self, Asked};
use crate::throttle::{address, too_often};

/// Lets a request through to its handler, or refuses it. Denies whatever the table of routes does not know.
pub(in crate::http) async fn authorize(State(app): State<App>, path: Option<MatchedPath>, mut request: Request, next: Next) -> Response {
    // A ledger that was restored is noticed before anybody's request adds to it.
    SendFuture::new(app.compare_marks_once()).await;
    let asked = Asked {
        method: request.method().clone(),
        route: path.as_ref().map(|path| path.as_str().to_owned()),
        from: address(request.headers(), app.config.environment).map(str::to_owned),
    };
    let route = path.as_ref().and_then(|path| route(path.as_str(), request.method()));
    let pass = cloudflare_access::pass_of(request.headers());
    let mut who = Caller::nobody().name;
    let checked = match (cloudflare_access::let_through(&app, route.map(|route| route.action), pass).await, &path) {
        (Err(failure), _) => Err(failure),
        (Ok(()), Some(path)) => admit(&app, path.as_str(), &mut request, &mut who).await,
        // No route: the fallback says so, to everyone alike.
        (Ok(()), None) => Ok(Caller::nobody()),
    };
    let mut response = match checked {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            let mut response = next.run(request).await;
            if response.status() == StatusCode::OK {
                *response.status_mut() = declared(route);
            }
            response
        }
        Err(failure) => failure.into_response(),
    };
    refusals::note(&asked, &who, &response);
    for (name, value) in HEADERS {
        response.headers_mut().entry(*name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The status of a response that says all is well: handlers leave it to the declaration.
fn declared(route: Option<&Route>) -> StatusCode {
    route.and_then(|route| StatusCode::from_u16(route.status).ok()).unwrap_or_default()
}

/// The caller, if they may do what they ask for at the moment it is done: a body may come in slowly, and meanwhile its sender may have
/// been shut out.
async fn admit(app: &App, path: &str, request: &mut Request, who: &mut String) -> Result<Caller, Failure> {
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let caller = check(app, path, &method, &headers, who)?;
    if matches!(method, Method::GET | Method::HEAD) {
        return Ok(caller);
    }
    limit_rate(app, path, &method, &headers)?;
    let body = whole(take(request.body_mut())).await?;
    *request.body_mut() = body.into();
    check(app, path, &method, &headers, who)
}

/// Counts a call of what is open to strangers.
fn limit_rate(app: &App, path: &str, method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
    let is_open_to_strangers = route(path, method).is_some_and(|route| matches!(route.action, Action::SignIn | Action::OpenShare));
    match address(headers, app.config.environment) {
        Some(address) if is_open_to_strangers && !app.rate_limit.admit(address, app.now()) => Err(too_often().into()),
        _ => Ok(()),
    }
}

/// The caller, if they may do what they ask for; `who` is told who they are in any case.
fn check(app: &App, path: &str, method: &Method, headers: &HeaderMap, who: &mut String) -> Result<Caller, Failure> {
    let Some(route) = route(path, method) else {
        let detail = format!("{path} does not answer {method}.");
        return Err(Problem::new(405, "method_not_allowed", "This path has no such method.", detail, &format!("See {DESCRIPTION}.")).into());
    };
    let caller = if route.action == Action::SeeShare { Caller::visiting(app, headers)? } else { Caller::of(app, headers)? };
    who.clone_from(&caller.name);
    if !caller.role.may(route.action) {
        return Err(if route.action == Action::SeeShare { visit_over() } else { refusal(&caller) });
    }
    if route.reach == RouteScope::Whole && !caller.scope.is_everything() {
        let detail = format!("{} sees the companies of some access groups, and this concerns all of them.", caller.name);
        let remedy = "Ask somebody who sees everything.";
        return Err(Problem::new(403, "whole_install", "This concerns the whole install.", detail, remedy).into());
    }
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(caller);
    }
    if caller.token().is_none() && from_another_site(headers) {
        let remedy = "Do it from Seatbridge's own page, or with an API token.";
        return Err(Problem::new(403, "cross_site", "The request comes from another site.", "Nothing was done.", remedy).into());
    }
    may_do(app, &caller, route.action)?;
    Ok(caller)
}

/// Whether the caller, whose role may do `action`, may do it by what they have shown.
pub(in crate::http) fn may_do(app: &App, caller: &Caller, action: Action) -> Result<(), Failure> {
    if !caller.role.may(action) {
        return Err(refusal(caller));
    }
    match &caller.by {
        Credential::Token(_) if action.is_personal() => {
            let detail = "What an API token does here could outlast the token.";
            Err(Problem::new(403, "people_only", "Only a person may do this.", detail, "Sign in with a passkey.").into())
        }
        Credential::Session(signed) if action.wants_step_up() && !signed.is_fresh(app.now()) => {
            let detail = "You last did more than ten minutes ago, and this could do harm in the wrong hands.";
            Err(Problem::new(403, "proof_wanted", "Show again that it is you.", detail, "The page asks for it and goes on by itself.")
                .into())
        }
        _ => Ok(()),
    }
}

fn route(path: &str, method: &Method) -> Option<&'static Route> {
    use contract::Method as M;
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
            "Sign in with your passkey, or send Authorization: Bearer with an API token.",
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

/// What a visitor is told whose cookie opens nothing: whether by the hour or by the link, is not said.
fn visit_over() -> Failure {
    let detail = "A visit lasts an hour, and no longer than its link.";
    Problem::new(401, "not_signed_in", "This visit is over.", detail, "Open the link again, or ask whoever sent it to you for a new one.")
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
