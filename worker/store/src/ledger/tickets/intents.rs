//! Intents on tickets: the names they are told by, and what is asked of them alone.

use domain::access::Visibility;
use domain::ids::{ConnectionId, DeviceGroupId, IntentId, TicketRuleId};
use engine::tickets::TicketIntent;
use serde::{Deserialize, Serialize};

use super::super::intent_store::{Intents, OPEN, PlannedOf, Stored, Table};
use super::super::people::access_groups::sees_device_group;
use super::super::row::params;
use crate::ports::{SqlValue, StoreError};

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

/// An intent on a ticket as stored.
pub type TicketIntentRow = PlannedOf<TicketIntent>;

impl Stored for TicketIntent {
    type Labels = TicketLabels;

    const TABLE: Table = Table {
        name: "ticket_intents",
        planned_at: "planned_at",
        then: "rowid",
        psa: "psa",
        ready: "put_off = 0",
        own: &["rule", "subject", "psa", "creates", "held"],
    };

    fn id(&self) -> &IntentId {
        &self.id
    }

    fn own(&self) -> Vec<SqlValue> {
        let (creates, held) = (u32::from(self.action.creates()), u32::from(self.holds_case()));
        params![self.rule.as_str(), &self.subject, self.target.psa.as_str(), creates, held].to_vec()
    }
}

/// Intents of a rule that are not over and open a ticket, new or again.
const OPENING: &str =
    "rule = ? AND (creates = 1 OR json_extract(body, '$.deed') = 'reopen') AND state IN ('planned', 'inflight', 'unknown')";

/// Intents on tickets: what was decided, and how far each has come.
pub type TicketIntents<'a> = Intents<'a, TicketIntent>;

impl TicketIntents<'_> {
    /// Forgets an intent that was never begun, and that a summary tells of anything.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget(&self, id: &IntentId) -> Result<(), StoreError> {
        self.database.run("UPDATE cases SET told = NULL, told_entry = NULL WHERE told = ?", params![id.as_str()])?;
        self.database.run("DELETE FROM ticket_intents WHERE id = ?", params![id.as_str()])
    }

    /// Lets an intent wait until [`TicketIntents::take_up`], because its rule is off, paused or muted.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn put_off(&self, id: &IntentId) -> Result<(), StoreError> {
        self.database.run("UPDATE ticket_intents SET put_off = 1 WHERE id = ?", params![id.as_str()])
    }

    /// Lets the intents of a rule that were put off be claimed again.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn take_up(&self, rule: &TicketRuleId) -> Result<(), StoreError> {
        self.database.run("UPDATE ticket_intents SET put_off = 0 WHERE rule = ? AND put_off = 1", params![rule.as_str()])
    }

    /// One intent, if a scope sees the one company it is about.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, id: &IntentId, scope: &Visibility) -> Result<Option<TicketIntentRow>, StoreError> {
        let console = "(SELECT connection FROM ticket_rules WHERE id = ticket_intents.rule)";
        let seen = sees_device_group(2, console, "json_extract(ticket_intents.labels, '$.group')");
        Ok(self.rows(&format!("id = ?1 AND {seen}"), "", params![id.as_str(), scope])?.pop())
    }

    /// Intents that are over and still hold their cases, because a ticket of theirs may turn up in a connection.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn held_through(&self, psa: &ConnectionId) -> Result<Vec<TicketIntentRow>, StoreError> {
        self.rows(&format!("psa = ? AND held = 1 AND NOT {OPEN}"), "", params![psa.as_str()])
    }

    /// Intents of a rule that are not over.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn open_of(&self, rule: &TicketRuleId) -> Result<Vec<TicketIntentRow>, StoreError> {
        self.rows(&format!("rule = ? AND {OPEN}"), "", params![rule.as_str()])
    }

    /// How many tickets a rule is still to open or to open again, without those that were put off.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn openings_of(&self, rule: &TicketRuleId) -> Result<u32, StoreError> {
        let sql = format!("SELECT count(*) FROM ticket_intents INDEXED BY ticket_intents_by_state WHERE {OPENING} AND put_off = 0");
        Ok(u32::try_from(self.database.number(&sql, params![rule.as_str()])?).unwrap_or(u32::MAX))
    }

    /// Those of them that were put off.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn openings_put_off(&self, rule: &TicketRuleId) -> Result<Vec<TicketIntentRow>, StoreError> {
        let put_off = format!("INDEXED BY ticket_intents_put_off WHERE {OPENING} AND put_off = 1");
        self.select(&put_off, params![rule.as_str()])
    }
}
