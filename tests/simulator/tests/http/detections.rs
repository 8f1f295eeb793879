//! Detections, answers that are put off, and a wrong region.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::{Effect, Fault, FaultKind, Options, Vendor};

use crate::control::control;
use crate::rig::{Rig, escaped};

/// A smallest world at nine in the morning.
async fn still() -> Rig {
    Rig::start(Options { companies: 1, now: Some("2026-03-14T09:00:00Z".parse().unwrap()), ..Options::default() }).await
}

async fn report(rig: &Rig, body: Value) -> String {
    let answer = control(rig, Method::POST, "/connect/detections", Some(body)).await;
    answer.body["uuid"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

fn uuids(body: &Value, list: &str) -> Vec<String> {
    body[list].as_array().into_iter().flatten().map(|row| row["uuid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_window_takes_its_start_and_leaves_its_end_out() {
    let rig = still().await;
    let token = rig.connect_token().await;
    let at = |time: &str| json!({ "device": "ALDERA-001", "occur_time": time });
    let first = report(&rig, at("2026-03-14T08:00:00Z")).await;
    let second = report(&rig, at("2026-03-14T08:30:00Z")).await;
    let ask = async |query: &str| uuids(&rig.connect(&format!("/v1/detections?{query}"), &token).await.body, "detections");
    assert_eq!(ask("").await, [first.clone(), second.clone()]);
    assert_eq!(ask("startTime=2026-03-14T08:00:00Z&endTime=2026-03-14T08:30:00Z").await, std::slice::from_ref(&first));
    assert_eq!(ask(&format!("startTime={}", escaped("2026-03-14T09:30:00+01:00"))).await, std::slice::from_ref(&second));
    let other = rig.simulator.world().devices()[1].uuid.clone();
    assert_eq!(ask(&format!("deviceUuid={other}")).await, [""; 0]);
    let page = rig.connect("/v1/detections?pageSize=1", &token).await.body;
    assert_eq!(page["totalSize"], 2);
    assert_eq!(ask(&format!("pageSize=1&pageToken={}", page["nextPageToken"].as_str().unwrap())).await, [second]);
    let one = rig.connect(&format!("/v1/detections/{first}"), &token).await.body["detection"].clone();
    assert_eq!((&one["severityLevel"], one.get("responses")), (&json!("SEVERITY_LEVEL_MEDIUM"), None), "unhandled");
    assert_eq!(rig.connect("/v1/detections/none", &token).await.status, 404);
    assert_eq!(rig.connect("/v1/detections?startTime=yesterday", &token).await.status, 400);
}

#[tokio::test]
async fn a_delta_has_late_reports_and_each_once() {
    let rig = still().await;
    let token = rig.connect_token().await;
    report(&rig, json!({ "device": "ALDERA-001" })).await;
    let delta = async |query: &str| rig.connect(&format!("/v1/detections:listDelta?{query}"), &token).await;
    let begin = delta("deltaToken=latest").await.body;
    assert_eq!((&begin["createdDetections"], &begin["nextPageToken"]), (&json!([]), &json!("")));
    let since = begin["nextDeltaToken"].as_str().unwrap();
    let late = report(&rig, json!({ "device": "ALDERA-002", "occur_time": "2026-03-01T00:00:00Z", "handled": true })).await;
    let next = report(&rig, json!({ "device": "ALDERA-003" })).await;
    let page = delta(&format!("deltaToken={since}&pageSize=1")).await.body;
    assert_eq!((uuids(&page, "createdDetections"), &page["nextDeltaToken"]), (vec![late], &json!("")));
    let rest = format!("deltaToken={since}&pageSize=1&pageToken={}", page["nextPageToken"].as_str().unwrap());
    let rest = delta(&rest).await.body;
    assert_eq!((uuids(&rest, "createdDetections"), &rest["nextPageToken"]), (vec![next], &json!("")));
    let after = delta(&format!("deltaToken={}", rest["nextDeltaToken"].as_str().unwrap())).await.body;
    assert_eq!(after["createdDetections"], json!([]));
    assert_eq!(delta("deltaToken=x").await.status, 400);
    control(&rig, Method::POST, "/connect/list-delta", Some(json!({ "on": false }))).await;
    assert_eq!(delta("deltaToken=latest").await.status, 404);
    let effects: Vec<Effect> = rig.simulator.world().journal().into_iter().filter_map(|entry| entry.effect).collect();
    assert_eq!(effects.iter().filter(|effect| matches!(effect, Effect::DetectionReported { .. })).count(), 3);
}

#[tokio::test]
async fn an_answer_put_off_is_asked_for_with_its_id_and_given_once() {
    let rig = still().await;
    let token = rig.connect_token().await;
    rig.simulator.world().inject(Fault::new(Vendor::Connect, FaultKind::Pending { polls: 1 }).times(1));
    let ask = async |path: &str, id: Option<&str>| {
        let request = rig.client.get(format!("{}{path}", rig.simulator.addresses().connect)).bearer_auth(&token);
        let request = id.into_iter().fold(request, |request, id| request.header("response-id", id));
        let answer = request.send().await.unwrap();
        let id = answer.headers().get("response-id").map(|id| id.to_str().unwrap().to_owned());
        (answer.status().as_u16(), id)
    };
    let (status, id) = ask("/v1/devices?pageSize=5", None).await;
    let id = id.unwrap();
    assert_eq!((status, rig.connect("/v1/devices", &token).await.status), (202, 200), "others are answered at once");
    assert_eq!(ask("/v1/devices?pageSize=6", Some(&id)).await.0, 404, "another call");
    assert_eq!(ask("/v1/devices?pageSize=5", Some(&id)).await, (202, Some(id.clone())));
    assert_eq!(ask("/v1/devices?pageSize=5", Some(&id)).await.0, 200);
    assert_eq!(ask("/v1/devices?pageSize=5", Some(&id)).await.0, 404);

    rig.simulator.world().inject(Fault::new(Vendor::Connect, FaultKind::Pending { polls: 0 }).every(2));
    let (_, id) = ask("/v1/devices", None).await;
    assert_eq!(ask("/v1/devices", None).await.0, 200);
    rig.simulator.world().advance(601);
    assert_eq!(ask("/v1/devices", id.as_deref()).await.0, 404, "kept for ten minutes");
}

#[tokio::test]
async fn the_wrong_region_knows_no_such_user() {
    let rig = still().await;
    control(&rig, Method::POST, "/connect/wrong-region", Some(json!({ "on": true }))).await;
    let login = &rig.simulator.credentials().connect;
    let form = format!("grant_type=password&username={}&password={}", escaped(&login.username), escaped(&login.password));
    assert_eq!(rig.grant(&form).await.status, 401);
    rig.simulator.world().wrong_region(false);
    assert_eq!(rig.grant(&form).await.status, 200);
}
