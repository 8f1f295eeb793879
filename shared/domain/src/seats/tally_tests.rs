//! Tests of the month's readings: peak, average and days, over syncs that fail and products that change.

use proptest::prelude::*;

use super::super::{EntityKind, Licence, LicenceState, Part, SNAPSHOT_SCHEMA};
use super::*;

fn licence(id: &str, product: &str, ordered: u32, activated: u32) -> Licence {
    Licence {
        id: id.into(),
        product: product.into(),
        product_name: product.to_owned(),
        ordered,
        activated,
        trial: false,
        state: LicenceState::Normal,
        parts: Vec::new(),
    }
}

fn part(product: &str, ordered: Option<u32>, activated: Option<u32>) -> Part {
    Part { product: product.into(), product_name: product.to_owned(), ordered, activated }
}

fn company(licences: Vec<Licence>) -> CompanySeats {
    CompanySeats {
        name: "Acme".to_owned(),
        kind: EntityKind::MspCustomer,
        parent: None,
        custom_identifier: None,
        licences,
        seat_days: BTreeMap::new(),
        seat_days_unread: false,
        complete: true,
        unread: Vec::new(),
    }
}

/// The company as one product's counts.
fn seats(ordered: u32, activated: u32) -> CompanySeats {
    company(vec![licence("1", "a", ordered, activated)])
}

fn at(day: &str) -> Timestamp {
    format!("{day}T23:40:00Z").parse().expect("a moment")
}

fn sync(before: Option<&Snapshot>, day: &str, companies: &[(&str, CompanySeats)]) -> Snapshot {
    let companies = companies.iter().map(|(id, seats)| ((*id).into(), seats.clone())).collect();
    Snapshot {
        schema: SNAPSHOT_SCHEMA,
        connection: "eset".into(),
        pass: day.into(),
        taken_at: at(day),
        usage_days: (at(day).date_naive(), at(day).date_naive()),
        complete: true,
        tallies: tallies(before, at(day), &companies),
        companies,
        unowned: Vec::new(),
    }
}

/// A month of syncs of one company.
fn month(days: &[(&str, Option<CompanySeats>)]) -> Snapshot {
    let unread = || CompanySeats { complete: false, ..company(Vec::new()) };
    let mut last: Option<Snapshot> = None;
    for (day, seats) in days {
        last = Some(sync(last.as_ref(), day, &[("acme", seats.clone().unwrap_or_else(unread))]));
    }
    last.expect("a sync")
}

fn counted(snapshot: &Snapshot, products: &[&str]) -> Option<MonthCount> {
    let tally = snapshot.tallies.get(&EsetCompanyId::from("acme"))?;
    tally.count(&tally.rows().iter().filter(|row| row.bundle.is_none() && products.contains(&row.product.as_str())).collect::<Vec<_>>())
}

fn figures(count: Option<MonthCount>) -> (u32, u32, u64, u32, Option<u32>) {
    let count = count.expect("a count");
    (count.first, count.days, count.sum, count.peak, count.most_in_use)
}

#[test]
fn each_day_adds_what_was_ordered_and_the_highest_stands() {
    let days = [
        ("2026-11-03", Some(seats(10, 4))),
        ("2026-11-04", Some(seats(31, 9))),
        ("2026-11-05", Some(seats(31, 2))),
        ("2026-11-06", Some(seats(7, 7))),
    ];
    assert_eq!(figures(counted(&month(&days), &["a"])), (3, 4, 10 + 31 + 31 + 7, 31, Some(9)));
}

#[test]
fn two_syncs_of_one_day_are_one_day_with_its_last_count_and_its_highest() {
    let days = [("2026-11-03", Some(seats(10, 4))), ("2026-11-03", Some(seats(31, 9))), ("2026-11-03", Some(seats(12, 5)))];
    assert_eq!(figures(counted(&month(&days), &["a"])), (3, 1, 12, 31, Some(9)));
}

#[test]
fn a_day_that_could_not_be_read_is_missing_and_not_zero() {
    let days = [("2026-11-03", Some(seats(10, 4))), ("2026-11-04", None), ("2026-11-06", Some(seats(10, 4)))];
    assert_eq!(figures(counted(&month(&days), &["a"])), (3, 2, 20, 10, Some(4)));
    assert_eq!(counted(&month(&[("2026-11-03", None)]), &["a"]), None, "nothing was read at all");
}

#[test]
fn a_company_that_is_gone_for_a_day_keeps_its_month() {
    let first = sync(None, "2026-11-03", &[("acme", seats(10, 4))]);
    let gone = sync(Some(&first), "2026-11-04", &[]);
    let back = sync(Some(&gone), "2026-11-05", &[("acme", seats(8, 4))]);
    assert_eq!(figures(counted(&back, &["a"])), (3, 2, 18, 10, Some(4)));
}

#[test]
fn a_new_month_starts_afresh() {
    let days = [("2026-11-30", Some(seats(50, 4))), ("2026-12-01", Some(seats(10, 4)))];
    assert_eq!(figures(counted(&month(&days), &["a"])), (1, 1, 10, 10, Some(4)));
    let days = [("2025-12-01", Some(seats(50, 4))), ("2026-12-01", Some(seats(10, 4)))];
    assert_eq!(figures(counted(&month(&days), &["a"])), (1, 1, 10, 10, Some(4)), "nor does the same month of another year count");
}

#[test]
fn who_changes_from_one_product_to_another_never_had_both() {
    let other = company(vec![licence("2", "b", 10, 4)]);
    let days = [("2026-11-03", Some(seats(10, 4))), ("2026-11-04", Some(other.clone())), ("2026-11-04", Some(other))];
    let month = month(&days);
    assert_eq!(figures(counted(&month, &["a", "b"])), (3, 2, 20, 10, Some(4)));
    assert_eq!(figures(counted(&month, &["a"])), (3, 2, 10, 10, Some(4)), "and a day without it is a day with none");
}

#[test]
fn only_paid_and_living_licences_are_tallied() {
    let trial = Licence { trial: true, ..licence("2", "a", 100, 100) };
    let suspended = Licence { state: LicenceState::Suspended, ..licence("3", "a", 100, 100) };
    let day = company(vec![licence("1", "a", 10, 4), licence("1", "a", 10, 4), trial, suspended]);
    assert_eq!(figures(counted(&month(&[("2026-11-03", Some(day))]), &["a"])), (3, 1, 10, 10, Some(4)), "each licence once");
}

#[test]
fn parts_are_tallied_by_their_bundle_and_an_unknown_count_stays_unknown() {
    let bundle = |ordered, activated| {
        let mut bundle = licence("1", "suite", 10, 4);
        bundle.parts = vec![part("a", ordered, activated)];
        Some(company(vec![bundle]))
    };
    let days = [("2026-11-03", bundle(Some(10), None)), ("2026-11-04", bundle(None, None)), ("2026-11-05", bundle(Some(12), Some(3)))];
    let month = month(&days);
    assert_eq!(counted(&month, &["a"]).map(|count| count.sum), Some(0), "a part is not the product by itself");
    let tally = month.tallies.values().next().expect("a tally");
    let rows: Vec<&TallyRow> = tally.rows().iter().filter(|row| row.bundle.is_some()).collect();
    assert_eq!(figures(tally.count(&rows)), (3, 2, 22, 12, Some(3)));
}

#[test]
fn a_quiet_month_is_one_count() {
    let days: Vec<String> = (1..=30).map(|day| format!("2026-11-{day:02}")).collect();
    let days: Vec<(&str, Option<CompanySeats>)> = days.iter().map(|day| (day.as_str(), Some(seats(10, 4)))).collect();
    let tally = month(&days).tallies.into_values().next().expect("a tally");
    assert_eq!((tally.readings.len(), tally.rows[0].counts.len()), (30, 1));
}

#[test]
fn a_snapshot_of_version_1_is_still_read() {
    let text = r#"{"schema":1,"connection":"eset","pass":"p","taken_at":"2026-11-21T23:40:00Z","usage_days":["2026-11-01","2026-11-20"],
        "complete":true,"companies":{"acme":{"name":"Acme","kind":"msp_customer","parent":null,"custom_identifier":null,
        "licences":[{"id":"1","product":"a","product_name":"A","ordered":10,"activated":4,"trial":false,"state":"normal"}],
        "seat_days":{"a":200},"complete":true}}}"#;
    let old: Snapshot = serde_json::from_str(text).expect("version 1");
    assert_eq!((old.schema, old.tallies.len()), (1, 0));
    let next = sync(Some(&old), "2026-11-22", &[("acme", seats(10, 4))]);
    assert_eq!(figures(counted(&next, &["a"])), (22, 1, 10, 10, Some(4)), "and the month is read from then on");
}

/// A company with up to three licences of two products, some in a bundle; none when it could not be read.
fn readings() -> impl Strategy<Value = Vec<(u8, Option<CompanySeats>)>> {
    let drawn = (0..2_u8, 0..40_u32, 0..40_u32, any::<bool>());
    let seats = prop::option::weighted(0.85, proptest::collection::vec(drawn, 0..3));
    proptest::collection::vec((0..3_u8, seats), 1..20).prop_map(|steps| {
        let mut day = 1;
        let steps = steps.into_iter().map(|(pause, seats)| {
            day = (day + pause).min(30);
            let seats = seats.map(|licences| {
                let licences = (0..).zip(licences).map(|(id, (product, ordered, activated, bundled))| {
                    let mut made = licence(&format!("{id}"), if product == 0 { "a" } else { "b" }, ordered, activated);
                    made.parts = bundled.then(|| part("a", Some(ordered), None)).into_iter().collect();
                    made
                });
                company(licences.collect())
            });
            (day, seats)
        });
        steps.collect()
    })
}

proptest! {
    #[test]
    fn a_tally_is_what_looking_at_every_reading_gives(steps in readings()) {
        let text: Vec<(String, Option<CompanySeats>)> = steps.iter().map(|(day, seats)| (format!("2026-11-{day:02}"), seats.clone())).collect();
        let days: Vec<(&str, Option<CompanySeats>)> = text.iter().map(|(day, seats)| (day.as_str(), seats.clone())).collect();
        let month = month(&days);
        let found = counted(&month, &["a"]);
        let of = |seats: &CompanySeats| seats.products().get(&ProductCode::from("a")).map_or((0, 0), |seats| (seats.ordered(), seats.activated()));
        let read: Vec<(u8, (u32, u32))> = steps.iter().filter_map(|(day, seats)| Some((*day, of(seats.as_ref()?)))).collect();
        let by_day: BTreeMap<u8, u32> = read.iter().map(|(day, (ordered, _))| (*day, *ordered)).collect();
        prop_assert_eq!(found.is_some(), !read.is_empty());
        if let Some(found) = found {
            prop_assert_eq!(found.sum, by_day.values().map(|ordered| u64::from(*ordered)).sum::<u64>());
            prop_assert_eq!((found.first, usize::try_from(found.days).expect("days")), (u32::from(*by_day.keys().next().expect("a day")), by_day.len()));
            prop_assert_eq!(Some(found.peak), read.iter().map(|(_, (ordered, _))| *ordered).max());
            prop_assert_eq!(found.most_in_use, read.iter().map(|(_, (_, activated))| *activated).max());
            prop_assert!(u64::from(found.peak) * u64::from(found.days) >= found.sum, "the average is never above the peak");
        }
        let again: Snapshot = serde_json::from_str(&serde_json::to_string(&month).expect("json")).expect("read back");
        prop_assert_eq!(again, month);
    }

    #[test]
    fn the_same_reading_twice_is_one_reading(steps in readings()) {
        let day = |day: u8| format!("2026-11-{day:02}");
        let text: Vec<(String, Option<CompanySeats>)> = steps.iter().map(|(at, seats)| (day(*at), seats.clone())).collect();
        let once: Vec<_> = text.iter().map(|(day, seats)| (day.as_str(), seats.clone())).collect();
        let twice: Vec<_> = once.iter().flat_map(|step| [step.clone(), step.clone()]).collect();
        prop_assert_eq!(month(&once).tallies, month(&twice).tallies);
    }
}
