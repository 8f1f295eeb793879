//! Where each snapshot is. The documents themselves are in KV, and stay there: retention is unlimited.

use chrono::NaiveDate;
use domain::Timestamp;
use domain::ids::{ConnectionId, PassId};

use super::Database;
use super::row::{Row, params};
use crate::ports::StoreError;

/// Where a snapshot is and what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRow {
    /// The pass that took it; one pass takes one snapshot.
    pub pass: PassId,
    /// The ESET connection.
    pub connection: ConnectionId,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Whether everything was read; none for one taken before this was noted.
    pub complete: Option<bool>,
    /// Its key in KV.
    pub key: String,
    /// SHA-256 of its body.
    pub hash: String,
}

const COLUMNS: &str = "pass, connection, taken_at, complete, key, hash";

fn read(mut row: Row) -> Result<SnapshotRow, StoreError> {
    Ok(SnapshotRow {
        pass: PassId(row.text()?),
        connection: ConnectionId(row.text()?),
        taken_at: row.moment()?,
        complete: row.optional_integer()?.map(|complete| complete != 0),
        key: row.text()?,
        hash: row.text()?,
    })
}

/// Where each snapshot is.
#[derive(Clone, Copy)]
pub struct Snapshots<'a>(pub(super) &'a Database);

impl Snapshots<'_> {
    /// Notes where a snapshot is. What is noted of a pass is not changed again.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note(&self, row: &SnapshotRow) -> Result<(), StoreError> {
        self.0.run(
            "INSERT OR IGNORE INTO snapshots (pass, connection, taken_at, complete, key, hash) VALUES (?, ?, ?, ?, ?, ?)",
            params![
                row.pass.as_str(),
                row.connection.as_str(),
                row.taken_at,
                row.complete.map(i64::from),
                row.key.as_str(),
                row.hash.as_str()
            ],
        )
    }

    /// One snapshot.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, pass: &PassId) -> Result<Option<SnapshotRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM snapshots WHERE pass = ?");
        self.0.first(&sql, params![pass.as_str()])?.map(read).transpose()
    }

    /// Up to `limit` snapshots after number `after`, each with its number.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn after(&self, after: i64, limit: u32) -> Result<Vec<(i64, SnapshotRow)>, StoreError> {
        let sql = format!("SELECT rowid, {COLUMNS} FROM snapshots WHERE rowid > ? ORDER BY rowid LIMIT ?");
        self.0.rows(&sql, params![after, limit])?.map(|mut row| Ok((row.integer()?, read(row)?))).collect()
    }

    /// Notes that a snapshot was written anew, under another key.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn move_to(&self, pass: &PassId, key: &str, hash: &str) -> Result<(), StoreError> {
        self.0.run("UPDATE snapshots SET key = ?, hash = ? WHERE pass = ?", params![key, hash, pass.as_str()])
    }

    /// Up to `limit` snapshots, latest first: of one connection, of the days from `from` to `to` (both included), taken before
    /// `before`; and how many there are.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn page(
        &self,
        connection: Option<&ConnectionId>,
        days: (Option<NaiveDate>, Option<NaiveDate>),
        before: Option<(Timestamp, &str)>,
        limit: u32,
    ) -> Result<(Vec<SnapshotRow>, u32), StoreError> {
        const MATCHES: &str =
            "(?1 IS NULL OR connection = ?1) AND (?2 IS NULL OR taken_at >= ?2) AND (?3 IS NULL OR substr(taken_at, 1, 10) <= ?3)";
        let (moment, pass) = before.unzip();
        let connection = connection.map(|connection| connection.as_str().to_owned());
        let (from, to) = (days.0.map(|day| day.to_string()), days.1.map(|day| day.to_string()));
        let sql = format!(
            "SELECT {COLUMNS} FROM snapshots WHERE {MATCHES} AND (?4 IS NULL OR (taken_at, pass) < (?4, ?5))
             ORDER BY taken_at DESC, pass DESC LIMIT ?6"
        );
        let found = self.0.rows(&sql, params![connection.clone(), from.clone(), to.clone(), moment, pass.unwrap_or_default(), limit])?;
        let found = found.map(read).collect::<Result<_, _>>()?;
        let total = self.0.number(&format!("SELECT count(*) FROM snapshots WHERE {MATCHES}"), params![connection, from, to])?;
        Ok((found, u32::try_from(total).unwrap_or(u32::MAX)))
    }
}
