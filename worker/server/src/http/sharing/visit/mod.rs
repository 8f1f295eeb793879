//! What a customer sees who has opened a share link: one company, read only.

mod extract;
mod shown;

use axum::extract::{Extension, State};
use chrono::TimeDelta;
use contract::Problem;
use contract::share::{
    BeginVisit, OpenShare, SharedCompany, SharedStatement, SharedStatementQuery, ShowSharedCompany, ShowSharedStatement,
};
use domain::access::{TOLD_WRONG_CODES, VISIT_LIFE, code_pause};
use domain::billing::{Member, Period};
use domain::hash::sha256_hex;
use domain::history::HistoryEvent;
use subtle::ConstantTimeEq;

use self::extract::{Extract, extract};
use self::shown::Shown;
use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::{Caller, VISIT, visit_cookie_name};
use crate::http::middleware::error::{Failure, internal, not_found};
use crate::http::middleware::extract::{Body, Query};
use crate::http::middleware::names::VISITOR;
use crate::http::people::session::{WithCookies, cookie, with_cookies};
use crate::http::routes::Routes;
use crate::http::sharing::share_links::code_hash;
use crate::identity::Purpose;
use store::ledger::{NewAudit, OpenLink, ToldOpenings};

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(BeginVisit, open).on(ShowSharedCompany, company).on(ShowSharedStatement, statement)
}

async fn open(State(app): State<App>, Body(request): Body<OpenShare>) -> Result<WithCookies<()>, Failure> {
    let now = app.now();
    let link = app.ledger.share_links().find(&sha256_hex(request.token.as_bytes()), now)?.ok_or_else(does_not_work)?;
    let audit =
        |event| NewAudit { by: VISITOR, subject: link.name.clone(), connection: Some(link.connection.clone()), ..NewAudit::of(event) };
    if let Some(known) = &link.code {
        let code = request.code.as_deref().ok_or_else(code_wanted)?;
        let (wrong, last) = app.ledger.share_links().wrong_codes(&link.id)?;
        if let Some(rest) = last.map(|last| last + code_pause(wrong) - now).filter(|rest| *rest > TimeDelta::zero()) {
            return Err(code_too_soon(rest));
        }
        if !is_code(known, &request.token, code) {
            let wrong = app.ledger.share_links().note_wrong_code(&link.id, now)?;
            if wrong.is_multiple_of(TOLD_WRONG_CODES) {
                let detail = Some(format!("{wrong} in a row. {} made the link.", app.ledger.share_links().made_by(&link.id)?));
                app.ledger.history().add(NewAudit { detail, ..audit(HistoryEvent::ShareCodesWrong) }, now)?;
            }
            return Err(code_wanted());
        }
    }
    let sealed = app.seal().seal(&Purpose::Visit, &link.id, now).map_err(|error| internal(&error.to_string()))?;
    let secret = format!("{VISIT}{sealed}");
    app.ledger.share_links().note_opening(&link.id, now)?;
    if let Some(told) = app.ledger.share_links().tell_openings(&link.id, now)? {
        app.ledger.history().add(NewAudit { detail: openings(&told), ..audit(HistoryEvent::ShareLinkOpened) }, now)?;
    }
    Ok(with_cookies([cookie(&app, visit_cookie_name(app.config.environment), &secret, VISIT_LIFE.num_seconds())], ()))
}

/// What the history says of openings that had no row of their own.
fn openings(told: &ToldOpenings) -> Option<String> {
    let since = told.since.filter(|_| told.openings > 1)?;
    Some(format!("{} times since {}.", told.openings, since.format("%Y-%m-%d %H:%M UTC")))
}

fn is_code(known: &str, token: &str, code: &str) -> bool {
    let Some((salt, hash)) = known.split_once(':') else { return false };
    code_hash(salt, token, code).as_bytes().ct_eq(hash.as_bytes()).into()
}

/// What is answered for every link that does not work: who asks is not told why.
fn does_not_work() -> Failure {
    let detail = "It may have ended, or may not have been copied whole.";
    Problem::new(404, "link_does_not_work", "This link does not work.", detail, "Ask whoever sent it to you for a new one.").into()
}

fn code_wanted() -> Failure {
    let detail = "Whoever sent it to you knows the code.";
    let remedy = "Enter the code. After each wrong one the link waits longer before it takes the next.";
    Problem::new(403, "code_wanted", "This link asks for a code.", detail, remedy).about("code").into()
}

fn code_too_soon(rest: TimeDelta) -> Failure {
    // Part of a second is told as a whole one.
    let seconds = rest.num_seconds() + i64::from(rest.subsec_nanos() > 0);
    let wait = match seconds {
        1 => "a second".to_owned(),
        2..=119 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 59) / 60),
    };
    let detail = "Wrong codes were entered, and each makes the wait longer. This one was not looked at.";
    Problem::new(429, "code_too_soon", "The link takes no code just now.", detail, &format!("Enter it again in {wait}."))
        .about("code")
        .into()
}

#[worker::send]
async fn company(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<SharedCompany>, Failure> {
    let link = visited(&caller)?;
    let Extract { seats, as_of, trend, groups } = extract(&app, link).await?;
    let shown = Shown::new(seats.as_ref(), app.ledger.lines().of_company(&member(link))?, link);
    let closed = app.ledger.months().all()?.into_iter().filter(|month| month.closed.is_some()).map(|month| month.period);
    let running = app.ledger.months().planned()?.unwrap_or_else(|| Period::of(app.now()));
    Ok(Json(SharedCompany {
        name: seats.as_ref().map_or_else(|| link.name.clone(), |seats| seats.name.clone()),
        as_of,
        products: shown.products(),
        trend,
        licences: shown.licences(),
        groups,
        months: std::iter::once(running).chain(closed.filter(|month| *month != running)).collect(),
    }))
}

#[worker::send]
async fn statement(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<SharedStatementQuery>,
) -> Result<Json<SharedStatement>, Failure> {
    let link = visited(&caller)?;
    let running = app.ledger.months().planned()?.unwrap_or_else(|| Period::of(app.now()));
    let month = query.month.unwrap_or(running);
    let Extract { seats, .. } = extract(&app, link).await?;
    let shown = Shown::new(seats.as_ref(), app.ledger.lines().of_company(&member(link))?, link);
    let Some(closed) = app.ledger.months().closed(month)? else {
        if month != running {
            return Err(not_found("month"));
        }
        return Ok(Json(SharedStatement { month, closed_at: None, lines: shown.lines() }));
    };
    let mut lines = Vec::new();
    app.closing().month(month).await?.ok_or_else(|| not_found("month"))?.each(|stated| {
        lines.extend(shown.closed(&stated));
        Ok(())
    })?;
    Ok(Json(SharedStatement { month, closed_at: Some(closed.at), lines }))
}

fn visited(caller: &Caller) -> Result<&OpenLink, Failure> {
    caller.visit().ok_or_else(does_not_work)
}

fn member(link: &OpenLink) -> Member {
    Member { connection: link.connection.clone(), company: link.company.clone() }
}
