//! What a snapshot holds: one that says it is whole has every licence the account had when the run began.

use std::collections::BTreeSet;

use domain::ids::LicenceId;
use domain::seats::Snapshot;
use harness::TestInstall;

use super::{Broken, Violation};
use crate::run::Run;

/// Every licence of the snapshots an install has.
pub(crate) async fn licences(install: &TestInstall) -> BTreeSet<LicenceId> {
    let snapshots = install.tenant.snapshots().await.expect("the snapshots can be read");
    snapshots.iter().flat_map(|snapshot| of(snapshot)).collect()
}

/// Looks for licences that are missing from a snapshot nobody would doubt.
pub(super) async fn look(run: &Run, found: &mut Vec<Violation>) {
    for snapshot in run.install.tenant.snapshots().await.unwrap_or_default().iter().filter(|snapshot| snapshot.complete) {
        let there: BTreeSet<LicenceId> = of(snapshot).collect();
        for licence in run.licences.iter().filter(|licence| !there.contains(*licence)) {
            let words = format!("a snapshot that says it is whole has no licence {licence}");
            found.push(Violation { broken: Broken::Lost, words });
        }
    }
}

fn of(snapshot: &Snapshot) -> impl Iterator<Item = LicenceId> {
    snapshot.companies.values().flat_map(|company| &company.licences).map(|licence| licence.id.clone())
}
