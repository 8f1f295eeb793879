//! Where a line stands, and what a person has decided about it.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

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

/// The kinds of decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// Write it.
    Approved,
    /// Not until it is released, whatever its numbers become.
    Held,
    /// Not as long as its numbers are these.
    Dismissed,
}

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DecisionView"))]
pub struct Decision {
    /// What.
    pub decision: DecisionKind,
    /// Who; `automatic` when the mapping commits by itself.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why, when they said.
    pub reason: Option<String>,
}
