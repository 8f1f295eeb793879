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
    /// Raised at every claim: an answer to an older claim is not taken.
    pub epoch: u32,
    /// Claims so far. Where failed reads cost no try, only those whose reads were answered.
    pub attempts: u32,
    /// Reads after a lost answer that did not find what was sent.
    pub quiet_reads: u32,
    /// What keeps it from being carried on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<ReadFailure>,
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
    /// The answer to a write was lost; to be read back.
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

/// What keeps an intent from being carried on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadFailure {
    /// Since then ConnectWise could not be read.
    pub since: Timestamp,
    /// In words.
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
    /// How long a lost write may still arrive, and the shortest wait after a read that failed.
    pub settle: TimeDelta,
    /// How long something may exist before a read finds it: so far apart are the two reads that allow another try.
    pub read_lag: TimeDelta,
    /// Reads after a lost answer that must not find the write before it is sent again. With one, a lag is a double.
    pub quiet_reads: u32,
    /// Claims before an intent is given up. A write that was lost and never arrived costs three: its own and two quiet reads.
    pub max_attempts: u32,
    /// Claims before one is given up whose write was lost.
    pub max_lost_attempts: u32,
    /// What a read that failed costs.
    pub failed_reads: FailedReads,
}

/// What a read that failed costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailedReads {
    /// One of the attempts.
    ATry,
    /// Nothing, until reads have failed for so long.
    Patience(TimeDelta),
}

impl Default for Settings {
    fn default() -> Self {
        let settle = TimeDelta::seconds(30);
        Self { settle, read_lag: settle, quiet_reads: 2, max_attempts: 12, max_lost_attempts: 12, failed_reads: FailedReads::ATry }
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

    /// Lets a failed or parked intent be claimed again from the start, which reads before it writes; with `lost`, as one whose
    /// write may still arrive. Returns whether it was one.
    pub fn reopen(&mut self, lost: bool, not_before: Option<Timestamp>) -> bool {
        if !matches!(self.state, IntentState::Failed | IntentState::Parked) {
            return false;
        }
        let state = if lost { IntentState::Unknown } else { IntentState::Planned };
        *self = Self { state, epoch: self.epoch, ..Self::planned(not_before) };
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
