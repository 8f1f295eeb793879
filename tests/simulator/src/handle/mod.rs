//! Looking into the world and changing it by hand, as people in the vendors' consoles do.

mod connect;
mod connectwise;
mod desk;
mod eset;

use std::fmt;

use chrono::{DateTime, Utc};

pub use connect::{ManagedDevice, Report};

use crate::fault::{Fault, FaultId};
use crate::journal::{Actor, Effect, Entry, Vendor};
use crate::savefile;
use crate::stage::{Shared, Stage};
use crate::world::{Addition, Agreement, CatalogItem, CwCompany, EsetCompany, License, Settings};

const HAND: Actor = Actor::Hand;

/// There is nothing with this name or id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuch(pub String);

impl fmt::Display for NoSuch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "there is no {}", self.0)
    }
}

impl std::error::Error for NoSuch {}

/// A handle on the simulated world; clones share it.
#[derive(Clone, Debug)]
pub struct WorldHandle {
    shared: Shared,
}

/// Reading, for oracles.
impl WorldHandle {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { shared }
    }

    /// The whole world as text, for [`WorldHandle::restore`] of this and every later version.
    ///
    /// # Errors
    /// When a row is no JSON, which none should be.
    pub fn written(&self) -> anyhow::Result<String> {
        savefile::written(&mut self.shared.lock().world)
    }

    /// Goes on in the world of such a text, with an empty journal.
    ///
    /// # Errors
    /// When it is no such text.
    pub fn restore(&self, text: &str) -> anyhow::Result<()> {
        let world = savefile::read(text)?;
        self.shared.lock().world = world;
        Ok(())
    }

    /// All ConnectWise additions, by agreement.
    pub fn additions(&self) -> Vec<Addition> {
        self.shared.lock().world.additions.values().cloned().collect()
    }

    /// One addition.
    pub fn addition(&self, id: i32) -> Option<Addition> {
        self.shared.lock().world.additions.values().find(|addition| addition.id == id).cloned()
    }

    /// All ConnectWise agreements.
    pub fn agreements(&self) -> Vec<Agreement> {
        self.shared.lock().world.agreements.values().cloned().collect()
    }

    /// All ESET licences.
    pub fn licenses(&self) -> Vec<License> {
        self.shared.lock().world.licenses.values().cloned().collect()
    }

    /// All ESET companies, the account's own among them.
    pub fn eset_companies(&self) -> Vec<EsetCompany> {
        self.shared.lock().world.eset_companies.values().cloned().collect()
    }

    /// All ConnectWise companies, also those in the recycle bin.
    pub fn cw_companies(&self) -> Vec<CwCompany> {
        self.shared.lock().world.cw_companies.values().cloned().collect()
    }

    /// The ConnectWise catalog.
    pub fn catalog(&self) -> Vec<CatalogItem> {
        self.shared.lock().world.catalog.values().cloned().collect()
    }

    /// The switches of the vendors' side.
    pub fn settings(&self) -> Settings {
        self.shared.lock().world.settings().clone()
    }

    /// Everything asked and changed so far.
    pub fn journal(&self) -> Vec<Entry> {
        self.journal_since(0)
    }

    /// Entries after the one with this sequence number.
    pub fn journal_since(&self, sequence: u64) -> Vec<Entry> {
        self.shared.lock().journal.since(sequence)
    }

    /// Forgets the entries so far; numbering goes on.
    pub fn clear_journal(&self) {
        self.shared.lock().journal.clear();
    }

    /// Entries kept.
    pub fn journal_length(&self) -> usize {
        self.shared.lock().journal.len()
    }

    /// The seed, and how many ESET customers it was asked for.
    pub fn origin(&self) -> (u64, usize) {
        let stage = self.shared.lock();
        (stage.world.seed, stage.world.companies)
    }
}

/// Faults and time.
impl WorldHandle {
    /// Switches a fault on.
    pub fn inject(&self, fault: Fault) -> FaultId {
        self.shared.lock().faults.inject(fault)
    }

    /// Switches all faults off.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// The faults that were switched on since the last clear, with what is left of their counts.
    pub fn faults(&self) -> Vec<(FaultId, Fault)> {
        self.shared.lock().faults.armed().to_vec()
    }

    /// Moves the simulator's clock ahead, so that tokens end and days pass without waiting.
    pub fn advance(&self, seconds: i64) {
        self.shared.lock().advance(seconds);
    }

    /// Lets the simulator's clock stand at this moment, so that it tells the time of whoever sets it.
    pub fn set_now(&self, now: DateTime<Utc>) {
        self.shared.lock().set_now(now);
    }
}

/// How a change by hand is made: under the lock, stamped, and written into the journal.
impl WorldHandle {
    pub(super) fn change(
        &self,
        vendor: Vendor,
        verb: &str,
        change: impl FnOnce(&mut Stage) -> Result<Effect, NoSuch>,
    ) -> Result<(), NoSuch> {
        let mut stage = self.shared.lock();
        let effect = change(&mut stage)?;
        stage.record_by_hand(vendor, verb, effect);
        Ok(())
    }

    pub(super) fn setting(&self, vendor: Vendor, verb: &str, edit: impl FnOnce(&mut Settings)) {
        let mut stage = self.shared.lock();
        edit(stage.world.settings_mut());
        stage.record_by_hand(vendor, verb, Effect::SettingChanged { setting: verb.to_owned(), by: HAND });
    }
}
