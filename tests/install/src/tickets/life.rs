//! Tickets: from a device that enters a group to the ticket that is closed.

use domain::ids::{BoardId, StatusId};
use domain::tickets::{Lifecycle, MuteScope, Return};
use engine::IntentState;
use harness::TestInstall;

#[tokio::test(flavor = "local")]
async fn a_device_that_enters_a_group_gets_one_ticket_after_the_delay_and_it_is_closed_when_it_has_left() {
    let install = TestInstall::with_tickets(12).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    let device = install.devices(1);
    install.passes(1).await;
    install.enter(&rule, &device);
    install.passes(1).await;
    assert!(install.our_tickets().is_empty(), "not before the delay is over");
    install.passes(1).await;
    let tickets = install.our_tickets();
    assert_eq!(tickets.len(), 1, "{:?}", install.ticket_events());
    let known = install.simulator.world().devices().into_iter().find(|known| known.uuid == device[0]).expect("the device");
    assert_eq!(tickets[0].summary, format!("{} is in Not protected", known.name));
    assert_eq!((tickets[0].closed_flag, i64::from(tickets[0].board.id)), (false, rule.target.board.0));
    install.wire.clear();
    install.passes(3).await;
    assert_eq!(install.our_tickets().len(), 1, "nothing more is done");
    assert!(!install.wire.kinds().iter().any(|kind| kind.starts_with("POST service")), "{:?}", install.wire.kinds());

    install.leave(&rule, &device);
    install.passes(1).await;
    assert_eq!(install.open_tickets().len(), 1, "one answer that nobody is left is not believed");
    install.passes(1).await;
    assert_eq!(install.open_tickets().len(), 1, "it may come back");
    install.passes(1).await;
    assert!(install.open_tickets().is_empty(), "{:?}", install.ticket_events());
    assert_eq!(install.our_notes(tickets[0].id).len(), 1);
    install.passes(2).await;
    assert_eq!(install.ticket_events(), ["opened", "closed"]);
    assert!(install.ticket_intents(&[IntentState::Planned, IntentState::Inflight, IntentState::Unknown]).is_empty());
}

#[tokio::test(flavor = "local")]
async fn a_device_that_leaves_within_the_delay_gets_none() {
    let install = TestInstall::with_tickets(12).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    let device = install.devices(1);
    install.enter(&rule, &device);
    install.passes(1).await;
    install.leave(&rule, &device);
    install.passes(3).await;
    assert!(install.our_tickets().is_empty());
    assert_eq!(install.ticket_events(), ["skipped"]);
}

#[tokio::test(flavor = "local")]
async fn what_a_person_closed_stays_closed_until_the_device_enters_anew() {
    for (on_return, tickets, open, last) in
        [(Return::Reopen, 1, 1, "reopened"), (Return::New, 2, 1, "opened"), (Return::Nothing, 1, 0, "skipped")]
    {
        let install = TestInstall::with_tickets(12).await;
        let mut rule = install.rule("Not protected").await;
        rule.lifecycle = Lifecycle { on_return, ..rule.lifecycle };
        install.store_rule(&rule);
        let device = install.devices(1);
        install.enter(&rule, &device);
        install.passes(2).await;
        let ticket = install.open_tickets().remove(0).id;
        install.simulator.world().close_ticket(ticket, None).expect("a ticket");
        install.passes(3).await;
        assert!(install.open_tickets().is_empty(), "{on_return:?}: a person's doing is respected");
        install.leave(&rule, &device);
        install.passes(3).await;
        install.outage(26);
        install.passes(1).await;
        install.enter(&rule, &device);
        install.passes(3).await;
        assert_eq!(
            (install.our_tickets().len(), install.open_tickets().len()),
            (tickets, open),
            "{on_return:?} {:?}",
            install.ticket_events()
        );
        assert_eq!(install.ticket_events().last().map(String::as_str), Some(last), "{on_return:?}");
        assert!(install.ticket_events().contains(&"closed_by_person".to_owned()));
    }
}

#[tokio::test(flavor = "local")]
async fn a_device_that_comes_back_while_its_ticket_is_open_is_noted_there() {
    let install = TestInstall::with_tickets(12).await;
    let mut rule = install.rule("Not protected").await;
    rule.lifecycle.close_after_minutes = None;
    install.store_rule(&rule);
    let device = install.devices(1);
    install.enter(&rule, &device);
    install.passes(2).await;
    install.leave(&rule, &device);
    install.passes(2).await;
    install.enter(&rule, &device);
    install.passes(3).await;
    let tickets = install.open_tickets();
    assert_eq!(tickets.len(), 1);
    let notes = install.our_notes(tickets[0].id);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].text.contains("is in it again"), "{notes:?}");
    assert_eq!(install.ticket_events(), ["opened", "noted"]);
}

#[tokio::test(flavor = "local")]
async fn a_ticket_that_is_deleted_by_hand_is_gone_and_the_next_entry_gets_a_new_one() {
    let install = TestInstall::with_tickets(12).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    let device = install.devices(1);
    install.enter(&rule, &device);
    install.passes(2).await;
    let ticket = install.open_tickets().remove(0).id;
    install.simulator.world().delete_ticket(ticket).expect("a ticket");
    install.passes(2).await;
    assert_eq!(install.ticket_events(), ["opened", "ticket_gone"]);
    assert!(install.our_tickets().is_empty());
    install.leave(&rule, &device);
    install.passes(2).await;
    install.enter(&rule, &device);
    install.passes(2).await;
    assert_eq!(install.our_tickets().len(), 1);
    assert_eq!(install.ticket_events(), ["opened", "ticket_gone", "opened"]);
}

#[tokio::test(flavor = "local")]
async fn no_row_of_the_tickets_log_is_changed_or_deleted_and_it_outlives_its_rule() {
    let install = TestInstall::with_tickets(12).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    install.enter(&rule, &install.devices(1));
    install.passes(2).await;
    let before = install.ticket_events();
    assert_eq!(before, ["opened"]);
    use store::ports::Sql;
    for statement in ["UPDATE ticket_log SET device = 'nobody'", "DELETE FROM ticket_log"] {
        let refused = install.sql.run(statement, &[]).expect_err("the triggers refuse");
        assert!(refused.to_string().contains("only added to"), "{statement}: {refused}");
    }
    install.tenant.ledger.ticket_rules().delete(&rule.id).expect("deleted");
    assert_eq!(install.ticket_events(), before);
    install.passes(2).await;
    assert_eq!(install.open_tickets().len(), 1, "the ticket is left to people");
}

#[tokio::test(flavor = "local")]
async fn a_ticket_is_closed_on_the_board_it_was_opened_on_wherever_its_rule_has_moved() {
    let install = TestInstall::with_tickets(12).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    let device = install.devices(1);
    install.enter(&rule, &device);
    install.passes(2).await;
    let world = install.simulator.world();
    let other = world.boards().into_iter().find(|board| !board.inactive_flag && i64::from(board.id) != rule.target.board.0);
    let other = other.expect("another board").id;
    let status = |closed: bool| {
        let of_board = |status: &&simulator::BoardStatus| status.board.id == other && !status.inactive && status.closed_status == closed;
        StatusId(world.statuses().iter().find(of_board).expect("a status").id.into())
    };
    let mut moved = rule.clone();
    moved.target.board = BoardId(other.into());
    (moved.target.open_status, moved.target.closed_status) = (status(false), status(true));
    install.store_rule(&moved);
    install.leave(&rule, &device);
    install.passes(3).await;
    let ticket = install.our_tickets().remove(0);
    assert_eq!((ticket.closed_flag, i64::from(ticket.status.id)), (true, rule.target.closed_status.0), "{:?}", install.ticket_events());
}

#[tokio::test(flavor = "local")]
async fn a_device_that_left_before_its_ticket_could_be_opened_is_told_why() {
    for why in ["paused", "muted"] {
        let install = TestInstall::with_tickets(12).await;
        let rule = install.rule("Not protected").await;
        install.store_rule(&rule);
        let device = install.devices(1);
        if why == "paused" {
            let board = i32::try_from(rule.target.board.0).expect("an id");
            install.simulator.world().set_board_inactive(board, true).expect("a board");
        } else {
            install.mute(MuteScope::Rule { rule: rule.id.clone() }, install.muted(6), "moving");
        }
        install.enter(&rule, &device);
        install.passes(6).await;
        install.leave(&rule, &device);
        install.passes(3).await;
        let log: serde_json::Value = install.get("/api/ticket-log?event=skipped").await;
        let words = log["items"][0]["words"].as_str().expect("words");
        assert!(words.contains("before a ticket was opened") && words.contains(why), "{why}: {words}");
        assert_eq!(log["total"], 1, "{why}");
    }
}

#[tokio::test(flavor = "local")]
async fn the_boards_of_a_desk_are_read_once_in_a_pass() {
    let install = TestInstall::with_tickets(12).await;
    let rule = install.rule("Not protected").await;
    let mut other = install.rule("Other").await;
    let world = install.simulator.world();
    let board = world.boards().into_iter().find(|board| !board.inactive_flag && i64::from(board.id) != rule.target.board.0);
    other.target.board = BoardId(board.expect("another board").id.into());
    install.store_rule(&rule);
    install.store_rule(&other);
    install.wire.clear();
    install.passes(1).await;
    let kinds = install.wire.kinds();
    let count = |kind: &str| kinds.iter().filter(|known| *known == kind).count();
    assert_eq!((count("GET service/boards"), count("GET service/boards/{id}/statuses")), (1, 2), "{kinds:?}");
}
