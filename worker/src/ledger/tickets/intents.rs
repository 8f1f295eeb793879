//! Intents on tickets: what was decided, and how far it has come.

use serde::{Deserialize, Serialize};
use shared::Timestamp;
use shared::access::Scope;
use shared::engine::IntentState;
use shared::engine::tickets::TicketIntent;
use shared::ids::{ConnectionId, DeviceGroupId, IntentId, TicketRuleId};
use shared::planted;

use super::super::Ledger;
use super::super::access_groups::sees_device_group;
use super::super::row::{Row, json, params, word};
use crate::ports::StoreError;

/// The names an intent is told by, kept as they were when it was planned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketLabels {
    /// The rule.
    pub rule: String,
    /// The device, or how many.
    pub device: String,
    /// Its company as ESET calls it.
    pub company: String,
    /// The group that stands for its company, when it is about one company.
    #[serde(default)]
    pub group: Option<DeviceGroupId>,
}

/// An intent as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketIntentRow {
    /// The intent.
    pub intent: TicketIntent,
    /// Its names.
    pub labels: TicketLabels,
    /// When it was planned.
    pub planned_at: Timestamp,
}

const COLUMNS: &str = "body, labels, planned_at";

/// Intents of a rule that are not over and open a ticket, new or again.
const OPENING: &str =
    "rule = ? AND (creates = 1 OR json_extract(body, '$.deed') = 'reopen') AND state IN ('planned', 'inflight', 'unknown')";

fn read(mut row: Row) -> Result<TicketIntentRow, StoreError> {
    Ok(TicketIntentRow { intent: row.json()?, labels: row.json()?, planned_at: row.moment()? })
}

impl Ledger {
    /// Plans an intent. The same intent a second time changes nothing. Answers whether it is new.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn plan_ticket(&self, intent: &TicketIntent, labels: &TicketLabels, now: Timestamp) -> Result<bool, StoreError> {
        if self.has_ticket_intent(&intent.id)? {
            return Ok(false);
        }
        self.run(
            "INSERT OR IGNORE INTO ticket_intents
                 (id, rule, subject, psa, creates, state, held, not_before, body, labels, planned_at, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                intent.id.as_str(),
                intent.rule.as_str(),
                &intent.subject,
                intent.target.psa.as_str(),
                u32::from(intent.deed.creates()),
                word(&intent.state),
                u32::from(intent.holds_case()),
                intent.not_before,
                json(intent)?,
                json(labels)?,
                now,
                now
            ],
        )?;
        Ok(true)
    }

    /// Whether there is an intent with this id.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn has_ticket_intent(&self, id: &IntentId) -> Result<bool, StoreError> {
        Ok(self.first("SELECT 1 FROM ticket_intents WHERE id = ?", params![id.as_str()])?.is_some())
    }

    /// Stores an intent, provided its stored epoch, state and stage are still `before`'s: whoever claimed it meanwhile keeps it.
    /// Answers whether it was stored.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn move_ticket(&self, before: &TicketIntent, after: &TicketIntent, now: Timestamp) -> Result<bool, StoreError> {
        let Some(TicketIntentRow { intent: stored, .. }) = self.ticket_intent(&before.id, &Scope::Everything)? else { return Ok(false) };
        let moved = (stored.epoch, stored.state, stored.stage) != (before.epoch, before.state, before.stage);
        if moved && !planted!("ticket_no_claim") {
            return Ok(false);
        }
        self.run(
            "UPDATE ticket_intents SET psa = ?, state = ?, held = ?, not_before = ?, body = ?, updated_at = ? WHERE id = ?",
            params![
                after.target.psa.as_str(),
                word(&after.state),
                u32::from(after.holds_case()),
                after.not_before,
                json(after)?,
                now,
                after.id.as_str()
            ],
        )?;
        Ok(true)
    }

    /// Forgets an intent that was never begun, and that a summary tells of anything.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget_ticket_intent(&self, id: &IntentId) -> Result<(), StoreError> {
        self.run("UPDATE cases SET told = NULL, told_entry = NULL WHERE told = ?", params![id.as_str()])?;
        self.run("DELETE FROM ticket_intents WHERE id = ?", params![id.as_str()])
    }

    /// Lets an intent wait until [`Ledger::take_up_tickets`], because its rule is off, paused or kept quiet.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn put_ticket_off(&self, id: &IntentId) -> Result<(), StoreError> {
        self.run("UPDATE ticket_intents SET put_off = 1 WHERE id = ?", params![id.as_str()])
    }

    /// Lets the intents of a rule that were put off be claimed again.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn take_up_tickets(&self, rule: &TicketRuleId) -> Result<(), StoreError> {
        self.run("UPDATE ticket_intents SET put_off = 0 WHERE rule = ? AND put_off = 1", params![rule.as_str()])
    }

    /// One intent, if a scope sees the one company it is about.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn ticket_intent(&self, id: &IntentId, scope: &Scope) -> Result<Option<TicketIntentRow>, StoreError> {
        let console = "(SELECT connection FROM ticket_rules WHERE id = ticket_intents.rule)";
        let seen = sees_device_group(2, console, "json_extract(ticket_intents.labels, '$.group')");
        let sql = format!("SELECT {COLUMNS} FROM ticket_intents WHERE id = ?1 AND {seen}");
        self.first(&sql, params![id.as_str(), scope])?.map(read).transpose()
    }

    /// Up to `limit` intents that may be claimed at `now`, the first planned ones first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn claimable_tickets(&self, now: Timestamp, limit: u32) -> Result<Vec<TicketIntentRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM ticket_intents
             WHERE state IN ('planned', 'unknown') AND put_off = 0 AND (not_before IS NULL OR not_before <= ?)
             ORDER BY planned_at, rowid LIMIT ?"
        );
        self.rows(&sql, params![now, limit])?.map(read).collect()
    }

    /// When the next intent may be claimed; none when nothing waits.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn next_ticket_claim(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(coalesce(not_before, planned_at)) FROM ticket_intents
             WHERE state IN ('planned', 'unknown') AND put_off = 0";
        self.first(sql, &[])?.map_or(Ok(None), |mut row| row.optional_moment())
    }

    /// Intents in a state, the first planned ones first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn tickets_in(&self, state: IntentState) -> Result<Vec<TicketIntentRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM ticket_intents WHERE state = ? ORDER BY planned_at, rowid");
        self.rows(&sql, params![word(&state)])?.map(read).collect()
    }

    /// Intents that are not over and would write through a connection.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn open_tickets_through(&self, psa: &ConnectionId) -> Result<Vec<TicketIntentRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM ticket_intents WHERE psa = ? AND state IN ('planned', 'inflight', 'unknown')");
        self.rows(&sql, params![psa.as_str()])?.map(read).collect()
    }

    /// Intents that are over and still hold their cases, because a ticket of theirs may turn up in a connection.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn held_tickets_through(&self, psa: &ConnectionId) -> Result<Vec<TicketIntentRow>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM ticket_intents WHERE psa = ? AND held = 1 AND state NOT IN ('planned', 'inflight', 'unknown')");
        self.rows(&sql, params![psa.as_str()])?.map(read).collect()
    }

    /// Intents of a rule that are not over.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn open_tickets_of(&self, rule: &TicketRuleId) -> Result<Vec<TicketIntentRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM ticket_intents WHERE rule = ? AND state IN ('planned', 'inflight', 'unknown')");
        self.rows(&sql, params![rule.as_str()])?.map(read).collect()
    }

    /// How many tickets a rule is still to open or to open again, without those that were put off.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn openings_of(&self, rule: &TicketRuleId) -> Result<u32, StoreError> {
        let sql = format!("SELECT count(*) FROM ticket_intents INDEXED BY ticket_intents_by_state WHERE {OPENING} AND put_off = 0");
        Ok(u32::try_from(self.number(&sql, params![rule.as_str()])?).unwrap_or(u32::MAX))
    }

    /// Those of them that were put off.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn openings_put_off(&self, rule: &TicketRuleId) -> Result<Vec<TicketIntentRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM ticket_intents INDEXED BY ticket_intents_put_off WHERE {OPENING} AND put_off = 1");
        self.rows(&sql, params![rule.as_str()])?.map(read).collect()
    }
}
