//! Laws of how a company comes by its group, tried on random hierarchies, circles among them.

use proptest::prelude::*;

use super::*;

/// Companies by number: the one above, and the own group.
type World = Vec<(Option<usize>, Option<u8>)>;

fn worlds() -> impl Strategy<Value = World> {
    proptest::collection::vec((prop::option::weighted(0.7, 0..12_usize), prop::option::weighted(0.3, 0..3_u8)), 0..10)
}

fn company(number: usize) -> EsetCompanyId {
    EsetCompanyId(format!("c{number:02}"))
}

fn groups(world: &World) -> Vec<Option<String>> {
    groups_in(world, (0..world.len()).collect())
}

/// The group of each company by number, when they are told of in this order.
fn groups_in(world: &World, order: Vec<usize>) -> Vec<Option<String>> {
    let own: BTreeMap<EsetCompanyId, AccessGroupId> = world
        .iter()
        .enumerate()
        .filter_map(|(number, (_, group))| Some((company(number), AccessGroupId(format!("g{}", (*group)?)))))
        .collect();
    let told: Vec<(EsetCompanyId, Option<EsetCompanyId>)> =
        order.into_iter().map(|number| (company(number), world[number].0.map(company))).collect();
    let found = effective(told.iter().map(|(id, above)| (id, above.as_ref())), &own);
    (0..world.len()).map(|number| found.get(&company(number)).map(ToString::to_string)).collect()
}

/// Whether `above` is on the way up from `number`, itself included.
fn is_below(world: &World, number: usize, above: usize) -> bool {
    let climb = |number: &usize| world.get(*number).and_then(|(above, _)| *above);
    std::iter::successors(Some(number), climb).take(world.len() + 1).any(|number| number == above)
}

proptest! {
    #[test]
    fn an_own_group_counts_before_every_other(world in worlds()) {
        for ((_, own), group) in world.iter().zip(groups(&world)) {
            if let Some(own) = own {
                prop_assert_eq!(group, Some(format!("g{own}")));
            }
        }
    }

    #[test]
    fn a_company_without_an_own_group_has_that_of_the_one_above(world in worlds()) {
        let found = groups(&world);
        for (number, (above, own)) in world.iter().enumerate() {
            if own.is_none() {
                let above = above.and_then(|above| found.get(above).cloned().flatten());
                prop_assert_eq!(&found[number], &above, "{}", number);
            }
        }
    }

    #[test]
    fn the_order_in_which_companies_are_told_does_not_count(world in worlds(), turn in 0..10_usize) {
        let mut order: Vec<usize> = (0..world.len()).rev().collect();
        if !order.is_empty() {
            let turn = turn % order.len();
            order.rotate_left(turn);
        }
        prop_assert_eq!(groups_in(&world, order), groups(&world));
    }

    #[test]
    fn another_group_concerns_a_company_and_those_below_it_and_no_others(world in worlds(), which in 0..10_usize, group in prop::option::of(0..3_u8)) {
        prop_assume!(which < world.len());
        let mut changed = world.clone();
        changed[which].1 = group;
        for (number, (before, after)) in groups(&world).into_iter().zip(groups(&changed)).enumerate() {
            prop_assert!(before == after || is_below(&world, number, which), "{}: {:?} {:?}", number, before, after);
        }
    }

    #[test]
    fn a_group_is_never_made_up(world in worlds()) {
        for (number, group) in groups(&world).into_iter().enumerate() {
            let given = |group: &String| (0..world.len()).any(|above| {
                is_below(&world, number, above) && world[above].1.is_some_and(|own| format!("g{own}") == *group)
            });
            prop_assert!(group.as_ref().is_none_or(given), "{}: {:?}", number, group);
        }
    }
}

#[test]
fn a_company_above_that_is_not_told_of_counts_by_its_own_group() {
    let own: BTreeMap<EsetCompanyId, AccessGroupId> = [(company(9), AccessGroupId("north".to_owned()))].into_iter().collect();
    let (child, above) = (company(1), company(9));
    let found = effective(std::iter::once((&child, Some(&above))), &own);
    assert_eq!(found.get(&child).map(|group| group.as_str()), Some("north"));
}
