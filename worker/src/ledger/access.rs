//! One-time links, sessions and API tokens. Only hashes of their secrets are kept.

use shared::Timestamp;
use shared::access::Role;
use shared::api::session::TokenView;

use super::Ledger;
use super::row::{params, word};
use crate::ports::StoreError;

/// What a secret opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessKind {
    /// A session, once.
    Link,
    /// The API, for a browser.
    Session,
    /// The API, for a program.
    Token,
}

/// Something that gives access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccess<'a> {
    /// Its id.
    pub id: &'a str,
    /// What it opens.
    pub kind: AccessKind,
    /// Whose, or what for.
    pub name: &'a str,
    /// What it may do.
    pub role: Role,
    /// SHA-256 of the secret.
    pub hash: &'a str,
    /// Who made it.
    pub created_by: &'a str,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// Access that was found and is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRow {
    /// Its id.
    pub id: String,
    /// Whose, or what for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

impl Ledger {
    /// Gives access.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn grant(&self, access: &NewAccess<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO access (id, kind, name, role, hash, created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![access.id, word(&access.kind), access.name, word(&access.role), access.hash, access.created_by, now, access.expires_at],
        )
    }

    /// The access a secret with this hash gives at `now`, if it has not ended.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn access(&self, kind: AccessKind, hash: &str, now: Timestamp) -> Result<Option<AccessRow>, StoreError> {
        let row = self.first(
            "SELECT id, name, role, expires_at, used_at FROM access
             WHERE kind = ?1 AND hash = ?2 AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > ?3)",
            params![word(&kind), hash, now],
        )?;
        row.map(|mut row| {
            Ok(AccessRow {
                id: row.text()?,
                name: row.text()?,
                role: row.word()?,
                expires_at: row.optional_moment()?,
                used_at: row.optional_moment()?,
            })
        })
        .transpose()
    }

    /// Notes that access was used at `now`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_used(&self, id: &str, now: Timestamp) -> Result<(), StoreError> {
        self.run("UPDATE access SET used_at = ? WHERE id = ?", params![now, id])
    }

    /// Ends access of a kind. Answers whether there was any to end.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn revoke(&self, kind: AccessKind, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let open = self.number("SELECT count(*) FROM access WHERE kind = ? AND id = ? AND ended_at IS NULL", params![word(&kind), id])?;
        self.run("UPDATE access SET ended_at = ? WHERE kind = ? AND id = ?", params![now, word(&kind), id])?;
        Ok(open > 0)
    }

    /// API tokens that have not been revoked.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn tokens(&self) -> Result<Vec<TokenView>, StoreError> {
        let rows = self.rows(
            "SELECT id, name, created_by, created_at, used_at FROM access
             WHERE kind = 'token' AND ended_at IS NULL ORDER BY created_at DESC",
            &[],
        )?;
        rows.map(|mut row| {
            Ok(TokenView {
                id: row.text()?,
                name: row.text()?,
                created_by: row.text()?,
                created_at: row.moment()?,
                last_used_at: row.optional_moment()?,
            })
        })
        .collect()
    }

    /// Forgets links and sessions that ended before `moment`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget_access_before(&self, moment: Timestamp) -> Result<(), StoreError> {
        self.run("DELETE FROM access WHERE kind != 'token' AND (expires_at < ?1 OR ended_at < ?1)", params![moment])
    }
}
