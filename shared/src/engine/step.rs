use chrono::{NaiveDate, TimeDelta};

use super::effect::{Effect, Seen};
use super::intent::{Intent, IntentState, Outcome, Stage};
use crate::Timestamp;
use crate::ids::{AdditionId, CatalogId};
use crate::mapping::BillCustomer;
use crate::money::{Money, Quantity};
use crate::planted;
use crate::psa::AgreementStatus;

/// Times and counts the engine works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How long a lost write may still arrive: nothing is sent again before two reads this far apart found the old quantity.
    pub settle: TimeDelta,
    /// Claims before an intent is parked. A write that was lost and never arrived costs three: its own and two quiet reads.
    pub max_attempts: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { settle: TimeDelta::seconds(30), max_attempts: 12 }
    }
}

/// Something that happened to an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The ledger has time for it.
    Claim,
    /// The agreement and the addition were read.
    Read(Observed),
    /// The read failed; nothing is known, nothing was changed by it.
    ReadFailed {
        /// Why, in words.
        words: String,
    },
    /// The write was answered, or its answer was lost.
    Wrote(WriteAnswer),
    /// The Worker started anew and found the intent claimed by a run that is gone.
    Restarted,
}

/// What a read found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// The addition, as it is.
    Addition {
        /// Its quantity.
        quantity: Quantity,
        /// ConnectWise's version of it.
        version: String,
        /// What it says of itself.
        description: String,
        /// Its last day, when it has one.
        cancelled: Option<NaiveDate>,
        /// Whether it still bills.
        ongoing: bool,
        /// Its agreement's status.
        agreement: AgreementStatus,
    },
    /// The addition that this intent made, found by its marker.
    Marked {
        /// Its id.
        addition: AdditionId,
        /// Its quantity.
        quantity: Quantity,
        /// ConnectWise's version of it.
        version: String,
        /// Whether it has no end.
        ongoing: bool,
        /// Its agreement's status.
        agreement: AgreementStatus,
    },
    /// The agreement's additions, none of which this intent made.
    Unmarked {
        /// How many others of the product are ongoing.
        others: u32,
        /// What they come to on the day from which one more was to be made beside them; zero when none was.
        units: Quantity,
        /// The agreement's status.
        agreement: AgreementStatus,
    },
    /// ConnectWise does not have it.
    Gone,
}

/// How ConnectWise answered a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteAnswer {
    /// 2xx. Proof is still the read back: ConnectWise has been seen to answer 200 and change nothing.
    Accepted,
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
pub enum Write {
    /// PATCH an addition's quantity.
    Quantity {
        /// The absolute quantity.
        quantity: Quantity,
        /// Its description with our part renewed; none leaves it.
        description: Option<String>,
    },
    /// POST an addition.
    Create {
        /// The catalog product.
        product: CatalogId,
        /// Its quantity.
        quantity: Quantity,
        /// Whether the customer pays for it.
        bill: BillCustomer,
        /// Price of a unit; none leaves the catalog's.
        unit_price: Option<Money>,
        /// The first day it bills.
        effective: NaiveDate,
        /// What it is found again by.
        marker: String,
        /// Its description; none leaves the catalog's.
        description: Option<String>,
    },
    /// PATCH the day an addition ends; none takes the end away.
    Cancelled(Option<NaiveDate>),
}

/// What the ledger does next, after storing the intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Read the agreement and the addition, or look for the addition that is to be made, and come back with
    /// [`Event::Read`] or [`Event::ReadFailed`].
    Read,
    /// Write this, and come back with [`Event::Wrote`].
    Write(Write),
    /// Nothing before this moment.
    WakeAt(Timestamp),
    /// It is over; write the audit row.
    Settled,
}

const NOTHING_WRITTEN: &str = "Nothing was written.";

impl Observed {
    /// The quantity and version that were read.
    fn last_read(self) -> Option<(Quantity, String)> {
        match self {
            Self::Addition { quantity, version, .. } | Self::Marked { quantity, version, .. } => Some((quantity, version)),
            Self::Unmarked { .. } | Self::Gone => None,
        }
    }
}

/// Moves `intent` on by one event at `now`, and says what to do next. An event that does not fit the state does nothing: it
/// is the late answer to a claim that is gone.
pub fn step(intent: &mut Intent, event: Event, now: Timestamp, settings: &Settings) -> Vec<Command> {
    match (intent.state, intent.stage, event) {
        (IntentState::Planned, _, Event::Claim) => intent.claim(now, settings, Stage::Checking),
        (IntentState::Unknown, _, Event::Claim) => intent.claim(now, settings, Stage::Resolving),
        (IntentState::Inflight, stage, Event::Read(observed)) => intent.read(stage, observed, now, settings),
        (IntentState::Inflight, stage, Event::ReadFailed { words }) => intent.read_failed(stage, &words, now, settings),
        (IntentState::Inflight, Stage::Writing, Event::Wrote(answer)) => intent.wrote(answer, now, settings),
        (IntentState::Inflight, stage, Event::Restarted) => intent.restarted(stage, now, settings),
        _ => Vec::new(),
    }
}

impl Intent {
    fn claim(&mut self, now: Timestamp, settings: &Settings, stage: Stage) -> Vec<Command> {
        if let Some(moment) = self.not_before.filter(|moment| *moment > now) {
            return vec![Command::WakeAt(moment)];
        }
        if self.attempts >= settings.max_attempts {
            return self.park(now, "Tried often enough without an answer that settles it.", None);
        }
        self.state = IntentState::Inflight;
        self.stage = stage;
        self.epoch += 1;
        self.attempts += 1;
        self.not_before = None;
        vec![Command::Read]
    }

    fn read(&mut self, stage: Stage, observed: Observed, now: Timestamp, settings: &Settings) -> Vec<Command> {
        if let Observed::Marked { addition, .. } = observed {
            self.addition = Some(addition);
        }
        let seen = self.seen(&observed);
        let hindrance = self.hindrance(&observed);
        match (stage, seen) {
            (Stage::Checking, Seen::There) => {
                let words = format!("ConnectWise already had the {}.", self.effect.noun());
                self.done(now, &words, observed.last_read(), true)
            }
            // What this intent made and somebody changed was written: that is not for a machine to call a failure.
            (Stage::Checking, Seen::Else(words)) if matches!(observed, Observed::Marked { .. }) => {
                self.park(now, &words, observed.last_read())
            }
            (Stage::Checking, Seen::Else(words)) if !planted!("no_check") => {
                self.fail(now, &format!("{words} {NOTHING_WRITTEN}"), observed.last_read())
            }
            (Stage::Checking, _) => {
                if let Some(words) = hindrance {
                    return self.fail(now, &format!("{words} {NOTHING_WRITTEN}"), observed.last_read());
                }
                self.stage = Stage::Writing;
                vec![Command::Write(self.write(&observed, now))]
            }
            (Stage::Proving, Seen::There) => self.done(now, "Written and read back.", observed.last_read(), false),
            (Stage::Proving, _) => {
                let words = self.unproven(&observed);
                self.park(now, &words, observed.last_read())
            }
            (Stage::Writing | Stage::Resolving, Seen::There) => {
                self.done(now, "The write had arrived although its answer was lost.", observed.last_read(), true)
            }
            (Stage::Writing | Stage::Resolving, Seen::AsBefore) => self.still_old(now, settings),
            (Stage::Writing | Stage::Resolving, Seen::Else(words)) => {
                let words = format!("After a lost answer ConnectWise has neither the old nor the new. {words}");
                self.park(now, &words, observed.last_read())
            }
        }
    }

    /// What it looks like when ConnectWise took a write and does not show it.
    fn unproven(&self, observed: &Observed) -> String {
        match (observed, &self.effect) {
            (Observed::Addition { quantity, .. }, Effect::Set) => {
                format!("ConnectWise accepted {} but the addition reads {quantity}.", self.to)
            }
            (Observed::Gone, _) => "The addition vanished after a write was sent.".to_owned(),
            (_, effect) => format!("ConnectWise accepted the {} but does not show it.", effect.noun()),
        }
    }

    /// Everything as before after a lost answer: the write may still be on its way, so only a second read after the settle delay
    /// allows another try.
    fn still_old(&mut self, now: Timestamp, settings: &Settings) -> Vec<Command> {
        self.quiet_reads += 1;
        let moment = now + settings.settle;
        self.not_before = Some(moment);
        if self.quiet_reads < if planted!("one_quiet_read") { 1 } else { 2 } {
            self.state = IntentState::Unknown;
        } else {
            self.state = IntentState::Planned;
            self.quiet_reads = 0;
            self.not_before = None;
            return vec![Command::WakeAt(now)];
        }
        vec![Command::WakeAt(moment)]
    }

    fn read_failed(&mut self, stage: Stage, words: &str, now: Timestamp, settings: &Settings) -> Vec<Command> {
        if self.attempts >= settings.max_attempts {
            let words = format!("ConnectWise could not be read: {words}");
            return match stage {
                Stage::Checking => self.fail(now, &format!("{words} {NOTHING_WRITTEN}"), None),
                _ => self.park(now, &words, None),
            };
        }
        self.state = if stage == Stage::Checking { IntentState::Planned } else { IntentState::Unknown };
        let moment = now + settings.settle;
        self.not_before = Some(moment);
        vec![Command::WakeAt(moment)]
    }

    fn wrote(&mut self, answer: WriteAnswer, now: Timestamp, settings: &Settings) -> Vec<Command> {
        match answer {
            WriteAnswer::Accepted if planted!("no_read_back") => self.done(now, "Written.", None, false),
            WriteAnswer::Accepted => {
                self.stage = Stage::Proving;
                vec![Command::Read]
            }
            WriteAnswer::Refused { words } => self.fail(now, &format!("ConnectWise refused it: {words}"), None),
            WriteAnswer::Deferred { wait } => {
                self.state = IntentState::Planned;
                let moment = now + wait;
                self.not_before = Some(moment);
                vec![Command::WakeAt(moment)]
            }
            WriteAnswer::Lost { .. } => self.lost(now, settings),
        }
    }

    fn lost(&mut self, now: Timestamp, settings: &Settings) -> Vec<Command> {
        self.state = IntentState::Unknown;
        self.quiet_reads = 0;
        let moment = now + settings.settle;
        self.not_before = Some(moment);
        vec![Command::WakeAt(moment)]
    }

    fn restarted(&mut self, stage: Stage, now: Timestamp, settings: &Settings) -> Vec<Command> {
        if stage == Stage::Checking || planted!("crash_forgets_write") {
            self.state = IntentState::Planned;
            return vec![Command::WakeAt(now)];
        }
        self.lost(now, settings)
    }

    fn done(&mut self, now: Timestamp, words: &str, seen: Option<(Quantity, String)>, adopted: bool) -> Vec<Command> {
        self.settle(IntentState::Done, now, words, seen, adopted)
    }

    fn fail(&mut self, now: Timestamp, words: &str, seen: Option<(Quantity, String)>) -> Vec<Command> {
        self.settle(IntentState::Failed, now, words, seen, false)
    }

    fn park(&mut self, now: Timestamp, words: &str, seen: Option<(Quantity, String)>) -> Vec<Command> {
        self.settle(IntentState::Parked, now, words, seen, false)
    }

    fn settle(&mut self, state: IntentState, now: Timestamp, words: &str, seen: Option<(Quantity, String)>, adopted: bool) -> Vec<Command> {
        let (found, version) = seen.unzip();
        self.state = state;
        self.not_before = None;
        self.outcome = Some(Outcome { at: now, words: words.to_owned(), found, adopted, version });
        vec![Command::Settled]
    }
}

#[cfg(test)]
#[path = "step_tests.rs"]
pub(crate) mod tests;
