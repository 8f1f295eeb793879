//! Health and the overview.

use axum::extract::{Extension, State};
use chrono::{Days, TimeDelta};
use contract::connections::{ConnectionKind, Freshness};
use contract::overview::{Overview, RuleLeaves, ScheduleView, ShowOverview, Unmapped, VendorFreshness};
use contract::passes::PassState;
use contract::service::{Health, ShowHealth};
use domain::Timestamp;
use domain::billing::Policy;
use domain::drift::DriftState;
use engine::SYNC_SLOT_UTC;

use crate::http::App;
use crate::http::billing::month;
use crate::http::install::passes;
use crate::http::mapping::companies;
use crate::http::mapping::products;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::Failure;
use crate::http::routes::Routes;
use crate::passes::{LAST_CRON, leaves_of};
use crate::tenant::Tenant;
use store::ledger::{ConnectionRow, PassRow};
use store::ports::StoreError;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ShowHealth, health).on(ShowOverview, show)
}

async fn health(State(app): State<App>) -> Result<Json<Health>, Failure> {
    let look_only = app.looks_only()?.is_some();
    Ok(Json(Health { status: "ok".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), look_only }))
}

#[worker::send]
async fn show(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<Overview>, Failure> {
    let now = app.now();
    let connections = app.ledger.connections().all()?;
    let open = app.ledger.passes().open()?;
    let policy = app.policy()?;
    let vendors = connections
        .iter()
        .map(|connection| VendorFreshness {
            connection: connection.id.clone(),
            name: connection.name.clone(),
            kind: connection.kind,
            freshness: freshness(&policy, connection, &open, now),
        })
        .collect();
    let (scope, visible) = (&caller.scope, app.visible(&caller.scope)?);
    let unmapped = Unmapped { companies: companies::unmapped(&app, &visible).await?, products: products::unmapped(&app, &visible).await? };
    let (unbilled, drift) = (app.ledger.lines().unbilled(scope)?, app.ledger.drift().count(DriftState::Open, scope)?);
    let schedule = schedule(&app, now, connections.is_empty())?;
    let month = month::summary(&app, scope)?;
    let running = open.into_iter().map(|pass| passes::view(pass, &connections));
    // How much is read tells how many companies there are, and troubles tell which.
    let running = running.map(|pass| if scope.is_everything() { pass } else { passes::bare(pass) }).collect();
    let look_only = app.look_only_view(scope)?;
    let mass_leaves = if scope.is_everything() { mass_leaves(&app)? } else { Vec::new() };
    Ok(Json(Overview { now, vendors, unmapped, unbilled, drift, month, running, schedule, look_only, mass_leaves }))
}

/// Rules whose group devices left at once.
fn mass_leaves(app: &Tenant) -> Result<Vec<RuleLeaves>, StoreError> {
    let mut found = Vec::new();
    for rule in app.ledger.doubted_leaves().all()?.into_keys() {
        let Some(row) = app.ledger.ticket_rules().find(&rule)?.filter(|row| row.rule.enabled) else { continue };
        let Some(leaves) = leaves_of(&app.ledger, &row)? else { continue };
        found.push(RuleLeaves { rule, name: row.rule.name, leaves });
    }
    Ok(found)
}

/// How fresh what was read through a connection is.
pub(in crate::http) fn freshness(policy: &Policy, connection: &ConnectionRow, open: &[PassRow], now: Timestamp) -> Freshness {
    let hours = match connection.kind {
        ConnectionKind::Connectwise => policy.psa_hours,
        _ => policy.snapshot_hours,
    };
    let reading = open.iter().any(|pass| pass.connection.as_ref() == Some(&connection.id) && pass.state == PassState::Running);
    Freshness {
        read_at: connection.read_at,
        tried_at: connection.tried_at,
        failure: connection.failure.clone(),
        stale: connection.read_at.is_none_or(|read| now - read > TimeDelta::hours(hours.into())),
        reading,
    }
}

fn schedule(app: &Tenant, now: Timestamp, nothing_connected: bool) -> Result<ScheduleView, StoreError> {
    let last_cron_at = app.ledger.meta().moment(LAST_CRON)?;
    let slot = now.date_naive().and_time(SYNC_SLOT_UTC).and_utc();
    let next = if slot > now { slot } else { slot + Days::new(1) };
    Ok(ScheduleView {
        last_cron_at,
        silent: last_cron_at.is_some_and(|called| now - called > TimeDelta::minutes(21)),
        next_sync_at: (!nothing_connected).then_some(next),
    })
}
