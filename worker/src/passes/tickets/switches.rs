//! Companies whose tickets are switched off: what enters meanwhile is dealt with by doing nothing, and told once.

use std::rc::Rc;

use shared::billing::Member;
use shared::groups::{CompanyIndex, Groups, StandsFor};
use shared::ids::{DeviceGroupId, EsetCompanyId};
use shared::sorted::SortedSet;

use super::Cursor;
use super::plan::{company_name, told_of};
use crate::ledger::{CaseRow, ConnectionRow};
use crate::tenant::{Tenant, Trouble};

/// Why nothing is opened for such a device.
pub(super) const SWITCHED_OFF: &str = "Tickets are switched off for the device's company.";

impl Tenant {
    /// Leaves out what has entered since a company's tickets were switched off. That is over for good, other than under a
    /// silence: switching them on again is about what comes then, and no burst of what was not wanted.
    pub(super) async fn leave_out(&self, connection: &ConnectionRow, cursor: &Cursor, groups: &Rc<Groups>) -> Result<(), Trouble> {
        let off = self.companies_off(groups).await?;
        if off.is_empty() {
            return Ok(());
        }
        let now = self.now();
        for row in self.ledger.enabled_rules_of(&connection.id)? {
            if !cursor.was_read(&row) {
                continue;
            }
            for mut case in self.ledger.free_cases(&row.rule.id)? {
                if is_off(&case, &off) && case.case.is_in() && case.case.is_new() {
                    case.case.skip();
                    self.ledger.store_case(&case)?;
                    self.ledger.log_ticket(&told_of(&row, &case, &company_name(&case, groups), "skipped", SWITCHED_OFF), now)?;
                }
            }
        }
        Ok(())
    }

    /// Groups that stand for a company whose tickets are switched off.
    pub(super) async fn companies_off(&self, groups: &Groups) -> Result<SortedSet<DeviceGroupId>, Trouble> {
        let off = self.ledger.tickets_off()?;
        if off.is_empty() {
            return Ok(SortedSet::new());
        }
        let snapshots = self.snapshots().await?;
        let index = CompanyIndex::of(snapshots.iter().flat_map(|snapshot| {
            let member = |company: &EsetCompanyId| Member { connection: snapshot.connection.clone(), company: company.clone() };
            snapshot.companies.iter().map(move |(id, company)| (id, company.name.as_str(), member(id)))
        }));
        let is_off = |id: &DeviceGroupId, name: &str| index.behind(id, name).is_some_and(|member| off.contains_key(&member));
        let companies = groups.groups.iter().filter(|(_, group)| group.stands_for == Some(StandsFor::Company));
        Ok(companies.filter(|(id, group)| is_off(id, &group.name)).map(|(id, _)| id.clone()).collect())
    }
}

/// Whether a case's company is one of these.
pub(super) fn is_off(case: &CaseRow, off: &SortedSet<DeviceGroupId>) -> bool {
    case.company.as_ref().is_some_and(|company| off.contains(company))
}
