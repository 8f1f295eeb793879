//! What the machine is told of one kind of outside effect, and what passes between the two. A new kind of write is one
//! `impl Effect`.

use chrono::TimeDelta;

use super::course::{Course, Ending, Settings};
use domain::Timestamp;

/// One planned outside effect.
pub trait Effect: Sized {
    /// What a read finds.
    type Reading;
    /// One write.
    type Write;
    /// What an accepted write is told: the number of what was made, or nothing.
    type Receipt;
    /// What came of it, once it is over.
    type Outcome;

    /// How far it has come.
    fn course(&self) -> &Course<Self::Outcome>;

    /// The same, to move it on.
    fn course_mut(&mut self) -> &mut Course<Self::Outcome>;

    /// What a read says about it. The stage of its course says why it was read.
    fn judge(&mut self, seen: Self::Reading, now: Timestamp) -> Verdict<Self::Write, Self::Outcome>;

    /// How it ends when it is carried on no longer.
    fn stopped(&self, stop: Stop<'_>, now: Timestamp) -> Ending<Self::Outcome>;

    /// How it ends when a write was refused for good, or that it goes on without.
    fn refused(&mut self, words: &str, now: Timestamp) -> Then<Self::Outcome>;

    /// What follows a write that was accepted. A 2xx is no proof: it is read back.
    fn accepted(&mut self, _receipt: Self::Receipt, _now: Timestamp) -> Then<Self::Outcome> {
        Then::Prove
    }

    /// What follows a write to something that is not there.
    fn gone(&mut self, now: Timestamp) -> Then<Self::Outcome> {
        self.refused("it is not there", now)
    }

    /// Forgets what was sent: it was not taken, or it never arrived.
    fn unsend(&mut self) {}

    /// Takes all that it would send for sent: it may have been, and nobody remembers.
    fn suppose_sent(&mut self) {}

    /// How it ends when nobody wants it any more. Asked when a lost write turns out never to have arrived.
    fn unwanted(&self, _now: Timestamp) -> Option<Ending<Self::Outcome>> {
        None
    }

    /// Why it can never be claimed.
    fn unclaimable(&self, _now: Timestamp) -> Option<Ending<Self::Outcome>> {
        None
    }

    /// The times and counts of this kind of effect.
    fn settings() -> Settings {
        Settings::default()
    }
}

/// Something that happened to an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<Seen, Receipt> {
    /// The ledger has time for it.
    Claim,
    /// What it is about was read.
    Read(Seen),
    /// The read failed; nothing is known, nothing was changed by it.
    ReadFailed {
        /// Why, in words.
        words: String,
        /// How long the vendor asked to be left alone, when it did.
        wait: Option<TimeDelta>,
    },
    /// The write was answered, or its answer was lost.
    Wrote(Answer<Receipt>),
    /// The Worker started anew and found the intent claimed by a run that is gone.
    Restarted,
}

/// How a vendor answered a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<Receipt> {
    /// 2xx. Proof is still the read back: ConnectWise has been seen to answer 200 and change nothing.
    Accepted(Receipt),
    /// What it was to be written to is not there (404); nothing was changed.
    Gone,
    /// Refused for good; nothing was changed.
    Refused {
        /// The vendor's own words, and what to do.
        words: String,
    },
    /// Refused for now, before doing anything (429).
    Deferred {
        /// Not before this much time has gone.
        wait: TimeDelta,
        /// What it waits for, in a sentence.
        words: String,
    },
    /// No answer, or one that says nothing about the effect (timeout, 5xx, lost connection).
    Lost {
        /// What was seen.
        words: String,
        /// How long the vendor asked to be left alone, when it did.
        wait: Option<TimeDelta>,
    },
}

impl<Receipt> Answer<Receipt> {
    /// The same with another receipt.
    pub fn map<Other>(self, of: impl FnOnce(Receipt) -> Other) -> Answer<Other> {
        self.and_then(|receipt| Answer::Accepted(of(receipt)))
    }

    /// What `of` makes of the receipt, when it was accepted.
    pub fn and_then<Other>(self, of: impl FnOnce(Receipt) -> Answer<Other>) -> Answer<Other> {
        match self {
            Self::Accepted(receipt) => of(receipt),
            Self::Gone => Answer::Gone,
            Self::Refused { words } => Answer::Refused { words },
            Self::Deferred { wait, words } => Answer::Deferred { wait, words },
            Self::Lost { words, wait } => Answer::Lost { words, wait },
        }
    }
}

/// What the ledger does next, after storing the intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command<Write> {
    /// Read what the intent is about, and come back with [`Event::Read`] or [`Event::ReadFailed`].
    Read,
    /// Write this, and come back with [`Event::Wrote`].
    Write(Write),
    /// Nothing before this moment.
    WakeAt(Timestamp),
    /// It is over: take in what came of it, and write it down.
    Settled,
}

/// What a read says about an effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<Write, Outcome> {
    /// This is to be written.
    Write(Write),
    /// Something was found that has to be read more closely.
    ReadOn,
    /// What was sent is not there, and may be on its way.
    Unseen,
    /// It shows something older than is known: read again later.
    Stale,
    /// It is over.
    Over(Ending<Outcome>),
    /// It was not asked for.
    Unfit,
}

/// What follows the answer to a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then<Outcome> {
    /// It is read back.
    Prove,
    /// The answer does not say what became of it: as if it was lost.
    Lost,
    /// Nothing was written; it is looked at again after the settle delay.
    Again,
    /// It is over.
    Over(Ending<Outcome>),
}

/// Why an intent is carried on no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop<'a> {
    /// Something kept it from coming to its end for too long.
    Unsettled {
        /// Since when.
        since: Timestamp,
        /// What it is now, in a sentence.
        words: &'a str,
    },
    /// What it is about is out of reach, or nobody wants it.
    Abandoned {
        /// Why, in a sentence.
        words: &'a str,
    },
}

impl Stop<'_> {
    /// Why, in a sentence or two.
    pub fn reason(self) -> String {
        match self {
            Self::Unsettled { since, words } => {
                format!("It could not be settled since {}, and is carried on no longer. {words}", since.format("%Y-%m-%d %H:%M UTC"))
            }
            Self::Abandoned { words } => words.to_owned(),
        }
    }
}
