//! Changes that nobody could settle, or that were given up, settled by what ConnectWise shows by now: a reading made for another reason is
//! as good a proof.

use chrono::TimeDelta;
use domain::psa::{Addition, AgreementStatus};
use engine::{Change, Intent, IntentState, Observed, take_notice};

use crate::tenant::{Tenant, TenantError};

/// How long after a change was approved a later reading is still taken for its effect.
const NOTICED: TimeDelta = TimeDelta::days(31);

impl Tenant {
    /// Settles changes whose effect the additions show as they were last read. Makes no call to a vendor.
    pub(super) fn settle_shown(&self) -> Result<(), TenantError> {
        let now = self.now();
        let changes = self.ledger.changes();
        for row in changes.in_state(IntentState::Unknown)?.into_iter().chain(changes.in_state(IntentState::Parked)?) {
            if now - row.planned_at > NOTICED || self.ledger.months().closed(row.intent.period)?.is_some() {
                continue;
            }
            let Some(read) = self.ledger.additions().of(&row.intent.psa, row.intent.agreement)? else { continue };
            // What was read before it was sent shows nothing of it.
            let sent = row.intent.under_way.map_or(row.planned_at, |write| write.since);
            let Some(seen) = shown(&row.intent, &read.additions).filter(|_| read.read_at > sent) else { continue };
            let mut intent = row.intent.clone();
            if take_notice(&mut intent, seen, now) {
                self.driver().end(&row, &intent, now)?;
            }
        }
        Ok(())
    }
}

/// What a reading of an agreement says about an intent; none when it does not show what it is about.
fn shown(intent: &Intent, additions: &[Addition]) -> Option<Observed> {
    // A status that is not known makes no difference to what is done already.
    let agreement = AgreementStatus::Active;
    if let Change::Create { .. } = intent.effect {
        return connectwise::marked(additions, &intent.marker(), agreement);
    }
    let Addition { quantity, version, cancelled, .. } = additions.iter().find(|addition| Some(addition.id) == intent.addition)?.clone();
    Some(Observed::Addition { quantity, version, description: String::new(), cancelled, ongoing: cancelled.is_none(), agreement })
}
