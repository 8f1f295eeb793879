//! People and their passkeys.

pub(super) mod access;
pub(super) mod access_groups;
pub(super) mod identities;
pub(super) mod spent_tokens;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::people::PersonView;
use contract::session::PasskeyView;
use domain::Timestamp;
use domain::access::{Role, SESSION_IDLE, Visibility};

use self::access_groups::scope_of;
use super::Database;
use super::row::{Row, params, word};
use crate::ports::StoreError;

/// A passkey that was made as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadePasskey {
    /// Its id, base64url.
    pub id: String,
    /// The public key, as the authenticator wrote it (COSE_Key, RFC 9052).
    pub key: Vec<u8>,
    /// How often it has signed, as far as it counts.
    pub count: u32,
}

/// A passkey, as it is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyRow {
    /// Whose it is.
    pub person: String,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The public key.
    pub key: Vec<u8>,
    /// How often it has signed, as far as it counts.
    pub count: u32,
}

/// People and their roles.
#[derive(Clone, Copy)]
pub struct People<'a>(pub(super) &'a Database);

impl People<'_> {
    /// Adds a person who sees `scope`.
    ///
    /// # Errors
    /// When SQLite refuses, as it does for a name somebody has.
    pub fn add(&self, id: &str, name: &str, role: Role, scope: &Visibility, by: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "INSERT INTO people (id, name, role, scope, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            params![id, name, word(&role), scope, by, now],
        )
    }

    /// Gives a person something else to see.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn set_scope(&self, id: &str, scope: &Visibility) -> Result<(), StoreError> {
        self.0.run("UPDATE people SET scope = ? WHERE id = ?", params![scope, id])
    }

    /// Everybody who may come in, by name.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn all(&self, now: Timestamp) -> Result<Vec<PersonView>, StoreError> {
        self.select("1", now, None)
    }

    /// One of them.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, id: &str, now: Timestamp) -> Result<Option<PersonView>, StoreError> {
        Ok(self.select("id = ?3", now, Some(id))?.pop())
    }

    /// The one who has this name.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn called(&self, name: &str, now: Timestamp) -> Result<Option<PersonView>, StoreError> {
        Ok(self.select("name = ?3", now, Some(name))?.pop())
    }

    fn select(&self, which: &str, now: Timestamp, value: Option<&str>) -> Result<Vec<PersonView>, StoreError> {
        let statement = format!(
            "SELECT id, name, role, scope, created_by, created_at,
                (SELECT count(*) FROM passkeys WHERE person = people.id),
                (SELECT count(*) FROM access WHERE kind = 'session' AND person = people.id AND ended_at IS NULL
                    AND expires_at > ?1 AND used_at > ?2),
                (SELECT count(*) FROM access WHERE kind = 'token' AND maker = people.id AND ended_at IS NULL
                    AND (expires_at IS NULL OR expires_at > ?1)),
                (SELECT count(*) FROM share_links WHERE revoked_at IS NULL AND expires_at > ?1 AND (maker = people.id OR made_with IN
                    (SELECT id FROM access WHERE kind = 'token' AND maker = people.id))),
                (SELECT max(used_at) FROM access WHERE kind = 'session' AND person = people.id),
                (SELECT max(expires_at) FROM access WHERE kind = 'link' AND person = people.id AND ended_at IS NULL AND expires_at > ?1),
                (SELECT count(*) FROM identities WHERE person = people.id)
             FROM people WHERE ended_at IS NULL AND {which} ORDER BY name"
        );
        let mut parameters = params![now, now - SESSION_IDLE].to_vec();
        parameters.extend(value.map(Into::into));
        let read = |mut row: Row| {
            Ok(PersonView {
                id: row.text()?,
                name: row.text()?,
                role: row.word()?,
                scope: scope_of(&row.text()?),
                created_by: row.text()?,
                created_at: row.moment()?,
                passkeys: row.count()?,
                sessions: row.count()?,
                tokens: row.count()?,
                share_links: row.count()?,
                seen_at: row.optional_moment()?,
                invited_until: row.optional_moment()?,
                by_provider: row.count()? > 0,
            })
        };
        self.0.rows(&statement, &parameters)?.map(read).collect()
    }

    /// Administrators who can come in by a passkey, whatever becomes of an identity provider.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn administrators(&self) -> Result<u32, StoreError> {
        let count = self.0.number(
            "SELECT count(*) FROM people WHERE ended_at IS NULL AND role = ? AND id IN (SELECT person FROM passkeys)
             AND id NOT IN (SELECT person FROM identities)",
            params![word(&Role::Admin)],
        )?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Gives a person another name and role.
    ///
    /// # Errors
    /// When SQLite refuses, as it does for a name somebody else has.
    pub fn change(&self, id: &str, name: &str, role: Role) -> Result<(), StoreError> {
        self.0.run("UPDATE people SET name = ?, role = ? WHERE id = ?", params![name, word(&role), id])
    }

    /// Shuts a person out: nothing of theirs opens anything any more.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn remove(&self, id: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("UPDATE people SET ended_at = ? WHERE id = ?", params![now, id])?;
        self.0.run("UPDATE access SET ended_at = ? WHERE person = ? AND ended_at IS NULL", params![now, id])?;
        Passkeys(self.0).forget_all(id)
    }

    /// Ends the API tokens and share links somebody has made, with the links that were made with those tokens.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn end_what_they_made(&self, id: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "UPDATE share_links SET revoked_at = ?1 WHERE revoked_at IS NULL AND (maker = ?2 OR made_with IN
                (SELECT id FROM access WHERE kind = 'token' AND maker = ?2))",
            params![now, id],
        )?;
        self.0.run("UPDATE access SET ended_at = ? WHERE kind = 'token' AND maker = ? AND ended_at IS NULL", params![now, id])
    }

    /// Gives the API tokens and share links somebody has made to the person `to`, who is called `name`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn hand_over(&self, id: &str, to: &str, name: &str) -> Result<(), StoreError> {
        self.0.run("UPDATE access SET maker = ?, created_by = ? WHERE kind = 'token' AND maker = ?", params![to, name, id])?;
        let links = self.0.rows("SELECT id, name FROM share_links WHERE maker = ?", params![id])?;
        for mut link in links.collect::<Vec<_>>() {
            let (link, company) = (link.text()?, link.text()?);
            let search = format!("{company} {name}").to_lowercase();
            let given = params![to, name, &search, &link];
            self.0.run("UPDATE share_links SET maker = ?, created_by = ?, search = ? WHERE id = ?", given)?;
        }
        Ok(())
    }
}

/// Passkeys.
#[derive(Clone, Copy)]
pub struct Passkeys<'a>(pub(super) &'a Database);

impl Passkeys<'_> {
    /// Keeps a passkey of a person.
    ///
    /// # Errors
    /// When SQLite refuses, as it does for an id that is there already.
    pub fn add(&self, person: &str, passkey: &MadePasskey, label: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "INSERT INTO passkeys (id, person, label, key, count, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            params![&passkey.id, person, label, URL_SAFE_NO_PAD.encode(&passkey.key), passkey.count, now],
        )
    }

    /// The passkey with this id, if its person may come in.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, id: &str) -> Result<Option<PasskeyRow>, StoreError> {
        let row = self.0.first(
            "SELECT p.id, p.name, p.role, k.key, k.count FROM passkeys k JOIN people p ON p.id = k.person
             WHERE k.id = ? AND p.ended_at IS NULL",
            params![id],
        )?;
        row.map(|mut row| {
            let (person, name, role, key, count) = (row.text()?, row.text()?, row.word()?, row.text()?, row.count()?);
            let key = URL_SAFE_NO_PAD.decode(key).map_err(|_| StoreError(format!("the key of passkey {id} is damaged")))?;
            Ok(PasskeyRow { person, name, role, key, count })
        })
        .transpose()
    }

    /// Notes that a passkey was used, and how often it has signed now.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_used(&self, id: &str, count: u32, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("UPDATE passkeys SET count = ?, used_at = ? WHERE id = ?", params![count, now, id])
    }

    /// The passkeys of a person, oldest first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn of_person(&self, person: &str) -> Result<Vec<PasskeyView>, StoreError> {
        let rows =
            self.0.rows("SELECT id, label, created_at, used_at FROM passkeys WHERE person = ? ORDER BY created_at, id", params![person])?;
        rows.map(|mut row| {
            Ok(PasskeyView { id: row.text()?, label: row.text()?, created_at: row.moment()?, used_at: row.optional_moment()? })
        })
        .collect()
    }

    /// Forgets one passkey.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget(&self, id: &str) -> Result<(), StoreError> {
        self.0.run("DELETE FROM passkeys WHERE id = ?", params![id])
    }

    /// Forgets every passkey of a person.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget_all(&self, person: &str) -> Result<(), StoreError> {
        self.0.run("DELETE FROM passkeys WHERE person = ?", params![person])
    }
}
