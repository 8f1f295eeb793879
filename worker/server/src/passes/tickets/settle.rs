//! Before an intent is claimed, and after it is over: what its cases say to it, and what it means for them.

use domain::Timestamp;
use engine::IntentState;
use engine::tickets::{TicketActionKind, TicketEnd, TicketIntent, settle, still_wanted};

use super::drive::TicketCommits;
use super::switches::{CompaniesOff, SWITCHED_OFF, is_off};
use crate::tenant::TenantError;
use store::ledger::{CaseRow, Ledger, NewTicketLog, TicketIntentRow};
use store::ports::StoreError;

impl TicketCommits<'_> {
    /// Whether an intent is not to be claimed now: because nobody wants it any more, which ends it, or because its rule is off,
    /// paused or muted, which puts it off. What may be on its way is always carried on.
    pub(super) async fn holds_back(
        &self,
        row: &TicketIntentRow,
        intent: &mut TicketIntent,
        off: &CompaniesOff,
    ) -> Result<bool, TenantError> {
        if intent.action == TicketActionKind::Test {
            return Ok(false);
        }
        let unbegun = intent.state == IntentState::Planned && !intent.is_on_its_way() && intent.came.is_none();
        let mutes = if unbegun { Some(self.planner.mutes()?).filter(|mutes| !mutes.is_empty()) } else { None };
        let rule = self.ledger.ticket_rules().find(&intent.rule)?;
        let mut groups = None;
        if let Some(rule) = rule.as_ref().filter(|_| mutes.is_some()) {
            groups = self.planner.readings.groups_of(rule.rule.source.connection()).await?;
        }
        let may_be_off = unbegun && intent.action != TicketActionKind::Close;
        let left_out = rule.as_ref().filter(|_| may_be_off).and_then(|rule| off.get(rule.rule.source.connection()));
        let now = self.clock.now();
        let mut cases = cases_of(self.ledger, intent)?;
        let wanted = rule.is_some() && cases.iter().any(|case| still_wanted(&case.case, intent));
        if !wanted {
            let words = if rule.is_none() { "Its rule was deleted." } else { "The device is not where it was when this was decided." };
            if intent.withdraw(words, now) {
                self.driver.end(row, intent, now)?;
                return Ok(true);
            }
        }
        if !cases.is_empty() && cases.iter().all(|case| left_out.is_some_and(|off| is_off(case, off))) && intent.withdraw(SWITCHED_OFF, now)
        {
            if self.driver.end(row, intent, now)? {
                for case in &mut cases {
                    case.case.skip();
                    self.ledger.cases().store(case)?;
                }
            }
            return Ok(true);
        }
        let Some(rule) = rule.filter(|_| unbegun) else { return Ok(false) };
        let opens = intent.action != TicketActionKind::Close;
        let known = mutes.as_ref().zip(groups.as_ref());
        let muted = |case: &CaseRow| known.is_some_and(|(mutes, groups)| mutes.over(&rule, case, groups).is_some());
        let off = !rule.rule.enabled || rule.trouble.is_some() || opens && !cases.is_empty() && cases.iter().all(muted);
        if off {
            self.ledger.ticket_intents().put_off(&intent.id)?;
        }
        Ok(off)
    }
}

/// Takes what came of an intent into its cases, and tells it in the log. In one stretch with the move that ended it.
pub(super) fn settled(ledger: &Ledger, row: &TicketIntentRow, intent: &TicketIntent, now: Timestamp) -> Result<(), StoreError> {
    let mut cases = cases_of(ledger, intent)?;
    if intent.action == TicketActionKind::Summary {
        cases.retain(|case| case.case.waits_for_summary());
    }
    for case in &mut cases {
        settle(&mut case.case, intent, now);
        if intent.action.creates() && case.case.ticket.as_ref().is_some_and(|ticket| Some(ticket.id) == intent.ticket) {
            case.opened_by = Some(intent.id.clone());
            case.psa = Some(intent.target.psa.clone());
        }
        ledger.cases().store(case)?;
    }
    let words = intent.outcome.as_ref().map_or("", |outcome| outcome.words.as_str());
    let told = NewTicketLog {
        rule: Some(&intent.rule),
        rule_name: &row.labels.rule,
        subject: &intent.subject,
        device: &row.labels.device,
        company: &row.labels.company,
        group: row.labels.group.as_ref(),
        event: event(intent),
        words,
        ticket: intent.ticket,
        psa: Some(&intent.target.psa),
        intent: Some(&intent.id),
    };
    ledger.ticket_log().add(&told, now)?;
    if intent.action == TicketActionKind::Summary {
        let event = if intent.ticket.is_some() { "told" } else { event(intent) };
        for case in &cases {
            ledger.ticket_log().add(
                &NewTicketLog {
                    subject: &case.subject,
                    device: &case.name,
                    company: "",
                    group: case.company.as_ref(),
                    event,
                    ..told.clone()
                },
                now,
            )?;
        }
    }
    Ok(())
}

/// The cases an intent stands for.
pub(super) fn cases_of(ledger: &Ledger, intent: &TicketIntent) -> Result<Vec<CaseRow>, StoreError> {
    match intent.action {
        TicketActionKind::Test => Ok(Vec::new()),
        TicketActionKind::Summary => ledger.cases().told_in(&intent.id),
        _ => Ok(ledger.cases().find(&intent.rule, &intent.subject)?.into_iter().collect()),
    }
}

/// What the log calls it.
fn event(intent: &TicketIntent) -> &'static str {
    let end = intent.outcome.as_ref().map(|outcome| outcome.end);
    match (intent.state, end, intent.action) {
        (IntentState::Done, Some(TicketEnd::Gone), _) => "ticket_gone",
        (IntentState::Done, Some(TicketEnd::Closed), _) => "closed_by_person",
        (IntentState::Done, Some(TicketEnd::Moved), _) => "ticket_moved",
        (IntentState::Done, _, TicketActionKind::Open) => "opened",
        (IntentState::Done, _, TicketActionKind::Summary) => "summary_opened",
        (IntentState::Done, _, TicketActionKind::Test) => "tested",
        (IntentState::Done, _, TicketActionKind::Reopen) => "reopened",
        (IntentState::Done, _, TicketActionKind::Note) => "noted",
        (IntentState::Done, _, TicketActionKind::Close) => "closed",
        (IntentState::Parked, ..) => "parked",
        (_, Some(TicketEnd::Withdrawn), _) => "withdrawn",
        _ => "failed",
    }
}
