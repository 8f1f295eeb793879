//! Rules, companies that do something differently, and bundles.

use chrono::Datelike;

use super::*;
use crate::mapping::{CompanyProduct, CountMethod, CountRule};
use crate::seats::{CountNote, Part, tallies};

#[path = "count_laws.rs"]
mod laws;
#[path = "subsets.rs"]
mod subsets;

const MAIL: CatalogId = CatalogId(72);

fn counted(method: CountMethod) -> ProductRule {
    ProductRule { count: CountRule { method, ..CountRule::default() }, ..ProductRule::default() }
}

fn part(code: &str, ordered: Option<u32>, activated: Option<u32>) -> Part {
    Part { product: code.into(), product_name: format!("ESET {code}"), ordered, activated }
}

impl World {
    fn rule(&mut self, code: &str, product: CatalogId, rule: ProductRule) {
        self.choose_product(code, ProductChoice::Mapped { product, rule });
    }

    fn own(&mut self, company: &str, code: &str, own: CompanyProduct) {
        self.target(company).products.insert(code.into(), own);
    }

    /// Reads the world once more, on a day of November at six in the morning.
    fn read_on(&mut self, day: u32) {
        let snapshot = &mut self.snapshots[0];
        let taken_at = at(&format!("2026-11-{day:02}T06:00:00Z"));
        snapshot.tallies = tallies(Some(snapshot), taken_at, &snapshot.companies);
        snapshot.taken_at = taken_at;
        let yesterday = taken_at.date_naive().pred_opt().expect("a day");
        snapshot.usage_days = (yesterday.with_day(1).expect("a first"), yesterday);
        self.now = taken_at + chrono::TimeDelta::hours(2);
    }

    /// Acme's only licence, with these counts from that day on.
    fn acme_on(&mut self, day: u32, ordered: u32, activated: u32) {
        let licence = &mut self.seats("acme").licences[0];
        (licence.ordered, licence.activated) = (ordered, activated);
        self.read_on(day);
    }

    /// Makes Acme's licence a bundle of these.
    fn bundle(&mut self, parts: Vec<Part>) {
        self.seats("acme").licences[0].parts = parts;
    }

    fn targets(&self) -> Vec<(i64, i64, String)> {
        let lines = self.plan();
        let billed = lines.iter().filter_map(|line| match line.key {
            LineKey::Billed { agreement, product, .. } => Some((agreement.0, product.0, units(line.target))),
            LineKey::Unmapped { .. } => None,
        });
        billed.collect()
    }
}

/// Acme on the 22nd: 31 seats at most, 27 now, read on 19 days.
fn month() -> World {
    let mut world = acme();
    for day in 4..=21 {
        world.acme_on(day, if day == 10 { 31 } else { 26 }, if day == 11 { 25 } else { 20 });
    }
    world.acme_on(22, 27, 24);
    world.seats("acme").seat_days.insert("111".into(), 581);
    world
}

#[test]
fn each_method_makes_its_own_line() {
    let average = "26.32 ordered a day on 19 of 22 days read, rounded up to 27";
    let table = [
        (CountMethod::Ordered, "27", "27 ordered on 1 licence"),
        (CountMethod::Activated, "24", "24 in use"),
        (CountMethod::Peak, "31", "peak 31 on 19 of 22 days read"),
        (CountMethod::ActiveOnce, "25", "at most 25 in use on 19 of 22 days read"),
        (CountMethod::Average, "27", average),
        (CountMethod::SeatDays, "28", "27.47 seat-days a day (581 so far + 27 × 9 days to come, over 30), rounded up to 28"),
    ];
    for (method, target, reason) in table {
        let mut world = month();
        world.rule("111", PROTECT, counted(method));
        let line = world.line();
        assert_eq!((units(line.target).as_str(), line.reason.as_str()), (target, reason));
        assert_eq!(
            (line.ordered, line.activated, line.notes.len()),
            (Some(27), Some(24), 0),
            "{method:?}: what ESET bills stays what it is"
        );
        assert_eq!((line.counts.len(), line.counts[0].rule.method, line.counts[0].quantity), (1, method, line.target.expect("a target")));
    }
}

#[test]
fn a_month_that_was_not_read_is_counted_as_ordered_and_says_so() {
    for (method, note) in [(CountMethod::Peak, CountNote::NoReadings), (CountMethod::Average, CountNote::NoReadings)] {
        let mut world = acme();
        world.rule("111", PROTECT, counted(method));
        let line = world.line();
        assert_eq!((units(line.target).as_str(), line.notes[0].code), ("27", note));
        assert_eq!(line.reason, format!("27 ordered, counted because {}", note.label()));
        let mut world = month();
        world.rule("111", PROTECT, counted(method));
        world.now = at("2026-12-01T00:05:00Z");
        world.policy.snapshot_hours = 1_000;
        assert_eq!((units(world.line().target).as_str(), world.line().notes[0].code), ("27", note), "last month's peak is not this one's");
    }
}

#[test]
fn seat_days_that_are_missing_from_the_report_are_not_zero() {
    let mut world = month();
    world.rule("111", PROTECT, counted(CountMethod::SeatDays));
    world.seats("acme").seat_days.clear();
    let line = world.line();
    assert_eq!((units(line.target).as_str(), line.notes[0].code), ("27", CountNote::NoSeatDays));
    assert_eq!(line.notes[0].words, "Ordered units of Acme are counted, because ESET gives no seat-days for it.");

    let mut world = acme();
    world.rule("111", PROTECT, counted(CountMethod::SeatDays));
    world.read_on(22);
    let line = world.line();
    assert_eq!((units(line.target).as_str(), line.notes.len()), ("9", 0), "ordered today, there are none yet: 27 on 9 of 30 days");
}

#[test]
fn a_line_that_needs_unread_seat_days_is_held_and_no_other_is() {
    for method in CountMethod::ALL {
        let mut world = month();
        world.rule("111", PROTECT, counted(method));
        world.seats("acme").seat_days.clear();
        world.seats("acme").seat_days_unread = true;
        let line = world.line();
        let held = line.guards.contains(&Guard::SeatDaysUnread { company: "Acme".into() });
        let needed = method == CountMethod::SeatDays;
        assert_eq!((held, line.target.is_none(), line.counts.is_empty()), (needed, needed, needed), "{method:?}");
        assert_eq!((line.ordered, line.activated), (Some(27), Some(24)), "{method:?}: they were read all the same");
        if needed {
            assert_eq!((line.reason.as_str(), line.notes.len()), ("ESET's seat-days are not known", 0));
        }
    }
}

#[test]
fn a_peak_outlives_the_licence_and_the_product() {
    let mut world = month();
    world.rule("111", PROTECT, counted(CountMethod::Peak));
    world.seats("acme").licences.clear();
    world.additions(AGREEMENT).clear();
    world.read_on(23);
    let line = world.line();
    assert_eq!((line.ordered, units(line.target), line.reason.as_str()), (Some(0), "31".into(), "peak 31 on 20 of 23 days read"));
}

#[test]
fn who_changes_products_in_the_month_never_had_both() {
    let mut world = acme();
    world.rule("111", PROTECT, counted(CountMethod::Peak));
    world.rule("222", PROTECT, counted(CountMethod::Peak));
    world.acme_on(10, 27, 0);
    world.seats("acme").licences[0].product = "222".into();
    world.read_on(11);
    assert_eq!(units(world.line().target), "27");
}

#[test]
fn products_with_the_same_rule_are_added_before_it_and_others_after() {
    let lessened = |included| ProductRule { count: CountRule { included, ..CountRule::default() }, ..ProductRule::default() };
    let mut world = acme();
    world.licence("acme", "AAA-AAA-AA2", "222", 4);
    world.rule("111", PROTECT, lessened(5));
    world.rule("222", PROTECT, lessened(5));
    assert_eq!((units(world.line().target), world.line().counts.len()), ("26".into(), 1), "27 + 4 − 5");
    world.rule("222", PROTECT, lessened(1));
    let line = world.line();
    assert_eq!((units(line.target), line.counts.len()), ("25".into(), 2), "27 − 5 and 4 − 1");
    assert_eq!(line.reason, "Acme: 27 ordered − 5 included = 22; Acme: 4 ordered − 1 included = 3");
}

#[test]
fn a_rule_is_for_each_company_of_a_shared_agreement() {
    let mut world = acme();
    world.company("branch", "Acme Branch");
    world.licence("branch", "BBB-BBB-BB1", "111", 3);
    world.map("branch", AGREEMENT);
    let rule = CountRule { minimum: 5, included: 2, ..CountRule::default() };
    world.rule("111", PROTECT, ProductRule { count: rule, ..ProductRule::default() });
    let line = world.line();
    assert_eq!(units(line.target), "30", "25 and the minimum of 5");
    let each: Vec<_> = line.counts.iter().map(|count| (count.name.as_str(), count.quantity.to_string())).collect();
    assert_eq!(each, [("Acme", "25".to_owned()), ("Acme Branch", "5".to_owned())]);
}

#[test]
fn trials_and_suspended_licences_count_where_the_rule_says_so_and_replaced_ones_never() {
    let mut world = acme();
    for (id, trial, state) in [
        ("T", true, LicenceState::Normal),
        ("S", false, LicenceState::Suspended),
        ("U", true, LicenceState::Suspended),
        ("O", false, LicenceState::Obsolete),
    ] {
        world.licence("acme", id, "111", 100);
        let added = world.seats("acme").licences.last_mut().expect("the licence");
        (added.trial, added.state) = (trial, state);
    }
    for (trials, suspended, target) in [(false, false, "27"), (true, false, "127"), (false, true, "127"), (true, true, "327")] {
        let count = CountRule { trials, suspended, ..CountRule::default() };
        world.rule("111", PROTECT, ProductRule { count, ..ProductRule::default() });
        let line = world.line();
        assert_eq!((units(line.target).as_str(), line.ordered), (target, Some(27)), "ESET still bills 27");
        let told: u32 = line.evidence.licences.iter().filter(|item| item.not_counted.is_none()).filter_map(|item| item.ordered).sum();
        assert_eq!(told.to_string(), target);
    }
}

#[test]
fn a_company_is_split_over_agreements_by_product() {
    let mut world = acme();
    world.licence("acme", "AAA-AAA-AA2", "222", 4);
    world.map_product("222", MAIL);
    assert_eq!(world.targets(), [(500, 71, "27".into()), (500, 72, "4".into())]);
    world.own("acme", "222", CompanyProduct { agreement: Some(AgreementId(501)), ..CompanyProduct::default() });
    assert_eq!(world.targets(), [(500, 71, "27".into()), (501, 72, "4".into())]);
    let other = world.plan().remove(1);
    assert_eq!(codes(&other), ["agreement_of_another", "no_ongoing_addition"], "501 is with another company");
    world.seats("acme").complete = false;
    world.addition(AgreementId(501), 11, MAIL, 4);
    assert!(world.plan().iter().all(|line| line.target.is_none()), "who was not read holds both agreements");
}

#[test]
fn a_company_may_be_billed_as_another_product_and_by_another_rule() {
    let mut world = acme();
    let rule = ProductRule { count: CountRule { included: 7, ..CountRule::default() }, ..ProductRule::default() };
    world.own("acme", "111", CompanyProduct { product: Some(MAIL), rule: Some(rule), ..CompanyProduct::default() });
    assert_eq!(world.targets(), [(500, 71, "0".into()), (500, 72, "20".into())], "and what it was billed as goes");
    assert!(codes(&world.plan()[0]).contains(&"drop_to_zero"));
    world.mappings.products.clear();
    assert_eq!(world.targets(), [(500, 72, "20".into())], "also where nobody mapped the product in general");
    world.choose_product("111", ProductChoice::Excluded(excluded()));
    assert_eq!(world.targets(), [(500, 72, "20".into())], "or left it out in general");
}

#[test]
fn a_bundle_is_counted_whole_or_by_its_parts() {
    let mut world = acme();
    world.bundle(vec![part("107", Some(27), Some(20)), part("112", Some(25), None), part("113", Some(27), Some(1))]);
    assert_eq!(world.targets(), [(500, 71, "27".into())], "whole");
    world.choose_product("111", ProductChoice::Parts);
    world.map_product("107", PROTECT);
    world.rule("112", MAIL, counted(CountMethod::Activated));
    let lines = world.plan();
    assert_eq!(world.targets(), [(500, 71, "27".into()), (500, 72, "25".into())]);
    let unmapped = lines.iter().find(|line| matches!(line.key, LineKey::Unmapped { .. })).expect("the part nobody mapped");
    assert_eq!((unmapped.product.name.as_str(), unmapped.ordered, codes(unmapped)), ("ESET 113", Some(27), vec!["unmapped_product"]));
    let mail = lines.iter().find(|line| line.product.catalog == Some(MAIL)).expect("a line");
    assert_eq!((mail.notes[0].code, mail.activated), (CountNote::NoUsage, None), "how many are in use is not said");
    let item = &mail.evidence.licences[0];
    assert_eq!((item.product.as_str(), item.bundle.as_deref(), item.ordered), ("ESET 112", Some("ESET 111"), Some(25)));
    world.choose_product("113", ProductChoice::Excluded(excluded()));
    assert_eq!(world.plan().len(), 2);
    world.own("acme", "111", CompanyProduct { product: Some(MAIL), ..CompanyProduct::default() });
    assert_eq!(world.targets(), [(500, 71, "0".into()), (500, 72, "27".into())], "a company may be billed for it as a whole all the same");
}

#[test]
fn parts_follow_their_bundle_to_another_agreement() {
    let mut world = acme();
    world.bundle(vec![part("107", Some(27), None), part("112", Some(27), None)]);
    world.choose_product("111", ProductChoice::Parts);
    world.map_product("107", PROTECT);
    world.map_product("112", MAIL);
    world.additions(AGREEMENT).clear();
    world.own("acme", "111", CompanyProduct { agreement: Some(AgreementId(501)), ..CompanyProduct::default() });
    assert_eq!(world.targets(), [(501, 71, "27".into()), (501, 72, "27".into())]);
    world.own("acme", "112", CompanyProduct { agreement: Some(AgreementId(502)), ..CompanyProduct::default() });
    assert_eq!(world.targets(), [(501, 71, "27".into()), (502, 72, "27".into())], "unless they have one of their own");
}

#[test]
fn a_part_counts_with_the_same_product_ordered_by_itself() {
    let mut world = acme();
    world.bundle(vec![part("107", Some(27), Some(20))]);
    world.choose_product("111", ProductChoice::Parts);
    world.licence("acme", "AAA-AAA-AA2", "107", 4);
    world.rule("107", PROTECT, counted(CountMethod::Peak));
    world.read_on(20);
    world.seats("acme").licences.truncate(1);
    world.read_on(21);
    assert_eq!(world.line().reason, "peak 31 on 2 of 21 days read");
    world.rule("107", PROTECT, counted(CountMethod::SeatDays));
    assert_eq!(world.line().notes[0].code, CountNote::NoSeatDays, "ESET counts a bundle's days, not those of its parts");
}

#[test]
fn what_eset_does_not_say_of_a_bundle_holds_the_agreement() {
    let mut world = acme();
    world.choose_product("111", ProductChoice::Parts);
    world.map_product("107", PROTECT);
    let lines = world.plan();
    assert_eq!(lines.len(), 2, "the line that is billed, and the bundle itself");
    for line in &lines {
        assert_eq!((line.target, line.ordered, codes(line)), (None, None, vec!["parts_unknown"]), "no list of parts is not an empty one");
        assert!(line.blocked());
    }
    world.bundle(vec![part("107", None, Some(3)), part("112", Some(4), None)]);
    world.map_product("112", MAIL);
    let lines = world.plan();
    assert_eq!(
        lines.iter().map(|line| (line.target.is_none(), codes(line).contains(&"parts_unknown"))).collect::<Vec<_>>(),
        [(true, true), (false, false)]
    );
    world.seats("acme").licences[0].trial = true;
    world.bundle(Vec::new());
    assert_eq!(world.targets(), [(500, 71, "0".into())], "what is in a trial does not matter");
}

#[test]
fn a_bundle_that_one_account_counts_whole_and_another_by_its_parts_is_held() {
    let mut world = acme();
    world.bundle(vec![part("107", Some(27), None)]);
    world.choose_product("111", ProductChoice::Parts);
    world.map_product("107", PROTECT);
    world.second_account(AgreementId(501));
    world.addition(AgreementId(501), 11, MAIL, 27);
    let companies = world.mappings.companies.get_mut(&ConnectionId::from("eset-2")).expect("mappings");
    for choice in companies.values_mut() {
        if let CompanyChoice::Mapped(target) = choice {
            target.products.insert("111".into(), CompanyProduct { product: Some(MAIL), ..CompanyProduct::default() });
        }
    }
    let lines = world.plan();
    assert_eq!(world.targets(), [(500, 71, "27".into()), (501, 72, "27".into())]);
    assert!(lines.iter().all(|line| codes(line).contains(&"billed_elsewhere")), "{lines:#?}");
}

#[test]
fn a_month_that_two_accounts_remember_is_billed_once() {
    let mut world = month();
    world.rule("111", PROTECT, counted(CountMethod::Peak));
    world.seats("acme").licences.clear();
    world.second_account(AGREEMENT);
    assert_eq!(units(world.line().target), "31", "one agreement");
    let mut later = world.clone();
    later.snapshots[1].taken_at += chrono::TimeDelta::minutes(5);
    later.snapshots[1].tallies = tallies(None, later.snapshots[1].taken_at, &acme().snapshots[0].companies);
    assert_eq!(units(later.line().target), "27", "the later reading is believed");
    world.snapshots.truncate(1);
    world.mappings.companies.remove(&ConnectionId::from("eset-2"));
    world.second_account(AgreementId(501));
    let lines = world.plan();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| codes(line).contains(&"billed_elsewhere")), "two agreements, although no licence is left to show it");
}

#[test]
fn another_rule_is_another_preview_even_with_the_same_number() {
    let mut world = acme();
    let before = world.line();
    world.rule("111", PROTECT, counted(CountMethod::Average));
    let after = world.line();
    assert_eq!(before.target, after.target);
    assert_ne!(before.preview, after.preview);
}
