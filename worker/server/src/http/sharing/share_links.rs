//! Share links: made for one company, listed, and revoked.

use axum::extract::{Extension, State};
use chrono::Days;
use contract::Page;
use contract::share::{CreateShareLink, CreatedShareLink, ListShareLinks, NewShareLink, RevokeShareLink, ShareLinkView, ShareLinksQuery};
use domain::access::SHARE_LIFE;
use domain::hash::sha256_hex;

use crate::history;
use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid, not_found};
use crate::http::middleware::extract::{Body, Path, Query};
use crate::http::middleware::page;
use crate::http::people::session::random;
use crate::http::routes::Routes;
use store::ledger::{NewShareLinkRow, ShareLinkFilter};

/// Links of one company that work at once.
const MOST: u32 = 20;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ListShareLinks, list).on(CreateShareLink, create).on(RevokeShareLink, revoke)
}

async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<ShareLinksQuery>,
) -> Result<Json<Page<ShareLinkView>>, Failure> {
    let limit = page::size(query.limit)?;
    let filter = ShareLinkFilter {
        scope: &caller.scope,
        connection: query.connection.as_ref().map_or("", |connection| connection.as_str()),
        company: query.company.as_ref().map_or("", |company| company.as_str()),
        text: query.q.as_deref().unwrap_or_default().trim(),
        before: page::read_place(query.after.as_deref())?,
        limit,
    };
    let (items, total) = app.ledger.share_links().page(&filter, app.now())?;
    let full = u32::try_from(items.len()).is_ok_and(|count| count == limit);
    let next = items.last().filter(|_| full).map(|link| page::place(link.created_at, &link.id));
    Ok(Json(Page { items, total, next }))
}

#[worker::send]
async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<NewShareLink>,
) -> Result<Json<CreatedShareLink>, Failure> {
    if !request.days.is_none_or(|days| (1..=365).contains(&days)) {
        return Err(invalid("days", "A share link works for 1 to 365 days.", "Leave the days out for thirty."));
    }
    let code = checked_code(request.code.as_deref())?;
    let snapshots = app.snapshots_in(&app.visible(&caller.scope)?).await?;
    let snapshot = snapshots.iter().find(|snapshot| snapshot.connection == request.connection);
    let company = snapshot.and_then(|snapshot| snapshot.companies.get(&request.company));
    let company = company.ok_or_else(|| invalid("company", "ESET has no such company.", "Sync now, then choose it from the list."))?;
    let now = app.now();
    if working(&app, &request)? >= MOST {
        let remedy = "Revoke one that is not used any more.";
        return Err(invalid("company", "There are 20 share links of this company already.", remedy));
    }
    let (id, token) = (app.new_id(), format!("sbv_{}", random(&app)));
    let asked = request.days.map_or(now + SHARE_LIFE, |days| now + Days::new(days.into()));
    // What a program makes ends with its token at the latest.
    let token_ends = caller.token().and(caller.expires_at);
    let expires_at = token_ends.map_or(asked, |end| asked.min(end));
    let code = code.map(|code| {
        let salt = random(&app);
        format!("{salt}:{}", code_hash(&salt, &token, code))
    });
    let link = NewShareLinkRow {
        id: &id,
        connection: &request.connection,
        company: &request.company,
        name: &company.name,
        hash: &sha256_hex(token.as_bytes()),
        code: code.as_deref(),
        devices: request.devices,
        created_by: &caller.name,
        made_with: caller.token(),
        maker: caller.signed().map(|signed| signed.person.as_str()),
        expires_at,
    };
    app.ledger.share_links().add(&link, now)?;
    app.ledger.history().add(history::share_link_made(&caller.name, &link), now)?;
    Ok(Json(CreatedShareLink { id, token, expires_at }))
}

async fn revoke(State(app): State<App>, Extension(caller): Extension<Caller>, Path(id): Path<String>) -> Result<(), Failure> {
    let now = app.now();
    let company = app.ledger.share_links().revoke(&id, &caller.scope, now)?.ok_or_else(|| not_found("share link"))?;
    app.ledger.history().add(history::share_link_revoked(&caller.name, company), now)?;
    Ok(())
}

/// How many links of a company work.
fn working(app: &App, request: &NewShareLink) -> Result<u32, Failure> {
    Ok(app.ledger.share_links().working(&request.connection, &request.company, app.now())?)
}

fn checked_code(code: Option<&str>) -> Result<Option<&str>, Failure> {
    let fits = |code: &str| (6..=12).contains(&code.chars().count()) && !code.chars().any(|c| c.is_control() || c.is_whitespace());
    match code {
        Some(code) if !fits(code) => {
            Err(invalid("code", "An access code has 6 to 12 characters, none of them a space.", "Leave it out for a link without one."))
        }
        code => Ok(code),
    }
}

/// What an access code is compared by. A code is short enough to be guessed from its hash; with the link's token, of which only a
/// hash is kept, it is not.
pub(in crate::http) fn code_hash(salt: &str, token: &str, code: &str) -> String {
    sha256_hex(format!("{salt}|{token}|{code}").as_bytes())
}
