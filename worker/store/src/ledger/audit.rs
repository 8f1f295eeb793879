//! The history. Rows are only ever added: triggers refuse anything else.

use chrono::NaiveDate;
use contract::history::AuditRow;
use domain::Timestamp;
use domain::billing::{Line, Period};
use domain::hash::fingerprint;
use domain::history::{HistoryEvent, StoredEvent};
use domain::ids::{ConnectionId, LineId};
use engine::Intent;

use super::Database;
use super::row::{Row, params};
use crate::ports::{SqlValue, StoreError};

/// A row to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAudit<'a> {
    /// Who.
    pub by: &'a str,
    /// What kind of thing.
    pub event: HistoryEvent,
    /// To what, in words.
    pub subject: String,
    /// Before.
    pub before: Option<String>,
    /// After.
    pub after: Option<String>,
    /// Anything more.
    pub detail: Option<String>,
    /// The month it belongs to.
    pub period: Option<Period>,
    /// The connection it was done to or through.
    pub connection: Option<ConnectionId>,
    /// The line.
    pub line: Option<LineId>,
    /// The change.
    pub intent: Option<String>,
    /// What the vendor's answer can be found by.
    pub response: Option<String>,
}

impl NewAudit<'_> {
    /// A row of this kind that says nothing more yet.
    #[must_use]
    pub fn of(event: HistoryEvent) -> Self {
        Self {
            by: "",
            event,
            subject: String::new(),
            before: None,
            after: None,
            detail: None,
            period: None,
            connection: None,
            line: None,
            intent: None,
            response: None,
        }
    }

    /// The same row, about a line.
    #[must_use]
    pub fn of_line(mut self, line: &Line) -> Self {
        self.period = Some(line.period);
        self.line = Some(line.id.clone());
        self.connection = line.agreement.as_ref().map(|agreement| agreement.psa.clone());
        self
    }

    /// The same row, about a change.
    #[must_use]
    pub fn of_intent(mut self, intent: &Intent) -> Self {
        self.period = Some(intent.period);
        self.line = Some(intent.line.clone());
        self.connection = Some(intent.psa.clone());
        self.intent = Some(intent.id.to_string());
        let version = intent.outcome.as_ref().and_then(|outcome| outcome.version.as_ref());
        self.response = version.map(|version| format!("lastUpdated {version}"));
        self
    }
}

/// Which rows of the history are wanted; what is empty is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter<'a> {
    /// Text in the subject, who, the event or the detail.
    pub text: &'a str,
    /// The kind of thing.
    pub event: &'a str,
    /// Who.
    pub by: &'a str,
    /// The line.
    pub line: &'a str,
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day, included.
    pub to: Option<NaiveDate>,
}

const COLUMNS: &str = "number, at, by_whom, event, subject, before, after, detail, period, connection, line, intent, response";

const MATCHES: &str = "(?1 = '' OR instr(lower(subject || ' ' || by_whom || ' ' || event || ' ' || coalesce(detail, '')), ?1) > 0)
    AND (?2 = '' OR event = ?2) AND (?3 = '' OR by_whom = ?3) AND (?4 = '' OR line = ?4)
    AND (?5 IS NULL OR at >= ?5) AND (?6 IS NULL OR substr(at, 1, 10) <= ?6)";

fn read(mut row: Row) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        number: u64::try_from(row.integer()?).unwrap_or_default(),
        at: row.moment()?,
        by: row.text()?,
        event: StoredEvent::from(row.text()?),
        subject: row.text()?,
        before: row.optional_text()?,
        after: row.optional_text()?,
        detail: row.optional_text()?,
        period: row.optional_text()?.and_then(|period| period.parse().ok()),
        connection: row.optional_text()?.map(ConnectionId),
        line: row.optional_text()?.map(LineId),
        intent: row.optional_text()?.map(domain::ids::IntentId),
        response: row.optional_text()?,
    })
}

/// A row of the history as it is told from any other with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRow {
    /// Its number.
    pub number: i64,
    /// When it was written.
    pub at: Timestamp,
    /// Made from what it says.
    pub print: String,
}

/// The history. Its rows are only ever added.
#[derive(Clone, Copy)]
pub struct History<'a>(pub(super) &'a Database);

impl History<'_> {
    /// Adds a row to the history.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn add(&self, row: NewAudit<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "INSERT INTO audit (at, by_whom, event, subject, before, after, detail, period, connection, line, intent, response)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                now,
                row.by,
                row.event.name(),
                row.subject,
                row.before,
                row.after,
                row.detail,
                row.period.map(|period| period.to_string()),
                row.connection.map(|connection| connection.0),
                row.line.map(|line| line.0),
                row.intent,
                row.response
            ],
        )
    }

    /// The last row up to a number, or of all.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn last_to(&self, number: Option<i64>) -> Result<Option<LastRow>, StoreError> {
        let sql = "SELECT number, at, by_whom, event, subject FROM audit WHERE number <= ? ORDER BY number DESC LIMIT 1";
        let row = self.0.first(sql, params![number.unwrap_or(i64::MAX >> 11)])?;
        row.map(|mut row| {
            let (number, at) = (row.integer()?, row.moment()?);
            let said = (row.text()?, row.text()?, row.text()?);
            Ok(LastRow { number, at, print: fingerprint(&(at, said)) })
        })
        .transpose()
    }

    /// Up to `limit` rows of a filter, latest first, before row `before` when it is given; and how many there are.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn list(&self, filter: &AuditFilter<'_>, before: Option<i64>, limit: u32) -> Result<(Vec<AuditRow>, u32), StoreError> {
        let total = self.0.number(&format!("SELECT count(*) FROM audit WHERE {MATCHES}"), &wanted(filter))?;
        Ok((self.page(filter, before, limit)?, u32::try_from(total).unwrap_or(u32::MAX)))
    }

    /// The same, when nobody asks how many there are: counting looks at every row.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn page(&self, filter: &AuditFilter<'_>, before: Option<i64>, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        let mut parameters = wanted(filter).to_vec();
        parameters.extend([before.into(), limit.into()]);
        let sql = format!("SELECT {COLUMNS} FROM audit WHERE {MATCHES} AND (?7 IS NULL OR number < ?7) ORDER BY number DESC LIMIT ?8");
        self.0.rows(&sql, &parameters)?.map(read).collect()
    }
}

fn wanted(filter: &AuditFilter<'_>) -> [SqlValue; 6] {
    [
        filter.text.to_lowercase().into(),
        filter.event.into(),
        filter.by.into(),
        filter.line.into(),
        filter.from.map(|day| day.to_string()).into(),
        filter.to.map(|day| day.to_string()).into(),
    ]
}
