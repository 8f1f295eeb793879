//! Once: faults that do not end, runs that die at any await, and rings that meet. What one or two troubles at each call do is
//! swept in `tests/faults`. The simulator's journal is the oracle: it holds what really changed.

use crate::crash;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use contract::month::LineView;
use crash::{FATES, at, rest};
use engine::IntentState;
use harness::House;
use harness::wire::{Fate, Sent};
use serde_json::Value;
use simulator::Options;

/// A month with lines to approve, and `count` of them.
async fn month(companies: usize, count: usize) -> (House, Vec<LineView>) {
    month_with(companies, count, 400).await
}

/// The same, with a fetch budget.
async fn month_with(companies: usize, count: usize, budget: u32) -> (House, Vec<LineView>) {
    let house = House::with(Options { companies, ..Options::default() }, budget).await;
    if companies > 1 {
        // Everybody orders one more, so that nearly every line changes.
        let world = house.simulator.world();
        for licence in world.licenses() {
            world.set_seats(&licence.public_license_key, licence.quantity + 1).expect("a licence");
        }
    }
    house.connect().await;
    house.sync().await;
    house.map_everything_sure().await;
    house.settle().await;
    let mut lines = house.lines("to_approve").await;
    lines.truncate(count);
    assert_eq!(lines.len(), count, "the world has so many lines");
    house.wire.clear();
    (house, lines)
}

/// What must hold whatever happened: at most one change of an addition, each with its intent; each intent over, with its
/// words; each done one with its effect; and ConnectWise at the old or the new number.
fn check(house: &House, lines: &[LineView], what: &str) {
    assert!(house.open_intents().is_empty(), "{what}: {:?}", house.open_intents());
    let written = house.written();
    let intents = house.intents();
    for line in lines {
        let line = &line.line;
        let (id, from, to) = (line.addition.expect("an addition"), line.billed.expect("billed"), line.target.expect("a target"));
        let effects: Vec<_> = written.iter().filter(|(addition, ..)| *addition == id.0).collect();
        assert!(effects.len() <= 1, "{what}: written {} times: {effects:?}", effects.len());
        let intent =
            intents.iter().find(|intent| intent.addition == Some(id)).unwrap_or_else(|| panic!("{what}: an effect without an intent"));
        let now = house.simulator.world().addition(i32::try_from(id.0).expect("an id")).expect("the addition").quantity;
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

fn all_done(house: &House) -> bool {
    house.intents().iter().all(|intent| intent.state == IntentState::Done)
}

#[tokio::test(flavor = "current_thread")]
async fn faults_that_do_not_end_are_parked_or_adopted_and_never_repeated() {
    let is_patch: fn(&Sent) -> bool = |sent| sent.method == "PATCH";
    let is_read: fn(&Sent) -> bool = |sent| sent.method == "GET";
    let live = FATES.iter().filter(|fate| !matches!(fate, Fate::DiesBefore | Fate::DiesAfter));
    for fate in live {
        for (name, strikes) in [("every write", is_patch), ("every read", is_read), ("every call", |_: &Sent| true)] {
            let (mut house, lines) = month(12, 3).await;
            let fate = *fate;
            house.wire.plan(move |sent| if strikes(sent) { fate } else { Fate::Answered });
            house.approve(&lines).await;
            rest(&mut house).await;
            check(&house, &lines, &format!("{fate:?} at {name}"));
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn faults_a_run_that_dies_at_any_await_is_taken_up_by_the_next() {
    for polls in 1.. {
        let (mut house, lines) = month(1, 1).await;
        house.approve(&lines).await;
        let tenant = Rc::clone(&house.tenant);
        let mut polled = 0;
        let ended = {
            let mut ring = pin!(tenant.ring());
            poll_fn(|context| match ring.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(true),
                Poll::Pending => {
                    polled += 1;
                    if polled >= polls { Poll::Ready(false) } else { Poll::Pending }
                }
            })
            .await
        };
        house.restart();
        rest(&mut house).await;
        check(&house, &lines, &format!("dead at await {polls}"));
        assert!(all_done(&house), "dead at await {polls}: {:?}", house.intents());
        if ended {
            assert!(polls > 3, "a commit waits more often than that");
            break;
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn faults_under_the_smallest_budget_are_carried_over_many_rings() {
    for fate in FATES {
        let (mut house, lines) = month_with(12, 3, 8).await;
        at(&house, 4, fate);
        house.approve(&lines).await;
        rest(&mut house).await;
        check(&house, &lines, &format!("{fate:?} with eight calls a ring"));
        assert!(all_done(&house), "{fate:?}: {:?}", house.intents());
    }
}

#[tokio::test(flavor = "current_thread")]
async fn faults_two_rings_at_once_write_once() {
    let (house, lines) = month(12, 3).await;
    house.approve(&lines).await;
    tokio::join!(house.tenant.ring(), house.tenant.ring(), house.tenant.ring());
    house.settle().await;
    check(&house, &lines, "three rings at once");
    assert_eq!(house.written().len(), 3);
}

#[tokio::test(flavor = "current_thread")]
async fn faults_a_run_thought_dead_that_goes_on_writes_nothing_more() {
    // Two instances over one ledger, as when the platform starts a new one before the old one has noticed: the new one takes
    // the intent away from the old one, wherever that is.
    for polls in 1..40 {
        let (mut house, lines) = month(1, 1).await;
        house.approve(&lines).await;
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
        let new = Rc::clone(&house.tenant);
        if ended {
            break;
        }
        tokio::join!(ring, new.ring());
        rest(&mut house).await;
        check(&house, &lines, &format!("two instances from await {polls}"));
    }
}

#[tokio::test(flavor = "current_thread")]
async fn faults_a_doubled_cron_starts_one_pass_and_writes_once() {
    let (mut house, lines) = month(1, 1).await;
    automatic(&house).await;
    house.clock.advance(600);
    let (one, two) = tokio::join!(house.tenant.nudge(), house.tenant.nudge());
    one.expect("a nudge");
    two.expect("a nudge");
    tokio::join!(house.tenant.ring(), house.tenant.ring());
    rest(&mut house).await;
    check(&house, &lines, "a doubled cron");
    assert_eq!(house.written().len(), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn faults_an_approval_sent_twice_at_once_is_one_change() {
    let (house, lines) = month(1, 1).await;
    let (one, two) = tokio::join!(house.approve(&lines), house.approve(&lines));
    let accepted = [&one, &two].into_iter().filter(|answer| answer["results"][0]["accepted"] == true).count();
    assert_eq!(accepted, 1, "{one} {two}");
    house.settle().await;
    check(&house, &lines, "approved twice");
    assert_eq!(house.written().len(), 1);
}

/// Lets every mapped company commit by itself, as if each had done right before.
async fn automatic(house: &House) {
    let page: Value = house.get("/api/companies?state=mapped").await;
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
    let (status, answer) = house.call("PUT", "/api/mappings/companies", Some(&serde_json::json!({ "changes": changes }))).await;
    assert_eq!(status, 200, "{answer}");
    let (ledger, now) = (&house.tenant.ledger, house.tenant.now());
    for view in house.lines("all").await {
        let Some(agreement) = view.line.agreement else { continue };
        for member in view.line.members {
            let key = domain::billing::MappingKey { member, psa: agreement.psa.clone(), agreement: agreement.id };
            ledger.mapping_records().note_approved(&key, now).expect("a row");
            ledger.mapping_records().note_proven(&key, &"before".into(), now).expect("a row");
        }
    }
}
