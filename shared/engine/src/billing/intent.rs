//! Billing's intents: one change of one line, as a person approved it.

use std::ops::{Deref, DerefMut};

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::Change;
use crate::course::{Course, IntentState};
use crate::machine;
use domain::Timestamp;
use domain::billing::{Line, Period};
use domain::hash::fingerprint;
use domain::ids::{AdditionId, AgreementId, ConnectionId, IntentId, LineId, PreviewId};
use domain::money::Quantity;
use domain::psa::MARKER;

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
    pub effect: Change,
    /// The quantity that was previewed; zero before an addition is made.
    pub from: Quantity,
    /// The quantity it should have; zero once an addition has ended.
    pub to: Quantity,
    /// ConnectWise's version of the addition that was previewed: an older one is a read that lags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
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
    /// How far it has come.
    #[serde(flatten)]
    pub course: Course<Outcome>,
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
                (Change::creating(new, line.unit_price), from - others, to - others, None)
            }
            (None, Some(end)) => (Change::End { cancelled: end.day }, end.units, Quantity::ZERO, None),
            (None, None) => (Change::Set, from, to, line.effective),
        };
        if !matches!(effect, Change::Create { .. }) {
            line.addition?;
        }
        let what = (effect.key(), line.addition, from, &line.version, to, line.effective);
        let id = fingerprint(&("bill", &agreement.psa, agreement.id, line.period, what));
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
            version: line.version.clone(),
            basis: basis(line),
            effective: wait,
            reverses: None,
            reversed_by: None,
            reason: None,
            course: Course::planned(wait.map(midnight)),
        })
    }

    /// The intent that takes this one back, because of `reason`. None when it is not done, or there is nothing to take back.
    pub fn reversal(&self, reason: &str, now: Timestamp) -> Option<Self> {
        if self.state != IntentState::Done {
            return None;
        }
        let today = now.date_naive();
        let effect = match &self.effect {
            Change::Set => Change::Set,
            // One that was to begin later ends on the day it begins: it never bills.
            Change::Create { effective, .. } => Change::End { cancelled: today.max(*effective) },
            Change::End { cancelled } => Change::Resume { cancelled: *cancelled },
            Change::Resume { .. } => Change::End { cancelled: today },
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
            version: self.outcome.as_ref().and_then(|outcome| outcome.version.clone()),
            effective: None,
            reverses: Some(self.id.clone()),
            reversed_by: None,
            reason: Some(reason.to_owned()),
            course: Course::planned(None),
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

    /// Ends an intent that can never be carried to its end. One whose write may be on its way is parked: only a person can
    /// see what became of it. Returns whether this ended it.
    pub fn abandon(&mut self, words: &str, now: Timestamp) -> bool {
        machine::abandon(self, words, now)
    }

    /// Lets a failed or parked intent be claimed again from the start, which reads before it writes. An addition that may have been made
    /// is looked for first, and one that ConnectWise said it made is never made again. Returns whether it was one.
    pub fn reopen(&mut self) -> bool {
        let makes = matches!(self.effect, Change::Create { .. });
        let lost = makes && self.under_way.is_some();
        self.course.reopen(lost, self.effective.map(midnight))
    }
}

impl Deref for Intent {
    type Target = Course<Outcome>;

    fn deref(&self) -> &Self::Target {
        &self.course
    }
}

impl DerefMut for Intent {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.course
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
