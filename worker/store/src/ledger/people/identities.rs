//! People as an identity provider knows them.

use domain::Timestamp;

use super::super::Database;
use super::super::row::params;
use crate::ports::StoreError;

/// Whom an identity stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// The person with this id.
    Person(String),
    /// Somebody an administrator has shut out.
    ShutOut,
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
