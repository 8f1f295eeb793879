//! Every guard: what raises it, and what becomes of the target.

use super::*;
use crate::billing::Risk;

/// What is wrong in the world, the guards it raises, and what becomes of the target ("?" when it is not known).
type GuardCase = (&'static str, Bend, &'static [&'static str], &'static str);

/// Open drift names the world's one line.
fn pause(world: &mut World) {
    let id = world.line().id;
    world.paused.insert(id, "The agreement moved.".to_owned());
}

const GUARD_CASES: &[GuardCase] = &[
    ("nobody mapped the company", |world| world.mappings.companies.clear(), &["unmapped_company"], "27"),
    ("nobody mapped the product", |world| world.mappings.products.clear(), &["unmapped_product"], "27"),
    ("the company is gone", |world| world.snapshots[0].companies.clear(), &["company_gone"], "?"),
    ("the account was never read", |world| world.snapshots.clear(), &["snapshot_partial"], "?"),
    (
        "the list of companies was cut short",
        |world| {
            world.snapshots[0].companies.clear();
            world.snapshots[0].complete = false;
        },
        &["snapshot_partial"],
        "?",
    ),
    ("a licence was not read", |world| world.seats("acme").complete = false, &["snapshot_partial"], "?"),
    (
        "a licence of an unmapped company was not read",
        |world| {
            world.mappings.companies.clear();
            world.seats("acme").complete = false;
        },
        &["snapshot_partial", "unmapped_company"],
        "?",
    ),
    ("48 hours are not too old", |world| world.snapshots[0].taken_at = at("2026-11-20T12:00:00Z"), &[], "27"),
    ("49 hours are too old", |world| world.snapshots[0].taken_at = at("2026-11-20T11:00:00Z"), &["snapshot_stale"], "27"),
    ("the agreement is gone", |world| world.tenant().catalogue.agreements.clear(), &["agreement_gone"], "27"),
    ("the agreement is with somebody else", |world| world.agreement().company = PsaCompanyId(999), &["agreement_of_another"], "27"),
    ("it is cancelled", |world| world.agreement().status = AgreementStatus::Cancelled, &["agreement_not_active"], "27"),
    ("it has expired", |world| world.agreement().status = AgreementStatus::Expired, &["agreement_not_active"], "27"),
    ("it is inactive", |world| world.agreement().status = AgreementStatus::Inactive, &["agreement_not_active"], "27"),
    ("billing begins tomorrow", |world| world.agreement().bill_start = "2026-11-23".parse().ok(), &["billing_not_started"], "27"),
    (
        "billing begins tomorrow on an agreement that is cancelled",
        |world| {
            world.agreement().bill_start = "2026-11-23".parse().ok();
            world.agreement().status = AgreementStatus::Cancelled;
        },
        &["agreement_not_active"],
        "27",
    ),
    ("billing begins today", |world| world.agreement().bill_start = "2026-11-22".parse().ok(), &[], "27"),
    ("additions were never read", |world| world.tenant().additions.clear(), &["psa_stale"], "27"),
    (
        "additions were read 25 hours ago",
        |world| world.tenant().additions.values_mut().for_each(|read| read.read_at = at("2026-11-21T11:00:00Z")),
        &["psa_stale"],
        "27",
    ),
    ("the ConnectWise connection is missing", |world| world.tenants.clear(), &["psa_stale"], "27"),
    ("there is no addition", |world| world.additions(AGREEMENT).clear(), &["no_ongoing_addition"], "27"),
    (
        "the addition ended yesterday",
        |world| world.additions(AGREEMENT)[0].cancelled = "2026-11-21".parse().ok(),
        &["no_ongoing_addition"],
        "27",
    ),
    ("the addition ends today", |world| world.additions(AGREEMENT)[0].cancelled = "2026-11-22".parse().ok(), &["ends"], "27"),
    ("the addition ends tomorrow", |world| world.additions(AGREEMENT)[0].cancelled = "2026-11-23".parse().ok(), &["ends"], "27"),
    (
        "there are two additions",
        |world| {
            world.addition(AGREEMENT, 10, PROTECT, 2);
        },
        &["more_than_one_ongoing_addition"],
        "27",
    ),
    (
        "the second addition is cancelled",
        |world| world.addition(AGREEMENT, 10, PROTECT, 2).cancelled = "2026-01-01".parse().ok(),
        &[],
        "27",
    ),
    ("no seat is left", |world| world.seats("acme").licences[0].ordered = 0, &["drop_to_zero", "over_cap"], "0"),
    ("the licence is gone, the addition is not", |world| world.seats("acme").licences.clear(), &["drop_to_zero", "over_cap"], "0"),
    (
        "the licence is suspended",
        |world| world.seats("acme").licences[0].state = LicenceState::Suspended,
        &["drop_to_zero", "over_cap"],
        "0",
    ),
    ("51 units more", |world| set(world, 200, 251), &["over_cap"], "251"),
    ("50 units more", |world| set(world, 200, 250), &[], "250"),
    ("51 units fewer", |world| set(world, 200, 149), &["over_cap"], "149"),
    ("50 percent more", |world| set(world, 20, 30), &[], "30"),
    ("55 percent more", |world| set(world, 20, 31), &["over_cap"], "31"),
    ("500 percent more, but five units", |world| set(world, 1, 6), &[], "6"),
    ("600 percent more, and six units", |world| set(world, 1, 7), &["over_cap"], "7"),
    ("from nothing to five", |world| set(world, 0, 5), &[], "5"),
    ("from nothing to six", |world| set(world, 0, 6), &["over_cap"], "6"),
    ("what we wrote is still there", |world| world.wrote(9, 25), &[], "27"),
    ("what we wrote was changed", |world| world.wrote(9, 26), &["edited_by_hand"], "27"),
    (
        "what we wrote was changed to what it should be",
        |world| {
            set(world, 27, 27);
            world.wrote(9, 25);
        },
        &[],
        "27",
    ),
    ("something changed under it", |world| pause(world), &["drift"], "27"),
    (
        "something changed under it that blocks it anyhow",
        |world| {
            pause(world);
            world.additions(AGREEMENT).clear();
        },
        &["no_ongoing_addition"],
        "27",
    ),
    ("nobody has approved a line of it", |world| world.records = Some(TrackRecords::new()), &["first_run"], "27"),
    (
        "somebody has approved a line of it",
        |world| world.records = Some(world.mapping_keys().map(|key| (key, TrackRecord::Approved)).collect()),
        &[],
        "27",
    ),
    (
        "nobody has approved a line of it, and there is nothing to approve",
        |world| {
            set(world, 27, 27);
            world.records = Some(TrackRecords::new());
        },
        &[],
        "27",
    ),
    ("the next invoice is next month's", |world| world.agreement().next_invoice = Some("2026-12-01T00:00:00Z".into()), &[], "27"),
    ("the next invoice is two days off", |world| world.agreement().next_invoice = Some("2026-11-24".into()), &[], "27"),
    (
        "the middle of next month is invoiced",
        |world| world.agreement().next_invoice = Some("2026-12-15".into()),
        &["period_invoiced"],
        "27",
    ),
    ("the year is invoiced", |world| world.agreement().next_invoice = Some("2027-01-01".into()), &["period_invoiced"], "27"),
    ("the next invoice date says nothing", |world| world.agreement().next_invoice = Some("after the harvest".into()), &[], "27"),
];

#[test]
fn every_guard_holds_what_it_is_for_and_nothing_else() {
    for (what, bend, expected, target) in GUARD_CASES {
        let mut world = acme();
        bend(&mut world);
        let line = world.line();
        assert_eq!(codes(&line), *expected, "{what}");
        assert_eq!(units(line.target), *target, "{what}");
    }
}

#[test]
fn only_a_drop_a_large_change_and_a_hand_made_one_may_be_approved_in_spite_of_their_guard_and_notes_hold_nothing() {
    for (what, bend, ..) in GUARD_CASES {
        let mut world = acme();
        bend(&mut world);
        for guard in world.line().guards {
            let expected = match guard.code() {
                "drop_to_zero" | "over_cap" | "edited_by_hand" => Standing::Asks,
                "first_run" | "period_invoiced" | "ends" => Standing::Notes,
                _ => Standing::Blocks,
            };
            assert_eq!(guard.standing(), expected, "{what}: {guard:?}");
            assert!(!guard.message().is_empty() && !guard.remedy().is_empty());
        }
    }
}

#[test]
fn a_note_holds_nothing_and_asks_for_a_look() {
    let mut world = acme();
    world.records = Some(TrackRecords::new());
    let fresh = world.line();
    assert_eq!((fresh.held(), fresh.blocked(), fresh.risk, fresh.automatic), (false, false, Risk::Medium, false));
    world.records = Some(world.mapping_keys().map(|key| (key, TrackRecord::Approved)).collect());
    let approved = world.line();
    assert_eq!((approved.risk, approved.automatic), (Risk::Low, false), "approved is not yet proven");
    assert_eq!(approved.preview, fresh.preview, "approving another line of the mapping leaves this one to be approved");
    world.records = None;
    assert!(world.line().automatic);
    world.seats("acme").licences[0].ordered = 24;
    assert_eq!(world.line().risk, Risk::Medium, "a decrease");
    world.seats("acme").licences[0].ordered = 240;
    assert_eq!(world.line().risk, Risk::High, "over the cap");
}

#[test]
fn a_record_of_another_agreement_is_none() {
    let mut world = acme();
    world.records =
        Some(world.mapping_keys().map(|key| (MappingKey { agreement: AgreementId(501), ..key }, TrackRecord::Proven)).collect());
    assert_eq!(codes(&world.line()), ["first_run"]);
}

#[test]
fn a_guard_is_named_as_its_json_is_tagged() {
    for (_, bend, ..) in GUARD_CASES {
        let mut world = acme();
        bend(&mut world);
        for guard in world.line().guards {
            assert_eq!(serde_json::to_value(&guard).expect("json")["code"], guard.code());
        }
    }
}

#[test]
fn what_we_wrote_is_not_forgotten_when_its_product_is_mapped_no_more() {
    let mut world = acme();
    world.mappings.products.clear();
    assert_eq!(world.plan().len(), 1, "what others wrote is nobody's business");
    world.wrote(9, 25);
    let lines = world.plan();
    let left = lines.iter().find(|line| line.addition == Some(AdditionId(9))).expect("a line of the addition");
    let codes: Vec<&str> = left.guards.iter().map(Guard::code).collect();
    assert_eq!(codes, ["drop_to_zero", "nothing_mapped", "over_cap"]);
    assert_eq!((left.target, left.blocked(), left.held()), (Some(0.into()), false, true));
    assert_eq!(lines.len(), 2, "its seats are shown as billed to nobody");
    world.additions(AGREEMENT)[0].quantity = 0.into();
    assert_eq!(world.plan().len(), 1, "nothing bills any more");
}

#[test]
fn a_product_mapped_as_another_leaves_no_second_bill_behind() {
    let mut world = acme();
    world.wrote(9, 25);
    world.addition(AGREEMENT, 10, CatalogId(777), 1);
    world.choose_product("111", ProductChoice::Mapped { product: CatalogId(777), rule: ProductRule::default() });
    let proposed: Vec<_> = world.plan().iter().map(|line| (line.addition, line.billed, line.target)).collect();
    assert!(proposed.contains(&(Some(AdditionId(9)), Some(25.into()), Some(0.into()))), "{proposed:?}");
    assert!(proposed.contains(&(Some(AdditionId(10)), Some(1.into()), Some(27.into()))), "{proposed:?}");
}
