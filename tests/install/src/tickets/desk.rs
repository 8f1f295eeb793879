//! What people change at the service desk, and what becomes of the tickets that are there already.

use domain::ids::{BoardId, PsaCompanyId, StatusId};
use domain::tickets::{Paused, TicketRule};
use engine::IntentState;
use harness::TestInstall;
use harness::wire::Fate;
use serde_json::{Value, json};
use simulator::{FaultKind, Vendor};

async fn ready(companies: usize) -> (TestInstall, TicketRule) {
    let install = TestInstall::with_tickets(companies).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    (install, rule)
}

/// Another board in use than the rule's.
fn other_board(install: &TestInstall, rule: &TicketRule) -> i32 {
    let other = |board: &simulator::Board| !board.inactive_flag && i64::from(board.id) != rule.target.board.0;
    install.simulator.world().boards().into_iter().find(other).expect("another board").id
}

#[tokio::test(flavor = "local")]
async fn a_ticket_moved_to_another_board_is_left_to_people_and_a_return_gets_a_new_one() {
    let (install, rule) = ready(12).await;
    let device = install.devices(1);
    install.enter(&rule, &device);
    install.passes(2).await;
    let (world, ticket) = (install.simulator.world(), install.open_tickets().remove(0).id);
    world.move_ticket(ticket, other_board(&install, &rule)).expect("a ticket");
    install.leave(&rule, &device);
    install.passes(4).await;
    assert_eq!(install.ticket_events(), ["opened", "ticket_moved"], "told once, and nothing fails");
    assert_eq!(install.open_tickets().len(), 1, "its new board knows none of our statuses");
    assert!(install.ticket_intents(&[IntentState::Failed, IntentState::Parked]).is_empty());

    world.close_ticket(ticket, None).expect("a ticket");
    install.passes(2).await;
    install.enter(&rule, &device);
    install.passes(4).await;
    let open = install.open_tickets();
    assert_eq!(open.len(), 1, "the entry has a ticket: {:?}", install.ticket_events());
    assert_eq!((open[0].id != ticket, i64::from(open[0].board.id)), (true, rule.target.board.0));
}

fn path(rule: &TicketRule) -> String {
    format!("/api/ticket-rules/{}", rule.id.as_str().replace(' ', "%20"))
}

/// Saves a rule as the form does.
async fn save(install: &TestInstall, rule: &TicketRule) {
    let (status, answer) = install.call("PUT", &path(rule), Some(rule)).await;
    assert_eq!(status, 200, "{answer}");
}

fn id(number: i64) -> i32 {
    i32::try_from(number).expect("an id")
}

/// Lets looking at tickets fail, so that what is planned is not begun.
fn block(install: &TestInstall) {
    let down = FaultKind::Status { code: 503, body: None, retry_after: None };
    install.fault(Vendor::ConnectWise, "GET", "service/tickets", None, down);
}

#[tokio::test(flavor = "local")]
async fn a_rule_whose_status_was_repaired_closes_by_it_the_tickets_that_are_open() {
    let install = TestInstall::with_tickets(12).await;
    let mut rule = install.rule("Not protected").await;
    let world = install.simulator.world();
    // A board with two statuses that close.
    let statuses = world.statuses();
    let closing = |board: i32| statuses.iter().filter(move |status| status.board.id == board && status.closed_status && !status.inactive);
    let board = world.boards().into_iter().find(|board| !board.inactive_flag && closing(board.id).count() > 1).expect("a board").id;
    let opening = statuses.iter().find(|status| status.board.id == board && status.default_flag).expect("a status");
    let closed: Vec<StatusId> = closing(board).map(|status| StatusId(status.id.into())).collect();
    (rule.target.board, rule.target.open_status) = (BoardId(board.into()), StatusId(opening.id.into()));
    rule.target.closed_status = closed[0];
    install.store_rule(&rule);
    let devices = install.devices(2);
    install.enter(&rule, &devices);
    install.passes(2).await;
    assert_eq!(install.open_tickets().len(), 2, "{:?}", install.ticket_events());
    // One of them is planned to be closed, and not begun, when the status is taken out of use.
    block(&install);
    install.leave(&rule, &devices[..1]);
    install.hours(1).await;
    assert_eq!(install.ticket_intents(&[IntentState::Planned]).len(), 1);
    world.set_status_inactive(id(closed[0].0), true).expect("a status");
    let row = install.tenant.ledger.ticket_rules().find(&rule.id).expect("a ledger").expect("the rule");
    install.tenant.ledger.ticket_rules().keep_trouble(&row, Some(Paused::ClosedStatusInactive.message())).expect("a ledger");
    world.clear_faults();
    install.passes(7).await;
    assert_eq!(install.ticket_events(), ["opened", "opened"], "closing waits for the rule, and is not refused");
    rule.target.closed_status = closed[1];
    save(&install, &rule).await;
    install.leave(&rule, &devices[1..]);
    install.passes(5).await;
    assert!(install.open_tickets().is_empty(), "{:?}", install.ticket_events());
    assert!(install.our_tickets().iter().all(|ticket| i64::from(ticket.status.id) == closed[1].0));
    assert!(!install.ticket_events().contains(&"failed".to_owned()), "{:?}", install.ticket_events());
}

/// Devices whose company nobody mapped, so that their tickets are for the rule's own company.
async fn unmapped(install: &TestInstall) -> Vec<String> {
    let companies: Value = install.get("/api/companies?state=mapped&limit=500").await;
    let mapped = |company: &str| {
        let found = companies["items"].as_array().expect("companies").iter().find(|row| row["company"] == company);
        found.is_some_and(|row| row["mapping"]["company"].is_i64())
    };
    install.simulator.world().devices().into_iter().filter(|device| !mapped(&device.company)).map(|device| device.uuid).collect()
}

/// Another company of ConnectWise that is there.
fn other_company(install: &TestInstall, rule: &TicketRule) -> PsaCompanyId {
    let other = |company: &simulator::CwCompany| !company.deleted_flag && i64::from(company.id) != rule.target.catch_all.0;
    PsaCompanyId(install.simulator.world().cw_companies().into_iter().rfind(other).expect("a company").id.into())
}

#[tokio::test(flavor = "local")]
async fn what_waits_is_planned_anew_for_the_company_a_rule_was_given_meanwhile() {
    let (install, rule) = ready(40).await;
    let devices = unmapped(&install).await;
    block(&install);
    install.enter(&rule, &devices[..1]);
    install.hours(1).await;
    assert_eq!(install.ticket_intents(&[IntentState::Planned]).len(), 1);
    let mut changed = rule.clone();
    changed.target.catch_all = other_company(&install, &rule);
    save(&install, &changed).await;
    install.simulator.world().clear_faults();
    install.passes(3).await;
    let tickets = install.our_tickets();
    assert_eq!(tickets.len(), 1, "{:?}", install.ticket_events());
    assert_eq!(i64::from(tickets[0].company.id), changed.target.catch_all.0);
}

#[tokio::test(flavor = "local")]
async fn what_failed_is_tried_again_for_the_company_it_would_be_for_now() {
    let (install, rule) = ready(40).await;
    let devices = unmapped(&install).await;
    install.wire.plan(|sent| match sent.kind().as_str() {
        "POST service/tickets" => Fate::Refused(400, None),
        _ => Fate::Answered,
    });
    install.enter(&rule, &devices[..1]);
    install.passes(3).await;
    assert_eq!(install.ticket_events(), ["failed"]);
    install.wire.mend();
    let mut changed = rule.clone();
    changed.target.catch_all = other_company(&install, &rule);
    save(&install, &changed).await;
    let failed = install.ticket_intents(&[IntentState::Failed]).remove(0);
    let (status, answer) = install.post(&format!("/api/ticket-intents/{}/retry", failed.intent.id), &json!({})).await;
    assert_eq!(status, 200, "{answer}");
    install.passes(2).await;
    let tickets = install.our_tickets();
    assert_eq!(tickets.len(), 1, "{:?}", install.ticket_events());
    assert_eq!(i64::from(tickets[0].company.id), changed.target.catch_all.0);
}

#[tokio::test(flavor = "local")]
async fn saving_a_paused_rule_releases_nothing_before_its_place_was_looked_at_again() {
    for way in ["renamed", "off and on"] {
        let (install, rule) = ready(12).await;
        block(&install);
        install.enter(&rule, &install.devices(1));
        install.hours(1).await;
        assert_eq!(install.ticket_intents(&[IntentState::Planned]).len(), 1, "{way}");
        let (world, board) = (install.simulator.world(), id(rule.target.board.0));
        world.set_board_inactive(board, true).expect("a board");
        install.hours(2).await;
        world.clear_faults();
        install.passes(1).await;
        let events = install.ticket_events();
        assert_eq!(events, ["rule_paused"], "{way}");
        if way == "renamed" {
            save(&install, &TicketRule { name: "Renamed".to_owned(), ..rule.clone() }).await;
        } else {
            for enabled in [false, true] {
                let (status, answer) = install.post("/api/ticket-rules/switch", &json!({ "rules": [rule.id], "enabled": enabled })).await;
                assert_eq!(status, 200, "{answer}");
            }
        }
        install.settle().await;
        install.passes(2).await;
        assert_eq!(install.ticket_events(), events, "{way}: nothing is sent to a board that is out of use");
        world.set_board_inactive(board, false).expect("a board");
        install.passes(8).await;
        assert_eq!(install.our_tickets().len(), 1, "{way}: {:?}", install.ticket_events());
    }
}

#[tokio::test(flavor = "local")]
async fn a_group_that_was_deleted_in_eset_pauses_its_rule_and_closes_nothing() {
    let (install, rule) = ready(12).await;
    let other = install.rule("Other").await;
    install.store_rule(&other);
    let devices = install.devices(2);
    install.enter(&rule, &devices[..1]);
    install.passes(2).await;
    install.simulator.world().delete_group(&install.watched(&rule)).expect("a group");
    // The tree is read once a day.
    install.clock.advance(86_400);
    install.passes(3).await;
    let row = install.tenant.ledger.ticket_rules().find(&rule.id).expect("a ledger").expect("the rule");
    assert_eq!(row.trouble.as_deref(), Some("The rule's group was deleted in ESET. Make a rule of its own for another one."));
    install.enter(&other, &devices[1..]);
    install.passes(10).await;
    assert_eq!(install.ticket_events(), ["opened", "rule_paused", "opened"], "told once, and the other rule goes on");
    assert_eq!(install.open_tickets().len(), 2);
}
