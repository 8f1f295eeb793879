//! What is kept quiet, why and how long.

use domain::Timestamp;
use domain::tickets::{Silence, SilenceScope};
use serde::{Deserialize, Serialize};

use super::super::Database;
use super::super::row::{json, params};
use crate::ports::StoreError;

/// A silence as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilenceRow {
    /// Its id.
    pub id: String,
    /// What is kept quiet.
    pub scope: SilenceScope,
    /// What that was called when it was asked for; empty if nobody knew.
    #[serde(default)]
    pub name: String,
    /// When.
    pub silence: Silence,
    /// Why.
    pub reason: String,
    /// Who asked for it.
    pub by: String,
    /// When it was asked for.
    pub at: Timestamp,
}

/// What is kept quiet, why and how long.
#[derive(Clone, Copy)]
pub struct Mutes<'a>(pub(in super::super) &'a Database);

impl Mutes<'_> {
    /// Every silence, latest first; those that are over for a while are gone.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn all(&self) -> Result<Vec<SilenceRow>, StoreError> {
        self.0.rows("SELECT body FROM silences ORDER BY rowid DESC", &[])?.map(|mut row| row.json()).collect()
    }

    /// Stores a silence.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn store(&self, row: &SilenceRow) -> Result<(), StoreError> {
        let ends_at = match &row.silence {
            Silence::Muted { until, .. } => Some(*until),
            Silence::Weekly { .. } => None,
        };
        self.0.run("INSERT OR REPLACE INTO silences (id, ends_at, body) VALUES (?, ?, ?)", params![&row.id, ends_at, json(row)?])
    }

    /// Takes a silence away. What waited for its end is looked at again with the next pass.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn delete(&self, id: &str) -> Result<(), StoreError> {
        self.0.run("DELETE FROM silences WHERE id = ?", params![id])?;
        self.0.run("UPDATE ticket_intents SET put_off = 0 WHERE put_off = 1", &[])
    }

    /// Forgets silences that ended before `moment`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget_before(&self, moment: Timestamp) -> Result<(), StoreError> {
        self.0.run("DELETE FROM silences WHERE ends_at < ?", params![moment])
    }
}
