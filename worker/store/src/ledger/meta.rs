//! Single moments and flags.

use domain::Timestamp;

use super::Ledger;
use super::row::params;
use crate::ports::{SqlValue, StoreError};

impl Ledger {
    /// The moment kept under `key`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn moment(&self, key: &str) -> Result<Option<Timestamp>, StoreError> {
        match self.first("SELECT value FROM meta WHERE key = ?", params![key])? {
            Some(mut row) => row.optional_moment(),
            None => Ok(None),
        }
    }

    /// The number kept under `key`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn number_kept(&self, key: &str) -> Result<Option<u32>, StoreError> {
        let row = self.first("SELECT value FROM meta WHERE key = ?", params![key])?;
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
    pub fn text_kept(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.first("SELECT value FROM meta WHERE key = ?", params![key])?.map(|mut row| row.text()).transpose()
    }

    /// Keeps `text` under `key`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep_text(&self, key: &str, text: &str) -> Result<(), StoreError> {
        self.run("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", params![key, text])
    }

    /// Keeps `moment` under `key`; none forgets it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep_moment(&self, key: &str, moment: Option<Timestamp>) -> Result<(), StoreError> {
        let Some(moment) = moment else {
            return self.run("DELETE FROM meta WHERE key = ?", params![key]);
        };
        let value = SqlValue::from(moment);
        self.run(
            "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            &[SqlValue::from(key), value],
        )
    }
}
