//! A ticket's intent, step by step.

use super::super::DeviceTraits;
use super::super::compose::About;
use super::*;
use crate::Settings;
use crate::step;
use domain::ids::{BoardId, PsaCompanyId, StatusId};
use domain::tickets::example::{rule, target};
use domain::tickets::{Attach, Fields, TicketAction, TicketRule};

fn at(seconds: i64) -> Timestamp {
    "2026-11-22T12:00:00Z".parse::<Timestamp>().expect("a moment") + TimeDelta::seconds(seconds)
}

const T7: TicketId = TicketId(7);
const C1: ConfigurationId = ConfigurationId(1);

fn about<'a>(attached: bool) -> About<'a> {
    let fields = Fields { device: "PC-042".into(), group: "Not protected".into(), entered: "noon".into(), ..Fields::default() };
    About { subject: "d", entry: 2, company: PsaCompanyId(5), fields, device: attached.then(DeviceTraits::default) }
}

fn intent(action: TicketAction) -> TicketIntent {
    TicketIntent::of(&rule(), action, about(false)).expect("templates")
}

fn attaching(attach: Attach) -> TicketIntent {
    TicketIntent::of(&TicketRule { attach, ..rule() }, TicketAction::Open, about(true)).expect("templates")
}

fn look(open: bool, noted: bool, configuration: Attachment) -> TicketEvent {
    let status = if open { target().open_status } else { target().closed_status };
    TicketEvent::Read(Sighting::Ticket(Look {
        id: T7,
        board: target().board,
        status,
        closed: !open,
        closed_at: None,
        noted,
        configuration,
    }))
}

fn is(open: bool, noted: bool) -> TicketEvent {
    look(open, noted, Attachment::Missing)
}

fn marked(tickets: &[i64]) -> TicketEvent {
    TicketEvent::Read(Sighting::Marked(tickets.iter().copied().map(TicketId).collect()))
}

fn wrote(answer: TicketAnswer) -> TicketEvent {
    TicketEvent::Wrote(answer)
}

fn lost() -> TicketEvent {
    wrote(TicketAnswer::Lost { words: "timed out".to_owned(), wait: None })
}

fn refused() -> TicketEvent {
    wrote(TicketAnswer::Refused { words: "no".to_owned() })
}

/// The times of a ConnectWise whose reads do not lag; what a lag does, the machine's own tests say.
fn prompt() -> Settings {
    Settings { read_lag: TimeDelta::zero(), ..Settings::default() }
}

fn run(intent: &mut TicketIntent, seconds: i64, events: &[TicketEvent]) -> Option<TicketCommand> {
    let step = |_, event: &TicketEvent| step(intent, event.clone(), at(seconds), &prompt());
    events.iter().fold(None, step)
}

fn create(seconds: i64) -> Option<TicketCommand> {
    Some(TicketCommand::Write(TicketWrite::Create { due: Some(at(seconds) + TimeDelta::hours(8)) }))
}

fn status(action: &TicketIntent) -> Option<TicketCommand> {
    let TicketTarget { open_status, closed_status, .. } = action.target;
    Some(TicketCommand::Write(TicketWrite::Status(if action.action == TicketActionKind::Close { closed_status } else { open_status })))
}

fn note(action: &TicketIntent) -> Option<TicketCommand> {
    Some(TicketCommand::Write(TicketWrite::Note(format!("{}\n\n[seatbridge:{}]", action.text, action.id))))
}

fn wake(seconds: i64) -> Option<TicketCommand> {
    Some(TicketCommand::WakeAt(at(seconds)))
}

fn end(intent: &TicketIntent) -> (IntentState, TicketEnd) {
    (intent.state, intent.outcome.as_ref().expect("an outcome").end)
}

fn describe(intent: &TicketIntent) -> &str {
    &intent.outcome.as_ref().expect("an outcome").words
}

const LOOK: Option<TicketCommand> = Some(TicketCommand::Read);
const FIND: Option<TicketCommand> = Some(TicketCommand::Read);
const SETTLED: Option<TicketCommand> = Some(TicketCommand::Settled);

#[test]
fn a_ticket_is_searched_for_made_and_read_back() {
    let mut open = intent(TicketAction::Open);
    assert_eq!(run(&mut open, 0, &[TicketEvent::Claim]), FIND);
    assert_eq!(run(&mut open, 0, &[marked(&[])]), create(0));
    assert!(open.sent, "said before it is sent");
    assert_eq!(run(&mut open, 0, &[wrote(TicketAnswer::Accepted(Receipt::Ticket(T7)))]), LOOK);
    assert_eq!(run(&mut open, 0, &[is(true, false)]), SETTLED);
    assert_eq!((end(&open), open.ticket, open.sent), ((IntentState::Done, TicketEnd::Written), Some(T7), false));
}

#[test]
fn a_ticket_with_the_mark_is_adopted_and_the_oldest_of_several() {
    let mut open = intent(TicketAction::Open);
    assert_eq!(run(&mut open, 0, &[TicketEvent::Claim, marked(&[9, 7, 8])]), LOOK);
    run(&mut open, 0, &[is(true, false)]);
    assert_eq!((end(&open), open.ticket), ((IntentState::Done, TicketEnd::Adopted), Some(T7)));
    assert!(describe(&open).contains("3 tickets bear the same mark"), "{}", describe(&open));
}

#[test]
fn a_lost_post_is_sent_again_only_after_two_searches_a_lag_apart() {
    for loss in [lost(), TicketEvent::Restarted, wrote(TicketAnswer::Accepted(Receipt::Nothing))] {
        let mut open = intent(TicketAction::Open);
        assert_eq!(run(&mut open, 0, &[TicketEvent::Claim, marked(&[]), loss]), wake(30));
        assert_eq!(run(&mut open, 29, &[TicketEvent::Claim]), wake(30));
        assert_eq!(run(&mut open, 30, &[TicketEvent::Claim, marked(&[])]), wake(330));
        assert_eq!((run(&mut open, 329, &[TicketEvent::Claim]), open.sent), (wake(330), true));
        assert_eq!(run(&mut open, 330, &[TicketEvent::Claim, marked(&[])]), wake(330));
        assert_eq!(run(&mut open, 330, &[TicketEvent::Claim]), FIND, "and once more before it is sent");
        assert_eq!(run(&mut open, 331, &[marked(&[])]), create(331));

        let mut found = intent(TicketAction::Open);
        run(&mut found, 0, &[TicketEvent::Claim, marked(&[]), lost()]);
        run(&mut found, 30, &[TicketEvent::Claim, marked(&[])]);
        run(&mut found, 330, &[TicketEvent::Claim, marked(&[7]), is(false, false)]);
        assert_eq!(end(&found), (IntentState::Done, TicketEnd::Arrived));
        assert_eq!(found.course.outcome.expect("an outcome").open, Some(false), "somebody has closed it");
    }
}

#[test]
fn what_connectwise_says_of_a_post_is_taken_as_it_is() {
    let posted = || {
        let mut open = intent(TicketAction::Open);
        run(&mut open, 0, &[TicketEvent::Claim, marked(&[])]);
        open
    };
    for answer in [refused(), wrote(TicketAnswer::Gone)] {
        let mut open = posted();
        assert_eq!(run(&mut open, 0, &[answer]), SETTLED);
        assert_eq!((end(&open), open.sent), ((IntentState::Failed, TicketEnd::Refused), false));
    }
    let mut open = posted();
    assert_eq!(
        run(&mut open, 0, &[wrote(TicketAnswer::Deferred { wait: TimeDelta::seconds(9), words: "It asks for fewer calls.".to_owned() })]),
        wake(9)
    );
    assert_eq!((open.state, open.sent), (IntentState::Planned, false));
    assert_eq!(run(&mut open, 9, &[TicketEvent::Claim]), FIND);
    let mut open = posted();
    run(&mut open, 0, &[wrote(TicketAnswer::Accepted(Receipt::Ticket(T7))), TicketEvent::Read(Sighting::Gone)]);
    assert_eq!((end(&open), open.ticket), ((IntentState::Done, TicketEnd::Gone), Some(T7)));
}

#[test]
fn reopening_and_closing_is_a_status_a_proof_and_a_note() {
    for (action, before) in [(TicketAction::Reopen(T7), false), (TicketAction::Close(T7), true)] {
        let mut intent = intent(action);
        assert_eq!(run(&mut intent, 0, &[TicketEvent::Claim]), LOOK);
        assert_eq!(run(&mut intent, 0, &[is(before, false)]), status(&intent));
        assert_eq!(run(&mut intent, 0, &[wrote(TicketAnswer::Accepted(Receipt::Nothing))]), LOOK);
        assert_eq!(run(&mut intent, 0, &[is(!before, false)]), note(&intent));
        // Whoever turns it round meanwhile is not fought with.
        assert_eq!(run(&mut intent, 0, &[wrote(TicketAnswer::Accepted(Receipt::Nothing)), is(before, true)]), SETTLED);
        assert_eq!(end(&intent), (IntentState::Done, TicketEnd::Written));

        let mut unshown = self::intent(action);
        run(&mut unshown, 0, &[TicketEvent::Claim, is(before, false), wrote(TicketAnswer::Accepted(Receipt::Nothing)), is(before, false)]);
        assert_eq!(end(&unshown), (IntentState::Parked, TicketEnd::Stuck));

        let mut lost = self::intent(action);
        assert_eq!(run(&mut lost, 0, &[TicketEvent::Claim, is(before, false), self::lost()]), wake(30));
        assert_eq!(run(&mut lost, 30, &[TicketEvent::Claim, is(before, false)]), wake(330), "one look is not enough");
        assert_eq!(run(&mut lost, 330, &[TicketEvent::Claim, is(before, false)]), wake(330));
        assert_eq!(run(&mut lost, 330, &[TicketEvent::Claim, is(before, false)]), status(&lost));
        run(&mut lost, 330, &[self::lost()]);
        assert_eq!(run(&mut lost, 360, &[TicketEvent::Claim, is(!before, false)]), note(&lost));
        run(&mut lost, 360, &[refused(), is(!before, false)]);
        assert_eq!(end(&lost), (IntentState::Done, TicketEnd::Arrived));
        assert!(describe(&lost).contains("The note was refused by ConnectWise: no."), "{}", describe(&lost));

        let mut no = self::intent(action);
        run(&mut no, 0, &[TicketEvent::Claim, is(before, false), refused()]);
        assert_eq!(end(&no), (IntentState::Failed, TicketEnd::Refused));
        assert!(no.reopen(at(0), &TicketIntent::settings()) && !no.reopen(at(0), &TicketIntent::settings()));
        assert_eq!(run(&mut no, 0, &[TicketEvent::Claim, is(before, false)]), status(&no));
        assert_eq!(run(&mut no, 0, &[wrote(TicketAnswer::Gone)]), wake(30));
        run(&mut no, 30, &[TicketEvent::Claim, TicketEvent::Read(Sighting::Gone)]);
        assert_eq!(end(&no), (IntentState::Done, TicketEnd::Gone));
    }
}

#[test]
fn what_people_have_done_already_is_adopted() {
    let mut close = intent(TicketAction::Close(T7));
    assert_eq!(run(&mut close, 0, &[TicketEvent::Claim, is(false, false)]), SETTLED, "without a note");
    assert_eq!(end(&close), (IntentState::Done, TicketEnd::Adopted));
    let mut reopen = intent(TicketAction::Reopen(T7));
    assert_eq!(run(&mut reopen, 0, &[TicketEvent::Claim, is(true, false)]), note(&reopen));
    run(&mut reopen, 0, &[wrote(TicketAnswer::Accepted(Receipt::Nothing)), is(true, true)]);
    assert_eq!(end(&reopen), (IntentState::Done, TicketEnd::Adopted));
}

#[test]
fn a_note_is_written_into_an_open_ticket_only() {
    let mut noted = intent(TicketAction::Note(T7));
    assert_eq!(run(&mut noted, 0, &[TicketEvent::Claim, is(true, false)]), note(&noted));
    run(&mut noted, 0, &[lost()]);
    run(&mut noted, 30, &[TicketEvent::Claim, is(true, true)]);
    assert_eq!(end(&noted), (IntentState::Done, TicketEnd::Arrived));
    let mut closed = intent(TicketAction::Note(T7));
    assert_eq!(run(&mut closed, 0, &[TicketEvent::Claim, is(false, false)]), SETTLED);
    assert_eq!(end(&closed), (IntentState::Done, TicketEnd::Closed));
    let mut unshown = intent(TicketAction::Note(T7));
    run(&mut unshown, 0, &[TicketEvent::Claim, is(true, false), wrote(TicketAnswer::Accepted(Receipt::Nothing)), is(true, false)]);
    assert_eq!(end(&unshown), (IntentState::Parked, TicketEnd::Stuck));
}

#[test]
fn a_configuration_is_attached_and_never_fails_the_ticket() {
    use Attachment::{Attached, Found, Missing, Several};
    let attach = Some(TicketCommand::Write(TicketWrite::Attach(C1)));
    let make = Some(TicketCommand::Write(TicketWrite::Configuration));
    let opened = [TicketEvent::Claim, marked(&[]), wrote(TicketAnswer::Accepted(Receipt::Ticket(T7)))];
    let open = |how| {
        let mut open = attaching(how);
        run(&mut open, 0, &opened);
        open
    };
    let mut found = open(Attach::Attach);
    assert_eq!(run(&mut found, 0, &[look(true, false, Found(C1))]), attach);
    run(&mut found, 0, &[wrote(TicketAnswer::Accepted(Receipt::Nothing)), look(true, false, Attached)]);
    assert_eq!(describe(&found), "The ticket was opened and read back.");

    let mut made = open(Attach::AttachOrCreate);
    assert_eq!(run(&mut made, 0, &[look(true, false, Missing)]), make);
    assert_eq!(run(&mut made, 0, &[wrote(TicketAnswer::Accepted(Receipt::Configuration(C1))), look(true, false, Missing)]), attach);
    run(&mut made, 0, &[wrote(TicketAnswer::Accepted(Receipt::Nothing)), look(true, false, Attached)]);
    assert_eq!(describe(&made), "The ticket was opened and read back.");

    type Table<'a> = [(Attach, &'a [TicketEvent], &'a str); 5];
    let table: Table<'_> = [
        (Attach::Attach, &[look(true, false, Missing)], "No configuration of the company fits the device."),
        (Attach::Attach, &[look(true, false, Found(C1)), refused(), look(true, false, Found(C1))], "was refused by ConnectWise: no."),
        (
            Attach::Attach,
            &[look(true, false, Found(C1)), wrote(TicketAnswer::Accepted(Receipt::Nothing)), look(true, false, Found(C1))],
            "was accepted by ConnectWise but is not shown.",
        ),
        (Attach::AttachOrCreate, &[look(true, false, Several)], "fit the device alike, so none was attached."),
        (Attach::AttachOrCreate, &[look(true, false, Missing), refused(), look(true, false, Missing)], "configuration was refused"),
    ];
    for (how, events, told) in table {
        let mut intent = open(how);
        run(&mut intent, 0, events);
        assert_eq!(end(&intent), (IntentState::Done, TicketEnd::Written));
        assert!(describe(&intent).contains(told), "{}", describe(&intent));
    }
    let mut lost_one = open(Attach::AttachOrCreate);
    run(&mut lost_one, 0, &[look(true, false, Missing), lost()]);
    assert_eq!(run(&mut lost_one, 30, &[TicketEvent::Claim, look(true, false, Missing)]), wake(330), "it may have been made");
    assert_eq!(run(&mut lost_one, 330, &[TicketEvent::Claim, look(true, false, Found(C1))]), attach);
}

#[test]
fn what_cannot_be_read_waits_and_is_given_up_in_the_end() {
    let failed = TicketEvent::ReadFailed { words: "503".to_owned(), wait: None };
    let week = TimeDelta::days(7).num_seconds();
    let mut open = intent(TicketAction::Open);
    for seconds in (0..week).step_by(6_000) {
        // At first a moment, and then until the next pass.
        let pause = if seconds == 0 { 30 } else { 600 };
        assert_eq!(run(&mut open, seconds, &[TicketEvent::Claim, failed.clone()]), wake(seconds + pause));
    }
    assert_eq!(open.trouble.as_ref().map(|trouble| trouble.since), Some(at(0)));
    assert_eq!(run(&mut open, week, &[TicketEvent::Claim]), SETTLED);
    assert_eq!(end(&open), (IntentState::Parked, TicketEnd::Stuck));
    assert!(describe(&open).ends_with("Nothing was written.") && !open.holds_case(), "{}", describe(&open));

    let mut sent = intent(TicketAction::Open);
    run(&mut sent, 0, &[TicketEvent::Claim, marked(&[]), lost()]);
    run(&mut sent, 30, &[TicketEvent::Claim, failed.clone()]);
    run(&mut sent, 30 + week, &[TicketEvent::Claim, failed]);
    assert!(describe(&sent).contains("Look in ConnectWise") && sent.holds_case(), "{}", describe(&sent));
    assert!(sent.reopen(at(week), &TicketIntent::settings()));
    assert_eq!(run(&mut sent, week, &[TicketEvent::Claim]), wake(week + 30), "it is looked for before it is sent again");
    assert_eq!(run(&mut sent, week + 30, &[TicketEvent::Claim, marked(&[])]), wake(week + 330));
}

#[test]
fn a_write_that_is_deferred_for_ever_is_parked() {
    let mut note = intent(TicketAction::Note(T7));
    let deferred = wrote(TicketAnswer::Deferred { wait: TimeDelta::seconds(1), words: "It asks for fewer calls.".to_owned() });
    let week = TimeDelta::days(7).num_seconds();
    for seconds in (0..week).step_by(6_000) {
        assert_eq!(run(&mut note, seconds, &[TicketEvent::Claim, is(true, false), deferred.clone()]), wake(seconds + 1));
    }
    assert_eq!(run(&mut note, week, &[TicketEvent::Claim]), SETTLED);
    assert_eq!(end(&note), (IntentState::Parked, TicketEnd::Stuck));
}

#[test]
fn what_is_not_wanted_any_more_is_not_sent_again() {
    let mut planned = intent(TicketAction::Open);
    assert!(planned.withdraw("It left.", at(0)) && !planned.withdraw("It left.", at(0)));
    assert_eq!((end(&planned), describe(&planned)), ((IntentState::Failed, TicketEnd::Withdrawn), "It left. Nothing was written."));

    for (arrived, state) in [(&[][..], IntentState::Failed), (&[7], IntentState::Done)] {
        let mut sent = intent(TicketAction::Open);
        run(&mut sent, 0, &[TicketEvent::Claim, marked(&[]), lost()]);
        assert!(!sent.withdraw("It left.", at(0)), "a ticket may still turn up");
        run(&mut sent, 30, &[TicketEvent::Claim, marked(&[])]);
        run(&mut sent, 330, &[TicketEvent::Claim, marked(arrived), is(true, false)]);
        assert_eq!(sent.state, state);
    }
    let mut abandoned = intent(TicketAction::Open);
    run(&mut abandoned, 0, &[TicketEvent::Claim, marked(&[]), lost()]);
    assert!(abandoned.abandon("The connection was deleted.", at(0)));
    assert_eq!((end(&abandoned), abandoned.holds_case()), ((IntentState::Parked, TicketEnd::Stuck), true));

    // Nothing leads there any more: what was to be made holds nothing back, and what was to be done to a ticket ends with it.
    let mut stranded = intent(TicketAction::Open);
    run(&mut stranded, 0, &[TicketEvent::Claim, marked(&[]), lost()]);
    assert!(stranded.strand("It was deleted.", at(0)) && !stranded.strand("It was deleted.", at(0)));
    assert_eq!((end(&stranded), stranded.holds_case()), ((IntentState::Parked, TicketEnd::Stuck), false));
    assert!(describe(&stranded).contains("Look in ConnectWise"), "{}", describe(&stranded));
    let mut close = intent(TicketAction::Close(T7));
    assert!(close.strand("It was deleted.", at(0)));
    assert_eq!(end(&close), (IntentState::Done, TicketEnd::Gone));

    let mut half = intent(TicketAction::Reopen(T7));
    run(&mut half, 0, &[TicketEvent::Claim, is(false, false), wrote(TicketAnswer::Accepted(Receipt::Nothing)), is(true, false), lost()]);
    assert!(half.withdraw("It left.", at(0)), "the ticket is open again, and its note is a trifle");
    assert_eq!(end(&half), (IntentState::Done, TicketEnd::Written));
}

#[test]
fn an_event_that_does_not_fit_does_nothing() {
    let mut open = intent(TicketAction::Open);
    for event in [marked(&[7]), is(true, true), refused(), TicketEvent::Restarted] {
        assert_eq!(run(&mut open, 0, &[event]), None);
    }
    run(&mut open, 0, &[TicketEvent::Claim, marked(&[])]);
    for event in [TicketEvent::Claim, marked(&[]), is(true, true), TicketEvent::ReadFailed { words: String::new(), wait: None }] {
        assert_eq!(run(&mut open, 0, &[event]), None, "the POST is not answered yet");
    }
    assert_eq!(open, {
        let mut same = intent(TicketAction::Open);
        run(&mut same, 0, &[TicketEvent::Claim, marked(&[])]);
        same
    });
    let mut unnamed = TicketIntent { ticket: None, ..intent(TicketAction::Note(T7)) };
    assert_eq!(run(&mut unnamed, 0, &[TicketEvent::Claim]), SETTLED);
    assert_eq!(unnamed.state, IntentState::Failed);
}

#[test]
fn a_ticket_on_another_board_is_given_no_status_of_ours() {
    let moved = |open: bool| {
        let TicketEvent::Read(Sighting::Ticket(look)) = is(open, false) else { panic!("a look") };
        // A status of the other board, whatever its number.
        let look = Look { board: BoardId(target().board.0 + 1), status: StatusId(9_999), ..look };
        TicketEvent::Read(Sighting::Ticket(look))
    };
    let mut close = intent(TicketAction::Close(T7));
    assert_eq!(run(&mut close, 0, &[TicketEvent::Claim, moved(true)]), SETTLED);
    assert_eq!(end(&close), (IntentState::Done, TicketEnd::Moved));
    assert!(describe(&close).contains("left to people"), "{}", describe(&close));
    let mut reopen = intent(TicketAction::Reopen(T7));
    assert_eq!(run(&mut reopen, 0, &[TicketEvent::Claim, moved(false)]), SETTLED);
    assert_eq!(end(&reopen), (IntentState::Done, TicketEnd::Gone));
    // What a person has done there already is taken as it is.
    let mut closed = intent(TicketAction::Close(T7));
    run(&mut closed, 0, &[TicketEvent::Claim, moved(false)]);
    assert_eq!(end(&closed), (IntentState::Done, TicketEnd::Adopted));
    let mut noted = intent(TicketAction::Note(T7));
    assert_eq!(run(&mut noted, 0, &[TicketEvent::Claim, moved(true)]), note(&noted), "a note is of no board");
}
