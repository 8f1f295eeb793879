//! Approving: a line's proposal becomes an intent, by a person's hand or by itself, and a done change is taken back.

use contract::month::{DecisionKind, LineState};
use domain::Timestamp;
use domain::access::Visibility;
use domain::billing::{Line, MappingKey, RunSize};
use domain::hash::fingerprint;
use domain::history::HistoryEvent;
use domain::ids::IntentId;
use engine::Intent;

use super::PLANNED_FROM;
use crate::policy::Policies;
use crate::tenant::{MAPPINGS, Tenant, TenantError};
use egress::ports::Clock;
use store::ledger::{Decision, IntentLabels, IntentRow, Ledger, LineRow, NewAudit};
use store::ports::StoreError;

/// What lines that commit by themselves are signed with.
pub(crate) const AUTOMATIC: &str = "automatic";
/// The automatic run that was last held by its caps.
const HELD_RUN: &str = "held_run";

/// What came of approving lines that commit by themselves.
pub(super) enum Run {
    /// So many were.
    Approved(u32),
    /// None was: together they break a cap.
    Held(String),
}

impl Tenant {
    /// What turns proposals into intents.
    pub fn approvals(&self) -> Approvals<'_> {
        Approvals { ledger: &self.ledger, policies: self.policies(), clock: self.clock.as_ref() }
    }
}

/// Turns what lines propose into intents, within the caps of the policy.
#[derive(Clone, Copy)]
pub struct Approvals<'a> {
    ledger: &'a Ledger,
    policies: Policies<'a>,
    clock: &'a dyn Clock,
}

impl Approvals<'_> {
    /// Whether the lines were planned from the mappings as they are now. Those that were not are not approved: they may be of
    /// a company that was just excluded or moved to another agreement.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn lines_follow_mappings(&self) -> Result<bool, TenantError> {
        let current = self.ledger.pointers().current(MAPPINGS)?.map_or(0, |pointer| pointer.version);
        Ok(self.ledger.meta().number(PLANNED_FROM)? == Some(current))
    }

    /// Approves lines that no guard holds and whose companies are all mapped to commit by themselves.
    pub(super) fn approve_automatic(&self) -> Result<Run, TenantError> {
        let waiting = self.ledger.lines().in_state(LineState::ToApprove, &Visibility::Everything)?;
        let mut ready = Vec::new();
        for row in waiting.into_iter().filter(|row| row.line.automatic && row.line.guards.is_empty()) {
            if self.ledger.months().closed(row.line.period)?.is_none() {
                ready.push(row);
            }
        }
        if let Some(words) = self.over_run_cap(ready.iter().map(|row| &row.line))? {
            let run = fingerprint(&ready.iter().map(|row| &row.line.preview).collect::<Vec<_>>());
            // The history is told once, not at every pass until a person comes.
            if self.ledger.meta().text(HELD_RUN)?.as_deref() != Some(&run) {
                let audit = NewAudit {
                    by: AUTOMATIC,
                    subject: "Automatic run".to_owned(),
                    detail: Some(words.clone()),
                    ..NewAudit::of(HistoryEvent::RunHeld)
                };
                self.ledger.history().add(audit, self.clock.now())?;
                self.ledger.meta().keep_text(HELD_RUN, &run)?;
            }
            return Ok(Run::Held(words));
        }
        let mut approved = 0;
        for row in ready {
            approved += u32::from(self.approve(&row, AUTOMATIC)?.is_some());
        }
        Ok(Run::Approved(approved))
    }

    /// What breaks the caps when these lines are approved at once, in words.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn over_run_cap<'a>(&self, lines: impl Iterator<Item = &'a Line>) -> Result<Option<String>, StoreError> {
        let mut run = RunSize::default();
        lines.for_each(|line| run.add(line));
        if run.lines < 2 {
            return Ok(None);
        }
        Ok(self.policies.current()?.over_run_cap(&run, self.ledger.lines().billed_units()?))
    }

    /// Turns a line's proposal into an intent, signed by `by`. The same proposal approved twice is one intent. None when the
    /// line proposes nothing, or its month is closed.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn approve(&self, row: &LineRow, by: &str) -> Result<Option<LineState>, TenantError> {
        let Some(intent) = Intent::of(&row.line) else { return Ok(None) };
        if self.ledger.months().closed(row.line.period)?.is_some() {
            return Ok(None);
        }
        let now = self.clock.now();
        let labels = IntentLabels {
            company: row.line.company.clone(),
            agreement: row.line.agreement.as_ref().map(|agreement| agreement.name.clone()).unwrap_or_default(),
            product: row.line.product.name.clone(),
            approved_by: by.to_owned(),
            mappings: mappings_of(&row.line, &intent),
        };
        if !self.ledger.changes().plan(&intent, &labels, now)? {
            self.reopen(&intent.id, now)?;
        }
        if by != AUTOMATIC {
            for mapping in &labels.mappings {
                self.ledger.mapping_records().note_approved(mapping, now)?;
            }
        }
        let decision = Decision { decision: DecisionKind::Approved, by: by.to_owned(), at: now, reason: None };
        self.ledger.decisions().decide(&row.line, Some(&decision))?;
        let audit = NewAudit {
            by,
            subject: labels.subject(),
            before: Some(intent.from.to_string()),
            after: Some(intent.to.to_string()),
            detail: Some(row.line.reason.clone()),
            ..NewAudit::of(HistoryEvent::LineApproved)
        }
        .of_line(&row.line)
        .of_intent(&intent);
        self.ledger.history().add(audit, now)?;
        Ok(self.ledger.lines().restate(&row.line.id)?)
    }

    /// Plans the change that takes a done one back, signed by `by`, and links the two. None when it is not done, takes another
    /// one back itself, or is being taken back already.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn reverse(&self, row: &IntentRow, reason: &str, by: &str) -> Result<Option<IntentId>, TenantError> {
        let now = self.clock.now();
        let reversal = row.intent.reversal(reason, now).filter(|_| row.intent.reverses.is_none());
        let Some(reversal) = reversal else { return Ok(None) };
        let labels = IntentLabels { approved_by: by.to_owned(), ..row.labels.clone() };
        // One that failed before is tried again, under its own id: it reads before it writes.
        if !self.ledger.changes().plan(&reversal, &labels, now)? && !self.reopen(&reversal.id, now)? {
            return Ok(None);
        }
        let linked = Intent { reversed_by: Some(reversal.id.clone()), ..row.intent.clone() };
        self.ledger.changes().advance(&row.intent, &linked, now)?;
        let audit = NewAudit {
            by,
            subject: row.labels.subject(),
            before: Some(reversal.from.to_string()),
            after: Some(reversal.to.to_string()),
            detail: Some(reason.to_owned()),
            ..NewAudit::of(HistoryEvent::ChangeReversed)
        }
        .of_intent(&reversal);
        self.ledger.history().add(audit, now)?;
        self.ledger.lines().restate(&reversal.line)?;
        Ok(Some(reversal.id))
    }

    /// Lets a failed or parked intent be claimed again. Answers whether it was one.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn reopen(&self, id: &IntentId, now: Timestamp) -> Result<bool, TenantError> {
        let Some(row) = self.ledger.changes().find(id, &Visibility::Everything)? else { return Ok(false) };
        let mut intent = row.intent.clone();
        if !intent.reopen() {
            return Ok(false);
        }
        let reopened = self.ledger.changes().advance(&row.intent, &intent, now)?;
        self.ledger.lines().restate(&intent.line)?;
        Ok(reopened)
    }
}

/// The company mappings a change comes from.
fn mappings_of(line: &Line, intent: &Intent) -> Vec<MappingKey> {
    let members = line.members.iter().cloned();
    members.map(|member| MappingKey { member, psa: intent.psa.clone(), agreement: intent.agreement }).collect()
}
