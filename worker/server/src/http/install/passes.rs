//! Passes.

use axum::extract::{Extension, State};
use contract::passes::{ListPasses, PassKind, PassView, RunPasses, ShowPass, StartPasses, StartedPasses};
use contract::{Page, PageQuery};
use domain::history::HistoryEvent;
use domain::ids::PassId;

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid, not_found};
use crate::http::middleware::extract::{Body, Path, Query};
use crate::http::middleware::page;
use crate::http::routes::Routes;
use store::ledger::{ConnectionRow, NewAudit, PassRow};

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ListPasses, list).on(RunPasses, start).on(ShowPass, show)
}

#[worker::send]
async fn start(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<StartPasses>,
) -> Result<Json<StartedPasses>, Failure> {
    let connections = app.ledger.connections().all()?;
    if connections.is_empty() {
        let remedy = "Connect ESET and ConnectWise first.";
        return Err(
            contract::Problem::new(409, "nothing_connected", "Nothing is connected yet.", "There is nothing to read.", remedy).into()
        );
    }
    let queued = match request.kind {
        PassKind::Sync => app.queue_everything(&caller.name)?,
        PassKind::Billing => app.queue_billing(&caller.name)?,
        PassKind::Tickets => app.queue_tickets(&caller.name)?,
        PassKind::Groups | PassKind::Read => {
            return Err(invalid("kind", "Choose sync, billing or tickets.", "sync reads every connection."));
        }
    };
    let subject = match request.kind {
        PassKind::Sync => "Sync",
        PassKind::Tickets => "Tickets",
        _ => "Billing",
    };
    let subject = subject.to_owned();
    app.ledger.history().add(NewAudit { by: &caller.name, subject, ..NewAudit::of(HistoryEvent::PassStarted) }, app.now())?;
    app.wake().await?;
    let passes = queued.into_iter().map(|pass| view(pass, &connections)).collect();
    Ok(Json(StartedPasses { passes }))
}

async fn list(State(app): State<App>, Query(query): Query<PageQuery>) -> Result<Json<Page<PassView>>, Failure> {
    let limit = page::size(query.limit)?;
    let before = page::read_place(query.after.as_deref())?;
    let rows = app.ledger.passes().page(before, limit)?;
    let connections = app.ledger.connections().all()?;
    let full = u32::try_from(rows.len()).is_ok_and(|count| count == limit);
    let next = rows.last().filter(|_| full).map(|row| page::place(row.queued_at, row.id.as_str()));
    let items = rows.into_iter().map(|row| view(row, &connections)).collect();
    Ok(Json(Page { items, total: app.ledger.passes().count()?, next }))
}

async fn show(State(app): State<App>, Path(id): Path<PassId>) -> Result<Json<PassView>, Failure> {
    let row = app.ledger.passes().find(&id)?.ok_or_else(|| not_found("pass"))?;
    Ok(Json(view(row, &app.ledger.connections().all()?)))
}

/// A pass without what it tells of companies.
pub(in crate::http) fn bare(pass: PassView) -> PassView {
    PassView { step: String::new(), done: 0, of: None, calls: 0, result: None, troubles: Vec::new(), ..pass }
}

/// A pass as answered.
pub(in crate::http) fn view(row: PassRow, connections: &[ConnectionRow]) -> PassView {
    let name = row.connection.as_ref().and_then(|id| connections.iter().find(|connection| connection.id == *id));
    PassView {
        connection_name: name.map(|connection| connection.name.clone()),
        id: row.id,
        kind: row.kind,
        connection: row.connection,
        state: row.state,
        started_by: row.started_by,
        queued_at: row.queued_at,
        ended_at: row.ended_at,
        step: row.step,
        done: row.done,
        of: row.total,
        calls: row.calls,
        result: row.result,
        troubles: row.troubles,
    }
}
