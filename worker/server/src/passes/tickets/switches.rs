//! Companies whose tickets are switched off: what enters meanwhile is dealt with by doing nothing, and told once.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::groups::Groups;
use domain::ids::{ConnectionId, DeviceGroupId};

use super::Cursor;
use super::plan::{company_name, told_of};
use crate::tenant::{Tenant, TenantError, groups_of};
use store::documents::Document;
use store::ledger::{CaseRow, ConnectionRow, TicketIntentRow};

/// Why nothing is opened for such a device.
pub(super) const SWITCHED_OFF: &str = "Tickets are switched off for the device's company.";

/// Groups that stand for a company whose tickets are switched off, by console.
pub(super) type CompaniesOff = BTreeMap<ConnectionId, BTreeSet<DeviceGroupId>>;

impl Tenant {
    /// Leaves out what has entered since a company's tickets were switched off. That is over for good, other than under a
    /// mute: switching them on again is about what comes then, and no burst of what was not wanted.
    pub(super) async fn leave_out(&self, connection: &ConnectionRow, cursor: &Cursor, groups: &Rc<Groups>) -> Result<(), TenantError> {
        let off = self.companies_off(groups).await?;
        if off.is_empty() {
            return Ok(());
        }
        let now = self.now();
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

    /// The companies whose tickets are switched off, for the consoles of these intents.
    pub(super) async fn companies_off_for(&self, intents: &[TicketIntentRow]) -> Result<CompaniesOff, TenantError> {
        let mut off = CompaniesOff::new();
        if self.ledger.ticket_switches().off()?.is_empty() {
            return Ok(off);
        }
        for row in intents {
            let Some(rule) = self.ledger.ticket_rules().find(&row.intent.rule)? else { continue };
            let connection = rule.rule.source.connection();
            if off.contains_key(connection) {
                continue;
            }
            let read: Option<Document<Groups>> = self.documents.current(&groups_of(connection)).await?;
            let of_it = match read {
                Some(read) => self.companies_off(&read.content).await?,
                None => BTreeSet::new(),
            };
            off.insert(connection.clone(), of_it);
        }
        Ok(off)
    }

    /// Groups that stand for a company whose tickets are switched off.
    async fn companies_off(&self, groups: &Groups) -> Result<BTreeSet<DeviceGroupId>, TenantError> {
        let off = self.ledger.ticket_switches().off()?;
        if off.is_empty() {
            return Ok(BTreeSet::new());
        }
        let owners = self.owners().await?.of(groups);
        Ok(owners.into_iter().filter(|(_, owner)| off.contains_key(owner)).map(|(group, _)| group.clone()).collect())
    }
}

/// Whether a case's company is one of these.
pub(super) fn is_off(case: &CaseRow, off: &BTreeSet<DeviceGroupId>) -> bool {
    case.company.as_ref().is_some_and(|company| off.contains(company))
}
