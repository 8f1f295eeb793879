//! What ConnectWise, its people, another install and the ledger do about a bill.

use std::hash::{Hash, Hasher};

use domain::ids::{AdditionId, IntentId};
use domain::psa::AgreementStatus;
use engine::{Answer, Change, Effect as _, Intent, IntentState, Observed, Write, abandon, take_notice};

use super::agreement::{ADDITION, Day, Fact, earlier};
use super::{AFTER, BEFORE, Bill, Kind, TYPED};
use crate::clock::{LAG, now};
use crate::watch::{Broken, Key};
use crate::world::{AnswerOf, Side, Then};

/// What is done about a bill beside carrying it on.
#[derive(Debug, Clone, PartialEq)]
pub enum Doing {
    TriesAgain,
    TakesBack,
    /// The connection is deleted, or the company excluded.
    Abandons,
    Types,
    EndsByHand,
    Deletes,
    /// A second install does the same, with its own mark.
    OtherInstall,
    /// The additions are read for another reason, and a reading shows this.
    Reading(Option<Fact>),
}

/// Words of an outcome that say somebody else did something.
const BLAME: [&str; 7] = ["since the preview", "someone else", "somebody", "is gone from", "vanished", " now, ", "by now"];

impl Bill {
    fn observed(&self, intent: &Intent, fact: Option<Fact>, others: u32) -> Observed {
        let agreement = AgreementStatus::Active;
        match (fact, &intent.effect) {
            (Some(fact @ Fact { quantity, end, .. }), Change::Create { .. }) => Observed::Marked {
                addition: ADDITION,
                quantity: u32::from(quantity).into(),
                version: fact.moment(),
                ongoing: end.is_none(),
                agreement,
                also: Vec::new(),
            },
            (None, Change::Create { .. }) => Observed::Unmarked { others, units: 0.into(), agreement },
            (Some(fact @ Fact { quantity, end, .. }), _) => Observed::Addition {
                quantity: u32::from(quantity).into(),
                version: fact.moment(),
                description: String::new(),
                cancelled: end.map(Day::date),
                ongoing: end.is_none(),
                agreement,
            },
            (None, _) => Observed::Gone,
        }
    }

    /// Somebody else makes it so.
    fn by_hand(&mut self, change: impl FnOnce(Fact) -> Option<Fact>) {
        let Some(fact) = self.agreement.is else { return };
        let changed = change(fact).map(|changed| Fact { version: fact.version + 1, age: 0, ..changed });
        self.agreement.becomes(changed, LAG);
        self.somebody();
    }

    fn somebody(&mut self) {
        self.hands = true;
        self.effects = [0; 2];
    }

    fn is_there(&self, intent: &Intent) -> bool {
        let Some(fact) = self.agreement.is else { return false };
        match intent.effect {
            Change::Set | Change::Create { .. } => intent.to == u32::from(fact.quantity).into() && fact.end.is_none(),
            Change::End { .. } => fact.end == Some(Day::Ours),
            Change::Resume { .. } => fact.end.is_none(),
        }
    }
}

impl Side for Bill {
    type Reading = Observed;
    type Write = Write;
    type Receipt = Option<AdditionId>;
    type Intent = Intent;
    type Doing = Doing;

    fn earlier(intent: &mut Intent) {
        let outcome = intent.course.outcome.as_mut().and_then(|outcome| outcome.version.as_mut());
        intent.version.iter_mut().chain(outcome).for_each(|version| *version = earlier(version));
    }

    fn id(intent: &Intent) -> &IntentId {
        &intent.id
    }

    fn hash_intent<H: Hasher>(intent: &Intent, hasher: &mut H) {
        let Intent { id: _, line: _, preview: _, period: _, psa: _, agreement: _, addition, effect: _, from: _, to: _, .. } = intent;
        // All else is the same for as long as it is the same intent.
        let Intent { version, basis: _, effective: _, reverses, reversed_by: _, reason: _, course, .. } = intent;
        let read = course.outcome.as_ref().and_then(|outcome| outcome.version.as_ref());
        (addition, version, reverses.is_some(), read).hash(hasher);
    }

    fn readings(&self, intent: &Intent) -> Vec<Observed> {
        let others: &[u32] = match self.other {
            None => &[0],
            Some(0) => &[1],
            Some(_) => &[1, 0],
        };
        let shown = self.agreement.shown();
        let mut readings = Vec::new();
        for observed in shown.iter().flat_map(|fact| others.iter().map(|others| self.observed(intent, *fact, *others))) {
            if !readings.contains(&observed) {
                readings.push(observed);
            }
        }
        readings
    }

    fn arrive(&mut self, intent: &Intent, write: &Write, left: u8) -> Result<AnswerOf<Self>, Broken> {
        let fact = match (self.agreement.is, write) {
            (Some(_), Write::Create { .. }) => return Err(Broken::Twice),
            (None, Write::Create { .. }) => Fact { quantity: AFTER, end: None, version: 1, age: 0 },
            (None, _) => return Ok(Answer::Gone),
            (Some(fact), Write::Quantity { quantity, .. }) => {
                Fact { quantity: if *quantity == u32::from(AFTER).into() { AFTER } else { BEFORE }, ..fact }
            }
            (Some(fact), Write::Cancelled(day)) => Fact { end: day.map(|_| Day::Ours), ..fact },
        };
        if Some(fact) != self.agreement.is {
            self.agreement.becomes(Some(Fact { version: fact.version + 1, age: 0, ..fact }), left);
            let effects = &mut self.effects[usize::from(intent.reverses.is_some())];
            *effects += 1;
            if *effects > 1 && !self.deleted_unknown {
                return Err(Broken::Twice);
            }
        }
        Ok(Answer::Accepted(Some(ADDITION)))
    }

    fn other_answers(&self, write: &Write) -> Vec<AnswerOf<Self>> {
        match write {
            Write::Create { .. } => vec![Answer::Accepted(None)],
            Write::Quantity { .. } | Write::Cancelled(_) => vec![Answer::Accepted(Some(ADDITION))],
        }
    }

    fn key(&self, intent: &Intent, write: &Write) -> Key {
        Key { intent: intent.reverses.is_some().into(), part: 0, makes: matches!(write, Write::Create { .. }) }
    }

    fn allows(&self, intent: &Intent, seen: &Observed, _write: &Write) -> bool {
        match (seen, &intent.effect) {
            (Observed::Addition { quantity, .. }, Change::Set) => *quantity == intent.from,
            (Observed::Addition { quantity, cancelled, .. }, Change::End { .. }) => *quantity == intent.from && cancelled.is_none(),
            (Observed::Addition { quantity, cancelled, .. }, Change::Resume { .. }) => {
                *quantity == intent.to && *cancelled == Some(Day::Ours.date())
            }
            (Observed::Unmarked { others, .. }, Change::Create { .. }) => *others == 0,
            _ => false,
        }
    }

    fn prepare(&mut self, _stored: &mut Intent) {}

    fn settle(&mut self, intent: &Intent) -> Result<(), Broken> {
        let words = intent.course.outcome.as_ref().map_or("", |outcome| outcome.words.as_str());
        let done = intent.course.state == IntentState::Done;
        if !self.hands && done && !self.is_there(intent) {
            return Err(Broken::NotThere);
        }
        if !self.hands && BLAME.iter().any(|blame| words.contains(blame)) {
            return Err(Broken::Blamed);
        }
        let read = intent.course.outcome.as_ref().and_then(|outcome| outcome.version.as_deref());
        let shown = |fact: &Option<Fact>| fact.is_some_and(|fact| Some(fact.moment().as_str()) == read);
        if let Some(fact) = self.agreement.shown().into_iter().find(shown).flatten().filter(|_| done) {
            self.agreement.note_written(fact);
        }
        Ok(())
    }

    fn doings(&self, stored: &Intent) -> Vec<Doing> {
        let course = &stored.course;
        let mut doings = Vec::new();
        match course.state {
            IntentState::Failed | IntentState::Parked => doings.push(Doing::TriesAgain),
            IntentState::Done if stored.reverses.is_none() => doings.push(Doing::TakesBack),
            IntentState::Done => {}
            IntentState::Planned | IntentState::Inflight | IntentState::Unknown => doings.push(Doing::Abandons),
        }
        if self.agreement.is.is_some() {
            doings.extend([Doing::Types, Doing::EndsByHand, Doing::Deletes]);
        }
        if self.kind != Kind::Create || self.other.is_none() {
            doings.push(Doing::OtherInstall);
        }
        // One alarm after the other: what it began is over, or was taken up, before anything is read for another reason.
        if course.state != IntentState::Inflight {
            doings.extend(self.agreement.shown().into_iter().map(Doing::Reading));
        }
        doings
    }

    fn counts(doing: &Doing) -> bool {
        !matches!(doing, Doing::Reading(_))
    }

    fn happen(&mut self, doing: &Doing, stored: &mut Intent) -> Result<Then, Broken> {
        match doing {
            Doing::TriesAgain => {
                stored.reopen();
                return Ok(Then::AskedAgain);
            }
            Doing::TakesBack => {
                if let Some(reversal) = stored.reversal("Ordered by mistake.", now()) {
                    *stored = reversal;
                }
            }
            Doing::Abandons => {
                abandon(stored, "The ConnectWise connection was deleted.", now());
                self.settle(stored)?;
            }
            Doing::Types => self.by_hand(|fact| Some(Fact { quantity: TYPED, ..fact })),
            Doing::EndsByHand => self.by_hand(|fact| Some(Fact { end: Some(Day::Theirs), ..fact })),
            Doing::Deletes => {
                self.deleted_unknown |= stored.addition.is_none();
                self.by_hand(|_| None);
            }
            Doing::OtherInstall => match self.kind {
                Kind::Set => self.by_hand(|fact| Some(Fact { quantity: AFTER, ..fact })),
                Kind::End => self.by_hand(|fact| Some(Fact { end: Some(Day::Ours), ..fact })),
                Kind::Create => {
                    self.other = Some(LAG);
                    self.somebody();
                }
            },
            Doing::Reading(read) => {
                self.agreement.take_in(*read);
                let seen = self.observed(stored, self.agreement.known, 0);
                if self.agreement.known.is_some() && take_notice(stored, seen, now()) {
                    self.settle(stored)?;
                }
                let written = self.agreement.written.map(|(quantity, _)| quantity);
                let edited = |known: Fact| written.is_some_and(|written| written != known.quantity);
                if !self.hands && self.agreement.known.is_some_and(edited) {
                    return Err(Broken::Blamed);
                }
            }
        }
        Ok(Then::Nothing)
    }

    fn pass(&mut self) {
        self.agreement.pass();
        self.other = self.other.map(|left| left.saturating_sub(1));
    }

    fn rests(&self, stored: &Intent) -> bool {
        stored.course().state.is_over()
    }

    fn outcome(intent: &Intent) -> Option<String> {
        intent.course.outcome.as_ref().map(|outcome| outcome.words.clone())
    }

    fn say_reading(reading: &Observed) -> String {
        match reading {
            Observed::Addition { quantity, cancelled: None, .. } => format!("the addition with {quantity}"),
            Observed::Addition { quantity, cancelled: Some(day), .. } => format!("the addition with {quantity}, ended on {day}"),
            Observed::Marked { quantity, ongoing: true, .. } => format!("our addition with {quantity}"),
            Observed::Marked { quantity, .. } => format!("our addition with {quantity}, ended"),
            Observed::Unmarked { others: 0, .. } => "no addition".to_owned(),
            Observed::Unmarked { .. } => "another install's addition alone".to_owned(),
            Observed::Gone => "that it is gone".to_owned(),
        }
    }

    fn say_write(write: &Write) -> String {
        match write {
            Write::Quantity { quantity, .. } => format!("PATCH of {quantity}"),
            Write::Create { quantity, .. } => format!("POST of an addition with {quantity}"),
            Write::Cancelled(Some(day)) => format!("PATCH of the end on {day}"),
            Write::Cancelled(None) => "PATCH that takes the end away".to_owned(),
        }
    }

    fn say_doing(&self, doing: &Doing) -> String {
        match doing {
            Doing::TriesAgain => "a person presses Try again".to_owned(),
            Doing::TakesBack => "a person takes it back".to_owned(),
            Doing::Abandons => "a person deletes the connection, which ends it".to_owned(),
            Doing::Types => format!("a person types {TYPED} into ConnectWise"),
            Doing::EndsByHand => "a person ends the addition in ConnectWise".to_owned(),
            Doing::Deletes => "a person deletes the addition in ConnectWise".to_owned(),
            Doing::OtherInstall => "a second install does the same".to_owned(),
            Doing::Reading(Some(Fact { quantity, end, .. })) => {
                format!("the hourly reading shows {quantity}{}", if end.is_some() { ", ended" } else { "" })
            }
            Doing::Reading(None) => "the hourly reading shows no addition".to_owned(),
        }
    }
}
