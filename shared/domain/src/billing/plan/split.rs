//! One company on several agreements: the devices of some of its groups are billed apart, and what is left stays with the company.
//!
//! What is billed apart and what stays always come to what ESET bills. A group is therefore never guessed: where its devices are
//! not known, or use more seats than there are, every line of the product is held.

use std::collections::BTreeSet;

use super::seats_by_line::{MappedCompany, SeatsByAgreement};
use crate::billing::line::GroupEvidence;
use crate::billing::{Guard, PlanInput};
use crate::groups::Groups;
use crate::ids::{CatalogId, DeviceGroupId, ProductCode};
use crate::mapping::{CompanyTarget, CountMethod, GroupSplit, ProductRule};
use crate::seats::ProductSeats;

/// The devices of one group that use a product, on the line they are billed on or on the line they are taken off.
pub(in crate::billing) struct SplitPart<'a> {
    /// Place of what is counted with it.
    pub(in crate::billing) group: usize,
    pub(in crate::billing) split: &'a GroupSplit,
    groups: &'a Groups,
    /// The group's name.
    pub(in crate::billing) name: &'a str,
    code: &'a ProductCode,
    product: &'a str,
    pub(in crate::billing) devices: u32,
    /// Billed here, or taken off.
    pub(in crate::billing) billed: bool,
}

impl SplitPart<'_> {
    pub(in crate::billing) fn evidence(&self) -> GroupEvidence {
        GroupEvidence {
            connection: self.split.connection.clone(),
            group: self.split.group.clone(),
            name: self.name.to_owned(),
            code: self.code.clone(),
            product: self.product.to_owned(),
            devices: self.devices,
            taken_at: self.groups.taken_at,
            billed: self.billed,
        }
    }
}

/// A product of a company whose groups are billed apart.
pub(in crate::billing) struct SplitProduct<'a, 's> {
    pub(in crate::billing) code: &'a ProductCode,
    pub(in crate::billing) seats: &'s ProductSeats<'a>,
    pub(in crate::billing) catalog: CatalogId,
    pub(in crate::billing) rule: &'a ProductRule,
}

impl SplitProduct<'_, '_> {
    /// The seats there are to be split.
    fn units(&self) -> u32 {
        let count = &self.rule.count;
        let counted = self.seats.licences.iter().filter(|licence| licence.left_out(count.trials, count.suspended).is_none());
        let units = counted.map(|licence| if count.method == CountMethod::Activated { licence.activated } else { licence.ordered });
        units.fold(0, u32::saturating_add)
    }
}

impl<'a> MappedCompany<'a> {
    /// Puts the devices of its groups where they are billed, and takes them off its own agreement.
    pub(in crate::billing) fn split_by_group(
        &self,
        bills: &mut SeatsByAgreement<'a>,
        input: &PlanInput<'a>,
        product: &SplitProduct<'a, '_>,
        twice: bool,
    ) {
        let (Some(snapshot), Some(seats)) = (self.snapshot, self.seats) else { return };
        let splits = self.splits(input, product);
        let target: &'a CompanyTarget = self.target;
        let mut held = BTreeSet::new();
        for split in &target.groups {
            for (agreement, billed) in [(target.agreement, false), (split.agreement, true)] {
                let sum = bills.entry((&target.psa, agreement)).or_default().products.entry(product.catalog).or_default();
                let group = sum.group(self.company, snapshot, seats, &product.rule.count, twice);
                sum.note_write(&product.rule.write);
                match &splits {
                    Ok(splits) => {
                        let found = splits.iter().filter(|(known, ..)| std::ptr::eq(*known, split));
                        sum.splits.extend(found.map(|(_, groups, name, devices)| SplitPart {
                            group,
                            split,
                            groups,
                            name,
                            code: product.code,
                            product: product.seats.name,
                            devices: *devices,
                            billed,
                        }));
                    }
                    Err(why) if held.insert(agreement) => {
                        sum.guards.push(Guard::NotShared { company: seats.name.clone(), why: why.clone() });
                    }
                    Err(_) => {}
                }
            }
        }
    }

    /// Holds the line of a product inside a bundle: its devices are not known, so nothing could be said of its groups.
    pub(in crate::billing) fn hold_part(&self, bills: &mut SeatsByAgreement<'a>, catalog: CatalogId, part: &str) {
        let sum = bills.entry((&self.target.psa, self.target.agreement)).or_default().products.entry(catalog).or_default();
        let why = format!("{part} is counted inside a bundle, and which devices use it is not known");
        let guard = Guard::NotShared { company: self.seats.map_or("", |seats| &seats.name).to_owned(), why };
        if !sum.guards.contains(&guard) {
            sum.guards.push(guard);
        }
    }

    /// Each part with its group's name and devices, or why they are not known.
    fn splits(
        &self,
        input: &PlanInput<'a>,
        product: &SplitProduct<'a, '_>,
    ) -> Result<Vec<(&'a GroupSplit, &'a Groups, &'a str, u32)>, String> {
        let (rule, name) = (&product.rule.count, product.seats.name);
        if !rule.can_be_shared() {
            return Err(format!("{name} is counted over the month ({}), and groups are known as they are today", rule.method.label()));
        }
        let listed: BTreeSet<&DeviceGroupId> = self.target.groups.iter().map(|split| &split.group).collect();
        let mut splits = Vec::new();
        for split in &self.target.groups {
            let read = input.groups.iter().filter(|groups| groups.connection == split.connection);
            let groups: &'a Groups = read.max_by_key(|groups| groups.taken_at).ok_or("its groups have not been read yet")?;
            let hours = (input.now - groups.taken_at).num_hours();
            if hours > i64::from(input.policy.snapshot_hours) {
                return Err(format!("its groups were read {hours} hours ago"));
            }
            let known = groups.groups.get(&split.group).ok_or("one of its groups is no longer in ESET")?;
            if !groups.names(product.code, name) {
                return Err(format!("ESET names {name} on no device at all"));
            }
            let devices = groups.in_use(&split.group, &listed, product.code, name);
            let devices = devices.ok_or_else(|| format!("{} is a dynamic group, and a device can be in several of those", known.name))?;
            splits.push((split, groups, known.name.as_str(), devices));
        }
        let (together, units) = (splits.iter().fold(0, |sum: u32, (.., devices)| sum.saturating_add(*devices)), product.units());
        if together > units {
            let what = if rule.method == CountMethod::Activated { "in use" } else { "ordered" };
            return Err(format!("its groups use {together} of {name}, and {units} are {what}"));
        }
        Ok(splits)
    }
}

/// Groups that two companies have a part of: their devices would be billed twice.
pub(in crate::billing) fn split_twice<'a>(input: &PlanInput<'a>) -> BTreeSet<&'a DeviceGroupId> {
    let mut seen = BTreeSet::new();
    let splits = input.mappings.targets().flat_map(|(_, _, target)| &target.groups);
    splits.filter(|split| !seen.insert(&split.group)).map(|split| &split.group).collect()
}
