//! Committing: approved changes, carried through the engine one call at a time.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::access::Visibility;
use domain::billing::{Guard, Line};
use domain::history::HistoryEvent;
use domain::ids::{ConnectionId, LineId};
use domain::mapping::Mappings;
use engine::{Change, Intent, IntentState, Observed, Settings, Write, WriteAnswer};
use futures::stream::{self, StreamExt};

use super::approvals::AUTOMATIC;
use super::drive::Executor;
use super::{CONCURRENCY, REPLAN};
use crate::config::Config;
use crate::tenant::{Tenant, TenantError};
use connectwise::Connectwise;
use egress::Outbound;
use store::ledger::{IntentRow, Ledger, NewAudit};
use store::ports::StoreError;
use vendor::VendorError;

/// Calls one change takes: the check and the reading back, each with its agreement, and the write, twice when the description
/// is not taken.
const CALLS_A_CHANGE: u32 = 6;

impl Tenant {
    /// Takes up changes that may be claimed, as many as the budget allows. Answers whether there were any.
    pub(super) async fn commit_due(&self, outbound: &Outbound) -> Result<bool, TenantError> {
        let mut due = self.driver().due::<Intent>(outbound, CALLS_A_CHANGE)?;
        // What is not begun waits for the plan that follows the mappings: its company may just have been excluded.
        if !self.approvals().lines_follow_mappings()? {
            due.retain(|row| row.intent.state != IntentState::Planned);
        }
        if due.is_empty() {
            return Ok(false);
        }
        let mut running = stream::iter(due).map(|row| self.commit(row, outbound)).buffer_unordered(CONCURRENCY);
        while let Some(result) = running.next().await {
            result?;
        }
        self.ledger.meta().keep_moment(REPLAN, Some(self.now()))?;
        Ok(true)
    }

    /// Carries one change on, unless what it was approved for is not there any more.
    async fn commit(&self, row: IntentRow, outbound: &Outbound) -> Result<(), TenantError> {
        let Some(connection) = self.ledger.connections().find(&row.intent.psa)? else {
            return Ok(self.driver().abandon(&row, "The ConnectWise connection was deleted.")?);
        };
        let period = row.intent.period;
        if row.intent.state == IntentState::Planned && row.intent.writes_into(period) && self.ledger.months().closed(period)?.is_some() {
            return Ok(self.driver().abandon(&row, "Its month was closed before it was begun.")?);
        }
        if !self.is_wanted(&row.intent)? {
            return Ok(self.driver().abandon(&row, "Its line is not in the month any more.")?);
        }
        let client = self.clients().writer(&connection, outbound)?;
        Ok(self.driver().carry_on(&row, row.intent.clone(), client).await?)
    }

    /// Ends every open change of a connection. A run that is at one of them finds it moved and stops before its next call.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn abandon_changes_of(&self, psa: &ConnectionId, words: &str) -> Result<(), TenantError> {
        for row in self.ledger.changes().open_through(psa)? {
            self.driver().abandon(&row, words)?;
        }
        Ok(self.ticket_rules().abandon_through(psa, words)?)
    }

    /// Changes that wait for a day to come, by line.
    pub(super) fn waiting_changes(&self, now: Timestamp) -> Result<BTreeMap<LineId, Vec<IntentRow>>, StoreError> {
        let mut waiting: BTreeMap<LineId, Vec<IntentRow>> = BTreeMap::new();
        for row in self.ledger.changes().in_state(IntentState::Planned)?.into_iter().filter(|row| row.intent.is_waiting(now)) {
            waiting.entry(row.intent.line.clone()).or_default().push(row);
        }
        Ok(waiting)
    }

    /// Ends approved changes that nothing was sent for yet, of agreements and products that a company or product is not billed
    /// on any more: what was approved counted it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn abandon_unsent(&self, before: &Mappings, after: &Mappings) -> Result<(), TenantError> {
        let (agreements, products) = (before.agreements_left(after), before.products_left(after));
        if agreements.is_empty() && products.is_empty() {
            return Ok(());
        }
        for row in self.ledger.changes().open()? {
            let intent = &row.intent;
            let product = self.ledger.lines().find(&intent.line, &Visibility::Everything)?.and_then(|row| row.line.product.catalog);
            let left = agreements.contains(&(intent.psa.clone(), intent.agreement))
                || product.is_some_and(|product| products.contains(&(intent.psa.clone(), product)));
            if left && intent.reverses.is_none() && intent.is_unsent() {
                self.driver().abandon(&row, "Its mapping was changed after it was approved.")?;
            }
        }
        Ok(())
    }

    /// Ends the change of a line that waits for a day to come. Answers whether there was one.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn withdraw_waiting(&self, line: &LineId, words: &str) -> Result<bool, TenantError> {
        let Some(row) = self.ledger.changes().latest_of(line)?.filter(|row| row.intent.is_waiting(self.now())) else { return Ok(false) };
        self.driver().abandon(&row, words)?;
        Ok(true)
    }

    /// Whether the line of an approved change is still billed. One that takes another back does not ask for it.
    fn is_wanted(&self, intent: &Intent) -> Result<bool, TenantError> {
        let sent = intent.state != IntentState::Planned || intent.reverses.is_some();
        Ok(sent || self.ledger.lines().find(&intent.line, &Visibility::Everything)?.is_some())
    }
}

impl Executor for Intent {
    type Client = Connectwise;

    fn times(config: &Config) -> &Settings {
        &config.engine
    }

    async fn observe(&self, client: &Connectwise) -> Result<Observed, VendorError> {
        client.observe(self).await
    }

    async fn send(&self, client: &Connectwise, write: Write) -> WriteAnswer {
        client.write(self.agreement, self.addition, &write).await
    }

    /// Writes down the history, what we wrote, and where its line stands.
    fn settle(&self, ledger: &Ledger, row: &IntentRow, now: Timestamp) -> Result<(), StoreError> {
        let outcome = self.outcome.as_ref();
        if self.state == IntentState::Done
            && let (Some(addition), Some(version)) = (self.addition, outcome.and_then(|outcome| outcome.version.as_deref()))
        {
            ledger.additions().note_written(self, addition, version, now)?;
            note_proof(ledger, row, self)?;
        }
        let audit = NewAudit {
            by: &row.labels.approved_by,
            subject: row.labels.subject(),
            before: Some(self.from.to_string()),
            after: outcome.and_then(|outcome| outcome.found).map(|found| found.to_string()),
            detail: outcome.map(|outcome| outcome.words.clone()),
            ..NewAudit::of(event(self))
        }
        .of_intent(self);
        ledger.history().add(audit, now)?;
        self.waits(ledger)
    }

    fn waits(&self, ledger: &Ledger) -> Result<(), StoreError> {
        ledger.lines().restate(&self.line)?;
        Ok(())
    }
}

/// A change that a person approved and that was written shows that its mappings do right; one taken back shows it no more.
fn note_proof(ledger: &Ledger, row: &IntentRow, intent: &Intent) -> Result<(), StoreError> {
    if let Some(reversed) = &intent.reverses {
        return ledger.mapping_records().take_proof_back(reversed);
    }
    let adopted = intent.outcome.as_ref().is_none_or(|outcome| outcome.adopted);
    if adopted || row.labels.approved_by == AUTOMATIC {
        return Ok(());
    }
    row.labels.mappings.iter().try_for_each(|mapping| ledger.mapping_records().note_proven(mapping, &intent.id, row.planned_at))
}

/// What the history calls what came of a change.
fn event(intent: &Intent) -> HistoryEvent {
    let adopted = intent.outcome.as_ref().is_some_and(|outcome| outcome.adopted);
    match (intent.state, &intent.effect) {
        (IntentState::Done, Change::Set) if adopted => HistoryEvent::QuantityAdopted,
        (IntentState::Done, Change::Set) => HistoryEvent::QuantityWritten,
        (IntentState::Done, Change::Create { .. }) => HistoryEvent::AdditionCreated,
        (IntentState::Done, Change::End { .. }) => HistoryEvent::AdditionEnded,
        (IntentState::Done, Change::Resume { .. }) => HistoryEvent::AdditionResumed,
        (IntentState::Parked, _) => HistoryEvent::ChangeParked,
        _ => HistoryEvent::ChangeFailed,
    }
}

/// Whether its line does not propose a change any more, or drift pauses it: what a person approved is not what would be written.
pub(super) fn is_outdated(intent: &Intent, line: &Line) -> bool {
    line.guards.iter().any(|guard| matches!(guard, Guard::Drift { .. })) || !intent.is_proposed_by(line)
}
