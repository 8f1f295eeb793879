//! What an edited mapping changes, seen on whole plans.

use rust_decimal::Decimal;

use super::*;
use crate::billing::{Difference, difference};

fn after(edit: impl FnOnce(&mut World)) -> Difference {
    let mut world = acme();
    let before = world.plan();
    edit(&mut world);
    difference(&before, &world.plan())
}

fn amounts(difference: &Difference) -> Vec<String> {
    difference.amounts.iter().map(|(currency, amount)| format!("{amount} {}", currency.as_deref().unwrap_or("?"))).collect()
}

#[test]
fn a_plan_does_not_differ_from_itself() {
    assert_eq!(after(|_| ()), Difference::default());
}

#[test]
fn fewer_units_are_told_with_what_they_come_to_and_both_sums() {
    let told = after(|world| world.seats("acme").licences[0].ordered = 26);
    assert_eq!((told.lines, told.change.to_string(), amounts(&told)), (1, "-1".to_owned(), vec!["-2.50 EUR".to_owned()]));
    let [line] = told.first.as_slice() else { panic!("one line: {told:?}") };
    let (before, after) = (line.before.as_ref().expect("it was there"), line.after.as_ref().expect("it stays"));
    assert_eq!((units(before.target), units(after.target)), ("27".to_owned(), "26".to_owned()));
    assert!(before.reason.starts_with("27 ordered") && after.reason.starts_with("26 ordered"), "{line:?}");
}

#[test]
fn another_catalog_product_takes_the_units_from_one_line_to_another() {
    let told = after(|world| {
        world.addition(AGREEMENT, 10, CatalogId(72), 0);
        world.map_product("111", CatalogId(72));
    });
    assert_eq!((told.lines, told.change), (2, Quantity::ZERO));
    let changes: Vec<String> = told.first.iter().map(|line| units(line.change)).collect();
    assert_eq!(changes, ["-27", "27"]);
}

#[test]
fn what_is_not_known_is_said_and_not_summed_up() {
    let told = after(|world| world.seats("acme").complete = false);
    assert_eq!((told.lines, told.unknown, told.held, told.change), (1, 1, 1, Quantity::ZERO));
    assert_eq!(amounts(&told), [""; 0]);
}

#[test]
fn units_without_a_price_are_counted_apart() {
    let mut world = acme();
    world.additions(AGREEMENT)[0].unit_price = None;
    let before = world.plan();
    world.seats("acme").licences[0].ordered = 40;
    let told = difference(&before, &world.plan());
    assert_eq!((told.unpriced, told.change.to_string(), amounts(&told).len()), (1, "13".to_owned(), 0));
}

#[test]
fn a_line_that_nothing_can_be_written_for_changes_no_invoice() {
    let mut world = acme();
    world.additions(AGREEMENT).clear();
    let before = world.plan();
    world.seats("acme").licences[0].ordered = 30;
    let told = difference(&before, &world.plan());
    assert_eq!((told.change.to_string(), amounts(&told).len(), told.unpriced), ("3".to_owned(), 0, 0));
}

#[test]
fn what_only_tells_something_holds_nothing() {
    let mut world = acme();
    world.wrote(9, 25);
    let before = world.plan();
    world.records = Some(TrackRecords::new());
    world.seats("acme").licences[0].ordered = 26;
    let told = difference(&before, &world.plan());
    assert_eq!((told.lines, told.held), (1, 0), "{told:?}");
    assert!(told.first.iter().all(|line| line.after.as_ref().is_some_and(|side| side.held.is_none())));
}

#[test]
fn currencies_are_kept_apart() {
    let mut world = acme();
    world.company("beta", "Beta");
    world.licence("beta", "BBB-BBB-BB1", "111", 5);
    world.map("beta", AgreementId(501));
    world.addition(AgreementId(501), 11, PROTECT, 5);
    world.tenant().catalogue.agreements.get_mut(&AgreementId(501)).expect("the agreement").currency = Some("USD".to_owned());
    let before = world.plan();
    for company in ["acme", "beta"] {
        world.seats(company).licences[0].ordered += 2;
    }
    assert_eq!(amounts(&difference(&before, &world.plan())), ["5.00 EUR", "5.00 USD"]);
}

#[test]
fn the_largest_changes_are_told_first_and_only_some_of_them() {
    let mut world = acme();
    let before = world.plan();
    for number in 0..20_u32 {
        let (id, code) = (format!("new-{number}"), format!("N-{number}"));
        world.company(&id, &format!("New {number}"));
        world.licence(&id, &code, "111", number + 1);
    }
    let told = difference(&before, &world.plan());
    assert_eq!((told.lines, told.held, told.first.len()), (20, 20, 8));
    assert_eq!(told.first.first().map(|line| units(line.change)), Some("20".to_owned()));
    assert_eq!(told.change.decimal(), Decimal::from(210));
}
