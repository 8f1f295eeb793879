//! Single moments and flags.

use domain::Timestamp;

use super::Database;
use super::row::params;
use crate::ports::{SqlValue, StoreError};

/// Single moments, numbers and texts, each under its key.
#[derive(Clone, Copy)]
pub struct Meta<'a>(pub(super) &'a Database);

impl Meta<'_> {
    /// The moment kept under `key`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn moment(&self, key: &str) -> Result<Option<Timestamp>, StoreError> {
        match self.0.first("SELECT value FROM meta WHERE key = ?", params![key])? {
            Some(mut row) => row.optional_moment(),
            None => Ok(None),
        }
    }

    /// The number kept under `key`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn number(&self, key: &str) -> Result<Option<u32>, StoreError> {
        let row = self.0.first("SELECT value FROM meta WHERE key = ?", params![key])?;
        row.map(|mut row| row.json()).transpose()
    }

    /// Keeps `number` under `key`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep_number(&self, key: &str, number: u32) -> Result<(), StoreError> {
        self.keep_text(key, &number.to_string())
    }

    /// The text kept under `key`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn text(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.0.first("SELECT value FROM meta WHERE key = ?", params![key])?.map(|mut row| row.text()).transpose()
    }

    /// Keeps `text` under `key`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep_text(&self, key: &str, text: &str) -> Result<(), StoreError> {
        self.0.run("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", params![key, text])
    }

    /// Keeps `moment` under `key`; none forgets it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep_moment(&self, key: &str, moment: Option<Timestamp>) -> Result<(), StoreError> {
        let Some(moment) = moment else {
            return self.0.run("DELETE FROM meta WHERE key = ?", params![key]);
        };
        let value = SqlValue::from(moment);
        self.0.run(
            "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            &[SqlValue::from(key), value],
        )
    }
}
