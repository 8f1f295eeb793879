//! Dates and states, and what bills.

use proptest::prelude::*;

use super::*;
use crate::ids::{AdditionId, CatalogId, PsaCompanyId};
use crate::money::Money;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn addition(id: i64, quantity: u32, effective: Option<&str>, cancelled: Option<&str>) -> Addition {
    Addition {
        id: AdditionId(id),
        product: CatalogId(1),
        quantity: Quantity::from(quantity),
        included: Quantity::ZERO,
        unit_price: Money::from_vendor(2.0),
        bill: Some(BillCustomer::Billable),
        effective: effective.map(day),
        unit_cost: None,
        cancelled: cancelled.map(day),
        serial: None,
        version: String::new(),
    }
}

fn agreement(status: AgreementStatus, bill_start: Option<&str>) -> Agreement {
    Agreement {
        name: "Managed".to_owned(),
        kind: None,
        company: PsaCompanyId(1),
        status,
        parent: None,
        bill_start: bill_start.map(day),
        next_invoice: None,
        currency: None,
        prorates: None,
        ends: None,
        cycle: None,
        one_time: false,
    }
}

#[test]
fn dates_and_what_bills_on_them() {
    use Bills::{Charged, Ended, Later, Never};
    let table = [
        // First day, last day, and what it is on 30 and 31 December and 1 January.
        (None, None, [Charged, Charged, Charged]),
        (Some("2026-12-31"), None, [Later { from: day("2026-12-31") }, Charged, Charged]),
        (Some("2027-01-01"), None, [Later { from: day("2027-01-01") }, Later { from: day("2027-01-01") }, Charged]),
        (None, Some("2026-12-31"), [Charged, Charged, Ended { last: day("2026-12-31") }]),
        (None, Some("2026-12-30"), [Charged, Ended { last: day("2026-12-30") }, Ended { last: day("2026-12-30") }]),
        (Some("2026-12-30"), Some("2026-12-31"), [Charged, Charged, Ended { last: day("2026-12-31") }]),
        (Some("2026-12-31"), Some("2026-12-31"), [Never, Never, Never]),
        (Some("2027-01-01"), Some("2026-12-01"), [Never, Never, Never]),
    ];
    let active = agreement(AgreementStatus::Active, None);
    for (effective, cancelled, expected) in table {
        let addition = addition(1, 5, effective, cancelled);
        let found = ["2026-12-30", "2026-12-31", "2027-01-01"].map(|text| bills_on(&addition, &active, day(text)));
        assert_eq!(found, expected, "{effective:?} to {cancelled:?}");
    }
}

#[test]
fn states_and_what_bills_in_them() {
    use AgreementStatus::{Active, Cancelled, Expired, Inactive};
    let today = day("2026-12-15");
    let on = |status, start, bill| {
        let mut addition = addition(1, 5, None, None);
        addition.bill = bill;
        let agreement = agreement(status, start);
        (bills_on(&addition, &agreement, today), invoiced([&addition], &agreement, today).to_string())
    };
    let billable = Some(BillCustomer::Billable);
    let table = [
        (on(Active, None, billable), Bills::Charged, "5"),
        (on(Active, None, None), Bills::Charged, "5"),
        (on(Active, Some("2026-12-15"), billable), Bills::Charged, "5"),
        (on(Active, Some("2026-12-16"), billable), Bills::NotStarted { on: day("2026-12-16") }, "0"),
        (on(Active, None, Some(BillCustomer::NoCharge)), Bills::Free, "5"),
        (on(Active, None, Some(BillCustomer::DoNotBill)), Bills::Unbilled, "0"),
        (on(Cancelled, None, billable), Bills::NotActive { status: Cancelled }, "0"),
        (on(Expired, None, billable), Bills::NotActive { status: Expired }, "0"),
        (on(Inactive, None, billable), Bills::NotActive { status: Inactive }, "0"),
    ];
    for ((bills, units), expected, expected_units) in table {
        assert_eq!((bills, units.as_str()), (expected, expected_units));
    }
    let ended = Agreement { ends: Some(today), ..agreement(Active, None) };
    let on_its_last_day = bills_on(&addition(1, 5, None, None), &ended, today);
    let after = bills_on(&addition(1, 5, None, None), &ended, day("2026-12-16"));
    assert_eq!((on_its_last_day, after), (Bills::Charged, Bills::Expired { last: today }));
}

#[test]
fn a_successor_takes_over_on_its_day_and_is_never_billed_beside_what_it_follows() {
    // The last day of the one before it: the day before, the same day, and two days before.
    for last in ["2026-12-31", "2027-01-01", "2026-12-30"] {
        let both = [addition(7, 96, None, Some(last)), addition(8, 97, Some("2027-01-01"), None)];
        let ids = |text: &str| {
            let found = on_day(&both, day(text));
            let now: Vec<i64> = found.now.iter().map(|addition| addition.id.0).collect();
            let later: Vec<i64> = found.later.iter().map(|(_, addition)| addition.id.0).collect();
            (now, later)
        };
        assert_eq!(ids("2026-12-15"), (vec![7], vec![8]), "{last}");
        assert_eq!(ids("2027-01-01"), (vec![8], vec![]), "{last}");
        let gap = last == "2026-12-30";
        assert_eq!(ids("2026-12-31"), (if gap { vec![] } else { vec![7] }, vec![8]), "{last}");
    }
}

prop_compose! {
    fn any_addition()(id in 1_i64..6, quantity in 0_u32..50, first in prop::option::of(0_u64..60), last in prop::option::of(0_u64..60)) -> Addition {
        let at = |days: u64| day("2026-12-01") + chrono::Days::new(days);
        Addition { effective: first.map(at), cancelled: last.map(at), ..addition(id, quantity, None, None) }
    }
}

proptest! {
    #[test]
    fn each_addition_is_now_or_later_or_not_at_all(additions in prop::collection::vec(any_addition(), 0..5), days in 0_u64..60) {
        let today = day("2026-12-01") + chrono::Days::new(days);
        let found = on_day(&additions, today);
        for addition in &found.now {
            prop_assert_eq!(addition.span(today), Span::Now);
        }
        for (from, addition) in &found.later {
            prop_assert!(*from > today && addition.goes_on(today));
        }
        let standing = additions.iter().filter(|addition| addition.goes_on(today)).count();
        let handed_over = additions.iter().filter(|addition| addition.span(today) == Span::Now && addition.cancelled == Some(today)).count();
        prop_assert!(found.now.len() + found.later.len() <= standing);
        prop_assert!(found.now.len() + found.later.len() + handed_over >= standing);
    }

    #[test]
    fn what_is_invoiced_is_never_more_than_what_stands_there(additions in prop::collection::vec(any_addition(), 0..5), days in 0_u64..60) {
        let today = day("2026-12-01") + chrono::Days::new(days);
        let active = agreement(AgreementStatus::Active, None);
        let all: Quantity = additions.iter().map(|addition| addition.quantity).sum();
        let found = on_day(&additions, today);
        prop_assert!(invoiced(found.now.iter().copied(), &active, today) <= all);
        prop_assert_eq!(invoiced(&additions, &agreement(AgreementStatus::Cancelled, None), today), Quantity::ZERO);
        prop_assert_eq!(invoiced(found.later.iter().map(|(_, addition)| *addition), &active, today), Quantity::ZERO);
    }
}
