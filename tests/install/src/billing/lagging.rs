//! Reads that lag behind writes, for minutes, each kind of read by its own time, or by turns: whatever they show, a change is made once, ends
//! with its true history, and nobody is blamed for it.

use crate::rules::{describe, latest, made_and_ended, missing_in, the_line};

use contract::month::LineState;
use egress::ports::Clock;
use engine::IntentState;
use harness::TestInstall;
use harness::wire::{Fate, Sent};
use serde_json::{Value, json};
use simulator::Lag;

const MINUTE: i64 = 60;

fn lag(one: i64, list: i64, replicas: bool) -> Lag {
    Lag { one, list, replicas }
}

/// Every way in which reads may lag: lists alone, both, by turns, and up to a quarter of an hour.
fn lags() -> [Lag; 5] {
    let minutes = |one, list, replicas| lag(one * MINUTE, list * MINUTE, replicas);
    [minutes(0, 2, false), minutes(0, 10, false), minutes(8, 10, false), minutes(10, 10, true), minutes(15, 15, true)]
}

/// An install that is about to make an addition.
async fn creating(lag: Lag) -> TestInstall {
    let install = missing_in(TestInstall::ready_and_still(1).await).await;
    install.simulator.world().set_additions_lag(lag);
    install.wire.clear();
    install
}

/// An install that is about to write a quantity.
async fn setting(lag: Lag) -> TestInstall {
    let install = TestInstall::ready_and_still(1).await;
    install.simulator.world().set_additions_lag(lag);
    install.wire.clear();
    install
}

async fn approve(install: &TestInstall) {
    install.approve(&[the_line(install).await]).await;
}

/// Lets an hour go by, with what the cron starts.
async fn an_hour(install: &TestInstall) {
    for _ in 0..6 {
        install.clock.advance(10 * MINUTE);
        install.cron().await;
    }
}

fn writes(install: &TestInstall) -> usize {
    install.wire.sent.borrow().iter().filter(|sent| sent.method != "GET").count()
}

/// Events of the history that say a person did something to an addition.
async fn blamed(install: &TestInstall) -> Vec<Value> {
    let history: Value = install.get("/api/history?limit=500").await;
    let items = history["items"].as_array().expect("items").clone();
    items.into_iter().filter(|item| item["event"].as_str().is_some_and(|event| event.starts_with("drift"))).collect()
}

#[tokio::test(flavor = "current_thread")]
async fn an_addition_is_made_once_however_late_it_is_shown() {
    for lag in lags() {
        for fate in [Fate::Answered, Fate::AnswerLost, Fate::FailedAfter, Fate::ArrivesLater(20)] {
            let install = creating(lag).await;
            install.wire.plan(move |sent| if sent.method == "POST" { fate } else { Fate::Answered });
            approve(&install).await;
            install.settle().await;
            an_hour(&install).await;
            let what = format!("{lag:?}, {fate:?}: {:?}", latest(&install));
            assert_eq!((made_and_ended(&install), writes(&install)), ((1, 0), 1), "{what}");
            assert_eq!(latest(&install).state, IntentState::Done, "{what}");
            assert!(!describe(&latest(&install)).is_empty());
            let line = the_line(&install).await;
            assert_eq!((line.state, line.line.billed), (LineState::Done, line.line.target.or(line.line.billed)), "{what}");
            assert_eq!(blamed(&install).await, [json!(null); 0], "{what}");
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_quantity_that_was_accepted_is_looked_for_until_it_is_shown() {
    for lag in lags() {
        let install = setting(lag).await;
        approve(&install).await;
        let began = install.clock.now();
        install.settle().await;
        an_hour(&install).await;
        let what = format!("{lag:?}: {:?}", latest(&install));
        assert_eq!((install.written().len(), writes(&install)), (1, 1), "{what}");
        let outcome = latest(&install).outcome.clone().expect("an outcome");
        assert_eq!((latest(&install).state, outcome.adopted), (IntentState::Done, false), "{what}");
        assert!((outcome.at - began).num_seconds() <= lag.one + 11 * MINUTE, "{what}");
        assert_eq!(the_line(&install).await.state, LineState::Done, "{what}");
        assert_eq!(blamed(&install).await, [json!(null); 0], "{what}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn what_was_given_up_is_done_once_a_later_reading_shows_it() {
    let install = setting(lag(50 * MINUTE, 50 * MINUTE, false)).await;
    approve(&install).await;
    install.settle().await;
    assert_eq!(latest(&install).state, IntentState::Parked, "{:?}", latest(&install));
    an_hour(&install).await;
    an_hour(&install).await;
    assert_eq!((latest(&install).state, install.written().len(), writes(&install)), (IntentState::Done, 1, 1), "{:?}", latest(&install));
    assert_eq!(the_line(&install).await.state, LineState::Done);
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_is_made_again_after_a_201_whatever_a_person_presses() {
    let install = creating(lag(50 * MINUTE, 50 * MINUTE, false)).await;
    approve(&install).await;
    install.settle().await;
    for _ in 0..3 {
        assert_eq!(latest(&install).state, IntentState::Parked, "{:?}", latest(&install));
        let (status, answer) = install.post(&format!("/api/intents/{}/retry", latest(&install).id), &json!({})).await;
        assert_eq!(status, 200, "{answer}");
        install.settle().await;
    }
    assert_eq!((made_and_ended(&install), writes(&install)), ((1, 0), 1));
    an_hour(&install).await;
    assert_eq!((latest(&install).state, made_and_ended(&install)), (IntentState::Done, (1, 0)), "{:?}", latest(&install));
}

/// The line waits, and says for what.
#[tokio::test(flavor = "current_thread")]
async fn while_it_is_looked_for_the_line_says_so() {
    let install = setting(lag(10 * MINUTE, 10 * MINUTE, false)).await;
    approve(&install).await;
    install.tenant.on_alarm().await;
    let intent = latest(&install);
    assert_eq!(intent.state, IntentState::Unknown);
    let words = intent.trouble.as_ref().map(|trouble| trouble.words.as_str());
    assert_eq!(words, Some("ConnectWise accepted it and does not show it yet. It is looked for, and not sent again."));
    let patches = |sent: &&Sent| sent.method == "PATCH";
    assert_eq!(install.wire.sent.borrow().iter().filter(patches).count(), 1);
}
