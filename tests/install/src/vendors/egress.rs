//! The way out, against a scripted vendor: what is sent, repeated, held back, and counted.

use std::rc::Rc;

use chrono::TimeDelta;
use domain::connections::ConnectionKind;
use domain::retry::Effect;
use egress::{Because, Blocked, Call, Egress, EgressError, Fingerprint, Outbound};
use futures::StreamExt;
use harness::support::{Scene, Scripted, Stepped, egress, no_answer, scene, scene_with};
use http::{HeaderMap, Method};

struct Door {
    vendor: Rc<Scripted>,
    clock: Rc<Stepped>,
    egress: Egress,
}

fn door(answers: Vec<Scene>) -> Door {
    let (vendor, clock) = (Scripted::new(answers), Stepped::new());
    Door { egress: egress(vendor.clone(), clock.clone()), vendor, clock }
}

fn call(effect: Effect) -> Call {
    call_to("https://psa.example.com/v/apis/3.0/things?secret=1", effect, "one")
}

fn call_to(url: &str, effect: Effect, login: &str) -> Call {
    Call {
        vendor: ConnectionKind::Connectwise,
        effect,
        method: Method::GET,
        url: url.parse().expect("a URL"),
        headers: HeaderMap::new(),
        body: Vec::new(),
        credential: Fingerprint::of(&[login]),
        label: "things",
    }
}

async fn status(outbound: &Outbound, effect: Effect) -> Result<u16, EgressError> {
    outbound.send(call(effect)).await.map(|answer| answer.status)
}

#[tokio::test]
async fn a_read_is_repeated_and_each_try_counts() {
    let door = door(vec![scene(503, ""), no_answer(), scene(200, "{}")]);
    let outbound = door.egress.session(10);
    assert_eq!(status(&outbound, Effect::Reads).await, Ok(200));
    assert_eq!(outbound.calls(), 3);
    assert!(door.vendor.is_over());
}

#[tokio::test]
async fn a_write_without_an_answer_is_not_repeated() {
    for answer in [no_answer(), scene(500, ""), scene(504, "")] {
        let door = door(vec![answer]);
        let outbound = door.egress.session(10);
        let _ = status(&outbound, Effect::Writes).await;
        assert_eq!(outbound.calls(), 1);
    }
}

#[tokio::test]
async fn a_429_is_waited_out() {
    let door = door(vec![scene_with(429, ("retry-after", "30"), ""), scene(200, "")]);
    assert_eq!(status(&door.egress.session(10), Effect::Writes).await, Ok(200));
    let waited: TimeDelta = door.clock.waits.borrow().iter().sum();
    assert!(waited >= TimeDelta::seconds(30), "{waited}");
}

#[tokio::test]
async fn a_429_slows_everyone_who_calls_that_host() {
    let door = door(vec![scene_with(429, ("retry-after", "30"), ""), scene(200, "")]);
    assert_eq!(status(&door.egress.session(1), Effect::Writes).await, Ok(429), "no call is left to try again");
    assert!(door.clock.waits.borrow().is_empty());
    assert_eq!(status(&door.egress.session(1), Effect::Reads).await, Ok(200));
    let waited: TimeDelta = door.clock.waits.borrow().iter().sum();
    assert!(waited > TimeDelta::seconds(29), "{waited}");
}

#[tokio::test]
async fn a_silence_too_long_to_wait_for_stops_calls_instead() {
    let door = door(vec![scene_with(429, ("retry-after", "600"), "")]);
    let outbound = door.egress.session(10);
    assert_eq!(status(&outbound, Effect::Reads).await, Ok(429));
    let Err(EgressError::CircuitOpen { because: Because::AskedForSilence, .. }) = status(&outbound, Effect::Reads).await else {
        panic!("called again");
    };
}

#[tokio::test]
async fn the_budget_ends_before_a_call_and_not_after() {
    let door = door(vec![scene(200, ""), scene(503, "")]);
    let outbound = door.egress.session(2);
    assert_eq!(status(&outbound, Effect::Reads).await, Ok(200));
    assert_eq!(status(&outbound, Effect::Reads).await, Err(EgressError::BudgetSpent), "no call is left to try again");
    assert_eq!(status(&outbound, Effect::Reads).await, Err(EgressError::BudgetSpent));
    assert_eq!((outbound.calls(), outbound.left()), (2, 0));
    assert!(door.vendor.is_over());
}

#[tokio::test]
async fn clones_of_a_run_share_its_budget() {
    let door = door(vec![scene(200, "")]);
    let outbound = door.egress.session(1);
    assert_eq!(status(&outbound.clone(), Effect::Reads).await, Ok(200));
    assert_eq!(status(&outbound, Effect::Reads).await, Err(EgressError::BudgetSpent));
}

#[tokio::test]
async fn a_redirect_is_an_error_and_is_not_followed() {
    let door = door(vec![scene_with(302, ("location", "https://elsewhere.example/"), "")]);
    assert_eq!(status(&door.egress.session(9), Effect::Reads).await, Err(EgressError::Redirected { status: 302 }));
    assert_eq!(door.vendor.asked.borrow().len(), 1);
}

#[tokio::test]
async fn a_blocked_address_is_not_called_and_not_counted() {
    let door = door(Vec::new());
    let outbound = door.egress.session(9);
    let refused = outbound.send(call_to("https://169.254.169.254/", Effect::Reads, "one")).await.map(|_| ());
    assert_eq!(refused, Err(EgressError::BlockedAddress { why: Blocked::IpAddress }));
    assert_eq!(outbound.calls(), 0);
}

#[tokio::test]
async fn five_failures_open_the_breaker_and_one_answer_closes_it() {
    let door = door(vec![no_answer(), no_answer(), no_answer(), no_answer(), no_answer(), scene(200, ""), scene(200, "")]);
    let outbound = door.egress.session(99);
    for _ in 0..5 {
        let _ = status(&outbound, Effect::Writes).await;
    }
    let Err(EgressError::CircuitOpen { because: Because::Unreachable, .. }) = status(&outbound, Effect::Reads).await else {
        panic!("called");
    };
    assert_eq!(outbound.calls(), 5);
    door.clock.advance(80);
    assert_eq!(status(&outbound, Effect::Reads).await, Ok(200));
    assert_eq!(status(&outbound, Effect::Reads).await, Ok(200));
}

#[tokio::test]
async fn repeating_stops_when_the_breaker_opens() {
    let door = door((0..5).map(|_| no_answer()).collect());
    let outbound = door.egress.session(99);
    for _ in 0..2 {
        assert!(matches!(status(&outbound, Effect::Reads).await, Err(EgressError::NoAnswer(_))));
    }
    assert_eq!(outbound.calls(), 5, "four tries, then one that opens it");
}

#[tokio::test]
async fn refused_credentials_stop_only_calls_with_them() {
    let door = door(vec![scene(401, ""), scene(200, ""), scene(200, "")]);
    let outbound = door.egress.session(99);
    assert_eq!(status(&outbound, Effect::Reads).await, Ok(401));
    let refused = call(Effect::Reads);
    outbound.report_refused_credentials(&refused.url, &refused.credential);
    let Err(EgressError::CircuitOpen { because: Because::RefusedCredentials, .. }) = status(&outbound, Effect::Reads).await else {
        panic!("called");
    };
    let other = call_to("https://psa.example.com/", Effect::Reads, "two");
    assert!(outbound.send(other).await.is_ok(), "other credentials");
    let test = door.egress.test_session(1);
    assert_eq!(status(&test, Effect::Reads).await, Ok(200), "a person who tests is not kept waiting");
}

#[tokio::test]
async fn four_calls_at_once_keep_the_pace() {
    let door = door((0..40).map(|_| scene(200, "")).collect());
    let outbound = door.egress.session(99);
    let calls = futures::stream::iter(0..40).map(|_| status(&outbound, Effect::Reads)).buffer_unordered(4);
    let answers: Vec<_> = calls.collect().await;
    assert!(answers.iter().all(|answer| *answer == Ok(200)));
    let waited: TimeDelta = door.clock.waits.borrow().iter().sum();
    assert!(waited > TimeDelta::zero());
}
