//! The service desk's JSON. All of its lists are read as one type: each fills the fields it has, and a type of its own for each
//! would weigh more than all of their rules.

use domain::ids::{BoardId, ConfigurationId, ItemId, StatusId, SubTypeId, TicketId, TicketTypeId};
use domain::tickets::{Association, Board, BoardStatus, Configuration, Named, SeenTicket};
use serde::Deserialize;

use crate::wire::{Info, Reference, wanted};
use vendor::VendorError;

/// Schemas Board, BoardStatus, BoardType, BoardSubType, BoardItem, BoardTeam, Priority, Source, Contact, Ticket, ServiceNote,
/// Company.Configuration, ConfigurationType, ConfigurationReference and BoardTypeSubTypeItemAssociation, as far as they are used.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeskRow {
    pub(crate) id: i64,
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    inactive_flag: Option<bool>,
    inactive: Option<bool>,
    closed_status: Option<bool>,
    default_flag: Option<bool>,
    type_association_ids: Option<Vec<i64>>,
    #[serde(rename = "type")]
    kind: Option<Reference>,
    sub_type: Option<Reference>,
    item: Option<Reference>,
    board: Option<Reference>,
    status: Option<Reference>,
    closed_flag: Option<bool>,
    closed_date: Option<String>,
    #[serde(rename = "externalXRef")]
    external_xref: Option<String>,
    text: Option<String>,
    serial_number: Option<String>,
    mac_address: Option<String>,
    device_identifier: Option<String>,
    active_flag: Option<bool>,
    #[serde(rename = "_info")]
    info: Option<Info>,
}

/// Nothing where there is an empty text.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn id(reference: Option<Reference>) -> Option<i64> {
    reference.and_then(|reference| reference.id)
}

impl DeskRow {
    /// An entry of a list; a contact's name is both of his.
    pub(crate) fn named(self) -> Named {
        let parts = [filled(self.first_name), filled(self.last_name)];
        let name = self.name.unwrap_or_else(|| parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
        Named { id: self.id, name, inactive: self.inactive_flag == Some(true) }
    }

    pub(crate) fn board(self) -> Board {
        let Named { id, name, inactive } = self.named();
        Board { id: BoardId(id), name, inactive }
    }

    pub(crate) fn status(self) -> BoardStatus {
        let yes = |flag: Option<bool>| flag == Some(true);
        BoardStatus {
            id: StatusId(self.id),
            name: self.name.unwrap_or_default(),
            closed: yes(self.closed_status),
            inactive: yes(self.inactive),
            default: yes(self.default_flag),
        }
    }

    /// What a row of associations allows; none for a type that stands alone.
    pub(crate) fn association(self) -> Option<Association> {
        let (kind, subtype) = (TicketTypeId(id(self.kind)?), SubTypeId(id(self.sub_type)?));
        Some(Association { kind, subtype, item: id(self.item).map(ItemId) })
    }

    /// Under which types a subtype itself says that it stands.
    pub(crate) fn under_types(&self) -> impl Iterator<Item = Association> {
        let subtype = SubTypeId(self.id);
        self.type_association_ids.iter().flatten().map(move |kind| Association { kind: TicketTypeId(*kind), subtype, item: None })
    }

    /// # Errors
    /// When it does not say on which board it is, in which status, or whether it is closed: nothing is guessed of a ticket.
    pub(crate) fn ticket(self) -> Result<SeenTicket, VendorError> {
        let row = self.id;
        Ok(SeenTicket {
            id: TicketId(row),
            board: BoardId(wanted(id(self.board), "ticket", row, "board.id")?),
            status: StatusId(wanted(id(self.status), "ticket", row, "status.id")?),
            closed: wanted(self.closed_flag, "ticket", row, "closedFlag")?,
            closed_at: self.closed_date.and_then(|date| date.parse().ok()),
            marker: filled(self.external_xref),
            updated: self.info.and_then(|info| info.last_updated),
        })
    }

    /// The text of a note.
    pub(crate) fn text(self) -> Option<String> {
        filled(self.text)
    }

    /// A configuration; one that does not say so is in use.
    pub(crate) fn configuration(self) -> Configuration {
        Configuration {
            id: ConfigurationId(self.id),
            name: self.name.unwrap_or_default(),
            serial: filled(self.serial_number),
            mac: filled(self.mac_address),
            identifier: filled(self.device_identifier),
            active: self.active_flag != Some(false),
        }
    }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
