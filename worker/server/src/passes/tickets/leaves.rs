//! Devices that left a group at once: what is told of them, and what a person says.

use std::collections::BTreeMap;

use contract::tickets::MassLeave;
use domain::tickets::{Doubt, FEW, PATIENCE, Per};

use super::plan::moment;
use super::rules::RuleKeeper;
use store::ledger::{Ledger, RuleRow};
use store::ports::StoreError;

/// Names that are told of devices that left at once.
const NAMED: usize = 5;

impl RuleKeeper<'_> {
    /// Takes in what a person says of devices that left a rule's group at once: they are gone, or their tickets stay open until they show
    /// again.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn decide_leaves(&self, row: &RuleRow, gone: bool) -> Result<(), StoreError> {
        let rule = &row.rule.id;
        let mut doubted = self.ledger.doubted_leaves().of(rule)?;
        if gone {
            for subject in doubted.keys() {
                let Some(mut case) = self.ledger.cases().find(rule, subject)? else { continue };
                case.case.observe(false, self.clock.now());
                self.ledger.cases().store(&case)?;
            }
            doubted.clear();
        }
        doubted.values_mut().for_each(|doubt| doubt.kept = true);
        self.ledger.doubted_leaves().keep(rule, &doubted)
    }
}

/// What is told of the devices that left a rule's group at once; none when they are too few to be told of.
///
/// # Errors
/// When SQLite refuses.
pub(crate) fn leaves_of(ledger: &Ledger, row: &RuleRow) -> Result<Option<MassLeave>, StoreError> {
    let doubted = ledger.doubted_leaves().of(&row.rule.id)?;
    if doubted.is_empty() {
        return Ok(None);
    }
    let known = ledger.cases().presences(&row.rule.id)?;
    let were = known.values().filter(|(present, _)| *present).count();
    let names = doubted.keys().filter_map(|subject| known.get(subject)).map(|(_, name)| name.clone()).take(NAMED).collect();
    Ok(mass_leave(row, &doubted, were).map(|mass| MassLeave { names, ..mass }))
}

/// The same without names, for a group that `were` devices were in.
pub(super) fn mass_leave(row: &RuleRow, doubted: &BTreeMap<String, Doubt>, were: usize) -> Option<MassLeave> {
    let devices = |subjects: usize| u32::try_from(subjects).unwrap_or(u32::MAX).saturating_mul(devices_each(row));
    let since = doubted.values().map(|doubt| doubt.since).min()?;
    // The last one that left holds the others up: they are one matter.
    let until = doubted.values().filter(|doubt| !doubt.kept).map(|doubt| doubt.since + PATIENCE).max();
    let mass = MassLeave { devices: devices(doubted.len()), were: devices(were), since, until, names: Vec::new() };
    (mass.devices > FEW || until.is_none()).then_some(mass)
}

/// For how many devices a case of a rule stands.
pub(super) fn devices_each(row: &RuleRow) -> u32 {
    match row.rule.per {
        Per::Device => 1,
        Per::Group => row.devices.max(1),
    }
}

/// How it is told.
pub(super) fn mass_words(mass: &MassLeave) -> String {
    let (devices, were) = (mass.devices, mass.were);
    let until = mass.until.map(moment).unwrap_or_default();
    format!(
        "{devices} of {were} devices left the group at once. No ticket is closed until {until}, unless a person says that they are gone."
    )
}
