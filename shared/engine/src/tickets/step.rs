//! Tickets' effect on the machine: what a look at ConnectWise says, what is written next, and how an intent ends.
//!
//! It converges: every read says which parts are there, the first that is not is written, and after each write it reads again,
//! until nothing is left. What was sent is looked for before it is sent again, for longer than ConnectWise's reads and searches lag: that
//! is the machine's. A ticket bears the entry's mark, and once it is known by its number it is never made again.

use chrono::TimeDelta;

use super::intent::{Progress, TicketActionKind, TicketEnd, TicketIntent, TicketOutcome};
use crate::{Answer, Command, Course, Effect, Ending, Event, IntentState, Stop, Then, Verdict};
use domain::Timestamp;
use domain::ids::{BoardId, ConfigurationId, StatusId, TicketId};
use domain::tickets::TicketTarget;

/// Something that happened to an intent on a ticket.
pub type TicketEvent = Event<Sighting, Receipt>;
/// What is done next about one.
pub type TicketCommand = Command<TicketWrite>;
/// How ConnectWise answered a write of one.
pub type TicketAnswer = Answer<Receipt>;
/// What a read says about one.
pub(super) type Seeing = Verdict<TicketWrite, TicketOutcome>;

/// What a read found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    /// All tickets with the intent's mark, open or closed; what is read while the intent names no ticket.
    Marked(Vec<TicketId>),
    /// The ticket that the intent names.
    Ticket(Look),
    /// ConnectWise does not have it.
    Gone,
}

/// A ticket, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Its number.
    pub id: TicketId,
    /// The board it is on now.
    pub board: BoardId,
    /// Its status.
    pub status: StatusId,
    /// Whether ConnectWise calls it closed (`closedFlag`).
    pub closed: bool,
    /// When it was closed, as ConnectWise says (`closedDate`).
    pub closed_at: Option<Timestamp>,
    /// Whether one of its notes bears the intent's mark ([`TicketIntent::note_marker`]). Only asked for when
    /// [`TicketIntent::asks_for_note`].
    pub noted: bool,
    /// The device's configuration. Only asked for when [`TicketIntent::asks_for_configuration`].
    pub configuration: Attachment,
}

/// What ConnectWise holds of the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attachment {
    /// Its configuration is attached to the ticket.
    Attached,
    /// There is one of the company's, and it is not attached.
    Found(ConfigurationId),
    /// Several of the company's fit alike.
    Several,
    /// There is none, or several that fit alike.
    Missing,
}

/// What ConnectWise says of a write it accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// Nothing with a number of its own was made.
    Nothing,
    /// The number of the ticket that was made.
    Ticket(TicketId),
    /// The number of the configuration that was made.
    Configuration(ConfigurationId),
}

/// One write to ConnectWise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketWrite {
    /// POST the ticket that the intent describes: its target, company, summary, text and [`TicketIntent::marker`].
    Create {
        /// When it is due.
        due: Option<Timestamp>,
    },
    /// PATCH the ticket's status.
    Status(StatusId),
    /// POST this note into the ticket; its last line is the intent's mark.
    Note(String),
    /// POST a configuration for the intent's device.
    Configuration,
    /// POST this configuration to the ticket.
    Attach(ConfigurationId),
}

impl Effect for TicketIntent {
    type Reading = Sighting;
    type Write = TicketWrite;
    type Receipt = Receipt;
    type Outcome = TicketOutcome;

    fn course(&self) -> &Course<TicketOutcome> {
        &self.course
    }

    fn course_mut(&mut self) -> &mut Course<TicketOutcome> {
        &mut self.course
    }

    fn unclaimable(&self, now: Timestamp) -> Option<Ending<TicketOutcome>> {
        let named = self.ticket.is_some() || self.action.creates();
        (!named).then(|| self.ending(IntentState::Failed, TicketEnd::Refused, "It names no ticket. Nothing was written.", now))
    }

    fn judge(&mut self, sighting: Sighting, now: Timestamp) -> Seeing {
        match (sighting, self.ticket) {
            (Sighting::Marked(tickets), None) => self.found(&tickets, now),
            (Sighting::Ticket(look), Some(ticket)) if look.id == ticket => self.looked(&look, now),
            // Its number was told with the answer, or by a search: reads lag behind what was just sent, too.
            (Sighting::Gone, Some(_)) if self.may_still_show(now) && (self.is_accepted() || self.action.creates()) => Verdict::Unseen,
            (Sighting::Gone, Some(_)) => {
                Verdict::Over(self.ending(IntentState::Done, TicketEnd::Gone, "The ticket is gone from ConnectWise.", now))
            }
            _ => Verdict::Unfit,
        }
    }

    fn accepted(&mut self, receipt: Receipt, _now: Timestamp) -> Then<TicketOutcome> {
        match receipt {
            Receipt::Ticket(ticket) if self.sent => {
                self.ticket = Some(ticket);
                self.sent = false;
                self.came = Some(TicketEnd::Written);
                Then::Prove
            }
            Receipt::Configuration(configuration) if self.parts.configuration == Progress::Sent => {
                self.configuration = Some(configuration);
                self.parts.configuration = Progress::There;
                Then::Prove
            }
            Receipt::Nothing if !self.sent && self.parts.configuration != Progress::Sent => Then::Prove,
            // A number that could not be read is a lost one.
            Receipt::Nothing | Receipt::Ticket(_) | Receipt::Configuration(_) => Then::Lost,
        }
    }

    fn refused(&mut self, words: &str, now: Timestamp) -> Then<TicketOutcome> {
        if self.sent || self.is_main_sent() {
            self.leave_behind();
            let words = format!("ConnectWise refused it: {words}");
            return Then::Over(self.ending(IntentState::Failed, TicketEnd::Refused, &words, now));
        }
        self.leave_out(&format!("was refused by ConnectWise: {words}"));
        Then::Prove
    }

    fn gone(&mut self, now: Timestamp) -> Then<TicketOutcome> {
        if !self.sent && self.is_main_sent() { Then::Again } else { self.refused("it is not there", now) }
    }

    fn unsend(&mut self) {
        self.leave_behind();
    }

    fn suppose_sent(&mut self) {
        self.sent = self.ticket.is_none() && self.action.creates();
        self.parts.replace(Progress::Wanted, Progress::Sent);
        // Which of its parts was accepted is not known any more.
        if let Some(write) = &mut self.course.under_way {
            write.accepted = false;
        }
    }

    fn unwanted(&self, now: Timestamp) -> Option<Ending<TicketOutcome>> {
        self.withdrawn.as_ref().map(|words| self.early_ending(words, now))
    }

    /// A ticket that is there is no failure for want of a trifle.
    fn stopped(&self, stop: Stop<'_>, now: Timestamp) -> Ending<TicketOutcome> {
        let words = stop.reason();
        if self.is_undecided() {
            let words = format!("{words} Look in ConnectWise whether it was written.");
            return self.ending(IntentState::Parked, TicketEnd::Stuck, &words, now);
        }
        match (self.came, stop) {
            (Some(_), _) | (None, Stop::Abandoned { .. }) => self.early_ending(&words, now),
            (None, Stop::Unsettled { .. }) => {
                self.ending(IntentState::Parked, TicketEnd::Stuck, &format!("{words} Nothing was written."), now)
            }
        }
    }
}

impl TicketIntent {
    /// What a search for the intent's mark says.
    fn found(&mut self, tickets: &[TicketId], now: Timestamp) -> Seeing {
        if let Some(oldest) = tickets.iter().min() {
            self.came = Some(if self.sent { TicketEnd::Arrived } else { TicketEnd::Adopted });
            self.ticket = Some(*oldest);
            self.sent = false;
            if tickets.len() > 1 {
                self.remarks.push(format!("{} tickets bear the same mark; the oldest is taken, close the others.", tickets.len()));
            }
            return Verdict::ReadOn;
        }
        if self.sent {
            return Verdict::Unseen;
        }
        if let Some(ending) = self.unwanted(now) {
            return Verdict::Over(ending);
        }
        self.sent = true;
        let due = self.target.due_hours.map(|hours| now + TimeDelta::hours(hours.into()));
        Verdict::Write(TicketWrite::Create { due })
    }

    /// Whether what it is mainly about was just sent, as a part.
    fn is_main_sent(&self) -> bool {
        self.parts.status == Progress::Sent || self.action == TicketActionKind::Note && self.parts.note == Progress::Sent
    }
}

impl Look {
    /// Whether the ticket is open: neither closed for ConnectWise, nor in the status the rule closes by.
    pub fn is_open(&self, target: &TicketTarget) -> bool {
        !self.closed && self.status != target.closed_status
    }
}

#[cfg(test)]
#[path = "step_tests.rs"]
mod tests;
