//! Devices (ESET Connect swagger, Devices).

use chrono::{DateTime, Datelike, Utc};
use serde_json::{Value, json};

use super::failure;
use super::paging::Pages;
use super::park::{Device, Park};
use crate::exchange::{Reply, Request};
use crate::stage::Stage;
use crate::world::{License, Rule, devices, product};

pub(super) fn list(stage: &Stage, request: &Request, pages: Pages) -> Result<Reply, Reply> {
    let park = Park::of(&stage.world);
    let names: Vec<&str> = request.query.iter().filter(|(name, _)| name == "displayNames").map(|(_, value)| value.as_str()).collect();
    let status = request.query("functionalityStatus").filter(|status| !status.ends_with("UNSPECIFIED"));
    let muted = request.query("isMuted") == Some("true");
    let wanted = |device: &Device<'_>| {
        !muted
            && (names.is_empty() || names.contains(&park.display_name(*device).as_str()))
            && status.is_none_or(|status| status == functionality(*device))
    };
    let devices: Vec<Device<'_>> = park.devices().filter(wanted).collect();
    let now = stage.second();
    pages.answer(request, "devices", devices.into_iter(), |device| render(&park, device, now))
}

pub(super) fn get(stage: &Stage, uuid: &str) -> Result<Reply, Reply> {
    let park = Park::of(&stage.world);
    let device = park.find(uuid).ok_or_else(|| failure(404))?;
    Ok(Reply::ok(json!({ "device": render(&park, device, stage.second()) })))
}

/// Devices that are gone are left out without a word.
pub(super) fn batch_get(stage: &Stage, request: &Request) -> Reply {
    let park = Park::of(&stage.world);
    let asked = request.query.iter().filter(|(name, _)| name == "devicesUuids");
    let found = asked.filter_map(|(_, uuid)| park.find(uuid));
    let devices: Vec<Value> = found.map(|device| render(&park, device, stage.second())).collect();
    Reply::ok(if devices.is_empty() { json!({}) } else { json!({ "devices": devices }) })
}

fn functionality(device: Device<'_>) -> &'static str {
    if device.meets(Rule::Attention) { "DEVICE_FUNCTIONALITY_STATUS_ATTENTION_REQUIRED" } else { "DEVICE_FUNCTIONALITY_STATUS_OK" }
}

fn render<'w>(park: &Park<'w>, device: Device<'w>, now: DateTime<Utc>) -> Value {
    let server = device.is_server();
    let system = match (server, device.meets(Rule::OutdatedSystem)) {
        (true, false) => "Microsoft Windows Server 2022",
        (true, true) => "Microsoft Windows Server 2012 R2",
        (false, false) => "Microsoft Windows 11 Pro",
        (false, true) => "Microsoft Windows 10 Pro",
    };
    let products: Vec<Value> = park.licenses(device).map(active_product).collect();
    let mut row = json!({
        "uuid": device.uuid(),
        "displayName": park.display_name(device),
        "parentGroupUuid": park.home(device),
        "lastSyncTime": now - chrono::Duration::minutes(device.number as i64 % 50),
        "deviceType": if server { "DEVICE_TYPE_SERVER" } else { "DEVICE_TYPE_DESKTOP" },
        "enrollmentStatus": "DEVICE_ENROLLMENT_STATUS_FINISHED",
        "functionalityStatus": functionality(device),
        "operatingSystem": {
            "displayName": system,
            "familyId": 1,
            // The one field declared uint64: text.
            "version": { "id": "2814751014977536", "major": 10, "name": "10.0" },
        },
        "primaryLocalIpAddress": format!("10.{}.{}.{}", device.number / 62_500 % 250, device.number / 250 % 250, device.number % 250 + 1),
    });
    if device.meets(Rule::Attention) {
        row["functionalityProblemCount"] = 1.into();
    }
    // One in ten has not reported its hardware.
    if device.number % 10 != 9 {
        row["hardwareProfiles"] = json!([{
            "manufacturer": "HP",
            "model": if server { "ProLiant ML30 Gen10" } else { "ProDesk 400 G7" },
            "bios": { "manufacturer": "HP", "serialNumber": devices::serial_number(device.company, device.number) },
            "networkAdapters": [
                { "caption": "Ethernet", "macAddress": devices::mac_address(device.company, device.number) },
                { "caption": "Wi-Fi", "macAddress": devices::mac_address(device.company, device.number + SECOND_CARD) },
            ],
        }]);
    }
    if !products.is_empty() {
        row["activeProducts"] = products.into();
    }
    row
}

/// What tells the address of a device's second network card from all first ones.
const SECOND_CARD: usize = 1 << 40;

/// The only trace of a licence: two uuids that no published path resolves.
fn active_product(license: &License) -> Value {
    let day = license.history.first().map(|entry| entry.at.date_naive()).unwrap_or_default();
    let tail = format!(
        "{:0>12}",
        license.public_license_key.bytes().fold(0_u64, |sum, byte| { (sum * 31 + u64::from(byte)) % 1_000_000_000_000 })
    );
    json!({
        "id": license.product.parse::<i64>().unwrap_or_default(),
        "name": product(&license.product).map(|product| product.name),
        "subscriptionUuid": format!("5b000000-0000-4000-8000-{tail}"),
        "unitPoolUuid": format!("9d000000-0000-4000-8000-{tail}"),
        "activateDate": { "year": day.year(), "month": day.month(), "day": day.day() },
    })
}
