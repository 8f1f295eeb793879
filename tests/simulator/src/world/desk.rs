//! ConnectWise's service desk: boards, tickets, notes and configurations (PSA REST API, schemas Board, BoardStatus, Ticket,
//! ServiceNote, Company.Configuration). The rows serialise in the vendor's own field names.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::psa::{Reference, Stamp};

/// A service board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Board {
    /// Record id.
    pub id: i32,
    /// Display name.
    pub name: String,
    /// Out of use. Such boards are still listed.
    pub inactive_flag: bool,
    /// Last change.
    #[serde(rename = "_info")]
    pub info: Stamp,
}

/// A status tickets of one board can have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BoardStatus {
    /// Record id.
    pub id: i32,
    /// Free text: only [`BoardStatus::closed_status`] says whether a ticket in it is closed.
    pub name: String,
    /// The board it belongs to.
    pub board: Reference,
    /// Place in lists.
    pub sort_order: i32,
    /// Out of use. Such statuses are still listed.
    pub inactive: bool,
    /// Tickets in it are closed.
    pub closed_status: bool,
    /// What a new ticket gets.
    pub default_flag: bool,
    /// No time can be entered in it.
    pub time_entry_not_allowed: bool,
    /// Last change.
    #[serde(rename = "_info")]
    pub info: Stamp,
}

/// `_info` of a ticket, which also tells its beginning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TicketStamp {
    /// Last change.
    pub last_updated: DateTime<Utc>,
    /// Who made it.
    pub updated_by: String,
    /// When the ticket was made.
    pub date_entered: DateTime<Utc>,
    /// Who made the ticket.
    pub entered_by: String,
}

/// A service ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    /// Record id.
    pub id: i32,
    /// One line, 100 characters.
    pub summary: String,
    /// The board it is on.
    pub board: Reference,
    /// One of the board's statuses.
    pub status: Reference,
    /// Whose ticket it is.
    pub company: Reference,
    /// How urgent it is.
    pub priority: Reference,
    /// Whether its status is a closed one.
    pub closed_flag: bool,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_date: Option<DateTime<Utc>>,
    /// Who closed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// The key an integration finds its own tickets by, 100 characters. Nothing keeps it unique.
    #[serde(rename = "externalXRef", default, skip_serializing_if = "Option::is_none")]
    pub external_x_ref: Option<String>,
    /// Beginning and last change.
    #[serde(rename = "_info")]
    pub info: TicketStamp,
    /// Other fields of the schema.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A ticket with what hangs on it and what lists still show of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TicketRow {
    pub(crate) ticket: Ticket,
    /// Ids of the configurations linked to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) configurations: Vec<i32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<Earlier>,
}

/// How a ticket stood until a moment; not at all before it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Earlier {
    until: DateTime<Utc>,
    ticket: Option<Ticket>,
}

impl TicketRow {
    /// A ticket that was there all along.
    pub(crate) fn old(ticket: Ticket) -> Self {
        Self { ticket, configurations: Vec::new(), earlier: Vec::new() }
    }

    /// A ticket made now, which lists know of only after `lag`.
    pub(crate) fn new(ticket: Ticket, now: DateTime<Utc>, lag: Duration) -> Self {
        let mut row = Self::old(ticket);
        row.until(now, lag, None);
        row
    }

    /// Puts another ticket in its place; lists show the one before until `lag` is over.
    pub(crate) fn change(&mut self, ticket: Ticket, now: DateTime<Utc>, lag: Duration) {
        let before = std::mem::replace(&mut self.ticket, ticket);
        self.until(now, lag, Some(before));
    }

    fn until(&mut self, now: DateTime<Utc>, lag: Duration, ticket: Option<Ticket>) {
        self.earlier.push(Earlier { until: now, ticket });
        self.earlier.retain(|earlier| earlier.until + lag > now);
    }

    /// The ticket as lists show it.
    pub(crate) fn listed(&self, now: DateTime<Utc>, lag: Duration) -> Option<&Ticket> {
        match self.earlier.iter().find(|earlier| earlier.until + lag > now) {
            Some(earlier) => earlier.ticket.as_ref(),
            None => Some(&self.ticket),
        }
    }
}

/// A note of a ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Record id.
    pub id: i32,
    /// The ticket it is on.
    pub ticket_id: i32,
    /// What it says.
    pub text: String,
    /// Shown in the discussion, which the customer reads.
    pub detail_description_flag: bool,
    /// Shown to the MSP only.
    pub internal_analysis_flag: bool,
    /// Shown as the resolution.
    pub resolution_flag: bool,
    /// When it was written.
    pub date_created: DateTime<Utc>,
    /// Who wrote it.
    pub created_by: String,
    /// Written with a time entry. The list of notes leaves such ones out, the list of all notes has them.
    #[serde(default)]
    pub of_time_entry: bool,
}

/// A device of a company, as the PSA keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Configuration {
    /// Record id.
    pub id: i32,
    /// Display name, 100 characters; not unique.
    pub name: String,
    /// Kind of configuration.
    pub r#type: Reference,
    /// Active, Inactive, …
    pub status: Reference,
    /// Whose it is.
    pub company: Reference,
    /// The key an integration finds its own configurations by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_identifier: Option<String>,
    /// As a person or a tool typed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<String>,
    /// In any of the usual spellings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<String>,
    /// False for a device that is gone. Such rows are still listed.
    pub active_flag: bool,
    /// Last change.
    #[serde(rename = "_info")]
    pub info: Stamp,
    /// Other fields of the schema.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}
