//! Device groups, static and dynamic (ESET Connect swagger, DeviceGroups).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::failure;
use super::paging::Pages;
use super::park::{ALL, Device, Park};
use crate::exchange::{Reply, Request};
use crate::stage::Stage;
use crate::world::{DeviceGroup, EntityType, EsetCompany, World};

/// A group: all devices, one company's static group, or one below it.
#[derive(Clone, Copy)]
enum Group<'w> {
    All,
    Company(&'w EsetCompany),
    Other(&'w DeviceGroup),
}

impl<'w> Group<'w> {
    fn uuid(self) -> &'w str {
        match self {
            Self::All => ALL,
            Self::Company(company) => &company.id,
            Self::Other(group) => &group.uuid,
        }
    }

    fn parent(self) -> Option<&'w str> {
        match self {
            Self::All => None,
            Self::Company(company) => Some(company.parent.as_deref().unwrap_or(ALL)),
            Self::Other(group) => Some(&group.parent),
        }
    }

    /// `isSecurityGroup` marks a static group; a dynamic one leaves it out, as proto JSON does with what is false.
    fn render(self) -> Value {
        match self {
            Self::All => json!({ "displayName": "All", "isSecurityGroup": true, "uuid": ALL }),
            Self::Company(company) => json!({
                "displayName": company.name,
                "isSecurityGroup": true,
                "linkedEntityType": match company.entity_type {
                    EntityType::MspCustomer => "DEVICE_GROUP_ENTITY_TYPE_COMPANY",
                    _ => "DEVICE_GROUP_ENTITY_TYPE_MSP",
                },
                "parentGroupUuid": self.parent(),
                "uuid": company.id,
            }),
            Self::Other(group) => {
                let mut row = json!({ "displayName": group.name, "parentGroupUuid": group.parent, "uuid": group.uuid });
                if !group.dynamic {
                    row["isSecurityGroup"] = true.into();
                }
                row
            }
        }
    }

    /// Devices right in it; the group of all has none of its own.
    fn direct(self, park: &Park<'w>) -> Vec<Device<'w>> {
        match self {
            Self::All => Vec::new(),
            Self::Company(company) => park.at_home(company),
            Self::Other(group) => park.members(group),
        }
    }
}

fn groups(world: &World) -> Vec<Group<'_>> {
    let mut groups = vec![Group::All];
    groups.extend(world.eset_companies.values().map(Group::Company));
    groups.extend(world.device_groups.values().map(Group::Other));
    groups
}

pub(super) fn list(stage: &Stage, request: &Request, pages: Pages) -> Result<Reply, Reply> {
    pages.answer(request, "deviceGroups", groups(&stage.world).into_iter(), Group::render)
}

/// Members of a group. With `recurseSubgroups` a device comes once for each group it is in.
pub(super) fn members(stage: &Stage, request: &Request, uuid: &str, pages: Pages) -> Result<Reply, Reply> {
    let park = Park::of(&stage.world);
    let groups = groups(&stage.world);
    let group = groups.iter().copied().find(|group| group.uuid().eq_ignore_ascii_case(uuid));
    let group = group.ok_or_else(|| failure(404))?;
    let flag = ["recurseSubgroups", "recurse_subgroups"].into_iter().find_map(|name| request.query(name));
    let asked = if flag.is_some_and(|flag| flag.eq_ignore_ascii_case("true")) { with_subgroups(&groups, group) } else { vec![group] };
    let mut members = Vec::new();
    for group in asked {
        members.extend(group.direct(&park).into_iter().map(|device| (device, group.uuid())));
    }
    let total = members.len();
    let mut reply = pages.answer(
        request,
        "devices",
        members.into_iter(),
        |(device, group)| json!({ "displayName": park.display_name(device), "groupUuid": group, "uuid": device.uuid() }),
    )?;
    if let Some(body) = reply.body.as_mut().filter(|_| total > 0) {
        body["totalSize"] = total.into();
    }
    Ok(reply)
}

/// A group and all below it.
fn with_subgroups<'w>(groups: &[Group<'w>], top: Group<'w>) -> Vec<Group<'w>> {
    let mut below: BTreeMap<&str, Vec<Group<'w>>> = BTreeMap::new();
    for group in groups {
        if let Some(parent) = group.parent() {
            below.entry(parent).or_default().push(*group);
        }
    }
    let mut found = vec![top];
    let mut next = 0;
    while let Some(group) = found.get(next).copied() {
        found.extend(below.remove(group.uuid()).unwrap_or_default());
        next += 1;
    }
    found
}
