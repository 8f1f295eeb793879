//! One ticket for one entry, whatever becomes of calls, answers and runs. ConnectWise itself is the judge, not our tables.

use crate::crash;

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::Poll;

use crash::{FATES, rest, survives};
use domain::tickets::TicketRule;
use engine::IntentState;
use harness::TestInstall;
use harness::wire::{Fate, Sent};
use simulator::{FaultKind, Vendor};

fn to_desk(sent: &Sent) -> bool {
    sent.url.path().contains("/service/tickets") || sent.url.path().contains("/company/configurations")
}

/// A device that has entered a group, shortly before its ticket is due.
async fn entered() -> (TestInstall, TicketRule, Vec<String>) {
    let install = TestInstall::with_tickets(1).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    let device = install.devices(1);
    install.enter(&rule, &device);
    install.passes(1).await;
    install.clock.advance(600);
    install.tenant.on_cron().await.expect("a cron");
    (install, rule, device)
}

/// What must hold whatever happened: one ticket, which is open, known as the device's, and nothing under way.
fn check(install: &TestInstall, what: &str) {
    let tickets = install.our_tickets();
    let states = [IntentState::Planned, IntentState::Inflight, IntentState::Unknown, IntentState::Failed, IntentState::Parked];
    assert_eq!(tickets.len(), 1, "{what}: {:?} {:?}", install.ticket_events(), install.ticket_intents(&states));
    assert!(!tickets[0].closed_flag, "{what}");
    assert!(install.ticket_intents(&states).is_empty(), "{what}: {:?}", install.ticket_intents(&states));
    assert_eq!(install.ticket_events(), ["opened"], "{what}");
}

#[tokio::test(flavor = "local")]
async fn faults_a_ticket_whose_answer_was_lost_is_found_again_although_the_search_lags() {
    for lag in [0, 240] {
        let (install, ..) = entered().await;
        install.simulator.world().set_search_lag(lag);
        install.fault(Vendor::ConnectWise, "POST", "service/tickets", Some(1), FaultKind::ResetAfter);
        install.settle().await;
        install.passes(2).await;
        check(&install, &format!("a lag of {lag} seconds"));
        let done = install.ticket_intents(&[IntentState::Done]).remove(0).intent;
        assert!(done.course.outcome.expect("an outcome").words.contains("arrived"), "it was adopted");
    }
}

#[tokio::test(flavor = "local")]
async fn faults_every_call_of_a_ticket_may_break_in_every_way() {
    for fate in FATES {
        for place in 0.. {
            let (mut install, ..) = entered().await;
            install.simulator.world().set_search_lag(120);
            let calls = Cell::new(0);
            let struck = Rc::new(Cell::new(false));
            let strikes = Rc::clone(&struck);
            install.wire.plan(move |sent| {
                if !to_desk(sent) {
                    return Fate::Answered;
                }
                let now = calls.get() == place;
                calls.set(calls.get() + 1);
                strikes.set(strikes.get() || now);
                if now { fate } else { Fate::Answered }
            });
            survives(&mut install).await;
            rest(&mut install).await;
            check(&install, &format!("{fate:?} at call {place}"));
            if !struck.get() {
                assert!(place >= 3, "a ticket takes a search, a write and a look");
                break;
            }
        }
    }
}

#[tokio::test(flavor = "local")]
async fn faults_a_late_ticket_is_waited_for_and_not_made_again() {
    let (install, ..) = entered().await;
    let once = Cell::new(true);
    install.wire.plan(move |sent| match sent.method == "POST" && to_desk(sent) && once.replace(false) {
        true => Fate::ArrivesLater(25),
        false => Fate::Answered,
    });
    install.settle().await;
    install.passes(2).await;
    check(&install, "it arrived 25 seconds late");
}

#[tokio::test(flavor = "local")]
async fn faults_rings_that_meet_and_a_doubled_cron_open_one_ticket() {
    let (install, ..) = entered().await;
    let (one, two) = tokio::join!(install.tenant.on_cron(), install.tenant.on_cron());
    one.expect("a cron");
    two.expect("a cron");
    tokio::join!(install.tenant.on_alarm(), install.tenant.on_alarm(), install.tenant.on_alarm());
    install.settle().await;
    check(&install, "three alarms at once");
}

#[tokio::test(flavor = "local")]
async fn faults_under_the_smallest_budget_it_takes_more_rings_and_one_ticket() {
    let now = "2026-11-10T12:00:00Z".parse().ok();
    let install = TestInstall::still(simulator::Options { companies: 1, now, ..Default::default() }, 8).await;
    install.connect().await;
    install.connect_groups(&install.eset_connect()).await;
    install.sync().await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    install.enter(&rule, &install.devices(1));
    install.passes(4).await;
    check(&install, "eight calls an alarm");
}

#[tokio::test(flavor = "local")]
async fn faults_a_ticket_that_connectwise_refuses_waits_for_a_person_and_is_opened_when_tried_again() {
    let (install, ..) = entered().await;
    let refused = FaultKind::Status { code: 400, body: None, retry_after: None };
    install.fault(Vendor::ConnectWise, "POST", "service/tickets", None, refused);
    install.settle().await;
    install.passes(3).await;
    assert_eq!(install.ticket_events(), ["failed"], "it is tried once, and told once");
    assert!(install.our_tickets().is_empty());
    install.simulator.world().clear_faults();
    install.passes(1).await;
    assert!(install.our_tickets().is_empty(), "nobody has asked for it");
    let failed = install.ticket_intents(&[IntentState::Failed]).remove(0);
    assert!(install.tenant.ticket_commits().retry(&failed, None).await.expect("a ledger"));
    install.passes(1).await;
    assert_eq!((install.our_tickets().len(), install.ticket_events()), (1, vec!["failed".to_owned(), "opened".to_owned()]));
}

#[tokio::test(flavor = "local")]
async fn faults_a_close_whose_answer_is_lost_is_read_back_and_noted_once() {
    let (install, rule, device) = entered().await;
    install.settle().await;
    install.leave(&rule, &device);
    install.passes(1).await;
    install.fault(Vendor::ConnectWise, "PATCH", "service/tickets", Some(1), FaultKind::ResetAfter);
    install.passes(3).await;
    let ticket = install.our_tickets().remove(0);
    assert!(ticket.closed_flag);
    assert_eq!(install.our_notes(ticket.id).len(), 1);
    assert_eq!(install.ticket_events(), ["opened", "closed"]);
}

#[tokio::test(flavor = "local")]
async fn faults_a_device_that_leaves_while_its_ticket_is_on_its_way_has_it_closed_then() {
    let (install, rule, device) = entered().await;
    install.simulator.world().set_search_lag(240);
    install.fault(Vendor::ConnectWise, "POST", "service/tickets", Some(1), FaultKind::ResetAfter);
    install.tenant.on_alarm().await;
    install.leave(&rule, &device);
    install.passes(5).await;
    let tickets = install.our_tickets();
    assert_eq!((tickets.len(), install.open_tickets().len()), (1, 0), "{:?}", install.ticket_events());
}

#[tokio::test(flavor = "local")]
async fn faults_a_run_thought_dead_that_goes_on_opens_nothing_more() {
    // Two instances over one ledger, as when the platform starts a new one before the old one has noticed.
    for polls in 1..60 {
        let (mut install, ..) = entered().await;
        install.simulator.world().set_search_lag(240);
        let old = Rc::clone(&install.tenant);
        let mut alarm = Box::pin(old.on_alarm());
        let mut polled = 0;
        let ended = poll_fn(|context| match alarm.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending => {
                polled += 1;
                if polled >= polls { Poll::Ready(false) } else { Poll::Pending }
            }
        })
        .await;
        install.restart();
        if ended {
            assert!(polls > 3, "a ticket waits more often than that");
            break;
        }
        let new = Rc::clone(&install.tenant);
        tokio::join!(alarm, new.on_alarm());
        rest(&mut install).await;
        check(&install, &format!("two instances from await {polls}"));
    }
}

#[tokio::test(flavor = "local")]
async fn faults_a_poll_whose_pass_was_ended_meanwhile_is_no_empty_group() {
    let (install, rule, _) = entered().await;
    install.settle().await;
    install.clock.advance(600);
    install.tenant.on_cron().await.expect("a cron");
    let members = install.watched(&rule);
    install.wire.plan(move |sent| if sent.url.path().contains(&members) { Fate::AnswerWaits } else { Fate::Answered });
    let ended = async {
        while !install.wire.waiting.get() {
            tokio::task::yield_now().await;
        }
        // As when the connection is changed, or another instance has read the group first.
        let now = install.tenant.now();
        install.tenant.ledger.passes().end_over(rule.source.connection(), "It was changed.", now).expect("a ledger");
        install.wire.mend();
        install.wire.go_on();
    };
    tokio::join!(install.tenant.on_alarm(), ended);
    install.passes(3).await;
    check(&install, "the device was there all along");
}

#[tokio::test(flavor = "local")]
async fn faults_nothing_else_is_begun_while_a_ticket_may_still_turn_up() {
    let (install, rule, device) = entered().await;
    install.fault(Vendor::ConnectWise, "POST", "service/tickets", Some(1), FaultKind::ResetAfter);
    install.tenant.on_alarm().await;
    install.fault(Vendor::ConnectWise, "GET", "service/tickets", None, FaultKind::Status { code: 500, body: None, retry_after: None });
    // Nobody can tell yet whether the ticket is there, and the device leaves and comes back meanwhile.
    install.leave(&rule, &device);
    install.hours(1).await;
    install.enter(&rule, &device);
    install.hours(2).await;
    install.simulator.world().clear_faults();
    install.passes(3).await;
    assert_eq!((install.our_tickets().len(), install.open_tickets().len()), (1, 1), "{:?}", install.ticket_events());
    assert_eq!(install.ticket_events(), ["opened", "noted"]);
}

#[tokio::test(flavor = "local")]
async fn a_ticket_that_was_not_begun_is_not_opened_for_a_device_that_has_left() {
    let (install, rule, device) = entered().await;
    install.fault(Vendor::ConnectWise, "GET", "service/tickets", None, FaultKind::Status { code: 500, body: None, retry_after: None });
    install.tenant.on_alarm().await;
    install.leave(&rule, &device);
    install.passes(2).await;
    install.simulator.world().clear_faults();
    install.passes(2).await;
    assert!(install.our_tickets().is_empty());
    assert_eq!(install.ticket_events(), ["withdrawn", "skipped"]);
}
