//! What is kept quiet.

use axum::extract::{Extension, State};
use axum::http::StatusCode;
use chrono::TimeDelta;
use shared::api::tickets::{NewSilence, SilenceView};
use shared::tickets::{MOST_MUTED_DAYS, Silence, SilenceScope};

use crate::http::App;
use crate::http::answer::Json;
use crate::http::caller::Caller;
use crate::http::error::{Failure, invalid, not_found};
use crate::http::extract::{Body, Path};
use crate::ledger::NewAudit;

/// Minutes of a maintenance window: a day.
const LONGEST_WINDOW: u16 = 24 * 60;

pub(in crate::http) async fn list(State(app): State<App>) -> Result<Json<Vec<SilenceView>>, Failure> {
    Ok(Json(app.ledger.silences()?))
}

#[worker::send]
pub(in crate::http) async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<NewSilence>,
) -> Result<(StatusCode, Json<SilenceView>), Failure> {
    let now = app.now();
    let reason = request.reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > 200 {
        return Err(invalid("reason", "A reason has 1 to 200 characters.", "Say why it is kept quiet; others see it."));
    }
    match &request.silence {
        Silence::Muted { from, until } if until <= from || *until <= now => {
            return Err(invalid("silence.until", "A mute ends after it began, and not in the past.", "Choose a later moment."));
        }
        Silence::Muted { until, .. } if *until > now + TimeDelta::days(MOST_MUTED_DAYS) => {
            let remedy = "Choose an earlier end. What is muted for good is switched off, where it can be seen.";
            return Err(invalid("silence.until", "A mute ends within 90 days.", remedy));
        }
        Silence::Weekly { days, .. } if days.is_empty() || days.iter().any(|day| *day > 6) => {
            return Err(invalid("silence.days", "A window begins on one or more days of the week.", "Use 0 for Monday to 6 for Sunday."));
        }
        Silence::Weekly { minutes, .. } if *minutes == 0 || *minutes > LONGEST_WINDOW => {
            return Err(invalid("silence.minutes", "A window lasts up to a day.", "Use 1 to 1,440 minutes."));
        }
        _ => {}
    }
    let there = match &request.scope {
        SilenceScope::Rule { rule } => app.ledger.ticket_rule(rule)?.is_some(),
        SilenceScope::Group { connection, .. } | SilenceScope::Device { connection, .. } => app.ledger.connection(connection)?.is_some(),
    };
    if !there {
        return Err(invalid("scope", "There is no such rule or console.", "Load the page again."));
    }
    let NewSilence { scope, silence, .. } = request;
    let row = SilenceView { id: app.new_id(), scope, silence, reason, by: caller.name.clone(), at: now };
    app.ledger.store_silence(&row)?;
    audit(&app, &caller, &row, "silence_created")?;
    Ok((StatusCode::CREATED, Json(row)))
}

#[worker::send]
pub(in crate::http) async fn delete(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    let row = app.ledger.silences()?.into_iter().find(|row| row.id == id).ok_or_else(|| not_found("silence"))?;
    app.ledger.delete_silence(&row.id)?;
    audit(&app, &caller, &row, "silence_ended")?;
    app.wake().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn audit(app: &App, caller: &Caller, row: &SilenceView, event: &str) -> Result<(), Failure> {
    let subject = match &row.scope {
        SilenceScope::Rule { rule } => {
            let name = app.ledger.ticket_rule(rule)?.map(|row| row.rule.name);
            format!("Ticket rule {}", name.unwrap_or_else(|| rule.to_string()))
        }
        SilenceScope::Group { group, .. } => format!("Device group {group}"),
        SilenceScope::Device { device, .. } => format!("Device {device}"),
    };
    let after = serde_json::to_string(&row.silence).ok();
    let audit = NewAudit { by: &caller.name, event, subject, after, detail: Some(row.reason.clone()), ..NewAudit::default() };
    Ok(app.ledger.audit(audit, app.now())?)
}
