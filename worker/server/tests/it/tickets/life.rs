//! Tickets: from a device that enters a group to the ticket that is closed.

use domain::ids::{BoardId, StatusId};
use domain::tickets::{Lifecycle, Return, SilenceScope};
use engine::IntentState;
use harness::House;

#[tokio::test(flavor = "local")]
async fn a_device_that_enters_a_group_gets_one_ticket_after_the_delay_and_it_is_closed_when_it_has_left() {
    let house = House::with_tickets(12).await;
    let rule = house.rule("Not protected").await;
    house.store_rule(&rule);
    let device = house.devices(1);
    house.passes(1).await;
    house.enter(&rule, &device);
    house.passes(1).await;
    assert!(house.our_tickets().is_empty(), "not before the delay is over");
    house.passes(1).await;
    let tickets = house.our_tickets();
    assert_eq!(tickets.len(), 1, "{:?}", house.ticket_events());
    let known = house.simulator.world().devices().into_iter().find(|known| known.uuid == device[0]).expect("the device");
    assert_eq!(tickets[0].summary, format!("{} is in Not protected", known.name));
    assert_eq!((tickets[0].closed_flag, i64::from(tickets[0].board.id)), (false, rule.target.board.0));
    house.wire.clear();
    house.passes(3).await;
    assert_eq!(house.our_tickets().len(), 1, "nothing more is done");
    assert!(!house.wire.kinds().iter().any(|kind| kind.starts_with("POST service")), "{:?}", house.wire.kinds());

    house.leave(&rule, &device);
    house.passes(1).await;
    assert_eq!(house.open_tickets().len(), 1, "one answer that nobody is left is not believed");
    house.passes(1).await;
    assert_eq!(house.open_tickets().len(), 1, "it may come back");
    house.passes(1).await;
    assert!(house.open_tickets().is_empty(), "{:?}", house.ticket_events());
    assert_eq!(house.our_notes(tickets[0].id).len(), 1);
    house.passes(2).await;
    assert_eq!(house.ticket_events(), ["opened", "closed"]);
    assert!(house.ticket_intents(&[IntentState::Planned, IntentState::Inflight, IntentState::Unknown]).is_empty());
}

#[tokio::test(flavor = "local")]
async fn a_device_that_leaves_within_the_delay_gets_none() {
    let house = House::with_tickets(12).await;
    let rule = house.rule("Not protected").await;
    house.store_rule(&rule);
    let device = house.devices(1);
    house.enter(&rule, &device);
    house.passes(1).await;
    house.leave(&rule, &device);
    house.passes(3).await;
    assert!(house.our_tickets().is_empty());
    assert_eq!(house.ticket_events(), ["skipped"]);
}

#[tokio::test(flavor = "local")]
async fn what_a_person_closed_stays_closed_until_the_device_enters_anew() {
    for (on_return, tickets, open, last) in
        [(Return::Reopen, 1, 1, "reopened"), (Return::New, 2, 1, "opened"), (Return::Nothing, 1, 0, "skipped")]
    {
        let house = House::with_tickets(12).await;
        let mut rule = house.rule("Not protected").await;
        rule.lifecycle = Lifecycle { on_return, ..rule.lifecycle };
        house.store_rule(&rule);
        let device = house.devices(1);
        house.enter(&rule, &device);
        house.passes(2).await;
        let ticket = house.open_tickets().remove(0).id;
        house.simulator.world().close_ticket(ticket, None).expect("a ticket");
        house.passes(3).await;
        assert!(house.open_tickets().is_empty(), "{on_return:?}: a person's doing is respected");
        house.leave(&rule, &device);
        house.passes(3).await;
        house.outage(26);
        house.passes(1).await;
        house.enter(&rule, &device);
        house.passes(3).await;
        assert_eq!((house.our_tickets().len(), house.open_tickets().len()), (tickets, open), "{on_return:?} {:?}", house.ticket_events());
        assert_eq!(house.ticket_events().last().map(String::as_str), Some(last), "{on_return:?}");
        assert!(house.ticket_events().contains(&"closed_by_person".to_owned()));
    }
}

#[tokio::test(flavor = "local")]
async fn a_device_that_comes_back_while_its_ticket_is_open_is_noted_there() {
    let house = House::with_tickets(12).await;
    let mut rule = house.rule("Not protected").await;
    rule.lifecycle.close_after_minutes = None;
    house.store_rule(&rule);
    let device = house.devices(1);
    house.enter(&rule, &device);
    house.passes(2).await;
    house.leave(&rule, &device);
    house.passes(2).await;
    house.enter(&rule, &device);
    house.passes(3).await;
    let tickets = house.open_tickets();
    assert_eq!(tickets.len(), 1);
    let notes = house.our_notes(tickets[0].id);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].text.contains("is in it again"), "{notes:?}");
    assert_eq!(house.ticket_events(), ["opened", "noted"]);
}

#[tokio::test(flavor = "local")]
async fn a_ticket_that_is_deleted_by_hand_is_gone_and_the_next_entry_gets_a_new_one() {
    let house = House::with_tickets(12).await;
    let rule = house.rule("Not protected").await;
    house.store_rule(&rule);
    let device = house.devices(1);
    house.enter(&rule, &device);
    house.passes(2).await;
    let ticket = house.open_tickets().remove(0).id;
    house.simulator.world().delete_ticket(ticket).expect("a ticket");
    house.passes(2).await;
    assert_eq!(house.ticket_events(), ["opened", "ticket_gone"]);
    assert!(house.our_tickets().is_empty());
    house.leave(&rule, &device);
    house.passes(2).await;
    house.enter(&rule, &device);
    house.passes(2).await;
    assert_eq!(house.our_tickets().len(), 1);
    assert_eq!(house.ticket_events(), ["opened", "ticket_gone", "opened"]);
}

#[tokio::test(flavor = "local")]
async fn no_row_of_the_tickets_log_is_changed_or_deleted_and_it_outlives_its_rule() {
    let house = House::with_tickets(12).await;
    let rule = house.rule("Not protected").await;
    house.store_rule(&rule);
    house.enter(&rule, &house.devices(1));
    house.passes(2).await;
    let before = house.ticket_events();
    assert_eq!(before, ["opened"]);
    use store::ports::Sql;
    for statement in ["UPDATE ticket_log SET device = 'nobody'", "DELETE FROM ticket_log"] {
        let refused = house.sql.run(statement, &[]).expect_err("the triggers refuse");
        assert!(refused.to_string().contains("only added to"), "{statement}: {refused}");
    }
    house.tenant.ledger.ticket_rules().delete(&rule.id).expect("deleted");
    assert_eq!(house.ticket_events(), before);
    house.passes(2).await;
    assert_eq!(house.open_tickets().len(), 1, "the ticket is left to people");
}

#[tokio::test(flavor = "local")]
async fn a_ticket_is_closed_on_the_board_it_was_opened_on_wherever_its_rule_has_moved() {
    let house = House::with_tickets(12).await;
    let rule = house.rule("Not protected").await;
    house.store_rule(&rule);
    let device = house.devices(1);
    house.enter(&rule, &device);
    house.passes(2).await;
    let world = house.simulator.world();
    let other = world.boards().into_iter().find(|board| !board.inactive_flag && i64::from(board.id) != rule.target.board.0);
    let other = other.expect("another board").id;
    let status = |closed: bool| {
        let of_board = |status: &&simulator::BoardStatus| status.board.id == other && !status.inactive && status.closed_status == closed;
        StatusId(world.statuses().iter().find(of_board).expect("a status").id.into())
    };
    let mut moved = rule.clone();
    moved.target.board = BoardId(other.into());
    (moved.target.open_status, moved.target.closed_status) = (status(false), status(true));
    house.store_rule(&moved);
    house.leave(&rule, &device);
    house.passes(3).await;
    let ticket = house.our_tickets().remove(0);
    assert_eq!((ticket.closed_flag, i64::from(ticket.status.id)), (true, rule.target.closed_status.0), "{:?}", house.ticket_events());
}

#[tokio::test(flavor = "local")]
async fn a_device_that_left_before_its_ticket_could_be_opened_is_told_why() {
    for why in ["paused", "quiet"] {
        let house = House::with_tickets(12).await;
        let rule = house.rule("Not protected").await;
        house.store_rule(&rule);
        let device = house.devices(1);
        if why == "paused" {
            let board = i32::try_from(rule.target.board.0).expect("an id");
            house.simulator.world().set_board_inactive(board, true).expect("a board");
        } else {
            house.keep_quiet(SilenceScope::Rule { rule: rule.id.clone() }, house.muted(6), "moving");
        }
        house.enter(&rule, &device);
        house.passes(6).await;
        house.leave(&rule, &device);
        house.passes(3).await;
        let log: serde_json::Value = house.get("/api/ticket-log?event=skipped").await;
        let words = log["items"][0]["words"].as_str().expect("words");
        assert!(words.contains("before a ticket was opened") && words.contains(why), "{why}: {words}");
        assert_eq!(log["total"], 1, "{why}");
    }
}

#[tokio::test(flavor = "local")]
async fn the_boards_of_a_desk_are_read_once_in_a_pass() {
    let house = House::with_tickets(12).await;
    let rule = house.rule("Not protected").await;
    let mut other = house.rule("Other").await;
    let world = house.simulator.world();
    let board = world.boards().into_iter().find(|board| !board.inactive_flag && i64::from(board.id) != rule.target.board.0);
    other.target.board = BoardId(board.expect("another board").id.into());
    house.store_rule(&rule);
    house.store_rule(&other);
    house.wire.clear();
    house.passes(1).await;
    let kinds = house.wire.kinds();
    let count = |kind: &str| kinds.iter().filter(|known| *known == kind).count();
    assert_eq!((count("GET service/boards"), count("GET service/boards/{id}/statuses")), (1, 2), "{kinds:?}");
}
