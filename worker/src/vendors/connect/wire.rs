//! The JSON of ESET Connect. It is proto JSON: what holds its default is left out, and 64-bit numbers may be text.

use serde::Deserialize;
use serde_json::Value;
use shared::Timestamp;
use shared::groups::StandsFor;
use shared::ids::{DeviceGroupId, DeviceId, ProductCode};

use super::client::{Device, Group, Member};
use crate::vendors::VendorError;
use crate::vendors::token::Tokens;

/// `POST /oauth/token`.
#[derive(Deserialize)]
pub(super) struct CloudTokens {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    expires_in: Option<i64>,
}

impl CloudTokens {
    pub(super) fn tokens(self, now: Timestamp) -> Tokens {
        Tokens::received(self.access_token, self.refresh_token, self.expires_in, now)
    }
}

/// `POST /GetTokens` of ESET PROTECT On-Prem, which renews nothing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServerTokens {
    access_token: String,
    #[serde(default)]
    expires_in: Option<i64>,
}

impl ServerTokens {
    pub(super) fn tokens(self, now: Timestamp) -> Tokens {
        Tokens::received(self.access_token, None, self.expires_in, now)
    }
}

/// `rpcStatus`.
#[derive(Deserialize)]
pub(super) struct ErrorBody {
    #[serde(default)]
    pub(super) code: i64,
    #[serde(default)]
    pub(super) message: String,
}

/// `GET /v1/device_groups`.
#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[derive(Default)]
pub(super) struct GroupList {
    pub(super) device_groups: Vec<WireGroup>,
    pub(super) next_page_token: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WireGroup {
    uuid: String,
    display_name: String,
    parent_group_uuid: String,
    is_security_group: bool,
    linked_entity_type: String,
}

impl WireGroup {
    pub(super) fn group(self) -> Result<Group, VendorError> {
        let stands_for = match self.linked_entity_type.rsplit('_').next().unwrap_or_default() {
            "COMPANY" => Some(StandsFor::Company),
            "MSP" => Some(StandsFor::Msp),
            "SITE" => Some(StandsFor::Site),
            "HOUSEHOLD" => Some(StandsFor::Household),
            _ => None,
        };
        Ok(Group {
            id: DeviceGroupId(uuid(&self.uuid, "a device group's uuid")?),
            name: self.display_name,
            parent: group_id(&self.parent_group_uuid),
            dynamic: !self.is_security_group,
            stands_for,
        })
    }
}

/// `GET /v1/device_groups/{groupUuid}/devices`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct MemberList {
    pub(super) devices: Vec<WireMember>,
    pub(super) next_page_token: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WireMember {
    uuid: String,
    display_name: String,
}

impl WireMember {
    pub(super) fn member(self) -> Result<Member, VendorError> {
        Ok(Member { id: DeviceId(uuid(&self.uuid, "a device's uuid")?), name: self.display_name })
    }
}

/// `GET /v1/devices` and `GET /v1/devices:batchGet`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DeviceList {
    pub(super) devices: Vec<WireDevice>,
    pub(super) next_page_token: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WireDevice {
    uuid: String,
    display_name: String,
    parent_group_uuid: String,
    operating_system: Named,
    primary_local_ip_address: String,
    hardware_profiles: Vec<Hardware>,
    active_products: Vec<Named>,
}

/// An operating system or a product.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Named {
    id: Value,
    name: String,
    display_name: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Hardware {
    bios: Bios,
    network_adapters: Vec<Adapter>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Bios {
    serial_number: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Adapter {
    mac_address: String,
}

impl WireDevice {
    pub(super) fn device(self) -> Result<Device, VendorError> {
        let (mut serial, mut macs) = (None, Vec::new());
        for profile in self.hardware_profiles {
            serial = serial.or(filled(&profile.bios.serial_number));
            macs.extend(profile.network_adapters.into_iter().filter_map(|adapter| filled(&adapter.mac_address)));
        }
        let products = self.active_products.into_iter().map(|product| {
            let code = match product.id {
                Value::Number(number) => Some(number.to_string()),
                Value::String(text) => filled(&text),
                _ => None,
            };
            (code.filter(|code| code != "0").map(ProductCode), product.name)
        });
        Ok(Device {
            id: DeviceId(uuid(&self.uuid, "a device's uuid")?),
            name: self.display_name,
            parent: group_id(&self.parent_group_uuid),
            system: filled(&self.operating_system.display_name),
            address: filled(&self.primary_local_ip_address),
            serial,
            macs,
            products: products.collect(),
        })
    }
}

fn filled(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A uuid, in the one spelling used here.
fn uuid(text: &str, what: &str) -> Result<String, VendorError> {
    filled(&text.to_lowercase()).ok_or_else(|| VendorError::unexpected(format!("{what} is missing")))
}

fn group_id(text: &str) -> Option<DeviceGroupId> {
    filled(&text.to_lowercase()).map(DeviceGroupId)
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
