//! What was stored of tickets' intents is read.

use super::*;
use crate::tickets::{About, Attachment, Look, Receipt, Sighting, TicketWrite};
use crate::{Answer, Command, Effect, Event, Stage, step};
use domain::tickets::Fields;
use domain::tickets::example::{rule, target};

#[test]
fn an_intent_is_read_as_it_was_stored_before_its_course_had_a_type() {
    let target = serde_json::to_string(&target()).expect("json");
    let stored = format!(
        r#"{{"id":"i","rule":"r","subject":"d","entry":2,"deed":"open","ticket":null,"target":{target},"company":5,"summary":"s","text":"t",
        "device":null,"configuration":null,"state":"unknown","stage":"writing","epoch":3,"attempts":2,"quiet_reads":1,"sent":true,
        "parts":{{"status":"nothing","note":"nothing","configuration":"nothing","attached":"nothing"}},"came":null,"remarks":[],
        "withdrawn":null,"trouble":{{"since":"2026-11-22T12:00:00Z","words":"503"}},"not_before":"2026-11-22T12:00:30Z","outcome":null}}"#
    );
    let read: TicketIntent = domain::json::read(stored.as_bytes()).expect("an intent");
    assert_eq!((read.state, read.stage, read.epoch, read.attempts, read.quiet_reads), (IntentState::Unknown, Stage::Writing, 3, 2, 1));
    assert!(read.sent && read.holds_case() && read.trouble.as_ref().is_some_and(|trouble| trouble.words == "503"));
    let same: serde_json::Value = serde_json::from_str(&stored).expect("json");
    assert_eq!(serde_json::to_value(&read).expect("json"), same, "and it is written as it was read");

    let without = stored.replace(r#"{"since":"2026-11-22T12:00:00Z","words":"503"}"#, "null");
    let read: TicketIntent = domain::json::read(without.as_bytes()).expect("an intent");
    assert_eq!(read.trouble, None);
}

#[test]
fn a_status_that_was_accepted_and_never_showed_is_looked_for_when_it_is_tried_again() {
    let about = About { subject: "d", entry: 1, company: PsaCompanyId(2), fields: Fields::default(), device: None };
    let mut close = TicketIntent::of(&rule(), TicketAction::Close(TicketId(7)), about).expect("the rule's own templates");
    let (target, settings) = (target(), TicketIntent::settings());
    let look = |closed: bool| {
        let status = if closed { target.closed_status } else { target.open_status };
        let (id, board, configuration) = (TicketId(7), target.board, Attachment::Missing);
        Event::Read(Sighting::Ticket(Look { id, board, status, closed, closed_at: None, noted: false, configuration }))
    };
    let mut now = Timestamp::UNIX_EPOCH;
    for event in [Event::Claim, look(false), Event::Wrote(Answer::Accepted(Receipt::Nothing)), look(false)] {
        step(&mut close, event, now, &settings);
    }
    assert!(close.abandon("The connection was deleted.", now) && close.state == IntentState::Parked);
    assert!(close.reopen(now, &settings));
    now += settings.settle;
    assert_eq!(step(&mut close, Event::Claim, now, &settings), Some(Command::Read));
    let mut unseen = close.clone();
    step(&mut close, look(true), now, &settings);
    assert_eq!(close.came, Some(TicketEnd::Arrived), "we closed it, and nobody else");
    // It is not there: it is sent again, once that is certain.
    let mut sent = None;
    for _ in 0..6 {
        now += settings.apart;
        sent = [look(false), Event::Claim].into_iter().filter_map(|event| step(&mut unseen, event, now, &settings)).last();
        if unseen.stage == Stage::Checking {
            sent = step(&mut unseen, look(false), now, &settings);
            break;
        }
    }
    assert_eq!(sent, Some(Command::Write(TicketWrite::Status(target.closed_status))));
}

/// One replica has heard of the ticket and another has not.
#[test]
fn a_ticket_that_a_search_found_is_not_called_gone_while_reads_lag() {
    let about = About { subject: "d", entry: 1, company: PsaCompanyId(2), fields: Fields::default(), device: None };
    let mut open = TicketIntent::of(&rule(), TicketAction::Open, about).expect("the rule's own templates");
    let settings = TicketIntent::settings();
    let mut now = Timestamp::UNIX_EPOCH;
    let lost = Event::Wrote(Answer::Lost { words: "timed out".to_owned(), wait: None });
    for event in [Event::Claim, Event::Read(Sighting::Marked(Vec::new())), lost] {
        step(&mut open, event, now, &settings);
    }
    now += settings.settle;
    for event in [Event::Claim, Event::Read(Sighting::Marked(vec![TicketId(7)])), Event::Read(Sighting::Gone)] {
        step(&mut open, event, now, &settings);
    }
    assert_eq!((open.state, open.ticket), (IntentState::Unknown, Some(TicketId(7))));
    now += settings.read_lag;
    for event in [Event::Claim, Event::Read(Sighting::Gone)] {
        step(&mut open, event, now, &settings);
    }
    assert_eq!(open.outcome.as_ref().map(|outcome| outcome.end), Some(TicketEnd::Gone), "by then it is");
}

/// A replica shows the ticket closed, and then another one shows it as it was before.
#[test]
fn a_ticket_that_we_closed_is_closed_although_the_last_look_lags() {
    let about = About { subject: "d", entry: 1, company: PsaCompanyId(2), fields: Fields::default(), device: None };
    let mut close = TicketIntent::of(&rule(), TicketAction::Close(TicketId(7)), about).expect("the rule's own templates");
    let (target, now) = (target(), Timestamp::UNIX_EPOCH);
    let look = |closed: bool, noted: bool| {
        let status = if closed { target.closed_status } else { target.open_status };
        let (id, board, configuration) = (TicketId(7), target.board, Attachment::Missing);
        Event::Read(Sighting::Ticket(Look { id, board, status, closed, closed_at: None, noted, configuration }))
    };
    let accepted = || Event::Wrote(Answer::Accepted(Receipt::Nothing));
    for event in [Event::Claim, look(false, false), accepted(), look(true, false), accepted(), look(false, true)] {
        step(&mut close, event, now, &TicketIntent::settings());
    }
    let outcome = close.outcome.as_ref().expect("it is over");
    assert_eq!((outcome.end, outcome.open), (TicketEnd::Written, Some(false)));
}
