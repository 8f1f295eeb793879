//! People as an identity provider knows them, and sign-ins that are on their way there.

use domain::Timestamp;

use super::super::Database;
use super::super::row::params;
use crate::ports::StoreError;

/// Sign-ins that are kept at once: the oldest give way to new ones.
const MOST_SIGN_INS: u32 = 10_000;

/// Whom an identity stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// The person with this id.
    Person(String),
    /// Somebody an administrator has shut out.
    ShutOut,
}

/// A sign-in that is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInRow {
    /// SHA-256 of what the browser has in its cookie.
    pub browser: String,
    /// The session in which somebody proves that they are still there; none when they come in.
    pub session: Option<String>,
    /// When it began.
    pub begun_at: Timestamp,
}

/// People as an identity provider knows them.
#[derive(Clone, Copy)]
pub struct Identities<'a>(pub(in super::super) &'a Database);

impl Identities<'_> {
    /// Whom an identity stands for; none when it was never here.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, provider: &str, subject: &str) -> Result<Option<Known>, StoreError> {
        let row = self.0.first(
            "SELECT p.id, p.ended_at FROM identities i JOIN people p ON p.id = i.person WHERE i.provider = ? AND i.subject = ?",
            params![provider, subject],
        )?;
        row.map(|mut row| {
            let (person, ended) = (row.text()?, row.optional_text()?);
            Ok(if ended.is_none() { Known::Person(person) } else { Known::ShutOut })
        })
        .transpose()
    }

    /// Whether an identity provider knows a person.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn has(&self, person: &str) -> Result<bool, StoreError> {
        Ok(self.0.number("SELECT count(*) FROM identities WHERE person = ?", params![person])? > 0)
    }

    /// Keeps which person an identity stands for, for good.
    ///
    /// # Errors
    /// When SQLite refuses, as it does for an identity that is there already.
    pub fn add(&self, provider: &str, subject: &str, person: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "INSERT INTO identities (provider, subject, person, created_at) VALUES (?, ?, ?, ?)",
            params![provider, subject, person, now],
        )
    }
}

/// Sign-ins that are on their way to an identity provider and back.
#[derive(Clone, Copy)]
pub struct SignIns<'a>(pub(in super::super) &'a Database);

impl SignIns<'_> {
    /// Keeps a sign-in that is on its way, by the hash of its state.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn begin(&self, state: &str, sign_in: &SignInRow, until: Timestamp) -> Result<(), StoreError> {
        self.0.run("DELETE FROM sign_ins WHERE expires_at <= ?", params![sign_in.begun_at])?;
        self.0.run(
            "DELETE FROM sign_ins WHERE state IN (SELECT state FROM sign_ins ORDER BY expires_at DESC LIMIT -1 OFFSET ?)",
            params![MOST_SIGN_INS - 1],
        )?;
        self.0.run(
            "INSERT INTO sign_ins (state, browser, session, begun_at, expires_at) VALUES (?, ?, ?, ?, ?)",
            params![state, &sign_in.browser, sign_in.session.as_deref(), sign_in.begun_at, until],
        )
    }

    /// Takes a sign-in in: it comes back once, with whatever.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn take(&self, state: &str, now: Timestamp) -> Result<Option<SignInRow>, StoreError> {
        let row =
            self.0.first("SELECT browser, session, begun_at FROM sign_ins WHERE state = ? AND expires_at > ?", params![state, now])?;
        self.0.run("DELETE FROM sign_ins WHERE state = ?", params![state])?;
        row.map(|mut row| Ok(SignInRow { browser: row.text()?, session: row.optional_text()?, begun_at: row.moment()? })).transpose()
    }
}
