//! Once: faults that do not end, runs that die at any await, and alarms that meet. What one or two troubles at each call do is
//! swept in `tests/faults`. The simulator's journal is the oracle: it holds what really changed.

use crate::crash;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use contract::month::LineView;
use crash::{FATES, at, endures, rest};
use engine::IntentState;
use harness::TestInstall;
use harness::wire::{Fate, Sent};
use serde_json::Value;
use simulator::Options;

/// A month with lines to approve, and `count` of them.
async fn month(companies: usize, count: usize) -> (TestInstall, Vec<LineView>) {
    month_with(companies, count, 400).await
}

/// The same, with a fetch budget.
async fn month_with(companies: usize, count: usize, budget: u32) -> (TestInstall, Vec<LineView>) {
    let install = TestInstall::with(Options { companies, ..Options::default() }, budget).await;
    if companies > 1 {
        // Everybody orders one more, so that nearly every line changes.
        let world = install.simulator.world();
        for licence in world.licenses() {
            world.set_seats(&licence.public_license_key, licence.quantity + 1).expect("a licence");
        }
    }
    install.connect().await;
    install.sync().await;
    install.map_everything_sure().await;
    install.settle().await;
    let mut lines = install.lines("to_approve").await;
    lines.truncate(count);
    assert_eq!(lines.len(), count, "the world has so many lines");
    install.wire.clear();
    (install, lines)
}

/// What must hold whatever happened: at most one change of an addition, each with its intent; each intent over, with its
/// words; each done one with its effect; and ConnectWise at the old or the new number.
fn check(install: &TestInstall, lines: &[LineView], what: &str) {
    assert!(install.open_intents().is_empty(), "{what}: {:?}", install.open_intents());
    let written = install.written();
    let intents = install.intents();
    for line in lines {
        let line = &line.line;
        let (id, from, to) = (line.addition.expect("an addition"), line.billed.expect("billed"), line.target.expect("a target"));
        let effects: Vec<_> = written.iter().filter(|(addition, ..)| *addition == id.0).collect();
        assert!(effects.len() <= 1, "{what}: written {} times: {effects:?}", effects.len());
        let intent =
            intents.iter().find(|intent| intent.addition == Some(id)).unwrap_or_else(|| panic!("{what}: an effect without an intent"));
        let now = install.simulator.world().addition(i32::try_from(id.0).expect("an id")).expect("the addition").quantity;
        let words = intent.outcome.as_ref().map(|outcome| outcome.words.as_str()).unwrap_or_default();
        assert!(!words.is_empty(), "{what}: over without a word");
        match (intent.state, effects.len()) {
            (IntentState::Done, 1) => assert!((now - to.to_vendor()).abs() < 1e-9, "{what}: done, but {now}"),
            (IntentState::Failed, 0) => assert!((now - from.to_vendor()).abs() < 1e-9, "{what}: failed, but {now}"),
            (IntentState::Parked, _) => {}
            (state, effects) => panic!("{what}: {state:?} with {effects} effects: {words}"),
        }
    }
    let planned: Vec<i64> = lines.iter().filter_map(|line| line.line.addition).map(|addition| addition.0).collect();
    assert!(written.iter().all(|(addition, ..)| planned.contains(addition)), "{what}: something else was written: {written:?}");
}

fn all_done(install: &TestInstall) -> bool {
    install.intents().iter().all(|intent| intent.state == IntentState::Done)
}

#[tokio::test(flavor = "current_thread")]
async fn faults_of_a_night_cost_nothing_but_time_and_nothing_is_repeated() {
    let is_patch: fn(&Sent) -> bool = |sent| sent.method == "PATCH";
    let is_read: fn(&Sent) -> bool = |sent| sent.method == "GET";
    let live = FATES.iter().filter(|fate| !matches!(fate, Fate::DiesBefore | Fate::DiesAfter));
    for fate in live {
        for (name, strikes) in [("every write", is_patch), ("every read", is_read), ("every call", |_: &Sent| true)] {
            let (mut install, lines) = month(12, 3).await;
            let fate = *fate;
            install.wire.plan(move |sent| if strikes(sent) { fate } else { Fate::Answered });
            install.approve(&lines).await;
            endures(&mut install).await;
            check(&install, &lines, &format!("{fate:?} at {name}"));
            assert!(all_done(&install), "{fate:?} at {name}: {:?}", install.intents());
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn faults_a_run_that_dies_at_any_await_is_taken_up_by_the_next() {
    for polls in 1.. {
        let (mut install, lines) = month(1, 1).await;
        install.approve(&lines).await;
        let tenant = Rc::clone(&install.tenant);
        let mut polled = 0;
        let ended = {
            let mut alarm = pin!(tenant.on_alarm());
            poll_fn(|context| match alarm.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(true),
                Poll::Pending => {
                    polled += 1;
                    if polled >= polls { Poll::Ready(false) } else { Poll::Pending }
                }
            })
            .await
        };
        install.restart();
        rest(&mut install).await;
        check(&install, &lines, &format!("dead at await {polls}"));
        assert!(all_done(&install), "dead at await {polls}: {:?}", install.intents());
        if ended {
            assert!(polls > 3, "a commit waits more often than that");
            break;
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn faults_under_the_smallest_budget_are_carried_over_many_rings() {
    for fate in FATES {
        let (mut install, lines) = month_with(12, 3, 8).await;
        at(&install, 4, fate);
        install.approve(&lines).await;
        rest(&mut install).await;
        check(&install, &lines, &format!("{fate:?} with eight calls an alarm"));
        assert!(all_done(&install), "{fate:?}: {:?}", install.intents());
    }
}

#[tokio::test(flavor = "current_thread")]
async fn faults_two_alarms_at_once_write_once() {
    let (install, lines) = month(12, 3).await;
    install.approve(&lines).await;
    tokio::join!(install.tenant.on_alarm(), install.tenant.on_alarm(), install.tenant.on_alarm());
    install.settle().await;
    check(&install, &lines, "three alarms at once");
    assert_eq!(install.written().len(), 3);
}

#[tokio::test(flavor = "current_thread")]
async fn faults_a_run_thought_dead_that_goes_on_writes_nothing_more() {
    // Two instances over one ledger, as when the platform starts a new one before the old one has noticed: the new one takes
    // the intent away from the old one, wherever that is.
    for polls in 1..40 {
        let (mut install, lines) = month(1, 1).await;
        install.approve(&lines).await;
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
        let new = Rc::clone(&install.tenant);
        if ended {
            break;
        }
        tokio::join!(alarm, new.on_alarm());
        rest(&mut install).await;
        check(&install, &lines, &format!("two instances from await {polls}"));
    }
}

#[tokio::test(flavor = "current_thread")]
async fn faults_a_doubled_cron_starts_one_pass_and_writes_once() {
    let (mut install, lines) = month(1, 1).await;
    automatic(&install).await;
    install.clock.advance(600);
    let (one, two) = tokio::join!(install.tenant.on_cron(), install.tenant.on_cron());
    one.expect("a cron");
    two.expect("a cron");
    tokio::join!(install.tenant.on_alarm(), install.tenant.on_alarm());
    rest(&mut install).await;
    check(&install, &lines, "a doubled cron");
    assert_eq!(install.written().len(), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn faults_an_approval_sent_twice_at_once_is_one_change() {
    let (install, lines) = month(1, 1).await;
    let (one, two) = tokio::join!(install.approve(&lines), install.approve(&lines));
    let accepted = [&one, &two].into_iter().filter(|answer| answer["results"][0]["accepted"] == true).count();
    assert_eq!(accepted, 1, "{one} {two}");
    install.settle().await;
    check(&install, &lines, "approved twice");
    assert_eq!(install.written().len(), 1);
}

/// Lets every mapped company commit by itself, as if each had done right before.
async fn automatic(install: &TestInstall) {
    let page: Value = install.get("/api/companies?state=mapped").await;
    let changes: Vec<Value> = page["items"]
        .as_array()
        .expect("companies")
        .iter()
        .map(|company| {
            let mapping = &company["mapping"];
            let decision =
                serde_json::json!({ "decision": "map", "psa": mapping["psa"], "agreement": mapping["agreement"], "automatic": true });
            serde_json::json!({ "connection": company["connection"], "company": company["company"], "decision": decision })
        })
        .collect();
    let (status, answer) = install.call("PUT", "/api/mappings/companies", Some(&serde_json::json!({ "changes": changes }))).await;
    assert_eq!(status, 200, "{answer}");
    let (ledger, now) = (&install.tenant.ledger, install.tenant.now());
    for view in install.lines("all").await {
        let Some(agreement) = view.line.agreement else { continue };
        for member in view.line.members {
            let key = domain::billing::MappingKey { member, psa: agreement.psa.clone(), agreement: agreement.id };
            ledger.mapping_records().note_approved(&key, now).expect("a row");
            ledger.mapping_records().note_proven(&key, &"before".into(), now).expect("a row");
        }
    }
}
