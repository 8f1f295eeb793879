//! The JSON of ESET Connect. It is proto JSON: what holds its default is left out, and 64-bit numbers may be text. So every field
//! is looked up by its name, and what is not there is empty.

use serde_json::Value;
use shared::Timestamp;
use shared::groups::StandsFor;
use shared::ids::{DeviceGroupId, DeviceId, ProductCode};
use shared::json::read_value;

use super::client::{Device, Group, Member};
use super::detections::Detection;
use crate::vendors::VendorError;
use crate::vendors::token::Tokens;

/// `POST /oauth/token`, and `POST /GetTokens` of ESET PROTECT On-Prem, which renews nothing.
pub(super) fn tokens(value: &Value, now: Timestamp) -> Result<Tokens, VendorError> {
    let either = |names: [&str; 2]| names.into_iter().find_map(|name| filled(text(value, name)));
    let access = either(["access_token", "accessToken"]).ok_or_else(|| VendorError::unexpected("access_token is missing"))?;
    let seconds = value.get("expires_in").or_else(|| value.get("expiresIn")).and_then(Value::as_i64);
    Ok(Tokens::received(access, either(["refresh_token", "refreshToken"]), seconds, now))
}

/// `rpcStatus`: its code and message.
pub(super) fn status(value: &Value) -> (Option<String>, &str) {
    (value.get("code").map(Value::to_string), text(value, "message"))
}

/// The token of the next page; none after the last.
pub(super) fn next_page(value: &Value) -> Option<String> {
    Some(text(value, "nextPageToken")).filter(|token| !token.is_empty()).map(str::to_owned)
}

/// How many a whole list holds: left out by some lists, and when there is nothing.
pub(super) fn total(value: &Value) -> Option<u32> {
    let total = value.get("totalSize")?;
    let number = total.as_u64().or_else(|| total.as_str()?.parse().ok())?;
    Some(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The token of the next delta, which only the last page names.
pub(super) fn delta_token(value: &Value) -> Option<String> {
    filled(text(value, "nextDeltaToken"))
}

/// The rows of a list. An empty list is left out; whatever else stands in its place is not an empty list.
pub(super) fn rows<'v>(value: &'v Value, name: &str) -> Result<&'v [Value], VendorError> {
    match value.as_object().map(|fields| fields.get(name)) {
        Some(None | Some(Value::Null)) => Ok(&[]),
        Some(Some(Value::Array(rows))) => Ok(rows),
        Some(Some(_)) | None => Err(VendorError::unexpected(format!("{name} is not a list"))),
    }
}

/// `v1DeviceGroup`.
pub(super) fn group(row: &Value) -> Result<Group, VendorError> {
    let stands_for = match text(row, "linkedEntityType").rsplit('_').next().unwrap_or_default() {
        "COMPANY" => Some(StandsFor::Company),
        "MSP" => Some(StandsFor::Msp),
        "SITE" => Some(StandsFor::Site),
        "HOUSEHOLD" => Some(StandsFor::Household),
        _ => None,
    };
    Ok(Group {
        id: DeviceGroupId(uuid(row, "a device group's uuid")?),
        name: text(row, "displayName").to_owned(),
        parent: parent(row),
        dynamic: row.get("isSecurityGroup").and_then(Value::as_bool) != Some(true),
        stands_for,
    })
}

/// `v1MemberDevice`.
pub(super) fn member(row: &Value) -> Result<Member, VendorError> {
    Ok(Member { id: DeviceId(uuid(row, "a device's uuid")?), name: text(row, "displayName").to_owned() })
}

/// `v1Device`.
pub(super) fn device(row: &Value) -> Result<Device, VendorError> {
    // Only looked a configuration up by: what cannot be read is not known.
    let profiles = rows(row, "hardwareProfiles").unwrap_or_default();
    let serial = profiles.iter().find_map(|profile| filled(text(profile.get("bios")?, "serialNumber")));
    let adapters = profiles.iter().flat_map(|profile| rows(profile, "networkAdapters").unwrap_or_default());
    let products = rows(row, "activeProducts")?.iter().map(|product| {
        let code = match product.get("id") {
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::String(text)) => filled(text),
            _ => None,
        };
        (code.filter(|code| code != "0").map(ProductCode), text(product, "name").to_owned())
    });
    Ok(Device {
        id: DeviceId(uuid(row, "a device's uuid")?),
        name: text(row, "displayName").to_owned(),
        parent: parent(row),
        system: row.get("operatingSystem").and_then(|system| filled(text(system, "displayName"))),
        address: filled(text(row, "primaryLocalIpAddress")),
        serial,
        macs: adapters.filter_map(|adapter| filled(text(adapter, "macAddress"))).collect(),
        products: products.collect(),
    })
}

/// The most characters of a name or address that are kept: paths and links have no end.
const MOST_TEXT: usize = 300;

/// `incident_managementv1Detection`. What is of a kind that is not known here is of no kind that is known.
pub(super) fn detection(row: &Value) -> Result<Detection, VendorError> {
    let kept = |name: &str| text(row, name).trim().chars().take(MOST_TEXT).collect::<String>();
    let first = |names: [&str; 2]| names.into_iter().map(kept).find(|text| !text.is_empty()).unwrap_or_default();
    let word = |name: &str, prefix: &str| Value::String(text(row, name).trim_start_matches(prefix).to_lowercase());
    let device = row.get("context").and_then(|context| filled(&text(context, "deviceUuid").to_lowercase()));
    Ok(Detection {
        id: uuid(row, "a detection's uuid")?,
        device: device.map(DeviceId),
        name: first(["displayName", "typeName"]),
        severity: read_value(word("severityLevel", "SEVERITY_LEVEL_")).ok(),
        category: read_value(word("category", "DETECTION_CATEGORY_")).ok(),
        object: first(["objectName", "objectUrl"]),
        occurred_at: text(row, "occurTime").parse().ok(),
    })
}

fn text<'v>(row: &'v Value, name: &str) -> &'v str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn filled(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A uuid, in the one spelling used here.
fn uuid(row: &Value, what: &str) -> Result<String, VendorError> {
    filled(&text(row, "uuid").to_lowercase()).ok_or_else(|| VendorError::unexpected(format!("{what} is missing")))
}

fn parent(row: &Value) -> Option<DeviceGroupId> {
    filled(&text(row, "parentGroupUuid").to_lowercase()).map(DeviceGroupId)
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
