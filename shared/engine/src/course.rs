//! Where an intent stands: what the machine keeps of every effect, whatever it does, and stores with it before each call.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use domain::Timestamp;

/// How far one intent has come. It is stored flat, among the fields of the intent it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Course<Outcome> {
    /// Where it stands.
    pub state: IntentState,
    /// How far a claimed intent has come.
    pub stage: Stage,
    /// Raised at every claim, and when it is reopened: an answer to an older claim is not taken.
    pub epoch: u32,
    /// Claims so far, without those that were put off: a read that failed, a write that was refused for now.
    pub attempts: u32,
    /// Reads after a lost answer that did not find what was sent.
    pub quiet_reads: u32,
    /// What was sent last, until it is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<UnderWay>,
    /// What keeps it from being carried on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
    /// Not to be claimed before this moment.
    pub not_before: Option<Timestamp>,
    /// What came of it, once it is over.
    pub outcome: Option<Outcome>,
}

/// Where an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum IntentState {
    /// Waiting to be claimed.
    Planned,
    /// Claimed; calls are under way.
    Inflight,
    /// ConnectWise has it.
    Done,
    /// ConnectWise refused it, or something changed since the preview. Nothing was written.
    Failed,
    /// A write was sent and no read shows it yet: its answer was lost, or reads lag behind it.
    Unknown,
    /// Cannot be settled by itself; a person looks.
    Parked,
}

/// How far a claimed intent has come. Stored before the call it names is made, so that a crash leaves it behind as evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Reading what is there; nothing was sent.
    Checking,
    /// The write was sent, or is about to be.
    Writing,
    /// The write was accepted; reading it back.
    Proving,
    /// Reading back after a lost answer.
    Resolving,
}

/// A write that was sent, and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnderWay {
    /// When it was sent.
    pub since: Timestamp,
    /// Until then a read that does not show it says nothing: reads may lag behind writes.
    pub shown_by: Timestamp,
    /// Whether it was answered with success.
    pub accepted: bool,
}

/// What keeps an intent from being carried on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Trouble {
    /// Since then something does.
    pub since: Timestamp,
    /// What it is now, in a sentence.
    pub words: String,
}

/// How an intent ends: the state it ends in, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending<Outcome> {
    /// One of those that are over.
    pub state: IntentState,
    /// What came of it.
    pub outcome: Outcome,
}

/// Times and counts the machine works with, for one kind of effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The shortest wait before an intent is claimed again.
    pub settle: TimeDelta,
    /// How long reads may not show what was written. People report minutes, up to fifteen.
    pub read_lag: TimeDelta,
    /// Time between two reads that both have to miss a write whose answer was lost before it is sent again.
    pub apart: TimeDelta,
    /// How many reads have to miss it.
    pub quiet_reads: u32,
    /// How long an intent is carried on although something keeps it from coming to its end.
    pub patience: TimeDelta,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            settle: TimeDelta::seconds(30),
            read_lag: TimeDelta::minutes(20),
            apart: TimeDelta::minutes(5),
            quiet_reads: 2,
            patience: TimeDelta::days(7),
        }
    }
}

impl<Outcome> Course<Outcome> {
    /// The course of an intent that is planned, not to be claimed before a moment.
    pub fn planned(not_before: Option<Timestamp>) -> Self {
        Self {
            state: IntentState::Planned,
            stage: Stage::Checking,
            epoch: 0,
            attempts: 0,
            quiet_reads: 0,
            under_way: None,
            trouble: None,
            not_before,
            outcome: None,
        }
    }

    /// Whether `other` is the same claim at the same place: what the ledger compares before it stores the next step.
    pub fn is_at(&self, other: &Self) -> bool {
        (self.epoch, self.state, self.stage) == (other.epoch, other.state, other.stage)
    }

    /// Whether no write of this course can be on its way.
    pub fn is_unsent(&self) -> bool {
        matches!((self.state, self.stage), (IntentState::Planned, _) | (IntentState::Inflight, Stage::Checking))
    }

    /// Whether a read that does not show what was sent may be one that lags behind it.
    pub fn may_still_show(&self, now: Timestamp) -> bool {
        self.under_way.is_some_and(|write| now < write.shown_by)
    }

    /// Whether what was sent last was answered with success.
    pub fn is_accepted(&self) -> bool {
        self.under_way.is_some_and(|write| write.accepted)
    }

    /// Lets a failed or parked intent be claimed again from the start, which reads before it writes; with `lost`, as one whose
    /// write may still show. Returns whether it was one.
    pub fn reopen(&mut self, lost: bool, not_before: Option<Timestamp>) -> bool {
        if !matches!(self.state, IntentState::Failed | IntentState::Parked) {
            return false;
        }
        let state = if lost { IntentState::Unknown } else { IntentState::Planned };
        let under_way = self.under_way.filter(|_| lost);
        // Whoever took it up before it was over is not to find it as it was.
        let epoch = self.epoch.saturating_add(1);
        *self = Self { state, epoch, under_way, ..Self::planned(not_before) };
        true
    }

    /// Ends it.
    pub fn end(&mut self, Ending { state, outcome }: Ending<Outcome>) {
        self.state = state;
        self.not_before = None;
        self.trouble = None;
        self.outcome = Some(outcome);
    }
}

impl IntentState {
    /// Whether nothing more will happen by itself.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Parked)
    }

    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Inflight => "inflight",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Parked => "parked",
        }
    }
}
