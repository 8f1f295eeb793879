//! Tickets: the rules that open them, what they know of devices, what was decided, and what is muted.

mod check;
pub(super) mod desk;
pub(super) mod mutes;
pub(super) mod rules;
pub(super) mod start;
pub(super) mod switches;

use std::collections::BTreeMap;

use axum::extract::{Extension, State};
use contract::tickets::{ListTicketLog, ListTickets, RetryTicket, TicketLogQuery, TicketLogRow, TicketView, TicketsQuery};
use contract::{Page, Problem};
use domain::history::HistoryEvent;
use domain::ids::{DeviceGroupId, IntentId, TicketRuleId};
use domain::tickets::TicketRule;
use engine::tickets::TicketIntent;

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, not_found};
use crate::http::middleware::extract::{Path, Query};
use crate::http::middleware::page;
use crate::http::routes::Routes;
use store::ledger::{NewAudit, TicketLogFilter};

/// Serves these endpoints.
pub(super) fn routes(routes: Routes) -> Routes {
    routes.on(ListTickets, list).on(ListTicketLog, log).on(RetryTicket, retry)
}

#[worker::send]
async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<TicketsQuery>,
) -> Result<Json<Page<TicketView>>, Failure> {
    let limit = page::size(query.limit)?;
    let before = place(query.after.as_deref())?;
    let text = query.q.as_deref().unwrap_or_default().trim();
    let (rows, total, last) = app.ledger.cases().list(&caller.scope, query.state, query.rule.as_ref(), text, before, limit)?;
    let rules: BTreeMap<TicketRuleId, TicketRule> =
        app.ledger.ticket_rules().all()?.into_iter().map(|row| (row.rule.id.clone(), row.rule)).collect();
    let read = app.groups().await?;
    let company = |rule: Option<&TicketRule>, group: Option<&DeviceGroupId>| {
        let groups = read.iter().find(|read| rule.is_some_and(|rule| *rule.source.connection() == read.connection))?;
        Some(groups.groups.get(group?)?.name.clone())
    };
    let full = u32::try_from(rows.len()).is_ok_and(|count| count == limit);
    let items = rows.into_iter().map(|row| TicketView {
        rule_name: rules.get(&row.rule).map(|rule| rule.name.clone()).unwrap_or_default(),
        company: company(rules.get(&row.rule), row.company.as_ref()).unwrap_or_default(),
        rule: row.rule,
        subject: row.subject,
        device: row.name,
        case: row.case,
        psa: row.psa,
        opened_by: row.opened_by,
    });
    Ok(Json(Page { items: items.collect(), total, next: last.filter(|_| full).map(|last| last.to_string()) }))
}

async fn log(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<TicketLogQuery>,
) -> Result<Json<Page<TicketLogRow>>, Failure> {
    let limit = page::size(query.limit)?;
    let before = place(query.after.as_deref())?;
    let filter = TicketLogFilter {
        text: query.q.as_deref().unwrap_or_default().trim(),
        event: query.event.as_deref().unwrap_or_default(),
        rule: query.rule.as_ref().map(TicketRuleId::as_str).unwrap_or_default(),
        subject: query.device.as_deref().unwrap_or_default(),
    };
    let (items, total) = app.ledger.ticket_log().page(&caller.scope, &filter, before, limit)?;
    let full = u32::try_from(items.len()).is_ok_and(|count| count == limit);
    let next = items.last().filter(|_| full).map(|row| row.number.to_string());
    Ok(Json(Page { items, total, next }))
}

#[worker::send]
async fn retry(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<IntentId>,
) -> Result<Json<TicketIntent>, Failure> {
    let row = app.ledger.ticket_intents().find(&id, &caller.scope)?.ok_or_else(|| not_found("ticket's action"))?;
    let rule = app.ledger.ticket_rules().find(&row.intent.rule)?;
    if !app.ticket_commits().retry(&row, rule.as_ref()).await? {
        let detail = format!("It is {}.", row.intent.state.name());
        let remedy = "Load the log again. Only what failed or was parked can be tried again.";
        return Err(Problem::new(409, "not_failed", "This cannot be tried again.", detail, remedy).into());
    }
    let audit = NewAudit {
        by: &caller.name,
        subject: format!("{} · {}", row.labels.rule, row.labels.device),
        connection: Some(row.intent.target.psa.clone()),
        intent: Some(id.to_string()),
        ..NewAudit::of(HistoryEvent::TicketRetried)
    };
    app.ledger.history().add(audit, app.now())?;
    app.wake().await?;
    let row = app.ledger.ticket_intents().find(&id, &caller.scope)?.ok_or_else(|| not_found("ticket's action"))?;
    Ok(Json(row.intent))
}

/// A row's number as a place in a list.
fn place(after: Option<&str>) -> Result<Option<i64>, Failure> {
    after.map(|after| after.parse().map_err(|_| page::bad_after())).transpose()
}
