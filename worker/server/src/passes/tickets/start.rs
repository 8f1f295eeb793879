//! What becomes of devices that are in a rule's group when it is switched on.

use std::collections::BTreeMap;

use domain::groups::Groups;
use domain::ids::{ConnectionId, DeviceGroupId};
use domain::tickets::Per;

use super::observe::group_subject;
use super::plan::{company_name, told_of};
use super::rules::RuleKeeper;
use super::watched;
use crate::clients::Clients;
use crate::tenant::TenantError;
use egress::Outbound;
use store::ledger::{CaseRow, Ledger, RuleRow};
use store::ports::StoreError;

/// Why nothing is opened for such a device.
const WAS_THERE: &str = "It was in the group when the rule was switched on, for devices that enter from then on.";

/// Who is in a group, by their ids.
pub(crate) type GroupMembers = BTreeMap<String, String>;

/// Reads who is in rules' groups, as it is now; a group that several rules watch only once.
pub(crate) struct GroupReader<'a> {
    ledger: &'a Ledger,
    clients: Clients<'a>,
    outbound: &'a Outbound,
    read: BTreeMap<(ConnectionId, DeviceGroupId), GroupMembers>,
}

impl<'a> GroupReader<'a> {
    /// Reads over this way out.
    pub(crate) fn new(ledger: &'a Ledger, clients: Clients<'a>, outbound: &'a Outbound) -> Self {
        Self { ledger, clients, outbound, read: BTreeMap::new() }
    }

    /// The subjects a rule would have cases of, with their names; and how many devices are in its group.
    ///
    /// # Errors
    /// When its console is not connected, or cannot be read to the end.
    pub(crate) async fn subjects(&mut self, row: &RuleRow) -> Result<(GroupMembers, u32), TenantError> {
        let Some(group) = watched(row) else { return Ok((GroupMembers::new(), 0)) };
        let place = (row.rule.source.connection().clone(), group.clone());
        if !self.read.contains_key(&place) {
            let members = self.members(&place.0, group).await?;
            self.read.insert(place.clone(), members);
        }
        let members = self.read.get(&place).cloned().unwrap_or_default();
        let devices = u32::try_from(members.len()).unwrap_or(u32::MAX);
        Ok((subjects(row, group, members), devices))
    }

    async fn members(&self, console: &ConnectionId, group: &DeviceGroupId) -> Result<GroupMembers, TenantError> {
        let console = self.ledger.connections().find(console)?;
        let console = console.ok_or_else(|| TenantError::Missing("The rule's console is not connected any more.".to_owned()))?;
        let client = self.clients.connect(&console, self.outbound)?;
        let (mut members, mut page) = (GroupMembers::new(), None);
        loop {
            let listed = client.members(group, page.as_deref()).await?;
            members.extend(listed.items.into_iter().map(|member| (member.id.0, member.name)));
            page = listed.next;
            if page.is_none() {
                return Ok(members);
            }
        }
    }
}

/// What a rule has cases of: the devices of its group, or the group when anybody is in it.
pub(super) fn subjects(row: &RuleRow, group: &DeviceGroupId, members: GroupMembers) -> GroupMembers {
    match row.rule.per {
        Per::Device => members,
        Per::Group => (!members.is_empty()).then(|| (group_subject(group), group.to_string())).into_iter().collect(),
    }
}

impl RuleKeeper<'_> {
    /// How many of those who are in a rule's group would be newcomers to it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn newcomers(&self, row: &RuleRow, subjects: &GroupMembers) -> Result<u32, StoreError> {
        let mut count = 0;
        for subject in subjects.keys() {
            let known = self.ledger.cases().find(&row.rule.id, subject)?;
            count += u32::from(known.is_none_or(|known| !known.case.is_in() || known.case.is_new()));
        }
        Ok(count)
    }

    /// Leaves out who is in a rule's group: it has no ticket before it has left and entered again. Answers how many they are.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn leave_out(&self, row: &RuleRow, subjects: &GroupMembers, groups: &Groups) -> Result<u32, StoreError> {
        let (rule, now) = (&row.rule.id, self.clock.now());
        let mut count = 0;
        for (subject, name) in subjects {
            let mut case = match self.ledger.cases().find(rule, subject)? {
                None => CaseRow::entered(rule, subject, name, now),
                Some(mut known) => {
                    known.case.observe(true, now);
                    known
                }
            };
            if case.case.is_new() {
                case.case.skip();
                self.ledger.cases().store(&case)?;
                self.ledger.ticket_log().add(&told_of(row, &case, &company_name(&case, groups), "skipped", WAS_THERE), now)?;
                count += 1;
            }
        }
        self.ledger.ticket_rules().note_left_out(rule, Some(count))?;
        Ok(count)
    }
}
