//! The computers behind the activated seats. They are not kept: each is worked out from the licences it uses, so that
//! seats activated in EMA 2 and devices seen here always agree.

use crate::world::{EsetCompany, License, World};

/// The group every device is in.
pub(super) const ALL: &str = "00000000-0000-0000-7001-000000000001";

/// One computer: the `number`-th of a company.
#[derive(Clone, Copy)]
pub(super) struct Device<'w> {
    pub(super) company: &'w EsetCompany,
    pub(super) number: usize,
}

/// Computers of every company, in a fixed order.
pub(super) struct Park<'w> {
    fleets: Vec<(&'w EsetCompany, Vec<&'w License>, usize)>,
}

impl<'w> Park<'w> {
    pub(super) fn of(world: &'w World) -> Self {
        let mut fleets: Vec<_> = world.eset_companies.values().map(|company| (company, Vec::new(), 0)).collect();
        for license in world.licenses.values().filter(|license| !license.suspended) {
            // Companies are in id order.
            if let Ok(at) = fleets.binary_search_by(|(company, _, _)| company.id.cmp(&license.company)) {
                let (_, licenses, size) = &mut fleets[at];
                licenses.push(license);
                *size = (*size).max(usize::try_from(license.usage).unwrap_or_default());
            }
        }
        Self { fleets }
    }

    pub(super) fn size(&self) -> usize {
        self.fleets.iter().map(|(_, _, size)| size).sum()
    }

    pub(super) fn devices(&self) -> impl Iterator<Item = Device<'w>> {
        self.fleets.iter().flat_map(|(company, _, size)| (0..*size).map(|number| Device { company, number }))
    }

    /// Computers of one company.
    pub(super) fn fleet(&self, company: &EsetCompany) -> impl ExactSizeIterator<Item = Device<'w>> {
        let found = self.fleets.binary_search_by(|(known, _, _)| known.id.cmp(&company.id)).ok();
        let found = found.map(|at| (self.fleets[at].0, self.fleets[at].2));
        let size = found.map_or(0, |(_, size)| size);
        let devices = found.map(|(company, _)| (0..size).map(move |number| Device { company, number }));
        devices.into_iter().flatten().collect::<Vec<_>>().into_iter()
    }

    /// Licences a computer uses: those with more activated seats than its number.
    pub(super) fn licenses(&self, device: Device<'_>) -> impl Iterator<Item = &'w License> {
        let found = self.fleets.binary_search_by(|(known, _, _)| known.id.cmp(&device.company.id)).ok();
        let licenses = found.map(|at| self.fleets[at].1.clone()).unwrap_or_default();
        licenses.into_iter().filter(move |license| usize::try_from(license.usage).is_ok_and(|usage| usage > device.number))
    }

    /// The computer with this id.
    pub(super) fn find(&self, uuid: &str) -> Option<Device<'w>> {
        let (head, number) = uuid.split_at_checked(24)?;
        let number = usize::from_str_radix(number, 16).ok()?;
        let (company, _, size) = self.fleets.iter().find(|(company, _, _)| company.id.starts_with(head))?;
        (number < *size).then_some(Device { company, number })
    }
}

impl Device<'_> {
    /// The company's GUID with the last group counting the devices.
    pub(super) fn uuid(self) -> String {
        format!("{}{:012x}", &self.company.id[..24], self.number)
    }

    pub(super) fn display_name(self) -> String {
        let letters = self.company.name.chars().filter(char::is_ascii_alphanumeric);
        let letters: String = letters.take(6).collect();
        format!("{}-{:03}", letters.to_uppercase(), self.number + 1)
    }

    /// Whether it is in the group of computers that ask for attention.
    pub(super) fn needs_attention(self) -> bool {
        self.number % 9 == 4
    }
}
