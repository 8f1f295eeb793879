//! Where a rule's tickets go in ConnectWise, and what becomes of the rule when that place is gone.

use serde::{Deserialize, Serialize};

use crate::ids::{
    BoardId, ConfigurationTypeId, ConnectionId, ContactId, ItemId, PriorityId, PsaCompanyId, SourceId, StatusId, SubTypeId, TeamId,
    TicketTypeId,
};

/// Where tickets go. What is none is left to the board's own defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TicketTarget {
    /// The ConnectWise connection.
    pub psa: ConnectionId,
    /// The service board.
    pub board: BoardId,
    /// The board's type.
    pub kind: Option<TicketTypeId>,
    /// Its subtype.
    pub subtype: Option<SubTypeId>,
    /// Its item.
    pub item: Option<ItemId>,
    /// The team.
    pub team: Option<TeamId>,
    /// The priority.
    pub priority: Option<PriorityId>,
    /// The source.
    pub source: Option<SourceId>,
    /// The status a ticket begins in and is opened again to.
    pub open_status: StatusId,
    /// The status it is closed by.
    pub closed_status: StatusId,
    /// The contact. It is of one company: whoever posts a ticket of another one has to leave it out.
    pub contact: Option<ContactId>,
    /// The company of devices whose own is not mapped: a person chose it, so no ticket goes nowhere.
    pub catch_all: PsaCompanyId,
    /// Hours after which a new ticket is due; none names no due date.
    pub due_hours: Option<u32>,
    /// The type of configurations that are made for devices ConnectWise does not have.
    #[serde(default)]
    pub configuration_type: Option<ConfigurationTypeId>,
}

/// Whether ConnectWise still has something, and lets it be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is there.
    Usable,
    /// It is there and was made inactive.
    Inactive,
    /// It is not there any more.
    Gone,
}

/// Why a rule's actions wait. Its cases go on being kept, so nothing is lost meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Paused {
    /// The board was deleted.
    BoardGone,
    /// The board was made inactive.
    BoardInactive,
    /// The status of new tickets was deleted.
    OpenStatusGone,
    /// The status of new tickets was made inactive.
    OpenStatusInactive,
    /// The status of closed tickets was deleted.
    ClosedStatusGone,
    /// The status of closed tickets was made inactive.
    ClosedStatusInactive,
    /// The company for devices without one was deleted.
    CatchAllGone,
}

impl Paused {
    /// The reason and what to do about it.
    pub fn message(self) -> &'static str {
        match self {
            Self::BoardGone => "The rule's board was deleted in ConnectWise. Choose another one.",
            Self::BoardInactive => "The rule's board was made inactive in ConnectWise. Make it active again, or choose another one.",
            Self::OpenStatusGone => "The status of new tickets was deleted in ConnectWise. Choose another one.",
            Self::OpenStatusInactive => "The status of new tickets was made inactive in ConnectWise. Choose another one.",
            Self::ClosedStatusGone => "The status of closed tickets was deleted in ConnectWise. Choose another one.",
            Self::ClosedStatusInactive => "The status of closed tickets was made inactive in ConnectWise. Choose another one.",
            Self::CatchAllGone => "The company for devices without one was deleted in ConnectWise. Choose another one.",
        }
    }
}

/// Why nothing can be opened on `target`, as ConnectWise holds it: how its board stands, how a status of that board does, and
/// whether there is a company. Only of what was read to its end: a board that a broken reading does not show is not gone.
pub fn paused(
    target: &TicketTarget,
    board: Standing,
    status: impl Fn(StatusId) -> Standing,
    has_company: impl Fn(PsaCompanyId) -> bool,
) -> Vec<Paused> {
    let of = |standing, inactive, gone| match standing {
        Standing::Usable => None,
        Standing::Inactive => Some(inactive),
        Standing::Gone => Some(gone),
    };
    let mut reasons = Vec::new();
    reasons.extend(of(board, Paused::BoardInactive, Paused::BoardGone));
    // Nobody can choose a status of a board that is gone.
    if board != Standing::Gone {
        reasons.extend(of(status(target.open_status), Paused::OpenStatusInactive, Paused::OpenStatusGone));
        reasons.extend(of(status(target.closed_status), Paused::ClosedStatusInactive, Paused::ClosedStatusGone));
    }
    reasons.extend((!has_company(target.catch_all)).then_some(Paused::CatchAllGone));
    reasons
}
