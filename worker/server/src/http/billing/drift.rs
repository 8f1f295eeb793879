//! Drift: what changed under mappings.

use axum::extract::{Extension, State};
use contract::drift::{DriftQuery, DriftView, Ignore, IgnoreDrift, ListDrift, Resolve, ResolveDrift};
use contract::{Page, Problem};
use domain::drift::{DriftState, Stored};
use domain::history::HistoryEvent;
use domain::ids::DriftId;

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid, not_found};
use crate::http::middleware::extract::{Body, Path, Query};
use crate::http::middleware::page;
use crate::http::routes::Routes;
use crate::passes::PLANNED_AT;
use store::ports::StoreError;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ListDrift, list).on(ResolveDrift, resolve).on(IgnoreDrift, ignore)
}

async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<DriftQuery>,
) -> Result<Json<Page<DriftView>>, Failure> {
    let limit = page::size(query.limit)?;
    let before = page::read_place(query.after.as_deref())?;
    let text = query.q.as_deref().unwrap_or_default().trim();
    let state = query.state.unwrap_or(DriftState::Open);
    let (rows, total) = app.ledger.drift().page(&caller.scope, state, query.kind, text, before, limit)?;
    let full = u32::try_from(rows.len()).is_ok_and(|count| count == limit);
    let next = rows.last().filter(|_| full).map(|row| page::place(row.first_seen, row.drift.id.as_str()));
    let items = rows.into_iter().map(|row| view(&app, row)).collect::<Result<_, _>>()?;
    Ok(Json(Page { items, total, next }))
}

#[worker::send]
async fn ignore(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<DriftId>,
    Body(request): Body<Ignore>,
) -> Result<Json<DriftView>, Failure> {
    let reason = request.reason.trim();
    if reason.is_empty() || reason.chars().count() > 200 {
        return Err(invalid("reason", "A reason has 1 to 200 characters.", "Say why it is left as it is; it is shown with it."));
    }
    let stored = open(&app, &caller, &id)?;
    set_aside(&app, &caller, stored, HistoryEvent::DriftIgnored, reason.to_owned()).await
}

#[worker::send]
async fn resolve(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<DriftId>,
    Body(request): Body<Resolve>,
) -> Result<Json<DriftView>, Failure> {
    let stored = open(&app, &caller, &id)?;
    if !stored.drift.repairs.contains(&request.repair) {
        let detail = "It may have changed since you looked at it.";
        let remedy = "Load the list again and choose one of its repairs.";
        return Err(Problem::new(409, "no_such_repair", "This cannot be repaired like that.", detail, remedy).about("repair").into());
    }
    let done = crate::http::billing::repairs::repair(&app, &caller, &stored, request.repair).await?;
    set_aside(&app, &caller, stored, HistoryEvent::DriftRepaired, done).await
}

/// An event that nobody has dealt with.
fn open(app: &App, caller: &Caller, id: &DriftId) -> Result<Stored, Failure> {
    let stored = app.ledger.drift().find(id, &caller.scope)?.ok_or_else(|| not_found("drift event"))?;
    if stored.state == DriftState::Open {
        return Ok(stored);
    }
    let detail = stored.reason.as_deref().unwrap_or("Its cause is gone.").to_owned();
    Err(Problem::new(409, "not_open", "This has been dealt with already.", detail, "Load the list again.").into())
}

/// Nothing is paused by an event any more. The next billing pass closes it when its cause is gone.
async fn set_aside(app: &App, caller: &Caller, stored: Stored, event: HistoryEvent, reason: String) -> Result<Json<DriftView>, Failure> {
    let (by, at) = (Some(caller.name.clone()), Some(app.now()));
    let stored = Stored { state: DriftState::Ignored, by, at, reason: Some(reason.clone()), ..stored };
    app.ledger.drift().store(&stored)?;
    app.drift_watch().audit(&stored, event, &caller.name, Some(reason))?;
    app.plan_anew()?;
    app.wake().await?;
    Ok(Json(view(app, stored)?))
}

fn view(app: &App, stored: Stored) -> Result<DriftView, StoreError> {
    let last_seen = match (&stored.gone_at, &stored.drift.place.rule) {
        (Some(gone), _) => Some(*gone),
        (None, Some(rule)) => app.ledger.ticket_rules().find(rule)?.and_then(|row| row.polled_at),
        (None, None) => app.ledger.meta().moment(PLANNED_AT)?,
    };
    Ok(DriftView {
        pauses: stored.state == DriftState::Open && stored.drift.kind.pauses() && !stored.drift.lines.is_empty(),
        state: stored.state,
        first_seen: stored.first_seen,
        last_seen,
        by: stored.by,
        at: stored.at,
        reason: stored.reason,
        drift: stored.drift,
    })
}
