//! What is muted, why and how long.

use domain::Timestamp;
use domain::tickets::{Mute, MuteScope};
use serde::{Deserialize, Serialize};

use super::super::Database;
use super::super::row::{json, params};
use crate::ports::StoreError;

/// A mute as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MuteRow {
    /// Its id.
    pub id: String,
    /// What is muted.
    pub scope: MuteScope,
    /// What that was called when it was asked for; empty if nobody knew.
    #[serde(default)]
    pub name: String,
    /// When.
    #[serde(rename = "silence")]
    pub mute: Mute,
    /// Why.
    pub reason: String,
    /// Who asked for it.
    pub by: String,
    /// When it was asked for.
    pub at: Timestamp,
}

/// What is muted, why and how long.
#[derive(Clone, Copy)]
pub struct Mutes<'a>(pub(in super::super) &'a Database);

impl Mutes<'_> {
    /// Every mute, latest first; those that are over for a while are gone.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn all(&self) -> Result<Vec<MuteRow>, StoreError> {
        self.0.rows("SELECT body FROM silences ORDER BY rowid DESC", &[])?.map(|mut row| row.json()).collect()
    }

    /// Stores a mute.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn store(&self, row: &MuteRow) -> Result<(), StoreError> {
        let ends_at = match &row.mute {
            Mute::Muted { until, .. } => Some(*until),
            Mute::Weekly { .. } => None,
        };
        self.0.run("INSERT OR REPLACE INTO silences (id, ends_at, body) VALUES (?, ?, ?)", params![&row.id, ends_at, json(row)?])
    }

    /// Takes a mute away. What waited for its end is looked at again with the next pass.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn delete(&self, id: &str) -> Result<(), StoreError> {
        self.0.run("DELETE FROM silences WHERE id = ?", params![id])?;
        self.0.run("UPDATE ticket_intents SET put_off = 0 WHERE put_off = 1", &[])
    }

    /// Forgets mutes that ended before `moment`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget_before(&self, moment: Timestamp) -> Result<(), StoreError> {
        self.0.run("DELETE FROM silences WHERE ends_at < ?", params![moment])
    }
}
