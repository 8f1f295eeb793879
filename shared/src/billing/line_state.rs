//! Where a line stands.

use serde::{Deserialize, Serialize};

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    /// Changes, and waits for a person.
    ToApprove,
    /// Held by a guard or by a person.
    Held,
    /// Approved; waiting to be written, or being written.
    Committing,
    /// Written this month and read back.
    Done,
    /// Approved, but not written: ConnectWise refused, or something had changed.
    Failed,
    /// Approved, but nobody can say by itself what became of it: a person looks.
    Parked,
    /// ConnectWise already has the quantity.
    Unchanged,
    /// Left as it is by a person, until one of its numbers changes.
    Dismissed,
}
