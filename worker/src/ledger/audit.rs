//! The history. Rows are only ever added.

use shared::Timestamp;
use shared::api::history::AuditRow;

use super::Ledger;
use super::row::params;
use crate::ports::StoreError;

/// A row to be added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewAudit<'a> {
    /// Who.
    pub by: &'a str,
    /// What kind of thing.
    pub event: &'a str,
    /// To what, in words.
    pub subject: String,
    /// Before.
    pub before: Option<String>,
    /// After.
    pub after: Option<String>,
    /// Anything more.
    pub detail: Option<String>,
}

impl Ledger {
    /// Adds a row to the history.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn audit(&self, row: NewAudit<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO audit (at, by_whom, event, subject, before, after, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![now, row.by, row.event, row.subject, row.before, row.after, row.detail],
        )
    }

    /// Up to `limit` rows that contain `text`, latest first, before row `before` when it is given; and how many there are.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn history(&self, text: &str, before: Option<i64>, limit: u32) -> Result<(Vec<AuditRow>, u32), StoreError> {
        const MATCHES: &str = "(?1 = '' OR instr(lower(subject || ' ' || by_whom || ' ' || event || ' ' || coalesce(detail, '')), ?1) > 0)";
        let text = text.to_lowercase();
        let sql = format!(
            "SELECT number, at, by_whom, event, subject, before, after, detail FROM audit
             WHERE {MATCHES} AND (?2 IS NULL OR number < ?2) ORDER BY number DESC LIMIT ?3"
        );
        let rows = self.rows(&sql, params![&text, before, limit])?.map(|mut row| {
            Ok(AuditRow {
                number: u64::try_from(row.integer()?).unwrap_or_default(),
                at: row.moment()?,
                by: row.text()?,
                event: row.text()?,
                subject: row.text()?,
                before: row.optional_text()?,
                after: row.optional_text()?,
                detail: row.optional_text()?,
            })
        });
        let rows = rows.collect::<Result<_, StoreError>>()?;
        let total = self.number(&format!("SELECT count(*) FROM audit WHERE {MATCHES}"), params![&text])?;
        Ok((rows, u32::try_from(total).unwrap_or(u32::MAX)))
    }
}
