//! Laws of the plan, tried on random worlds.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;

/// A random world: few companies, agreements and products, so that they meet often.
pub(in super::super) fn worlds() -> impl Strategy<Value = World> {
    let licence = (0..3_u8, 0..60_u32, prop::bool::weighted(0.1), 0..5_u8);
    let company = (
        proptest::collection::vec(licence, 0..4),
        prop::option::weighted(0.8, 500..503_i64),
        prop::bool::weighted(0.85),
        prop::bool::weighted(0.9),
        any::<bool>(),
    );
    let addition = (500..503_i64, 71..73_i64, 0..80_u32, prop::bool::weighted(0.15), 0..3_u32, prop::option::of(0..80_u32));
    let products = proptest::collection::vec(prop::option::weighted(0.85, 71..73_i64), 3);
    (proptest::collection::vec(company, 0..6), proptest::collection::vec(addition, 0..7), products, 0..60_i64, prop::bool::weighted(0.85))
        .prop_map(|(companies, additions, products, age, complete)| {
            let mut world = acme();
            world.snapshots = vec![snapshot(ESET)];
            world.mappings = Mappings::default();
            world.additions(AGREEMENT).clear();
            for (code, product) in products.into_iter().enumerate() {
                if let Some(product) = product {
                    world.map_product(&code.to_string(), CatalogId(product));
                }
            }
            for (number, (licences, agreement, read, shown, automatic)) in companies.into_iter().enumerate() {
                let id = format!("c{number}");
                world.company(&id, &format!("Company {number}"));
                for (index, (product, ordered, trial, state)) in licences.into_iter().enumerate() {
                    world.licence(&id, &format!("{number}-{index}"), &product.to_string(), ordered);
                    let added = world.seats(&id).licences.last_mut().expect("the licence");
                    added.trial = trial;
                    added.state =
                        [LicenceState::Normal, LicenceState::Warning, LicenceState::Error, LicenceState::Suspended, LicenceState::Obsolete]
                            [usize::from(state)];
                }
                world.seats(&id).complete = read;
                if let Some(agreement) = agreement {
                    world.map(&id, AgreementId(agreement));
                    world.target(&id).automatic = automatic;
                }
                if !shown {
                    world.snapshots[0].companies.remove(&EsetCompanyId::from(id.as_str()));
                }
            }
            for (id, (agreement, product, quantity, ended, included, written)) in (1..).zip(additions) {
                let addition = world.addition(AgreementId(agreement), id, CatalogId(product), quantity);
                addition.included = Quantity::from(included);
                addition.cancelled = ended.then(|| "2026-11-01".parse().expect("a day"));
                if let Some(written) = written {
                    world.wrote(id, written);
                }
            }
            world.snapshots[0].taken_at -= chrono::TimeDelta::hours(age);
            world.snapshots[0].complete = complete;
            world
        })
}

/// The same companies, seen by three accounts.
pub(in super::super) fn split(mut world: World) -> World {
    let whole = world.snapshots.remove(0);
    let mappings = std::mem::take(&mut world.mappings.companies);
    for account in 0..3 {
        let name = format!("eset-{account}");
        let mine = |id: &EsetCompanyId| id.as_str().bytes().last().is_some_and(|byte| usize::from(byte) % 3 == account);
        let mut part = whole.clone();
        part.connection = name.as_str().into();
        part.companies.retain(|id, _| mine(id));
        world.snapshots.push(part);
        let choices = mappings.values().flatten().filter(|(id, _)| mine(id)).map(|(id, choice)| (id.clone(), choice.clone()));
        world.mappings.companies.insert(name.as_str().into(), choices.collect());
    }
    world
}

fn found_nothing_wrong(line: &Line) -> bool {
    line.guards.iter().all(|guard| guard.standing() == Standing::Asks)
}

/// Worlds to try each law on.
pub(in super::super) fn many() -> ProptestConfig {
    ProptestConfig { cases: 400, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn the_same_world_gives_the_same_lines(world in worlds()) {
        let lines = world.plan();
        prop_assert_eq!(&lines, &world.plan());
        let mut ids: Vec<_> = lines.iter().map(|line| &line.id).collect();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), lines.len(), "a line appears once");
    }

    #[test]
    fn order_does_not_matter(world in worlds(), turn in 0..3_usize) {
        let world = split(world);
        let lines = world.plan();
        let mut turned = world.clone();
        turned.snapshots.rotate_left(turn);
        turned.snapshots.iter_mut().flat_map(|snapshot| snapshot.companies.values_mut()).for_each(|seats| seats.licences.reverse());
        turned.tenant().additions.values_mut().for_each(|read| read.additions.reverse());
        prop_assert_eq!(lines, turned.plan());
    }

    #[test]
    fn it_does_not_matter_which_account_shows_a_company(world in worlds()) {
        let totals = |world: &World| -> Vec<_> {
            let billed = world.plan().into_iter().filter(|line| matches!(line.key, LineKey::Billed { .. }));
            billed.map(|line| (line.id, line.ordered, line.target, line.guards)).collect()
        };
        prop_assert_eq!(totals(&world), totals(&split(world.clone())));
    }

    #[test]
    fn what_matches_asks_for_nothing(world in worlds()) {
        for line in world.plan() {
            if line.billed == line.target {
                prop_assert!(!line.changes());
                prop_assert!(!line.guards.iter().any(|guard| guard.standing() == Standing::Asks), "{:?}", line.guards);
            }
        }
    }

    #[test]
    fn a_second_plan_after_every_change_was_made_proposes_nothing(world in worlds()) {
        let mut after = world.clone();
        let mut made = Vec::new();
        for line in world.plan() {
            if let (Some(addition), Some(agreement), Some(target), true) = (line.addition, &line.agreement, line.target, line.changes()) {
                let additions = after.additions(agreement.id);
                let addition = additions.iter_mut().find(|known| known.id == addition).expect("the addition");
                addition.quantity = target;
                made.push(line.id);
            }
        }
        for line in after.plan() {
            prop_assert!(line.addition.is_none() || !line.changes(), "{line:?}");
            prop_assert!(!made.contains(&line.id) || line.billed == line.target);
        }
    }

    #[test]
    fn every_number_is_the_sum_of_its_evidence(world in worlds()) {
        for line in world.plan() {
            let counted = line.evidence.licences.iter().filter(|item| item.not_counted.is_none());
            let known = |units: Option<u32>| units.expect("a licence has counts");
            let (ordered, activated) = counted.fold((0, 0), |sum, item| (sum.0 + known(item.ordered), sum.1 + known(item.activated)));
            if line.ordered.is_some() {
                prop_assert_eq!((line.ordered, line.activated), (Some(ordered), Some(activated)));
                prop_assert_eq!(line.target, Some(Quantity::from(ordered)));
            }
        }
    }

    #[test]
    fn every_seat_that_eset_bills_is_on_one_line_or_excluded(world in worlds()) {
        let lines = world.plan();
        for licence in world.snapshots.iter().flat_map(|snapshot| snapshot.companies.values()).flat_map(|seats| &seats.licences) {
            let on = lines.iter().filter(|line| line.evidence.licences.iter().any(|item| item.licence == licence.id)).count();
            prop_assert!(on == 1 || (on == 0 && licence.not_counted().is_some()), "{licence:?} is on {on} lines");
        }
    }

    #[test]
    fn what_is_not_known_is_never_a_number(world in worlds()) {
        for line in world.plan() {
            let unknown = line.guards.iter().any(|guard| ["snapshot_partial", "company_gone"].contains(&guard.code()));
            prop_assert_eq!(unknown, line.target.is_none());
            prop_assert_eq!(unknown, line.ordered.is_none());
            if let LineKey::Billed { agreement, .. } = &line.key {
                let members = world.mappings.targets().filter(|(_, _, target)| target.agreement == *agreement);
                let all_read = members.into_iter().all(|(_, company, _)| {
                    world.snapshots[0].companies.get(company).is_some_and(|seats| seats.complete)
                });
                prop_assert_eq!(all_read, line.target.is_some());
            }
        }
    }

    #[test]
    fn only_a_line_that_nothing_blocks_has_an_addition_to_write(world in worlds()) {
        for line in world.plan().into_iter().filter(|line| line.changes() && found_nothing_wrong(line)) {
            prop_assert!(line.addition.is_some() && line.agreement.is_some() && line.version.is_some());
        }
    }

    #[test]
    fn a_preview_changes_exactly_when_what_was_previewed_does(one in worlds(), other in worlds()) {
        let named = |line: &Line| {
            let counts: Vec<_> = line.counts.iter().map(|count| (&count.company, &count.rule, count.quantity)).collect();
            let proposed = (units(line.billed), units(line.target), line.included.to_string(), counts);
            let text = format!("{:?}", (line.addition, &line.version, proposed, codes(line)));
            (line.id.clone(), text)
        };
        let mut worlds = vec![one.clone(), other];
        let mut bent = one.clone();
        bent.tenant().additions.values_mut().flat_map(|read| &mut read.additions).for_each(|addition| addition.version.push('+'));
        worlds.push(bent);
        let mut later = one;
        later.now += chrono::TimeDelta::minutes(7);
        worlds.push(later);
        let lines: Vec<Line> = worlds.iter().flat_map(World::plan).collect();
        for line in &lines {
            for other in &lines {
                prop_assert_eq!(line.preview == other.preview, named(line) == named(other));
            }
        }
    }

    #[test]
    fn the_amount_follows_the_change_and_only_counts_what_is_not_included(
        billed in 0..500_u32, target in 0..500_u32, included in 0..500_u32, cents in 0..9999_u32,
    ) {
        let mut world = acme();
        set(&mut world, billed, target);
        let price = Money::from_vendor(f64::from(cents) / 100.0).expect("a price");
        let amount = |world: &mut World, included: u32, price: Option<Money>| {
            let addition = &mut world.additions(AGREEMENT)[0];
            (addition.included, addition.unit_price) = (Quantity::from(included), price);
            world.line().amount()
        };
        let paid = |quantity: u32| i64::from(quantity.saturating_sub(included)) * i64::from(cents);
        let expected = Decimal::new(paid(target) - paid(billed), 2);
        prop_assert_eq!(amount(&mut world, included, Some(price)).map(Money::decimal), Some(expected));
        let change = world.line().change().expect("a change");
        prop_assert_eq!(amount(&mut world, 0, Some(price)), Some(price.times(change)));
        prop_assert_eq!(amount(&mut world, included, None), None);
        world.seats("acme").complete = false;
        prop_assert_eq!(amount(&mut world, included, Some(price)), None, "what is not known costs nothing that can be said");
    }
}
