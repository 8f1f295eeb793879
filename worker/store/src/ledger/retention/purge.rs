//! What was read through a deleted connection, and its removal.

use domain::Timestamp;
use domain::ids::ConnectionId;

use super::Retained;
use crate::ledger::row::params;
use crate::ports::StoreError;

/// A connection that was deleted and of which something may be left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedConnection {
    /// Its id.
    pub id: ConnectionId,
    /// Its name.
    pub name: String,
    /// When it was deleted.
    pub deleted_at: Timestamp,
}

/// Tables of what is known through a connection: each with SQL of its rows, and the column that tells them apart. What was approved,
/// written, closed and told stands in others, which stay.
const TABLES: &[(&str, &str, &str)] = &[
    ("known_mappings", "(connection = ?1 OR psa = ?1)", "rowid"),
    ("known_products", "psa = ?1", "rowid"),
    ("track_records", "(connection = ?1 OR psa = ?1)", "rowid"),
    ("new_companies", "connection = ?1", "rowid"),
    ("additions", "psa = ?1", "rowid"),
    ("tickets_off", "connection = ?1", "rowid"),
    ("detections", "connection = ?1", "id"),
    ("detection_feeds", "connection = ?1", "rowid"),
    ("passes", "(connection = ?1 AND ended_at IS NOT NULL)", "rowid"),
    ("drift", "(state != 'open' AND instr(body, ?1) > 0)", "rowid"),
];

/// SQL of the cases of a connection's rules in which a device is still named and nothing is open.
const NAMED_CASES: &str = "FROM cases WHERE rule IN (SELECT id FROM ticket_rules WHERE connection = ?1) AND open_ticket IS NULL
    AND (name != subject OR traits IS NOT NULL OR findings IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM ticket_intents i WHERE i.rule = cases.rule AND i.subject = cases.subject
        AND i.state IN ('planned', 'inflight', 'unknown', 'parked'))";

impl Retained<'_> {
    /// Deleted connections of which something may be left, those deleted first first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn deleted_connections(&self) -> Result<Vec<DeletedConnection>, StoreError> {
        let sql = "SELECT id, name, deleted_at FROM connections WHERE deleted_at IS NOT NULL AND purged_at IS NULL ORDER BY deleted_at, id";
        let rows = self.0.rows(sql, &[])?;
        rows.map(|mut row| Ok(DeletedConnection { id: ConnectionId(row.text()?), name: row.text()?, deleted_at: row.moment()? })).collect()
    }

    /// Removes up to `limit` rows of what is known through a deleted connection, and takes the names of devices out of its cases: what
    /// numbers a case's tickets stays. Returns how many rows went.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn purge(&self, id: &ConnectionId, limit: u32) -> Result<u32, StoreError> {
        let mut left = limit;
        for (table, ours, key) in TABLES {
            let there = self.count(&format!("SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {ours} LIMIT ?2)"), id, left)?;
            let some = format!("SELECT {key} FROM {table} WHERE {ours} LIMIT ?2");
            self.0.run(&format!("DELETE FROM {table} WHERE {ours} AND {key} IN ({some})"), params![id.as_str(), left])?;
            left -= there;
        }
        let named = self.count(&format!("SELECT count(*) FROM (SELECT 1 {NAMED_CASES} LIMIT ?2)"), id, left)?;
        let sql = format!(
            "UPDATE cases SET name = subject, traits = NULL, findings = NULL
             WHERE (rule, subject) IN (SELECT rule, subject {NAMED_CASES} LIMIT ?2)"
        );
        self.0.run(&sql, params![id.as_str(), left])?;
        Ok(limit - left + named)
    }

    /// Notes that nothing is left that was read through a deleted connection, unless a month still holds a snapshot of it. Its name stays,
    /// by which the history calls it. Returns whether nothing is left.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_purged(&self, id: &ConnectionId, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT (SELECT count(*) FROM snapshots WHERE connection = ?1)
                       + (SELECT count(*) FROM document_copies WHERE instr(name, ?1) > 0) LIMIT ?2";
        if self.count(sql, id, 1)? > 0 {
            return Ok(false);
        }
        self.0.run(
            "UPDATE connections SET purged_at = ?, address = '', identity = '', last_test = NULL, failure = NULL WHERE id = ?",
            params![now, id.as_str()],
        )?;
        Ok(true)
    }

    fn count(&self, sql: &str, id: &ConnectionId, limit: u32) -> Result<u32, StoreError> {
        Ok(u32::try_from(self.0.number(sql, params![id.as_str(), limit])?).unwrap_or(u32::MAX))
    }
}
