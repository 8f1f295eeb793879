//! Additions that are made and ended, step by step.

use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;

use super::write::tests::intent as set;
use super::*;
use crate::{Answer, Command, IntentState, Settings, Stage, step};
use domain::Timestamp;
use domain::ids::{AdditionId, CatalogId};
use domain::mapping::BillCustomer;
use domain::money::Quantity;
use domain::psa::AgreementStatus;

type Event = crate::Event<Observed, Option<AdditionId>>;

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("a moment")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn create() -> Intent {
    let effect = Change::Create {
        product: CatalogId(71),
        description: "ESET PROTECT".to_owned(),
        bill: BillCustomer::DoNotBill,
        unit_price: None,
        effective: day("2026-11-22"),
        beside: None,
    };
    Intent { addition: None, from: Quantity::ZERO, effect, ..set() }
}

fn end() -> Intent {
    Intent { effect: Change::End { cancelled: day("2026-11-22") }, from: Quantity::from(27), to: Quantity::ZERO, ..set() }
}

fn resume() -> Intent {
    Intent { effect: Change::Resume { cancelled: day("2026-11-22") }, from: Quantity::ZERO, to: Quantity::from(27), ..set() }
}

fn none(others: u32) -> Event {
    Event::Read(Observed::Unmarked { others, units: Quantity::ZERO, agreement: AgreementStatus::Active })
}

fn marked(quantity: u32, ongoing: bool) -> Event {
    Event::Read(Observed::Marked {
        addition: AdditionId(77),
        quantity: Quantity::from(quantity),
        version: "v".to_owned(),
        ongoing,
        agreement: AgreementStatus::Active,
        also: Vec::new(),
    })
}

fn reads(quantity: u32, cancelled: Option<&str>) -> Event {
    Event::Read(Observed::Addition {
        quantity: Quantity::from(quantity),
        version: "v".to_owned(),
        description: String::new(),
        cancelled: cancelled.map(day),
        ongoing: cancelled.is_none(),
        agreement: AgreementStatus::Active,
    })
}

fn accepted() -> Event {
    Event::Wrote(Answer::Accepted(None))
}

fn lost() -> Event {
    Event::Wrote(Answer::Lost { words: "cut".to_owned(), wait: None })
}

/// The times of a ConnectWise whose reads do not lag; what a lag does, the machine's own tests say.
fn prompt() -> Settings {
    Settings { read_lag: TimeDelta::zero(), ..Settings::default() }
}

/// Steps through events, each five minutes after the other; what is asked for last.
fn run(intent: &mut Intent, events: Vec<Event>) -> Option<Command<Write>> {
    let settings = prompt();
    let mut at = now();
    events.into_iter().fold(None, |_, event| {
        at += settings.apart;
        step(intent, event, at, &settings)
    })
}

fn describe(intent: &Intent) -> &str {
    intent.outcome.as_ref().map(|outcome| outcome.words.as_str()).unwrap_or_default()
}

#[test]
fn an_addition_is_looked_for_made_and_found() {
    let mut intent = create();
    let commands = run(&mut intent, vec![Event::Claim, none(0)]);
    let Some(Command::Write(Write::Create { marker, quantity, description, .. })) = commands else { panic!("{commands:?}") };
    assert_eq!((marker.as_str(), quantity), ("seatbridge:i", Quantity::from(27)));
    assert!(description.as_deref().is_some_and(|text| text.starts_with("ESET PROTECT [Seatbridge 2026-11-22 12:10 UTC: from 0 to 27.")));
    run(&mut intent, vec![accepted(), marked(27, true)]);
    assert_eq!((intent.state, intent.addition), (IntentState::Done, Some(AdditionId(77))));
}

#[test]
fn the_mark_of_a_real_intent_fits_the_field() {
    let id = domain::hash::fingerprint("anything");
    assert!(Intent { id: id.as_str().into(), ..create() }.marker().len() <= 50);
}

#[test]
fn an_addition_that_is_there_is_adopted_and_a_second_one_is_never_made() {
    let mut found = create();
    run(&mut found, vec![Event::Claim, marked(27, true)]);
    assert_eq!((found.state, found.addition), (IntentState::Done, Some(AdditionId(77))));
    let mut another = create();
    run(&mut another, vec![Event::Claim, none(1)]);
    assert_eq!(another.state, IntentState::Failed);
    let expected = "The agreement has an ongoing addition of this product by now; a second one would be billed beside it. \
                    Nothing was written.";
    assert_eq!(describe(&another), expected);
    let mut after_a_lost_answer = create();
    run(&mut after_a_lost_answer, vec![Event::Claim, none(0), lost(), Event::Claim, none(1), Event::Claim, none(1), Event::Claim, none(1)]);
    assert_eq!(after_a_lost_answer.state, IntentState::Failed);
}

#[test]
fn a_lost_post_is_sent_again_only_after_two_looks_found_nothing() {
    let sent = [Event::Claim, none(0), lost()];
    let look = [Event::Claim, none(0)];
    for (looks, state) in [(0, IntentState::Unknown), (1, IntentState::Unknown), (2, IntentState::Planned), (3, IntentState::Inflight)] {
        let mut intent = create();
        let commands = run(&mut intent, sent.iter().cloned().chain((0..looks).flat_map(|_| look.clone())).collect());
        assert_eq!(intent.state, state, "{looks} looks");
        assert_eq!(matches!(commands, Some(Command::Write(Write::Create { .. }))), looks == 3, "{commands:?}");
    }
    let mut arrived = create();
    run(&mut arrived, vec![Event::Claim, none(0), lost(), Event::Claim, marked(27, true)]);
    assert_eq!(arrived.state, IntentState::Done);
}

#[test]
fn what_was_made_and_changed_by_somebody_is_a_persons_matter() {
    for (quantity, ongoing) in [(30, true), (27, false)] {
        for events in [vec![Event::Claim], vec![Event::Claim, none(0), accepted()], vec![Event::Claim, none(0), lost(), Event::Claim]] {
            let mut intent = create();
            run(&mut intent, events);
            // Reads may lag: it is looked at once more.
            run(&mut intent, vec![marked(quantity, ongoing), Event::Claim, marked(quantity, ongoing)]);
            assert_eq!((intent.state, intent.addition), (IntentState::Parked, Some(AdditionId(77))));
        }
    }
}

#[test]
fn a_201_that_made_nothing_is_parked() {
    let mut intent = create();
    run(&mut intent, vec![Event::Claim, none(0), accepted(), none(0)]);
    assert_eq!((intent.state, describe(&intent)), (IntentState::Parked, "ConnectWise accepted the new addition but does not show it."));
}

#[test]
fn an_end_is_written_once_and_taken_back() {
    for (mut intent, before, after) in
        [(end(), reads(27, None), reads(27, Some("2026-11-22"))), (resume(), reads(27, Some("2026-11-22")), reads(27, None))]
    {
        let again = intent.clone();
        let commands = run(&mut intent, vec![Event::Claim, before.clone()]);
        assert!(matches!(commands, Some(Command::Write(Write::Cancelled(_)))), "{commands:?}");
        run(&mut intent, vec![accepted(), after.clone()]);
        assert_eq!(intent.state, IntentState::Done);
        let mut intent = again;
        run(&mut intent, vec![Event::Claim, after]);
        assert!(intent.state == IntentState::Done && intent.course.outcome.is_some_and(|outcome| outcome.adopted));
    }
}

#[test]
fn an_end_somebody_else_has_touched_is_left_alone() {
    let table = [
        (end(), reads(30, None), "The quantity changed from 27 to 30 since the preview. Nothing was written."),
        (end(), reads(27, Some("2026-11-01")), "The addition was ended on 2026-11-01 by someone else. Nothing was written."),
        (
            resume(),
            reads(27, Some("2026-11-01")),
            "The addition ends on 2026-11-01 now, not on 2026-11-22 as was written. Nothing was written.",
        ),
        (resume(), reads(30, Some("2026-11-22")), "The quantity changed from 27 to 30 since the preview. Nothing was written."),
    ];
    for (mut intent, event, expected) in table {
        run(&mut intent, vec![Event::Claim, event]);
        assert_eq!((intent.state, describe(&intent)), (IntentState::Failed, expected));
    }
}

#[test]
fn a_reversal_says_the_difference() {
    let mut intent = Intent { reverses: Some("first".into()), from: Quantity::from(27), to: Quantity::from(25), ..set() };
    run(&mut intent, vec![Event::Claim, reads(30, None)]);
    assert_eq!((intent.state, describe(&intent)), (IntentState::Failed, "It is 30 now, 27 was written. Nothing was written."));
}

#[test]
fn intents_stored_before_there_was_a_choice_set_a_quantity() {
    let mut stored = serde_json::to_value(set()).expect("json");
    for new in ["effect", "basis", "effective", "reverses", "reversed_by", "reason"] {
        stored.as_object_mut().expect("fields").remove(new);
    }
    let read: Intent = serde_json::from_value(stored).expect("an intent");
    assert_eq!(read, Intent { basis: String::new(), ..set() });
}

#[test]
fn the_course_of_a_stored_intent_lies_flat_among_its_fields() {
    let stored = r#"{"id":"i","line":"l","preview":"p","period":"2026-11","psa":"cw","agreement":1,"addition":2,"effect":{"kind":"set"},
        "from":"25","to":"27","basis":"ESET: 27 ordered, 14 activated","effective":null,"reverses":null,"reversed_by":null,
        "reason":null,"state":"done","stage":"proving","epoch":3,"attempts":2,"quiet_reads":1,"not_before":null,
        "outcome":{"at":"2026-11-22T12:00:00Z","words":"Written and read back.","found":"27","adopted":false,"version":"v"}}"#;
    let read: Intent = domain::json::read(stored.as_bytes()).expect("an intent");
    let found = read.outcome.as_ref().and_then(|outcome| outcome.found);
    assert_eq!((read.state, read.stage, read.epoch, found), (IntentState::Done, Stage::Proving, 3, Some(Quantity::from(27))));
    let same: serde_json::Value = serde_json::from_str(stored).expect("json");
    assert_eq!(serde_json::to_value(&read).expect("json"), same, "and it is written as it was read");
}

#[test]
fn what_was_seen_with_our_mark_is_never_made_again_though_later_reads_miss_it() {
    let (mut intent, settings, mut at) = (create(), Settings::default(), now());
    let mut events = vec![Event::Claim, none(0), lost(), Event::Claim, marked(30, false)];
    for _ in 0..12 {
        events.extend([Event::Claim, none(0)]);
    }
    let mut sent = 0;
    for event in events {
        at += TimeDelta::minutes(4);
        sent += usize::from(matches!(step(&mut intent, event, at, &settings), Some(Command::Write(_))));
    }
    assert_eq!((sent, intent.addition.is_some()), (1, true), "{intent:?}");
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Claim),
        3 => (0..2_u32).prop_map(none),
        2 => (prop_oneof![Just(27_u32), Just(30)], any::<bool>()).prop_map(|(quantity, ongoing)| marked(quantity, ongoing)),
        1 => Just(Event::ReadFailed { words: "503".to_owned(), wait: None }),
        2 => Just(accepted()),
        1 => Just(Event::Wrote(Answer::Refused { words: "no".to_owned() })),
        2 => Just(lost()),
        1 => Just(Event::Restarted),
    ]
}

proptest! {
    /// Whatever happens in whatever order: a POST follows a look that found neither our mark nor another line, after a lost one come
    /// two such looks, one later than any lag, and a third, and after an accepted one comes none.
    #[test]
    fn nothing_is_made_without_having_just_looked(events in proptest::collection::vec(any_event(), 1..80)) {
        let (mut intent, settings, mut at) = (create(), Settings::default(), now());
        let (mut looks_since, mut was_accepted) = (None, false);
        for event in events {
            at += TimeDelta::minutes(4);
            let listened = intent.state == IntentState::Inflight;
            was_accepted |= listened && intent.stage == Stage::Writing && event == accepted();
            let commands = step(&mut intent, event.clone(), at, &settings);
            if listened && matches!(event, Event::Read(Observed::Unmarked { .. })) {
                looks_since = looks_since.map(|(sent, looks)| (sent, looks + 1));
            }
            if matches!(commands, Some(Command::Write(_))) {
                prop_assert_eq!(&event, &none(0));
                prop_assert!(!was_accepted, "sent again after it was accepted");
                if let Some((sent, looks)) = looks_since {
                    prop_assert!(looks >= 3 && at - sent >= settings.read_lag - TimeDelta::minutes(4), "{} looks", looks);
                }
                looks_since = None;
            }
            if listened && (event == lost() || event == Event::Restarted) && intent.state == IntentState::Unknown && looks_since.is_none() {
                looks_since = Some((at, 0));
            }
        }
    }
}
