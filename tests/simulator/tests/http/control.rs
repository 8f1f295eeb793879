//! The control API.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::{Fault, FaultKind, Vendor};

use crate::rig::{Answer, Rig};

pub(crate) async fn control(rig: &Rig, method: Method, path: &str, body: Option<Value>) -> Answer {
    let request = rig.client.request(method, format!("{}{path}", rig.simulator.addresses().control));
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn the_summary_says_all_a_person_needs() {
    let rig = Rig::with(1).await;
    let summary = control(&rig, Method::GET, "/", None).await.body;
    assert_eq!(summary["addresses"], json!(rig.simulator.addresses()));
    assert_eq!(summary["credentials"], json!(rig.simulator.credentials()));
    assert_eq!((&summary["seed"], &summary["counts"]["additions"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn verbs_change_the_world_and_are_in_the_journal() {
    let rig = Rig::with(1).await;
    let world = rig.simulator.world();
    let (addition, license) = (world.additions()[0].clone(), world.licenses()[0].public_license_key.clone());
    let company = world.cw_companies()[0].id;
    for (path, body) in [
        (format!("/additions/{}/edit", addition.id), json!({ "quantity": 30 })),
        (format!("/additions/{}/duplicate", addition.id), json!({})),
        (format!("/additions/{}/cancel", addition.id), json!({})),
        (format!("/licenses/{license}/seats"), json!({ "quantity": 40 })),
        (format!("/licenses/{license}/usage"), json!({ "quantity": 41 })),
        (format!("/licenses/{license}/suspend"), json!({})),
        (format!("/agreements/{}/cancel", addition.agreement_id), json!({})),
        (format!("/connectwise/companies/{company}/rename"), json!({ "name": "Elder Accounting" })),
        ("/connectwise/permissions".to_owned(), json!({ "function": "Agreements", "action": "edit", "level": "None" })),
        ("/connectwise/upgrade".to_owned(), json!({})),
        ("/ema2/token-lifetime".to_owned(), json!({ "seconds": 60 })),
        ("/ema2/revoke".to_owned(), json!({})),
    ] {
        assert_eq!(control(&rig, Method::POST, &path, Some(body)).await.status, 200, "{path}");
    }
    let edited = world.addition(addition.id).unwrap();
    assert!((edited.quantity - 30.0).abs() < f64::EPSILON && !edited.is_ongoing());
    assert_eq!(world.additions().len(), 2);
    assert_eq!((world.licenses()[0].quantity, world.licenses()[0].usage), (40, 41));
    assert_eq!(world.agreements()[0].company.name.as_deref(), Some("Elder Accounting"));
    let effects = control(&rig, Method::GET, "/effects", None).await;
    assert_eq!(effects.rows().len(), 12);
    assert!(effects.rows().iter().all(|entry| entry["effect"]["by"] == "hand"));
    assert_eq!(effects.rows()[0]["effect"]["type"], "quantity_changed");
    let since = control(&rig, Method::GET, "/journal?since=10", None).await;
    assert_eq!(since.rows().len(), 2);
    control(&rig, Method::DELETE, "/journal", None).await;
    assert!(world.journal().is_empty());
}

#[tokio::test]
async fn faults_are_switched_on_and_off() {
    let rig = Rig::with(1).await;
    let fault = json!({ "vendor": "ema2", "times": 1, "kind": { "status": { "code": 503 } } });
    assert_eq!(control(&rig, Method::POST, "/faults", Some(fault)).await.body, json!({ "id": 1 }));
    let refused = rig.call("Token/Get", None, json!({})).await;
    assert_eq!((refused.status, &refused.body["subCode"]), (503, &json!(2)));
    let cut = Fault::new(Vendor::Ema2, FaultKind::ResetBefore);
    assert_eq!(control(&rig, Method::POST, "/faults", Some(json!(cut))).await.status, 200);
    control(&rig, Method::DELETE, "/faults", None).await;
    assert!(!rig.token().await.is_empty());
}

#[tokio::test]
async fn unknown_things_are_404_in_json() {
    let rig = Rig::with(1).await;
    for (method, path) in [
        (Method::GET, "/nothing"),
        (Method::GET, "/world/nothing"),
        (Method::POST, "/additions/1/cancel"),
        (Method::POST, "/licenses/3A9-AAA-AAA/suspend"),
        (Method::POST, "/agreements/1/cancel"),
    ] {
        let answer = control(&rig, method, path, None).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body["error"].is_string(), "{path}");
    }
}
