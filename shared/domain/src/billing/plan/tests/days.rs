//! What bills today, and what is prepared for later.

use chrono::NaiveDate;

use super::*;
use crate::mapping::BillCustomer;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// The line of 96 seats whose addition ends on `last` and is followed by one from `first` on.
fn followed(last: Option<&str>, first: &str) -> World {
    let mut world = acme();
    set(&mut world, 96, 96);
    world.additions(AGREEMENT)[0].cancelled = last.map(day);
    let next = world.addition(AGREEMENT, 10, PROTECT, 96);
    (next.effective, next.unit_price) = (Some(day(first)), Money::from_vendor(2.6));
    world
}

#[test]
fn a_prepared_price_change_is_shown_with_its_day_and_never_doubled() {
    for last in ["2026-12-31", "2027-01-01", "2026-12-30"] {
        let line = followed(Some(last), "2027-01-01").line();
        assert_eq!((units(line.billed), units(line.invoiced), line.addition), ("96".into(), "96".into(), Some(AdditionId(9))), "{last}");
        assert_eq!(codes(&line), ["succeeded"]);
        assert!(!line.held(), "nothing is wrong");
        assert_eq!(line.guards[0].message(), "From 2027-01-01 on another addition bills 96 at 2.60 each instead.");
    }
}

#[test]
fn what_follows_takes_over_on_its_day() {
    let mut world = followed(Some("2026-12-31"), "2027-01-01");
    world.now = at("2026-12-31T12:00:00Z");
    assert_eq!(world.line().addition, Some(AdditionId(9)), "the last day still bills");
    world.now = at("2027-01-01T12:00:00Z");
    let line = world.line();
    assert_eq!((units(line.billed), line.addition, line.unit_price), ("96".into(), Some(AdditionId(10)), Money::from_vendor(2.6)));
    assert!(!codes(&line).contains(&"more_than_one_ongoing_addition"));
}

#[test]
fn two_that_would_bill_together_from_a_day_on_are_said_so_before() {
    let line = followed(None, "2027-01-01").line();
    assert_eq!((units(line.billed), codes(&line)), ("96".into(), vec!["overlaps"]));
    assert_eq!(line.guards[0].message(), "Another addition begins on 2027-01-01 and this one does not end: both would bill 192.");
    let mut later = followed(None, "2027-01-01");
    later.now = at("2027-01-02T12:00:00Z");
    let line = later.line();
    assert_eq!(units(line.billed), "192");
    assert!(codes(&line).contains(&"more_than_one_ongoing_addition"));
}

#[test]
fn what_begins_later_bills_nothing_today_and_no_other_one_is_made() {
    let mut world = acme();
    world.additions(AGREEMENT)[0].effective = Some(day("2027-01-01"));
    let line = world.line();
    assert_eq!((units(line.billed), units(line.invoiced), line.create.clone()), ("0".into(), "0".into(), None));
    assert!(line.blocked() && line.is_unbilled());
    assert_eq!(line.guards[0].message(), "The agreement's addition of this product, 25, begins on 2027-01-01.");
}

/// Why a line reaches no invoice, and what it says.
#[test]
fn what_reaches_no_invoice_is_billed_0_and_held() {
    let table: [(Bend, &str); 5] = [
        (|world| world.agreement().status = AgreementStatus::Cancelled, "agreement_not_active"),
        (|world| world.agreement().status = AgreementStatus::Expired, "agreement_not_active"),
        (|world| world.agreement().bill_start = Some(day("2027-01-01")), "billing_not_started"),
        (|world| world.agreement().ends = Some(day("2026-11-01")), "agreement_ended"),
        (|world| world.additions(AGREEMENT)[0].effective = Some(day("2027-01-01")), "not_begun"),
    ];
    for (bend, code) in table {
        let mut world = acme();
        bend(&mut world);
        let line = world.line();
        assert!(codes(&line).contains(&code), "{code}: {:?}", codes(&line));
        assert_eq!((units(line.invoiced), line.held(), line.is_unbilled()), ("0".into(), true, true), "{code}");
    }
}

#[test]
fn what_is_only_to_be_known_holds_nothing() {
    let table: [(Bend, &str, &str); 6] = [
        (|world| world.additions(AGREEMENT)[0].bill = Some(BillCustomer::NoCharge), "not_charged", "25"),
        (|world| world.additions(AGREEMENT)[0].bill = Some(BillCustomer::DoNotBill), "not_charged", "0"),
        (|world| world.additions(AGREEMENT)[0].cancelled = Some(day("2026-12-31")), "ends", "25"),
        (|world| world.agreement().one_time = true, "not_recurring", "25"),
        (|world| world.agreement().cycle = Some("Not Recurring".to_owned()), "not_recurring", "25"),
        (|world| world.agreement().ends = Some(at("2026-11-22T00:00:00Z").date_naive()), "", "25"),
    ];
    for (bend, code, invoiced) in table {
        let mut world = acme();
        bend(&mut world);
        let line = world.line();
        let expected: Vec<&str> = [code].into_iter().filter(|code| !code.is_empty()).collect();
        assert_eq!((codes(&line), units(line.invoiced), line.held()), (expected, invoiced.to_owned(), false), "{code}");
    }
}

#[test]
fn what_is_not_charged_is_worth_nothing() {
    let mut world = acme();
    world.additions(AGREEMENT)[0].bill = Some(BillCustomer::NoCharge);
    assert_eq!(world.line().amount(), Some(Money::ZERO));
}

#[test]
fn dated_additions_add_up_to_what_bills_once_all_have_begun() {
    let today = day("2026-11-22");
    let units = |world: &mut World| crate::billing::units_on(world.additions(AGREEMENT).iter(), today).to_string();
    assert_eq!(units(&mut followed(Some("2026-12-31"), "2027-01-01")), "96", "one follows the other");
    assert_eq!(units(&mut followed(Some("2027-01-01"), "2027-01-01")), "96");
    assert_eq!(units(&mut followed(None, "2027-01-01")), "192", "one more is made for a later day");
    let mut ended = acme();
    ended.additions(AGREEMENT)[0].cancelled = Some(today);
    assert_eq!(units(&mut ended), "0", "what we ended for a day is not of that day's sum");
}
