//! Switching ticket rules on and off: who is in their groups is read before, and asked about.

use std::collections::BTreeMap;

use axum::extract::{Extension, State};
use contract::tickets::{Existing, GroupNow, PreviewSwitch, SwitchPreview, SwitchRules, SwitchTicketRules, TicketRuleView};
use domain::connections::ConnectionKind;
use domain::history::HistoryEvent;
use domain::ids::TicketRuleId;
use domain::tickets::TicketRule;

use super::rules::{connected, known, several, store};
use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid};
use crate::http::middleware::extract::Body;
use crate::http::routes::Routes;
use crate::passes::{GroupMembers, GroupReader};
use store::ledger::RuleRow;

/// Rules whose groups are read at once.
const MOST_READ: usize = 30;

/// Calls that reading their groups may make.
const BUDGET: u32 = 40;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(SwitchTicketRules, switch).on(PreviewSwitch, preview)
}

#[worker::send]
async fn preview(State(app): State<App>, Body(request): Body<SwitchPreview>) -> Result<Json<Vec<GroupNow>>, Failure> {
    let rows = rows(&app, &request.rules)?;
    let mut groups = Vec::new();
    for (row, (subjects, devices)) in rows.iter().zip(read(&app, &rows).await?) {
        // A rule that is on opens them by itself.
        let tickets = if row.rule.enabled { 0 } else { app.ticket_rules().newcomers(row, &subjects)? };
        groups.push(GroupNow { rule: row.rule.id.clone(), name: row.rule.name.clone(), devices, tickets });
    }
    Ok(Json(groups))
}

#[worker::send]
async fn switch(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<SwitchRules>,
) -> Result<Json<Vec<TicketRuleView>>, Failure> {
    let befores = several(&app, &request.rules)?;
    befores.iter().filter(|_| request.enabled).try_for_each(|rule| connected(&app, rule, "rules"))?;
    let starting: Vec<TicketRuleId> = befores.iter().filter(|rule| request.enabled && !rule.enabled).map(|rule| rule.id.clone()).collect();
    let mut left_out = BTreeMap::new();
    if request.existing == Existing::LeaveOut && !starting.is_empty() {
        let rows = rows(&app, &starting)?;
        let there = read(&app, &rows).await?.into_iter().map(|(subjects, _)| subjects);
        left_out.extend(starting.iter().cloned().zip(there));
    }
    let event = if request.enabled { HistoryEvent::TicketRuleSwitchedOn } else { HistoryEvent::TicketRuleSwitchedOff };
    let mut views = Vec::new();
    for before in befores {
        let rule = TicketRule { enabled: request.enabled, ..before.clone() };
        let row = known(&app, &before.id)?;
        let groups = app.ticket_planner().groups_read(&rule).await?;
        // From here until the rule is stored nothing is awaited: no pass takes for newcomers who are left out.
        let detail = match left_out.get(&rule.id) {
            Some(subjects) => {
                let count = app.ticket_rules().leave_out(&row, subjects, &groups)?;
                Some(format!("For devices that enter from now on: {count} in its group have no ticket."))
            }
            None if starting.contains(&rule.id) => {
                app.ledger.ticket_rules().note_left_out(&rule.id, None)?;
                None
            }
            None => None,
        };
        views.push(store(&app, &caller, &rule, Some(&before), event, detail).await?);
    }
    Ok(Json(views))
}

fn rows(app: &App, ids: &[TicketRuleId]) -> Result<Vec<RuleRow>, Failure> {
    if ids.is_empty() || ids.len() > MOST_READ {
        return Err(invalid("rules", "The groups of 1 to 30 rules are read at once.", "Choose some of them."));
    }
    let rows: Vec<RuleRow> = ids.iter().map(|id| known(app, id)).collect::<Result<_, _>>()?;
    rows.iter().try_for_each(|row| connected(app, &row.rule, "rules"))?;
    Ok(rows)
}

/// Who is in their groups, and how many devices that are.
async fn read(app: &App, rows: &[RuleRow]) -> Result<Vec<(GroupMembers, u32)>, Failure> {
    let outbound = app.egress.session(BUDGET);
    let mut reader = GroupReader::new(&app.ledger, app.clients(), &outbound);
    let mut read = Vec::new();
    for row in rows {
        read.push(reader.subjects(row).await.map_err(|trouble| Failure::of(trouble, ConnectionKind::Connect))?);
    }
    Ok(read)
}
