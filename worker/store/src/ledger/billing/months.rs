//! Months: which were kept at their end, which are closed, and what was found out about them afterwards.

use domain::Timestamp;
use domain::billing::{Correction, Line, Period};
use domain::ids::LineId;

use super::super::Database;
use super::super::row::{Row, json, params};
use crate::ports::StoreError;

/// A month that is over, or closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthRow {
    /// The month.
    pub period: Period,
    /// Whether its last plan was kept.
    pub kept: bool,
    /// How it was closed; none while it is not.
    pub closed: Option<Closed>,
}

/// How a month was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// SHA-256 of the statement.
    pub hash: String,
}

fn period(text: &str) -> Result<Period, StoreError> {
    text.parse().map_err(|_| StoreError(format!("{text} is no month")))
}

fn read(mut row: Row) -> Result<MonthRow, StoreError> {
    let period = period(&row.text()?)?;
    let kept = row.integer()? != 0;
    let closed = match row.optional_moment()? {
        Some(at) => Some(Closed { at, by: row.text()?, hash: row.text()? }),
        None => None,
    };
    Ok(MonthRow { period, kept, closed })
}

/// Months: which were kept at their end, which are closed, and their corrections.
#[derive(Clone, Copy)]
pub struct Months<'a>(pub(in super::super) &'a Database);

impl Months<'_> {
    /// A month that was kept or closed.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, period: Period) -> Result<Option<MonthRow>, StoreError> {
        let sql = "SELECT period, kept, closed_at, closed_by, hash FROM months WHERE period = ?";
        self.0.first(sql, params![period.to_string()])?.map(read).transpose()
    }

    /// Every month that was kept or closed, latest first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn all(&self) -> Result<Vec<MonthRow>, StoreError> {
        self.0.rows("SELECT period, kept, closed_at, closed_by, hash FROM months ORDER BY period DESC", &[])?.map(read).collect()
    }

    /// How a month was closed; none when it is not.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn closed(&self, period: Period) -> Result<Option<Closed>, StoreError> {
        Ok(self.find(period)?.and_then(|month| month.closed))
    }

    /// Notes that a month's last plan was kept.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_kept(&self, period: Period) -> Result<(), StoreError> {
        self.0
            .run("INSERT INTO months (period, kept) VALUES (?, 1) ON CONFLICT (period) DO UPDATE SET kept = 1", params![period.to_string()])
    }

    /// Closes a month, for good. Answers whether it was still open.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn close(&self, period: Period, closed: &Closed) -> Result<bool, StoreError> {
        if self.closed(period)?.is_some() {
            return Ok(false);
        }
        self.0.run(
            "INSERT INTO months (period, kept, closed_at, closed_by, hash) VALUES (?, 0, ?, ?, ?)
             ON CONFLICT (period) DO UPDATE SET closed_at = excluded.closed_at, closed_by = excluded.closed_by, hash = excluded.hash",
            params![period.to_string(), closed.at, &closed.by, &closed.hash],
        )?;
        Ok(true)
    }

    /// The month the lines were last planned for; none while there are no lines.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn planned(&self) -> Result<Option<Period>, StoreError> {
        let row = self.0.first("SELECT body FROM lines LIMIT 1", &[])?;
        row.map(|mut row| Ok(row.json::<Line>()?.period)).transpose()
    }

    /// Adds what was found out about a closed month.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn add_correction(&self, correction: &Correction) -> Result<(), StoreError> {
        self.0.run(
            "INSERT INTO corrections (period, line, body) VALUES (?, ?, ?)",
            params![correction.period.to_string(), correction.line.as_str(), json(correction)?],
        )
    }

    /// What was found out about a closed month, oldest first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn corrections(&self, period: Period) -> Result<Vec<Correction>, StoreError> {
        let rows = self.0.rows("SELECT body FROM corrections WHERE period = ? ORDER BY number", params![period.to_string()])?;
        rows.map(|mut row| row.json()).collect()
    }

    /// What a line of `period` carries: corrections of the month before, and of its own once that is closed.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn corrections_of(&self, line: &LineId, period: Period) -> Result<Vec<Correction>, StoreError> {
        let sql = "SELECT body FROM corrections WHERE line = ? AND period IN (?, ?) ORDER BY number";
        let rows = self.0.rows(sql, params![line.as_str(), period.previous().to_string(), period.to_string()])?;
        rows.map(|mut row| row.json()).collect()
    }
}
