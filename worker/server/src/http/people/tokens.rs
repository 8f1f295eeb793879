//! API tokens: how programs come in.

use axum::extract::{Extension, State};
use chrono::Days;
use contract::tokens::{CreateToken, CreatedToken, ListTokens, NewToken, RevokeToken, TokenView};
use domain::access::TOKEN_DAYS;
use domain::hash::sha256_hex;

use crate::history::{self, Rights};
use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid, not_found};
use crate::http::middleware::extract::{Body, Path};
use crate::http::middleware::names;
use crate::http::people::access_groups::{checked_scope, visibility_label};
use crate::http::people::persons::{checked_role, describe};
use crate::http::people::session::{own, random};
use crate::http::routes::Routes;
use store::ledger::{AccessKind, NewAccess};

/// Tokens of one install at most.
const MOST: usize = 200;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ListTokens, list).on(CreateToken, create).on(RevokeToken, revoke)
}

async fn list(State(app): State<App>) -> Result<Json<Vec<TokenView>>, Failure> {
    Ok(Json(app.ledger.access().tokens()?))
}

async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<NewToken>,
) -> Result<Json<CreatedToken>, Failure> {
    let name = names::of_who_acts(&request.name)?;
    names::must_be_free(&app, &name, None)?;
    let days = request.days.unwrap_or(TOKEN_DAYS);
    if !(1..=TOKEN_DAYS).contains(&days) {
        return Err(invalid("days", "A token works for 1 to 365 days.", "Leave the days out for a year."));
    }
    if app.ledger.access().tokens()?.len() >= MOST {
        return Err(invalid("name", "There are 200 API tokens already.", "Revoke one that is not used any more."));
    }
    let role = checked_role(request.role)?;
    let scope = checked_scope(&app, role, request.scope)?;
    let now = app.now();
    let (id, token) = (app.new_id(), format!("sbt_{}", random(&app)));
    let access = NewAccess {
        id: &id,
        kind: AccessKind::Token,
        person: None,
        name: &name,
        role,
        hash: &sha256_hex(token.as_bytes()),
        created_by: &caller.name,
        expires_at: Some(now + Days::new(days.into())),
        place: "",
    };
    app.ledger.access().grant(&access, now)?;
    app.ledger.access().bind_token(&id, &scope, &own(&caller)?.person)?;
    let rights = Rights { role: describe(role), scope: visibility_label(&app, &scope)? };
    app.ledger.history().add(history::token_made(&caller.name, &name, &rights), now)?;
    Ok(Json(CreatedToken { id, name, token }))
}

async fn revoke(State(app): State<App>, Extension(caller): Extension<Caller>, Path(id): Path<String>) -> Result<(), Failure> {
    let now = app.now();
    let known = app.ledger.access().tokens()?.into_iter().find(|token| token.id == id).ok_or_else(|| not_found("API token"))?;
    app.ledger.access().revoke(AccessKind::Token, &id, now)?;
    app.ledger.share_links().revoke_made_with(&id, now)?;
    app.ledger.history().add(history::token_revoked(&caller.name, &known.name), now)?;
    Ok(())
}
