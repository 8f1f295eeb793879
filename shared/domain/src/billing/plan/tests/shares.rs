//! One company on several agreements, by the static groups its devices are in.

use proptest::prelude::*;

use super::*;
use crate::groups::{DeviceGroup, GROUPS_SCHEMA, InUse, StandsFor};
use crate::mapping::{CountMethod, CountRule, GroupSplit};

const SERVERS: AgreementId = AgreementId(501);
const LAB: AgreementId = AgreementId(502);

fn share(group: &str, agreement: AgreementId) -> GroupSplit {
    GroupSplit { connection: "connect".into(), group: group.into(), agreement }
}

/// Acme's devices: some in no group of theirs, some servers, some in a lab inside the server room.
fn groups(own: u32, servers: u32, lab: u32) -> Groups {
    let group = |name: &str, parent: &str, devices| DeviceGroup {
        name: name.to_owned(),
        parent: Some(parent.into()),
        in_use: vec![InUse { code: None, name: "ESET 111".to_owned(), devices }],
        ..DeviceGroup::default()
    };
    Groups {
        schema: GROUPS_SCHEMA,
        connection: "connect".into(),
        pass: "groups".into(),
        taken_at: at("2026-11-22T06:00:00Z"),
        groups: BTreeMap::from([
            ("g-acme".into(), DeviceGroup { stands_for: Some(StandsFor::Company), ..group("Acme", "g-all", own) }),
            ("g-servers".into(), group("Servers", "g-acme", servers)),
            ("g-lab".into(), group("Lab", "g-servers", lab)),
            ("g-ill".into(), DeviceGroup { dynamic: true, in_use: Vec::new(), ..group("Ill", "g-acme", 0) }),
        ]),
    }
}

impl World {
    fn count(&mut self) -> &mut CountRule {
        let choice = self.mappings.products.get_mut(&ConnectionId::from(CW)).and_then(|codes| codes.get_mut(&ProductCode::from("111")));
        let Some(ProductChoice::Mapped { rule, .. }) = choice else { panic!("111 is not mapped") };
        &mut rule.count
    }
}

/// Acme has 27 seats; its servers are billed on an agreement of their own, and use 9.
fn split() -> World {
    let mut world = acme();
    for agreement in [SERVERS, LAB] {
        if let Some(known) = world.tenant().catalogue.agreements.get_mut(&agreement) {
            known.company = PsaCompanyId(1);
        }
    }
    world.addition(SERVERS, 10, PROTECT, 8);
    world.groups = vec![groups(12, 6, 3)];
    world.target("acme").groups = vec![share("g-servers", SERVERS)];
    world
}

fn on(world: &World, agreement: AgreementId) -> Line {
    let mut lines = world.plan().into_iter();
    let on = |line: &Line| matches!(&line.key, LineKey::Billed { agreement: on, .. } if *on == agreement);
    lines.find(on).expect("a line on the agreement")
}

fn why(line: &Line) -> String {
    let guard = line.guards.iter().find(|guard| matches!(guard, Guard::NotShared { .. }));
    guard.map(Guard::message).unwrap_or_default()
}

#[test]
fn the_devices_of_a_group_are_billed_apart_and_the_rest_stays() {
    let world = split();
    let (own, servers) = (on(&world, AGREEMENT), on(&world, SERVERS));
    assert_eq!((units(own.target), units(servers.target)), ("18".to_owned(), "9".to_owned()));
    assert_eq!((own.ordered, servers.ordered), (Some(18), Some(9)), "together they are what ESET bills");
    assert_eq!((codes(&own), codes(&servers)), (vec![], vec![]));
    assert_eq!(own.reason, "27 ordered − 9 of its groups");
    assert_eq!(servers.reason, "9 in use in Servers");
    let told = |line: &Line| line.evidence.groups.iter().map(|group| (group.name.clone(), group.devices, group.billed)).collect::<Vec<_>>();
    assert_eq!(told(&own), [("Servers".to_owned(), 9, false)]);
    assert_eq!(told(&servers), [("Servers".to_owned(), 9, true)]);
}

#[test]
fn a_group_inside_another_is_billed_where_it_has_a_share_of_its_own() {
    let mut world = split();
    world.target("acme").groups.push(share("g-lab", LAB));
    world.addition(LAB, 11, PROTECT, 1);
    let targets = [AGREEMENT, SERVERS, LAB].map(|agreement| units(on(&world, agreement).target));
    assert_eq!(targets, ["18", "6", "3"]);
}

#[test]
fn two_groups_may_share_an_agreement() {
    let mut world = split();
    world.target("acme").groups.push(share("g-lab", SERVERS));
    assert_eq!([AGREEMENT, SERVERS].map(|agreement| units(on(&world, agreement).target)), ["18", "9"]);
}

#[test]
fn included_units_and_the_minimum_stay_with_the_company() {
    let mut world = split();
    world.count().included = 2;
    world.count().minimum = 20;
    assert_eq!([AGREEMENT, SERVERS].map(|agreement| units(on(&world, agreement).target)), ["20", "9"]);
}

#[test]
fn activated_seats_are_split_too() {
    let mut world = split();
    world.count().method = CountMethod::Activated;
    // 27 ordered, 13 in use.
    assert_eq!([AGREEMENT, SERVERS].map(|agreement| units(on(&world, agreement).target)), ["4", "9"]);
}

#[test]
fn what_is_not_known_holds_every_line_of_the_product() {
    let table: [(Bend, &str); 8] = [
        (|world| world.groups.clear(), "not been read yet"),
        (|world| world.groups[0].taken_at = at("2026-11-18T06:00:00Z"), "102 hours ago"),
        (|world| drop(world.groups[0].groups.remove(&crate::ids::DeviceGroupId::from("g-servers"))), "no longer in ESET"),
        (|world| world.target("acme").groups[0].group = "g-ill".into(), "Ill is a dynamic group"),
        (|world| world.groups[0] = groups(12, 20, 8), "its groups use 28 of ESET 111, and 27 are ordered"),
        (|world| world.count().method = CountMethod::Peak, "counted over the month (peak)"),
        (|world| world.groups[0].groups.values_mut().for_each(|group| group.in_use.clear()), "on no device at all"),
        (
            |world| {
                world.company("other", "Other");
                world.map("other", LAB);
                world.target("other").groups = vec![share("g-servers", AGREEMENT)];
            },
            "a part of another company too",
        ),
    ];
    for (bend, words) in table {
        let mut world = split();
        bend(&mut world);
        for line in [on(&world, AGREEMENT), on(&world, SERVERS)] {
            assert!(line.blocked() && line.target.is_none(), "{words}: {:?}", line.guards);
            assert!(why(&line).contains(words), "{words}: {}", why(&line));
        }
    }
}

#[test]
fn a_product_inside_a_bundle_is_not_split_and_says_so() {
    let mut world = split();
    let part = crate::seats::Part { product: "112".into(), product_name: "Part".to_owned(), ordered: Some(27), activated: None };
    world.seats("acme").licences[0].parts = vec![part];
    world.choose_product("111", ProductChoice::Parts);
    world.map_product("112", PROTECT);
    let line = on(&world, AGREEMENT);
    assert!(line.blocked() && line.target.is_none(), "{:?}", line.guards);
    assert!(why(&line).contains("Part is counted inside a bundle"), "{}", why(&line));
}

#[test]
fn the_books_cost_each_line_what_is_billed_on_it() {
    let mut world = split();
    let rule = ProductRule { cost: Money::from_vendor(2.0), ..ProductRule::default() };
    world.choose_product("111", ProductChoice::Mapped { product: PROTECT, rule });
    let (snapshots, costs) = (world.snapshots.iter().collect::<Vec<_>>(), crate::billing::AdditionCosts::new());
    let reconciler = crate::billing::Reconciler::new(&snapshots, &world.mappings, &costs, 0);
    let cost = |agreement| reconciler.row(&on(&world, agreement)).cost;
    assert_eq!((cost(AGREEMENT), cost(SERVERS)), (Money::from_vendor(36.0), Money::from_vendor(18.0)));
    let row = reconciler.row(&on(&world, SERVERS));
    assert_eq!((row.ordered, row.difference.map(|units| units.to_string()), row.seat_days), (Some(9), Some("-1".to_owned()), None));
}

#[test]
fn a_group_without_a_device_of_the_product_bills_nothing_on_its_agreement() {
    let mut world = split();
    world.groups = vec![groups(20, 0, 0)];
    let servers = on(&world, SERVERS);
    assert_eq!(units(servers.target), "0");
    assert!(codes(&servers).contains(&"drop_to_zero"), "what bills there now is a person's to end: {:?}", codes(&servers));
    assert_eq!(units(on(&world, AGREEMENT).target), "27");
}

#[test]
fn a_product_with_an_agreement_of_its_own_is_not_split() {
    let mut world = split();
    let own = crate::mapping::CompanyProduct { agreement: Some(LAB), ..Default::default() };
    world.target("acme").products.insert("111".into(), own);
    world.addition(LAB, 11, PROTECT, 1);
    assert_eq!(units(on(&world, LAB).target), "27");
    assert!(!world.plan().iter().any(|line| units(line.target) == "9"));
}

proptest! {
    #[test]
    fn what_is_split_always_comes_to_what_eset_bills(own in 0..30_u32, servers in 0..30_u32, lab in 0..30_u32, apart in any::<bool>(), ordered in 0..60_u32) {
        let mut world = split();
        set(&mut world, 25, ordered);
        world.groups = vec![groups(own, servers, lab)];
        if apart {
            world.target("acme").groups.push(share("g-lab", LAB));
            world.addition(LAB, 11, PROTECT, 1);
        }
        let lines = world.plan();
        let known = lines.iter().filter_map(|line| line.target).collect::<Vec<_>>();
        let sum = known.iter().fold(Quantity::ZERO, |sum, target| sum + *target);
        if servers + lab > ordered {
            prop_assert!(known.is_empty(), "{known:?}");
        } else {
            prop_assert_eq!(sum, Quantity::from(ordered));
            let told: u32 = lines.iter().filter_map(|line| line.ordered).sum();
            prop_assert_eq!(told, ordered);
        }
    }

    #[test]
    fn a_slice_of_a_split_company_plans_to_the_same_lines(servers in 0..30_u32, agreement in 500..503_i64) {
        let mut world = split();
        world.groups = vec![groups(3, servers, 1)];
        let wanted = crate::billing::Wanted { agreements: [(CW.into(), AgreementId(agreement))].into_iter().collect(), ..Default::default() };
        let slice = world.with(|input| crate::billing::subset(input, &wanted, 10));
        let mut all = world.plan();
        all.retain(|line| matches!(&line.key, LineKey::Billed { agreement: on, .. } if on.0 == agreement));
        prop_assert_eq!(slice.plan(), all);
    }
}
