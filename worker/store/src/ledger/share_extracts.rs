//! Extracts: what share links show of one company out of documents that hold every company, by what it was taken from. A visitor's request
//! reads one row, and not megabytes of others.

use domain::Timestamp;

use super::Database;
use super::row::params;
use super::share_links::OpenLink;
use crate::ports::StoreError;

/// Extracts of companies that are shared.
#[derive(Clone, Copy)]
pub struct ShareExtracts<'a>(pub(super) &'a Database);

impl ShareExtracts<'_> {
    /// What the documents are at now that an extract is taken from: names and hashes. `whole` asks for those of every connection, which
    /// device groups are told apart by.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn sources(&self, snapshot: &str, whole: bool) -> Result<Vec<(String, String)>, StoreError> {
        let sql =
            "SELECT name, hash FROM documents WHERE name = ?1 OR (?2 AND (name GLOB 'snapshot/*' OR name GLOB 'groups/*')) ORDER BY name";
        self.0.rows(sql, params![snapshot, i64::from(whole)])?.map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }

    /// The extract for a link, if it was taken from `basis`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, link: &OpenLink, basis: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT body FROM share_extracts WHERE connection = ? AND company = ? AND devices = ? AND basis = ?";
        let key = params![link.connection.as_str(), link.company.as_str(), i64::from(link.devices), basis];
        self.0.first(sql, key)?.map(|mut row| row.text()).transpose()
    }

    /// Keeps the extract for a link in place of the one before.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep(&self, link: &OpenLink, basis: &str, body: &str) -> Result<(), StoreError> {
        self.0.run(
            "INSERT OR REPLACE INTO share_extracts (connection, company, devices, basis, body) VALUES (?, ?, ?, ?, ?)",
            params![link.connection.as_str(), link.company.as_str(), i64::from(link.devices), basis, body],
        )
    }

    /// Forgets extracts that no link shows any more at `now`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget_unshared(&self, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "DELETE FROM share_extracts WHERE NOT EXISTS (SELECT 1 FROM share_links l WHERE l.connection = share_extracts.connection
                AND l.company = share_extracts.company AND l.devices = share_extracts.devices AND l.revoked_at IS NULL AND l.expires_at > ?)",
            params![now],
        )
    }
}
