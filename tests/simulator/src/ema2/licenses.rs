//! Licences (EMA 2 API, Search/Licenses, License).

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::input::Input;
use super::{LICENSE, companies, not_found, refusal};
use crate::exchange::Reply;
use crate::journal::{Actor, Effect};
use crate::stage::Stage;
use crate::world::{HistoryKind, License, product};

/// Most seats one licence can be ordered with. The vendor publishes the refusal, not the number.
const MOST_SEATS: i64 = 50_000;

/// Lists keys and products only: counts are in the detail of each licence.
pub(super) fn search(stage: &Stage, input: &Input) -> Result<Reply, Reply> {
    let world = &stage.world;
    let customer = input.optional_text("customerId")?.filter(|id| !id.is_empty());
    let customer = customer.map(|id| companies::visible(world, id)).transpose()?;
    let keyword = input.optional_text("keyword")?.unwrap_or_default().to_lowercase();
    let found: Vec<&License> = world
        .licenses
        .values()
        .filter(|license| customer.is_none_or(|customer| license.company == customer.id))
        .filter(|license| license.public_license_key.to_lowercase().contains(&keyword) || name(license).to_lowercase().contains(&keyword))
        .collect();
    let rows = input
        .slice()?
        .of(&found)
        .into_iter()
        .map(|license| json!({ "PublicLicenseKey": license.public_license_key, "Code": license.product, "Name": name(license) }));
    Ok(Reply::ok(json!({ "Search": rows.collect::<Vec<Value>>(), "Paging": { "TotalCount": found.len() } })))
}

fn name(license: &License) -> &'static str {
    product(&license.product).map_or("", |product| product.name)
}

fn find<'s>(stage: &'s Stage, input: &Input) -> Result<&'s License, Reply> {
    let key = input.text("publicLicenseKey")?.to_uppercase();
    stage.world.licenses.get(&key).ok_or_else(|| not_found("The license"))
}

/// Fields that hold nothing are null or left out, as they come: a full licence has no trial, only a bundle has
/// `bundleProducts`.
pub(super) fn detail(stage: &Stage, input: &Input) -> Result<Reply, Reply> {
    let license = find(stage, input)?;
    let last = license.history.last();
    let mut row = json!({
        "customerId": license.company,
        "lastUpdate": last.map(|entry| entry.at),
        "lastUpdateBy": last.map(|entry| &entry.user),
        "publicLicenseKey": license.public_license_key,
        "productCode": license.product,
        "productName": name(license),
        "quantity": license.quantity,
        "usage": license.usage,
        "state": license.state(stage.now()).code(),
        "trial": license.is_trial(),
        "trialExpiration": license.trial_until,
        "upgradeableTo": [],
        "downgradeableTo": [],
    });
    if license.is_trial() {
        row["trialExtensions"] = 0.into();
    }
    let parts = product(&license.product).map_or(&[][..], |product| product.bundle);
    if !parts.is_empty() {
        let says_usage = !stage.world.settings().hide_part_usage;
        row["bundleProducts"] = parts.iter().enumerate().map(|(index, code)| part(license, index, code, says_usage)).collect();
    }
    Ok(Reply::ok(row))
}

/// The first product of a bundle is used most; servers and the rest less. Nobody has seen these keys: the vendor's page only
/// says product, quantity and usage. So they come in more than one spelling, as keys do elsewhere in this API.
fn part(license: &License, index: usize, code: &str, says_usage: bool) -> Value {
    let usage = if index == 0 { license.usage } else { license.usage / (index as i64 * 4) };
    let name = product(code).map(|product| product.name);
    let usage = says_usage.then_some(usage);
    if license.public_license_key.bytes().map(u64::from).sum::<u64>().is_multiple_of(2) {
        json!({ "productCode": code, "productName": name, "quantity": license.quantity, "usage": usage })
    } else {
        json!({ "Code": code, "Name": name, "Quantity": license.quantity.to_string(), "Usage": usage })
    }
}

/// Type and units are text here, unlike in the detail.
pub(super) fn history(stage: &Stage, input: &Input) -> Result<Reply, Reply> {
    let license = find(stage, input)?;
    let rows = license.history.iter().rev().map(|entry| {
        json!({
            "Type": (entry.kind as u8).to_string(),
            "Date": entry.at,
            "User": entry.user,
            "RequestedUnits": entry.requested.to_string(),
            "PreviousUnits": entry.previous.to_string(),
        })
    });
    let total = license.history.len();
    Ok(Reply::ok(json!({ "LicenseHistory": input.slice()?.of(rows), "Paging": { "TotalCount": total } })))
}

fn refused(sub_code: u16, name: &str) -> Reply {
    refusal(400, LICENSE, sub_code, name)
}

fn expired(license: &License, now: DateTime<Utc>) -> bool {
    license.trial_until.is_some_and(|end| end < now)
}

pub(super) fn update_quantity(stage: &mut Stage, input: &Input) -> Result<Reply, Reply> {
    let license = find(stage, input)?;
    let quantity = input.number("quantity")?;
    let checks = [
        (license.suspended, 23, "LicenseIsNotActive"),
        (expired(license, stage.now()), 37, "LicenseIsExpired"),
        (quantity == license.quantity, 48, "LicenseQunatityIsEqualToPrevious"),
        (!(1..=MOST_SEATS).contains(&quantity), 30, "QuantityIsOutOfRange"),
    ];
    refuse_first(&checks)?;
    let from = license.quantity;
    let key = license.public_license_key.clone();
    record(stage, &key, HistoryKind::Quantity, quantity);
    let effect = Effect::SeatsChanged { license: key, from, to: quantity, by: Actor::Api };
    Ok(Reply::ok(json!({})).effect(Some(effect)))
}

pub(super) fn suspend(stage: &mut Stage, input: &Input) -> Result<Reply, Reply> {
    let license = find(stage, input)?;
    let checks = [(license.suspended, 21, "LicenseIsAlreadySuspend"), (expired(license, stage.now()), 23, "LicenseIsNotActive")];
    refuse_first(&checks)?;
    let (key, quantity) = (license.public_license_key.clone(), license.quantity);
    Ok(suspension(stage, key, quantity, HistoryKind::Suspend))
}

pub(super) fn unsuspend(stage: &mut Stage, input: &Input) -> Result<Reply, Reply> {
    let license = find(stage, input)?;
    let ever = license.history.iter().any(|entry| entry.kind == HistoryKind::Suspend);
    let checks = [(!license.suspended && ever, 22, "LicenseIsAlreadyUnsuspended"), (!license.suspended, 36, "LicenseIsNotSuspended")];
    refuse_first(&checks)?;
    let (key, quantity) = (license.public_license_key.clone(), license.quantity);
    Ok(suspension(stage, key, quantity, HistoryKind::Unsuspend))
}

fn refuse_first(checks: &[(bool, u16, &str)]) -> Result<(), Reply> {
    match checks.iter().find(|(fails, _, _)| *fails) {
        Some((_, sub_code, name)) => Err(refused(*sub_code, name)),
        None => Ok(()),
    }
}

fn suspension(stage: &mut Stage, key: String, quantity: i64, kind: HistoryKind) -> Reply {
    record(stage, &key, kind, quantity);
    let suspended = kind == HistoryKind::Suspend;
    Reply::ok(json!({})).effect(Some(Effect::SuspensionChanged { license: key, suspended, by: Actor::Api }))
}

fn record(stage: &mut Stage, key: &str, kind: HistoryKind, quantity: i64) {
    let at = stage.second();
    let user = stage.credentials.ema2.username.clone();
    if let Some(license) = stage.world.licenses.get_mut(&key.to_owned()) {
        license.record(kind, quantity, at, &user);
    }
}
