//! Look-only mode: after the ledger went back in time, Seatbridge reads and plans and writes nothing until a person has seen what differs.

use serde::{Deserialize, Serialize};

use crate::endpoint::endpoints;
use domain::Timestamp;
use domain::ids::{AdditionId, AgreementId, ConnectionId, TicketId};
use domain::money::Quantity;

endpoints! {
    "look_only";

    /// Whether nothing is written to ConnectWise, why, and what differs from what was last written.
    ShowLookOnly("look_only") = Get "/api/look-only" (SeeConnections, Whole) => 200 LookOnlyView;

    /// Let Seatbridge write again, having seen what differs.
    LeaveLookOnly("leave_look_only") = Post "/api/look-only/leave" (LeaveLookOnly, Whole), body Leave => 200 LookOnlyView, or [409];
}

/// Why nothing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LookOnlyCause {
    /// The ledger is older than what was noted outside of it.
    Restored,
    /// A backup was imported.
    Imported,
    /// The clock shows less than the ledger has written down.
    ClockBack,
}

impl LookOnlyCause {
    /// What happened, in a sentence.
    pub fn message(self) -> &'static str {
        match self {
            Self::Restored => "Seatbridge’s ledger was restored to an earlier point, and ConnectWise has kept what was written since.",
            Self::Imported => "A backup was imported, and ConnectWise has kept what was written since it was taken.",
            Self::ClockBack => "The clock went backwards: the ledger knows of later moments than now.",
        }
    }
}

/// How much of ConnectWise was read anew since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reread {
    /// Mapped agreements.
    pub agreements: u32,
    /// Those of them whose additions were read.
    pub agreements_read: u32,
    /// ConnectWise connections.
    pub desks: u32,
    /// Those of them whose open tickets were read.
    pub desks_read: u32,
}

impl Reread {
    /// Whether nothing is left to be read.
    pub fn is_complete(&self) -> bool {
        self.agreements_read >= self.agreements && self.desks_read >= self.desks
    }
}

/// The mode, as every page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LookOnly {
    /// Why.
    pub cause: LookOnlyCause,
    /// Since when.
    pub since: Timestamp,
    /// The last moment the ledger knew of then.
    pub point: Timestamp,
    /// Reads count from here on: earlier ones may not show what was written just before.
    pub reads_count_from: Timestamp,
    /// How much was read anew; none for who does not see every company.
    pub reread: Option<Reread>,
}

/// `GET /api/look-only`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LookOnlyView {
    /// The mode; none while Seatbridge writes as always.
    pub mode: Option<LookOnly>,
    /// Additions that are not as the ledger last wrote them, or that bear our mark and are not in it; at most 500.
    pub additions: Vec<AdditionDifference>,
    /// All of them, counted.
    pub additions_total: u32,
    /// Open tickets that bear our mark and are not in the ledger; at most 500.
    pub tickets: Vec<UnknownTicket>,
    /// All of them, counted.
    pub tickets_total: u32,
    /// Why open tickets could not be read, by connection.
    pub troubles: Vec<String>,
    /// Stands for what differs now; [`Leave`] names it.
    pub seen: String,
}

/// An addition that ConnectWise shows and the ledger does not know like that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdditionDifference {
    /// The ConnectWise connection.
    pub psa: ConnectionId,
    /// The company.
    pub company: String,
    /// The agreement.
    pub agreement: AgreementId,
    /// Its name.
    pub agreement_name: String,
    /// The product.
    pub product: String,
    /// The addition.
    pub addition: AdditionId,
    /// What the ledger last wrote; none when it does not know the addition.
    pub written: Option<Quantity>,
    /// What ConnectWise bills.
    pub billed: Quantity,
    /// Whether ConnectWise changed it after the point the ledger went back to: leaving takes it for ours.
    pub since_point: bool,
}

/// An open ticket with our mark that the ledger does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnknownTicket {
    /// The ConnectWise connection.
    pub psa: ConnectionId,
    /// The ticket.
    pub ticket: TicketId,
}

/// `POST /api/look-only/leave`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Leave {
    /// [`LookOnlyView::seen`] of what was looked at.
    pub seen: String,
}
