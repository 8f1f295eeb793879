//! A ledger that went back in time while ConnectWise kept what was written: Seatbridge only looks, tells what differs, and writes nothing
//! twice, whatever is approved again.

use contract::look_only::{LookOnlyCause, LookOnlyView};
use contract::month::LineState;
use contract::overview::Overview;
use domain::access::Role;
use domain::tickets::TicketRule;
use engine::IntentState;
use harness::TestInstall;
use harness::stores::Memory;
use http::StatusCode;
use serde_json::{Value, json};

use crate::rules::{addition, made_and_ended, missing_in, the_line};

/// An install that is about to make an addition and to open a ticket, and what its ledger was then.
struct Point {
    install: TestInstall,
    ledger: Memory,
    rule: TicketRule,
    device: Vec<String>,
}

async fn point() -> Point {
    let install = missing_in(TestInstall::with_tickets(1).await).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    let device = install.devices(1);
    install.passes(1).await;
    let ledger = install.sql.copy();
    Point { install, ledger, rule, device }
}

/// The same after both were done.
async fn moved_on() -> Point {
    let point = point().await;
    let install = &point.install;
    install.approve(&[the_line(install).await]).await;
    install.enter(&point.rule, &point.device);
    install.passes(3).await;
    assert_eq!((made_and_ended(install), install.our_tickets().len()), ((1, 0), 1));
    assert_eq!(addition(install).quantity, 27.0);
    point
}

async fn mode(install: &TestInstall) -> LookOnlyView {
    install.get("/api/look-only").await
}

async fn leave(install: &TestInstall) -> (StatusCode, Value) {
    let seen = mode(install).await.seen;
    install.post("/api/look-only/leave", &json!({ "seen": seen })).await
}

#[tokio::test(flavor = "local")]
async fn a_restored_ledger_doubles_nothing_and_a_person_lets_it_write_again() {
    let Point { mut install, ledger, rule, .. } = moved_on().await;
    install.restore_ledger(&ledger);
    // The very first request is answered in the mode, and what is approved again is looked for.
    let overview: Overview = install.get("/api/overview").await;
    assert_eq!(overview.look_only.expect("the mode").cause, LookOnlyCause::Restored);
    let health: Value = install.get("/api/health").await;
    assert_eq!(health["look_only"], true);
    install.approve(&[the_line(&install).await]).await;
    let (status, answer) = leave(&install).await;
    assert_eq!((status, answer["code"].as_str()), (StatusCode::CONFLICT, Some("still_reading")), "{answer}");
    install.passes(4).await;
    assert_eq!((made_and_ended(&install), install.our_tickets().len()), ((1, 0), 1), "nothing is written");
    let view = mode(&install).await;
    assert!(view.mode.clone().expect("the mode").reread.expect("counted").is_complete(), "{view:?}");
    let (status, answer) = leave(&install).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["mode"], Value::Null);
    install.passes(4).await;
    assert_eq!((made_and_ended(&install), install.our_tickets().len()), ((1, 0), 1), "nothing is doubled");
    assert!(install.open_intents().is_empty(), "{:?}", install.open_intents());
    assert!(matches!(the_line(&install).await.state, LineState::Unchanged | LineState::Done));
    let cases = install.ticket_intents(&[IntentState::Done]);
    assert!(cases.iter().any(|row| row.intent.ticket.is_some()), "the ticket is known again");

    // It writes as always: the device leaves, and its ticket is closed.
    install.leave(&rule, &install.devices(1));
    install.passes(4).await;
    assert!(install.open_tickets().is_empty());
    let history: Value = install.get("/api/history?limit=500").await;
    for event in ["look_only_begun", "look_only_left"] {
        assert_eq!(history.to_string().matches(&format!("\"{event}\"")).count(), 1, "{event}");
    }
}

#[tokio::test(flavor = "local")]
async fn what_nobody_remembers_is_listed_and_leaving_takes_it_for_ours() {
    let Point { mut install, ledger, rule, .. } = moved_on().await;
    // The rule and the mapping that made them are older than the point, but nobody approves again and the device is gone.
    install.leave(&rule, &install.devices(1));
    install.restore_ledger(&ledger);
    install.passes(5).await;
    let view = mode(&install).await;
    assert_eq!((view.additions_total, view.tickets_total), (1, 1), "{view:?}");
    let (shown, made) = (&view.additions[0], addition(&install));
    assert_eq!((shown.addition.0, shown.written, shown.since_point), (i64::from(made.id), None, true));
    assert_eq!(view.tickets[0].ticket.0, i64::from(install.our_tickets()[0].id));
    assert_eq!(leave(&install).await.0, StatusCode::OK);
    install.passes(3).await;
    assert_eq!((made_and_ended(&install), install.our_tickets().len()), ((1, 0), 1));
    let drift = install.get::<Value>("/api/drift").await.to_string();
    assert!(!drift.contains("addition_edited") && !drift.contains("addition_cancelled"), "nobody is blamed for what we did: {drift}");
}

#[tokio::test(flavor = "local")]
async fn what_changed_since_it_was_seen_has_to_be_seen_again() {
    let Point { mut install, ledger, .. } = moved_on().await;
    install.restore_ledger(&ledger);
    install.passes(5).await;
    let before = mode(&install).await.seen;
    install.simulator.world().edit_addition(addition(&install).id, 30.5).expect("an addition");
    install.sync().await;
    let (status, answer) = install.post("/api/look-only/leave", &json!({ "seen": before })).await;
    assert_eq!((status, answer["code"].as_str()), (StatusCode::CONFLICT, Some("differences_changed")), "{answer}");
    assert_eq!(leave(&install).await.0, StatusCode::OK);
    let (status, answer) = leave(&install).await;
    assert_eq!((status, answer["code"].as_str()), (StatusCode::CONFLICT, Some("writes_already")), "{answer}");
}

#[tokio::test(flavor = "local")]
async fn a_ledger_that_went_back_and_came_as_far_again_is_noticed_all_the_same() {
    let Point { mut install, ledger, .. } = moved_on().await;
    install.restore_ledger(&ledger);
    // Its history has become longer than the other's was before anybody looked at the mark.
    for number in 0..200 {
        install.tenant.ledger.history().add(audit(number), install.tenant.now()).expect("a row");
    }
    let overview: Overview = install.get("/api/overview").await;
    assert!(overview.look_only.is_some());
}

fn audit(number: u32) -> store::ledger::NewAudit<'static> {
    let subject = format!("row {number}");
    store::ledger::NewAudit { by: "a test", subject, ..store::ledger::NewAudit::of(domain::history::HistoryEvent::SignedIn) }
}

#[tokio::test(flavor = "local")]
async fn an_older_mark_and_one_that_cannot_be_read_prove_nothing() {
    let Point { mut install, ledger, .. } = moved_on().await;
    let marks = |install: &TestInstall| {
        let texts = install.texts.texts.borrow();
        let marks = texts.iter().filter(|(key, _)| key.starts_with("mark/"));
        marks.map(|(key, text)| (key.clone(), text.clone())).collect::<Vec<_>>()
    };
    let first = marks(&install);
    assert_eq!(first.len(), 2, "one before the first write, one when an alarm ended");
    install.restore_ledger(&ledger);
    install.passes(5).await;
    assert_eq!(marks(&install), first, "what shows that the ledger went back is not written over");
    assert_eq!(leave(&install).await.0, StatusCode::OK);
    install.passes(1).await;
    // KV shows the marks of before the restore once more, to a process that knows of none.
    for (key, text) in first {
        install.texts.texts.borrow_mut().insert(key, text);
    }
    install.restart();
    install.passes(1).await;
    for key in ["mark/before", "mark/after"] {
        install.texts.texts.borrow_mut().insert(key.to_owned(), "{".to_owned());
    }
    install.restart();
    install.passes(1).await;
    let overview: Overview = install.get("/api/overview").await;
    assert_eq!(overview.look_only, None);
}

#[tokio::test(flavor = "local")]
async fn an_install_that_was_never_restored_writes_no_mark_without_a_change() {
    let mut install = TestInstall::with_tickets(1).await;
    install.passes(2).await;
    let writes = install.texts.writes.get();
    install.passes(5).await;
    install.restart();
    install.passes(2).await;
    assert_eq!(install.texts.writes.get(), writes);
    let view = mode(&install).await;
    assert_eq!(view, LookOnlyView::default());
}

#[tokio::test(flavor = "local")]
async fn a_clock_that_goes_backwards_is_noticed_and_left_behind() {
    let mut install = TestInstall::with_tickets(1).await;
    install.passes(2).await;
    install.clock.advance(-300);
    install.tenant.on_cron().await.expect("a cron");
    assert_eq!(mode(&install).await, LookOnlyView::default(), "five minutes are nothing");
    install.clock.advance(-3_600);
    install.restart();
    install.tenant.on_cron().await.expect("a cron");
    install.settle().await;
    let view = mode(&install).await;
    assert_eq!(view.mode.expect("the mode").cause, LookOnlyCause::ClockBack);
    let lines = install.lines("to_approve").await;
    install.approve(&lines).await;
    install.passes(3).await;
    assert_eq!(install.written(), [], "nothing is written");
    assert_eq!(leave(&install).await.0, StatusCode::OK);
    // The clock is still behind what was written down before.
    install.passes(1).await;
    install.tenant.on_cron().await.expect("a cron");
    assert_eq!(mode(&install).await, LookOnlyView::default());
    install.passes(6).await;
    assert_eq!(install.written().len(), 1);
}

#[tokio::test(flavor = "local")]
async fn only_an_administrator_who_has_just_shown_a_passkey_lets_it_write_again() {
    let Point { mut install, ledger, .. } = moved_on().await;
    install.restore_ledger(&ledger);
    install.passes(5).await;
    let leave = json!({ "seen": mode(&install).await.seen });
    let admin = install.admin_anew().await;
    for role in [Role::Technician, Role::Billing, Role::Viewer] {
        let token = install.token_for(&admin, role).await;
        let (status, _) = install.call_as(&token, "POST", "/api/look-only/leave", Some(&leave)).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{role:?}");
    }
    install.clock.advance(660);
    let (status, answer) = install.call_by(&admin, "POST", "/api/look-only/leave", Some(&leave)).await;
    assert_eq!((status, answer["code"].as_str()), (StatusCode::FORBIDDEN, Some("proof_wanted")), "{answer}");
}
