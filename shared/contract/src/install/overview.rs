//! The overview: what needs a person, and how old everything is.

use serde::{Deserialize, Serialize};

use crate::connections::{ConnectionKind, Freshness};
use crate::endpoint::endpoints;
use crate::look_only::LookOnly;
use crate::month::MonthSummary;
use crate::passes::PassView;
use crate::tickets::MassLeave;
use domain::Timestamp;
use domain::ids::{ConnectionId, TicketRuleId};

endpoints! {
    "overview";

    /// What needs a person, and how old everything is.
    ShowOverview("overview") = Get "/api/overview" (SeeBilling, Scoped) => 200 Overview;
}

/// `GET /api/overview`; polled by every page for its top line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Overview {
    /// The server's clock, to reckon ages with.
    pub now: Timestamp,
    /// Each connection with its age.
    pub vendors: Vec<VendorFreshness>,
    /// What nobody has mapped yet.
    pub unmapped: Unmapped,
    /// Lines with seats that no addition bills.
    pub unbilled: u32,
    /// Drift that nobody has looked at.
    pub drift: u32,
    /// The month in numbers.
    pub month: MonthSummary,
    /// Passes under way.
    pub running: Vec<PassView>,
    /// The cron that starts passes.
    pub schedule: ScheduleView,
    /// Why nothing is written to ConnectWise; none while Seatbridge writes as always.
    #[serde(default)]
    pub look_only: Option<LookOnly>,
    /// Groups that devices left at once, to people who see every company.
    #[serde(default)]
    pub mass_leaves: Vec<RuleLeaves>,
}

/// A rule whose group devices left at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleLeaves {
    /// The rule.
    pub rule: TicketRuleId,
    /// Its name.
    pub name: String,
    /// The devices.
    pub leaves: MassLeave,
}

/// One connection's age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VendorFreshness {
    /// The connection.
    pub connection: ConnectionId,
    /// Its name.
    pub name: String,
    /// Its vendor.
    pub kind: ConnectionKind,
    /// Its age.
    pub freshness: Freshness,
}

/// What nobody has mapped yet. Counted, so that it is never invisible.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unmapped {
    /// ESET companies with licences, without an agreement and not excluded.
    pub companies: u32,
    /// ESET products in use, without a catalog product and not excluded.
    pub products: u32,
}

/// Whether the schedule runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScheduleView {
    /// When the cron last called.
    pub last_cron_at: Option<Timestamp>,
    /// Whether it has been silent for more than two intervals.
    pub silent: bool,
    /// When the next daily sync is due.
    pub next_sync_at: Option<Timestamp>,
}
