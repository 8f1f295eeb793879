//! Changes by hand in ESET PROTECT: groups, devices, detections.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{HAND, NoSuch, WorldHandle};
use crate::connect::park::{ALL, Park};
use crate::journal::{Effect, Vendor};
use crate::world::{Bulk, Detection, DeviceEdit, DeviceGroup, World, guid};

/// A managed device, as ESET PROTECT shows it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ManagedDevice {
    /// Its GUID.
    pub uuid: String,
    /// Display name.
    pub name: String,
    /// The ESET company it belongs to.
    pub company: String,
    /// The static group it is in.
    pub group: String,
}

/// What a device reports; what is not given is a file of malware that was not dealt with, found now.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Report {
    /// The device, by GUID or display name.
    pub device: String,
    /// When it happened; in the past for a device that was offline.
    pub occur_time: Option<DateTime<Utc>>,
    /// What was found.
    pub name: Option<String>,
    /// Kind of what was found.
    pub type_name: Option<String>,
    /// `DETECTION_CATEGORY_…`.
    pub category: Option<String>,
    /// `SEVERITY_LEVEL_…`.
    pub severity: Option<String>,
    /// The file or address.
    pub object: Option<String>,
    /// Whether ESET dealt with it.
    pub handled: bool,
}

/// Reading, for oracles.
impl WorldHandle {
    /// Groups below the companies' own.
    pub fn device_groups(&self) -> Vec<DeviceGroup> {
        self.shared.lock().world.device_groups.values().cloned().collect()
    }

    /// All managed devices.
    pub fn devices(&self) -> Vec<ManagedDevice> {
        let stage = self.shared.lock();
        let park = Park::of(&stage.world);
        let seen = park.devices().map(|device| ManagedDevice {
            uuid: device.uuid(),
            name: park.display_name(device),
            company: device.company.id.clone(),
            group: park.home(device).to_owned(),
        });
        seen.collect()
    }

    /// GUIDs of the devices in a group below a company's own.
    pub fn group_members(&self, group: &str) -> Vec<String> {
        let stage = self.shared.lock();
        let Some(group) = stage.world.device_groups.get(&group.to_owned()) else { return Vec::new() };
        Park::of(&stage.world).members(group).into_iter().map(crate::connect::park::Device::uuid).collect()
    }

    /// Detections in the order of their reports.
    pub fn detections(&self) -> Vec<Detection> {
        self.shared.lock().world.detections.values().cloned().collect()
    }
}

/// What people do in ESET PROTECT.
impl WorldHandle {
    /// Makes a group below another, which is named by its GUID; returns the new one's GUID. A dynamic group has no rule but the
    /// devices put into it.
    pub fn create_group(&self, name: &str, parent: &str, dynamic: bool) -> Result<String, NoSuch> {
        let uuid = guid(&mut self.shared.lock().rng);
        self.change(Vendor::Connect, &format!("create_group/{uuid}"), |stage| {
            let world = &mut stage.world;
            let owned = parent.to_owned();
            let known = parent == ALL || world.eset_companies.get(&owned).is_some() || world.device_groups.get(&owned).is_some();
            if !known {
                return Err(NoSuch(format!("group {parent}")));
            }
            let group = DeviceGroup {
                uuid: uuid.clone(),
                name: name.to_owned(),
                parent: owned.clone(),
                dynamic,
                rule: None,
                added: BTreeSet::new(),
                removed: BTreeSet::new(),
            };
            world.device_groups.insert(uuid.clone(), group);
            Ok(Effect::GroupCreated { group: uuid.clone(), name: name.to_owned(), parent: owned, by: HAND })
        })?;
        Ok(uuid)
    }

    /// Renames a group below a company's own.
    pub fn rename_group(&self, uuid: &str, name: &str) -> Result<(), NoSuch> {
        self.change(Vendor::Connect, &format!("rename_group/{uuid}"), |stage| {
            let group = stage.world.device_groups.get_mut(&uuid.to_owned()).ok_or_else(|| no_group(uuid))?;
            let from = std::mem::replace(&mut group.name, name.to_owned());
            Ok(Effect::GroupRenamed { group: uuid.to_owned(), from, to: name.to_owned(), by: HAND })
        })
    }

    /// Deletes a group below a company's own, and all below it. Devices of a static one go back to the company's.
    pub fn delete_group(&self, uuid: &str) -> Result<(), NoSuch> {
        self.change(Vendor::Connect, &format!("delete_group/{uuid}"), |stage| {
            let groups = &mut stage.world.device_groups;
            let gone = groups.remove(&uuid.to_owned()).ok_or_else(|| no_group(uuid))?;
            let mut above = vec![gone.uuid.clone()];
            while let Some(parent) = above.pop() {
                let below: Vec<String> = groups.values().filter(|group| group.parent == parent).map(|group| group.uuid.clone()).collect();
                for uuid in below {
                    groups.remove(&uuid);
                    above.push(uuid);
                }
            }
            Ok(Effect::GroupDeleted { group: gone.uuid, name: gone.name, by: HAND })
        })
    }

    /// Puts devices, named by GUID or display name, into a dynamic group, whatever its rule says.
    pub fn put_into_group(&self, group: &str, devices: &[String]) -> Result<(), NoSuch> {
        self.members(group, devices, true)
    }

    /// Takes devices, named by GUID or display name, out of a dynamic group, whatever its rule says.
    pub fn take_out_of_group(&self, group: &str, devices: &[String]) -> Result<(), NoSuch> {
        self.members(group, devices, false)
    }

    fn members(&self, uuid: &str, devices: &[String], come: bool) -> Result<(), NoSuch> {
        let verb = if come { "put_into_group" } else { "take_out_of_group" };
        self.change(Vendor::Connect, &format!("{verb}/{uuid}"), |stage| {
            let devices: Vec<String> = devices.iter().map(|device| find(&stage.world, device)).collect::<Result<_, _>>()?;
            let key = uuid.to_owned();
            let group = stage.world.device_groups.get(&key).filter(|group| group.dynamic);
            let group = group.ok_or_else(|| NoSuch(format!("dynamic group {uuid}")))?;
            let inside: BTreeSet<String> =
                Park::of(&stage.world).members(group).into_iter().map(crate::connect::park::Device::uuid).collect();
            if let Some(group) = stage.world.device_groups.get_mut(&key) {
                for device in &devices {
                    let (to, from) = if come { (&mut group.added, &mut group.removed) } else { (&mut group.removed, &mut group.added) };
                    from.remove(device);
                    to.insert(device.clone());
                }
            }
            let moved: Vec<String> = devices.into_iter().filter(|device| inside.contains(device) != come).collect();
            let (added, removed) = if come { (moved, Vec::new()) } else { (Vec::new(), moved) };
            Ok(Effect::MembersChanged { group: key, added, removed, by: HAND })
        })
    }

    /// Renames a device, named by GUID or display name.
    pub fn rename_device(&self, device: &str, name: &str) -> Result<(), NoSuch> {
        self.change(Vendor::Connect, &format!("rename_device/{device}"), |stage| {
            let (uuid, from) = named(&stage.world, device)?;
            let mut edit = stage.world.device_edits.get(&uuid).cloned().unwrap_or_default();
            edit.name = Some(name.to_owned());
            stage.world.device_edits.insert(uuid.clone(), edit);
            Ok(Effect::DeviceRenamed { device: uuid, from, to: name.to_owned(), by: HAND })
        })
    }

    /// Removes a device, named by GUID or display name, from management. Its seat stays activated.
    pub fn delete_device(&self, device: &str) -> Result<(), NoSuch> {
        self.change(Vendor::Connect, &format!("delete_device/{device}"), |stage| {
            let (uuid, name) = named(&stage.world, device)?;
            stage.world.device_edits.insert(uuid.clone(), DeviceEdit { name: None, deleted: true });
            Ok(Effect::DeviceDeleted { device: uuid, name, by: HAND })
        })
    }

    /// Enrolls devices beyond the activated seats in a company: into a static group, or so that they are in a dynamic one.
    pub fn add_devices(&self, company: &str, group: Option<&str>, count: usize) -> Result<(), NoSuch> {
        self.change(Vendor::Connect, &format!("add_devices/{company}"), |stage| {
            let world = &mut stage.world;
            if world.eset_companies.get(&company.to_owned()).is_none() {
                return Err(NoSuch(format!("ESET company {company}")));
            }
            if let Some(group) = group.filter(|group| world.device_groups.get(&(*group).to_owned()).is_none()) {
                return Err(no_group(group));
            }
            let (company, group) = (company.to_owned(), group.map(ToOwned::to_owned));
            let next = world.bulks.len() as u64 + 1;
            world.bulks.insert(next, Bulk { company: company.clone(), group: group.clone(), count });
            Ok(Effect::DevicesCreated { company, group, count, by: HAND })
        })
    }

    /// A device reports a detection; returns the detection's GUID.
    pub fn report(&self, report: Report) -> Result<String, NoSuch> {
        let uuid = guid(&mut self.shared.lock().rng);
        self.change(Vendor::Connect, &format!("report/{uuid}"), |stage| {
            let device = find(&stage.world, &report.device)?;
            let occur_time = report.occur_time.unwrap_or_else(|| stage.second());
            let last = stage.world.detections.values().next_back().map_or(0, |detection| detection.report);
            let or = |given: Option<String>, usual: &str| given.unwrap_or_else(|| usual.to_owned());
            let detection = Detection {
                uuid: uuid.clone(),
                report: last + 1,
                device: device.clone(),
                occur_time,
                name: or(report.name, "Win32/Filecoder.WannaCryptor"),
                type_name: or(report.type_name, "trojan"),
                category: or(report.category, "DETECTION_CATEGORY_ANTIVIRUS"),
                severity: or(report.severity, "SEVERITY_LEVEL_MEDIUM"),
                object: or(report.object, "file:///C:/Downloads/invoice.exe"),
                handled: report.handled,
            };
            stage.world.detections.insert(last + 1, detection);
            Ok(Effect::DetectionReported { detection: uuid.clone(), device, occur_time, by: HAND })
        })?;
        Ok(uuid)
    }

    /// ESET Connect answers listDelta with 404 while this is off.
    pub fn offer_list_delta(&self, on: bool) {
        self.setting(Vendor::Connect, "offer_list_delta", |settings| settings.no_list_delta = !on);
    }

    /// ESET PROTECT On-Prem refuses the login, and tokens given out end.
    pub fn revoke_protect(&self) {
        self.setting(Vendor::Protect, "revoke_protect", |settings| settings.protect_revoked = true);
        self.shared.lock().sessions.end(Vendor::Protect);
    }

    /// Takes [`WorldHandle::revoke_protect`] back.
    pub fn restore_protect(&self) {
        self.setting(Vendor::Protect, "restore_protect", |settings| settings.protect_revoked = false);
    }

    /// The account is at home in another region: the token service refuses it while this is on.
    pub fn wrong_region(&self, on: bool) {
        self.setting(Vendor::Connect, "wrong_region", |settings| settings.wrong_region = on);
    }
}

/// GUID and display name of a device named by either.
fn named(world: &World, device: &str) -> Result<(String, String), NoSuch> {
    let park = Park::of(world);
    let found = park.find(device).or_else(|| park.devices().find(|known| park.display_name(*known) == device));
    found.map(|found| (found.uuid(), park.display_name(found))).ok_or_else(|| NoSuch(format!("device {device}")))
}

fn find(world: &World, device: &str) -> Result<String, NoSuch> {
    named(world, device).map(|(uuid, _)| uuid)
}

fn no_group(uuid: &str) -> NoSuch {
    NoSuch(format!("group {uuid}"))
}
