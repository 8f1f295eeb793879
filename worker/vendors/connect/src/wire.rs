//! The JSON of ESET Connect. It is proto JSON: what holds its default is left out, and 64-bit numbers may be text. What is not there,
//! is `null` or is of another type is empty, but for what a number of seats hangs on: ids, and the lists that are counted.

use domain::Timestamp;
use domain::groups::StandsFor;
use domain::ids::{DeviceGroupId, DeviceId, ProductCode};
use domain::json::strict::read_value;
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

use super::client::{Device, Group, Member};
use super::detections::Detection;
use vendor::VendorError;
use vendor::token::Tokens;

/// A field whose default stands for whatever cannot be read as `T`.
#[derive(Debug, Default)]
struct Lenient<T>(T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            Fits(T),
            Other(serde::de::IgnoredAny),
        }
        Ok(Self(match Either::deserialize(deserializer)? {
            Either::Fits(fits) => fits,
            Either::Other(_) => T::default(),
        }))
    }
}

/// Text; anything else is empty.
type Text = Lenient<String>;

impl Text {
    /// The text without blanks around it, if there is any.
    fn filled(&self) -> Option<String> {
        filled(&self.0)
    }

    /// An id in the one spelling used here.
    fn id(&self) -> Option<String> {
        filled(&self.0.to_lowercase())
    }
}

/// A number, which may be text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Digits {
    Number(Number),
    Text(String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct GrantedRow {
    access_token: Text,
    #[serde(rename = "accessToken")]
    access_token_of_server: Text,
    refresh_token: Text,
    #[serde(rename = "refreshToken")]
    refresh_token_of_server: Text,
    expires_in: Lenient<Option<i64>>,
    #[serde(rename = "expiresIn")]
    expires_in_of_server: Lenient<Option<i64>>,
}

/// `POST /oauth/token`, and `POST /GetTokens` of ESET PROTECT On-Prem, which renews nothing.
pub(super) fn tokens(value: &Value, now: Timestamp) -> Result<Tokens, VendorError> {
    let missing = || VendorError::unexpected("access_token is missing");
    let row = GrantedRow::deserialize(value).map_err(|_| missing())?;
    let access = row.access_token.filled().or_else(|| row.access_token_of_server.filled()).ok_or_else(missing)?;
    let refresh = row.refresh_token.filled().or_else(|| row.refresh_token_of_server.filled());
    Ok(Tokens::received(access, refresh, row.expires_in.0.or(row.expires_in_of_server.0), now))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StatusRow {
    code: Option<Value>,
    message: Text,
}

/// `rpcStatus`: its code and message.
pub(super) fn status(value: &Value) -> (Option<String>, String) {
    let row = StatusRow::deserialize(value).unwrap_or_default();
    (row.code.map(|code| code.to_string()), row.message.0)
}

/// What a list says of itself beside its rows.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ListRow {
    next_page_token: Text,
    next_delta_token: Text,
    total_size: Lenient<Option<Digits>>,
}

impl ListRow {
    /// Of a list that holds nothing else that can be read: nothing.
    pub(super) fn of(list: &Value) -> Self {
        Self::deserialize(list).unwrap_or_default()
    }

    /// The token of the next page; none after the last.
    pub(super) fn next_page(&self) -> Option<String> {
        Some(self.next_page_token.0.clone()).filter(|token| !token.is_empty())
    }

    /// The token of the next delta, which only the last page names.
    pub(super) fn delta_token(&self) -> Option<String> {
        self.next_delta_token.filled()
    }

    /// How many a whole list holds: left out by some lists, and when there is nothing.
    pub(super) fn total(&self) -> Option<u32> {
        let number = match self.total_size.0.as_ref()? {
            Digits::Number(number) => number.as_u64()?,
            Digits::Text(text) => text.parse().ok()?,
        };
        Some(u32::try_from(number).unwrap_or(u32::MAX))
    }
}

/// The rows of a list. An empty list is left out; whatever else stands in its place is not an empty list.
pub(super) fn rows<'v>(value: &'v Value, name: &str) -> Result<&'v [Value], VendorError> {
    match value.as_object().map(|fields| fields.get(name)) {
        Some(None | Some(Value::Null)) => Ok(&[]),
        Some(Some(Value::Array(rows))) => Ok(rows),
        Some(Some(_)) | None => Err(VendorError::unexpected(format!("{name} is not a list"))),
    }
}

/// A row, which has an id. `what` it is of is named when it cannot be read.
fn row<'v, T: Deserialize<'v>>(row: &'v Value, what: &str) -> Result<T, VendorError> {
    T::deserialize(row).map_err(|_| VendorError::unexpected(format!("{what} cannot be read")))
}

fn id(text: &Text, what: &str) -> Result<String, VendorError> {
    text.id().ok_or_else(|| VendorError::unexpected(format!("{what}'s uuid is missing")))
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct GroupRow {
    uuid: Text,
    display_name: Text,
    parent_group_uuid: Text,
    is_security_group: Lenient<bool>,
    linked_entity_type: Text,
}

/// `v1DeviceGroup`.
pub(super) fn group(value: &Value) -> Result<Group, VendorError> {
    let row: GroupRow = row(value, "a device group")?;
    let stands_for = match row.linked_entity_type.0.rsplit('_').next().unwrap_or_default() {
        "COMPANY" => Some(StandsFor::Company),
        "MSP" => Some(StandsFor::Msp),
        "SITE" => Some(StandsFor::Site),
        "HOUSEHOLD" => Some(StandsFor::Household),
        _ => None,
    };
    Ok(Group {
        id: DeviceGroupId(id(&row.uuid, "a device group")?),
        parent: row.parent_group_uuid.id().map(DeviceGroupId),
        name: row.display_name.0,
        dynamic: !row.is_security_group.0,
        stands_for,
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct MemberRow {
    uuid: Text,
    display_name: Text,
}

/// `v1MemberDevice`.
pub(super) fn member(value: &Value) -> Result<Member, VendorError> {
    let row: MemberRow = row(value, "a device")?;
    Ok(Member { id: DeviceId(id(&row.uuid, "a device")?), name: row.display_name.0 })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DeviceRow {
    uuid: Text,
    display_name: Text,
    parent_group_uuid: Text,
    operating_system: Lenient<SystemRow>,
    primary_local_ip_address: Text,
    // Only looked a configuration up by: what cannot be read is not known.
    hardware_profiles: Lenient<Vec<Lenient<HardwareRow>>>,
    // Counted: whatever is no list is not an empty one.
    active_products: Option<Vec<Lenient<ProductRow>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SystemRow {
    display_name: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct HardwareRow {
    bios: Lenient<BiosRow>,
    network_adapters: Lenient<Vec<Lenient<AdapterRow>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct BiosRow {
    serial_number: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AdapterRow {
    mac_address: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ProductRow {
    id: Lenient<Option<Digits>>,
    name: Text,
}

impl ProductRow {
    /// ESET's number of it, where it names one; 0 is the one that is left out.
    fn code(&self) -> Option<ProductCode> {
        let code = match self.id.0.as_ref()? {
            Digits::Number(number) => Some(number.to_string()),
            Digits::Text(text) => filled(text),
        };
        code.filter(|code| code != "0").map(ProductCode)
    }
}

/// `v1Device`.
pub(super) fn device(value: &Value) -> Result<Device, VendorError> {
    let row: DeviceRow = row(value, "a device")?;
    let profiles = &row.hardware_profiles.0;
    let adapters = profiles.iter().flat_map(|profile| &profile.0.network_adapters.0);
    Ok(Device {
        id: DeviceId(id(&row.uuid, "a device")?),
        parent: row.parent_group_uuid.id().map(DeviceGroupId),
        system: row.operating_system.0.display_name.filled(),
        address: row.primary_local_ip_address.filled(),
        serial: profiles.iter().find_map(|profile| profile.0.bios.0.serial_number.filled()),
        macs: adapters.filter_map(|adapter| adapter.0.mac_address.filled()).collect(),
        products: row.active_products.into_iter().flatten().map(|product| (product.0.code(), product.0.name.0)).collect(),
        name: row.display_name.0,
    })
}

/// The most characters of a name or address that are kept: paths and links have no end.
const MOST_TEXT: usize = 300;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DetectionRow {
    uuid: Text,
    context: Lenient<ContextRow>,
    display_name: Text,
    type_name: Text,
    severity_level: Text,
    category: Text,
    object_name: Text,
    object_url: Text,
    occur_time: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ContextRow {
    device_uuid: Text,
}

/// `incident_managementv1Detection`. What is of a kind that is not known here is of no kind that is known.
pub(super) fn detection(value: &Value) -> Result<Detection, VendorError> {
    let row: DetectionRow = row(value, "a detection")?;
    let kept = |text: &Text| text.0.trim().chars().take(MOST_TEXT).collect::<String>();
    let first = |texts: [&Text; 2]| texts.into_iter().map(kept).find(|text| !text.is_empty()).unwrap_or_default();
    let word = |text: &Text, prefix: &str| Value::String(text.0.trim_start_matches(prefix).to_lowercase());
    Ok(Detection {
        id: id(&row.uuid, "a detection")?,
        device: row.context.0.device_uuid.id().map(DeviceId),
        name: first([&row.display_name, &row.type_name]),
        severity: read_value(word(&row.severity_level, "SEVERITY_LEVEL_")).ok(),
        category: read_value(word(&row.category, "DETECTION_CATEGORY_")).ok(),
        object: first([&row.object_name, &row.object_url]),
        occurred_at: row.occur_time.0.parse().ok(),
    })
}

fn filled(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
