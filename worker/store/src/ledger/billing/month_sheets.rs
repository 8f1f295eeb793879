//! The lines of months that are over: as the last plan left them, and as they were closed.
//!
//! A month may have tens of thousands of lines, so they are stored in parts and handed over one by one.

use std::mem;

use domain::billing::{MonthHead, Period, StatementLine};
use domain::hash::RunningHash;

use super::super::Database;
use super::super::row::{json, params};
use crate::ports::StoreError;

/// The most lines in one part.
const AT_ONCE: usize = 100;
/// Bytes from which on a part is full: one line more stays well below the 2 MB that a row may have.
const FULL: usize = 500_000;

/// Which of a month's two sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetKind {
    /// As its last plan left it; replaced while something of it still arrives.
    Kept,
    /// Its statement: written once.
    Closed,
}

impl SheetKind {
    fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Closed => "closed",
        }
    }
}

/// The lines of months that are over.
#[derive(Clone, Copy)]
pub struct MonthSheets<'a>(pub(in super::super) &'a Database);

impl<'a> MonthSheets<'a> {
    /// What is said of a month as a whole; none when it has no such sheet.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn head(&self, period: Period, kind: SheetKind) -> Result<Option<MonthHead>, StoreError> {
        let sql = "SELECT head FROM month_sheets WHERE period = ? AND kind = ?";
        self.0.first(sql, params![period.to_string(), kind.name()])?.map(|mut row| row.json()).transpose()
    }

    /// A month that a release before 0.2 kept or closed, and that is in KV alone.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn without(&self) -> Result<Vec<Period>, StoreError> {
        let sql = "SELECT period FROM months WHERE NOT EXISTS (
                       SELECT 1 FROM month_sheets WHERE month_sheets.period = months.period
                           AND month_sheets.kind = CASE WHEN closed_at IS NULL THEN 'kept' ELSE 'closed' END)";
        self.0.rows(sql, &[])?.map(|mut row| row.word()).collect()
    }

    /// Hands every line of a sheet over, in its order.
    ///
    /// # Errors
    /// When SQLite refuses, or `take` does.
    pub fn each(
        &self,
        period: Period,
        kind: SheetKind,
        mut take: impl FnMut(StatementLine) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let sql = "SELECT body FROM month_parts WHERE period = ? AND kind = ? AND part = ?";
        for part in 0_u32.. {
            let Some(mut row) = self.0.first(sql, params![period.to_string(), kind.name(), part])? else { break };
            row.json::<Vec<StatementLine>>()?.into_iter().try_for_each(&mut take)?;
        }
        Ok(())
    }

    /// Begins a sheet. Nothing may be awaited until it is finished.
    pub fn begin(&self, period: Period) -> NewSheet<'a> {
        NewSheet { database: self.0, period: period.to_string(), parts: 0, lines: Vec::new(), bytes: 0, hash: RunningHash::default() }
    }

    /// Drops what was kept of a month, once it is closed.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn drop_kept(&self, period: Period) -> Result<(), StoreError> {
        let parameters = params![period.to_string(), SheetKind::Kept.name()];
        self.0.run("DELETE FROM month_parts WHERE period = ? AND kind = ?", parameters)?;
        self.0.run("DELETE FROM month_sheets WHERE period = ? AND kind = ?", parameters)
    }
}

/// Under which kind the parts of a sheet stand that is not finished.
const UNFINISHED: &str = "unfinished";

/// A sheet that is being written, line by line.
pub struct NewSheet<'a> {
    database: &'a Database,
    period: String,
    parts: u32,
    /// The lines of the part that is being written, as JSON.
    lines: Vec<String>,
    bytes: usize,
    hash: RunningHash,
}

impl NewSheet<'_> {
    /// Adds a line.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn add(&mut self, line: &StatementLine) -> Result<(), StoreError> {
        let line = json(line)?;
        self.bytes += line.len();
        self.lines.push(line);
        if self.lines.len() < AT_ONCE && self.bytes < FULL { Ok(()) } else { self.store_part() }
    }

    fn store_part(&mut self) -> Result<(), StoreError> {
        let body = format!("[{}]", mem::take(&mut self.lines).join(","));
        self.hash.update(body.as_bytes());
        let sql = "INSERT OR REPLACE INTO month_parts (period, kind, part, body) VALUES (?, ?, ?, ?)";
        self.database.run(sql, params![&self.period, UNFINISHED, self.parts, body])?;
        self.bytes = 0;
        self.parts += 1;
        Ok(())
    }

    /// Stores what is said of it as a whole, in place of an earlier sheet of this kind. Returns the SHA-256 of its parts, one after
    /// the other, and of its head after them.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn finish(mut self, kind: SheetKind, head: &MonthHead) -> Result<String, StoreError> {
        if !self.lines.is_empty() {
            self.store_part()?;
        }
        let head = json(head)?;
        self.hash.update(head.as_bytes());
        let named = params![&self.period, kind.name()];
        self.database.run("DELETE FROM month_parts WHERE period = ? AND kind = ?", named)?;
        self.database
            .run("INSERT OR REPLACE INTO month_sheets (period, kind, head) VALUES (?, ?, ?)", params![&self.period, kind.name(), head])?;
        let sql = "UPDATE month_parts SET kind = ? WHERE period = ? AND kind = ? AND part < ?";
        self.database.run(sql, params![kind.name(), &self.period, UNFINISHED, self.parts])?;
        self.database.run("DELETE FROM month_parts WHERE kind = ?", params![UNFINISHED])?;
        Ok(self.hash.hex())
    }
}
