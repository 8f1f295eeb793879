//! Whether lines have to be planned anew. A plan is a function of its input, so one from the same input is the same plan.
//!
//! The ledger's part of the input is watched by its triggers; what is told of here is the rest: documents, connections, the
//! policy, and the time, which moves a plan only at known moments.

use chrono::{Days, NaiveTime, TimeDelta};
use domain::Timestamp;
use domain::billing::{Line, PlanInput};
use domain::hash::fingerprint;

use super::closing::LOOK_BACK;
use crate::tenant::{MAPPINGS, Tenant, document_of};
use store::ports::StoreError;

/// How long a plan stands at most: what nobody thought of here, such as a new version with other rules, is made up for then.
const AT_MOST: TimeDelta = TimeDelta::minutes(55);

impl Tenant {
    /// What a plan that begins now is made from, besides the ledger's rows and the time.
    pub(super) fn plan_basis(&self) -> Result<String, StoreError> {
        let mut places = Vec::new();
        for connection in self.ledger.connections().all()? {
            let document = document_of(connection.kind, &connection.id);
            let key = self.ledger.pointers().current(&document)?.map(|pointer| pointer.key);
            places.push((connection.account(), connection.id, key));
        }
        let mappings = self.ledger.pointers().current(MAPPINGS)?.map(|pointer| pointer.key);
        Ok(fingerprint(&(mappings, places, self.policy()?)))
    }

    /// Whether the lines are what a plan from this would make of them.
    pub(super) fn plan_stands(&self, basis: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.ledger.meta().moment(LOOK_BACK)?.is_none() && self.ledger.plan_basis().stands(basis, now)?)
    }
}

/// Until when a plan gives the same lines, as far as only the time changes: the day ends, or something it was made from
/// becomes too old.
pub(super) struct Lasting(Timestamp);

impl Lasting {
    /// As far as all lines depend on it.
    pub(super) fn of(input: &PlanInput<'_>) -> Self {
        let midnight = (input.now.date_naive() + Days::new(1)).and_time(NaiveTime::MIN).and_utc();
        let snapshots = input.snapshots.iter().map(|snapshot| too_old(snapshot.taken_at, input.policy.snapshot_hours));
        let groups = input.groups.iter().map(|groups| too_old(groups.taken_at, input.policy.snapshot_hours));
        Self(snapshots.chain(groups).fold(midnight.min(input.now + AT_MOST), Timestamp::min))
    }

    /// Also as far as one of its lines does.
    pub(super) fn note(&mut self, input: &PlanInput<'_>, line: &Line) {
        let Some(agreement) = &line.agreement else { return };
        let read = input.psa.get(&agreement.psa).and_then(|psa| psa.additions.get(&agreement.id));
        if let Some(read) = read {
            self.0 = self.0.min(too_old(read.read_at, input.policy.psa_hours));
        }
    }

    /// The moment. None when something is too old already: how old is told in hours.
    pub(super) fn until(self, now: Timestamp) -> Option<Timestamp> {
        (self.0 > now).then_some(self.0)
    }
}

/// Ages are counted in full hours: one is over its limit when the hour after the limit is full.
fn too_old(since: Timestamp, hours: u32) -> Timestamp {
    since + TimeDelta::hours(i64::from(hours) + 1)
}
