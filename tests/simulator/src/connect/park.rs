//! The computers behind the activated seats, and which groups they are in. They are not kept: each is worked out from the
//! licences it uses, so that seats activated in EMA 2 and devices seen here always agree.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::world::devices::{self, EXTRA};
use crate::world::estate::servers_of;
use crate::world::{Bulk, DeviceGroup, EsetCompany, License, Rule, World};

/// The group every device is in.
pub(crate) const ALL: &str = "00000000-0000-0000-7001-000000000001";

/// One computer: the `number`-th of a company.
#[derive(Clone, Copy)]
pub(crate) struct Device<'w> {
    pub(crate) company: &'w EsetCompany,
    pub(crate) number: usize,
}

/// The computers of one company.
struct Fleet<'w> {
    company: &'w EsetCompany,
    licenses: Vec<&'w License>,
    seats: usize,
    /// Each with the number of its first computer.
    bulks: Vec<(&'w Bulk, usize)>,
    servers: Option<&'w DeviceGroup>,
}

impl<'w> Fleet<'w> {
    fn extra(&self) -> usize {
        self.bulks.iter().map(|(bulk, _)| bulk.count).sum()
    }

    fn has(&self, number: usize) -> bool {
        number < self.seats || (EXTRA..EXTRA + self.extra()).contains(&number)
    }

    fn devices(&self) -> impl Iterator<Item = Device<'w>> + use<'w> {
        let company = self.company;
        (0..self.seats).chain(EXTRA..EXTRA + self.extra()).map(move |number| Device { company, number })
    }

    /// The group a bulk's computer was enrolled into.
    fn enrolled(&self, number: usize) -> Option<&'w str> {
        let found = self.bulks.iter().find(|(bulk, first)| (*first..*first + bulk.count).contains(&number));
        found.and_then(|(bulk, _)| bulk.group.as_deref())
    }
}

/// Computers of every company, in a fixed order.
pub(crate) struct Park<'w> {
    world: &'w World,
    /// By company id.
    fleets: Vec<Fleet<'w>>,
    /// Computers of bulks by the group they were enrolled into.
    enrolled: BTreeMap<&'w str, Vec<(&'w EsetCompany, Range<usize>)>>,
}

impl<'w> Park<'w> {
    pub(crate) fn of(world: &'w World) -> Self {
        let mut fleets: Vec<_> = world
            .eset_companies
            .values()
            .map(|company| Fleet {
                company,
                licenses: Vec::new(),
                seats: 0,
                bulks: Vec::new(),
                servers: world.device_groups.get(&servers_of(company)),
            })
            .collect();
        // Companies are in id order.
        let place = |fleets: &[Fleet<'_>], id: &str| fleets.binary_search_by(|fleet| fleet.company.id.as_str().cmp(id)).ok();
        for license in world.licenses.values().filter(|license| !license.suspended) {
            if let Some(at) = place(&fleets, &license.company) {
                let fleet = &mut fleets[at];
                fleet.licenses.push(license);
                fleet.seats = fleet.seats.max(usize::try_from(license.usage).unwrap_or_default());
            }
        }
        let mut enrolled: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for bulk in world.bulks.values() {
            if let Some(at) = place(&fleets, &bulk.company) {
                let first = EXTRA + fleets[at].extra();
                fleets[at].bulks.push((bulk, first));
                if let Some(group) = &bulk.group {
                    enrolled.entry(group).or_default().push((fleets[at].company, first..first + bulk.count));
                }
            }
        }
        Self { world, fleets, enrolled }
    }

    fn fleet(&self, company: &str) -> Option<&Fleet<'w>> {
        let found = self.fleets.binary_search_by(|fleet| fleet.company.id.as_str().cmp(company));
        found.ok().map(|at| &self.fleets[at])
    }

    /// Whether a device is still managed.
    fn managed(&self, device: &Device<'w>) -> bool {
        self.world.device_edits.len() == 0 || self.world.device_edits.get(&device.uuid()).is_none_or(|edit| !edit.deleted)
    }

    pub(crate) fn devices(&self) -> impl Iterator<Item = Device<'w>> {
        self.fleets.iter().flat_map(Fleet::devices).filter(|device| self.managed(device))
    }

    /// Licences a computer uses: those with more activated seats than its number.
    pub(crate) fn licenses(&self, device: Device<'_>) -> impl Iterator<Item = &'w License> {
        let number = i64::try_from(device.number).unwrap_or(i64::MAX);
        let licenses = self.fleet(&device.company.id).map(|fleet| fleet.licenses.as_slice()).unwrap_or_default();
        licenses.iter().copied().filter(move |license| license.usage > number)
    }

    pub(crate) fn find(&self, uuid: &str) -> Option<Device<'w>> {
        let (head, number) = uuid.split_at_checked(24)?;
        let number = usize::from_str_radix(number, 16).ok()?;
        let at = self.fleets.partition_point(|fleet| &fleet.company.id[..24] < head);
        let fleet = self.fleets.get(at).filter(|fleet| fleet.company.id.starts_with(head) && fleet.has(number))?;
        Some(Device { company: fleet.company, number }).filter(|device| self.managed(device))
    }

    pub(crate) fn display_name(&self, device: Device<'_>) -> String {
        let edit = (self.world.device_edits.len() > 0).then(|| self.world.device_edits.get(&device.uuid())).flatten();
        edit.and_then(|edit| edit.name.clone()).unwrap_or_else(|| devices::name(device.company, device.number))
    }

    /// The static group a computer is in.
    pub(crate) fn home(&self, device: Device<'w>) -> &'w str {
        let fleet = self.fleet(&device.company.id);
        let enrolled = fleet.and_then(|fleet| fleet.enrolled(device.number));
        let enrolled = enrolled.and_then(|group| self.world.device_groups.get(&group.to_owned())).filter(|group| !group.dynamic);
        let servers = fleet.and_then(|fleet| fleet.servers).filter(|_| device.is_server());
        enrolled.or(servers).map_or(device.company.id.as_str(), |group| group.uuid.as_str())
    }

    /// Computers whose static group is a company's own.
    pub(crate) fn at_home(&self, company: &EsetCompany) -> Vec<Device<'w>> {
        let own = self.fleet(&company.id).into_iter().flat_map(Fleet::devices);
        own.filter(|device| self.home(*device) == company.id && self.managed(device)).collect()
    }

    /// The company a group stands below.
    fn owner(&self, group: &'w DeviceGroup) -> Option<&'w str> {
        let mut parent = group.parent.as_str();
        loop {
            if self.world.eset_companies.get(&parent.to_owned()).is_some() {
                return Some(parent);
            }
            parent = self.world.device_groups.get(&parent.to_owned())?.parent.as_str();
        }
    }

    /// Members of a group below a company's own.
    pub(crate) fn members(&self, group: &'w DeviceGroup) -> Vec<Device<'w>> {
        let fleet = self.owner(group).and_then(|owner| self.fleet(owner));
        let seats = fleet.into_iter().flat_map(Fleet::devices).take(fleet.map_or(0, |fleet| fleet.seats));
        let mut members: Vec<_> = seats.filter(|device| group.rule.is_some_and(|rule| device.meets(rule))).collect();
        let enrolled = self.enrolled.get(group.uuid.as_str()).into_iter().flatten();
        members.extend(enrolled.flat_map(|(company, numbers)| numbers.clone().map(|number| Device { company, number })));
        members.retain(|device| self.managed(device));
        if !group.added.is_empty() {
            let inside: BTreeSet<String> = members.iter().map(|device| device.uuid()).collect();
            members.extend(group.added.difference(&inside).filter_map(|uuid| self.find(uuid)));
        }
        if !group.removed.is_empty() {
            members.retain(|device| !group.removed.contains(&device.uuid()));
        }
        members
    }
}

impl Device<'_> {
    /// The company's GUID with the last group counting the devices.
    pub(crate) fn uuid(self) -> String {
        format!("{}{:012x}", &self.company.id[..24], self.number)
    }

    /// Whether it meets a group's rule.
    pub(crate) fn meets(self, rule: Rule) -> bool {
        // Devices of a bulk are plain: their group is the one they were enrolled into.
        self.number < EXTRA
            && match rule {
                Rule::Attention => self.number % 9 == 4,
                Rule::OutdatedSystem => self.number % 7 == 2,
                Rule::Servers => self.number % 12 == 11,
            }
    }

    pub(crate) fn is_server(self) -> bool {
        self.meets(Rule::Servers)
    }
}
