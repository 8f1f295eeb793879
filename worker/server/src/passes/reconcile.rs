//! The month's lines beside what ESET and ConnectWise charge for them.

use std::rc::Rc;

use contract::month::Segment;
use domain::access::Visibility;
use domain::billing::{AdditionCosts, Reconciled, Reconciler};
use domain::mapping::Mappings;
use domain::seats::Snapshot;

use super::input::Readings;
use crate::tenant::TenantError;
use store::ledger::{Ledger, LineRow};
use store::ports::StoreError;

/// Everything a reconciliation needs beside the lines: once it is read, nothing is awaited any more.
pub struct Reconciliation<'a> {
    ledger: &'a Ledger,
    mappings: Rc<Mappings>,
    snapshots: Vec<Rc<Snapshot>>,
    costs: AdditionCosts,
}

impl<'a> Readings<'a> {
    /// Reads what the month's lines are laid beside.
    ///
    /// # Errors
    /// When something it needs cannot be read.
    pub async fn reconciliation(&self) -> Result<Reconciliation<'a>, TenantError> {
        let (mappings, _) = self.mappings().await?;
        let (snapshots, costs) = (self.snapshots().await?, self.ledger.additions().costs()?);
        Ok(Reconciliation { ledger: self.ledger, mappings, snapshots, costs })
    }
}

impl Reconciliation<'_> {
    /// Hands every line of the month that a scope sees over with its reconciliation. A difference of up to `threshold` units is no finding.
    ///
    /// # Errors
    /// When SQLite or `take` refuses.
    pub fn each(
        &self,
        scope: &Visibility,
        threshold: u32,
        mut take: impl FnMut(&LineRow, Reconciled) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.with(threshold, |reconciler| {
            self.ledger.lines().try_each(scope, Segment::All, "", |row| take(&row, reconciler.row(&row.line)))
        })
    }

    /// Does something with the reconciler of these readings.
    pub fn with<T>(&self, threshold: u32, act: impl FnOnce(&Reconciler<'_>) -> T) -> T {
        let snapshots: Vec<&Snapshot> = self.snapshots.iter().map(Rc::as_ref).collect();
        act(&Reconciler::new(&snapshots, &self.mappings, &self.costs, threshold))
    }
}
