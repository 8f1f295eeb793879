//! Passes, their cursors, and what they have read so far.

use contract::passes::{PassKind, PassState};
use domain::Timestamp;
use domain::ids::{ConnectionId, PassId};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Database;
use super::row::{Row, json, params, word};
use crate::ports::{SqlValue, StoreError};

/// A pass as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassRow {
    /// Its id.
    pub id: PassId,
    /// What it does.
    pub kind: PassKind,
    /// The connection it reads.
    pub connection: Option<ConnectionId>,
    /// Where it stands.
    pub state: PassState,
    /// Who or what started it.
    pub started_by: String,
    /// When it was asked for.
    pub queued_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Where to go on, as JSON.
    pub cursor: Option<String>,
    /// What it is doing, in words.
    pub step: String,
    /// Things done in this step.
    pub done: u32,
    /// Things to do in this step.
    pub total: Option<u32>,
    /// Calls made.
    pub calls: u32,
    /// What came of it.
    pub result: Option<String>,
    /// What went wrong.
    pub troubles: Vec<String>,
}

/// Progress of a pass, stored between two calls so that a crash goes on from there.
#[derive(Debug, Clone)]
pub struct PassChange<'a, C> {
    /// Where to go on.
    pub cursor: &'a C,
    /// What it is doing.
    pub step: &'a str,
    /// Things done in this step.
    pub done: u32,
    /// Things to do in this step.
    pub total: Option<u32>,
    /// Calls made since the last change.
    pub calls: u32,
}

const COLUMNS: &str = "id, kind, connection, state, started_by, queued_at, started_at, ended_at, cursor, step, done, total, \
                       calls, result, troubles";

fn read(mut row: Row) -> Result<PassRow, StoreError> {
    Ok(PassRow {
        id: PassId(row.text()?),
        kind: row.word()?,
        connection: row.optional_text()?.map(ConnectionId),
        state: row.word()?,
        started_by: row.text()?,
        queued_at: row.moment()?,
        started_at: row.optional_moment()?,
        ended_at: row.optional_moment()?,
        cursor: row.optional_text()?,
        step: row.text()?,
        done: row.count()?,
        total: row.optional_integer()?.and_then(|number| u32::try_from(number).ok()),
        calls: row.count()?,
        result: row.optional_text()?,
        troubles: row.json()?,
    })
}

/// Passes, their cursors, and what they have read so far.
#[derive(Clone, Copy)]
pub struct Passes<'a>(pub(super) &'a Database);

impl Passes<'_> {
    /// Queues a pass, unless one of its kind and connection is open already. Answers the open one either way.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn queue(
        &self,
        id: &PassId,
        kind: PassKind,
        connection: Option<&ConnectionId>,
        by: &str,
        now: Timestamp,
    ) -> Result<PassRow, StoreError> {
        self.0.run(
            "INSERT OR IGNORE INTO passes (id, kind, connection, state, started_by, queued_at, step, done, calls, troubles)
             VALUES (?, ?, ?, 'queued', ?, ?, 'Waiting', 0, 0, '[]')",
            params![id.as_str(), word(&kind), connection.map(ConnectionId::as_str), by, now],
        )?;
        let sql = format!("SELECT {COLUMNS} FROM passes WHERE kind = ? AND coalesce(connection, '') = ? AND ended_at IS NULL");
        let row = self.0.first(&sql, params![word(&kind), connection.map_or("", ConnectionId::as_str)])?;
        row.map_or_else(|| Err(StoreError("a queued pass is not there".to_owned())), read)
    }

    /// Passes that have not ended: device groups and tickets first, which are short and wait for nobody, then those that read ESET,
    /// then ConnectWise, then billing.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn open(&self) -> Result<Vec<PassRow>, StoreError> {
        let order = "CASE kind WHEN 'groups' THEN 0 WHEN 'tickets' THEN 1 WHEN 'sync' THEN 2 WHEN 'read' THEN 3 ELSE 4 END";
        let sql = format!("SELECT {COLUMNS} FROM passes WHERE ended_at IS NULL ORDER BY {order}, queued_at, id");
        self.0.rows(&sql, &[])?.map(read).collect()
    }

    /// One pass.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, id: &PassId) -> Result<Option<PassRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM passes WHERE id = ?");
        self.0.first(&sql, params![id.as_str()])?.map(read).transpose()
    }

    /// Up to `limit` passes, latest first, queued before `before` when it is given.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn page(&self, before: Option<(Timestamp, &str)>, limit: u32) -> Result<Vec<PassRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM passes WHERE ?1 IS NULL OR (queued_at, id) < (?1, ?2) ORDER BY queued_at DESC, id DESC LIMIT ?3"
        );
        let (moment, id) = before.unzip();
        self.0.rows(&sql, &[moment.into(), SqlValue::from(id.unwrap_or_default()), limit.into()])?.map(read).collect()
    }

    /// How many passes are kept.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn count(&self) -> Result<u32, StoreError> {
        self.0.first("SELECT count(*) FROM passes", &[])?.map_or(Ok(0), |mut row| row.count())
    }

    /// When the latest finished pass of a kind over a connection began.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn last_finished(&self, kind: PassKind, connection: Option<&ConnectionId>) -> Result<Option<Timestamp>, StoreError> {
        let row = self.0.first(
            "SELECT max(started_at) FROM passes WHERE kind = ? AND coalesce(connection, '') = ? AND state IN ('done', 'partial')",
            params![word(&kind), connection.map_or("", ConnectionId::as_str)],
        )?;
        row.map_or(Ok(None), |mut row| row.optional_moment())
    }

    /// How many passes of a kind over a connection have read not all since one did, and when the latest of them ended.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn partial_in_a_row(&self, kind: PassKind, connection: &ConnectionId) -> Result<Option<(u32, Timestamp)>, StoreError> {
        let row = self.0.first(
            "SELECT count(*), max(ended_at) FROM passes WHERE kind = ?1 AND connection = ?2 AND state = 'partial' AND ended_at >
                 coalesce((SELECT max(ended_at) FROM passes WHERE kind = ?1 AND connection = ?2 AND state = 'done'), '')",
            params![word(&kind), connection.as_str()],
        )?;
        let Some(mut row) = row else { return Ok(None) };
        let count = row.count()?;
        Ok(row.optional_moment()?.map(|ended| (count, ended)))
    }

    /// Stores a pass' progress.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn advance<C: Serialize>(&self, id: &PassId, change: &PassChange<'_, C>, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "UPDATE passes SET state = 'running', started_at = coalesce(started_at, ?), cursor = ?, step = ?, done = ?, total = ?,
                 calls = calls + ? WHERE id = ? AND ended_at IS NULL",
            params![now, json(change.cursor)?, change.step, change.done, change.total, change.calls, id.as_str()],
        )
    }

    /// Notes something that went wrong in a pass; the first 20 are kept.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_trouble(&self, id: &PassId, words: &str) -> Result<(), StoreError> {
        let Some(mut pass) = self.find(id)? else { return Ok(()) };
        if pass.troubles.len() >= 20 {
            return Ok(());
        }
        pass.troubles.push(words.to_owned());
        self.0.run("UPDATE passes SET troubles = ? WHERE id = ?", params![json(&pass.troubles)?, id.as_str()])
    }

    /// Ends a pass and empties its shelves.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn end(&self, id: &PassId, state: PassState, result: &str, calls: u32, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("DELETE FROM staging WHERE pass = ?", params![id.as_str()])?;
        self.0.run(
            "UPDATE passes SET state = ?, result = ?, calls = calls + ?, started_at = coalesce(started_at, ?), ended_at = ?, cursor = NULL
             WHERE id = ? AND ended_at IS NULL",
            params![word(&state), result, calls, now, now, id.as_str()],
        )
    }

    /// Ends the open passes over a connection that is going away or leads elsewhere.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn end_over(&self, connection: &ConnectionId, why: &str, now: Timestamp) -> Result<(), StoreError> {
        for pass in self.open()?.into_iter().filter(|pass| pass.connection.as_ref() == Some(connection)) {
            self.end(&pass.id, PassState::Failed, why, 0, now)?;
        }
        Ok(())
    }

    /// Puts one page a pass has read on a shelf. Putting it again replaces it; a pass that was ended meanwhile keeps nothing.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn stage<T: Serialize>(&self, pass: &PassId, shelf: &str, position: u32, items: &T) -> Result<(), StoreError> {
        self.0.run(
            "INSERT OR REPLACE INTO staging (pass, shelf, position, body)
             SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM passes WHERE id = ?1 AND ended_at IS NULL)",
            params![pass.as_str(), shelf, position, json(items)?],
        )
    }

    /// Everything on a shelf, in the order of its pages.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn staged<T: DeserializeOwned>(&self, pass: &PassId, shelf: &str) -> Result<Vec<T>, StoreError> {
        let rows = self.0.rows("SELECT body FROM staging WHERE pass = ? AND shelf = ? ORDER BY position", params![pass.as_str(), shelf])?;
        let mut items = Vec::new();
        for mut row in rows {
            items.extend(row.json::<Vec<T>>()?);
        }
        Ok(items)
    }
}
