//! Device groups: the vendor's own tree, and how many devices of each static group use which product.
//!
//! A device is in one static group and in any number of dynamic ones, so seats are only ever counted by static groups.

mod company;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use company::CompanyIndex;

use crate::Timestamp;
use crate::ids::{ConnectionId, DeviceGroupId, PassId, ProductCode};

/// Version of [`Groups`] as stored.
pub const GROUPS_SCHEMA: u32 = 1;

/// No tree is deeper; a longer way up is a circle.
const DEEPEST: usize = 64;

/// The groups of one connection at one moment: immutable once stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Groups {
    /// [`GROUPS_SCHEMA`].
    pub schema: u32,
    /// The connection.
    pub connection: ConnectionId,
    /// The pass that read them.
    pub pass: PassId,
    /// When that pass began.
    pub taken_at: Timestamp,
    /// The groups.
    pub groups: BTreeMap<DeviceGroupId, DeviceGroup>,
}

/// A group of devices (ESET Connect swagger: `v1DeviceGroup`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceGroup {
    /// Its name.
    pub name: String,
    /// The group above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<DeviceGroupId>,
    /// Whether devices belong to it as long as they meet a condition; else they were put there.
    #[serde(default)]
    pub dynamic: bool,
    /// What it stands for in the MSP tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_for: Option<StandsFor>,
    /// Devices that were put into this very group. Always none in a dynamic group.
    #[serde(default)]
    pub devices: u32,
    /// The products those devices use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_use: Vec<InUse>,
}

/// What a group stands for in the MSP tree (`linkedEntityType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StandsFor {
    /// A customer.
    Company,
    /// An MSP.
    Msp,
    /// A site of a company.
    Site,
    /// A household.
    Household,
}

/// How many devices of a group use a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InUse {
    /// ESET's number for the product (`activeProducts.id`), where the device names one. That it is the code EMA 2 has for the
    /// product is not documented, so the name is compared too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ProductCode>,
    /// ESET's name for the product.
    pub name: String,
    /// Devices.
    pub devices: u32,
}

impl InUse {
    /// Whether it is this product, by its code or by its name.
    pub fn is(&self, product: &ProductCode, name: &str) -> bool {
        self.code.as_ref() == Some(product) || self.name.eq_ignore_ascii_case(name)
    }
}

impl Groups {
    /// The groups above a group, nearest first.
    pub fn above<'a>(&'a self, group: &DeviceGroupId) -> impl Iterator<Item = (&'a DeviceGroupId, &'a DeviceGroup)> {
        let first = self.groups.get(group).and_then(|group| group.parent.as_ref());
        let climb = |id: &&'a DeviceGroupId| self.groups.get(*id).and_then(|group| group.parent.as_ref());
        let ids = std::iter::successors(first, climb).take(DEEPEST);
        ids.filter_map(|id| self.groups.get(id).map(|group| (id, group)))
    }

    /// The company a group belongs to: itself, or the nearest above it that stands for one.
    pub fn company_of<'a>(&'a self, group: &DeviceGroupId) -> Option<&'a DeviceGroupId> {
        let own = self.groups.get_key_value(group);
        let all = own.into_iter().chain(self.above(group));
        all.filter(|(_, group)| group.stands_for == Some(StandsFor::Company)).map(|(id, _)| id).next()
    }

    /// Devices that use a product in a static group and everything below it, except what lies in one of `others` further down.
    /// None when the group is gone, dynamic, or a circle.
    pub fn in_use(&self, group: &DeviceGroupId, others: &BTreeSet<&DeviceGroupId>, product: &ProductCode, name: &str) -> Option<u32> {
        self.groups.get(group).filter(|group| !group.dynamic)?;
        let mut devices = 0_u32;
        for (id, below) in self.groups.iter().filter(|(_, below)| !below.in_use.is_empty()) {
            let way = std::iter::once(id).chain(self.above(id).map(|(id, _)| id));
            if way.take(DEEPEST).find(|step| *step == group || others.contains(step)) == Some(group) {
                let using = below.in_use.iter().filter(|in_use| in_use.is(product, name));
                devices = using.fold(devices, |sum, in_use| sum.saturating_add(in_use.devices));
            }
        }
        Some(devices)
    }

    /// Whether any device below a group names a product at all: where none does, that none uses it is not known.
    pub fn names(&self, product: &ProductCode, name: &str) -> bool {
        self.groups.values().any(|group| group.in_use.iter().any(|in_use| in_use.is(product, name)))
    }
}

#[cfg(test)]
mod tests;
