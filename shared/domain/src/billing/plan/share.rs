//! One company on several agreements: the devices of some of its groups are billed apart, and what is left stays with the company.
//!
//! What is billed apart and what stays always come to what ESET bills. A group is therefore never guessed: where its devices are
//! not known, or use more seats than there are, every line of the product is held.

use std::collections::BTreeSet;

use super::sums::{Bills, Member};
use crate::billing::line::GroupEvidence;
use crate::billing::{Guard, PlanInput};
use crate::groups::Groups;
use crate::ids::{CatalogId, DeviceGroupId, ProductCode};
use crate::mapping::{CompanyTarget, CountMethod, GroupShare, ProductRule};
use crate::seats::ProductSeats;

/// The devices of one group that use a product, on the line they are billed on or on the line they are taken off.
pub(in crate::billing) struct Share<'a> {
    /// Place of what is counted with it.
    pub(in crate::billing) group: usize,
    pub(in crate::billing) share: &'a GroupShare,
    groups: &'a Groups,
    /// The group's name.
    pub(in crate::billing) name: &'a str,
    code: &'a ProductCode,
    product: &'a str,
    pub(in crate::billing) devices: u32,
    /// Billed here, or taken off.
    pub(in crate::billing) billed: bool,
}

impl Share<'_> {
    pub(in crate::billing) fn evidence(&self) -> GroupEvidence {
        GroupEvidence {
            connection: self.share.connection.clone(),
            group: self.share.group.clone(),
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
pub(in crate::billing) struct Shared<'a, 's> {
    pub(in crate::billing) code: &'a ProductCode,
    pub(in crate::billing) seats: &'s ProductSeats<'a>,
    pub(in crate::billing) catalog: CatalogId,
    pub(in crate::billing) rule: &'a ProductRule,
}

impl Shared<'_, '_> {
    /// The seats there are to be split.
    fn units(&self) -> u32 {
        let count = &self.rule.count;
        let counted = self.seats.licences.iter().filter(|licence| licence.left_out(count.trials, count.suspended).is_none());
        let units = counted.map(|licence| if count.method == CountMethod::Activated { licence.activated } else { licence.ordered });
        units.fold(0, u32::saturating_add)
    }
}

impl<'a> Member<'a> {
    /// Puts the devices of its groups where they are billed, and takes them off its own agreement.
    pub(in crate::billing) fn share_out(&self, bills: &mut Bills<'a>, input: &PlanInput<'a>, product: &Shared<'a, '_>, twice: bool) {
        let (Some(snapshot), Some(seats)) = (self.snapshot, self.seats) else { return };
        let shares = self.shares(input, product);
        let target: &'a CompanyTarget = self.target;
        let mut held = BTreeSet::new();
        for share in &target.groups {
            for (agreement, billed) in [(target.agreement, false), (share.agreement, true)] {
                let sum = bills.entry((&target.psa, agreement)).or_default().products.entry(product.catalog).or_default();
                let group = sum.group(self.company, snapshot, seats, &product.rule.count, twice);
                sum.note_write(&product.rule.write);
                match &shares {
                    Ok(shares) => {
                        let found = shares.iter().filter(|(known, ..)| std::ptr::eq(*known, share));
                        sum.shares.extend(found.map(|(_, groups, name, devices)| Share {
                            group,
                            share,
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
    pub(in crate::billing) fn hold_part(&self, bills: &mut Bills<'a>, catalog: CatalogId, part: &str) {
        let sum = bills.entry((&self.target.psa, self.target.agreement)).or_default().products.entry(catalog).or_default();
        let why = format!("{part} is counted inside a bundle, and which devices use it is not known");
        let guard = Guard::NotShared { company: self.seats.map_or("", |seats| &seats.name).to_owned(), why };
        if !sum.guards.contains(&guard) {
            sum.guards.push(guard);
        }
    }

    /// Each share with its group's name and devices, or why they are not known.
    fn shares(&self, input: &PlanInput<'a>, product: &Shared<'a, '_>) -> Result<Vec<(&'a GroupShare, &'a Groups, &'a str, u32)>, String> {
        let (rule, name) = (&product.rule.count, product.seats.name);
        if !rule.can_be_shared() {
            return Err(format!("{name} is counted over the month ({}), and groups are known as they are today", rule.method.words()));
        }
        let listed: BTreeSet<&DeviceGroupId> = self.target.groups.iter().map(|share| &share.group).collect();
        let mut shares = Vec::new();
        for share in &self.target.groups {
            let read = input.groups.iter().filter(|groups| groups.connection == share.connection);
            let groups: &'a Groups = read.max_by_key(|groups| groups.taken_at).ok_or("its groups have not been read yet")?;
            let hours = (input.now - groups.taken_at).num_hours();
            if hours > i64::from(input.policy.snapshot_hours) {
                return Err(format!("its groups were read {hours} hours ago"));
            }
            let known = groups.groups.get(&share.group).ok_or("one of its groups is no longer in ESET")?;
            if !groups.names(product.code, name) {
                return Err(format!("ESET names {name} on no device at all"));
            }
            let devices = groups.in_use(&share.group, &listed, product.code, name);
            let devices = devices.ok_or_else(|| format!("{} is a dynamic group, and a device can be in several of those", known.name))?;
            shares.push((share, groups, known.name.as_str(), devices));
        }
        let (together, units) = (shares.iter().fold(0, |sum: u32, (.., devices)| sum.saturating_add(*devices)), product.units());
        if together > units {
            let what = if rule.method == CountMethod::Activated { "in use" } else { "ordered" };
            return Err(format!("its groups use {together} of {name}, and {units} are {what}"));
        }
        Ok(shares)
    }
}

/// Groups that two companies have a share of: their devices would be billed twice.
pub(in crate::billing) fn shared_twice<'a>(input: &PlanInput<'a>) -> BTreeSet<&'a DeviceGroupId> {
    let mut seen = BTreeSet::new();
    let shares = input.mappings.targets().flat_map(|(_, _, target)| &target.groups);
    shares.filter(|share| !seen.insert(&share.group)).map(|share| &share.group).collect()
}
