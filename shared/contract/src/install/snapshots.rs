//! Snapshots: ESET's seat counts of past days, exactly as they were read. They are kept for ever.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::Page;
use crate::endpoint::endpoints;
use domain::Timestamp;
use domain::ids::{ConnectionId, PassId};

endpoints! {
    "snapshots";

    /// Snapshots of past days, latest first.
    ListSnapshots("list_snapshots") = Get "/api/snapshots" (SeeBilling, Whole), query SnapshotsQuery => 200 Page<SnapshotView>;

    /// One snapshot, byte for byte as it was read.
    ShowSnapshot("snapshot") = Get "/api/snapshots/{id}" (SeeBilling, Whole), path PassId => 200 "application/json", or [409];
}

/// `GET /api/snapshots`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SnapshotsQuery {
    /// Only those of this ESET connection.
    pub connection: Option<ConnectionId>,
    /// First day (UTC).
    pub from: Option<NaiveDate>,
    /// Last day (UTC), included.
    pub to: Option<NaiveDate>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Items to a page.
    pub limit: Option<u32>,
}

/// One snapshot. `GET /api/snapshots/{id}` answers its document byte for byte, whose SHA-256 is `hash`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SnapshotView {
    /// The pass that took it.
    pub id: PassId,
    /// The ESET connection; also one that is deleted.
    pub connection: ConnectionId,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Whether everything was read; none for one taken before this was noted.
    pub complete: Option<bool>,
    /// SHA-256 of the document.
    pub hash: String,
}
