//! Device groups, static and dynamic (ESET Connect swagger, DeviceGroups).

use serde_json::{Value, json};

use super::park::{ALL, Device, Park};
use super::{failure, paged};
use crate::exchange::{Reply, Request};
use crate::stage::Stage;
use crate::world::{EntityType, EsetCompany, World};

/// A group: all devices, one company's static group, or the dynamic group below it.
#[derive(Clone, Copy)]
enum Group<'w> {
    All,
    Company(&'w EsetCompany),
    Attention(&'w EsetCompany),
}

impl Group<'_> {
    fn uuid(self) -> String {
        match self {
            Self::All => ALL.to_owned(),
            Self::Company(company) => company.id.clone(),
            Self::Attention(company) => attention_uuid(company),
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
                "parentGroupUuid": company.parent.as_deref().unwrap_or(ALL),
                "uuid": company.id,
            }),
            Self::Attention(company) => json!({
                "displayName": "Computers that need attention",
                "parentGroupUuid": company.id,
                "uuid": attention_uuid(company),
            }),
        }
    }
}

/// The company's GUID with another first group.
fn attention_uuid(company: &EsetCompany) -> String {
    format!("d1000000{}", &company.id[8..])
}

fn groups(world: &World) -> Vec<Group<'_>> {
    let customers = world.eset_companies.values().filter(|company| company.entity_type == EntityType::MspCustomer);
    let mut groups = vec![Group::All];
    groups.extend(world.eset_companies.values().map(Group::Company));
    groups.extend(customers.map(Group::Attention));
    groups
}

pub(super) fn list(stage: &Stage, request: &Request) -> Result<Reply, Reply> {
    paged(request, "deviceGroups", groups(&stage.world).into_iter(), Group::render)
}

/// Members of a group. With `recurseSubgroups` a device comes once for each group it is in.
pub(super) fn members(stage: &Stage, request: &Request, uuid: &str) -> Result<Reply, Reply> {
    let world = &stage.world;
    let park = Park::of(world);
    let group = groups(world).into_iter().find(|group| group.uuid().eq_ignore_ascii_case(uuid));
    let group = group.ok_or_else(|| failure(404))?;
    let recurse = request.query("recurseSubgroups").is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    let mut members = direct(&park, group);
    if recurse {
        let below = world.eset_companies.values().filter(|company| match group {
            Group::All => true,
            Group::Company(ancestor) => world.is_below(company, &ancestor.id),
            Group::Attention(_) => false,
        });
        members.extend(below.flat_map(|company| with_attention(&park, company)));
        if let Group::Company(company) = group {
            members.extend(direct(&park, Group::Attention(company)));
        }
    }
    let total = members.len();
    let mut reply = paged(
        request,
        "devices",
        members.into_iter(),
        |(device, group)| json!({ "displayName": device.display_name(), "groupUuid": group, "uuid": device.uuid() }),
    )?;
    if let Some(body) = reply.body.as_mut().filter(|_| total > 0) {
        body["totalSize"] = total.into();
    }
    Ok(reply)
}

fn direct<'w>(park: &Park<'w>, group: Group<'_>) -> Vec<(Device<'w>, String)> {
    let with_group = |device| (device, group.uuid());
    match group {
        Group::All => Vec::new(),
        Group::Company(company) => park.fleet(company).map(with_group).collect(),
        Group::Attention(company) => park.fleet(company).filter(|device| device.needs_attention()).map(with_group).collect(),
    }
}

fn with_attention<'w>(park: &Park<'w>, company: &EsetCompany) -> Vec<(Device<'w>, String)> {
    let mut members = direct(park, Group::Company(company));
    members.extend(direct(park, Group::Attention(company)));
    members
}
