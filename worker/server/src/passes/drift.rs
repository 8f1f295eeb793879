//! Looking at what changed under the mappings, at the end of each billing pass, and at which ticket rules are paused, as soon as
//! that changes. Without a call to a vendor.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Visibility;
use domain::billing::PlanInput;
use domain::drift::{Drift, DriftInput, DriftKind, DriftState, Knowledge, Stored, detect, gather, paused_rule, reconcile};
use domain::history::HistoryEvent;
use domain::ids::{AdditionId, AgreementId, ConnectionId, LineId};

use super::SCHEDULE;
use crate::tenant::Tenant;
use egress::ports::Clock;
use store::ledger::{Ledger, NewAudit};
use store::ports::StoreError;

impl Tenant {
    /// What looks at drift, and tells of it.
    pub fn drift_watch(&self) -> DriftWatch<'_> {
        DriftWatch { ledger: &self.ledger, clock: self.clock.as_ref() }
    }
}

/// Looks at what changed under the mappings and at paused rules, and keeps what it finds.
#[derive(Clone, Copy)]
pub struct DriftWatch<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) clock: &'a dyn Clock,
}

impl DriftWatch<'_> {
    /// Finds what changed, keeps it, and learns what is new. Nothing that is as it was is written again.
    pub(super) fn look(&self, input: &DriftInput<'_>) -> Result<(), StoreError> {
        let mut known =
            Knowledge { mappings: self.ledger.drift_baseline().mappings()?, products: self.ledger.drift_baseline().products()? };
        // Mappings are learned first: what was never known cannot have changed.
        let learned = known.learn(input);
        self.keep_found(detect(input, &known), |kind| kind != DriftKind::TicketRulePaused, SCHEDULE)?;
        for key in &learned.mappings {
            self.ledger.drift_baseline().keep_mapping(key, known.mappings.get(key))?;
        }
        for (psa, product) in &learned.products {
            let name = known.products.get(&(psa.clone(), *product));
            self.ledger.drift_baseline().keep_product(psa, *product, name.map(String::as_str))?;
        }
        Ok(())
    }

    /// Additions that bear our mark although this ledger did not have them made.
    pub(super) fn of_others(&self, input: &PlanInput<'_>) -> Result<BTreeSet<(ConnectionId, AdditionId)>, StoreError> {
        let mut of_others = BTreeSet::new();
        for (psa, tenant) in input.psa {
            for addition in tenant.additions.values().flat_map(|read| &read.additions) {
                let Some(intent) = addition.made_by() else { continue };
                let place = (psa.clone(), addition.id);
                if !input.written.contains_key(&place) && self.ledger.changes().find(&intent, &Visibility::Everything)?.is_none() {
                    of_others.insert(place);
                }
            }
        }
        Ok(of_others)
    }

    /// Finds which ticket rules are paused, and keeps that. `by` is who changed it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn look_at_rules(&self, by: &str) -> Result<(), StoreError> {
        let rules = self.ledger.ticket_rules().all()?;
        let found =
            rules.iter().filter(|row| row.rule.enabled).filter_map(|row| Some(paused_rule(&row.rule, row.trouble.as_deref()?))).collect();
        self.keep_found(found, |kind| kind == DriftKind::TicketRulePaused, by)
    }

    /// Opens, keeps and closes the events of the kinds that were looked for.
    fn keep_found(&self, found: Vec<Drift>, looked_for: impl Fn(DriftKind) -> bool, by: &str) -> Result<(), StoreError> {
        let mut stored = self.ledger.drift().all()?;
        stored.retain(|_, stored| looked_for(stored.drift.kind));
        let found = gather(&stored, found);
        for stored in reconcile(stored, found, by, self.clock.now()) {
            self.ledger.drift().store(&stored)?;
            let event = if stored.state == DriftState::Resolved { HistoryEvent::DriftResolved } else { HistoryEvent::DriftFound };
            self.audit(&stored, event, by, None)?;
        }
        Ok(())
    }

    /// Adds an event's row to the history.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn audit(&self, stored: &Stored, event: HistoryEvent, by: &str, detail: Option<String>) -> Result<(), StoreError> {
        let drift = &stored.drift;
        let audit = NewAudit {
            by,
            subject: drift.subject.clone(),
            before: drift.was.clone(),
            after: drift.is.clone(),
            detail: Some(detail.map_or_else(|| drift.words.clone(), |detail| format!("{} {detail}", drift.words))),
            ..NewAudit::of(event)
        };
        self.ledger.history().add(audit, self.clock.now())
    }

    /// Lines that open drift pauses, and what it says of them.
    pub(super) fn paused_lines(&self) -> Result<BTreeMap<LineId, String>, StoreError> {
        let mut paused = BTreeMap::new();
        for stored in self.ledger.drift().in_state(DriftState::Open)?.into_iter().filter(|stored| stored.drift.kind.pauses()) {
            // A line is seen by people who may not be told with whom its agreement is now.
            let words = match stored.drift.kind {
                DriftKind::AgreementMoved => "The agreement is with another company now: it would bill somebody else.".to_owned(),
                _ => stored.drift.words,
            };
            for line in stored.drift.lines {
                paused.entry(line).or_insert_with(|| words.clone());
            }
        }
        Ok(paused)
    }

    /// Agreements that are read although nothing may be mapped to them, because drift that is not over names them.
    pub(super) fn watched(&self, psa: &ConnectionId) -> Result<Vec<AgreementId>, StoreError> {
        let mut watched = Vec::new();
        for state in [DriftState::Open, DriftState::Ignored] {
            let here = self.ledger.drift().in_state(state)?.into_iter().filter(|stored| stored.drift.place.psa.as_ref() == Some(psa));
            watched.extend(here.flat_map(|stored| stored.drift.place.watch));
        }
        Ok(watched)
    }
}
