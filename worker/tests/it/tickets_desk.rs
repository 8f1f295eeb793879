//! What people change at the service desk, and what becomes of the tickets that are there already.

use house::House;
use shared::engine::IntentState;
use shared::tickets::TicketRule;

async fn ready(companies: usize) -> (House, TicketRule) {
    let house = House::with_tickets(companies).await;
    let rule = house.rule("Not protected").await;
    house.store_rule(&rule);
    (house, rule)
}

/// Another board in use than the rule's.
fn other_board(house: &House, rule: &TicketRule) -> i32 {
    let other = |board: &simulator::Board| !board.inactive_flag && i64::from(board.id) != rule.target.board.0;
    house.simulator.world().boards().into_iter().find(other).expect("another board").id
}

#[tokio::test(flavor = "local")]
async fn a_ticket_moved_to_another_board_is_left_to_people_and_a_return_gets_a_new_one() {
    let (house, rule) = ready(12).await;
    let device = house.devices(1);
    house.enter(&rule, &device);
    house.passes(2).await;
    let (world, ticket) = (house.simulator.world(), house.open_tickets().remove(0).id);
    world.move_ticket(ticket, other_board(&house, &rule)).expect("a ticket");
    house.leave(&rule, &device);
    house.passes(4).await;
    assert_eq!(house.ticket_events(), ["opened", "ticket_moved"], "told once, and nothing fails");
    assert_eq!(house.open_tickets().len(), 1, "its new board knows none of our statuses");
    assert!(house.ticket_intents(&[IntentState::Failed, IntentState::Parked]).is_empty());

    world.close_ticket(ticket, None).expect("a ticket");
    house.passes(2).await;
    house.enter(&rule, &device);
    house.passes(4).await;
    let open = house.open_tickets();
    assert_eq!(open.len(), 1, "the entry has a ticket: {:?}", house.ticket_events());
    assert_eq!((open[0].id != ticket, i64::from(open[0].board.id)), (true, rule.target.board.0));
}
