//! Detections: how far a console's were read, which are known, and which wait to be taken into a case.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::ids::{ConnectionId, TicketRuleId};
use domain::tickets::Severity;
use serde::{Deserialize, Serialize};

use super::super::Database;
use super::super::row::{json, params};
use crate::ports::StoreError;

/// How far a console's detections were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The token that asks for what was reported since; none where ESET gives none.
    pub token: Option<String>,
    /// When they were last read to the end.
    pub read_at: Timestamp,
    /// When they were last read by the time they happened.
    pub looked_back_at: Timestamp,
}

/// Something that was detected, as a ticket tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is.
    pub name: String,
    /// How severe it is, where ESET says so.
    pub severity: Option<Severity>,
    /// The file or address it was found in.
    pub object: String,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
}

/// What was detected on a device and is one entry of its case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// How much.
    pub count: u32,
    /// What was read last.
    pub newest: Finding,
}

/// Detections: how far a console's were read, which are known, and which wait for their case.
#[derive(Clone, Copy)]
pub struct Detections<'a>(pub(in super::super) &'a Database);

impl Detections<'_> {
    /// How far a console's detections were read; none when they never were.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn feed(&self, connection: &ConnectionId) -> Result<Option<Feed>, StoreError> {
        let sql = "SELECT token, read_at, looked_back_at FROM detection_feeds WHERE connection = ?";
        let row = self.0.first(sql, params![connection.as_str()])?;
        row.map(|mut row| Ok(Feed { token: row.optional_text()?, read_at: row.moment()?, looked_back_at: row.moment()? })).transpose()
    }

    /// Notes how far they were read, and forgets those that are never listed again: what happened and was read before `forget`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep_feed(&self, connection: &ConnectionId, feed: &Feed, forget: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "INSERT OR REPLACE INTO detection_feeds (connection, token, read_at, looked_back_at) VALUES (?, ?, ?, ?)",
            params![connection.as_str(), feed.token.as_deref(), feed.read_at, feed.looked_back_at],
        )?;
        self.0.run("DELETE FROM detections WHERE connection = ? AND last < ?", params![connection.as_str(), forget])
    }

    /// Whether a detection was read before.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn knows(&self, connection: &ConnectionId, id: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM detections WHERE connection = ? AND id = ?";
        Ok(self.0.first(sql, params![connection.as_str(), id])?.is_some())
    }

    /// Keeps that a detection was read, until `last` is long gone.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn know(&self, connection: &ConnectionId, id: &str, last: Timestamp) -> Result<(), StoreError> {
        self.0.run("INSERT OR IGNORE INTO detections (connection, id, last) VALUES (?, ?, ?)", params![connection.as_str(), id, last])
    }

    /// Lets a detection wait until a rule takes it into the case of its device.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn let_wait(&self, rule: &TicketRuleId, id: &str, subject: &str, finding: &Finding) -> Result<(), StoreError> {
        self.0.run(
            "INSERT OR IGNORE INTO findings (rule, id, subject, body) VALUES (?, ?, ?, ?)",
            params![rule.as_str(), id, subject, json(finding)?],
        )
    }

    /// What waits for a rule, by device.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn waiting(&self, rule: &TicketRuleId) -> Result<BTreeMap<String, Findings>, StoreError> {
        // Of the row with the greatest number SQLite answers the other columns too.
        let sql = "SELECT subject, count(*), body, max(rowid) FROM findings WHERE rule = ? GROUP BY subject ORDER BY subject";
        let rows = self
            .0
            .gather(sql, params![rule.as_str()], |mut row| Ok((row.text()?, Findings { count: row.count()?, newest: row.json()? })))?;
        Ok(rows.into_iter().collect())
    }

    /// Forgets what waited for a rule on a device, which is in its case now.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget_waiting(&self, rule: &TicketRuleId, subject: &str) -> Result<(), StoreError> {
        self.0.run("DELETE FROM findings WHERE rule = ? AND subject = ?", params![rule.as_str(), subject])
    }

    /// Whether something is being done about a case, or waits for a person.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn is_held(&self, rule: &TicketRuleId, subject: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM ticket_intents AS own WHERE own.rule = ?1 AND own.subject = ?2 AND own.held = 1
             UNION ALL SELECT 1 FROM cases JOIN ticket_intents AS summary ON summary.id = cases.told
                 WHERE cases.rule = ?1 AND cases.subject = ?2 AND summary.held = 1 LIMIT 1";
        Ok(self.0.first(sql, params![rule.as_str(), subject])?.is_some())
    }
}
