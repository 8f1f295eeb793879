//! Looking at what changed under the mappings, at the end of each billing pass and without a call to a vendor.

use shared::drift::{DriftInput, DriftState, Knowledge, Stored, detect, reconcile};
use shared::ids::{AgreementId, ConnectionId, LineId};
use shared::sorted::SortedMap;

use super::SCHEDULE;
use crate::ledger::NewAudit;
use crate::ports::StoreError;
use crate::tenant::Tenant;

impl Tenant {
    /// Finds what changed, keeps it, and learns what is new. Nothing that is as it was is written again.
    pub(super) fn look_at_drift(&self, input: &DriftInput<'_>) -> Result<(), StoreError> {
        let now = self.now();
        let mut known = Knowledge { mappings: self.ledger.known_mappings()?, products: self.ledger.known_products()? };
        // Mappings are learned first: what was never known cannot have changed.
        let learned = known.learn(input);
        let found = detect(input, &known);
        for stored in reconcile(self.ledger.all_drift()?, found, SCHEDULE, now) {
            self.ledger.store_drift(&stored)?;
            let event = if stored.state == DriftState::Resolved { "drift_resolved" } else { "drift_found" };
            self.audit_drift(&stored, event, SCHEDULE, None)?;
        }
        for key in &learned.mappings {
            self.ledger.keep_known(key, known.mappings.get(key))?;
        }
        for (psa, product) in &learned.products {
            let name = known.products.get(&(psa.clone(), *product));
            self.ledger.keep_known_product(psa, *product, name.map(String::as_str))?;
        }
        Ok(())
    }

    /// Adds an event's row to the history.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn audit_drift(&self, stored: &Stored, event: &str, by: &str, detail: Option<String>) -> Result<(), StoreError> {
        let drift = &stored.drift;
        let audit = NewAudit {
            by,
            event,
            subject: drift.subject.clone(),
            before: drift.was.clone(),
            after: drift.is.clone(),
            detail: Some(detail.map_or_else(|| drift.words.clone(), |detail| format!("{} {detail}", drift.words))),
            ..NewAudit::default()
        };
        self.ledger.audit(audit, self.now())
    }

    /// Lines that open drift pauses, and what it says of them.
    pub(super) fn paused_lines(&self) -> Result<SortedMap<LineId, String>, StoreError> {
        let mut paused = SortedMap::new();
        for stored in self.ledger.drift_in(DriftState::Open)?.into_iter().filter(|stored| stored.drift.kind.pauses()) {
            for line in stored.drift.lines {
                paused.entry(line).or_insert_with(|| stored.drift.words.clone());
            }
        }
        Ok(paused)
    }

    /// Agreements that are read although nothing may be mapped to them, because drift that is not over names them.
    pub(super) fn watched(&self, psa: &ConnectionId) -> Result<Vec<AgreementId>, StoreError> {
        let mut watched = Vec::new();
        for state in [DriftState::Open, DriftState::Ignored] {
            let here = self.ledger.drift_in(state)?.into_iter().filter(|stored| stored.drift.place.psa.as_ref() == Some(psa));
            watched.extend(here.flat_map(|stored| stored.drift.place.watch));
        }
        Ok(watched)
    }
}
