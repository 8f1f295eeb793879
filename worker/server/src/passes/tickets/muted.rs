//! What is muted now, and why.

use domain::Timestamp;
use domain::groups::Groups;
use domain::ids::DeviceGroupId;
use domain::tickets::{Times, Whereabouts, muted_until};

use super::watched;
use crate::tenant::offsets;
use egress::ports::Clock;
use store::ledger::{CaseRow, Ledger, MuteRow, RuleRow};
use store::ports::StoreError;

/// Every mute, its times laid out around now.
pub(super) struct Mutes {
    now: Timestamp,
    all: Vec<(MuteRow, Times)>,
}

/// Until when a case is muted, and why.
pub(super) struct Muted {
    pub(super) until: Timestamp,
    pub(super) reason: String,
}

impl Mutes {
    /// What is muted at the clock's time.
    pub(super) fn of(ledger: &Ledger, clock: &dyn Clock) -> Result<Self, StoreError> {
        let now = clock.now();
        let times = |row: MuteRow| {
            let times = row.mute.times(now, offsets(clock));
            (row, times)
        };
        Ok(Self { now, all: ledger.mutes().all()?.into_iter().map(times).collect() })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What mutes a case, if anything does.
    pub(super) fn over(&self, row: &RuleRow, case: &CaseRow, groups: &Groups) -> Option<Muted> {
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
        let until = muted_until(&times, self.now)?;
        let now_on = covering.iter().find(|(_, times)| times.until(self.now).is_some());
        Some(Muted { until, reason: now_on.map(|(row, _)| row.reason.clone()).unwrap_or_default() })
    }
}
