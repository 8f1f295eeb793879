//! Faults: what the client sees, and what really happened.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use simulator::{Effect, Fault, FaultKind, Vendor};

use crate::rig::Rig;

/// The path of the smallest world's only addition.
fn line(rig: &Rig) -> String {
    let addition = &rig.simulator.world().additions()[0];
    format!("finance/agreements/{}/additions/{}", addition.agreement_id, addition.id)
}

async fn strike(rig: &Rig, kind: FaultKind) -> reqwest::Result<reqwest::Response> {
    rig.simulator.world().clear_journal();
    rig.simulator.world().inject(Fault::new(Vendor::ConnectWise, kind).on("PATCH", "/additions/").times(1));
    let operations = json!([{ "op": "replace", "path": "quantity", "value": 27 }]);
    rig.connectwise(Method::PATCH, &line(rig)).json(&operations).send().await
}

fn quantity(rig: &Rig) -> f64 {
    rig.simulator.world().additions()[0].quantity
}

fn effects(rig: &Rig) -> Vec<Effect> {
    rig.simulator.world().journal().into_iter().filter_map(|entry| entry.effect).collect()
}

#[tokio::test]
async fn a_reset_before_changes_nothing() {
    let rig = Rig::with(1).await;
    assert!(strike(&rig, FaultKind::ResetBefore).await.unwrap_err().is_request());
    assert_eq!((quantity(&rig), effects(&rig)), (25.0, vec![]));
    assert_eq!(rig.simulator.world().journal()[0].status, None);
}

#[tokio::test]
async fn a_reset_after_leaves_exactly_one_effect() {
    let rig = Rig::with(1).await;
    assert!(strike(&rig, FaultKind::ResetAfter).await.unwrap_err().is_request());
    assert_eq!((quantity(&rig), effects(&rig).len()), (27.0, 1));
    let journal = rig.simulator.world().journal();
    assert_eq!((journal.len(), journal[0].status), (1, None));
    assert_eq!(rig.get(&line(&rig)).await.body["quantity"], 27.0, "the next connection works");
}

#[tokio::test]
async fn a_truncated_body_fails_to_read_after_the_effect() {
    let rig = Rig::with(1).await;
    let response = strike(&rig, FaultKind::TruncatedBody).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.text().await.is_err());
    assert_eq!((quantity(&rig), effects(&rig).len()), (27.0, 1));
}

#[tokio::test]
async fn malformed_json_does_not_parse_after_the_effect() {
    let rig = Rig::with(1).await;
    let response = strike(&rig, FaultKind::MalformedJson).await.unwrap();
    assert!(serde_json::from_str::<Value>(&response.text().await.unwrap()).is_err());
    assert_eq!(quantity(&rig), 27.0);
}

#[tokio::test]
async fn html_a_status_and_refused_keys_have_no_effect() {
    let rig = Rig::with(1).await;
    let html = strike(&rig, FaultKind::HtmlBody { status: 200 }).await.unwrap();
    assert_eq!((html.status().as_u16(), html.headers()["content-type"].to_str().unwrap()), (200, "text/html"));
    let busy = strike(&rig, FaultKind::Status { code: 429, body: None, retry_after: Some(7) }).await.unwrap();
    assert_eq!((busy.status().as_u16(), busy.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    let own = FaultKind::Status { code: 500, body: Some("oops".to_owned()), retry_after: None };
    assert_eq!(strike(&rig, own).await.unwrap().text().await.unwrap(), "oops");
    assert_eq!(strike(&rig, FaultKind::Unauthorized).await.unwrap().status(), 401);
    assert_eq!((quantity(&rig), effects(&rig)), (25.0, vec![]));
    rig.simulator.world().clear_faults();
    assert!(rig.simulator.world().faults().is_empty());
}

#[tokio::test]
async fn a_delay_waits_and_then_goes_on() {
    let rig = Rig::with(1).await;
    let start = Instant::now();
    assert_eq!(strike(&rig, FaultKind::Delay { ms: 80 }).await.unwrap().status(), 200);
    assert!(start.elapsed() >= Duration::from_millis(80));
    assert_eq!(quantity(&rig), 27.0);
}

#[tokio::test]
async fn an_empty_list_is_valid_and_wrong() {
    let rig = Rig::with(1).await;
    rig.simulator.world().inject(Fault::new(Vendor::ConnectWise, FaultKind::EmptyList));
    assert_eq!(rig.get("finance/agreements").await.body, json!([]));
    assert_eq!(rig.get("finance/agreements/count").await.body, json!({ "count": 0 }));
}

#[tokio::test]
async fn a_list_that_is_cut_is_valid_and_wrong() {
    let rig = Rig::with(1).await;
    let whole = rig.get("finance/agreements").await.body.as_array().map(Vec::len).unwrap();
    for (percent, left) in [(100, whole), (50, whole / 2), (0, 0)] {
        rig.simulator.world().clear_faults();
        rig.simulator.world().inject(Fault::new(Vendor::ConnectWise, FaultKind::Cut { percent }));
        assert_eq!(rig.get("finance/agreements").await.body.as_array().map(Vec::len), Some(left));
    }
}
