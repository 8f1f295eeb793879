//! Companies whose tickets are switched off: what enters meanwhile is dealt with by doing nothing, and told once.

use std::collections::{BTreeMap, BTreeSet};

use domain::groups::Groups;
use domain::ids::{ConnectionId, DeviceGroupId};

use super::Cursor;
use super::plan::{Planner, company_name, told_of};
use crate::passes::input::Readings;
use crate::tenant::TenantError;
use store::ledger::{CaseRow, ConnectionRow, TicketIntentRow};

/// Why nothing is opened for such a device.
pub(super) const SWITCHED_OFF: &str = "Tickets are switched off for the device's company.";

/// Groups that stand for a company whose tickets are switched off, by console.
pub(super) type CompaniesOff = BTreeMap<ConnectionId, BTreeSet<DeviceGroupId>>;

impl Planner<'_> {
    /// Leaves out what has entered since a company's tickets were switched off. That is over for good, other than under a
    /// mute: switching them on again is about what comes then, and no burst of what was not wanted.
    pub(super) async fn leave_out(&self, connection: &ConnectionRow, cursor: &Cursor, groups: &Groups) -> Result<(), TenantError> {
        let off = companies_off(self.readings, groups).await?;
        if off.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        for row in self.ledger.ticket_rules().enabled_of(&connection.id)? {
            if !cursor.was_read(&row) {
                continue;
            }
            for mut case in self.ledger.cases().free(&row.rule.id)? {
                if is_off(&case, &off) && case.case.is_in() && case.case.is_new() {
                    case.case.skip();
                    self.ledger.cases().store(&case)?;
                    self.ledger.ticket_log().add(&told_of(&row, &case, &company_name(&case, groups), "skipped", SWITCHED_OFF), now)?;
                }
            }
        }
        Ok(())
    }
}

/// The companies whose tickets are switched off, for the consoles of these intents.
pub(super) async fn companies_off_for(readings: Readings<'_>, intents: &[TicketIntentRow]) -> Result<CompaniesOff, TenantError> {
    let mut off = CompaniesOff::new();
    if readings.ledger.ticket_switches().off()?.is_empty() {
        return Ok(off);
    }
    for row in intents {
        let Some(rule) = readings.ledger.ticket_rules().find(&row.intent.rule)? else { continue };
        let connection = rule.rule.source.connection();
        if off.contains_key(connection) {
            continue;
        }
        let of_it = match readings.groups_of(connection).await? {
            Some(read) => companies_off(readings, &read).await?,
            None => BTreeSet::new(),
        };
        off.insert(connection.clone(), of_it);
    }
    Ok(off)
}

/// Groups that stand for a company whose tickets are switched off.
async fn companies_off(readings: Readings<'_>, groups: &Groups) -> Result<BTreeSet<DeviceGroupId>, TenantError> {
    let off = readings.ledger.ticket_switches().off()?;
    if off.is_empty() {
        return Ok(BTreeSet::new());
    }
    let owners = readings.owners().await?.of(groups);
    Ok(owners.into_iter().filter(|(_, owner)| off.contains_key(owner)).map(|(group, _)| group.clone()).collect())
}

/// Whether a case's company is one of these.
pub(super) fn is_off(case: &CaseRow, off: &BTreeSet<DeviceGroupId>) -> bool {
    case.company.as_ref().is_some_and(|company| off.contains(company))
}
