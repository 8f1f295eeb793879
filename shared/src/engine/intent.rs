use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::Effect;
use crate::Timestamp;
use crate::billing::{Line, Period};
use crate::hash::fingerprint;
use crate::ids::{AdditionId, AgreementId, ConnectionId, IntentId, LineId, PreviewId};
use crate::money::Quantity;
use crate::planted;
use crate::psa::MARKER;

/// One change of one line, as a person approved it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Intent {
    /// Made from everything below that says what it would do.
    pub id: IntentId,
    /// The line it comes from.
    pub line: LineId,
    /// The preview that was approved.
    pub preview: PreviewId,
    /// The month it was approved in.
    pub period: Period,
    /// The ConnectWise connection.
    pub psa: ConnectionId,
    /// The agreement.
    pub agreement: AgreementId,
    /// The addition; none while one that is to be made is not known to exist.
    pub addition: Option<AdditionId>,
    /// What is done. Intents stored before there was a choice set a quantity.
    #[serde(default)]
    pub effect: Effect,
    /// The quantity that was previewed; zero before an addition is made.
    pub from: Quantity,
    /// The quantity it should have; zero once an addition has ended.
    pub to: Quantity,
    /// The seats behind it, as ConnectWise is told them: "ESET: 27 ordered, 14 activated".
    #[serde(default)]
    pub basis: String,
    /// The day from which it may be written, when it was approved for a later one.
    #[serde(default)]
    pub effective: Option<NaiveDate>,
    /// The change it takes back.
    #[serde(default)]
    pub reverses: Option<IntentId>,
    /// The change that takes it back, or was to.
    #[serde(default)]
    pub reversed_by: Option<IntentId>,
    /// Why, when a person said.
    #[serde(default)]
    pub reason: Option<String>,
    /// Where it stands.
    pub state: IntentState,
    /// How far a claimed intent has come.
    pub stage: Stage,
    /// Raised at every claim: an answer to an older claim is not taken.
    pub epoch: u32,
    /// Claims so far.
    pub attempts: u32,
    /// Reads after a lost answer that found the old state.
    pub quiet_reads: u32,
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

/// What came of an intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outcome {
    /// When.
    pub at: Timestamp,
    /// In a sentence, with ConnectWise's own words when it refused.
    pub words: String,
    /// The quantity last read from ConnectWise.
    pub found: Option<Quantity>,
    /// Whether it was there already, so that nothing had to be written or a lost write had arrived.
    pub adopted: bool,
    /// ConnectWise's version of the addition that was last read.
    pub version: Option<String>,
}

impl Intent {
    /// The intent that writes what `line` proposes. None when the line proposes nothing.
    pub fn of(line: &Line) -> Option<Self> {
        let agreement = line.agreement.as_ref()?;
        let (from, to) = (line.billed?, line.target?);
        if from == to {
            return None;
        }
        let (effect, from, to, wait) = match (&line.create, line.end) {
            (Some(new), _) => {
                let others = new.beside.map_or(from, |beside| beside.units);
                (Effect::creating(new, line.unit_price), from - others, to - others, None)
            }
            (None, Some(end)) => (Effect::End { cancelled: end.day }, end.units, Quantity::ZERO, None),
            (None, None) => (Effect::Set, from, to, line.effective),
        };
        if !matches!(effect, Effect::Create { .. }) {
            line.addition?;
        }
        let what = (effect.key(), line.addition, from, &line.version, to, line.effective);
        let mut id = fingerprint(&("bill", &agreement.psa, agreement.id, line.period, what));
        if planted!("intent_without_version") {
            id = fingerprint(&("bill", &agreement.psa, agreement.id, line.period, line.addition, to));
        }
        Some(Self {
            id: IntentId(id),
            line: line.id.clone(),
            preview: line.preview.clone(),
            period: line.period,
            psa: agreement.psa.clone(),
            agreement: agreement.id,
            addition: line.addition,
            effect,
            from,
            to,
            basis: basis(line),
            effective: wait,
            reverses: None,
            reversed_by: None,
            reason: None,
            state: IntentState::Planned,
            stage: Stage::Checking,
            epoch: 0,
            attempts: 0,
            quiet_reads: 0,
            not_before: wait.map(midnight),
            outcome: None,
        })
    }

    /// The intent that takes this one back, because of `reason`. None when it is not done, or there is nothing to take back.
    pub fn reversal(&self, reason: &str, now: Timestamp) -> Option<Self> {
        if self.state != IntentState::Done {
            return None;
        }
        let today = now.date_naive();
        let effect = match &self.effect {
            Effect::Set => Effect::Set,
            // One that was to begin later ends on the day it begins: it never bills.
            Effect::Create { effective, .. } => Effect::End { cancelled: today.max(*effective) },
            Effect::End { cancelled } => Effect::Resume { cancelled: *cancelled },
            Effect::Resume { .. } => Effect::End { cancelled: today },
        };
        let id = IntentId(fingerprint(&("reverse", &self.id)));
        Some(Self {
            preview: PreviewId(id.0.clone()),
            id,
            addition: Some(self.addition?),
            effect,
            period: Period::of(now),
            from: self.to,
            to: self.from,
            effective: None,
            reverses: Some(self.id.clone()),
            reversed_by: None,
            reason: Some(reason.to_owned()),
            state: IntentState::Planned,
            stage: Stage::Checking,
            epoch: 0,
            attempts: 0,
            quiet_reads: 0,
            not_before: None,
            outcome: None,
            ..self.clone()
        })
    }

    /// Whether it was approved for a later day and has not been claimed yet.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        let ahead = self.not_before.is_some_and(|moment| moment > now);
        self.state == IntentState::Planned && self.epoch == 0 && self.effective.is_some() && ahead
    }

    /// Whether `line`, planned anew, still proposes what this intent waits to write. What is not known speaks against nothing.
    pub fn is_proposed_by(&self, line: &Line) -> bool {
        let Some(target) = line.target else { return true };
        let same = line.billed.is_none_or(|billed| billed == self.from) && target == self.to;
        same && line.addition == self.addition && line.effective == self.effective
    }

    /// What is written into an addition that this intent makes, and looked for before it makes one: 43 of the 50 characters
    /// of `serialNumber`.
    pub fn marker(&self) -> String {
        format!("{MARKER}{}", self.id)
    }

    /// Whether it writes into `period`: it was approved in it, and not for a day of a later month.
    pub fn writes_into(&self, period: Period) -> bool {
        self.period == period && self.effective.is_none_or(|day| day < period.next().first_day())
    }

    /// Whether no write of it can be on its way.
    pub fn is_unsent(&self) -> bool {
        matches!((self.state, self.stage), (IntentState::Planned, _) | (IntentState::Inflight, Stage::Checking))
    }

    /// Ends an intent that can never be carried to its end. One whose write may be on its way is parked: only a person can
    /// see what became of it.
    pub fn abandon(&mut self, words: &str, now: Timestamp) {
        let state = match (self.state, self.stage) {
            (IntentState::Planned, _) | (IntentState::Inflight, Stage::Checking) => IntentState::Failed,
            (IntentState::Unknown | IntentState::Inflight, _) => IntentState::Parked,
            _ => return,
        };
        let known = if state == IntentState::Failed { "Nothing was written." } else { "Look in ConnectWise whether it was written." };
        self.state = state;
        self.not_before = None;
        self.outcome = Some(Outcome { at: now, words: format!("{words} {known}"), found: None, adopted: false, version: None });
    }

    /// Lets a failed or parked intent be claimed again from the start, which reads before it writes. Answers whether it was
    /// one.
    pub fn reopen(&mut self) -> bool {
        if !matches!(self.state, IntentState::Failed | IntentState::Parked) {
            return false;
        }
        self.state = IntentState::Planned;
        self.stage = Stage::Checking;
        self.attempts = 0;
        self.quiet_reads = 0;
        self.not_before = self.effective.map(midnight);
        self.outcome = None;
        true
    }
}

/// The first moment of a day, in UTC.
fn midnight(day: NaiveDate) -> Timestamp {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// The seats behind a line, in the words ConnectWise keeps.
fn basis(line: &Line) -> String {
    let count = |count: Option<u32>| count.map_or("unknown".to_owned(), |count| count.to_string());
    format!("ESET: {} ordered, {} activated", count(line.ordered), count(line.activated))
}
