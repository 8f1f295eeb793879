//! Tests of what an intent's end means for its case.

use super::super::{About, DeviceTraits, TicketOutcome, summary_subject};
use super::*;
use crate::Ending;
use chrono::TimeDelta;
use domain::ids::{BoardId, PsaCompanyId, TicketId};
use domain::tickets::example::rule;
use domain::tickets::{Closer, Fields, Next, TicketAction, TicketRule, TicketState, next};

const T7: TicketId = TicketId(7);

fn at(minutes: i64) -> Timestamp {
    "2026-11-22T12:00:00Z".parse::<Timestamp>().expect("a moment") + TimeDelta::minutes(minutes)
}

fn about(entry: u32) -> About<'static> {
    let fields = Fields { device: "<PC>\n042".into(), rule: "Not protected".into(), ..Fields::default() };
    About { subject: "d", entry, company: PsaCompanyId(5), fields, device: Some(DeviceTraits::default()) }
}

fn intent(action: TicketAction, entry: u32) -> TicketIntent {
    TicketIntent::of(&rule(), action, about(entry)).expect("templates")
}

fn ended(action: TicketAction, entry: u32, state: IntentState, end: TicketEnd, open: Option<bool>) -> TicketIntent {
    let mut ended = TicketIntent { ticket: Some(T7), ..intent(action, entry) };
    let outcome = TicketOutcome { at: at(60), end, words: "So.".to_owned(), open, closed_at: None };
    ended.course.end(Ending { state, outcome });
    ended
}

/// A device with an open ticket that left and came back, entries 1 and 2.
fn back() -> Case {
    let mut case = Case::entered(at(0));
    case.stands_by(T7, false);
    case.observe(false, at(10));
    case.observe(true, at(20));
    case
}

#[test]
fn what_came_of_an_intent_is_carried_into_its_case() {
    use {IntentState::*, TicketEnd::*};
    let open = TicketState::Open;
    let closed = |by| TicketState::Closed { at: at(60), by };
    // TicketAction, how it ended and how the ticket stood; whether the second entry is dealt with then, and how the ticket stands.
    let table = [
        (TicketAction::Note(T7), Done, Written, Some(true), true, open),
        (TicketAction::Note(T7), Done, Closed, Some(false), false, closed(Closer::Person)),
        (TicketAction::Note(T7), Done, Gone, None, false, TicketState::Gone),
        (TicketAction::Note(T7), Failed, Refused, Some(true), false, open),
        (TicketAction::Note(T7), Parked, Stuck, Some(false), false, open),
        (TicketAction::Reopen(T7), Done, Adopted, Some(true), true, open),
        (TicketAction::Reopen(T7), Done, Written, Some(false), true, closed(Closer::Person)),
        (TicketAction::Reopen(T7), Done, Gone, None, false, TicketState::Gone),
        (TicketAction::Reopen(T7), Failed, Withdrawn, Some(false), false, open),
        (TicketAction::Close(T7), Done, Written, Some(false), false, closed(Closer::Us)),
        (TicketAction::Close(T7), Done, Arrived, None, false, closed(Closer::Us)),
        (TicketAction::Close(T7), Done, Written, Some(true), false, open),
        (TicketAction::Close(T7), Done, Adopted, Some(false), false, closed(Closer::Person)),
        (TicketAction::Close(T7), Done, Gone, None, false, TicketState::Gone),
        (TicketAction::Close(T7), Done, Moved, Some(true), false, open),
        (TicketAction::Close(T7), Failed, Refused, Some(true), false, open),
        (TicketAction::Open, Done, Written, Some(true), true, open),
        (TicketAction::Open, Done, Arrived, Some(false), true, closed(Closer::Person)),
        (TicketAction::Open, Done, Gone, None, true, TicketState::Gone),
    ];
    for (action, state, end, seen, dealt, stands) in table {
        let mut case = back();
        settle(&mut case, &ended(action, 2, state, end, seen), at(60));
        let ticket = case.ticket.as_ref().map(|ticket| ticket.state);
        assert_eq!((!case.is_new(), ticket), (dealt, Some(stands)), "{action:?} {state:?} {end:?} {seen:?}");
    }
}

#[test]
fn a_ticket_that_came_late_does_not_deal_with_the_next_entry() {
    let mut case = Case::entered(at(0));
    case.observe(false, at(10));
    case.observe(true, at(20));
    settle(&mut case, &ended(TicketAction::Open, 1, IntentState::Done, TicketEnd::Arrived, Some(true)), at(60));
    assert_eq!((case.dealt, case.entries), (1, 2));
    assert_eq!(next(&case, &rule().lifecycle, None, at(60)), Next::Do(TicketAction::Note(T7)));
}

#[test]
fn a_note_that_found_its_ticket_closed_goes_by_the_day_it_was_closed() {
    let mut case = back();
    let mut intent = ended(TicketAction::Note(T7), 2, IntentState::Done, TicketEnd::Closed, Some(false));
    intent.outcome.as_mut().expect("an outcome").closed_at = Some(at(15));
    settle(&mut case, &intent, at(60));
    // It was closed before the device came back, so nobody has seen the return.
    assert_eq!(next(&case, &rule().lifecycle, None, at(60)), Next::Do(TicketAction::Reopen(T7)));
}

#[test]
fn a_summary_stands_for_each_of_its_cases() {
    let told = [("d", 2), ("e", 1)];
    let about = About { subject: &summary_subject(told), entry: 1, ..about(1) };
    let mut summary = TicketIntent::summary_of(&rule(), &["<PC>\n042", "PC-043"], about).expect("known fields");
    assert_eq!(summary.summary, "2 devices: Not protected");
    assert!(summary.text.ends_with("\n- ‹PC› 042\n- PC-043") && summary.device.is_none(), "{}", summary.text);
    let mut case = back();
    assert!(!still_wanted(&case, &summary), "its own ticket is open");
    case.look_at_ticket(T7, Some(false), at(5));
    assert!(still_wanted(&case, &summary));
    (summary.ticket, summary.state) = (Some(TicketId(9)), IntentState::Done);
    summary.course.outcome = ended(TicketAction::Open, 2, IntentState::Done, TicketEnd::Written, Some(true)).course.outcome;
    // Tried again, when one of its devices has a ticket of its own meanwhile.
    for own in [back(), {
        let mut own = back();
        own.stands_by(TicketId(8), false);
        own
    }] {
        let mut settled = own.clone();
        settle(&mut settled, &summary, at(60));
        assert_eq!(settled, own);
    }
    settle(&mut case, &summary, at(60));
    assert!(!case.is_new() && case.ticket.is_some_and(|ticket| ticket.summary && ticket.id == TicketId(9)));
    let many = vec!["x"; 700];
    assert!(TicketIntent::summary_of(&rule(), &many, self::about(1)).expect("known fields").text.ends_with("- and 200 more"));
}

#[test]
fn what_is_still_wanted_is_about_the_entry_there_is() {
    let entered = Case::entered(at(0));
    let mut left = entered.clone();
    left.observe(false, at(10));
    let mut dealt = entered.clone();
    dealt.stands_by(T7, false);
    let mut over = dealt.clone();
    over.observe(false, at(10));
    let mut summary = over.clone();
    summary.stands_by(T7, true);
    let mut other = back();
    other.stands_by(TicketId(8), false);
    let table = [
        (&entered, TicketAction::Open, 1, true),
        (&left, TicketAction::Open, 1, false),
        (&dealt, TicketAction::Open, 1, false),
        (&back(), TicketAction::Open, 1, false),
        (&back(), TicketAction::Note(T7), 2, true),
        (&back(), TicketAction::Reopen(T7), 2, true),
        (&back(), TicketAction::Note(T7), 1, false),
        (&back(), TicketAction::Note(TicketId(8)), 2, false),
        (&other, TicketAction::Note(TicketId(8)), 2, false),
        (&over, TicketAction::Close(T7), 1, true),
        (&dealt, TicketAction::Close(T7), 1, false),
        (&back(), TicketAction::Close(T7), 1, false),
        (&back(), TicketAction::Close(T7), 2, false),
        (&summary, TicketAction::Close(T7), 1, false),
    ];
    for (case, action, entry, wanted) in table {
        assert_eq!(still_wanted(case, &intent(action, entry)), wanted, "{action:?} of entry {entry} for {case:?}");
    }
    let test = TicketIntent::test_of(&rule(), about(0)).expect("templates");
    assert!(still_wanted(&left, &test));
    assert_eq!(test.summary, "Test: ‹PC› 042 is in");
    assert!(test.text.starts_with("This is a test of the rule Not protected."), "{}", test.text);
    let mut case = left.clone();
    let course = ended(TicketAction::Open, 1, IntentState::Done, TicketEnd::Written, None).course;
    settle(&mut case, &TicketIntent { ticket: Some(T7), course, ..test }, at(60));
    assert_eq!(case, left, "a test is nobody's");
}

#[test]
fn an_intent_is_one_by_rule_subject_entry_and_deed() {
    let one = intent(TicketAction::Open, 1);
    let renamed = TicketRule { name: "Other".to_owned(), summary: "{rule}".to_owned(), ..rule() };
    assert_eq!(TicketIntent::of(&renamed, TicketAction::Open, about(1)).expect("templates").id, one.id);
    let other_rule = TicketIntent::of(&TicketRule { id: "s".into(), ..rule() }, TicketAction::Open, about(1)).expect("templates");
    let other_subject = TicketIntent::of(&rule(), TicketAction::Open, About { subject: "e", ..about(1) }).expect("templates");
    for other in [
        other_rule,
        other_subject,
        intent(TicketAction::Open, 2),
        intent(TicketAction::Reopen(T7), 1),
        TicketIntent::test_of(&rule(), about(1)).expect("templates"),
    ] {
        assert_ne!(other.id, one.id);
    }
    let elsewhere = domain::tickets::TicketTarget { board: BoardId(2), ..rule().target };
    let moved = intent(TicketAction::Close(T7), 1).on(elsewhere.clone());
    assert_eq!((moved.target, moved.id), (elsewhere, intent(TicketAction::Close(T7), 1).id));
    let json = serde_json::to_string(&one).expect("JSON");
    assert_eq!(serde_json::from_str::<TicketIntent>(&json).expect("an intent"), one);
}
