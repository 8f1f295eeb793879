//! History, and the changes that were approved.

use axum::Json;
use axum::extract::{Extension, State};
use shared::api::history::{AuditRow, IntentView, Reverse};
use shared::api::{Page, PageQuery, Problem};
use shared::ids::IntentId;

use super::App;
use super::caller::Caller;
use super::error::{Failure, invalid, not_found};
use super::extract::{Body, Path, Query};
use super::page;
use crate::ledger::{IntentRow, NewAudit};

pub(super) async fn list(State(app): State<App>, Query(query): Query<PageQuery>) -> Result<Json<Page<AuditRow>>, Failure> {
    let limit = page::size(query.limit)?;
    let before = query.after.as_deref().map(|after| after.parse().map_err(|_| page::bad_after())).transpose()?;
    let (items, total) = app.ledger.history(query.q.as_deref().unwrap_or_default(), before, limit)?;
    let full = u32::try_from(items.len()).is_ok_and(|count| count == limit);
    let next = items.last().filter(|_| full).map(|row| row.number.to_string());
    Ok(Json(Page { items, total, next }))
}

pub(super) async fn intents(State(app): State<App>, Query(query): Query<PageQuery>) -> Result<Json<Page<IntentView>>, Failure> {
    let limit = page::size(query.limit)?;
    let before = page::read_place(query.after.as_deref())?;
    let (rows, total) = app.ledger.intents(query.q.as_deref().unwrap_or_default(), before, limit)?;
    let full = u32::try_from(rows.len()).is_ok_and(|count| count == limit);
    let next = rows.last().filter(|_| full).map(|row| page::place(row.approved_at, row.intent.id.as_str()));
    Ok(Json(Page { items: rows.into_iter().map(view).collect(), total, next }))
}

#[worker::send]
pub(super) async fn retry(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<IntentId>,
) -> Result<Json<IntentView>, Failure> {
    let now = app.now();
    let row = app.ledger.intent(&id)?.ok_or_else(|| not_found("change"))?;
    // Two open changes of one addition would write over each other, and a number nobody looked at since is nobody's.
    let current = app.ledger.line(&row.intent.line)?.is_some_and(|line| line.line.preview == row.intent.preview);
    if row.intent.state.is_over() && (!current || app.ledger.latest_intent(&row.intent.line)?.is_some_and(|latest| latest.intent.id != id))
    {
        let detail = "The line has changed since this was approved.";
        let remedy = "Look at the line again, and approve what it proposes now.";
        return Err(Problem::new(409, "stale_preview", "This change is out of date.", detail, remedy).into());
    }
    if !app.reopen(&id, now)? {
        let detail = format!("It is {}.", row.intent.state.name());
        let remedy = "Only failed and parked changes can be tried again.";
        return Err(Problem::new(409, "not_over", "This change cannot be tried again.", detail, remedy).into());
    }
    let audit = NewAudit { by: &caller.name, event: "change_retried", subject: row.labels.subject(), ..NewAudit::default() };
    app.ledger.audit(audit, now)?;
    app.wake().await?;
    let row = app.ledger.intent(&id)?.ok_or_else(|| not_found("change"))?;
    Ok(Json(view(row)))
}

#[worker::send]
pub(super) async fn reverse(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<IntentId>,
    Body(request): Body<Reverse>,
) -> Result<Json<IntentView>, Failure> {
    let reason = request.reason.trim();
    if reason.is_empty() || reason.chars().count() > 200 {
        return Err(invalid("reason", "A reason has 1 to 200 characters.", "Say why it is taken back: others see it on the line."));
    }
    let row = app.ledger.intent(&id)?.ok_or_else(|| not_found("change"))?;
    let line = &row.intent.line;
    if app.ledger.latest_intent(line)?.is_some_and(|latest| latest.intent.id != id && !latest.intent.state.is_over()) {
        let remedy = "Wait until it is over, then look at the line again.";
        return Err(Problem::new(409, "in_progress", "The line is being written.", "Another change of it is under way.", remedy).into());
    }
    let Some(reversal) = app.reverse(&row, reason, &caller.name)? else { return Err(not_reversible(&row).into()) };
    app.wake().await?;
    let row = app.ledger.intent(&reversal)?.ok_or_else(|| not_found("change"))?;
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
        approved_at: row.approved_at,
    }
}
