//! What is muted.

use axum::extract::{Extension, State};
use chrono::TimeDelta;
use contract::tickets::{CreateMute, DeleteMute, ListMutes, MuteView, NewMute};
use domain::history::HistoryEvent;
use domain::tickets::{MOST_MUTED_DAYS, Mute, MuteScope};

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid, not_found};
use crate::http::middleware::extract::{Body, Path};
use crate::http::routes::Routes;
use crate::tenant::offsets;
use store::ledger::{MuteRow, NewAudit};

/// Minutes of a maintenance window: a day.
const LONGEST_WINDOW: u16 = 24 * 60;
/// Bytes of a time zone's name; the longest there is has half as many.
const LONGEST_ZONE: usize = 64;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ListMutes, list).on(CreateMute, create).on(DeleteMute, delete)
}

async fn list(State(app): State<App>) -> Result<Json<Vec<MuteView>>, Failure> {
    Ok(Json(app.ledger.mutes().all()?.into_iter().map(|row| view(&app, row)).collect()))
}

#[worker::send]
async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<NewMute>,
) -> Result<Json<MuteView>, Failure> {
    let now = app.now();
    let reason = request.reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > 200 {
        return Err(invalid("reason", "A reason has 1 to 200 characters.", "Say why it is muted; others see it."));
    }
    match &request.mute {
        Mute::Muted { from, until } if until <= from || *until <= now => {
            return Err(invalid("silence.until", "A mute ends after it began, and not in the past.", "Choose a later moment."));
        }
        Mute::Muted { until, .. } if *until > now + TimeDelta::days(MOST_MUTED_DAYS) => {
            let remedy = "Choose an earlier end. What is muted for good is switched off, where it can be seen.";
            return Err(invalid("silence.until", "A mute ends within 90 days.", remedy));
        }
        Mute::Weekly { days, .. } if days.is_empty() || days.iter().any(|day| *day > 6) => {
            return Err(invalid("silence.days", "A window begins on one or more days of the week.", "Use 0 for Monday to 6 for Sunday."));
        }
        Mute::Weekly { minutes, .. } if *minutes == 0 || *minutes > LONGEST_WINDOW => {
            return Err(invalid("silence.minutes", "A window lasts up to a day.", "Use 1 to 1,440 minutes."));
        }
        Mute::Weekly { zone, .. } if zone.len() > LONGEST_ZONE || app.clock.offset(zone, now).is_none() => {
            let remedy = "Use its name in the IANA database, such as Europe/Berlin, or UTC.";
            return Err(invalid("silence.zone", "There is no such time zone.", remedy));
        }
        _ => {}
    }
    let Some(name) = name(&app, &request.scope).await? else {
        return Err(invalid("scope", "There is no such rule or console.", "Load the page again."));
    };
    let NewMute { scope, mute, .. } = request;
    let row = MuteRow { id: app.new_id(), scope, name, mute, reason, by: caller.name.clone(), at: now };
    app.ledger.mutes().store(&row)?;
    audit(&app, &caller, &row, HistoryEvent::SilenceCreated)?;
    Ok(Json(view(&app, row)))
}

#[worker::send]
async fn delete(State(app): State<App>, Extension(caller): Extension<Caller>, Path(id): Path<String>) -> Result<(), Failure> {
    let row = app.ledger.mutes().all()?.into_iter().find(|row| row.id == id).ok_or_else(|| not_found("mute"))?;
    app.ledger.mutes().delete(&row.id)?;
    audit(&app, &caller, &row, HistoryEvent::SilenceEnded)?;
    app.wake().await?;
    Ok(())
}

fn view(app: &App, row: MuteRow) -> MuteView {
    let now = app.now();
    let quiet_until = row.mute.times(now, offsets(app.clock.as_ref())).until(now);
    let name = if row.name.is_empty() { id_of(&row.scope).to_owned() } else { row.name };
    MuteView { id: row.id, scope: row.scope, name, mute: row.mute, quiet_until, reason: row.reason, by: row.by, at: row.at }
}

/// What is to be muted, by its name; none when its rule or console is not there, empty when nobody knows a name.
async fn name(app: &App, scope: &MuteScope) -> Result<Option<String>, Failure> {
    let known = match scope {
        MuteScope::Rule { rule } => return Ok(app.ledger.ticket_rules().find(rule)?.map(|row| row.rule.name)),
        MuteScope::Group { connection, .. } | MuteScope::Device { connection, .. }
            if app.ledger.connections().find(connection)?.is_none() =>
        {
            return Ok(None);
        }
        MuteScope::Group { connection, group } => {
            let read = app.groups().await?.into_iter().find(|read| read.connection == *connection);
            read.and_then(|read| Some(read.groups.get(group)?.name.clone()))
        }
        MuteScope::Device { connection, device } => app.ledger.cases().device_name(connection, device)?,
    };
    Ok(Some(known.unwrap_or_default()))
}

fn id_of(scope: &MuteScope) -> &str {
    match scope {
        MuteScope::Rule { rule } => rule.as_str(),
        MuteScope::Group { group, .. } => group.as_str(),
        MuteScope::Device { device, .. } => device.as_str(),
    }
}

fn audit(app: &App, caller: &Caller, row: &MuteRow, event: HistoryEvent) -> Result<(), Failure> {
    let kind = match &row.scope {
        MuteScope::Rule { .. } => "Ticket rule",
        MuteScope::Group { .. } => "Device group",
        MuteScope::Device { .. } => "Device",
    };
    let name = if row.name.is_empty() { id_of(&row.scope) } else { &row.name };
    let subject = format!("{kind} {name}");
    let after = serde_json::to_string(&row.mute).ok();
    let audit = NewAudit { by: &caller.name, subject, after, detail: Some(row.reason.clone()), ..NewAudit::of(event) };
    Ok(app.ledger.history().add(audit, app.now())?)
}
