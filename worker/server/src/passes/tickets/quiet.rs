//! What is kept quiet now, and why.

use domain::Timestamp;
use domain::groups::Groups;
use domain::ids::DeviceGroupId;
use domain::tickets::{Times, Whereabouts, silent_until};

use super::watched;
use crate::tenant::Tenant;
use store::ledger::{CaseRow, RuleRow, SilenceRow};
use store::ports::StoreError;

/// Every silence, its times laid out around now.
pub(super) struct Silences {
    now: Timestamp,
    all: Vec<(SilenceRow, Times)>,
}

/// Until when a case is kept quiet, and why.
pub(super) struct Quiet {
    pub(super) until: Timestamp,
    pub(super) reason: String,
}

impl Tenant {
    /// What is kept quiet.
    pub(super) fn silences(&self) -> Result<Silences, StoreError> {
        let now = self.now();
        let times = |row: SilenceRow| {
            let times = row.silence.times(now, self.offsets());
            (row, times)
        };
        Ok(Silences { now, all: self.ledger.mutes().all()?.into_iter().map(times).collect() })
    }
}

impl Silences {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What keeps a case quiet, if anything does.
    pub(super) fn over(&self, row: &RuleRow, case: &CaseRow, groups: &Groups) -> Option<Quiet> {
        if self.is_empty() {
            return None;
        }
        let mut around: Vec<DeviceGroupId> = watched(row).into_iter().cloned().collect();
        if let Some(parent) = case.traits.as_ref().and_then(|traits| traits.parent.as_ref()) {
            around.push(parent.clone());
            around.extend(groups.above(parent).map(|(id, _)| id.clone()));
        }
        around.extend(case.company.clone());
        let connection = row.rule.source.connection();
        let whereabouts = Whereabouts { rule: &row.rule.id, connection, groups: &around, subject: &case.subject };
        let covering: Vec<_> = self.all.iter().filter(|(row, _)| row.scope.covers(whereabouts)).collect();
        let times: Vec<&Times> = covering.iter().map(|(_, times)| times).collect();
        let until = silent_until(&times, self.now)?;
        let now_on = covering.iter().find(|(_, times)| times.until(self.now).is_some());
        Some(Quiet { until, reason: now_on.map(|(row, _)| row.reason.clone()).unwrap_or_default() })
    }
}
