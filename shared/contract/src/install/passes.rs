//! Passes: runs of the daily sync and the billing pass.

use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;
use crate::{Page, PageQuery};
use domain::Timestamp;
use domain::ids::{ConnectionId, PassId};

endpoints! {
    "passes";

    /// Sync or bill now.
    RunPasses("start_passes") = Post "/api/passes" (StartPass, Whole), body StartPasses => 202 StartedPasses, or [409];

    /// Passes, latest first.
    ListPasses("list_passes") = Get "/api/passes" (SeeBilling, Whole), query PageQuery => 200 Page<PassView>;

    /// One pass.
    ShowPass("pass") = Get "/api/passes/{id}" (SeeBilling, Whole), path PassId => 200 PassView;
}

/// What a pass does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PassKind {
    /// Reads one ESET connection into a snapshot.
    Sync,
    /// Reads the device groups of one ESET Connect or On-Prem connection.
    Groups,
    /// Reads one ConnectWise connection's companies, agreements, additions and catalog.
    Read,
    /// Reads the groups that ticket rules of one ESET Connect or On-Prem connection watch, and plans what becomes of their devices.
    Tickets,
    /// Plans the month's lines and commits what is approved or automatic.
    Billing,
}

/// Where a pass stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PassState {
    /// Waiting for its turn.
    Queued,
    /// Under way.
    Running,
    /// Finished, everything read.
    Done,
    /// Finished, but something could not be read; what depends on it is held.
    Partial,
    /// Could not be done. What was known before still stands.
    Failed,
}

/// `POST /api/passes`: "sync now". Reads every connection, then plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StartPasses {
    /// `sync` reads everything and plans; `billing` only plans and commits; `tickets` looks at the groups that rules watch.
    pub kind: PassKind,
}

/// Passes that were started, or were already under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StartedPasses {
    /// One for each connection to read, and the billing pass. None where no rule is switched on and `tickets` was asked for.
    pub passes: Vec<PassView>,
}

/// A pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PassView {
    /// Its id.
    pub id: PassId,
    /// What it does.
    pub kind: PassKind,
    /// The connection it reads; none for billing.
    pub connection: Option<ConnectionId>,
    /// That connection's name.
    pub connection_name: Option<String>,
    /// Where it stands.
    pub state: PassState,
    /// Who or what started it: `schedule`, or a person.
    pub started_by: String,
    /// When it was asked for.
    pub queued_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What it is doing now, in words.
    pub step: String,
    /// Things done so far in this step.
    pub done: u32,
    /// Things to do in this step, when it is known.
    pub of: Option<u32>,
    /// Calls made to the vendor.
    pub calls: u32,
    /// What came of it, in words.
    pub result: Option<String>,
    /// Things that went wrong, each in a sentence; the first 20.
    pub troubles: Vec<String>,
}
