use chrono::TimeDelta;

use super::intent::{Intent, IntentState, Outcome, Stage};
use crate::Timestamp;
use crate::money::Quantity;
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
        /// Whether it still bills.
        ongoing: bool,
        /// Its agreement's status.
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

/// What the ledger does next, after storing the intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Read the agreement and the addition, and come back with [`Event::Read`] or [`Event::ReadFailed`].
    Read,
    /// Set the addition's quantity, and come back with [`Event::Wrote`].
    Write {
        /// The absolute quantity.
        quantity: Quantity,
    },
    /// Nothing before this moment.
    WakeAt(Timestamp),
    /// It is over; write the audit row.
    Settled,
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
        let Observed::Addition { quantity, version, ongoing, agreement } = observed else {
            return match stage {
                Stage::Checking => self.fail(now, "The addition is gone from ConnectWise. Nothing was written."),
                _ => self.park(now, "The addition vanished after a write was sent.", None),
            };
        };
        let seen = Some((quantity, version));
        match stage {
            Stage::Checking if quantity == self.to => self.done(now, "The addition already had this quantity.", seen, true),
            Stage::Checking if !ongoing => self.fail(now, "The addition was cancelled since the preview. Nothing was written."),
            Stage::Checking if agreement != AgreementStatus::Active => {
                let words = format!("The agreement is {} since the preview. Nothing was written.", agreement.words());
                self.fail(now, &words)
            }
            Stage::Checking if quantity != self.from => {
                let words = format!("The quantity changed from {} to {quantity} since the preview. Nothing was written.", self.from);
                self.fail(now, &words)
            }
            Stage::Checking => {
                self.stage = Stage::Writing;
                vec![Command::Write { quantity: self.to }]
            }
            Stage::Proving if quantity == self.to => self.done(now, "Written and read back.", seen, false),
            Stage::Proving => {
                let words = format!("ConnectWise accepted {} but the addition reads {quantity}.", self.to);
                self.park(now, &words, seen)
            }
            Stage::Writing | Stage::Resolving if quantity == self.to => {
                self.done(now, "The write had arrived although its answer was lost.", seen, true)
            }
            Stage::Writing | Stage::Resolving if quantity == self.from => self.still_old(now, settings),
            Stage::Writing | Stage::Resolving => {
                let words = format!("After a lost answer the addition reads {quantity}, neither {} nor {}.", self.from, self.to);
                self.park(now, &words, seen)
            }
        }
    }

    /// The old quantity after a lost answer: the write may still be on its way, so only a second read after the settle delay
    /// allows another try.
    fn still_old(&mut self, now: Timestamp, settings: &Settings) -> Vec<Command> {
        self.quiet_reads += 1;
        let moment = now + settings.settle;
        self.not_before = Some(moment);
        if self.quiet_reads < 2 {
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
                Stage::Checking => self.fail(now, &format!("{words} Nothing was written.")),
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
            WriteAnswer::Accepted => {
                self.stage = Stage::Proving;
                vec![Command::Read]
            }
            WriteAnswer::Refused { words } => self.fail(now, &format!("ConnectWise refused it: {words}")),
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
        if stage == Stage::Checking {
            self.state = IntentState::Planned;
            return vec![Command::WakeAt(now)];
        }
        self.lost(now, settings)
    }

    fn done(&mut self, now: Timestamp, words: &str, seen: Option<(Quantity, String)>, adopted: bool) -> Vec<Command> {
        self.settle(IntentState::Done, now, words, seen, adopted)
    }

    fn fail(&mut self, now: Timestamp, words: &str) -> Vec<Command> {
        self.settle(IntentState::Failed, now, words, None, false)
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
mod tests;
