//! Builds ESET's side of a world from its seed, and hands each customer to ConnectWise's side.

use chrono::{DateTime, Days, NaiveTime, Utc};
use fastrand::Rng;

use super::eset::{EntityType, EsetCompany, HistoryKind, License};
use super::names::{self, NamePair};
use super::{World, desk_build, psa_build, psa_rows};

/// Full products a customer is given, by position in the price list's popularity; bundles first.
const POPULAR: [&str; 8] = ["211", "212", "213", "112", "111", "2015", "113", "214"];

/// The portal user named in histories.
pub(super) const PORTAL_USER: &str = "dana.reyes@northwind-msp.example";

/// Makes a whole world. The world of one company is plain on purpose: it is what a first test reads.
pub(super) fn populate(world: &mut World) {
    let mut rng = Rng::with_seed(world.seed);
    let account = company(world, &mut rng, "Northwind IT Services", EntityType::Msp, None);
    world.settings_mut().account.clone_from(&account);
    psa_build::catalog(world);
    desk_build::boards(world);
    if world.companies == 1 {
        let matched = plain_customer(world, &mut rng, &account);
        desk_build::configurations(world, &[matched]);
        desk_build::tickets(world);
        return;
    }
    let parents = parents(world, &mut rng, &account);
    let mut given = Vec::with_capacity(world.companies);
    let mut matched = Vec::new();
    for index in 0..world.companies {
        // Nine of ten stand right below the account; the others are spread over the nested companies.
        let parent = if index % 10 == 9 { &parents[index / 10 % parents.len()] } else { &account };
        let mut pair = names::customer(index, &mut rng);
        // A name is unique among siblings only: here a nested parent has a customer called like one of the account's.
        if index % 100 == 19 {
            pair = NamePair::clone(&given[index - 11]);
        }
        matched.extend(customer(world, &mut rng, index, &pair, parent));
        given.push(pair);
    }
    psa_build::bystanders(world, &mut rng);
    desk_build::configurations(world, &matched);
    desk_build::tickets(world);
}

/// Companies between the account and some customers. A Division answers usage reports with nothing; an MSP below an
/// MSP Manager and a Managed MSP have customers of their own.
fn parents(world: &mut World, rng: &mut Rng, account: &str) -> Vec<String> {
    if world.companies < 10 {
        return vec![account.to_owned()];
    }
    let division = company(world, rng, "Northwind Public Sector", EntityType::Division, Some(account));
    let manager = company(world, rng, "Northwind Partner Desk", EntityType::MspManager, Some(account));
    let msp = company(world, rng, "Tern Managed IT", EntityType::Msp, Some(&manager));
    let managed = company(world, rng, "Pike Street Computers", EntityType::ManagedMsp, Some(&manager));
    vec![division, msp, managed]
}

fn plain_customer(world: &mut World, rng: &mut Rng, account: &str) -> (i32, String) {
    let id = company(world, rng, "Alder Accounting Inc.", EntityType::MspCustomer, Some(account));
    if let Some(company) = world.eset_companies.get_mut(&id) {
        company.custom_identifier = Some(psa_rows::FIRST_COMPANY_ID.to_string());
    }
    let mut license = license(world, rng, &id, "211", 27, 24);
    license.history[0].at -= chrono::Duration::days(60);
    world.licenses.insert(license.public_license_key.clone(), license);
    (psa_build::plain_customer(world, &id), id)
}

/// Returns the customer's company in ConnectWise, if it is there, with its id at ESET.
fn customer(world: &mut World, rng: &mut Rng, index: usize, pair: &NamePair, parent: &str) -> Option<(i32, String)> {
    let id = company(world, rng, &pair.eset, EntityType::MspCustomer, Some(parent));
    licenses(world, rng, &id, index);
    match_in_psa(world, rng, &id, pair, index).map(|psa| (psa, id))
}

/// One to four licences; one customer in ten has none, and some are trials, suspended, over-used or nearly full.
fn licenses(world: &mut World, rng: &mut Rng, company: &str, index: usize) {
    let count = if index % 10 == 7 { 0 } else { [1, 1, 1, 2, 2, 3, 4][rng.usize(..7)] };
    let first = rng.usize(..POPULAR.len());
    for position in 0..count {
        let product = POPULAR[(first + position * 3) % POPULAR.len()];
        let quantity = [rng.i64(3..12), rng.i64(8..40), rng.i64(20..90), rng.i64(60..260)][rng.usize(..4)];
        let mut usage = quantity * rng.i64(55..=90) / 100;
        let roll = rng.u32(..100);
        match roll {
            0..6 => usage = quantity + rng.i64(1..=3),
            6..14 => usage = quantity,
            _ => {}
        }
        let mut license = license(world, rng, company, product, quantity, usage);
        // What the last weeks did to it: usage reports must tell the days apart.
        let then = license.history[0].at;
        if roll >= 70 {
            let before = (quantity - rng.i64(1..=3)).max(1);
            license.history[0].requested = before;
            license.quantity = before;
            license.record(HistoryKind::Quantity, quantity, days_ago(world, rng.u64(3..60)), PORTAL_USER);
        }
        match roll {
            14..18 => license.record(HistoryKind::Suspend, quantity, days_ago(world, rng.u64(1..3)), PORTAL_USER),
            18..24 => license.trial_until = Some(days_ago(world, 0) + Days::new(rng.u64(2..28))),
            24 => license.trial_until = Some(days_ago(world, 4)),
            _ => {}
        }
        debug_assert!(license.history.iter().all(|entry| entry.at >= then));
        world.licenses.insert(license.public_license_key.clone(), license);
    }
}

/// Four customers of five are in ConnectWise; half of those carry its company id in ESET's custom identifier, each as
/// some person typed it. Others carry text that only looks like an id.
fn match_in_psa(world: &mut World, rng: &mut Rng, company: &str, pair: &NamePair, index: usize) -> Option<i32> {
    let psa_id = (index % 5 != 3).then(|| psa_build::customer(world, rng, company, &pair.psa));
    let identifier = match (psa_id, rng.u32(..10)) {
        (Some(id), 0..3) => Some(id.to_string()),
        (Some(id), 3) => Some(format!("CW-{id}")),
        (Some(id), 4) => Some(format!("cw:{id} (Tampa)")),
        (_, 5) => Some(format!("HALOCUSTOMER:{}", rng.u32(1..90))),
        (_, 6) => Some(format!("Syncro-{}", rng.u32(10_000..99_999))),
        _ => None,
    };
    if let Some(row) = world.eset_companies.get_mut(&company.to_owned()) {
        row.custom_identifier = identifier;
    }
    psa_id
}

fn company(world: &mut World, rng: &mut Rng, name: &str, entity_type: EntityType, parent: Option<&str>) -> String {
    let id = guid(rng);
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let company = EsetCompany {
        id: id.clone(),
        name: name.to_owned(),
        entity_type,
        parent: parent.map(ToOwned::to_owned),
        custom_identifier: None,
        email: Some(format!("it@{}.example", letters.to_lowercase())),
        vat_id: None,
        description: None,
        created: days_ago(world, rng.u64(200..900)),
    };
    world.eset_companies.insert(id.clone(), company);
    id
}

fn license(world: &World, rng: &mut Rng, company: &str, product: &str, quantity: i64, usage: i64) -> License {
    let mut license = License {
        public_license_key: license_key(world, rng),
        company: company.to_owned(),
        product: product.to_owned(),
        quantity: 0,
        usage,
        suspended: false,
        trial_until: None,
        history: Vec::new(),
    };
    license.record(HistoryKind::Order, quantity, days_ago(world, rng.u64(65..200)), PORTAL_USER);
    license
}

/// A public licence ID such as `3A9-XKD-7PQ`, not yet given to another licence.
fn license_key(world: &World, rng: &mut Rng) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKMNPRSTUVWX23456789";
    loop {
        let mut key = String::from("3A");
        for position in 2..9 {
            if position % 3 == 0 {
                key.push('-');
            }
            key.push(char::from(LETTERS[rng.usize(..LETTERS.len())]));
        }
        if world.licenses.get(&key).is_none() {
            return key;
        }
    }
}

/// A random GUID (version 4).
pub(crate) fn guid(rng: &mut Rng) -> String {
    let bits = rng.u128(..);
    let bits = bits & !(0xF << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let text = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}

/// Ten in the morning, so many days before the world's day.
pub(super) fn days_ago(world: &World, days: u64) -> DateTime<Utc> {
    let day = world.born.checked_sub_days(Days::new(days)).unwrap_or(world.born);
    day.and_time(NaiveTime::MIN).and_utc() + chrono::Duration::hours(10)
}
