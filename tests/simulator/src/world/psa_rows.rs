//! Makes single rows of ConnectWise: a company, an agreement, a line.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc};
use fastrand::Rng;

use super::build::days_ago;
use super::names;
use super::psa::{Addition, Agreement, AgreementStatus, CatalogItem, Currency, CwCompany, Reference};
use super::{PRODUCTS, World};

/// The first company's record id.
pub(super) const FIRST_COMPANY_ID: i32 = 250;
const FIRST_AGREEMENT_ID: i32 = 1000;
const FIRST_ADDITION_ID: i32 = 5000;
/// Catalog items of ESET's products follow in the order of [`PRODUCTS`].
pub(super) const FIRST_CATALOG_ID: i32 = 40;

pub(super) fn company(world: &mut World, name: &str, kind: &str, deleted: bool, city: usize) -> i32 {
    let id = FIRST_COMPANY_ID + i32::try_from(world.cw_companies.len()).unwrap_or_default();
    let types = ["Client", "Prospect", "Vendor"];
    let type_id = types.iter().position(|known| *known == kind).map_or(0, |position| position as i32 + 1);
    let company = CwCompany {
        id,
        identifier: names::identifier(name, id),
        name: name.to_owned(),
        status: if deleted { Reference::named(2, "Not-Active") } else { Reference::named(1, "Active") },
        types: vec![Reference::named(type_id, kind)],
        city: names::CITIES[city].to_owned(),
        deleted_flag: deleted,
        currency: dollars(),
        info: World::stamp(days_ago(world, 120), "admin1"),
    };
    world.cw_companies.insert(id, company);
    id
}

/// A running monthly agreement, billed ahead on the first; `age` in days.
pub(super) fn agreement(world: &mut World, company: i32, name: &str, age: u64) -> i32 {
    let id = FIRST_AGREEMENT_ID + i32::try_from(world.agreements.len()).unwrap_or_default();
    let start = first_of_month(world.born.checked_sub_days(Days::new(age)).unwrap_or(world.born));
    let reference = world.cw_companies.get(&company).map(|row| Reference {
        id: row.id,
        identifier: Some(row.identifier.clone()),
        name: Some(row.name.clone()),
    });
    let agreement = Agreement {
        id,
        name: name.to_owned(),
        r#type: Reference::named(1, "Managed Services"),
        company: reference.unwrap_or_else(|| Reference::named(company, "")),
        contact: Reference::named(company + 10_000, "Office Manager"),
        parent_agreement: None,
        start_date: day(start),
        end_date: None,
        no_ending_date_flag: true,
        cancelled_flag: false,
        date_cancelled: None,
        billing_cycle: Reference::named(2, "Monthly"),
        one_time_flag: false,
        bill_start_date: day(start),
        prorate_flag: id % 3 == 0,
        invoice_prorated_additions_flag: false,
        currency: dollars(),
        period_type: "Current".to_owned(),
        next_invoice_date: Some(next_month(world.born)),
        agreement_status: AgreementStatus::Active,
        info: World::stamp(days_ago(world, 40), "admin1"),
    };
    world.agreements.insert(id, agreement);
    id
}

pub(super) fn unrelated(world: &mut World, agreement: i32, identifier: &str, rng: &mut Rng) {
    let Some(item) = world.catalog.values().find(|item| item.identifier == identifier).cloned() else { return };
    line(world, agreement, &item, f64::from(rng.i32(4..60)), rng.u64(60..300));
}

/// A line for an ESET product: agreement and id.
pub(super) fn addition(world: &mut World, agreement: i32, product: &str, quantity: f64, age: u64) -> (i32, i32) {
    let position = PRODUCTS.iter().position(|known| known.code == product).unwrap_or_default();
    let item = world.catalog.get(&(FIRST_CATALOG_ID + position as i32)).cloned();
    match item {
        Some(item) => (agreement, line(world, agreement, &item, quantity, age)),
        None => (agreement, 0),
    }
}

pub(crate) fn line(world: &mut World, agreement: i32, item: &CatalogItem, quantity: f64, age: u64) -> i32 {
    // Ids of lines that were deleted are not given out again.
    let id = FIRST_ADDITION_ID.max(world.settings().last_addition_id + 1);
    let since = first_of_month(world.born.checked_sub_days(Days::new(age)).unwrap_or(world.born));
    let begins = world.agreements.get(&agreement).map(|row| row.bill_start_date);
    let addition = Addition {
        id,
        product: Reference { id: item.id, identifier: Some(item.identifier.clone()), name: None },
        quantity,
        less_included: 0.0,
        unit_price: item.price,
        unit_cost: item.cost,
        bill_customer: "Billable".to_owned(),
        effective_date: begins.map(|begins| begins.max(day(since))),
        cancelled_date: None,
        taxable_flag: item.taxable_flag,
        serial_number: None,
        invoice_description: Some(item.customer_description.clone()),
        agreement_id: agreement,
        description: item.description.clone(),
        info: World::stamp(days_ago(world, age.min(30)), "admin1"),
        other: serde_json::Map::new(),
    };
    world.additions.insert((agreement, id), addition);
    world.settings_mut().last_addition_id = id;
    id
}

pub(super) fn dollars() -> Currency {
    Currency { id: 7, symbol: "$".to_owned(), currency_code: "USD".to_owned(), number_of_decimals: 2, name: "US Dollars".to_owned() }
}

pub(super) fn day(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN).and_utc()
}

pub(super) fn first_of_month(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

pub(super) fn next_month(date: NaiveDate) -> NaiveDate {
    first_of_month(date).checked_add_months(Months::new(1)).unwrap_or(date)
}
