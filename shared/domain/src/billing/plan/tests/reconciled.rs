//! Reconciliation, over the same worlds as the plan.

use proptest::prelude::*;

use super::*;
use crate::billing::{AdditionCosts, FindingKind, Reconciled, Reconciler, Totals};
use crate::seats::NotCounted;

fn money(amount: f64) -> Option<Money> {
    Money::from_vendor(amount)
}

impl World {
    fn costs(&self) -> AdditionCosts {
        let all = self.tenants.iter().flat_map(|(psa, tenant)| tenant.additions.values().map(move |read| (psa, read)));
        let additions = all.flat_map(|(psa, read)| read.additions.iter().map(move |addition| (psa, addition)));
        additions.filter_map(|(psa, addition)| Some(((psa.clone(), addition.id), addition.unit_cost?))).collect()
    }

    fn rows(&self, threshold: u32) -> Vec<Reconciled> {
        let (snapshots, costs) = (self.snapshots.iter().collect::<Vec<_>>(), self.costs());
        let reconciler = Reconciler::new(&snapshots, &self.mappings, &costs, threshold);
        self.plan().iter().map(|line| reconciler.row(line)).collect()
    }

    fn row(&self) -> Reconciled {
        let rows = self.rows(0);
        let [row] = rows.as_slice() else { panic!("not one row: {rows:#?}") };
        row.clone()
    }

    fn give_cost(&mut self, code: &str, cost: f64) {
        let rule = ProductRule { cost: money(cost), ..ProductRule::default() };
        self.choose_product(code, ProductChoice::Mapped { product: PROTECT, rule });
    }

    fn count_days(&mut self, company: &str, code: &str, days: u64) {
        self.snapshots[0].usage_days = (at("2026-11-01T00:00:00Z").date_naive(), at("2026-11-21T00:00:00Z").date_naive());
        self.seats(company).seat_days.insert(code.into(), days);
    }
}

fn kinds(row: &Reconciled) -> Vec<FindingKind> {
    row.findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn ordered_used_and_billed_stand_side_by_side() {
    let mut world = acme();
    world.give_cost("111", 1.2);
    world.count_days("acme", "111", 540);
    world.additions(AGREEMENT)[0].included = Quantity::from(5);
    let row = world.row();
    assert_eq!((row.ordered, row.activated, row.quantity, row.billed), (Some(27), Some(13), Some(25.into()), Some(20.into())));
    assert_eq!(row.difference.expect("known").to_string(), "-7");
    assert_eq!((row.price, row.cost, row.cost_estimated), (money(50.0), money(32.4), false));
    assert_eq!(row.margin, money(17.6));
    assert_eq!((row.seat_days, row.seat_months.expect("known").to_string().as_str()), (Some(540), "18"));
    assert_eq!(kinds(&row), [FindingKind::OverOrdered]);
    assert_eq!(row.findings[0].amount, money(16.8));
    assert_eq!(
        row.findings[0].words,
        "Customer 1 has 27 of ESET-PROTECT ordered and uses 13: 14 unused, which you pay for, 16.80 EUR a month."
    );
}

#[test]
fn connectwises_own_cost_is_only_an_estimate() {
    let mut world = acme();
    world.additions(AGREEMENT)[0].unit_cost = money(1.0);
    let row = world.row();
    assert_eq!((row.cost, row.unit_cost, row.cost_estimated), (money(27.0), money(1.0), true));
    assert!(row.findings[0].estimated && row.findings[0].words.ends_with("14.00 EUR a month (est.)."), "{}", row.findings[0].words);
    world.give_cost("111", 1.2);
    assert_eq!((world.row().cost, world.row().cost_estimated), (money(32.4), false), "what a person gave goes first");
}

#[test]
fn a_companys_own_cost_goes_before_its_products() {
    let mut world = acme();
    world.give_cost("111", 1.2);
    let rule = ProductRule { cost: money(1.0), ..ProductRule::default() };
    let own = crate::mapping::CompanyProduct { rule: Some(rule), ..Default::default() };
    world.target("acme").products.insert("111".into(), own);
    assert_eq!(world.row().cost, money(27.0));
}

#[test]
fn a_cost_that_is_given_for_some_of_the_seats_is_not_the_cost_of_all() {
    let mut world = acme();
    world.give_cost("111", 1.2);
    world.licence("acme", "AAA-AAA-AA2", "112", 3);
    world.map_product("112", PROTECT);
    assert_eq!((world.row().cost, world.row().margin), (None, None));
    let sums = totals(&world.rows(0));
    assert_eq!((sums.money[0].without_cost, sums.money[0].without_margin), (1, 1));
}

#[test]
fn what_does_not_agree_is_found() {
    use FindingKind::{BilledUnused, OverOrdered, OverUsed, Unbilled};
    type Bend = fn(&mut World);
    let table: [(&str, Bend, &[FindingKind]); 8] = [
        ("all is well", |world| world.seats("acme").licences[0].activated = 27, &[]),
        ("unused", |world| world.seats("acme").licences[0].activated = 26, &[OverOrdered]),
        ("over-used", |world| world.seats("acme").licences[0].activated = 30, &[OverUsed]),
        ("no addition", |world| world.additions(AGREEMENT).clear(), &[OverOrdered, Unbilled]),
        ("no mapping", |world| world.mappings = Mappings::default(), &[OverOrdered, Unbilled]),
        ("billed, gone at ESET", |world| world.seats("acme").licences.clear(), &[BilledUnused]),
        ("not read to its end", |world| world.seats("acme").complete = false, &[]),
        ("agreement gone: what it bills is not known", |world| world.tenant().catalogue.agreements.clear(), &[OverOrdered]),
    ];
    for (what, bend, expected) in table {
        let mut world = acme();
        bend(&mut world);
        assert_eq!(kinds(&world.row()), expected, "{what}: {:#?}", world.row());
    }
}

#[test]
fn a_difference_of_up_to_the_threshold_is_let_pass() {
    let mut world = acme();
    world.seats("acme").licences[0].activated = 30;
    assert_eq!(kinds(&world.rows(2)[0]), [FindingKind::OverUsed]);
    assert!(world.rows(3)[0].findings.is_empty());
    let amount = world.rows(0)[0].findings[0].amount;
    assert_eq!(amount, money(7.5), "what the customer owes, at its price");
}

#[test]
fn what_is_not_known_is_in_no_sum_and_is_counted() {
    let mut world = acme();
    world.company("beta", "Beta");
    world.licence("beta", "BBB-BBB-BB1", "111", 10);
    world.seats("acme").complete = false;
    let sums = totals(&world.rows(0));
    assert_eq!((sums.rows, sums.not_known, sums.ordered, sums.billed), (2, 1, 10, Quantity::ZERO));
}

#[test]
fn seat_days_of_another_month_are_not_this_months() {
    let mut world = acme();
    world.count_days("acme", "111", 540);
    world.now = at("2026-12-01T00:10:00Z");
    let row = world.row();
    assert_eq!((row.seat_days, row.seat_months), (None, None));
    assert_eq!(totals(&world.rows(0)).without_seat_days, 1);
}

#[test]
fn a_suspended_licence_costs_nothing_and_its_seat_days_still_count() {
    let mut world = acme();
    world.give_cost("111", 1.2);
    world.licence("acme", "AAA-AAA-AA2", "111", 5);
    world.seats("acme").licences[1].state = LicenceState::Suspended;
    world.count_days("acme", "111", 600);
    let row = world.row();
    assert_eq!((row.ordered, row.cost, row.seat_days), (Some(27), money(32.4), Some(600)));
    assert!(world.line().evidence.licences.iter().any(|item| item.not_counted == Some(NotCounted::Suspended)));
}

fn totals(rows: &[Reconciled]) -> Totals {
    let mut totals = Totals::default();
    rows.iter().for_each(|row| totals.add(row));
    totals
}

/// Companies with random seats, prices and holes.
fn worlds() -> impl Strategy<Value = World> {
    let company = (0..40_u32, 0..40_u32, 0..40_u32, prop::option::of(0..500_i32), prop::option::of(0..500_i32), 0..8_u8);
    (proptest::collection::vec(company, 0..3), prop::option::of(1..300_u32)).prop_map(|(companies, cost)| {
        let mut world = acme();
        for (index, (ordered, activated, billed, price, unit_cost, kind)) in companies.into_iter().enumerate() {
            let (id, agreement) = (format!("c{index}"), AgreementId(500 + i64::try_from(index).expect("small")));
            world.company(&id, &format!("Company {index}"));
            world.licence(&id, &format!("L{index}"), "111", ordered);
            let seats = world.seats(&id);
            seats.licences[0].activated = activated;
            seats.complete = kind != 0;
            if kind != 1 {
                world.map(&id, agreement);
            }
            if kind != 2 && index > 0 {
                let addition = world.addition(agreement, 20 + agreement.0, PROTECT, billed);
                addition.unit_price = price.and_then(|price| money(f64::from(price) / 100.0));
                addition.unit_cost = unit_cost.and_then(|cost| money(f64::from(cost) / 100.0));
            }
            if kind == 3 {
                world.tenant().catalogue.agreements.get_mut(&agreement).expect("the agreement").currency = None;
            }
        }
        if let Some(cost) = cost {
            world.give_cost("111", f64::from(cost) / 100.0);
        }
        world
    })
}

proptest! {
    #[test]
    fn the_companies_sums_come_to_the_total(world in worlds(), threshold in 0..5_u32) {
        let rows = world.rows(threshold);
        let mut companies: BTreeMap<&str, Totals> = BTreeMap::new();
        for row in &rows {
            companies.entry(&row.company).or_default().add(row);
        }
        let mut merged = Totals::default();
        companies.values().for_each(|sums| merged.merge(sums));
        prop_assert_eq!(merged, totals(&rows));
    }

    #[test]
    fn every_row_is_in_the_sums_or_counted_as_left_out(world in worlds()) {
        let rows = world.rows(0);
        let sums = totals(&rows);
        let known: Vec<_> = rows.iter().filter(|row| row.known()).collect();
        prop_assert_eq!(usize::try_from(sums.rows - sums.not_known), Ok(known.len()));
        prop_assert_eq!(sums.ordered, known.iter().map(|row| u64::from(row.ordered.expect("known"))).sum::<u64>());
        for money in &sums.money {
            let of: Vec<_> = known.iter().filter(|row| row.currency == money.currency).collect();
            let priced = of.iter().filter_map(|row| row.price).fold(Money::ZERO, |sum, price| sum + price);
            prop_assert_eq!(money.price, priced);
            prop_assert_eq!(usize::try_from(money.without_price), Ok(of.iter().filter(|row| row.price.is_none()).count()));
            let margins = of.iter().filter_map(|row| Some(row.price? - row.cost?)).fold(Money::ZERO, |sum, margin| sum + margin);
            prop_assert_eq!(money.margin, margins);
        }
    }

    #[test]
    fn a_row_whose_seats_are_not_known_has_no_number_and_no_finding(world in worlds()) {
        for row in world.rows(0).iter().filter(|row| row.ordered.is_none()) {
            prop_assert!(row.findings.is_empty() && row.cost.is_none() && row.difference.is_none() && row.margin.is_none(), "{row:#?}");
        }
    }

    #[test]
    fn a_higher_threshold_finds_no_more(world in worlds(), threshold in 0..40_u32) {
        let found = |threshold| world.rows(threshold).iter().map(|row| row.findings.len()).collect::<Vec<_>>();
        prop_assert!(found(threshold).iter().zip(found(threshold + 1)).all(|(low, high)| high <= *low));
    }
}
