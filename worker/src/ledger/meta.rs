//! Single moments and flags.

use shared::Timestamp;

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

    /// Keeps `moment` under `key`; none forgets it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep_moment(&self, key: &str, moment: Option<Timestamp>) -> Result<(), StoreError> {
        let Some(moment) = moment else {
            return self.run("DELETE FROM meta WHERE key = ?", params![key]);
        };
        let value = SqlValue::from(moment);
        self.run("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", &[
            SqlValue::from(key),
            value,
        ])
    }
}
