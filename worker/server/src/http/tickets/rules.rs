//! Ticket rules.

use axum::extract::{Extension, State};
use contract::Problem;
use contract::tickets::{
    ChangeTicketRule, CreateTicketRule, DecideLeaves, DeleteTicketRule, EditRules, EditTicketRules, LeaveDecision, ListTicketRules,
    PreviewRule, PreviewTicket, ShowTicketRule, TestTicketRule, TicketRuleView,
};
use domain::history::HistoryEvent;
use domain::ids::TicketRuleId;
use domain::tickets::{EditError, RuleSource, TicketRule};
use engine::tickets::TicketIntent;

use super::check::{checked, new_id, subject, target};
use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid, not_found};
use crate::http::middleware::extract::{Body, Path};
use crate::http::routes::Routes;
use crate::passes::{leaves_of, waits_for_a_look};
use store::ledger::{NewAudit, RuleRow};
use store::ports::StoreError;

/// The most rules that are changed at once.
const MOST: usize = 500;

/// What the ids of groups begin with that ESET makes itself.
const ESETS_OWN: &str = "00000000-0000-0000-";

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes
        .on(ListTicketRules, list)
        .on(CreateTicketRule, create)
        .on(EditTicketRules, edit)
        .on(PreviewRule, preview)
        .on(ShowTicketRule, show)
        .on(ChangeTicketRule, change)
        .on(DeleteTicketRule, delete)
        .on(TestTicketRule, test)
        .on(DecideLeaves, decide_leaves)
}

async fn list(State(app): State<App>) -> Result<Json<Vec<TicketRuleView>>, Failure> {
    let rows = app.ledger.ticket_rules().all()?;
    Ok(Json(rows.into_iter().map(|row| view(&app, row)).collect::<Result<_, _>>()?))
}

async fn show(State(app): State<App>, Path(id): Path<TicketRuleId>) -> Result<Json<TicketRuleView>, Failure> {
    Ok(Json(view(&app, known(&app, &id)?)?))
}

#[worker::send]
async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(mut rule): Body<TicketRule>,
) -> Result<Json<TicketRuleView>, Failure> {
    rule.id = new_id(&app);
    checked(&app, &rule, None).await?;
    Ok(Json(store(&app, &caller, &rule, None, HistoryEvent::TicketRuleCreated, None).await?))
}

#[worker::send]
async fn change(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<TicketRuleId>,
    Body(mut rule): Body<TicketRule>,
) -> Result<Json<TicketRuleView>, Failure> {
    let row = known(&app, &id)?;
    let before = &row.rule;
    rule.id = id;
    let goes_on = before.source.goes_on(&rule.source) || follows(&app, &before.source, &rule.source)?;
    if !goes_on && app.ledger.ticket_rules().case_counts(&rule.id)? != (0, 0) {
        let remedy = "Make a rule of its own for what it should watch, and switch this one off.";
        return Err(invalid("source", "The rule knows devices already.", remedy));
    }
    if before.per != rule.per && app.ledger.ticket_rules().case_counts(&rule.id)? != (0, 0) {
        let remedy = "Make a rule of its own for tickets of the other kind, and switch this one off.";
        return Err(invalid("per", "The rule knows devices already.", remedy));
    }
    checked(&app, &rule, Some(before)).await?;
    if waits_for_a_look(&row) {
        target(&app, &rule).await?;
    }
    app.ticket_rules().place_confirmed(&row)?;
    Ok(Json(store(&app, &caller, &rule, Some(before), HistoryEvent::TicketRuleChanged, None).await?))
}

#[worker::send]
async fn delete(State(app): State<App>, Extension(caller): Extension<Caller>, Path(id): Path<TicketRuleId>) -> Result<(), Failure> {
    let row = known(&app, &id)?;
    let (now, (_, open)) = (app.now(), app.ledger.ticket_rules().case_counts(&id)?);
    let detail = format!("{open} devices have an open ticket, which is left to people.");
    app.ticket_rules().log(&row, "rule_deleted", &detail, now)?;
    app.ledger.ticket_rules().delete(&id)?;
    app.drift_watch().look_at_rules(&caller.name)?;
    let audit = NewAudit {
        by: &caller.name,
        subject: subject(&row.rule),
        before: describe(&row.rule),
        detail: Some(detail),
        connection: Some(row.rule.target.psa),
        ..NewAudit::of(HistoryEvent::TicketRuleDeleted)
    };
    app.ledger.history().add(audit, now)?;
    app.wake().await?;
    Ok(())
}

#[worker::send]
async fn edit(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<EditRules>,
) -> Result<Json<Vec<TicketRuleView>>, Failure> {
    let befores = several(&app, &request.rules)?;
    let mut rules: Vec<TicketRule> = Vec::new();
    for before in &befores {
        let refused = |error: EditError| invalid(&format!("change.{}", error.field()), &error.to_string(), "Look at its value.");
        let rule = before.edited(&request.change).map_err(refused)?;
        // A place that was looked at for one of them is not looked at again.
        let alike = rules.iter().find(|known| (&known.target, known.attach) == (&rule.target, rule.attach));
        let looked_at = alike.map(|known| TicketRule { target: known.target.clone(), attach: known.attach, ..before.clone() });
        checked(&app, &rule, Some(looked_at.as_ref().unwrap_or(before))).await?;
        rules.push(rule);
    }
    let mut views = Vec::new();
    for (rule, before) in rules.iter().zip(&befores) {
        views.push(store(&app, &caller, rule, Some(before), HistoryEvent::TicketRuleChanged, None).await?);
    }
    Ok(Json(views))
}

#[worker::send]
async fn preview(State(app): State<App>, Body(request): Body<PreviewTicket>) -> Result<Json<TicketIntent>, Failure> {
    if let Some(fault) = request.rule.check().into_iter().next() {
        return Err(invalid(&format!("rule.{}", fault.field), fault.title, fault.remedy));
    }
    let sample = app.ticket_planner().sample(&request.rule, request.device.as_deref()).await?;
    Ok(Json(sample.ok_or_else(|| not_found("device under this rule"))?))
}

#[worker::send]
async fn test(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<TicketRuleId>,
) -> Result<Json<TicketIntent>, Failure> {
    let row = known(&app, &id)?;
    let intent = app.ticket_planner().plan_test(&row, &app.new_id()).await?;
    let audit = NewAudit {
        by: &caller.name,
        subject: subject(&row.rule),
        connection: Some(row.rule.target.psa),
        intent: Some(intent.id.to_string()),
        ..NewAudit::of(HistoryEvent::TicketRuleTested)
    };
    app.ledger.history().add(audit, app.now())?;
    app.wake().await?;
    Ok(Json(intent))
}

#[worker::send]
async fn decide_leaves(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<TicketRuleId>,
    Body(request): Body<LeaveDecision>,
) -> Result<Json<TicketRuleView>, Failure> {
    let row = known(&app, &id)?;
    let Some(leaves) = leaves_of(&app.ledger, &row)?.filter(|leaves| leaves.devices == request.devices) else {
        let detail = "The devices show again, later readings have confirmed that they left, or others have left since.";
        return Err(Problem::new(409, "leaves_changed", "It is not as it was shown any more.", detail, "Load the rule again.").into());
    };
    app.ticket_rules().decide_leaves(&row, request.gone)?;
    let event = if request.gone { HistoryEvent::TicketLeavesConfirmed } else { HistoryEvent::TicketLeavesKept };
    let audit = NewAudit {
        by: &caller.name,
        subject: subject(&row.rule),
        detail: Some(format!("{} of {} devices left the group at once.", leaves.devices, leaves.were)),
        connection: Some(row.rule.target.psa.clone()),
        ..NewAudit::of(event)
    };
    app.ledger.history().add(audit, app.now())?;
    app.queue_tickets(&caller.name)?;
    app.wake().await?;
    Ok(Json(view(&app, known(&app, &id)?)?))
}

/// The rules that are changed at once.
pub(super) fn several(app: &App, ids: &[TicketRuleId]) -> Result<Vec<TicketRule>, Failure> {
    if ids.is_empty() || ids.len() > MOST {
        return Err(invalid("rules", "1 to 500 rules are changed at once.", "Choose some of them."));
    }
    ids.iter().map(|id| Ok(known(app, id)?.rule)).collect()
}

pub(super) fn known(app: &App, id: &TicketRuleId) -> Result<RuleRow, Failure> {
    app.ledger.ticket_rules().find(id)?.ok_or_else(|| not_found("ticket rule"))
}

/// Whether a rule goes on watching its group through another connection, because its own was deleted. ESET's own groups have the
/// same ids in every console, so those are only the same ones in the same console.
fn follows(app: &App, before: &RuleSource, after: &RuleSource) -> Result<bool, Failure> {
    let (RuleSource::Group { connection: gone, group: watched }, RuleSource::Group { connection, group }) = (before, after) else {
        return Ok(false);
    };
    if watched != group || app.ledger.connections().find(gone)?.is_some() {
        return Ok(false);
    }
    let (Some(gone), Some(now)) = (app.ledger.connections().find_ever(gone)?, app.ledger.connections().find(connection)?) else {
        return Ok(false);
    };
    Ok(gone.kind == now.kind && (gone.place() == now.place() || !group.as_str().starts_with(ESETS_OWN)))
}

/// Refuses a rule that nothing could be read for.
pub(super) fn connected(app: &App, rule: &TicketRule, field: &str) -> Result<(), Failure> {
    if app.ledger.connections().find(rule.source.connection())?.is_some() {
        return Ok(());
    }
    let title = format!("The console of {} is not connected any more.", rule.name);
    Err(invalid(field, &title, "Make a rule of its own for a console that is."))
}

/// Stores a rule, with a row in the history. What it has planned and not begun is planned anew for where it opens tickets now.
pub(super) async fn store(
    app: &App,
    caller: &Caller,
    rule: &TicketRule,
    before: Option<&TicketRule>,
    event: HistoryEvent,
    detail: Option<String>,
) -> Result<TicketRuleView, Failure> {
    if rule.enabled {
        connected(app, rule, "enabled")?;
    }
    let now = app.now();
    app.ledger.ticket_rules().store(rule, now)?;
    app.drift_watch().look_at_rules(&caller.name)?;
    if before.is_some_and(|before| before.target != rule.target) {
        app.ticket_rules().plan_anew(rule)?;
    } else {
        app.ticket_rules().look_again(rule)?;
    }
    let audit = NewAudit {
        by: &caller.name,
        subject: subject(rule),
        before: before.and_then(describe),
        after: describe(rule),
        detail,
        connection: Some(rule.target.psa.clone()),
        ..NewAudit::of(event)
    };
    app.ledger.history().add(audit, now)?;
    app.wake().await?;
    Ok(view(app, known(app, &rule.id)?)?)
}

fn describe(rule: &TicketRule) -> Option<String> {
    serde_json::to_string(rule).ok()
}

fn view(app: &App, row: RuleRow) -> Result<TicketRuleView, StoreError> {
    let (devices, open) = app.ledger.ticket_rules().case_counts(&row.rule.id)?;
    let leaves = leaves_of(&app.ledger, &row)?;
    let RuleRow { rule, trouble, left_out, polled_at, updated_at, .. } = row;
    Ok(TicketRuleView { rule, trouble, polled_at, changed_at: updated_at, devices, open, leaves, left_out })
}
