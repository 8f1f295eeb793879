//! How a line is to be written: on which day, by which rule, and what is made where there is nothing to set.

use domain::billing::example::*;
use domain::billing::*;
use domain::ids::*;
use domain::mapping::*;
use domain::mapping::{BillCustomer, CompanyProduct, CreateRule, EffectiveRule, WriteRule};
use domain::money::*;
use engine::{Change, Intent, IntentState};

fn by(write: WriteRule) -> World {
    let mut world = acme();
    let rule = ProductRule { write, ..ProductRule::default() };
    world.choose_product("111", ProductChoice::Mapped { product: PROTECT, rule });
    world
}

fn create() -> WriteRule {
    let create = CreateRule { unit_price: Money::from_vendor(3.5), bill: BillCustomer::Billable };
    WriteRule { create: Some(create), ..WriteRule::default() }
}

fn codes(line: &Line) -> Vec<&str> {
    line.guards.iter().map(Guard::code).collect()
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().expect("a day")
}

#[test]
fn a_change_counts_from_the_day_its_rule_says() {
    use EffectiveRule::{BeforeInvoice, FirstOfNext, Now};
    let table = [
        (Now, None, None, &[][..]),
        (FirstOfNext, None, Some("2026-12-01"), &[]),
        (BeforeInvoice, Some("2026-12-15"), Some("2026-12-14"), &[]),
        (BeforeInvoice, Some("2026-12-15T00:00:00Z"), Some("2026-12-14"), &[]),
        (BeforeInvoice, Some("12/15/2026"), Some("2026-12-14"), &[]),
        (BeforeInvoice, Some("2026-11-23"), None, &[]),
        (BeforeInvoice, Some("2026-10-15"), None, &[]),
        (BeforeInvoice, Some("03/04/2027"), None, &["no_invoice_date"]),
        (BeforeInvoice, Some("after the harvest"), None, &["no_invoice_date"]),
        (BeforeInvoice, None, None, &["no_invoice_date"]),
    ];
    for (effective, next, expected, guards) in table {
        let mut world = by(WriteRule { effective, ..WriteRule::default() });
        world.agreement().next_invoice = next.map(str::to_owned);
        let line = world.line();
        assert_eq!((line.effective, codes(&line)), (expected.map(day), guards.to_vec()), "{effective:?}, {next:?}");
        let waits = Intent::of(&line).expect("a change").not_before;
        assert_eq!(waits.map(|moment| moment.to_rfc3339()), expected.map(|day| format!("{day}T00:00:00+00:00")));
    }
}

#[test]
fn a_line_that_is_right_needs_no_invoice_date() {
    let mut world = by(WriteRule { effective: EffectiveRule::BeforeInvoice, ..WriteRule::default() });
    world.seats("acme").licences[0].ordered = 25;
    assert_eq!(codes(&world.line()), [""; 0]);
}

#[test]
fn a_missing_addition_is_made_only_where_a_person_said_so() {
    let mut world = by(create());
    world.tenant().additions.get_mut(&AGREEMENT).expect("read").additions.clear();
    let line = world.line();
    assert_eq!((codes(&line), line.blocked(), line.risk), (vec!["new_addition"], false, Risk::High));
    assert_eq!((line.billed, line.change(), line.amount()), (Some(0.into()), Some(27.into()), Money::from_vendor(94.5)));
    let intent = Intent::of(&line).expect("a change");
    let Change::Create { product, bill, unit_price, effective, .. } = intent.effect.clone() else { panic!("{intent:?}") };
    assert_eq!((product, bill, unit_price), (PROTECT, BillCustomer::Billable, Money::from_vendor(3.5)));
    assert_eq!((effective, intent.not_before, intent.addition), (day("2026-11-22"), None, None));
    world.seats("acme").licences[0].ordered = 0;
    assert!(world.plan().iter().all(|line| line.create.is_none()), "nothing is made for nobody");
    let mut plain = by(WriteRule::default());
    plain.tenant().additions.get_mut(&AGREEMENT).expect("read").additions.clear();
    assert_eq!(codes(&plain.line()), ["no_ongoing_addition"]);
}

#[test]
fn a_new_addition_begins_where_the_agreement_will_invoice_it() {
    let table = [(Some(true), "2026-11-22"), (None, "2026-11-22"), (Some(false), "2026-12-15")];
    for (prorates, expected) in table {
        let mut world = by(create());
        world.tenant().additions.get_mut(&AGREEMENT).expect("read").additions.clear();
        world.agreement().prorates = prorates;
        world.agreement().next_invoice = Some("2026-12-15".to_owned());
        assert_eq!(world.line().effective, Some(day(expected)), "{prorates:?}");
    }
}

#[test]
fn making_one_again_after_it_ended_is_another_change() {
    let mut world = by(create());
    world.tenant().additions.get_mut(&AGREEMENT).expect("read").additions.clear();
    let first = Intent::of(&world.line()).expect("a change");
    assert_eq!(Intent::of(&world.line()).map(|intent| intent.id), Some(first.id.clone()), "the same proposal is the same intent");
    world.addition(AGREEMENT, 12, PROTECT, 27).cancelled = Some(day("2026-11-21"));
    let again = Intent::of(&world.line()).expect("a change");
    assert_ne!(again.id, first.id);
}

#[test]
fn rules_that_differ_on_one_line_hold_it() {
    let mut world = acme();
    world.licence("acme", "AAA-AAA-AA2", "222", 3);
    let rule = ProductRule { write: create(), ..ProductRule::default() };
    world.choose_product("222", ProductChoice::Mapped { product: PROTECT, rule });
    assert_eq!(codes(&world.line()), ["write_rules_differ"]);
    let own = CompanyProduct { rule: Some(ProductRule::default()), ..CompanyProduct::default() };
    world.target("acme").products.insert("222".into(), own);
    assert_eq!(codes(&world.line()), [""; 0], "the company's own rule goes before the product's");
}

#[test]
fn what_was_taken_back_is_held_until_a_person_approves_it() {
    let mut world = acme();
    let last = LastWrite { quantity: 25.into(), reversed: Some("wrong customer".to_owned()) };
    world.written.insert((CW.into(), AdditionId(9)), last);
    let line = world.line();
    assert_eq!((codes(&line), line.blocked()), (vec!["reversed"], false));
}

#[test]
fn what_is_taken_back_goes_to_the_recorded_quantity_or_ends() {
    let mut done = Intent::of(&acme().line()).expect("a change");
    let now = at("2026-11-25T12:00:00Z");
    assert_eq!(done.reversal("no", now), None, "it is not done");
    done.state = IntentState::Done;
    let back = done.reversal("no", now).expect("a reversal");
    assert_eq!((back.from, back.to, back.effect.clone()), (27.into(), 25.into(), Change::Set));
    assert_eq!(done.reversal("other words", now).map(|again| again.id), Some(back.id), "one change is taken back by one");
    for (effective, expected) in [("2026-11-22", "2026-11-25"), ("2026-12-01", "2026-12-01")] {
        let effective = day(effective);
        let bill = BillCustomer::Billable;
        done.effect = Change::Create { product: PROTECT, description: String::new(), bill, unit_price: None, effective, beside: None };
        let end = done.reversal("no", now).expect("a reversal").effect;
        assert_eq!(end, Change::End { cancelled: day(expected) });
    }
}
