//! How an intent is carried on: [`step`] takes what happened and says what to do next, and the Worker does it, having stored the
//! intent first. The sibling of the billing engine's.
//!
//! It converges: every read says which parts are there, the first that is not is written, and after each write it reads again,
//! until nothing is left. What is lost is read back before it is sent again. Making a ticket needs more than that, because
//! ConnectWise knows no idempotency key and its search lags: once a POST may be on its way (`sent`, stored before the call),
//! none follows before two searches, [`TicketSettings::search_lag`] apart, found no ticket with the entry's mark.

use chrono::TimeDelta;

use super::intent::{DeedKind, Progress, TicketEnd, TicketIntent, Trouble};
use super::target::TicketTarget;
use crate::Timestamp;
use crate::engine::{IntentState, Stage};
use crate::ids::{BoardId, ConfigurationId, StatusId, TicketId};
use crate::planted;

/// The longest wait between two reads that fail: until the next pass.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(10);

/// Times and counts the ticket engine works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketSettings {
    /// How long a lost write may still arrive, and how long to wait after a read that failed.
    pub settle: TimeDelta,
    /// How long a ticket may exist before a search finds it.
    pub search_lag: TimeDelta,
    /// Claims before an intent is given up. A POST that was lost and never arrived costs three: its own and two searches.
    /// Reads that fail are not counted.
    pub max_attempts: u32,
    /// How long reads may fail before an intent is given up.
    pub patience: TimeDelta,
}

impl Default for TicketSettings {
    fn default() -> Self {
        Self { settle: TimeDelta::seconds(30), search_lag: TimeDelta::minutes(5), max_attempts: 12, patience: TimeDelta::days(7) }
    }
}

/// Something that happened to an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketEvent {
    /// The ledger has time for it.
    Claim,
    /// ConnectWise was read.
    Read(Sighting),
    /// The read failed; nothing is known, nothing was changed by it.
    ReadFailed {
        /// Why, in words.
        words: String,
    },
    /// The write was answered, or its answer was lost.
    Wrote(TicketAnswer),
    /// The Worker started anew and found the intent claimed by a run that is gone.
    Restarted,
}

/// What a read found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    /// All tickets with the intent's mark, open or closed; the answer to [`TicketCommand::Find`].
    Marked(Vec<TicketId>),
    /// The ticket; the answer to [`TicketCommand::Look`].
    Ticket(Look),
    /// ConnectWise does not have it; the other answer to [`TicketCommand::Look`].
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

/// How ConnectWise answered a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketAnswer {
    /// 2xx. Proof is still the read back.
    Accepted,
    /// 2xx to a POST of a ticket, with its number.
    Opened(TicketId),
    /// 2xx to a POST of a configuration, with its number.
    Configured(ConfigurationId),
    /// The ticket is not there (404).
    Gone,
    /// Refused for good; nothing was changed.
    Refused {
        /// ConnectWise's own words.
        words: String,
    },
    /// Refused for now, before doing anything (429).
    Deferred {
        /// Not before this much time has gone.
        wait: TimeDelta,
    },
    /// No answer, or one that says nothing about the effect (timeout, 5xx, lost connection).
    Lost {
        /// What was seen.
        words: String,
    },
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

/// What the ledger does next, after storing the intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketCommand {
    /// Search for tickets with [`TicketIntent::marker`], and come back with [`TicketEvent::Read`] or
    /// [`TicketEvent::ReadFailed`].
    Find,
    /// Read the intent's ticket by its number, and come back with the same.
    Look,
    /// Write this, and come back with [`TicketEvent::Wrote`].
    Write(TicketWrite),
    /// Nothing before this moment.
    WakeAt(Timestamp),
    /// It is over: [`settle`](super::settle) its case and write the log.
    Settled,
}

/// Moves `intent` on by one event at `now`, and says what to do next. An event that does not fit the state does nothing: it
/// is the late answer to a claim that is gone.
pub fn step(intent: &mut TicketIntent, event: TicketEvent, now: Timestamp, settings: &TicketSettings) -> Option<TicketCommand> {
    let writing = intent.stage == Stage::Writing;
    match (intent.state, event) {
        (IntentState::Planned | IntentState::Unknown, TicketEvent::Claim) => Some(intent.claim(now, settings)),
        (IntentState::Inflight, TicketEvent::Read(sighting)) if !writing => intent.read(sighting, now, settings),
        (IntentState::Inflight, TicketEvent::ReadFailed { words }) if !writing => Some(intent.read_failed(words, now, settings)),
        (IntentState::Inflight, TicketEvent::Wrote(answer)) if writing => Some(intent.wrote(answer, now, settings)),
        (IntentState::Inflight, TicketEvent::Restarted) => Some(intent.restarted(now, settings)),
        _ => None,
    }
}

impl TicketIntent {
    fn claim(&mut self, now: Timestamp, settings: &TicketSettings) -> TicketCommand {
        if let Some(moment) = self.not_before.filter(|moment| *moment > now) {
            return TicketCommand::WakeAt(moment);
        }
        let lost = self.state == IntentState::Unknown;
        // What is lost is looked for longer: nothing else can be done for the device meanwhile.
        let most = if lost { settings.max_attempts.saturating_mul(2) } else { settings.max_attempts };
        if self.attempts >= most {
            return self.give_up("Tried often enough without an answer that settles it.", now);
        }
        if self.ticket.is_none() && !self.deed.creates() {
            return self.fail(TicketEnd::Refused, "It names no ticket. Nothing was written.", now);
        }
        self.state = IntentState::Inflight;
        self.stage = if lost { Stage::Resolving } else { Stage::Checking };
        self.epoch = self.epoch.saturating_add(1);
        self.attempts = self.attempts.saturating_add(1);
        self.not_before = None;
        match self.ticket {
            Some(_) => TicketCommand::Look,
            None if planted!("ticket_no_search") && !lost => self.create(now),
            None => TicketCommand::Find,
        }
    }

    fn read(&mut self, sighting: Sighting, now: Timestamp, settings: &TicketSettings) -> Option<TicketCommand> {
        let command = match (sighting, self.ticket) {
            (Sighting::Marked(tickets), None) => self.found(&tickets, now, settings),
            (Sighting::Ticket(look), Some(ticket)) if look.id == ticket => self.looked(&look, now),
            (Sighting::Gone, Some(_)) => {
                let words = "The ticket is gone from ConnectWise.";
                self.over(IntentState::Done, TicketEnd::Gone, words, now)
            }
            _ => return None,
        };
        if !self.state.is_over() {
            self.trouble = None;
        }
        Some(command)
    }

    fn found(&mut self, tickets: &[TicketId], now: Timestamp, settings: &TicketSettings) -> TicketCommand {
        if let Some(oldest) = tickets.iter().min() {
            self.came = Some(if self.sent { TicketEnd::Arrived } else { TicketEnd::Adopted });
            self.ticket = Some(*oldest);
            self.sent = false;
            self.quiet_reads = 0;
            if tickets.len() > 1 {
                self.remarks.push(format!("{} tickets bear the same mark; the oldest is taken, close the others.", tickets.len()));
            }
            return TicketCommand::Look;
        }
        if !self.sent {
            return self.withdrawn_now(now).unwrap_or_else(|| self.create(now));
        }
        self.quiet_reads = self.quiet_reads.saturating_add(1);
        if self.quiet_reads < if planted!("ticket_one_quiet_search") { 1 } else { 2 } {
            let lag = if planted!("ticket_lag_ignored") { settings.settle } else { settings.search_lag };
            return self.wait(IntentState::Unknown, now + lag);
        }
        self.quiet_reads = 0;
        self.sent = false;
        self.withdrawn_now(now).unwrap_or_else(|| self.wait(IntentState::Planned, now))
    }

    fn create(&mut self, now: Timestamp) -> TicketCommand {
        self.sent = true;
        let due = self.target.due_hours.map(|hours| now + TimeDelta::hours(hours.into()));
        self.write(TicketWrite::Create { due })
    }

    pub(super) fn write(&mut self, write: TicketWrite) -> TicketCommand {
        self.stage = Stage::Writing;
        TicketCommand::Write(write)
    }

    fn wrote(&mut self, answer: TicketAnswer, now: Timestamp, settings: &TicketSettings) -> TicketCommand {
        match answer {
            TicketAnswer::Opened(ticket) if self.sent => {
                self.ticket = Some(ticket);
                self.sent = false;
                self.came = Some(TicketEnd::Written);
                self.prove()
            }
            TicketAnswer::Configured(configuration) if self.parts.configuration == Progress::Sent => {
                self.configuration = Some(configuration);
                self.parts.configuration = Progress::There;
                self.prove()
            }
            // A number that could not be read is a lost one.
            TicketAnswer::Accepted if !self.sent && self.parts.configuration != Progress::Sent => self.prove(),
            TicketAnswer::Accepted | TicketAnswer::Opened(_) | TicketAnswer::Configured(_) | TicketAnswer::Lost { .. } => {
                self.lost(now, settings)
            }
            TicketAnswer::Deferred { wait } => {
                self.leave_behind();
                self.wait(IntentState::Planned, now + wait)
            }
            TicketAnswer::Gone if !self.sent && self.is_main_sent() => {
                self.leave_behind();
                self.wait(IntentState::Planned, now + settings.settle)
            }
            TicketAnswer::Gone => self.refused("it is not there", now),
            TicketAnswer::Refused { words } => self.refused(&words, now),
        }
    }

    fn refused(&mut self, words: &str, now: Timestamp) -> TicketCommand {
        if self.sent || self.is_main_sent() {
            self.leave_behind();
            return self.fail(TicketEnd::Refused, &format!("ConnectWise refused it: {words}"), now);
        }
        self.leave_out(&format!("was refused by ConnectWise: {words}"));
        self.prove()
    }

    fn prove(&mut self) -> TicketCommand {
        self.stage = Stage::Proving;
        TicketCommand::Look
    }

    fn lost(&mut self, now: Timestamp, settings: &TicketSettings) -> TicketCommand {
        self.quiet_reads = 0;
        self.wait(IntentState::Unknown, now + settings.settle)
    }

    fn read_failed(&mut self, words: String, now: Timestamp, settings: &TicketSettings) -> TicketCommand {
        let since = self.trouble.as_ref().map_or(now, |trouble| trouble.since);
        if now - since >= settings.patience {
            let words = format!("ConnectWise could not be read since {}: {words}", since.format("%Y-%m-%d %H:%M UTC"));
            return self.give_up(&words, now);
        }
        self.trouble = Some(Trouble { since, words });
        self.attempts = self.attempts.saturating_sub(1);
        let state = if self.stage == Stage::Checking { IntentState::Planned } else { IntentState::Unknown };
        // As long again as it has failed already: an outage of a day is not asked about every half minute.
        self.wait(state, now + (now - since).clamp(settings.settle, settings.settle.max(LONGEST_PAUSE)))
    }

    fn restarted(&mut self, now: Timestamp, settings: &TicketSettings) -> TicketCommand {
        if planted!("ticket_crash_forgets") {
            self.leave_behind();
            return self.wait(IntentState::Planned, now);
        }
        match self.stage {
            Stage::Checking => self.wait(IntentState::Planned, now),
            _ => self.lost(now, settings),
        }
    }

    pub(super) fn wait(&mut self, state: IntentState, moment: Timestamp) -> TicketCommand {
        self.state = state;
        self.not_before = Some(moment);
        TicketCommand::WakeAt(moment)
    }

    /// Ends it when it was withdrawn and nothing is on its way.
    pub(super) fn withdrawn_now(&mut self, now: Timestamp) -> Option<TicketCommand> {
        let words = self.withdrawn.clone()?;
        self.end_early(&words, now);
        Some(TicketCommand::Settled)
    }

    /// Ends what could not be settled. A ticket that is there is no failure for want of a trifle.
    fn give_up(&mut self, words: &str, now: Timestamp) -> TicketCommand {
        match self.came {
            Some(end) => {
                let words = format!("{} {words}", self.success(end));
                self.over(IntentState::Done, end, &words, now)
            }
            None if self.is_on_its_way() => {
                let words = format!("{words} Look in ConnectWise whether it was written.");
                self.over(IntentState::Parked, TicketEnd::Stuck, &words, now)
            }
            None => self.over(IntentState::Parked, TicketEnd::Stuck, &format!("{words} Nothing was written."), now),
        }
    }

    fn fail(&mut self, end: TicketEnd, words: &str, now: Timestamp) -> TicketCommand {
        self.over(IntentState::Failed, end, words, now)
    }

    pub(super) fn over(&mut self, state: IntentState, end: TicketEnd, words: &str, now: Timestamp) -> TicketCommand {
        self.end(state, end, words, now);
        TicketCommand::Settled
    }

    /// Whether what it is mainly about was just sent, as a part.
    fn is_main_sent(&self) -> bool {
        self.parts.status == Progress::Sent || self.deed == DeedKind::Note && self.parts.note == Progress::Sent
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
