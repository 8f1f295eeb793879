//! Dated additions: what is made, what is ended, and what is refused.

use proptest::prelude::*;

use domain::billing::example::*;
use domain::billing::*;
use domain::mapping::*;
use domain::mapping::{BillCustomer, EffectiveRule, WriteRule, WriteStrategy};
use domain::money::*;
use domain::psa::*;
use engine::{Change, Command, Event, Intent, MARKER, Observed, Settings, Write, step};

const TODAY: &str = "2026-11-22";

/// The world's one product written by dated additions, on an agreement that prorates and holds these, oldest first: the first
/// one theirs, the others ours.
fn dated(ordered: u32, additions: &[u32]) -> World {
    let mut world = acme();
    let write = WriteRule { strategy: WriteStrategy::Dated, ..WriteRule::default() };
    let rule = ProductRule { write, ..ProductRule::default() };
    world.choose_product("111", ProductChoice::Mapped { product: PROTECT, rule });
    world.agreement().prorates = Some(true);
    world.seats("acme").licences[0].ordered = ordered;
    world.additions(AGREEMENT).clear();
    for (place, units) in (0_i64..).zip(additions) {
        let addition = world.addition(AGREEMENT, 9 + place, PROTECT, *units);
        addition.effective = Some(day("2026-10-01") + chrono::Days::new(place.unsigned_abs()));
        addition.serial = (place > 0).then(|| format!("{MARKER}{place}"));
    }
    world
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().expect("a day")
}

fn codes(line: &Line) -> Vec<&str> {
    line.guards.iter().map(Guard::code).collect()
}

/// What approving the line would do: units of a new addition, or the addition that ends and its units.
fn does(line: &Line) -> Option<(Option<i64>, String)> {
    let intent = Intent::of(line)?;
    let units = match intent.effect {
        Change::Create { .. } => intent.to,
        Change::End { .. } => intent.from,
        _ => return Some((intent.addition.map(|id| id.0), "a quantity".to_owned())),
    };
    Some((intent.addition.map(|id| id.0), units.to_string()))
}

#[test]
fn what_comes_is_made_and_what_goes_is_ended_as_a_whole() {
    type Case = (u32, &'static [u32], Option<(Option<i64>, &'static str)>, &'static [&'static str]);
    let table: [Case; 9] = [
        (27, &[25], Some((None, "2")), &[]),
        (28, &[25, 2], Some((None, "1")), &[]),
        (27, &[25, 2], None, &[]),
        // The addition that has just what goes, whichever it is; the newest of several.
        (25, &[25, 2], Some((Some(10), "2")), &[]),
        (2, &[3, 2], Some((Some(9), "3")), &[]),
        (27, &[25, 2, 2], Some((Some(11), "2")), &[]),
        // One after the other.
        (25, &[25, 2, 3], Some((Some(11), "3")), &["dated_steps"]),
        // None of it can be ended in part.
        (24, &[25], None, &["dated_split"]),
        (26, &[25, 2], None, &["dated_split"]),
    ];
    for (ordered, additions, expected, guards) in table {
        let line = dated(ordered, additions).line();
        let expected = expected.map(|(addition, units)| (addition, units.to_owned()));
        assert_eq!((does(&line), codes(&line)), (expected, guards.to_vec()), "{ordered} of {additions:?}");
        assert_eq!(line.billed, Some(additions.iter().sum::<u32>().into()), "{additions:?} are one bill");
        assert_eq!(line.parts.len(), additions.len());
    }
}

#[test]
fn the_new_one_has_price_and_billing_of_the_one_before_and_its_own_day() {
    let mut world = dated(27, &[25]);
    world.additions(AGREEMENT)[0].bill = Some(BillCustomer::DoNotBill);
    let intent = Intent::of(&world.line()).expect("a change");
    let Change::Create { bill, unit_price, effective, beside, .. } = intent.effect.clone() else { panic!("{intent:?}") };
    assert_eq!((bill, unit_price, effective), (BillCustomer::DoNotBill, Money::from_vendor(2.5), day(TODAY)));
    assert_eq!((intent.from, intent.to, beside.map(|beside| beside.units)), (0.into(), 2.into(), Some(25.into())));
    assert!(world.line().reason.ends_with("; 2 more from 2026-11-22 on, as an addition of their own"), "{}", world.line().reason);
    world.additions(AGREEMENT)[0].bill = None;
    assert_eq!(codes(&world.line()), ["psa_stale"], "whether it is billed is not guessed");
}

#[test]
fn the_day_is_the_rules_and_what_ends_by_then_is_not_counted() {
    let mut world = dated(25, &[25, 2]);
    let write = WriteRule { strategy: WriteStrategy::Dated, effective: EffectiveRule::FirstOfNext, ..WriteRule::default() };
    world.choose_product("111", ProductChoice::Mapped { product: PROTECT, rule: ProductRule { write, ..ProductRule::default() } });
    let intent = Intent::of(&world.line()).expect("a change");
    assert_eq!((&intent.effect, intent.not_before), (&Change::End { cancelled: day("2026-12-01") }, None));
    world.additions(AGREEMENT)[1].cancelled = Some(day("2026-12-01"));
    let line = world.line();
    assert_eq!((line.changes(), line.held()), (false, false), "{line:?}");
}

#[test]
fn what_comes_begins_when_the_agreement_bills_also_where_all_of_it_ends_by_then() {
    let mut world = dated(27, &[25]);
    let write = WriteRule { strategy: WriteStrategy::Dated, effective: EffectiveRule::FirstOfNext, ..WriteRule::default() };
    world.choose_product("111", ProductChoice::Mapped { product: PROTECT, rule: ProductRule { write, ..ProductRule::default() } });
    world.additions(AGREEMENT)[0].cancelled = Some(day("2026-12-01"));
    let begins = |line: &Line| match Intent::of(line).map(|intent| (intent.effect, intent.to)) {
        Some((Change::Create { effective, .. }, units)) => Some((effective, units)),
        _ => None,
    };
    assert_eq!(begins(&world.line()), Some((day("2026-12-01"), 27.into())));
    world.agreement().bill_start = Some(day("2026-12-10"));
    assert_eq!(begins(&world.line()), Some((day("2026-12-10"), 27.into())));
    world.agreement().next_invoice = None;
    let write = WriteRule { strategy: WriteStrategy::Dated, effective: EffectiveRule::BeforeInvoice, ..WriteRule::default() };
    world.choose_product("111", ProductChoice::Mapped { product: PROTECT, rule: ProductRule { write, ..ProductRule::default() } });
    assert!(codes(&world.line()).contains(&"no_invoice_date"), "{:?}", world.line().guards);
}

#[test]
fn an_agreement_that_does_not_prorate_or_has_two_strange_additions_is_held() {
    for prorates in [Some(false), None] {
        let mut world = dated(27, &[25]);
        world.agreement().prorates = prorates;
        assert_eq!((codes(&world.line()), does(&world.line())), (vec!["not_prorated"], None), "{prorates:?}");
    }
    let mut world = dated(30, &[25, 2]);
    world.additions(AGREEMENT)[1].serial = None;
    assert_eq!((codes(&world.line()), does(&world.line())), (vec!["more_than_one_ongoing_addition"], None));
}

#[test]
fn a_hand_edit_of_any_of_them_and_all_seats_gone_are_asked_about() {
    let mut world = dated(28, &[25, 2]);
    world.wrote(10, 3);
    assert_eq!(codes(&world.line()), ["part_edited"]);
    let line = dated(0, &[5]).line();
    assert_eq!((codes(&line), does(&line)), (vec!["drop_to_zero"], Some((Some(9), "5".to_owned()))));
}

#[test]
fn one_more_is_not_made_when_the_others_changed_meanwhile() {
    let said = |others, units: u32, agreement| {
        let mut intent = Intent::of(&dated(27, &[25]).line()).expect("a change");
        let now = at("2026-11-22T12:00:00Z");
        step(&mut intent, Event::Claim, now, &Settings::default());
        let read = Observed::Unmarked { others, units: units.into(), agreement };
        let commands = step(&mut intent, Event::Read(read), now, &Settings::default());
        let written = matches!(commands, Some(Command::Write(Write::Create { .. })));
        (written, intent.course.outcome.map(|outcome| outcome.words).unwrap_or_default())
    };
    assert_eq!(said(1, 25, AgreementStatus::Active), (true, String::new()));
    let (written, words) = said(2, 27, AgreementStatus::Active);
    assert!(!written && words.starts_with("The product's additions come to 27 now, and came to 25 at the preview."), "{words}");
    let (written, words) = said(1, 25, AgreementStatus::Cancelled);
    assert!(!written && words.starts_with("The agreement is cancelled since the preview."), "{words}");
}

proptest! {
    /// Approving step after step never bills more than is ordered or was billed, and ends at the target or in front of a person.
    #[test]
    fn steps_lead_to_the_target_and_never_beyond(ordered in 0_u32..40, additions in proptest::collection::vec(1_u32..12, 1..6)) {
        let mut world = dated(ordered, &additions);
        let most = additions.iter().sum::<u32>().max(ordered);
        for step in 0..additions.len() + 2 {
            let line = world.line();
            let Some(billed) = line.billed else {
                prop_assert_eq!(ordered, 0, "nothing bills any more: {:?}", line);
                return Ok(());
            };
            prop_assert!(billed <= most.into());
            let Some(intent) = Intent::of(&line).filter(|_| !line.blocked()) else {
                prop_assert!(!line.changes() || codes(&line).contains(&"dated_split"), "{line:?}");
                return Ok(());
            };
            match intent.effect {
                Change::Create { .. } => {
                    let made = world.addition(AGREEMENT, 100 + i64::try_from(step).expect("few"), PROTECT, 0);
                    (made.quantity, made.serial) = (intent.to, Some(intent.marker()));
                }
                Change::End { cancelled } => {
                    let ended = world.additions(AGREEMENT).iter_mut().find(|addition| Some(addition.id) == intent.addition);
                    ended.expect("the addition").cancelled = Some(cancelled);
                }
                other => prop_assert!(false, "{other:?}"),
            }
        }
        prop_assert!(!world.line().changes());
    }
}
