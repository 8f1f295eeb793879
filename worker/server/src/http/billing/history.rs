//! History, and the changes that were approved.

use axum::extract::{Extension, State};
use axum::response::Response;
use contract::history::{AuditRow, ExportHistory, HistoryQuery, IntentView, ListHistory, ListIntents, RetryIntent, Reverse, ReverseIntent};
use contract::{MAX_PAGE, Page, PageQuery, Problem};
use domain::billing::Period;
use domain::csv::{Csv, cell};
use domain::ids::{IntentId, LineId};

use crate::http::App;
use crate::http::billing::lines::try_again;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::download::long_csv;
use crate::http::middleware::error::{Failure, invalid, not_found};
use crate::http::middleware::extract::{Body, Path, Query};
use crate::http::middleware::page;
use crate::http::routes::Routes;
use store::ledger::{AuditFilter, IntentRow};

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ListIntents, intents).on(RetryIntent, retry).on(ReverseIntent, reverse).on(ListHistory, list).on(ExportHistory, table)
}

async fn list(State(app): State<App>, Query(query): Query<HistoryQuery>) -> Result<Json<Page<AuditRow>>, Failure> {
    let limit = page::size(query.limit)?;
    let before = query.after.as_deref().map(|after| after.parse().map_err(|_| page::bad_after())).transpose()?;
    let (items, total) = app.ledger.history().list(&filter(&query), before, limit)?;
    let full = u32::try_from(items.len()).is_ok_and(|count| count == limit);
    let next = items.last().filter(|_| full).map(|row| row.number.to_string());
    Ok(Json(Page { items, total, next }))
}

fn filter(query: &HistoryQuery) -> AuditFilter<'_> {
    fn text(text: &Option<String>) -> &str {
        text.as_deref().unwrap_or_default().trim()
    }
    let line = query.line.as_ref().map(LineId::as_str).unwrap_or_default();
    let (text, event, by) = (text(&query.q), text(&query.event), text(&query.by));
    AuditFilter { text, event, by, line, from: query.from, to: query.to }
}

const HEADER: &[&str] =
    &["Number", "At", "By", "Event", "Subject", "Before", "After", "Detail", "Month", "Connection", "Line", "Change", "Vendor's answer"];

/// Every row of the filter as a table, some hundred held at once: a history has no end.
async fn table(State(app): State<App>, Query(query): Query<HistoryQuery>) -> Result<Response, Failure> {
    let mut before = None;
    Ok(long_csv("history", Csv::new(HEADER), move |table| {
        let rows = app.ledger.history().page(&filter(&query), before, MAX_PAGE)?;
        before = rows.last().and_then(|last| i64::try_from(last.number).ok());
        for row in rows {
            table.row(&[
                row.number.to_string(),
                row.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                row.by,
                row.event.into(),
                row.subject,
                cell(row.before),
                cell(row.after),
                cell(row.detail),
                cell(row.period),
                cell(row.connection),
                cell(row.line),
                cell(row.intent),
                cell(row.response),
            ]);
        }
        Ok(before.is_some())
    }))
}

async fn intents(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<IntentView>>, Failure> {
    let limit = page::size(query.limit)?;
    let before = page::read_place(query.after.as_deref())?;
    let (rows, total) = app.ledger.changes().list(&caller.scope, query.q.as_deref().unwrap_or_default(), before, limit)?;
    let full = u32::try_from(rows.len()).is_ok_and(|count| count == limit);
    let next = rows.last().filter(|_| full).map(|row| page::place(row.planned_at, row.intent.id.as_str()));
    Ok(Json(Page { items: rows.into_iter().map(view).collect(), total, next }))
}

#[worker::send]
async fn retry(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<IntentId>,
) -> Result<Json<IntentView>, Failure> {
    let row = app.ledger.changes().find(&id, &caller.scope)?.ok_or_else(|| not_found("change"))?;
    if let Some(problem) = try_again(&app, &caller, &row)? {
        return Err(problem.into());
    }
    app.wake().await?;
    let row = app.ledger.changes().find(&id, &caller.scope)?.ok_or_else(|| not_found("change"))?;
    Ok(Json(view(row)))
}

/// Refuses what would be written into a closed month.
pub(in crate::http) fn month_closed(app: &App, period: Period) -> Result<Option<Problem>, Failure> {
    if app.ledger.months().closed(period)?.is_none() {
        return Ok(None);
    }
    let title = format!("{} is closed.", period.label());
    let remedy = format!("Approve what the line proposes from {} on.", period.next().first_day());
    Ok(Some(Problem::new(409, "month_closed", &title, "Nothing is written into it any more.", &remedy)))
}

#[worker::send]
async fn reverse(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<IntentId>,
    Body(request): Body<Reverse>,
) -> Result<Json<IntentView>, Failure> {
    let reason = request.reason.trim();
    if reason.is_empty() || reason.chars().count() > 200 {
        return Err(invalid("reason", "A reason has 1 to 200 characters.", "Say why it is taken back: others see it on the line."));
    }
    let row = app.ledger.changes().find(&id, &caller.scope)?.ok_or_else(|| not_found("change"))?;
    if let Some(closed) = month_closed(&app, Period::of(app.now()))? {
        return Err(closed.into());
    }
    let line = &row.intent.line;
    if app.ledger.changes().latest_of(line)?.is_some_and(|latest| latest.intent.id != id && !latest.intent.state.is_over()) {
        let remedy = "Wait until it is over, then look at the line again.";
        return Err(Problem::new(409, "in_progress", "The line is being written.", "Another change of it is under way.", remedy).into());
    }
    let Some(reversal) = app.approvals().reverse(&row, reason, &caller.name)? else { return Err(not_reversible(&row).into()) };
    app.wake().await?;
    let row = app.ledger.changes().find(&reversal, &caller.scope)?.ok_or_else(|| not_found("change"))?;
    Ok(Json(view(row)))
}

fn not_reversible(row: &IntentRow) -> Problem {
    let title = "This change cannot be reversed.";
    if row.intent.reverses.is_some() {
        let detail = "It takes another change back itself.";
        return Problem::new(409, "is_reversal", title, detail, "Approve what the line proposes now.");
    }
    if row.intent.reversed_by.is_some() {
        let detail = "It was reversed already, or is being reversed.";
        return Problem::new(409, "already_reversed", title, detail, "Look at the change that takes it back.");
    }
    let detail = format!("It is {}.", row.intent.state.name());
    Problem::new(409, "not_done", title, detail, "Only what was written and read back can be reversed.")
}

fn view(row: IntentRow) -> IntentView {
    IntentView {
        intent: row.intent,
        company: row.labels.company,
        agreement: row.labels.agreement,
        product: row.labels.product,
        approved_by: row.labels.approved_by,
        approved_at: row.planned_at,
    }
}
