//! The driver: intents of every kind, carried through the engine one call at a time. Each step is stored before the call it asks
//! for, and what came of an intent is taken in with the move that ends it.

use chrono::TimeDelta;
use domain::Timestamp;
use engine::{Answer, Command, Event, IntentState, Settings, abandon as abandoned, doubt, step};

use super::look_only::WAITS;
use super::marks::Watermark;
use crate::config::Config;
use crate::tenant::Tenant;
use egress::Outbound;
use egress::ports::Clock;
use store::ledger::{Claims, Intents, Ledger, LookOnlyRow, PlannedOf, Stored};
use store::ports::StoreError;
use vendor::VendorError;

/// Intents of a kind taken up at once.
const BATCH: u32 = 16;

/// How long a write waits that comes up while Seatbridge only looks.
const ONLY_LOOKS: TimeDelta = TimeDelta::minutes(10);

/// How a kind of intent is carried out: what the driver is told beside what the engine knows.
pub(super) trait Executor: Stored {
    /// What its vendor is reached by.
    type Client;

    /// The engine's times and counts for this kind in this install.
    fn times(config: &Config) -> &Settings;

    /// Reads what the engine asks for.
    async fn observe(&self, client: &Self::Client) -> Result<Self::Reading, VendorError>;

    /// Makes one write, once.
    async fn send(&self, client: &Self::Client, write: Self::Write) -> Answer<Self::Receipt>;

    /// Takes in what came of it, now that it is over, and writes it down.
    fn settle(&self, ledger: &Ledger, row: &PlannedOf<Self>, now: Timestamp) -> Result<(), StoreError>;

    /// Takes in that it waits for its next claim.
    fn waits(&self, _ledger: &Ledger) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Carries intents of every kind through the engine.
#[derive(Clone, Copy)]
pub(super) struct Driver<'a> {
    ledger: &'a Ledger,
    clock: &'a dyn Clock,
    config: &'a Config,
    watermark: Watermark<'a>,
}

impl Tenant {
    /// What carries intents through the engine.
    pub(super) fn driver(&self) -> Driver<'_> {
        Driver { ledger: &self.ledger, clock: self.clock.as_ref(), config: &self.config, watermark: self.watermark() }
    }
}

/// Which intents may be claimed: while Seatbridge only looks, none that would begin anything.
pub(super) fn claims(mode: Option<&LookOnlyRow>) -> Claims {
    if mode.is_some() { Claims::Unsettled } else { Claims::All }
}

impl Driver<'_> {
    fn intents<E: Executor>(&self) -> Intents<'_, E> {
        Intents::on(self.ledger)
    }

    /// The engine's times and counts for a kind of intent.
    pub(super) fn times<E: Executor>(&self) -> &Settings {
        E::times(self.config)
    }

    /// Finds intents that were claimed by a run that is gone, and has the engine decide about each. Only one alarm works at a time, so
    /// whatever is claimed when an alarm begins has lost its run.
    pub(super) fn recover<E: Executor>(&self, now: Timestamp) -> Result<(), StoreError> {
        for row in self.intents::<E>().in_state(IntentState::Inflight)? {
            let mut intent = row.intent.clone();
            step(&mut intent, Event::Restarted, now, self.times::<E>());
            self.intents().advance(&row.intent, &intent, now)?;
            let (left, state) = (row.intent.course().stage, intent.course().state);
            log::warn!("intent {} was left {left:?} by a run that is gone; it is {state:?} now", intent.id());
        }
        Ok(())
    }

    /// Intents that may be claimed now, as many as the budget allows at so many calls each.
    pub(super) fn due<E: Executor>(&self, outbound: &Outbound, calls: u32) -> Result<Vec<PlannedOf<E>>, StoreError> {
        let affordable = (outbound.left() / calls).min(BATCH);
        if affordable == 0 {
            return Ok(Vec::new());
        }
        let claims = claims(self.ledger.look_only().current()?.as_ref());
        self.intents::<E>().claimable(claims, self.clock.now(), affordable)
    }

    /// Carries one intent on until it is over or has to wait. A step that finds the stored intent moved by someone else stops at once.
    /// Without a client, in words, reads fail.
    pub(super) async fn carry_on<E: Executor>(
        &self,
        row: &PlannedOf<E>,
        mut intent: E,
        client: Result<E::Client, String>,
    ) -> Result<(), StoreError> {
        let mut event = Event::Claim;
        loop {
            let before = intent.clone();
            let now = self.clock.now();
            let Some(command) = step(&mut intent, event, now, self.times::<E>()) else { return Ok(()) };
            if !self.intents().advance(&before, &intent, now)? {
                return Ok(());
            }
            event = match (command, &client) {
                (Command::Settled, _) => return intent.settle(self.ledger, row, now),
                (Command::WakeAt(_), _) => return intent.waits(self.ledger),
                (Command::Read, Err(words)) => Event::ReadFailed { words: words.clone(), wait: None },
                (Command::Read, Ok(client)) => match intent.observe(client).await {
                    Ok(seen) => Event::Read(seen),
                    Err(error) => Event::ReadFailed { words: error.message(), wait: error.wait(self.clock.now()) },
                },
                (Command::Write(_), Err(words)) => Event::Wrote(Answer::Refused { words: words.clone() }),
                (Command::Write(_), Ok(_)) if self.ledger.look_only().current()?.is_some() => {
                    Event::Wrote(Answer::Deferred { wait: ONLY_LOOKS, words: WAITS.to_owned() })
                }
                (Command::Write(write), Ok(client)) => {
                    self.watermark.note_write().await?;
                    Event::Wrote(intent.send(client, write).await)
                }
            };
            if let Event::Wrote(Answer::Lost { words, .. }) = &event {
                log::warn!("the answer to intent {} was lost: {words}", intent.id());
            }
        }
    }

    /// Ends an intent that can never be carried to its end. A run that is at it finds it moved and stops before its next call.
    pub(super) fn abandon<E: Executor>(&self, row: &PlannedOf<E>, words: &str) -> Result<(), StoreError> {
        let (now, mut intent) = (self.clock.now(), row.intent.clone());
        if abandoned(&mut intent, words, now) {
            self.end(row, &intent, now)?;
        }
        Ok(())
    }

    /// Stores an intent that was ended without a call, and takes in what came of it.
    pub(super) fn end<E: Executor>(&self, row: &PlannedOf<E>, intent: &E, now: Timestamp) -> Result<bool, StoreError> {
        let stored = self.intents().advance(&row.intent, intent, now)?;
        if stored {
            intent.settle(self.ledger, row, now)?;
        }
        Ok(stored)
    }

    /// Takes all that open intents of a kind would write for written.
    pub(super) fn doubt_all<E: Executor>(&self, which: impl Fn(&E) -> bool) -> Result<(), StoreError> {
        let now = self.clock.now();
        for row in self.intents::<E>().open()?.into_iter().filter(|row| which(&row.intent)) {
            let mut intent = row.intent.clone();
            if doubt(&mut intent, now, self.times::<E>()) {
                self.intents().advance(&row.intent, &intent, now)?;
                intent.waits(self.ledger)?;
            }
        }
        Ok(())
    }
}
