//! Tests of a ticket's life: delay, return, a person's close, detections.

use super::*;

fn at(minutes: i64) -> Timestamp {
    "2026-11-02T06:00:00Z".parse::<Timestamp>().expect("a moment") + TimeDelta::minutes(minutes)
}

const T1: TicketId = TicketId(1);
const DAY: i64 = 24 * 60;

/// A device whose ticket was closed by `by` at minute 200 and which came back at minute `back`.
fn returned(by: Closer, back: i64) -> Case {
    let mut case = Case::entered(at(0));
    case.stands_by(T1, false);
    case.observe(false, at(100));
    match by {
        Closer::Us => case.closed(at(200)),
        Closer::Person => case.look_at_ticket(T1, Some(false), at(200)),
    }
    case.observe(true, at(back));
    case
}

#[test]
fn a_ticket_is_opened_after_the_delay_and_closed_after_the_device_was_out_long_enough() {
    let rule = Lifecycle::default();
    let mut case = Case::entered(at(0));
    assert_eq!(next(&case, &rule, None, at(29)), Next::Wait(at(30)));
    assert_eq!(next(&case, &rule, None, at(30)), Next::Do(TicketAction::Open));
    case.stands_by(T1, false);
    assert_eq!(next(&case, &rule, None, at(31)), Next::Rest);
    case.observe(false, at(100));
    assert_eq!(next(&case, &rule, None, at(159)), Next::Wait(at(160)));
    assert_eq!(next(&case, &rule, None, at(160)), Next::Do(TicketAction::Close(T1)));
    let people_close = Lifecycle { close_after_minutes: None, ..rule };
    assert_eq!(next(&case, &people_close, None, at(9_999)), Next::Rest);
    case.closed(at(160));
    assert_eq!(next(&case, &rule, None, at(9_999)), Next::Rest);
}

#[test]
fn what_left_in_time_is_skipped_and_what_came_back_in_time_is_noted() {
    let rule = Lifecycle::default();
    let mut case = Case::entered(at(0));
    case.observe(false, at(10));
    assert_eq!(next(&case, &rule, None, at(11)), Next::Skip(Skip::LeftInTime));
    case.skip();
    assert_eq!(next(&case, &rule, None, at(12)), Next::Rest);
    // Of one that was in for days nobody says that it left in time.
    let mut long = Case::entered(at(0));
    long.observe(false, at(4_320));
    assert_eq!(next(&long, &rule, None, at(4_321)), Next::Skip(Skip::LeftUnopened));

    let mut case = Case::entered(at(0));
    case.stands_by(T1, false);
    case.observe(false, at(100));
    case.observe(true, at(110));
    assert_eq!(next(&case, &rule, None, at(140)), Next::Do(TicketAction::Note(T1)));
    case.stands_by(T1, false);
    assert_eq!(next(&case, &rule, None, at(141)), Next::Rest);
}

#[test]
fn what_is_detected_again_is_noted_and_what_nobody_knew_of_outlives_a_close() {
    let rule = Lifecycle { close_after_minutes: None, ..Lifecycle::default() };
    let mut case = Case::found(at(0));
    assert_eq!(next(&case, &rule, None, at(29)), Next::Wait(at(30)));
    assert_eq!(next(&case, &rule, None, at(30)), Next::Do(TicketAction::Open));
    case.stands_by(T1, false);
    assert_eq!((next(&case, &rule, None, at(99_999)), case.rests()), (Next::Rest, true), "it is never over");
    case.find_more(at(40));
    assert_eq!((case.entries, case.rests()), (2, false));
    assert_eq!(next(&case, &rule, None, at(70)), Next::Do(TicketAction::Note(T1)));
    // Closed meanwhile by somebody who has not read of it.
    case.look_at_ticket(T1, Some(false), at(50));
    for (on_return, then) in [
        (Return::Reopen, Next::Do(TicketAction::Reopen(T1))),
        (Return::New, Next::Do(TicketAction::Open)),
        (Return::Nothing, Next::Skip(Skip::CameBack)),
    ] {
        assert_eq!(next(&case, &Lifecycle { on_return, ..rule }, None, at(70)), then);
    }
    let entered = Case { presence: Presence::In(at(40)), ..case };
    assert_eq!(next(&entered, &rule, None, at(70)), Next::Skip(Skip::ClosedSince), "who closes knows who is in the group");
}

#[test]
fn a_return_is_what_the_rule_makes_of_it() {
    use {Closer::*, Return::*};
    let reopen = Next::Do(TicketAction::Reopen(T1));
    let open = Next::Do(TicketAction::Open);
    let skip = Next::Skip(Skip::CameBack);
    let table = [
        (Us, 300, [(Reopen, reopen), (New, reopen), (Nothing, skip)]),
        (Us, 3 * DAY, [(Reopen, reopen), (New, open), (Nothing, skip)]),
        (Us, 9 * DAY, [(Reopen, open), (New, open), (Nothing, open)]),
        (Person, 300, [(Reopen, reopen), (New, open), (Nothing, skip)]),
        (Person, 9 * DAY, [(Reopen, open), (New, open), (Nothing, open)]),
    ];
    for (by, back, answers) in table {
        for (on_return, expected) in answers {
            let rule = Lifecycle { on_return, ..Lifecycle::default() };
            assert_eq!(next(&returned(by, back), &rule, None, at(back + 30)), expected, "{by:?} closed, back at {back}, {on_return:?}");
        }
    }
}

#[test]
fn a_persons_close_is_respected_until_the_device_enters_anew() {
    let rule = Lifecycle::default();
    let mut case = Case::entered(at(0));
    case.stands_by(T1, false);
    case.look_at_ticket(T1, Some(false), at(50));
    for minute in [51, 5_000] {
        case.observe(true, at(minute));
        assert_eq!(next(&case, &rule, None, at(minute)), Next::Rest, "the device is still in");
    }
    case.observe(false, at(6_000));
    assert_eq!(next(&case, &rule, None, at(7_000)), Next::Rest, "what is closed is not closed again");
    case.observe(true, at(8_000));
    assert_eq!(next(&case, &rule, None, at(8_030)), Next::Do(TicketAction::Reopen(T1)));
    case.look_at_ticket(T1, Some(true), at(8_031));
    case.look_at_ticket(T1, Some(false), at(8_040));
    assert_eq!(next(&case, &rule, None, at(8_041)), Next::Skip(Skip::ClosedSince), "closed with the return in sight");
}

#[test]
fn a_ticket_that_was_deleted_is_not_made_again_before_the_next_entry() {
    let rule = Lifecycle::default();
    let mut case = Case::entered(at(0));
    case.stands_by(T1, false);
    case.look_at_ticket(T1, None, at(50));
    assert_eq!(next(&case, &rule, None, at(60)), Next::Rest);
    case.observe(false, at(70));
    assert_eq!(next(&case, &rule, None, at(500)), Next::Rest);
    case.observe(true, at(600));
    assert_eq!(next(&case, &rule, None, at(630)), Next::Do(TicketAction::Open));
}

#[test]
fn what_came_back_while_we_closed_is_opened_again_whatever_the_rule_makes_of_returns() {
    let rule = Lifecycle { on_return: Return::Nothing, ..Lifecycle::default() };
    let mut case = Case::entered(at(0));
    case.stands_by(T1, false);
    case.observe(false, at(100));
    case.observe(true, at(159));
    case.closed(at(160));
    assert_eq!(next(&case, &rule, None, at(189)), Next::Do(TicketAction::Reopen(T1)));
}

#[test]
fn the_look_at_another_ticket_changes_nothing() {
    let mut case = returned(Closer::Us, 300);
    let before = case.clone();
    case.look_at_ticket(TicketId(2), Some(true), at(400));
    assert_eq!(case, before);
}

#[test]
fn silence_puts_off_and_forgets_nothing() {
    let rule = Lifecycle::default();
    let case = Case::entered(at(0));
    assert_eq!(next(&case, &rule, Some(at(120)), at(60)), Next::Wait(at(120)));
    assert_eq!(next(&case, &rule, Some(at(10)), at(5)), Next::Wait(at(30)));
    assert_eq!(next(&case, &rule, None, at(120)), Next::Do(TicketAction::Open));
    let mut open = case;
    open.stands_by(T1, false);
    open.observe(false, at(100));
    assert_eq!(next(&open, &rule, Some(at(9_999)), at(160)), Next::Do(TicketAction::Close(T1)), "what is over may be closed in silence");
}

#[test]
fn a_device_on_a_summary_has_no_ticket_of_its_own_to_close_or_open() {
    let rule = Lifecycle::default();
    let mut case = Case::entered(at(0));
    case.stands_by(T1, true);
    case.observe(false, at(100));
    assert_eq!(next(&case, &rule, None, at(9_999)), Next::Rest);
    case.observe(true, at(10_000));
    assert_eq!(next(&case, &rule, None, at(10_030)), Next::Skip(Skip::OnSummary));
    case.look_at_ticket(T1, Some(false), at(10_000));
    assert_eq!(next(&case, &rule, None, at(10_030)), Next::Do(TicketAction::Open));
}

#[test]
fn an_entry_that_was_left_to_a_summary_nobody_knew_to_be_closed_is_dealt_with_after_all() {
    let rule = Lifecycle::default();
    let mut case = Case::entered(at(0));
    case.stands_by(T1, true);
    case.observe(false, at(100));
    case.observe(true, at(200));
    assert_eq!(next(&case, &rule, None, at(230)), Next::Skip(Skip::OnSummary));
    case.skip();
    let mut closed_since = case.clone();
    closed_since.look_at_ticket(T1, Some(false), at(201));
    assert_eq!(next(&closed_since, &rule, None, at(240)), Next::Rest, "who closed it knew of the return");
    case.look_at_ticket(T1, Some(false), at(150));
    assert_eq!(next(&case, &rule, None, at(240)), Next::Do(TicketAction::Open));
    case.look_at_ticket(T1, Some(false), at(150));
    case.stands_by(TicketId(2), false);
    assert_eq!(next(&case, &rule, None, at(240)), Next::Rest, "once");
}

#[test]
fn a_deleted_summary_leaves_no_entry_without_a_ticket_that_came_after_it() {
    let rule = Lifecycle::default();
    let mut case = Case::entered(at(0));
    case.stands_by(T1, true);
    let mut first = case.clone();
    first.look_at_ticket(T1, None, at(240));
    assert_eq!(next(&first, &rule, None, at(240)), Next::Rest, "who deleted it knew of the device on it");
    case.observe(false, at(100));
    case.observe(true, at(200));
    case.skip();
    case.look_at_ticket(T1, None, at(240));
    assert_eq!(next(&case, &rule, None, at(240)), Next::Do(TicketAction::Open));
    case.look_at_ticket(T1, None, at(250));
    case.stands_by(TicketId(2), false);
    assert_eq!(next(&case, &rule, None, at(260)), Next::Rest, "once");
}

#[test]
fn a_case_rests_as_long_as_no_rule_would_do_anything_about_it() {
    let mut case = Case::entered(at(0));
    assert!(!case.rests(), "an entry nobody has dealt with");
    case.stands_by(T1, false);
    assert!(case.rests(), "in the group with a ticket");
    case.observe(false, at(100));
    assert!(!case.rests(), "its ticket is to be closed");
    case.closed(at(200));
    assert!(case.rests());
    case.observe(true, at(300));
    assert!(!case.rests(), "it has come back");
    case.stands_by(T1, true);
    case.observe(false, at(400));
    assert!(case.rests(), "a summary is not its own to close");
}
