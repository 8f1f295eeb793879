//! Backups: everything that is not a secret, as one JSON document, and back into an install in which nothing is set up yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;
use domain::Timestamp;

endpoints! {
    "backup";

    /// Everything Seatbridge holds that is not a secret, as one JSON document.
    TakeBackup("take_backup") = Get "/api/backup" (TakeBackup, Whole) => 200 "application/json";

    /// Where nightly backups go, and how the last one went.
    ShowNightlyBackup("nightly_backup") = Get "/api/backup/nightly" (TakeBackup, Whole) => 200 NightlyBackup;

    /// Take a backup into an install in which nothing is set up yet. It writes nothing to ConnectWise until somebody has looked.
    ImportBackup("import_backup") = Post "/api/backup/import" (ImportBackup, Whole), body Backup => 200 BackupImported, or [409, 413];
}

/// The most bytes of a backup that is imported.
pub const MOST_BYTES: usize = 256 * 1024 * 1024;

/// `GET /api/backup`, and the body of `POST /api/backup/import`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// `seatbridge-backup`.
    pub format: String,
    /// The version of this form: 1.
    pub version: u32,
    /// The schema of the ledger it was taken from. A newer release reads it, an older one does not.
    pub schema: u32,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// The ledger's tables by name, without credentials, sessions, tokens, passkeys and share links.
    pub tables: BTreeMap<String, BackupTable>,
    /// How many rows all tables have.
    pub rows: u64,
}

/// A table of a backup. Its columns stand before its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BackupTable {
    /// Its columns.
    pub columns: Vec<String>,
    /// Its rows: a text, a number or null for each column.
    pub rows: Vec<Vec<serde_json::Value>>,
}

/// `GET /api/backup/nightly`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NightlyBackup {
    /// Where they go; none when neither a bucket is bound nor an address named.
    pub target: Option<NightlyTarget>,
    /// When the last one arrived.
    pub kept_at: Option<Timestamp>,
    /// When one was last tried.
    pub tried_at: Option<Timestamp>,
    /// Why the last one did not arrive; none when it did.
    pub failure: Option<String>,
}

/// Where nightly backups go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NightlyTarget {
    /// An R2 bucket.
    Bucket,
    /// An address of the user's.
    Address,
}

/// What was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BackupImported {
    /// When the backup was taken.
    pub taken_at: Timestamp,
    /// Rows in it.
    pub rows: u64,
    /// Connections whose credentials have to be entered again, by name.
    pub connections: Vec<String>,
}
