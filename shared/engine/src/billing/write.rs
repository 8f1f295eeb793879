//! Billing's effect on the machine: what a read of an agreement says, what is written, and how a change ends.

use chrono::NaiveDate;

use super::change::{Change, Comparison};
use super::intent::{Intent, Outcome};
use crate::course::{Course, Ending, IntentState, Stage};
use crate::effect::{Answer, Effect, Stop, Then, Verdict};
use domain::Timestamp;
use domain::ids::{AdditionId, CatalogId};
use domain::mapping::BillCustomer;
use domain::money::{Money, Quantity};
use domain::psa::{AgreementStatus, is_older};

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
        /// Others with the same marker that have no end: it was made more than once.
        also: Vec<AdditionId>,
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

/// How ConnectWise answered a write, with the number of the addition that was made, where it could be read.
pub type WriteAnswer = Answer<Option<AdditionId>>;

type Seeing = Verdict<Write, Outcome>;

impl Effect for Intent {
    type Reading = Observed;
    type Write = Write;
    type Receipt = Option<AdditionId>;
    type Outcome = Outcome;

    fn course(&self) -> &Course<Outcome> {
        &self.course
    }

    fn course_mut(&mut self) -> &mut Course<Outcome> {
        &mut self.course
    }

    fn judge(&mut self, observed: Observed, now: Timestamp) -> Seeing {
        if let Observed::Marked { addition, .. } = observed {
            self.addition = Some(addition);
        }
        let seen = self.seen(&observed);
        if let (Observed::Marked { .. }, false, Some(write)) = (&observed, matches!(seen, Comparison::There), &mut self.course.under_way) {
            // Our mark is the proof that it was made, whatever somebody has made of it since.
            write.accepted = true;
        }
        match (self.stage, seen) {
            (Stage::Checking, _) if self.is_older(&observed) || self.is_not_shown_yet(&observed, now) => Verdict::Stale,
            (Stage::Checking, Comparison::There) => {
                let words = format!("ConnectWise already had the {}.", self.effect.noun());
                done(now, &words, observed, true)
            }
            // What this intent made and somebody changed was written: that is not for a machine to call a failure.
            (Stage::Checking, Comparison::Else(words)) if matches!(observed, Observed::Marked { .. }) => park(now, &words, observed),
            (Stage::Checking, Comparison::Else(words)) => fail(now, &words, observed),
            (Stage::Checking, _) => match self.hindrance(&observed) {
                Some(words) => fail(now, &words, observed),
                None => Verdict::Write(self.write(&observed, now)),
            },
            // It was so once before, which proves nothing.
            (_, Comparison::There) if self.is_older(&observed) => Verdict::Unseen,
            (_, Comparison::There) if self.course.is_accepted() => done(now, &self.proven(&observed), observed, false),
            (_, Comparison::There) => done(now, "The write had arrived although its answer was lost.", observed, true),
            (_, Comparison::AsBefore | Comparison::Else(_)) if self.course.may_still_show(now) => Verdict::Unseen,
            (Stage::Proving, _) => park(now, &self.unproven(&observed), observed),
            (Stage::Writing | Stage::Resolving, Comparison::AsBefore) => Verdict::Unseen,
            (Stage::Writing | Stage::Resolving, Comparison::Else(words)) => {
                let words = format!("After a lost answer ConnectWise has neither the old nor the new. {words}");
                park(now, &words, observed)
            }
        }
    }

    /// The number of a new addition is the proof of it: with it, it is looked for by name.
    fn accepted(&mut self, made: Option<AdditionId>, _now: Timestamp) -> Then<Outcome> {
        self.addition = self.addition.or(made);
        Then::Prove
    }

    fn refused(&mut self, words: &str, now: Timestamp) -> Then<Outcome> {
        Then::Over(ending(IntentState::Failed, now, &format!("ConnectWise refused it: {words}"), None, false))
    }

    fn stopped(&self, stop: Stop<'_>, now: Timestamp) -> Ending<Outcome> {
        let reason = stop.reason();
        let (state, words) = if self.is_unsent() {
            (IntentState::Failed, format!("{reason} {NOTHING_WRITTEN}"))
        } else {
            (IntentState::Parked, format!("{reason} Look in ConnectWise whether it was written."))
        };
        ending(state, now, &words, None, false)
    }
}

impl Intent {
    /// Whether ConnectWise showed less than the preview knew: one of its replicas lags behind.
    fn is_older(&self, observed: &Observed) -> bool {
        let (Observed::Addition { version, .. }, Some(known)) = (observed, &self.version) else { return false };
        is_older(version, known)
    }

    /// Whether an addition seems gone that was made or changed a moment ago, which is to be taken back: reads may lag behind that.
    fn is_not_shown_yet(&self, observed: &Observed, now: Timestamp) -> bool {
        let lagging = (now - Self::settings().read_lag).to_rfc3339();
        let made = self.version.as_deref().filter(|_| self.reverses.is_some());
        matches!(observed, Observed::Gone) && made.is_some_and(|made| is_older(&lagging, made))
    }

    fn proven(&self, observed: &Observed) -> String {
        match observed {
            Observed::Marked { also, .. } if !also.is_empty() => {
                let also: Vec<String> = also.iter().map(ToString::to_string).collect();
                format!("Written and read back. It was made more than once: end addition {} in ConnectWise.", also.join(" and "))
            }
            _ => "Written and read back.".to_owned(),
        }
    }

    /// What it looks like when ConnectWise took a write and does not show it, long after it should have.
    fn unproven(&self, observed: &Observed) -> String {
        match (observed, &self.effect, self.addition) {
            (Observed::Addition { quantity, .. }, Change::Set, _) => {
                format!("ConnectWise accepted {} but the addition reads {quantity}.", self.to)
            }
            (_, Change::Create { .. }, Some(made)) => {
                format!("ConnectWise made addition {made} and does not show it: somebody may have deleted it. It is not made again.")
            }
            (Observed::Gone, ..) => "The addition vanished after a write was sent.".to_owned(),
            (_, effect, _) => format!("ConnectWise accepted the {} but does not show it.", effect.noun()),
        }
    }
}

fn done(now: Timestamp, words: &str, observed: Observed, adopted: bool) -> Seeing {
    Verdict::Over(ending(IntentState::Done, now, words, observed.last_read(), adopted))
}

fn fail(now: Timestamp, words: &str, observed: Observed) -> Seeing {
    Verdict::Over(ending(IntentState::Failed, now, &format!("{words} {NOTHING_WRITTEN}"), observed.last_read(), false))
}

fn park(now: Timestamp, words: &str, observed: Observed) -> Seeing {
    Verdict::Over(ending(IntentState::Parked, now, words, observed.last_read(), false))
}

fn ending(state: IntentState, now: Timestamp, words: &str, seen: Option<(Quantity, String)>, adopted: bool) -> Ending<Outcome> {
    let (found, version) = seen.unzip();
    Ending { state, outcome: Outcome { at: now, words: words.to_owned(), found, adopted, version } }
}

#[cfg(test)]
#[path = "write_tests.rs"]
pub(crate) mod tests;
