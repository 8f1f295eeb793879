//! One-time links, sessions and API tokens. Only hashes of their secrets are kept.

use contract::session::SessionView;
use contract::tokens::TokenView;
use domain::Timestamp;
use domain::access::{Role, SESSION_IDLE, Visibility};

use super::super::Database;
use super::super::row::{params, word};
use super::access_groups::scope_of;
use crate::ports::StoreError;

/// What a secret opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessKind {
    /// A sign-in, once, for the person it was made for.
    Link,
    /// The API, for a browser.
    Session,
    /// The API, for a program.
    Token,
    /// The install's set-up secret, once somebody has come in by it.
    Setup,
}

/// Something that gives access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccess<'a> {
    /// Its id.
    pub id: &'a str,
    /// What it opens.
    pub kind: AccessKind,
    /// Whose it is; none for a program's.
    pub person: Option<&'a str>,
    /// Whose, or what for.
    pub name: &'a str,
    /// What it may do. A person's own role counts for more.
    pub role: Role,
    /// SHA-256 of the secret.
    pub hash: &'a str,
    /// Who made it.
    pub created_by: &'a str,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// The browser and system a session is in; nothing for what is no session.
    pub place: &'a str,
}

/// Access that was found and is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRow {
    /// Its id.
    pub id: String,
    /// Whose it is; none for a program's.
    pub person: Option<String>,
    /// Whose, or what for.
    pub name: String,
    /// What it may do now.
    pub role: Role,
    /// What it sees now: an administrator everything.
    pub scope: Visibility,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
    /// When a passkey was last shown in it.
    pub proved_at: Option<Timestamp>,
}

/// One-time links, sessions and API tokens.
#[derive(Clone, Copy)]
pub struct Access<'a>(pub(in super::super) &'a Database);

impl Access<'_> {
    /// Gives access.
    ///
    /// # Errors
    /// When SQLite refuses, as it does for a hash that is there already.
    pub fn grant(&self, access: &NewAccess<'_>, now: Timestamp) -> Result<(), StoreError> {
        let used = (access.kind == AccessKind::Session).then_some(now);
        self.0.run(
            "INSERT INTO access (id, kind, person, name, role, hash, created_by, created_at, expires_at, used_at, place)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                access.id,
                word(&access.kind),
                access.person,
                access.name,
                word(&access.role),
                access.hash,
                access.created_by,
                now,
                access.expires_at,
                used,
                access.place
            ],
        )
    }

    /// The access a secret with this hash gives at `now`, if it has not ended: by itself, with its person, or unused for too long.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, kind: AccessKind, hash: &str, now: Timestamp) -> Result<Option<AccessRow>, StoreError> {
        let row = self.0.first(
            "SELECT a.id, a.person, coalesce(p.name, a.name), coalesce(p.role, a.role), coalesce(p.scope, a.scope), a.expires_at,
                 a.used_at, a.proved_at
             FROM access a LEFT JOIN people p ON p.id = a.person
             WHERE a.kind = ?1 AND a.hash = ?2 AND a.ended_at IS NULL AND (a.expires_at IS NULL OR a.expires_at > ?3)
             AND p.ended_at IS NULL AND (a.kind != 'session' OR a.used_at > ?4)",
            params![word(&kind), hash, now, now - SESSION_IDLE],
        )?;
        row.map(|mut row| {
            let (id, person, name, role, scope) = (row.text()?, row.optional_text()?, row.text()?, row.word()?, row.text()?);
            Ok(AccessRow {
                id,
                person,
                name,
                role,
                scope: if role == Role::Admin { Visibility::Everything } else { scope_of(&scope) },
                expires_at: row.optional_moment()?,
                used_at: row.optional_moment()?,
                proved_at: row.optional_moment()?,
            })
        })
        .transpose()
    }

    /// Gives an API token what it sees: nothing before. It ends with the person who made it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn bind_token(&self, id: &str, scope: &Visibility, maker: &str) -> Result<(), StoreError> {
        self.0.run("UPDATE access SET scope = ?, maker = ? WHERE id = ? AND kind = 'token'", params![scope, maker, id])
    }

    /// Whether there ever was access with this hash.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn knows(&self, kind: AccessKind, hash: &str) -> Result<bool, StoreError> {
        Ok(self.0.number("SELECT count(*) FROM access WHERE kind = ? AND hash = ?", params![word(&kind), hash])? > 0)
    }

    /// Notes that access was used at `now`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_used(&self, id: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("UPDATE access SET used_at = ? WHERE id = ?", params![now, id])
    }

    /// Notes that whose session it is has just proved to be there: by a passkey, or by signing in anew with the provider.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_proved(&self, id: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("UPDATE access SET proved_at = ? WHERE id = ?", params![now, id])
    }

    /// Ends access of a kind. Answers whether there was any to end.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn revoke(&self, kind: AccessKind, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let open = self.0.number("SELECT count(*) FROM access WHERE kind = ? AND id = ? AND ended_at IS NULL", params![word(&kind), id])?;
        self.0.run("UPDATE access SET ended_at = ? WHERE kind = ? AND id = ? AND ended_at IS NULL", params![now, word(&kind), id])?;
        Ok(open > 0)
    }

    /// Ends all access of a kind that a person has.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn revoke_all(&self, kind: AccessKind, person: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("UPDATE access SET ended_at = ? WHERE kind = ? AND person = ? AND ended_at IS NULL", params![now, word(&kind), person])
    }

    /// The open sessions of a person, latest first; `this` is the one that asks.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn sessions(&self, person: &str, this: &str, now: Timestamp) -> Result<Vec<SessionView>, StoreError> {
        let rows = self.0.rows(
            "SELECT id, place, created_at, used_at FROM access
             WHERE kind = 'session' AND person = ? AND ended_at IS NULL AND expires_at > ? AND used_at > ? ORDER BY created_at DESC",
            params![person, now, now - SESSION_IDLE],
        )?;
        rows.map(|mut row| {
            let id = row.text()?;
            Ok(SessionView { this: id == this, id, place: row.text()?, created_at: row.moment()?, used_at: row.optional_moment()? })
        })
        .collect()
    }

    /// API tokens that have not been revoked.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn tokens(&self) -> Result<Vec<TokenView>, StoreError> {
        let rows = self.0.rows(
            "SELECT id, name, role, scope, created_by,
                CASE WHEN maker IS NULL THEN 'unknown'
                    WHEN EXISTS (SELECT 1 FROM people WHERE id = maker AND ended_at IS NULL) THEN 'person' ELSE 'removed' END,
                created_at, expires_at, used_at FROM access
             WHERE kind = 'token' AND ended_at IS NULL ORDER BY created_at DESC",
            &[],
        )?;
        rows.map(|mut row| {
            Ok(TokenView {
                id: row.text()?,
                name: row.text()?,
                role: row.word()?,
                scope: scope_of(&row.text()?),
                created_by: row.text()?,
                maker: row.word()?,
                created_at: row.moment()?,
                expires_at: row.optional_moment()?,
                last_used_at: row.optional_moment()?,
            })
        })
        .collect()
    }

    /// Whether an API token that has not been revoked is called so, in whatever case.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn has_token_called(&self, name: &str) -> Result<bool, StoreError> {
        let statement = "SELECT count(*) FROM access WHERE kind = 'token' AND ended_at IS NULL AND name = ? COLLATE NOCASE";
        Ok(self.0.number(statement, params![name])? > 0)
    }

    /// Forgets links and sessions that ended before `moment`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget_before(&self, moment: Timestamp) -> Result<(), StoreError> {
        self.0.run("DELETE FROM access WHERE kind IN ('link', 'session') AND (expires_at < ?1 OR ended_at < ?1)", params![moment])
    }
}
