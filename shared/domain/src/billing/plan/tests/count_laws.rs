//! Laws of counting, on random worlds with rules, bundles, and companies that do something differently.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::super::accounts::laws::{many, split, worlds};
use super::*;

/// A rule in numbers: method, factor in hundredths, included, minimum.
type Drawn = (usize, u32, u32, u32);

fn drawn() -> impl Strategy<Value = Drawn> {
    (0..6_usize, prop_oneof![Just(100), 1..300_u32], prop_oneof![Just(0), 0..20_u32], prop_oneof![Just(0), 0..20_u32])
}

fn made((method, factor, included, minimum): Drawn) -> ProductRule {
    let factor = Decimal::new(i64::from(factor), 2);
    let count = CountRule { method: CountMethod::ALL[method], factor, included, minimum, ..CountRule::default() };
    ProductRule { count, ..ProductRule::default() }
}

/// What a company does differently with a product: company, product, agreement, catalog product, rule.
type Own = (u8, u8, Option<i64>, Option<i64>, Option<Drawn>);

fn differences() -> impl Strategy<Value = Vec<Own>> {
    let own = (0..6_u8, 0..4_u8, prop::option::of(500..503_i64), prop::option::of(71..73_i64), prop::option::of(drawn()));
    proptest::collection::vec(own, 0..5)
}

fn do_differently(world: &mut World, owns: &[Own]) {
    for (company, code, agreement, product, rule) in owns {
        let id = EsetCompanyId(format!("c{company}"));
        let companies = world.mappings.companies.get_mut(&ConnectionId::from(ESET));
        if let Some(CompanyChoice::Mapped(target)) = companies.and_then(|companies| companies.get_mut(&id)) {
            let own = CompanyProduct { agreement: agreement.map(AgreementId), product: product.map(CatalogId), rule: rule.map(made) };
            target.products.insert(ProductCode(code.to_string()), own);
        }
    }
}

/// A world as in the plan's laws, where product 2 is a bundle, a month was read, and rules are drawn.
pub(super) fn ruled() -> impl Strategy<Value = World> {
    let part_of = (prop::option::weighted(0.9, 0..30_u32), prop::option::of(0..30_u32));
    let parts = proptest::collection::btree_map(0..4_u8, part_of, 0..3);
    let rules = proptest::collection::vec(prop::option::of(drawn()), 4);
    let days = proptest::collection::vec((1..4_u32, 0..4_u32), 0..6);
    (worlds(), rules, differences(), parts, any::<bool>(), days, 0..400_u64).prop_map(
        |(mut world, rules, owns, parts, by_parts, days, seat_days)| {
            world.map_product("3", CatalogId(72));
            for (code, rule) in rules.into_iter().enumerate() {
                let known = world.mappings.product(&CW.into(), &ProductCode(code.to_string())).cloned();
                if let (Some(ProductChoice::Mapped { product, .. }), Some(rule)) = (known, rule) {
                    world.rule(&code.to_string(), product, made(rule));
                }
            }
            if by_parts {
                world.choose_product("2", ProductChoice::Parts);
            }
            do_differently(&mut world, &owns);
            let snapshot = &mut world.snapshots[0];
            for seats in snapshot.companies.values_mut() {
                for licence in seats.licences.iter_mut().filter(|licence| licence.product.as_str() == "2") {
                    licence.parts =
                        parts.iter().map(|(code, (ordered, activated))| part(&code.to_string(), *ordered, *activated)).collect();
                }
                seats.seat_days.insert("0".into(), seat_days);
            }
            // The month before today: the same companies with fewer or more seats.
            let (companies, taken_at, usage_days) = (snapshot.companies.clone(), snapshot.taken_at, snapshot.usage_days);
            let mut day = 0;
            for (pause, times) in days {
                day += pause;
                let licences = snapshot.companies.values_mut().flat_map(|seats| &mut seats.licences);
                licences.for_each(|licence| licence.ordered = licence.ordered * times / 2);
                let read_at = at(&format!("2026-11-{day:02}T06:00:00Z"));
                snapshot.tallies = tallies(Some(snapshot), read_at, &snapshot.companies);
                snapshot.companies = companies.clone();
            }
            snapshot.tallies = tallies(Some(snapshot), taken_at, &snapshot.companies);
            (snapshot.taken_at, snapshot.usage_days) = (taken_at, usage_days);
            world
        },
    )
}

fn billed(world: &World) -> Vec<Line> {
    world.plan().into_iter().filter(|line| matches!(line.key, LineKey::Billed { .. })).collect()
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn the_same_world_gives_the_same_lines_whatever_its_order(world in ruled(), turn in 0..3_usize) {
        let world = split(world);
        let lines = world.plan();
        prop_assert_eq!(&lines, &world.plan());
        let mut turned = world.clone();
        turned.snapshots.rotate_left(turn);
        turned.snapshots.iter_mut().flat_map(|snapshot| snapshot.companies.values_mut()).for_each(|seats| seats.licences.reverse());
        prop_assert_eq!(lines, turned.plan());
    }

    #[test]
    fn it_does_not_matter_which_account_shows_a_company(world in ruled()) {
        let totals = |world: &World| -> Vec<_> {
            billed(world).into_iter().map(|line| (line.id, line.ordered, line.target, line.guards)).collect()
        };
        prop_assert_eq!(totals(&world), totals(&split(world.clone())));
    }

    #[test]
    fn a_target_is_the_sum_of_its_companies_and_each_of_them_is_explained(world in ruled()) {
        for line in world.plan() {
            prop_assert_eq!(line.target.is_some(), line.ordered.is_some());
            prop_assert!(line.target.is_some() || line.counts.is_empty());
            if let Some(target) = line.target {
                prop_assert_eq!(target, line.counts.iter().map(|count| count.quantity).sum());
                prop_assert!(!target.is_negative());
                prop_assert!(line.counts.iter().all(|count| !count.sentence.is_empty()));
            }
        }
    }

    #[test]
    fn what_is_inside_a_bundle_is_never_billed_with_it(world in ruled()) {
        let lines = world.plan();
        let items: Vec<_> = lines.iter().flat_map(|line| line.evidence.licences.iter().map(move |item| (line, item))).collect();
        for licence in world.snapshots.iter().flat_map(|snapshot| snapshot.companies.values()).flat_map(|seats| &seats.licences) {
            let of = |bundle: bool| {
                let found = items.iter().filter(|(_, item)| item.licence == licence.id && item.bundle.is_some() == bundle);
                found.map(|(line, item)| (&line.id, &item.product)).collect::<Vec<_>>()
            };
            let (whole, parts) = (of(false), of(true));
            prop_assert!(whole.len() <= 1 && (whole.is_empty() || parts.is_empty()), "{licence:?}: {whole:?} and {parts:?}");
            let products: std::collections::BTreeSet<_> = parts.iter().map(|(_, product)| product).collect();
            prop_assert_eq!(products.len(), parts.len(), "each part once");
            let all: std::collections::BTreeSet<_> = licence.parts.iter().map(|part| &part.product).collect();
            let whole_of_it = whole.len() == 1 || parts.len() == all.len();
            prop_assert!(whole_of_it || licence.not_counted().is_some(), "nothing is left out: {licence:?}");
        }
    }

    #[test]
    fn more_seats_never_lower_a_line(world in ruled(), by in 1..40_u32, company in 0..6_u8) {
        let mut more = world.clone();
        if let Some(seats) = more.snapshots[0].companies.get_mut(&EsetCompanyId(format!("c{company}"))) {
            for licence in &mut seats.licences {
                licence.ordered += by;
                licence.activated += by;
            }
        }
        let after = more.plan();
        for line in billed(&world) {
            let same = after.iter().find(|after| after.id == line.id).expect("a line does not go away");
            prop_assert!(line.target <= same.target, "{line:?} {same:?}");
        }
    }

    #[test]
    fn a_company_that_is_split_over_agreements_pays_for_as_much_as_before(world in worlds(), owns in differences()) {
        let mut divided = world.clone();
        let owns: Vec<Own> = owns.into_iter().map(|(company, code, agreement, ..)| (company, code, agreement, None, None)).collect();
        do_differently(&mut divided, &owns);
        let whole = billed(&world).into_iter().chain(billed(&divided));
        if whole.into_iter().all(|line| line.target.is_some()) {
            let totals = |world: &World| {
                let mut totals: BTreeMap<Option<CatalogId>, Quantity> = BTreeMap::new();
                for line in billed(world).into_iter().filter(|line| line.target.is_some_and(|target| !target.is_zero())) {
                    let sum = totals.entry(line.product.catalog).or_default();
                    *sum = *sum + line.target.unwrap_or_default();
                }
                totals
            };
            prop_assert_eq!(totals(&world), totals(&divided));
        }
    }
}
