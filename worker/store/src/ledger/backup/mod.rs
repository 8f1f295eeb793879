//! Backups: everything in the ledger that is not a secret, as one JSON document, and back into an empty ledger.
//!
//! A backup names the schema it was written at. A later release reads it: columns that came since have their defaults, and the
//! migrations' statements that moved data are run once more over what was read.

mod read;
mod tables;
mod write;

use std::fmt::Display;

use domain::Timestamp;
use domain::json::JsonError;
use serde::{Deserialize, Serialize};

use super::Database;
use crate::ports::{SqlValue, StoreError};

/// What the document says of itself before its tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupHead {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`] of the form it is written in.
    pub version: u32,
    /// The ledger's schema it was written at.
    pub schema: u32,
    /// When it was taken.
    pub taken_at: Timestamp,
}

/// What a backup calls itself.
const FORMAT: &str = "seatbridge-backup";
/// The form backups are written in.
const VERSION: u32 = 1;

/// Why a backup was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The ledger failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What it says of itself cannot be read.
    #[error("it cannot be read: {0}")]
    Head(#[from] JsonError),
    /// It is no backup, or not one that this release reads.
    #[error("{0}")]
    Unreadable(String),
    /// Whatever it is written to or read from failed.
    #[error("{0}")]
    Stream(#[from] std::io::Error),
}

fn unreadable(what: impl Display) -> BackupError {
    BackupError::Unreadable(what.to_string())
}

/// Backups of the ledger.
#[derive(Clone, Copy)]
pub struct Backups<'a>(pub(super) &'a Database);

/// A table's columns, and which of them tell its rows apart.
struct Columns {
    names: Vec<String>,
    key: Vec<String>,
}

impl Backups<'_> {
    /// Whether nothing has been set up yet: no connection was ever made, nothing is mapped, planned, closed or watched.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn takes_one(&self) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM connections) + EXISTS (SELECT 1 FROM documents) + EXISTS (SELECT 1 FROM lines)
                       + EXISTS (SELECT 1 FROM months) + EXISTS (SELECT 1 FROM ticket_rules) + EXISTS (SELECT 1 FROM ticket_log)";
        Ok(self.0.number(sql, &[])? == 0)
    }

    fn columns(&self, table: &tables::Table) -> Result<Columns, StoreError> {
        let mut columns = Columns { names: Vec::new(), key: Vec::new() };
        let mut key = Vec::new();
        for mut row in self.0.rows(&format!("PRAGMA table_info({})", table.name), &[])? {
            // The columns of table_info: its place, name, type, whether it may be empty, its default, and its place in the key.
            let (_, name, _, _, _, place) =
                (row.integer()?, row.text()?, row.text()?, row.integer()?, row.optional_text()?, row.integer()?);
            if place > 0 {
                key.push((place, name.clone()));
            }
            if !table.without.contains(&name.as_str()) {
                columns.names.push(name);
            }
        }
        key.sort();
        columns.key = key.into_iter().map(|(_, name)| name).collect();
        Ok(columns)
    }
}

/// A value of a row, as JSON has it.
fn outward(value: SqlValue) -> Result<serde_json::Value, StoreError> {
    match value {
        SqlValue::Null => Ok(serde_json::Value::Null),
        SqlValue::Integer(number) => Ok(number.into()),
        SqlValue::Real(number) => Ok(number.into()),
        SqlValue::Text(text) => Ok(text.into()),
        SqlValue::Blob(_) => Err(StoreError("bytes have no place in a backup".to_owned())),
    }
}

/// A value of a row, from JSON.
fn inward(value: serde_json::Value) -> Result<SqlValue, BackupError> {
    match value {
        serde_json::Value::Null => Ok(SqlValue::Null),
        serde_json::Value::String(text) => Ok(SqlValue::Text(text)),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Ok(SqlValue::Integer(whole)),
            (None, Some(real)) => Ok(SqlValue::Real(real)),
            (None, None) => Err(unreadable("a number of it is too large")),
        },
        _ => Err(unreadable("a value of it is neither text nor a number")),
    }
}
