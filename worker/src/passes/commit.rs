//! Committing: approved changes, carried through the engine one call at a time.

use futures::stream::{self, StreamExt};
use shared::Timestamp;
use shared::access::Scope;
use shared::billing::{Guard, Line};
use shared::engine::{Command, Effect, Event, Intent, IntentState, WriteAnswer, step};
use shared::history::HistoryEvent;
use shared::ids::{ConnectionId, LineId};
use shared::mapping::Mappings;
use shared::planted;
use std::collections::BTreeMap;

use super::approvals::AUTOMATIC;
use super::{ABREAST, REPLAN};
use crate::egress::Outbound;
use crate::ledger::{IntentRow, NewAudit};
use crate::ports::StoreError;
use crate::tenant::{Tenant, Trouble};
use crate::vendors::connectwise::Connectwise;

/// Calls one change takes: the check and the reading back, each with its agreement, and the write, twice when the description
/// is not taken.
const CALLS_A_CHANGE: u32 = 6;
/// Changes taken up at once.
const BATCH: u32 = 16;

impl Tenant {
    /// Finds changes that were claimed by a run that is gone, and has the engine decide about each. Only one ring works at a
    /// time, so whatever is claimed when a ring begins has lost its run.
    pub(super) fn recover(&self, now: Timestamp) -> Result<(), Trouble> {
        for row in self.ledger.intents_in(IntentState::Inflight)? {
            if planted!("no_recovery") {
                break;
            }
            let mut intent = row.intent.clone();
            step(&mut intent, Event::Restarted, now, &self.config.engine);
            self.ledger.move_intent(&row.intent, &intent, now)?;
            log::warn!("intent {} was left {:?} by a run that is gone; it is {:?} now", intent.id, row.intent.stage, intent.state);
        }
        Ok(())
    }

    /// Takes up changes that may be claimed, as many as the budget allows. Answers whether there were any.
    pub(super) async fn commit_due(&self, outbound: &Outbound) -> Result<bool, Trouble> {
        let affordable = (outbound.left() / CALLS_A_CHANGE).min(BATCH);
        let mut due = if affordable == 0 { Vec::new() } else { self.ledger.claimable(self.now(), affordable)? };
        // What is not begun waits for the plan that follows the mappings: its company may just have been excluded.
        if !self.approvals().lines_follow_mappings()? {
            due.retain(|row| row.intent.state != IntentState::Planned);
        }
        if due.is_empty() {
            return Ok(false);
        }
        let mut running = stream::iter(due).map(|row| self.commit(row, outbound)).buffer_unordered(ABREAST);
        while let Some(result) = running.next().await {
            result?;
        }
        self.ledger.keep_moment(REPLAN, Some(self.now()))?;
        Ok(true)
    }

    /// Carries one change on until it is over or has to wait. Each step is stored before the call it asks for; a step that
    /// finds the stored intent moved by someone else stops at once.
    async fn commit(&self, row: IntentRow, outbound: &Outbound) -> Result<(), Trouble> {
        let Some(connection) = self.ledger.connection(&row.intent.psa)? else {
            return self.abandon(&row, "The ConnectWise connection was deleted.");
        };
        let period = row.intent.period;
        if row.intent.state == IntentState::Planned && row.intent.writes_into(period) && self.ledger.closed(period)?.is_some() {
            return self.abandon(&row, "Its month was closed before it was begun.");
        }
        if !self.is_wanted(&row.intent)? {
            return self.abandon(&row, "Its line is not in the month any more.");
        }
        // Credentials that cannot be opened are a read that fails: they must not keep other changes from being made.
        let client = match self.connectwise(&connection, outbound) {
            Err(Trouble::Store(error)) => return Err(error.into()),
            other => other.map_err(|trouble| trouble.to_string()),
        };
        let mut intent = row.intent.clone();
        let mut event = Event::Claim;
        loop {
            let before = intent.clone();
            let now = self.now();
            let commands = step(&mut intent, event, now, &self.config.engine);
            if !self.ledger.move_intent(&before, &intent, now)? {
                return Ok(());
            }
            event = match commands.first() {
                Some(Command::Read) => read(client.as_ref(), &intent).await,
                Some(Command::Write(write)) => Event::Wrote(match &client {
                    Ok(client) => client.write(intent.agreement, intent.addition, write).await,
                    Err(words) => WriteAnswer::Refused { words: words.clone() },
                }),
                Some(Command::Settled) => return self.settle(&row, &intent, now),
                Some(Command::WakeAt(_)) | None => break,
            };
            if let Event::Wrote(WriteAnswer::Lost { words }) = &event {
                log::warn!("the answer to intent {} was lost: {words}", intent.id);
            }
        }
        self.ledger.restate_line(&intent.line)?;
        Ok(())
    }

    /// Writes down what came of a change: the history, what we wrote, and where its line stands.
    fn settle(&self, row: &IntentRow, intent: &Intent, now: Timestamp) -> Result<(), Trouble> {
        let outcome = intent.outcome.as_ref();
        if intent.state == IntentState::Done
            && let (Some(addition), Some(version)) = (intent.addition, outcome.and_then(|outcome| outcome.version.as_deref()))
        {
            self.ledger.note_written(intent, addition, version, now)?;
            self.note_proof(row, intent)?;
        }
        let adopted = outcome.is_some_and(|outcome| outcome.adopted);
        let event = match (intent.state, &intent.effect) {
            (IntentState::Done, Effect::Set) if adopted => HistoryEvent::QuantityAdopted,
            (IntentState::Done, Effect::Set) => HistoryEvent::QuantityWritten,
            (IntentState::Done, Effect::Create { .. }) => HistoryEvent::AdditionCreated,
            (IntentState::Done, Effect::End { .. }) => HistoryEvent::AdditionEnded,
            (IntentState::Done, Effect::Resume { .. }) => HistoryEvent::AdditionResumed,
            (IntentState::Parked, _) => HistoryEvent::ChangeParked,
            _ => HistoryEvent::ChangeFailed,
        };
        let audit = NewAudit {
            by: &row.labels.approved_by,
            subject: row.labels.subject(),
            before: Some(intent.from.to_string()),
            after: outcome.and_then(|outcome| outcome.found).map(|found| found.to_string()),
            detail: outcome.map(|outcome| outcome.words.clone()),
            ..NewAudit::of(event)
        }
        .of_intent(intent);
        self.ledger.audit(audit, now)?;
        self.ledger.restate_line(&intent.line)?;
        Ok(())
    }

    /// A change that a person approved and that was written shows that its mappings do right; one taken back shows it no more.
    fn note_proof(&self, row: &IntentRow, intent: &Intent) -> Result<(), StoreError> {
        if let Some(reversed) = &intent.reverses {
            return self.ledger.take_proof_back(reversed);
        }
        let adopted = intent.outcome.as_ref().is_none_or(|outcome| outcome.adopted);
        if adopted || row.labels.approved_by == AUTOMATIC {
            return Ok(());
        }
        row.labels.mappings.iter().try_for_each(|mapping| self.ledger.note_proven(mapping, &intent.id, row.approved_at))
    }

    /// Ends every open change of a connection. A run that is at one of them finds it moved and stops before its next call.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn abandon_changes_of(&self, psa: &ConnectionId, words: &str) -> Result<(), Trouble> {
        for row in self.ledger.open_intents_of(psa)? {
            self.abandon(&row, words)?;
        }
        self.abandon_tickets_of(psa, words)
    }

    /// Changes that wait for a day to come, by line.
    pub(super) fn waiting_changes(&self, now: Timestamp) -> Result<BTreeMap<LineId, Vec<IntentRow>>, StoreError> {
        let mut waiting: BTreeMap<LineId, Vec<IntentRow>> = BTreeMap::new();
        for row in self.ledger.intents_in(IntentState::Planned)?.into_iter().filter(|row| row.intent.is_waiting(now)) {
            waiting.entry(row.intent.line.clone()).or_default().push(row);
        }
        Ok(waiting)
    }

    /// Ends approved changes that nothing was sent for yet, of agreements and products that a company or product is not billed
    /// on any more: what was approved counted it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn abandon_unsent(&self, before: &Mappings, after: &Mappings) -> Result<(), Trouble> {
        let (agreements, products) = (before.agreements_left(after), before.products_left(after));
        if agreements.is_empty() && products.is_empty() || planted!("excluded_kept") {
            return Ok(());
        }
        for row in self.ledger.open_intents()? {
            let intent = &row.intent;
            let product = self.ledger.line(&intent.line, &Scope::Everything)?.and_then(|row| row.line.product.catalog);
            let left = agreements.contains(&(intent.psa.clone(), intent.agreement))
                || product.is_some_and(|product| products.contains(&(intent.psa.clone(), product)));
            if left && intent.reverses.is_none() && intent.is_unsent() {
                self.abandon(&row, "Its mapping was changed after it was approved.")?;
            }
        }
        Ok(())
    }

    /// Ends the change of a line that waits for a day to come. Answers whether there was one.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn withdraw_waiting(&self, line: &LineId, words: &str) -> Result<bool, Trouble> {
        let Some(row) = self.ledger.latest_intent(line)?.filter(|row| row.intent.is_waiting(self.now())) else { return Ok(false) };
        self.abandon(&row, words)?;
        Ok(true)
    }

    /// Whether the line of an approved change is still billed. One that takes another back does not ask for it.
    fn is_wanted(&self, intent: &Intent) -> Result<bool, Trouble> {
        let sent = intent.state != IntentState::Planned || intent.reverses.is_some() || planted!("excluded_kept");
        Ok(sent || self.ledger.line(&intent.line, &Scope::Everything)?.is_some())
    }

    pub(super) fn abandon(&self, row: &IntentRow, words: &str) -> Result<(), Trouble> {
        let now = self.now();
        let mut intent = row.intent.clone();
        intent.abandon(words, now);
        if self.ledger.move_intent(&row.intent, &intent, now)? {
            self.settle(row, &intent, now)?;
        }
        Ok(())
    }
}

/// Whether its line does not propose a change any more, or drift pauses it: what a person approved is not what would be written.
pub(super) fn is_outdated(intent: &Intent, line: &Line) -> bool {
    line.guards.iter().any(|guard| matches!(guard, Guard::Drift { .. })) || !intent.is_proposed_by(line)
}

async fn read(client: Result<&Connectwise, &String>, intent: &Intent) -> Event {
    let client = match client {
        Ok(client) => client,
        Err(words) => return Event::ReadFailed { words: words.clone() },
    };
    match client.observe(intent).await {
        Ok(observed) => Event::Read(observed),
        Err(error) => Event::ReadFailed { words: error.words() },
    }
}
