//! Sealed tokens that were used: none is used twice. One that was given out and never used has no row.

use domain::Timestamp;

use super::super::Database;
use super::super::row::params;
use crate::ports::StoreError;

/// Sealed tokens that were used.
#[derive(Clone, Copy)]
pub struct SpentTokens<'a>(pub(in super::super) &'a Database);

impl SpentTokens<'_> {
    /// Whether the token with this mark was used.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn is_spent(&self, mark: &str) -> Result<bool, StoreError> {
        Ok(self.0.number("SELECT count(*) FROM spent_tokens WHERE mark = ?", params![mark])? > 0)
    }

    /// Uses the token with this mark, which ends at `ends`. Returns whether it is the first time.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn spend(&self, mark: &str, ends: Timestamp) -> Result<bool, StoreError> {
        if self.is_spent(mark)? {
            return Ok(false);
        }
        self.0.run("INSERT INTO spent_tokens (mark, ends_at) VALUES (?, ?)", params![mark, ends])?;
        Ok(true)
    }

    /// Forgets tokens that ended before `moment`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget_before(&self, moment: Timestamp) -> Result<(), StoreError> {
        self.0.run("DELETE FROM spent_tokens WHERE ends_at < ?", params![moment])
    }
}
