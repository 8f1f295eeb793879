//! What is to be done about a case in ConnectWise, from the decision to the proof: the sibling of the billing engine's intent.
//!
//! An intent's id is made from the rule, the subject, the entry and the kind of action, so asking twice is one intent. It carries
//! the place, the company and the texts as they were decided, and can be carried out, or found again, whatever becomes of its
//! rule. A ticket that is made bears the entry's mark in `externalXRef`, a note that is written bears the intent's.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};

use crate::{Course, Ending, IntentState, MARKER, Settings, abandon};
use domain::Timestamp;
use domain::ids::{ConfigurationId, DeviceId, IntentId, PsaCompanyId, TicketId, TicketRuleId};
use domain::tickets::TicketAction;
use domain::tickets::TicketTarget;
use domain::tickets::marker;

/// One action of a rule about one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketIntent {
    /// Made from the rule, the subject, the entry and the action.
    pub id: IntentId,
    /// The rule.
    pub rule: TicketRuleId,
    /// The device or group it is about; of a summary or test whatever tells it from all others.
    pub subject: String,
    /// Which entry of the case it is about.
    pub entry: u32,
    /// What is done.
    #[serde(rename = "deed")]
    pub action: TicketActionKind,
    /// The ticket; none while one that is to be made is not known to exist.
    pub ticket: Option<TicketId>,
    /// Where the ticket is or goes.
    pub target: TicketTarget,
    /// The company of a ticket that is made.
    pub company: PsaCompanyId,
    /// The summary of a ticket that is made.
    pub summary: String,
    /// The text of a ticket that is made, or of the note.
    pub text: String,
    /// The device whose configuration is attached to the ticket; none attaches nothing.
    pub device: Option<DeviceTraits>,
    /// Its configuration, once it is known.
    pub configuration: Option<ConfigurationId>,
    /// How far it has come.
    #[serde(flatten)]
    pub course: Course<TicketOutcome>,
    /// Whether a POST of the ticket may be on its way: none is sent then.
    pub sent: bool,
    /// What has become of each of its parts.
    pub parts: Parts,
    /// How it came that ConnectWise has what it is mainly about.
    pub came: Option<TicketEnd>,
    /// What a person should know although it is no failure, in sentences.
    pub remarks: Vec<String>,
    /// Why it is not wanted any more, while something of it may still be on its way.
    pub withdrawn: Option<String>,
}

/// What kind of action an intent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TicketActionKind {
    /// Opens a ticket.
    Open,
    /// Opens one for many.
    Summary,
    /// Opens a ticket again, with a note.
    Reopen,
    /// Notes in an open ticket that the device has come back.
    Note,
    /// Closes a ticket, with a note.
    Close,
    /// Opens a ticket that is about nothing, because a person wants to see one.
    Test,
}

/// What is known of a device that its configuration can be found or made by. What is not known is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceTraits {
    /// Its id, for the group of a rule none.
    pub id: Option<DeviceId>,
    /// Its name.
    pub name: String,
    /// Its serial number.
    pub serial: String,
    /// The address of its network card.
    pub mac: String,
    /// The addresses of its other network cards, as ConnectWise may know it by any of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more_macs: Vec<String>,
    /// Whether a configuration is made when there is none.
    pub create: bool,
}

/// What becomes of an intent's parts beside the making of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Parts {
    /// The status.
    pub status: Progress,
    /// The note.
    pub note: Progress,
    /// The device's configuration is made.
    pub configuration: Progress,
    /// It is attached to the ticket.
    pub attached: Progress,
}

/// How far a part has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// There is no such part, or it was given up; then a remark says why.
    #[default]
    Nothing,
    /// Still to be done.
    Wanted,
    /// A write of it was sent and not yet read back.
    Sent,
    /// ConnectWise has it. It is not done again, whatever people make of it then.
    There,
}

/// How an intent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TicketEnd {
    /// It was written and read back.
    Written,
    /// It had arrived although the answer was lost.
    Arrived,
    /// It was there already.
    Adopted,
    /// The ticket is gone from ConnectWise.
    Gone,
    /// The ticket that was to be noted in was closed meanwhile; nothing was written.
    Closed,
    /// Somebody moved the ticket that was to be closed to another board, whose statuses the rule does not know; it is left to
    /// people.
    Moved,
    /// It was not wanted any more; nothing was written.
    Withdrawn,
    /// ConnectWise refused it.
    Refused,
    /// It cannot be settled by itself.
    Stuck,
}

/// What came of an intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketOutcome {
    /// When.
    pub at: Timestamp,
    /// How.
    pub end: TicketEnd,
    /// In a sentence or more, with ConnectWise's own words when it refused.
    pub words: String,
    /// Whether the ticket was open when it was last looked at; none when it was not seen.
    pub open: Option<bool>,
    /// When it was closed, as ConnectWise said then.
    pub closed_at: Option<Timestamp>,
}

impl TicketActionKind {
    /// Whether it makes a ticket.
    pub fn creates(self) -> bool {
        matches!(self, Self::Open | Self::Summary | Self::Test)
    }

    /// The action of a case as a kind, with the ticket it is about.
    pub fn of(action: TicketAction) -> (Self, Option<TicketId>) {
        match action {
            TicketAction::Open => (Self::Open, None),
            TicketAction::Reopen(ticket) => (Self::Reopen, Some(ticket)),
            TicketAction::Note(ticket) => (Self::Note, Some(ticket)),
            TicketAction::Close(ticket) => (Self::Close, Some(ticket)),
        }
    }
}

impl TicketIntent {
    /// The same on the place its ticket was opened on: a rule that was moved to another board closes its older tickets by the
    /// statuses of theirs.
    #[must_use]
    pub fn on(self, target: TicketTarget) -> Self {
        Self { target, ..self }
    }

    /// What a ticket it makes is marked with, and found again by.
    pub fn marker(&self) -> String {
        marker(&self.rule, &self.subject, self.entry)
    }

    /// What its note is found again by.
    pub fn note_marker(&self) -> String {
        format!("{MARKER}{}", self.id)
    }

    /// Whether something that was sent may still arrive.
    pub fn is_on_its_way(&self) -> bool {
        let Parts { status, note, configuration, attached } = self.parts;
        self.sent || [status, note, configuration, attached].contains(&Progress::Sent)
    }

    /// Whether nobody knows yet if ConnectWise has what it is mainly about.
    pub(super) fn is_undecided(&self) -> bool {
        self.came.is_none() && self.is_on_its_way()
    }

    /// Whether nothing of it is in ConnectWise: to forget it and to plan it again comes to the same, because it has the same id and
    /// mark then. A summary that was begun may tell of other devices when it is planned again, and has another mark.
    pub fn is_unbegun(&self) -> bool {
        let marked_anew = self.action == TicketActionKind::Summary && self.attempts > 0;
        self.state == IntentState::Planned && self.came.is_none() && !self.is_on_its_way() && !marked_anew
    }

    /// Nothing is on its way any more: what was sent last was not taken, or nobody can ask whether it arrived.
    pub fn leave_behind(&mut self) {
        self.sent = false;
        self.parts.replace(Progress::Sent, Progress::Wanted);
    }

    /// Whether nothing else may be begun for its case: it is not over, or a ticket of it may still turn up.
    pub fn holds_case(&self) -> bool {
        !self.state.is_over() || self.sent
    }

    /// Ends an intent that can never be carried to its end. One of which something may be on its way is parked: only a person
    /// can see what became of it. Returns whether this ended it, so that its case is to be settled.
    #[must_use]
    pub fn abandon(&mut self, words: &str, now: Timestamp) -> bool {
        abandon(self, words, now)
    }

    /// Ends an intent whose ConnectWise nothing leads to any more: its ticket is gone for us, and one that was to be made can be made
    /// elsewhere when a person asks for it. Answers whether this ended it, so that its case is to be settled.
    #[must_use]
    pub fn strand(&mut self, words: &str, now: Timestamp) -> bool {
        if self.state.is_over() {
            return false;
        }
        if !self.action.creates() && self.came.is_none() {
            let ending = self.ending(IntentState::Done, TicketEnd::Gone, words, now);
            self.course.end(ending);
            return true;
        }
        let ended = self.abandon(words, now);
        self.leave_behind();
        ended
    }

    /// Takes back an intent that is not wanted any more. When something may be on its way it is still read until that is
    /// settled, and nothing is sent again. Answers whether this ended it, so that its case is to be settled.
    #[must_use]
    pub fn withdraw(&mut self, words: &str, now: Timestamp) -> bool {
        if self.state.is_over() {
            return false;
        }
        if self.is_undecided() {
            self.withdrawn = Some(words.to_owned());
            return false;
        }
        self.abandon(words, now)
    }

    /// Lets a failed or parked intent be claimed again from the start, which reads before it writes. What may have been made is looked for
    /// first. A status that was accepted and never showed is taken for a lost one, so that nobody else is said to have set it when it shows
    /// by now; when it does not, it is sent again, as that makes nothing. Answers whether it was one.
    pub fn reopen(&mut self, now: Timestamp, settings: &Settings) -> bool {
        if self.parts.status == Progress::Sent
            && let Some(write) = &mut self.course.under_way
        {
            write.accepted = false;
        }
        let lost = self.is_on_its_way();
        let reopened = self.course.reopen(lost, lost.then(|| now + settings.settle));
        if reopened {
            self.withdrawn = None;
        }
        reopened
    }

    /// How it ends while nothing is on its way: what it is mainly about is there, or was not written.
    pub(super) fn early_ending(&self, words: &str, now: Timestamp) -> Ending<TicketOutcome> {
        match self.came {
            Some(end) => self.ending(IntentState::Done, end, &format!("{} {words}", self.success(end)), now),
            None => self.ending(IntentState::Failed, TicketEnd::Withdrawn, &format!("{words} Nothing was written."), now),
        }
    }

    /// How it came about, in a sentence.
    pub(super) fn success(&self, end: TicketEnd) -> String {
        let what = match self.action {
            TicketActionKind::Open => "The ticket was opened",
            TicketActionKind::Summary => "The summary ticket was opened",
            TicketActionKind::Test => "The test ticket was opened",
            TicketActionKind::Reopen => "The ticket was opened again",
            TicketActionKind::Note => "The note was written",
            TicketActionKind::Close => "The ticket was closed",
        };
        match end {
            TicketEnd::Arrived => format!("{what}: the write had arrived although its answer was lost."),
            TicketEnd::Adopted => format!("{what} already; ConnectWise had it."),
            _ => format!("{what} and read back."),
        }
    }

    /// An ending, told with what a person should know beside it.
    pub(super) fn ending(&self, state: IntentState, end: TicketEnd, words: &str, now: Timestamp) -> Ending<TicketOutcome> {
        let words = self.remarks.iter().fold(words.to_owned(), |words, remark| format!("{words} {remark}"));
        Ending { state, outcome: TicketOutcome { at: now, end, words, open: None, closed_at: None } }
    }
}

impl Deref for TicketIntent {
    type Target = Course<TicketOutcome>;

    fn deref(&self) -> &Self::Target {
        &self.course
    }
}

impl DerefMut for TicketIntent {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.course
    }
}

#[cfg(test)]
#[path = "intent_tests.rs"]
mod tests;
