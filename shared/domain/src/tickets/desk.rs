//! ConnectWise's service desk: what a ticket can be made of, what is seen of one, and which of a company's configurations is a
//! device.

mod device;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{BoardId, ContactId, ItemId, PriorityId, PsaCompanyId, SourceId, StatusId, SubTypeId, TeamId, TicketId, TicketTypeId};

pub use device::{Configuration, Device, DeviceFit, DeviceMatch, MatchedBy, NewConfiguration};

/// An entry of one of ConnectWise's lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Named {
    /// Its id; of which kind, the list says.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether it stays on old records and is not offered for new ones.
    #[serde(default)]
    pub inactive: bool,
}

/// A service board (`/service/boards`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Board {
    /// Its id.
    pub id: BoardId,
    /// Its name.
    pub name: String,
    /// Whether it takes no new tickets.
    #[serde(default)]
    pub inactive: bool,
}

/// What every ticket can choose from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServiceBoardOptions {
    /// Service boards; project boards are left out.
    pub boards: Vec<Board>,
    /// Priorities, in the order of the desk.
    pub priorities: Vec<Named>,
    /// Sources.
    pub sources: Vec<Named>,
}

/// A status of a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BoardStatus {
    /// Its id.
    pub id: StatusId,
    /// Its name.
    pub name: String,
    /// Whether a ticket in it is closed (`closedStatus`). Some desks have finished ones without it.
    #[serde(default)]
    pub closed: bool,
    /// Whether it is not offered any more.
    #[serde(default)]
    pub inactive: bool,
    /// Whether new tickets begin in it.
    #[serde(default)]
    pub default: bool,
}

/// That a board lets a subtype stand under a type, and perhaps an item under both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Association {
    /// The type.
    pub kind: TicketTypeId,
    /// The subtype.
    pub subtype: SubTypeId,
    /// The item; none for the subtype alone.
    pub item: Option<ItemId>,
}

/// What a ticket of one board can choose from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BoardSetup {
    /// Statuses, in the order of the board.
    pub statuses: Vec<BoardStatus>,
    /// Types.
    pub types: Vec<Named>,
    /// Subtypes, each under the types that associations name.
    pub subtypes: Vec<Named>,
    /// Items, each under the subtypes that associations name.
    pub items: Vec<Named>,
    /// Teams.
    pub teams: Vec<Named>,
    /// What may stand under what.
    pub associations: Vec<Association>,
    /// Whether the associations tell of items; if not, only ConnectWise knows which are allowed.
    pub items_known: bool,
}

/// What is chosen of a board for a ticket; what is none is left to ConnectWise's defaults.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Choice {
    /// The status.
    pub status: Option<StatusId>,
    /// The type.
    pub kind: Option<TicketTypeId>,
    /// The subtype.
    pub subtype: Option<SubTypeId>,
    /// The item.
    pub item: Option<ItemId>,
    /// The team.
    pub team: Option<TeamId>,
}

/// A field of a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoardField {
    /// The status.
    Status,
    /// The type.
    Type,
    /// The subtype.
    Subtype,
    /// The item.
    Item,
    /// The team.
    Team,
}

impl BoardField {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Type => "type",
            Self::Subtype => "subtype",
            Self::Item => "item",
            Self::Team => "team",
        }
    }
}

/// What is wrong with a field of a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoardFaultReason {
    /// The board has none of this id.
    NotOfBoard,
    /// It is there and not offered any more.
    Inactive,
    /// The board does not let it stand under what else is chosen.
    NotAllowed,
    /// It stands under another field, of which nothing is chosen.
    Alone,
}

/// Why a board does not take a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {} {}", .field.name(), .why.label(*.field))]
pub struct BoardFault {
    /// The field.
    pub field: BoardField,
    /// What is wrong with it.
    pub why: BoardFaultReason,
}

impl BoardFaultReason {
    fn label(self, field: BoardField) -> &'static str {
        match (self, field) {
            (Self::NotOfBoard, _) => "is not one of this board",
            (Self::Inactive, _) => "is inactive",
            (Self::NotAllowed, BoardField::Item) => "does not go with this type and subtype",
            (Self::NotAllowed, _) => "does not go with this type",
            (Self::Alone, BoardField::Item) => "needs a type and a subtype",
            (Self::Alone, _) => "needs a type",
        }
    }
}

impl BoardSetup {
    /// Whether the board takes all of a choice.
    ///
    /// # Errors
    /// With the first field that it does not take.
    pub fn takes(&self, choice: &Choice) -> Result<(), BoardFault> {
        if let Some(wanted) = choice.status {
            let found = self.statuses.iter().find(|status| status.id == wanted).map(|status| status.inactive);
            offered(BoardField::Status, found)?;
        }
        self.allows(choice.kind, choice.subtype, choice.item)?;
        listed(BoardField::Team, &self.teams, choice.team.map(|team| team.0))
    }

    /// Whether the board lets these three stand under each other.
    ///
    /// # Errors
    /// With the first that is not offered, or does not stand under those before it.
    pub fn allows(&self, kind: Option<TicketTypeId>, subtype: Option<SubTypeId>, item: Option<ItemId>) -> Result<(), BoardFault> {
        let fault = |field, why| Err(BoardFault { field, why });
        listed(BoardField::Type, &self.types, kind.map(|kind| kind.0))?;
        listed(BoardField::Subtype, &self.subtypes, subtype.map(|subtype| subtype.0))?;
        listed(BoardField::Item, &self.items, item.map(|item| item.0))?;
        let (kind, subtype) = match (kind, subtype, item) {
            (_, None, None) => return Ok(()),
            (_, None, Some(_)) | (None, Some(_), Some(_)) => return fault(BoardField::Item, BoardFaultReason::Alone),
            (None, Some(_), None) => return fault(BoardField::Subtype, BoardFaultReason::Alone),
            (Some(kind), Some(subtype), _) => (kind, subtype),
        };
        let mut under = self.associations.iter().filter(|known| (known.kind, known.subtype) == (kind, subtype)).peekable();
        if under.peek().is_none() {
            return fault(BoardField::Subtype, BoardFaultReason::NotAllowed);
        }
        if item.is_some() && self.items_known && !under.any(|known| known.item == item) {
            return fault(BoardField::Item, BoardFaultReason::NotAllowed);
        }
        Ok(())
    }
}

fn listed(field: BoardField, list: &[Named], wanted: Option<i64>) -> Result<(), BoardFault> {
    match wanted {
        Some(wanted) => offered(field, list.iter().find(|entry| entry.id == wanted).map(|entry| entry.inactive)),
        None => Ok(()),
    }
}

/// `found`: whether what was looked for is inactive; none when it is not there.
fn offered(field: BoardField, found: Option<bool>) -> Result<(), BoardFault> {
    match found {
        Some(false) => Ok(()),
        Some(true) => Err(BoardFault { field, why: BoardFaultReason::Inactive }),
        None => Err(BoardFault { field, why: BoardFaultReason::NotOfBoard }),
    }
}

/// A ticket as ConnectWise shows it (`/service/tickets`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SeenTicket {
    /// Its number.
    pub id: TicketId,
    /// The board it is on now.
    pub board: BoardId,
    /// The status it is in.
    pub status: StatusId,
    /// Whether it is closed (`closedFlag`).
    pub closed: bool,
    /// When it was closed (`closedDate`); none while it is open, or when ConnectWise does not say.
    pub closed_at: Option<Timestamp>,
    /// What it is marked with (`externalXRef`).
    pub marker: Option<String>,
    /// ConnectWise's `_info.lastUpdated`: the only version it keeps.
    pub updated: Option<String>,
}

/// A ticket that is to be opened; what is none is left to ConnectWise's defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTicket {
    /// Whose it is.
    pub company: PsaCompanyId,
    /// On which board.
    pub board: BoardId,
    /// What is chosen of the board.
    pub choice: Choice,
    /// The priority.
    pub priority: Option<PriorityId>,
    /// The source.
    pub source: Option<SourceId>,
    /// The company's person it is about.
    pub contact: Option<ContactId>,
    /// One line; at most a hundred characters reach ConnectWise.
    pub summary: String,
    /// What it says at first.
    pub text: String,
    /// Whether the text is internal: not for the customer.
    pub internal: bool,
    /// What it is found again by (`externalXRef`), at most a hundred characters.
    pub marker: String,
    /// When it is due (`requiredDate`).
    pub due: Option<Timestamp>,
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
