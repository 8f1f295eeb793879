//! The plan, line by line.

use std::collections::BTreeMap;

use super::*;
use crate::billing::example::*;
use crate::billing::{Guard, LineKey, MappingKey, Standing, TrackRecord, TrackRecords};
use crate::groups::Groups;
use crate::ids::{AdditionId, AgreementId, CatalogId, ConnectionId, EsetCompanyId, ProductCode, PsaCompanyId};
use crate::mapping::{CompanyChoice, CompanyProducts, CompanyTarget, Exclusion, Mappings, ProductChoice, ProductRule};
use crate::money::{Money, Quantity};
use crate::psa::AgreementStatus;
use crate::seats::LicenceState;

mod accounts;
mod counting;
mod days;
mod differences;
mod guards;
mod previews;
mod reconciled;
mod shares;
mod unknown;

fn excluded() -> Exclusion {
    Exclusion { reason: "ours".to_owned(), by: "Ann".to_owned(), at: at("2026-11-01T00:00:00Z") }
}

fn codes(line: &Line) -> Vec<&'static str> {
    line.guards.iter().map(Guard::code).collect()
}

fn units(quantity: Option<Quantity>) -> String {
    quantity.map_or_else(|| "?".to_owned(), |quantity| quantity.to_string())
}

/// Makes something wrong in a world.
type Bend = fn(&mut World);

fn set(world: &mut World, billed: u32, ordered: u32) {
    world.additions(AGREEMENT)[0].quantity = Quantity::from(billed);
    world.seats("acme").licences[0].ordered = ordered;
}

#[test]
fn what_was_ordered_is_proposed_with_its_reason_and_nothing_holds_it() {
    let line = acme().line();
    assert_eq!((units(line.billed), units(line.target), units(line.change())), ("25".into(), "27".into(), "2".into()));
    assert_eq!((line.company.as_str(), line.product.name.as_str()), ("Customer 1", "ESET-PROTECT"));
    assert_eq!((line.ordered, line.activated), (Some(27), Some(13)));
    assert_eq!(line.reason, "27 ordered on 1 licence");
    assert_eq!(codes(&line), [""; 0]);
    assert_eq!(line.addition, Some(AdditionId(9)));
    assert!(line.automatic);
}

#[test]
fn trials_suspended_and_replaced_licences_are_shown_and_not_counted() {
    let mut world = acme();
    for (id, trial, state) in
        [("T", true, LicenceState::Normal), ("S", false, LicenceState::Suspended), ("O", false, LicenceState::Obsolete)]
    {
        world.licence("acme", id, "111", 100);
        let added = world.seats("acme").licences.last_mut().expect("the licence");
        (added.trial, added.state) = (trial, state);
    }
    let line = world.line();
    assert_eq!((line.ordered, line.activated), (Some(27), Some(13)));
    assert_eq!(line.evidence.licences.len(), 4);
    assert_eq!(line.reason, "27 ordered on 1 licence; 3 trial or suspended not counted");
}

#[test]
fn a_trial_of_what_is_not_billed_makes_no_line() {
    let mut world = acme();
    world.additions(AGREEMENT).clear();
    world.seats("acme").licences[0].trial = true;
    assert_eq!(world.plan(), []);
    world.mappings.companies.clear();
    assert_eq!(world.plan(), []);
}

#[test]
fn two_companies_on_one_agreement_add_up() {
    let mut world = acme();
    world.company("branch", "Acme Branch");
    world.licence("branch", "BBB-BBB-BB1", "111", 3);
    world.map("branch", AGREEMENT);
    let line = world.line();
    assert_eq!(line.ordered, Some(30));
    let companies: Vec<&str> = line.evidence.licences.iter().map(|item| item.company.as_str()).collect();
    assert_eq!(companies, ["Acme", "Acme Branch"]);
    assert_eq!(line.company, "Customer 1");
}

#[test]
fn a_shared_line_is_named_after_the_company_that_is_invoiced() {
    let mut world = acme();
    world.company("a-branch", "A Branch");
    world.licence("a-branch", "BBB-BBB-BB1", "111", 3);
    world.map("a-branch", AGREEMENT);
    world.target("a-branch").company = PsaCompanyId(3);
    assert_eq!(world.line().company, "Customer 1");
}

#[test]
fn two_eset_products_sold_as_one_add_up() {
    let mut world = acme();
    world.licence("acme", "AAA-AAA-AA2", "222", 4);
    world.map_product("222", PROTECT);
    let line = world.line();
    assert_eq!(line.ordered, Some(31));
    assert_eq!(line.product.eset, ["ESET 111", "ESET 222"]);
}

#[test]
fn what_is_excluded_makes_no_line() {
    let mut world = acme();
    world.choose("acme", CompanyChoice::Excluded(excluded()));
    assert_eq!(world.plan(), []);
    let mut world = acme();
    world.choose_product("111", ProductChoice::Excluded(excluded()));
    assert_eq!(world.plan(), []);
}

#[test]
fn included_units_cost_nothing() {
    let mut world = acme();
    world.additions(AGREEMENT)[0].included = Quantity::from(26);
    let line = world.line();
    assert_eq!(line.amount().map(|amount| amount.to_string()), Some("2.50".to_owned()), "27 less 26 included is one at 2.50");
    world.additions(AGREEMENT)[0].included = Quantity::ZERO;
    assert_eq!(world.line().amount().map(|amount| amount.to_string()), Some("5.00".to_owned()));
}

#[test]
fn a_line_commits_by_itself_only_when_every_company_on_it_does() {
    let mut world = acme();
    world.company("branch", "Acme Branch");
    world.map("branch", AGREEMENT);
    assert!(world.line().automatic);
    world.target("branch").automatic = false;
    assert!(!world.line().automatic, "also a company without seats of the product");
    world.snapshots[0].companies.remove(&EsetCompanyId::from("branch"));
    assert!(!world.line().automatic);
}
