//! Who is in the groups that are watched.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::groups::Groups;
use domain::hash::fingerprint;
use domain::ids::{DeviceGroupId, DeviceId};
use domain::tickets::{GroupReading, Leaves, Per};

use super::leaves::{devices_each, mass_leave, mass_words};
use super::look::is_missing;
use super::rules::RuleKeeper;
use super::start::subjects;
use super::{Cursor, Stage, Step, watched};
use crate::policy::Policies;
use crate::tenant::TenantError;
use connect::{BATCH, Device};
use store::ledger::{CaseRow, RuleRow, Traits};
use store::ports::StoreError;
use vendor::VendorError;

/// Why a rule without its group is paused.
const GROUP_GONE: &str = "The rule's group was deleted in ESET. Make a rule of its own for another one.";

/// Network cards of a device that are kept beside its first one.
const MORE_CARDS: usize = 3;

/// Pages read in one step as long as they bring nothing new: what was read is kept once for all of them.
const PAGES_A_STEP: usize = 16;

/// What came of a group's poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Poll {
    /// All is as it was, and nothing was written.
    Unchanged,
    /// It was taken in.
    Taken,
    /// Not all who are missing are believed to have left.
    Doubted,
}

/// Reads who is in the groups that are watched.
pub(super) struct Members<'a> {
    pub(super) step: Step<'a>,
    pub(super) rules: RuleKeeper<'a>,
    pub(super) policies: Policies<'a>,
    pub(super) groups: &'a Groups,
}

impl Members<'_> {
    /// Reads pages of the groups until one has to be kept. A group that cannot be read is left out, and the others go on.
    pub(super) async fn read(&self, cursor: &mut Cursor) -> Result<(), TenantError> {
        let client = self.step.connect()?;
        for read in 0..PAGES_A_STEP {
            let Some(group) = cursor.groups.first().cloned() else {
                cursor.stage = Stage::Detections;
                return Ok(());
            };
            let page = match client.members(&group, cursor.page.as_deref()).await {
                Ok(page) => page,
                // What was read in this step is kept first.
                Err(error) if error.is_budget() && read > 0 => return Ok(()),
                Err(error) if error.is_budget() || matches!(error, VendorError::BadCredentials { .. }) => return Err(error.into()),
                Err(error) => {
                    if matches!(error, VendorError::NotFound { .. }) && !self.groups.groups.contains_key(&group) {
                        // Neither does the tree have it any more. Who was in it has not left, so nothing is closed.
                        for row in self.step.ledger.ticket_rules().watching(&self.step.connection.id, &group)? {
                            self.rules.pause(&row, Some(GROUP_GONE), self.step.clock.now())?;
                        }
                        cursor.answered = true;
                    }
                    self.step.note_trouble(&format!("The group {group} could not be read: {}", error.message()))?;
                    cursor.failed += 1;
                    cursor.leave_group();
                    return Ok(());
                }
            };
            // Of a pass that was ended while the page was on its way nothing is kept, which is no empty group.
            if self.step.ledger.passes().find(&self.step.pass.id)?.is_none_or(|known| known.ended_at.is_some()) {
                return Ok(());
            }
            let members: Vec<(String, String)> = page.items.into_iter().map(|member| (member.id.0, member.name)).collect();
            cursor.devices = cursor.devices.saturating_add(u32::try_from(members.len()).unwrap_or(u32::MAX));
            if page.next.is_some() {
                self.step.ledger.passes().stage(&self.step.pass.id, group.as_str(), cursor.pages, &members)?;
                cursor.pages += 1;
                cursor.page = page.next;
                return Ok(());
            }
            if self.take(cursor, group, members)? != Poll::Unchanged {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Takes in a group that was read to its end; `last` is its last page, and those before are on the shelf.
    fn take(&self, cursor: &mut Cursor, group: DeviceGroupId, last: Vec<(String, String)>) -> Result<Poll, StoreError> {
        let mut members =
            if cursor.pages == 0 { Vec::new() } else { self.step.ledger.passes().staged(&self.step.pass.id, group.as_str())? };
        members.extend(last);
        let members: BTreeMap<String, String> = members.into_iter().collect();
        let (print, now) = (fingerprint(&members), self.step.clock.now());
        let mut came = Poll::Unchanged;
        for row in self.step.ledger.ticket_rules().watching(&self.step.connection.id, &group)? {
            match self.observe(&row, &group, &members, &print, now)? {
                Poll::Doubted => came = Poll::Doubted,
                Poll::Taken if came == Poll::Unchanged => came = Poll::Taken,
                _ => {}
            }
        }
        cursor.failed += u32::from(came == Poll::Doubted);
        cursor.read.push(group);
        cursor.leave_group();
        Ok(came)
    }

    /// Takes in who is in a rule's group, as a whole poll says. Who came is taken in at once; of who left it depends on how many did
    /// (see [`Leaves`]).
    fn observe(
        &self,
        row: &RuleRow,
        group: &DeviceGroupId,
        members: &BTreeMap<String, String>,
        print: &str,
        now: Timestamp,
    ) -> Result<Poll, StoreError> {
        let rule = &row.rule.id;
        if row.members.as_deref() == Some(print) {
            return Ok(Poll::Unchanged);
        }
        let known = self.step.ledger.cases().presences(rule)?;
        let devices = u32::try_from(members.len()).unwrap_or(u32::MAX);
        let whole: BTreeMap<String, String>;
        let members = match row.rule.per {
            Per::Device => members,
            Per::Group => {
                whole = subjects(row, group, members.clone());
                &whole
            }
        };
        let leaves = self.leaves(row, &known, members, now)?;
        for (subject, (present, name)) in &known {
            let named = members.get(subject);
            let renamed = named.is_some_and(|new| new != name);
            let is_in = named.is_some() || leaves.doubted.contains_key(subject);
            if *present == is_in && !renamed {
                continue;
            }
            let Some(mut case) = self.step.ledger.cases().find(rule, subject)? else { continue };
            case.case.observe(is_in, now);
            if let Some(name) = named {
                case.name.clone_from(name);
                case.traits = case.traits.filter(|_| *present);
            }
            self.step.ledger.cases().store(&case)?;
        }
        for (subject, name) in members.iter().filter(|(subject, _)| !known.contains_key(*subject)) {
            self.step.ledger.cases().store(&CaseRow::entered(rule, subject, name, now))?;
        }
        // Last: what was not taken in to its end is taken in again.
        let settled = (!leaves.waits()).then_some((print, devices));
        self.step.ledger.ticket_rules().note_poll(rule, settled, now)?;
        Ok(if leaves.waits() { Poll::Doubted } else { Poll::Taken })
    }

    /// What a poll makes of those that it does not show any more; keeps who is doubted to have left, and tells of it.
    fn leaves(
        &self,
        row: &RuleRow,
        known: &BTreeMap<String, (bool, String)>,
        members: &BTreeMap<String, String>,
        now: Timestamp,
    ) -> Result<Leaves, StoreError> {
        let doubted = self.step.ledger.doubted_leaves().of(&row.rule.id)?;
        let present = || known.iter().filter(|(_, (present, _))| *present).map(|(subject, _)| subject.as_str());
        let missing: Vec<&str> = present().filter(|subject| !members.contains_key(*subject)).collect();
        let (were, each) = (present().count(), devices_each(row));
        let reading = GroupReading { missing: &missing, were, each, doubted: &doubted, now };
        let leaves = Leaves::of(reading, self.policies.current()?.leave_limits());
        if leaves.doubted != doubted {
            self.step.ledger.doubted_leaves().keep(&row.rule.id, &leaves.doubted)?;
        }
        if leaves.waits() {
            let told = doubted.values().any(|doubt| !doubt.kept);
            self.tell_doubt(row, &leaves, were, told, now)?;
        }
        Ok(leaves)
    }

    /// Tells that devices are doubted to have left: in each pass, and in the log when that begins.
    fn tell_doubt(&self, row: &RuleRow, leaves: &Leaves, were: usize, told: bool, now: Timestamp) -> Result<(), StoreError> {
        let Some(mass) = mass_leave(row, &leaves.doubted, were) else {
            return self
                .step
                .note_trouble(&format!("{}: ESET answered that nobody is left in the group. It is asked once more.", row.rule.name));
        };
        let words = mass_words(&mass);
        self.step.note_trouble(&format!("{}: {words}", row.rule.name))?;
        if told { Ok(()) } else { self.rules.log(row, "leaves_doubted", &words, now) }
    }

    /// Asks what is known of devices that have entered.
    pub(super) async fn ask_for_devices(&self, cursor: &mut Cursor) -> Result<(), TenantError> {
        let wanted = self.step.ledger.cases().devices_to_ask_for(&self.step.connection.id, u32::try_from(BATCH).unwrap_or(u32::MAX))?;
        if wanted.is_empty() {
            cursor.stage = Stage::Tickets;
            return Ok(());
        }
        let (groups_own, devices): (Vec<String>, Vec<String>) = wanted.into_iter().partition(|id| id.starts_with(GROUP));
        self.know_devices(groups_own, Vec::new())?;
        let mut parts = vec![devices];
        parts.retain(|part| !part.is_empty());
        while let Some(mut part) = parts.pop() {
            let ids: Vec<DeviceId> = part.iter().map(|id| DeviceId(id.clone())).collect();
            let found = match self.step.connect()?.devices_named(&ids).await {
                // One that is gone may make ESET refuse all of them: it is told apart by halves.
                Err(error) if is_missing(&error) && part.len() > 1 => {
                    let rest = part.split_off(part.len() / 2);
                    parts.extend([rest, part]);
                    continue;
                }
                Err(error) if is_missing(&error) => Vec::new(),
                read => read?,
            };
            self.know_devices(part, found)?;
        }
        Ok(())
    }

    /// Keeps what ESET says of devices that were asked for; of one that it does not show nothing is known.
    fn know_devices(&self, asked: Vec<String>, found: Vec<Device>) -> Result<(), StoreError> {
        let mut found: BTreeMap<DeviceId, Device> = found.into_iter().map(|device| (device.id.clone(), device)).collect();
        for subject in asked {
            let device = found.remove(&DeviceId(subject.clone()));
            let name = device.as_ref().map(|device| device.name.clone()).filter(|name| !name.is_empty());
            let traits = device.map(traits).unwrap_or_default();
            for mut case in self.step.ledger.cases().without_traits(&self.step.connection.id, &subject)? {
                let rule = self.step.ledger.ticket_rules().find(&case.rule)?;
                let own = traits.parent.as_ref().and_then(|parent| self.groups.company_of(parent));
                let company = own.or_else(|| rule.as_ref().and_then(watched).and_then(|group| self.groups.company_of(group)));
                case.company = company.cloned();
                case.traits = Some(traits.clone());
                if let Some(name) = &name {
                    case.name.clone_from(name);
                }
                self.step.ledger.cases().store(&case)?;
            }
        }
        Ok(())
    }
}

impl Cursor {
    /// Goes on to the next group.
    fn leave_group(&mut self) {
        if !self.groups.is_empty() {
            self.groups.remove(0);
        }
        self.page = None;
        self.pages = 0;
    }
}

/// What the subject of a group's own case begins with.
const GROUP: &str = "group:";

/// The subject of a group's own case.
pub(super) fn group_subject(group: &DeviceGroupId) -> String {
    format!("{GROUP}{group}")
}

fn traits(device: Device) -> Traits {
    let mut macs = device.macs.into_iter();
    Traits {
        parent: device.parent,
        system: device.system.unwrap_or_default(),
        address: device.address.unwrap_or_default(),
        serial: device.serial.unwrap_or_default(),
        mac: macs.next().unwrap_or_default(),
        more_macs: macs.take(MORE_CARDS).collect(),
    }
}
