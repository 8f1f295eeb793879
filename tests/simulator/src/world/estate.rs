//! What ESET's management adds to the seats: device groups, devices changed by hand, bulks of devices, detections.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::eset::EntityType;
use super::{EsetCompany, World};

/// How a group finds members by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Computers that ask for attention.
    Attention,
    /// Computers whose system is no longer kept up to date by its maker.
    OutdatedSystem,
    /// Servers: the one rule of static groups, which servers are put into when they are set up.
    Servers,
}

/// A device group below a company's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceGroup {
    /// Its GUID.
    pub uuid: String,
    /// Display name; not unique.
    pub name: String,
    /// GUID of the group above.
    pub parent: String,
    /// Whether membership is decided by a rule; a device is in any number of dynamic groups and in one static one.
    pub dynamic: bool,
    /// What the group takes in by itself, of the company it stands below.
    pub rule: Option<Rule>,
    /// GUIDs of devices that came in whatever the rule says.
    pub added: BTreeSet<String>,
    /// GUIDs of devices that left whatever the rule says.
    pub removed: BTreeSet<String>,
}

/// What was done to a device by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeviceEdit {
    pub(crate) name: Option<String>,
    pub(crate) deleted: bool,
}

/// Devices beyond the activated seats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bulk {
    pub(crate) company: String,
    /// A group all of them are in: their place, when it is static.
    pub(crate) group: Option<String>,
    pub(crate) count: usize,
}

/// Something found on a device (ESET Connect swagger, incident_managementv1Detection).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detection {
    /// Its GUID.
    pub uuid: String,
    /// Place in the order of reports, which is not that of the events.
    pub report: u64,
    /// The device it was found on.
    pub device: String,
    /// When it happened. A device that was offline reports it late.
    pub occur_time: DateTime<Utc>,
    /// What was found.
    pub name: String,
    /// Kind of what was found.
    pub type_name: String,
    /// `DETECTION_CATEGORY_…`.
    pub category: String,
    /// `SEVERITY_LEVEL_…`.
    pub severity: String,
    /// The file or address it was found in.
    pub object: String,
    /// Whether ESET dealt with it; without a response it is unhandled.
    pub handled: bool,
}

/// Prefixes that make a group's GUID of its company's.
const ATTENTION: &str = "d1000000";
const OUTDATED: &str = "d2000000";
const SERVERS: &str = "5e000000";

/// The GUID of a company's group of servers.
pub(crate) fn servers_of(company: &EsetCompany) -> String {
    format!("{SERVERS}{}", &company.id[8..])
}

/// Two dynamic groups for every customer, and a static one for the servers of every third.
pub(super) fn groups(world: &mut World) {
    let mut groups = Vec::new();
    let customers = world.eset_companies.values().filter(|company| company.entity_type == EntityType::MspCustomer);
    for (place, company) in customers.enumerate() {
        let mut group = |uuid: String, name: &str, dynamic: bool, rule: Rule| {
            groups.push(DeviceGroup {
                uuid,
                name: name.to_owned(),
                parent: company.id.clone(),
                dynamic,
                rule: Some(rule),
                added: BTreeSet::new(),
                removed: BTreeSet::new(),
            });
        };
        group(format!("{ATTENTION}{}", &company.id[8..]), "Computers that need attention", true, Rule::Attention);
        group(format!("{OUTDATED}{}", &company.id[8..]), "Outdated operating system", true, Rule::OutdatedSystem);
        if place % 3 == 1 {
            group(servers_of(company), "Servers", false, Rule::Servers);
        }
    }
    for group in groups {
        world.device_groups.insert(group.uuid.clone(), group);
    }
}
