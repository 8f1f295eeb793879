//! One ticket for one entry, whatever becomes of calls, answers and runs. ConnectWise itself is the judge, not our tables.

use crate::crash;

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::Poll;

use crash::{FATES, rest, survives};
use domain::tickets::TicketRule;
use engine::IntentState;
use harness::House;
use harness::wire::{Fate, Sent};
use simulator::{FaultKind, Vendor};

fn to_desk(sent: &Sent) -> bool {
    sent.url.path().contains("/service/tickets") || sent.url.path().contains("/company/configurations")
}

/// A device that has entered a group, shortly before its ticket is due.
async fn entered() -> (House, TicketRule, Vec<String>) {
    let house = House::with_tickets(1).await;
    let rule = house.rule("Not protected").await;
    house.store_rule(&rule);
    let device = house.devices(1);
    house.enter(&rule, &device);
    house.passes(1).await;
    house.clock.advance(600);
    house.tenant.nudge().await.expect("a nudge");
    (house, rule, device)
}

/// What must hold whatever happened: one ticket, which is open, known as the device's, and nothing under way.
fn check(house: &House, what: &str) {
    let tickets = house.our_tickets();
    let states = [IntentState::Planned, IntentState::Inflight, IntentState::Unknown, IntentState::Failed, IntentState::Parked];
    assert_eq!(tickets.len(), 1, "{what}: {:?} {:?}", house.ticket_events(), house.ticket_intents(&states));
    assert!(!tickets[0].closed_flag, "{what}");
    assert!(house.ticket_intents(&states).is_empty(), "{what}: {:?}", house.ticket_intents(&states));
    assert_eq!(house.ticket_events(), ["opened"], "{what}");
}

#[tokio::test(flavor = "local")]
async fn faults_a_ticket_whose_answer_was_lost_is_found_again_although_the_search_lags() {
    for lag in [0, 240] {
        let (house, ..) = entered().await;
        house.simulator.world().set_search_lag(lag);
        house.fault(Vendor::ConnectWise, "POST", "service/tickets", Some(1), FaultKind::ResetAfter);
        house.settle().await;
        house.passes(2).await;
        check(&house, &format!("a lag of {lag} seconds"));
        let done = house.ticket_intents(&[IntentState::Done]).remove(0).intent;
        assert!(done.course.outcome.expect("an outcome").words.contains("arrived"), "it was adopted");
    }
}

#[tokio::test(flavor = "local")]
async fn faults_every_call_of_a_ticket_may_break_in_every_way() {
    for fate in FATES {
        for place in 0.. {
            let (mut house, ..) = entered().await;
            house.simulator.world().set_search_lag(120);
            let calls = Cell::new(0);
            let struck = Rc::new(Cell::new(false));
            let strikes = Rc::clone(&struck);
            house.wire.plan(move |sent| {
                if !to_desk(sent) {
                    return Fate::Answered;
                }
                let now = calls.get() == place;
                calls.set(calls.get() + 1);
                strikes.set(strikes.get() || now);
                if now { fate } else { Fate::Answered }
            });
            survives(&mut house).await;
            rest(&mut house).await;
            check(&house, &format!("{fate:?} at call {place}"));
            if !struck.get() {
                assert!(place >= 3, "a ticket takes a search, a write and a look");
                break;
            }
        }
    }
}

#[tokio::test(flavor = "local")]
async fn faults_a_late_ticket_is_waited_for_and_not_made_again() {
    let (house, ..) = entered().await;
    let once = Cell::new(true);
    house.wire.plan(move |sent| match sent.method == "POST" && to_desk(sent) && once.replace(false) {
        true => Fate::ArrivesLater(25),
        false => Fate::Answered,
    });
    house.settle().await;
    house.passes(2).await;
    check(&house, "it arrived 25 seconds late");
}

#[tokio::test(flavor = "local")]
async fn faults_rings_that_meet_and_a_doubled_cron_open_one_ticket() {
    let (house, ..) = entered().await;
    let (one, two) = tokio::join!(house.tenant.nudge(), house.tenant.nudge());
    one.expect("a nudge");
    two.expect("a nudge");
    tokio::join!(house.tenant.ring(), house.tenant.ring(), house.tenant.ring());
    house.settle().await;
    check(&house, "three rings at once");
}

#[tokio::test(flavor = "local")]
async fn faults_under_the_smallest_budget_it_takes_more_rings_and_one_ticket() {
    let now = "2026-11-10T12:00:00Z".parse().ok();
    let house = House::still(simulator::Options { companies: 1, now, ..Default::default() }, 8).await;
    house.connect().await;
    house.connect_groups(&house.eset_connect()).await;
    house.sync().await;
    let rule = house.rule("Not protected").await;
    house.store_rule(&rule);
    house.enter(&rule, &house.devices(1));
    house.passes(4).await;
    check(&house, "eight calls a ring");
}

#[tokio::test(flavor = "local")]
async fn faults_a_ticket_that_connectwise_refuses_waits_for_a_person_and_is_opened_when_tried_again() {
    let (house, ..) = entered().await;
    let refused = FaultKind::Status { code: 400, body: None, retry_after: None };
    house.fault(Vendor::ConnectWise, "POST", "service/tickets", None, refused);
    house.settle().await;
    house.passes(3).await;
    assert_eq!(house.ticket_events(), ["failed"], "it is tried once, and told once");
    assert!(house.our_tickets().is_empty());
    house.simulator.world().clear_faults();
    house.passes(1).await;
    assert!(house.our_tickets().is_empty(), "nobody has asked for it");
    let failed = house.ticket_intents(&[IntentState::Failed]).remove(0);
    assert!(house.tenant.retry_ticket(&failed, None).await.expect("a ledger"));
    house.passes(1).await;
    assert_eq!((house.our_tickets().len(), house.ticket_events()), (1, vec!["failed".to_owned(), "opened".to_owned()]));
}

#[tokio::test(flavor = "local")]
async fn faults_a_close_whose_answer_is_lost_is_read_back_and_noted_once() {
    let (house, rule, device) = entered().await;
    house.settle().await;
    house.leave(&rule, &device);
    house.passes(1).await;
    house.fault(Vendor::ConnectWise, "PATCH", "service/tickets", Some(1), FaultKind::ResetAfter);
    house.passes(3).await;
    let ticket = house.our_tickets().remove(0);
    assert!(ticket.closed_flag);
    assert_eq!(house.our_notes(ticket.id).len(), 1);
    assert_eq!(house.ticket_events(), ["opened", "closed"]);
}

#[tokio::test(flavor = "local")]
async fn faults_a_device_that_leaves_while_its_ticket_is_on_its_way_has_it_closed_then() {
    let (house, rule, device) = entered().await;
    house.simulator.world().set_search_lag(240);
    house.fault(Vendor::ConnectWise, "POST", "service/tickets", Some(1), FaultKind::ResetAfter);
    house.tenant.ring().await;
    house.leave(&rule, &device);
    house.passes(5).await;
    let tickets = house.our_tickets();
    assert_eq!((tickets.len(), house.open_tickets().len()), (1, 0), "{:?}", house.ticket_events());
}

#[tokio::test(flavor = "local")]
async fn faults_a_run_thought_dead_that_goes_on_opens_nothing_more() {
    // Two instances over one ledger, as when the platform starts a new one before the old one has noticed.
    for polls in 1..60 {
        let (mut house, ..) = entered().await;
        house.simulator.world().set_search_lag(240);
        let old = Rc::clone(&house.tenant);
        let mut ring = Box::pin(old.ring());
        let mut polled = 0;
        let ended = poll_fn(|context| match ring.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending => {
                polled += 1;
                if polled >= polls { Poll::Ready(false) } else { Poll::Pending }
            }
        })
        .await;
        house.restart();
        if ended {
            assert!(polls > 3, "a ticket waits more often than that");
            break;
        }
        let new = Rc::clone(&house.tenant);
        tokio::join!(ring, new.ring());
        rest(&mut house).await;
        check(&house, &format!("two instances from await {polls}"));
    }
}

#[tokio::test(flavor = "local")]
async fn faults_a_poll_whose_pass_was_ended_meanwhile_is_no_empty_group() {
    let (house, rule, _) = entered().await;
    house.settle().await;
    house.clock.advance(600);
    house.tenant.nudge().await.expect("a nudge");
    let members = house.watched(&rule);
    house.wire.plan(move |sent| if sent.url.path().contains(&members) { Fate::AnswerWaits } else { Fate::Answered });
    let ended = async {
        while !house.wire.waiting.get() {
            tokio::task::yield_now().await;
        }
        // As when the connection is changed, or another instance has read the group first.
        let now = house.tenant.now();
        house.tenant.ledger.passes().end_over(rule.source.connection(), "It was changed.", now).expect("a ledger");
        house.wire.mend();
        house.wire.go_on();
    };
    tokio::join!(house.tenant.ring(), ended);
    house.passes(3).await;
    check(&house, "the device was there all along");
}

#[tokio::test(flavor = "local")]
async fn faults_nothing_else_is_begun_while_a_ticket_may_still_turn_up() {
    let (house, rule, device) = entered().await;
    house.fault(Vendor::ConnectWise, "POST", "service/tickets", Some(1), FaultKind::ResetAfter);
    house.tenant.ring().await;
    house.fault(Vendor::ConnectWise, "GET", "service/tickets", None, FaultKind::Status { code: 500, body: None, retry_after: None });
    // Nobody can tell yet whether the ticket is there, and the device leaves and comes back meanwhile.
    house.leave(&rule, &device);
    house.hours(1).await;
    house.enter(&rule, &device);
    house.hours(2).await;
    house.simulator.world().clear_faults();
    house.passes(3).await;
    assert_eq!((house.our_tickets().len(), house.open_tickets().len()), (1, 1), "{:?}", house.ticket_events());
    assert_eq!(house.ticket_events(), ["opened", "noted"]);
}

#[tokio::test(flavor = "local")]
async fn a_ticket_that_was_not_begun_is_not_opened_for_a_device_that_has_left() {
    let (house, rule, device) = entered().await;
    house.fault(Vendor::ConnectWise, "GET", "service/tickets", None, FaultKind::Status { code: 500, body: None, retry_after: None });
    house.tenant.ring().await;
    house.leave(&rule, &device);
    house.passes(2).await;
    house.simulator.world().clear_faults();
    house.passes(2).await;
    assert!(house.our_tickets().is_empty());
    assert_eq!(house.ticket_events(), ["withdrawn", "skipped"]);
}
