//! Signing in, and API tokens.

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use shared::access::Role;
use shared::api::Problem;
use shared::api::session::{CreatedToken, NewToken, Session, SignIn, SignInLink, TokenView};
use shared::hash::sha256_hex;

use super::App;
use super::answer::Json;
use super::caller::{Caller, Proof, cookie_name};
use super::error::{Failure, invalid, not_found};
use super::extract::{Body, Path};
use crate::egress::Environment;
use crate::ledger::{AccessKind, NewAccess, NewAudit};

/// How long a one-time link works.
const LINK_LIFE: TimeDelta = TimeDelta::hours(24);
/// How long a session lasts.
const SESSION_LIFE: TimeDelta = TimeDelta::hours(12);
/// The one person of this release.
const ADMIN: &str = "admin";

pub(super) async fn sign_in(State(app): State<App>, Body(request): Body<SignIn>) -> Result<Response, Failure> {
    let now = app.now();
    let link = app.ledger.access(AccessKind::Link, &sha256_hex(request.token.as_bytes()), now)?.ok_or_else(|| {
        Failure::from(
            Problem::new(
                401,
                "link_used_up",
                "This sign-in link does not work.",
                "It was used already, is older than 24 hours, or was not copied whole.",
                "Start Seatbridge again for a new one, or run tools/sign-in-link.mjs with the install's SETUP_TOKEN.",
            )
            .about("token"),
        )
    })?;
    app.ledger.revoke(AccessKind::Link, &link.id, now)?;
    let (secret, expires_at) = (secret(&app, "sbs_"), now + SESSION_LIFE);
    let session = NewAccess {
        id: &app.new_id(),
        kind: AccessKind::Session,
        name: &link.name,
        role: link.role,
        hash: &sha256_hex(secret.as_bytes()),
        created_by: &link.name,
        expires_at: Some(expires_at),
    };
    app.ledger.grant(&session, now)?;
    app.ledger.audit(NewAudit { by: &link.name, event: "signed_in", subject: "Session".to_owned(), ..NewAudit::default() }, now)?;
    let caller = Caller { name: link.name.clone(), role: link.role, by: Proof::Session(String::new()), expires_at: Some(expires_at) };
    let mut response = Json(view(&app, &caller)).into_response();
    set_cookie(&mut response, &app, &secret, SESSION_LIFE.num_seconds());
    Ok(response)
}

pub(super) async fn show(State(app): State<App>, Extension(caller): Extension<Caller>) -> Json<Session> {
    Json(view(&app, &caller))
}

pub(super) async fn sign_out(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Response, Failure> {
    if let Proof::Session(id) = &caller.by {
        app.ledger.revoke(AccessKind::Session, id, app.now())?;
        let audit = NewAudit { by: &caller.name, event: "signed_out", subject: "Session".to_owned(), ..NewAudit::default() };
        app.ledger.audit(audit, app.now())?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, &app, "", 0);
    Ok(response)
}

pub(super) async fn make_link(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
) -> Result<(StatusCode, Json<SignInLink>), Failure> {
    let now = app.now();
    let (token, expires_at) = (secret(&app, "sbl_"), now + LINK_LIFE);
    let link = NewAccess {
        id: &app.new_id(),
        kind: AccessKind::Link,
        name: ADMIN,
        role: Role::Admin,
        hash: &sha256_hex(token.as_bytes()),
        created_by: &caller.name,
        expires_at: Some(expires_at),
    };
    app.ledger.grant(&link, now)?;
    app.ledger.audit(NewAudit { by: &caller.name, event: "link_made", subject: "Sign-in link".to_owned(), ..NewAudit::default() }, now)?;
    Ok((StatusCode::CREATED, Json(SignInLink { token, expires_at })))
}

pub(super) async fn tokens(State(app): State<App>) -> Result<Json<Vec<TokenView>>, Failure> {
    Ok(Json(app.ledger.tokens()?))
}

pub(super) async fn make_token(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<NewToken>,
) -> Result<(StatusCode, Json<CreatedToken>), Failure> {
    let name = request.name.trim();
    if name.is_empty() || name.chars().count() > 60 {
        return Err(invalid("name", "A token's name has 1 to 60 characters.", "Say what the token is for."));
    }
    let now = app.now();
    let (id, token) = (app.new_id(), secret(&app, "sbt_"));
    let access = NewAccess {
        id: &id,
        kind: AccessKind::Token,
        name,
        role: Role::Admin,
        hash: &sha256_hex(token.as_bytes()),
        created_by: &caller.name,
        expires_at: None,
    };
    app.ledger.grant(&access, now)?;
    let subject = format!("API token {name}");
    app.ledger.audit(NewAudit { by: &caller.name, event: "token_made", subject, ..NewAudit::default() }, now)?;
    Ok((StatusCode::CREATED, Json(CreatedToken { id, name: name.to_owned(), token })))
}

pub(super) async fn revoke_token(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    let now = app.now();
    let known = app.ledger.tokens()?.into_iter().find(|token| token.id == id).ok_or_else(|| not_found("API token"))?;
    app.ledger.revoke(AccessKind::Token, &id, now)?;
    let subject = format!("API token {}", known.name);
    app.ledger.audit(NewAudit { by: &caller.name, event: "token_revoked", subject, ..NewAudit::default() }, now)?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(app: &App, caller: &Caller) -> Session {
    Session {
        name: caller.name.clone(),
        role: caller.role,
        expires_at: caller.expires_at,
        environment: app.config.environment.name().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// A new secret of 256 random bits.
fn secret(app: &App, prefix: &str) -> String {
    let mut bytes = [0; 32];
    app.entropy.fill(&mut bytes);
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

fn set_cookie(response: &mut Response, app: &App, value: &str, seconds: i64) {
    let environment = app.config.environment;
    let secure = if environment == Environment::Production { " Secure;" } else { "" };
    let cookie = format!("{}={value}; Path=/; HttpOnly;{secure} SameSite=Lax; Max-Age={seconds}", cookie_name(environment));
    let headers: &mut HeaderMap = response.headers_mut();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
}
