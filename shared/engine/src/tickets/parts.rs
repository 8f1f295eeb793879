//! The parts of an intent on a ticket that exists: which are there, and which is written next.

use super::intent::{Parts, Progress, TicketActionKind, TicketEnd, TicketIntent, TicketOutcome};
use super::step::{Attachment, Look, Seeing, TicketWrite};
use crate::{Effect, Ending, IntentState, Stage, Verdict};
use domain::Timestamp;

impl Parts {
    fn each(&mut self) -> [&mut Progress; 4] {
        [&mut self.status, &mut self.note, &mut self.configuration, &mut self.attached]
    }

    /// Whatever stands at `from` stands at `to` then.
    pub(super) fn replace(&mut self, from: Progress, to: Progress) {
        self.each().into_iter().filter(|part| **part == from).for_each(|part| *part = to);
    }
}

impl Progress {
    fn is_missing(self) -> bool {
        matches!(self, Self::Wanted | Self::Sent)
    }
}

impl TicketIntent {
    /// Whether a look has to say if the intent's note is there.
    pub fn asks_for_note(&self) -> bool {
        self.parts.note.is_missing()
    }

    /// Whether a look has to say what ConnectWise holds of the device.
    pub fn asks_for_configuration(&self) -> bool {
        self.parts.attached.is_missing()
    }

    pub(super) fn looked(&mut self, look: &Look, now: Timestamp) -> Seeing {
        let open = look.is_open(&self.target);
        self.take_in(look, open);
        if self.is_on_its_way() && (self.stage == Stage::Resolving || self.is_undecided() && self.may_still_show(now)) {
            return Verdict::Unseen;
        }
        match self.after_look(look, open, now) {
            Ok(write) => Verdict::Write(write),
            Err(Ending { state, outcome }) => {
                let open = self.as_it_was_left().unwrap_or(open);
                let closed_at = look.closed_at.filter(|_| !open);
                Verdict::Over(Ending { state, outcome: TicketOutcome { open: Some(open), closed_at, ..outcome } })
            }
        }
    }

    /// Whether the ticket is open by what this intent made of it and saw. A later look that shows something else may be one that lags; who
    /// has changed it since is met by the next look at open tickets.
    fn as_it_was_left(&self) -> Option<bool> {
        let status = matches!(self.action, TicketActionKind::Close | TicketActionKind::Reopen);
        let ours = status && matches!(self.came, Some(TicketEnd::Written | TicketEnd::Arrived));
        ours.then_some(self.action == TicketActionKind::Reopen)
    }

    /// The next write, or how the intent ends.
    fn after_look(&mut self, look: &Look, open: bool, now: Timestamp) -> Result<TicketWrite, Ending<TicketOutcome>> {
        self.not_shown(now)?;
        if self.action == TicketActionKind::Note && self.parts.note == Progress::Wanted && !open {
            let words = "The ticket was closed in ConnectWise meanwhile. Nothing was written.";
            return Err(self.ending(IntentState::Done, TicketEnd::Closed, words, now));
        }
        if let Some(ending) = self.unwanted(now) {
            return Err(ending);
        }
        if self.parts.status == Progress::Wanted && look.board != self.target.board {
            return Err(self.moved(now));
        }
        self.next_write().ok_or_else(|| {
            let end = self.came.unwrap_or(TicketEnd::Adopted);
            self.ending(IntentState::Done, end, &self.success(end), now)
        })
    }

    /// Somebody moved the ticket to another board, and a status is of one board: there is none to give it. One that was to be opened
    /// again counts as gone, so that the entry gets another; one that was to be closed is left to people.
    fn moved(&self, now: Timestamp) -> Ending<TicketOutcome> {
        let (end, words) = if self.action == TicketActionKind::Reopen {
            (TicketEnd::Gone, "The ticket was moved to another board and is closed there, so a new one takes its place.")
        } else {
            (TicketEnd::Moved, "The ticket was moved to another board, so closing it is left to people. Nothing was written.")
        };
        self.ending(IntentState::Done, end, words, now)
    }

    /// Takes in which parts are there. What is there once is not done again, so that nobody is fought with.
    fn take_in(&mut self, look: &Look, open: bool) {
        let resolving = self.course.stage == Stage::Resolving;
        let came = |progress| match progress {
            Progress::Sent if resolving => TicketEnd::Arrived,
            Progress::Sent => TicketEnd::Written,
            _ => TicketEnd::Adopted,
        };
        if self.parts.status.is_missing() && open == (self.action == TicketActionKind::Reopen) {
            self.came = Some(came(self.parts.status));
            self.parts.status = Progress::There;
            if self.action == TicketActionKind::Close && self.came == Some(TicketEnd::Adopted) {
                // It is not for us to say why somebody else has closed it.
                self.parts.note = Progress::Nothing;
            }
        }
        if self.parts.note.is_missing() && look.noted {
            if self.action == TicketActionKind::Note {
                self.came = Some(came(self.parts.note));
            }
            self.parts.note = Progress::There;
        }
        if self.parts.attached.is_missing() {
            match look.configuration {
                Attachment::Attached => {
                    self.parts.attached = Progress::There;
                    self.parts.configuration = Progress::Nothing;
                }
                Attachment::Found(id) => {
                    self.configuration = Some(id);
                    self.parts.configuration = Progress::There;
                }
                Attachment::Several => {
                    // One more would only add to them.
                    self.parts.attached = Progress::Nothing;
                    self.parts.configuration = Progress::Nothing;
                    self.remarks.push("Several configurations of the company fit the device alike, so none was attached.".to_owned());
                }
                Attachment::Missing => {}
            }
        }
    }

    /// What was accepted and is not there, long after it should be, is not sent again.
    fn not_shown(&mut self, now: Timestamp) -> Result<(), Ending<TicketOutcome>> {
        if self.came.is_none() && self.is_on_its_way() {
            let words = "ConnectWise accepted it but does not show it.";
            return Err(self.ending(IntentState::Parked, TicketEnd::Stuck, words, now));
        }
        self.leave_out("was accepted by ConnectWise but is not shown");
        Ok(())
    }

    /// Gives up the part that was sent, for a reason.
    pub(super) fn leave_out(&mut self, why: &str) {
        let parts = &mut self.parts;
        let noun = if parts.note == Progress::Sent {
            "The note"
        } else if parts.configuration == Progress::Sent {
            parts.attached = Progress::Nothing;
            "The device's configuration"
        } else if parts.attached == Progress::Sent {
            "The attachment of the device's configuration"
        } else {
            return;
        };
        parts.replace(Progress::Sent, Progress::Nothing);
        self.remarks.push(format!("{noun} {why}."));
    }

    fn next_write(&mut self) -> Option<TicketWrite> {
        let parts = &mut self.parts;
        if parts.status == Progress::Wanted {
            parts.status = Progress::Sent;
            let Self { action, target, .. } = &*self;
            return Some(TicketWrite::Status(if *action == TicketActionKind::Close { target.closed_status } else { target.open_status }));
        }
        if parts.note == Progress::Wanted {
            parts.note = Progress::Sent;
            return Some(TicketWrite::Note(format!("{}\n\n[{}]", self.text, self.note_marker())));
        }
        if parts.attached != Progress::Wanted {
            return None;
        }
        match (self.configuration, parts.configuration) {
            (Some(id), _) => {
                parts.attached = Progress::Sent;
                Some(TicketWrite::Attach(id))
            }
            (None, Progress::Wanted) => {
                parts.configuration = Progress::Sent;
                Some(TicketWrite::Configuration)
            }
            (None, _) => {
                parts.attached = Progress::Nothing;
                self.remarks.push("No configuration of the company fits the device.".to_owned());
                None
            }
        }
    }
}
