//! A change of a quantity, step by step.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::{Answer, Command, Settings, step};
use domain::ids::AgreementId;

type Event = crate::Event<Observed, Option<AdditionId>>;

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("a moment")
}

pub(crate) fn intent() -> Intent {
    Intent {
        id: "i".to_owned().as_str().into(),
        line: "l".into(),
        preview: "p".into(),
        period: "2026-11".parse().expect("a month"),
        psa: "cw".into(),
        agreement: AgreementId(1),
        addition: Some(AdditionId(2)),
        effect: Change::Set,
        from: Quantity::from(25),
        to: Quantity::from(27),
        version: None,
        basis: "ESET: 27 ordered, 14 activated".to_owned(),
        effective: None,
        reverses: None,
        reversed_by: None,
        reason: None,
        course: Course::planned(None),
    }
}

fn reads(quantity: u32) -> Event {
    Event::Read(Observed::Addition {
        quantity: Quantity::from(quantity),
        version: "v".to_owned(),
        description: String::new(),
        cancelled: None,
        ongoing: true,
        agreement: AgreementStatus::Active,
    })
}

fn dated(quantity: u32, version: &str) -> Event {
    Event::Read(Observed::Addition {
        quantity: Quantity::from(quantity),
        version: version.to_owned(),
        description: String::new(),
        cancelled: None,
        ongoing: true,
        agreement: AgreementStatus::Active,
    })
}

fn write(quantity: u32) -> Command<Write> {
    let quantity = Quantity::from(quantity);
    let description = crate::billing::note::described("", &intent(), now());
    Command::Write(Write::Quantity { quantity, description })
}

/// The times of a ConnectWise whose reads do not lag; what a lag does, the machine's own tests say.
fn prompt() -> Settings {
    Settings { read_lag: TimeDelta::zero(), ..Settings::default() }
}

fn run(intent: &mut Intent, at: Timestamp, events: Vec<Event>) -> Option<Command<Write>> {
    let settings = prompt();
    events.into_iter().fold(None, |_, event| step(intent, event, at, &settings))
}

#[test]
fn an_approved_change_is_checked_written_and_read_back() {
    let mut intent = intent();
    assert_eq!(run(&mut intent, now(), vec![Event::Claim]), Some(Command::Read));
    assert_eq!(run(&mut intent, now(), vec![reads(25)]), Some(write(27)));
    assert_eq!(run(&mut intent, now(), vec![Event::Wrote(Answer::Accepted(None))]), Some(Command::Read));
    assert_eq!(run(&mut intent, now(), vec![reads(27)]), Some(Command::Settled));
    assert_eq!(intent.state, IntentState::Done);
    assert!(!intent.course.outcome.expect("an outcome").adopted);
}

#[test]
fn what_is_there_already_is_adopted_without_a_write() {
    let mut intent = intent();
    assert_eq!(run(&mut intent, now(), vec![Event::Claim, reads(27)]), Some(Command::Settled));
    assert_eq!(intent.state, IntentState::Done);
    assert!(intent.course.outcome.expect("an outcome").adopted);
}

#[test]
fn anything_changed_since_the_preview_is_refused() {
    let cancelled = Event::Read(Observed::Addition {
        quantity: Quantity::from(25),
        version: "v".to_owned(),
        description: String::new(),
        cancelled: None,
        ongoing: true,
        agreement: AgreementStatus::Cancelled,
    });
    let ended = Event::Read(Observed::Addition {
        quantity: Quantity::from(25),
        version: "v".to_owned(),
        description: String::new(),
        cancelled: None,
        ongoing: false,
        agreement: AgreementStatus::Active,
    });
    for event in [reads(26), cancelled, ended, Event::Read(Observed::Gone)] {
        let mut intent = intent();
        assert_eq!(run(&mut intent, now(), vec![Event::Claim, event]), Some(Command::Settled));
        assert_eq!(intent.state, IntentState::Failed);
    }
}

#[test]
fn a_200_that_changed_nothing_is_parked() {
    let mut intent = intent();
    run(&mut intent, now(), vec![Event::Claim, reads(25), Event::Wrote(Answer::Accepted(None)), reads(25)]);
    assert_eq!(intent.state, IntentState::Parked);
}

#[test]
fn a_lost_answer_is_read_back_and_adopted() {
    let mut intent = intent();
    let lost = Event::Wrote(Answer::Lost { words: "timed out".to_owned(), wait: None });
    let commands = run(&mut intent, now(), vec![Event::Claim, reads(25), lost]);
    let settled = now() + Settings::default().settle;
    assert_eq!(commands, Some(Command::WakeAt(settled)));
    assert_eq!(run(&mut intent, now(), vec![Event::Claim]), Some(Command::WakeAt(settled)), "claimed before it settled");
    assert_eq!(run(&mut intent, settled, vec![Event::Claim, reads(27)]), Some(Command::Settled));
    assert_eq!(intent.state, IntentState::Done);
    assert!(intent.course.outcome.expect("an outcome").adopted);
}

/// ConnectWise answered 200, and for minutes its reads show the old number, or one that is older still.
#[test]
fn what_was_accepted_is_looked_for_while_reads_lag_and_is_then_done() {
    let settings = Settings::default();
    let mut intent = intent();
    let mut at = now();
    for event in [Event::Claim, reads(25), Event::Wrote(Answer::Accepted(None))] {
        step(&mut intent, event, at, &settings);
    }
    let mut looks = 0;
    while at < now() + TimeDelta::minutes(8) {
        let seen = reads(if looks % 2 == 0 { 25 } else { 12 });
        let Some(Command::WakeAt(next)) = step(&mut intent, seen, at, &settings) else { panic!("{intent:?}") };
        assert_eq!(intent.state, IntentState::Unknown);
        at = next;
        looks += 1;
        assert_eq!(step(&mut intent, Event::Claim, at, &settings), Some(Command::Read));
    }
    assert!(looks <= 8, "{looks} looks in eight minutes");
    assert_eq!(step(&mut intent, reads(27), at, &settings), Some(Command::Settled));
    let outcome = intent.course.outcome.as_ref().expect("an outcome");
    assert_eq!((intent.state, outcome.adopted, outcome.words.as_str()), (IntentState::Done, false, "Written and read back."));
}

#[test]
fn a_read_older_than_the_preview_is_not_a_change_somebody_made() {
    let mut intent = Intent { version: Some("2026-11-22T11:59:00Z".to_owned()), ..intent() };
    run(&mut intent, now(), vec![Event::Claim, dated(12, "2026-11-20T08:00:00Z")]);
    assert_eq!(intent.state, IntentState::Planned);
    let commands = run(&mut intent, now() + TimeDelta::minutes(1), vec![Event::Claim, dated(25, "2026-11-22T11:59:00Z")]);
    assert!(matches!(commands, Some(Command::Write(Write::Quantity { .. }))), "{commands:?}");
}

/// It had 27 once, then 25, which was previewed; a replica that lags still shows the 27.
#[test]
fn what_was_so_before_the_preview_is_no_proof_that_it_is_so_now() {
    let (old, known) = ("2026-11-20T08:00:00Z", "2026-11-22T11:59:00Z");
    let mut intent = Intent { version: Some(known.to_owned()), ..intent() };
    run(&mut intent, now(), vec![Event::Claim, dated(27, old)]);
    assert_eq!(intent.state, IntentState::Planned, "it is not called done");
    let accepted = Event::Wrote(Answer::Accepted(None));
    run(&mut intent, now() + TimeDelta::minutes(1), vec![Event::Claim, dated(25, known), accepted, dated(27, old)]);
    assert_eq!(intent.state, IntentState::Unknown);
    run(&mut intent, now() + TimeDelta::minutes(3), vec![Event::Claim, dated(27, "2026-11-22T12:01:00Z")]);
    assert_eq!(intent.state, IntentState::Done);
}

#[test]
fn a_change_is_taken_back_although_reads_lag_behind_it() {
    let (before, after) = ("2026-11-22T11:00:00Z", "2026-11-22T12:00:01Z");
    let mut set = Intent { version: Some(before.to_owned()), ..intent() };
    run(&mut set, now(), vec![Event::Claim, dated(25, before), Event::Wrote(Answer::Accepted(None)), dated(27, after)]);
    let mut back = set.reversal("Ordered by mistake.", now()).expect("it is done");
    run(&mut back, now(), vec![Event::Claim, dated(25, before)]);
    assert_eq!(back.state, IntentState::Planned, "what was there before the change does not take it back");
    let commands = run(&mut back, now() + TimeDelta::minutes(1), vec![Event::Claim, dated(27, after)]);
    assert!(matches!(commands, Some(Command::Write(Write::Quantity { quantity, .. })) if quantity == Quantity::from(25)), "{commands:?}");
}

#[test]
fn an_addition_that_is_not_shown_yet_is_not_said_to_be_gone_when_it_is_taken_back() {
    let settings = Settings::default();
    let mut set = intent();
    let version = "2026-11-22T12:00:01Z";
    run(&mut set, now(), vec![Event::Claim, reads(25), Event::Wrote(Answer::Accepted(None)), dated(27, version)]);
    let mut back = set.reversal("Ordered by mistake.", now()).expect("it is done");
    step(&mut back, Event::Claim, now(), &settings);
    let Some(Command::WakeAt(_)) = step(&mut back, Event::Read(Observed::Gone), now(), &settings) else { panic!("{back:?}") };
    assert_eq!(back.state, IntentState::Planned);
    let later = now() + settings.read_lag + TimeDelta::minutes(1);
    step(&mut back, Event::Claim, later, &settings);
    assert_eq!(step(&mut back, Event::Read(Observed::Gone), later, &settings), Some(Command::Settled));
    assert_eq!(back.state, IntentState::Failed);
}

#[test]
fn a_lost_write_is_sent_again_only_after_two_quiet_reads() {
    let mut intent = intent();
    let Settings { settle, apart, .. } = prompt();
    let lost = Event::Wrote(Answer::Lost { words: "timed out".to_owned(), wait: None });
    run(&mut intent, now(), vec![Event::Claim, reads(25), lost]);
    run(&mut intent, now() + settle, vec![Event::Claim, reads(25)]);
    assert_eq!(intent.state, IntentState::Unknown);
    run(&mut intent, now() + settle + apart, vec![Event::Claim, reads(25)]);
    assert_eq!(intent.state, IntentState::Planned);
    let commands = run(&mut intent, now() + settle + apart, vec![Event::Claim, reads(25)]);
    assert!(matches!(commands, Some(Command::Write(Write::Quantity { quantity, .. })) if quantity == Quantity::from(27)));
}

#[test]
fn a_crash_in_mid_write_is_treated_as_a_lost_answer() {
    let mut intent = intent();
    run(&mut intent, now(), vec![Event::Claim, reads(25), Event::Restarted]);
    assert_eq!(intent.state, IntentState::Unknown);
    let mut before_the_write = self::intent();
    run(&mut before_the_write, now(), vec![Event::Claim, Event::Restarted]);
    assert_eq!(before_the_write.state, IntentState::Planned);
}

#[test]
fn a_third_number_after_a_lost_answer_is_a_persons_matter() {
    let mut intent = intent();
    let lost = Event::Wrote(Answer::Lost { words: "timed out".to_owned(), wait: None });
    run(&mut intent, now(), vec![Event::Claim, reads(25), lost]);
    run(&mut intent, now() + Settings::default().settle, vec![Event::Claim, reads(30)]);
    assert_eq!(intent.state, IntentState::Parked);
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => Just(Event::Claim),
        3 => prop_oneof![Just(25_u32), Just(27), Just(30)].prop_map(reads),
        1 => Just(Event::Read(Observed::Gone)),
        1 => Just(Event::ReadFailed { words: "503".to_owned(), wait: None }),
        2 => Just(Event::Wrote(Answer::Accepted(None))),
        1 => Just(Event::Wrote(Answer::Refused { words: "no".to_owned() })),
        1 => Just(Event::Wrote(Answer::Deferred { wait: TimeDelta::seconds(5), words: "It asks for fewer calls.".to_owned() })),
        2 => Just(Event::Wrote(Answer::Lost { words: "cut".to_owned(), wait: None })),
        1 => Just(Event::Restarted),
    ]
}

proptest! {
    /// Whatever happens in whatever order: a write follows a read that found the previewed quantity, and never a read that
    /// did not.
    #[test]
    fn nothing_is_written_without_having_just_read_the_previewed_quantity(events in proptest::collection::vec(any_event(), 1..60)) {
        let mut intent = intent();
        let settings = Settings::default();
        let mut at = now();
        for event in events {
            at += TimeDelta::seconds(20);
            let commands = step(&mut intent, event.clone(), at, &settings);
            if matches!(commands, Some(Command::Write(_))) {
                prop_assert_eq!(event, reads(25));
                prop_assert_eq!((intent.state, intent.stage), (IntentState::Inflight, Stage::Writing));
            }
        }
    }

    /// Once calls are answered again, everything is over within a bounded number of claims.
    #[test]
    fn an_intent_is_over_soon_after_faults_stop(events in proptest::collection::vec(any_event(), 0..30)) {
        let mut intent = intent();
        let settings = Settings::default();
        let mut at = now();
        let mut vendor = 25;
        for event in events {
            at += TimeDelta::seconds(20);
            step(&mut intent, event, at, &settings);
        }
        let mut commands = step(&mut intent, Event::Restarted, at, &settings);
        for _ in 0..40 {
            at += settings.apart;
            if intent.state.is_over() {
                break;
            }
            let event = match &commands {
                Some(Command::Read) => reads(vendor),
                Some(Command::Write(_)) => { vendor = 27; Event::Wrote(Answer::Accepted(None)) }
                _ => Event::Claim,
            };
            commands = step(&mut intent, event, at, &settings);
        }
        prop_assert!(intent.state.is_over(), "{intent:?}");
    }
}
