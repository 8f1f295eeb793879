//! The month's lines beside what ESET and ConnectWise charge for them.

use std::rc::Rc;

use contract::month::Segment;
use domain::access::Visibility;
use domain::billing::{Reconciled, Reconciler};
use domain::seats::Snapshot;

use super::input::Readings;
use crate::tenant::TenantError;
use store::ledger::LineRow;

impl Readings<'_> {
    /// Hands every line of the month that a scope sees over with its reconciliation. A difference of up to `threshold` units is no finding.
    ///
    /// # Errors
    /// When something it needs cannot be read.
    pub async fn reconcile(
        &self,
        scope: &Visibility,
        threshold: u32,
        mut take: impl FnMut(&LineRow, Reconciled),
    ) -> Result<(), TenantError> {
        let (mappings, _) = self.mappings().await?;
        let snapshots = self.snapshots().await?;
        let snapshots: Vec<&Snapshot> = snapshots.iter().map(Rc::as_ref).collect();
        let costs = self.ledger.additions().costs()?;
        let reconciler = Reconciler::new(&snapshots, &mappings, &costs, threshold);
        Ok(self.ledger.lines().each(scope, Segment::All, "", |row| take(&row, reconciler.row(&row.line)))?)
    }
}
