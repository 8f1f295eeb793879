//! Several accounts, snapshots and connections that show the same company.

use super::*;

#[test]
fn a_company_that_two_accounts_reach_is_counted_once() {
    let mut world = acme();
    world.second_account(AGREEMENT);
    let line = world.line();
    assert_eq!((line.ordered, codes(&line).len()), (Some(27), 0));
    assert_eq!(line.evidence.snapshots.len(), 2);
    let second = &mut world.snapshots[1];
    second.taken_at = at("2026-11-22T08:00:00Z");
    second.companies.values_mut().for_each(|seats| seats.licences[0].ordered = 28);
    assert_eq!(world.line().ordered, Some(28), "the later reading counts");
}

#[test]
fn a_company_that_two_accounts_reach_is_not_billed_on_two_agreements() {
    let mut world = acme();
    world.addition(AgreementId(501), 11, PROTECT, 27);
    world.second_account(AgreementId(501));
    let lines = world.plan();
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert_eq!(codes(&line), ["billed_elsewhere"]);
        assert!(line.blocked());
    }
}

#[test]
fn a_licence_listed_twice_is_counted_once() {
    let mut world = acme();
    world.licence("acme", "AAA-AAA-AA1", "111", 27);
    assert_eq!(world.line().ordered, Some(27));
}

#[test]
fn of_two_snapshots_of_one_account_the_later_one_counts() {
    let mut world = acme();
    let mut later = world.snapshots[0].clone();
    later.taken_at = at("2026-11-22T09:00:00Z");
    later.companies.values_mut().for_each(|seats| seats.licences[0].ordered = 29);
    world.snapshots.push(later);
    assert_eq!(world.line().ordered, Some(29));
    world.snapshots.reverse();
    assert_eq!(world.line().ordered, Some(29));
}

#[test]
fn a_line_of_a_missing_connection_still_says_whose_and_of_what_it_is() {
    let mut world = acme();
    world.tenants.clear();
    let line = world.line();
    assert_eq!((line.company.as_str(), line.product.name.as_str(), line.product.catalog), ("Acme", "ESET 111", Some(PROTECT)));
}

/// The same tenant, through a second connection of another name.
fn connected_twice(world: &mut World) {
    let second = world.tenant().clone();
    world.tenants.insert("cw-2".into(), second);
    let products = world.mappings.products.get(&ConnectionId::from(CW)).expect("products").clone();
    world.mappings.products.insert("cw-2".into(), products);
    world.company("branch", "Acme Branch");
    world.licence("branch", "BBB-BBB-BB1", "111", 24);
    world.map("branch", AGREEMENT);
    world.target("branch").psa = "cw-2".into();
}

#[test]
fn two_connections_to_one_tenant_do_not_write_over_each_other() {
    let mut world = acme();
    connected_twice(&mut world);
    let lines = world.plan();
    assert_eq!(lines.len(), 2);
    for line in &lines {
        assert_eq!((codes(line), line.blocked()), (vec!["connected_twice"], true));
    }
    world.tenants.get_mut(&ConnectionId::from("cw-2")).expect("the tenant").name = "another site|msp".to_owned();
    assert!(world.plan().iter().all(|line| codes(line).is_empty()), "the same numbers in another tenant are another agreement");
}

#[path = "laws.rs"]
pub(super) mod laws;
