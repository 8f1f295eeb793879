//! What a rule knows of one device.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::TicketId;

/// How exactly ConnectWise says when a ticket was closed.
const TO_THE_SECOND: TimeDelta = TimeDelta::seconds(1);

/// One device under one rule. Begins when the device is first seen in the group, or something is first detected on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Case {
    /// Whether it is in the group, as the last whole poll said; under a rule about detections what was last found on it.
    pub presence: Presence,
    /// When it had entered for the last time, once it has left; none of one that left before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_at: Option<Timestamp>,
    /// How often it has entered, or something was detected on it.
    pub entries: u32,
    /// The last entry that was dealt with: opened, noted or skipped for a reason.
    pub dealt: u32,
    /// Its last ticket.
    pub ticket: Option<OurTicket>,
}

/// Whether a device is in a group, or something was detected on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It is, since the poll that first saw it.
    In(Timestamp),
    /// It is not, since the poll that first missed it.
    Out(Timestamp),
    /// Something was detected on it, first read at this moment. No console says that this is over, so it stays.
    Found(Timestamp),
}

impl Presence {
    /// Since when it is so.
    pub fn since(self) -> Timestamp {
        let (Self::In(since) | Self::Out(since) | Self::Found(since)) = self;
        since
    }
}

/// A ticket that was opened for a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OurTicket {
    /// Its number in ConnectWise.
    pub id: TicketId,
    /// How it stood when it was last looked at.
    pub state: TicketState,
    /// Whether it is the summary of a storm, which stands for other devices too: it is a person's to close.
    pub summary: bool,
    /// Whether an entry was left to it that came after it was made. A ticket that is deleted does not say when, so that nobody
    /// knows whether it was still there for that entry.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_to: bool,
}

/// How a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TicketState {
    /// In one of the board's open statuses.
    Open,
    /// Closed.
    Closed {
        /// When that was done or first seen.
        at: Timestamp,
        /// Who did it.
        by: Closer,
    },
    /// Deleted in ConnectWise, or out of the API member's sight.
    Gone,
}

/// Who closed a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Closer {
    /// Seatbridge, because the device had left.
    Us,
    /// Somebody in ConnectWise.
    Person,
}

impl Case {
    /// A device that was just seen for the first time.
    pub fn entered(at: Timestamp) -> Self {
        Self { presence: Presence::In(at), entered_at: None, entries: 1, dealt: 0, ticket: None }
    }

    /// A device on which something was detected for the first time.
    pub fn found(at: Timestamp) -> Self {
        Self { presence: Presence::Found(at), ..Self::entered(at) }
    }

    /// Takes in that something more was detected on it: another entry. What is detected before the last entry was decided about
    /// is a part of that one and nothing to be taken in here.
    pub fn find_more(&mut self, at: Timestamp) {
        self.presence = Presence::Found(at);
        self.entries = self.entries.saturating_add(1);
    }

    /// Takes in what a poll says. Only of a poll that was read to its end: a device that a broken one does not show has not
    /// left.
    pub fn observe(&mut self, is_in: bool, at: Timestamp) {
        match (self.presence, is_in) {
            (Presence::Out(_), true) => {
                self.presence = Presence::In(at);
                self.entries = self.entries.saturating_add(1);
            }
            (Presence::In(since), false) => {
                self.presence = Presence::Out(at);
                self.entered_at = Some(since);
            }
            _ => {}
        }
    }

    /// Takes in how its ticket stands in ConnectWise. A person's doing is never undone by this: what was closed stays closed
    /// until the device enters anew. `at` is when it was closed, as ConnectWise says, else now.
    pub fn look_at_ticket(&mut self, id: TicketId, is_open: Option<bool>, at: Timestamp) {
        let Some(ticket) = self.ticket.as_mut().filter(|ticket| ticket.id == id) else { return };
        let was_open = ticket.state == TicketState::Open;
        ticket.state = match (is_open, ticket.state) {
            (None, _) => TicketState::Gone,
            (Some(true), _) => TicketState::Open,
            (Some(false), closed @ TicketState::Closed { .. }) => closed,
            (Some(false), _) => TicketState::Closed { at, by: Closer::Person },
        };
        let over = match ticket.state {
            TicketState::Closed { at, .. } => at + TO_THE_SECOND <= self.presence.since(),
            TicketState::Gone => ticket.left_to,
            TicketState::Open => false,
        };
        if ticket.summary && was_open && over && self.is_in() && !self.is_new() {
            // It was left to a summary that nobody knew to be closed already, or that may have been deleted before.
            self.dealt = self.dealt.saturating_sub(1);
        }
    }

    /// The entry is dealt with: by this open ticket, which was made, opened again or noted in for it.
    pub fn stands_by(&mut self, id: TicketId, summary: bool) {
        self.dealt = self.entries;
        self.ticket = Some(OurTicket { id, state: TicketState::Open, summary, left_to: false });
    }

    /// An entry is dealt with by this ticket, as [`Case::stands_by`]. When the device has entered again since, that is still new.
    pub fn stood_by(&mut self, entry: u32, id: TicketId, summary: bool) {
        let dealt = self.dealt.max(entry.min(self.entries));
        self.stands_by(id, summary);
        self.dealt = dealt;
    }

    /// The entry is dealt with by doing nothing, or left to a summary that is open.
    pub fn skip(&mut self) {
        self.dealt = self.entries;
        if let Some(ticket) = &mut self.ticket {
            ticket.left_to = ticket.summary && ticket.state == TicketState::Open;
        }
    }

    /// Its ticket was closed by us.
    pub fn closed(&mut self, at: Timestamp) {
        if let Some(ticket) = &mut self.ticket {
            ticket.state = TicketState::Closed { at, by: Closer::Us };
        }
    }

    /// Whether the device is in the group, or something was detected on it.
    pub fn is_in(&self) -> bool {
        matches!(self.presence, Presence::In(_) | Presence::Found(_))
    }

    /// Whether nothing is to be done before a poll or a person changes something, whatever the rule says.
    pub fn rests(&self) -> bool {
        let open = self.ticket.as_ref().is_some_and(|ticket| ticket.state == TicketState::Open && !ticket.summary);
        !self.is_new() && (self.is_in() || !open)
    }

    /// Whether a summary that tells of it deals with its entry: not when something else has dealt with that since, or when the device
    /// has an open ticket of its own, which would be forgotten.
    pub fn waits_for_summary(&self) -> bool {
        let own = self.ticket.as_ref().is_some_and(|ticket| ticket.state == TicketState::Open && !ticket.summary);
        self.is_new() && !own
    }

    /// Whether an entry was not dealt with yet.
    pub fn is_new(&self) -> bool {
        self.dealt < self.entries
    }
}
