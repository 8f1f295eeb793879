//! Builds ConnectWise's side of a world: catalog, companies, agreements and what they bill.

use std::collections::BTreeMap;

use chrono::Days;
use fastrand::Rng;

use super::build::days_ago;
use super::names;
use super::psa::{AgreementStatus, CatalogItem, Reference};
use super::psa_rows::{self, FIRST_CATALOG_ID, addition, agreement, company, day, first_of_month, next_month, unrelated};
use super::{PRODUCTS, World};

/// What the catalog holds beside ESET's products: lines of the same agreements that no sync may touch, a bundle,
/// which cannot be an addition, and an item out of use with the identifier of one in use.
const UNRELATED: [(&str, &str, &str, f64, f64, bool); 6] = [
    ("MS-WKS", "Managed Workstation", "Agreement", 35.0, 9.5, false),
    ("MS-SRV", "Managed Server", "Agreement", 120.0, 31.0, false),
    ("M365-BP", "Microsoft 365 Business Premium", "Agreement", 22.0, 18.7, false),
    ("BACKUP-WKS", "Workstation Backup", "Agreement", 7.25, 2.1, false),
    ("SEC-BUNDLE", "Security Bundle", "Bundle", 14.5, 6.2, false),
    ("ESET-211", "ESET Secure Business (old price)", "Agreement", 2.8, 1.4, true),
];

/// Prices per seat of ESET's products, in the order of [`PRODUCTS`].
const PRICES: [(f64, f64); PRODUCTS.len()] = [
    (2.15, 0.98),
    (4.95, 2.4),
    (1.99, 0.85),
    (1.75, 0.7),
    (3.5, 1.62),
    (4.25, 2.05),
    (5.75, 2.83),
    (8.4, 4.4),
    (1.25, 0.55),
    (3.1, 1.75),
    (2.6, 1.3),
];

/// Fills the catalog.
pub(super) fn catalog(world: &mut World) {
    let info = World::stamp(days_ago(world, 300), "admin1");
    let eset = PRODUCTS.iter().zip(PRICES).map(|(product, (price, cost))| {
        (format!("ESET-{}", product.code), format!("{} (seat)", product.name), "Agreement", price, cost, false)
    });
    let unrelated = UNRELATED.into_iter().map(|(identifier, description, class, price, cost, inactive)| {
        (identifier.to_owned(), description.to_owned(), class, price, cost, inactive)
    });
    let items = eset.chain(unrelated);
    for (id, (identifier, description, class, price, cost, inactive_flag)) in (FIRST_CATALOG_ID..).zip(items) {
        let item = CatalogItem {
            id,
            manufacturer_part_number: identifier.starts_with("ESET").then(|| identifier.clone()),
            identifier,
            customer_description: format!("{description}, monthly"),
            description,
            inactive_flag,
            category: Reference::named(3, "Software"),
            subcategory: Reference::named(11, "Subscriptions"),
            r#type: Reference::named(5, "Agreement"),
            product_class: class.to_owned(),
            price,
            cost,
            recurring_flag: true,
            taxable_flag: true,
            info: info.clone(),
        };
        world.catalog.insert(id, item);
    }
}

/// The one customer of the smallest world: everything agrees but the count.
pub(super) fn plain_customer(world: &mut World, eset: &str) -> i32 {
    let company = company(world, "Alder Accounting Inc.", "Client", false, 0);
    let agreement = agreement(world, company, "Managed Services", 90);
    let product = ordered(world, eset).into_keys().next().unwrap_or_default();
    addition(world, agreement, &product, 25.0, 90);
    company
}

/// A customer with what it is billed for. Most lines equal what is ordered at ESET; the rest is why the product exists.
pub(super) fn customer(world: &mut World, rng: &mut Rng, eset: &str, name: &str) -> i32 {
    let company = company(world, name, "Client", false, rng.usize(..names::CITIES.len()));
    let roll = rng.u32(..100);
    // No agreement at all: nothing to bill on.
    if roll < 4 {
        return company;
    }
    let agreement = agreement(world, company, "Managed Services", rng.u64(90..700));
    match roll {
        // Ended on purpose or by itself: nothing may be billed on it, and an oracle must see that nothing is.
        4..8 => cancel(world, agreement),
        8..11 => expire(world, agreement),
        // Begins next month: effective dates before are refused.
        11..14 => begin_later(world, agreement),
        // A second agreement: which one carries the seats has to be chosen.
        14..22 => {
            let backup = psa_rows::agreement(world, company, "Backup and Continuity", rng.u64(90..300));
            unrelated(world, backup, "BACKUP-WKS", rng);
        }
        // A child below the first.
        22..28 => {
            let child = psa_rows::agreement(world, company, "Security Add-on", rng.u64(40..90));
            let parent = Reference::named(agreement, "Managed Services");
            if let Some(child) = world.agreements.get_mut(&child) {
                child.parent_agreement = Some(parent);
            }
        }
        _ => {}
    }
    unrelated(world, agreement, "MS-WKS", rng);
    lines(world, rng, agreement, eset);
    company
}

fn lines(world: &mut World, rng: &mut Rng, agreement: i32, eset: &str) {
    for (product, seats) in ordered(world, eset) {
        let seats = f64::from(i32::try_from(seats).unwrap_or(i32::MAX));
        let roll = rng.u32(..100);
        // Sold but never billed.
        if roll < 3 {
            continue;
        }
        let differs = f64::from(rng.i32(1..=4)) * if rng.bool() { 1.0 } else { -1.0 };
        let quantity = if roll < 15 { (seats + differs).max(0.0) } else { seats };
        let id = addition(world, agreement, &product, quantity, rng.u64(45..90));
        match rng.u32(..100) {
            // Some seats are in the base price.
            0..6 => included(world, id, f64::from(rng.i32(1..=3))),
            // The same product billed on two ongoing lines: no tool can know which one is right.
            6..8 => {
                addition(world, agreement, &product, f64::from(rng.i32(1..=5)), rng.u64(5..40));
            }
            // A line of last year, ended; only its product is the same.
            8..14 => {
                let old = addition(world, agreement, &product, (quantity - 2.0).max(1.0), 400);
                let ended = day(world.born.checked_sub_days(Days::new(95)).unwrap_or(world.born));
                if let Some(old) = world.additions.get_mut(&old) {
                    old.cancelled_date = Some(ended);
                }
            }
            _ => {}
        }
    }
}

/// Seats ordered at ESET by product, as the customer should be billed for: no trials, no suspended licences.
pub(super) fn ordered(world: &World, eset: &str) -> BTreeMap<String, i64> {
    let mut ordered = BTreeMap::new();
    for license in world.licenses.values() {
        if license.company == eset && !license.is_trial() && !license.suspended {
            *ordered.entry(license.product.clone()).or_default() += license.quantity;
        }
    }
    ordered
}

/// Companies no ESET customer belongs to: prospects, a namesake and rows in the recycle bin. They only look right.
pub(super) fn bystanders(world: &mut World, rng: &mut Rng) {
    let names: Vec<String> = world.cw_companies.values().map(|company| company.name.clone()).collect();
    for (index, name) in names.iter().enumerate() {
        match index % 25 {
            4 => {
                company(world, name, "Client", true, rng.usize(..names::CITIES.len()));
            }
            9 => {
                company(world, &format!("{name} Holding"), "Prospect", false, rng.usize(..names::CITIES.len()));
            }
            14 => {
                let namesake = company(world, name, "Client", false, rng.usize(..names::CITIES.len()));
                let agreement = agreement(world, namesake, "Managed Services", rng.u64(90..700));
                unrelated(world, agreement, "M365-BP", rng);
            }
            _ => {}
        }
    }
}

fn cancel(world: &mut World, agreement: i32) {
    let when = days_ago(world, 20);
    if let Some(row) = world.agreements.get_mut(&agreement) {
        row.cancelled_flag = true;
        row.date_cancelled = Some(when);
        row.agreement_status = AgreementStatus::Cancelled;
        row.next_invoice_date = None;
    }
}

fn expire(world: &mut World, agreement: i32) {
    let end = day(first_of_month(world.born).pred_opt().unwrap_or(world.born));
    if let Some(row) = world.agreements.get_mut(&agreement) {
        row.no_ending_date_flag = false;
        row.end_date = Some(end);
        row.agreement_status = AgreementStatus::Expired;
        row.next_invoice_date = None;
    }
}

fn begin_later(world: &mut World, agreement: i32) {
    let begin = next_month(world.born);
    if let Some(row) = world.agreements.get_mut(&agreement) {
        row.bill_start_date = day(begin);
        row.next_invoice_date = Some(begin);
    }
}

fn included(world: &mut World, (agreement, id): (i32, i32), seats: f64) {
    if let Some(row) = world.additions.get_mut(&(agreement, id)) {
        row.less_included = seats;
    }
}
