//! ESET PROTECT On-Prem: its tokens, and what it shares with ESET Connect.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::{Fault, FaultKind, Vendor};

use crate::control::control;
use crate::rig::{Answer, Rig};

async fn tokens(rig: &Rig, body: Value) -> Answer {
    let request = rig.client.post(format!("{}/GetTokens", rig.simulator.addresses().protect));
    Answer::of(request.json(&body).send().await.unwrap()).await
}

async fn token(rig: &Rig) -> String {
    let login = &rig.simulator.credentials().protect;
    let body = json!({ "username": login.username, "password": login.password, "grant_type": "password" });
    tokens(rig, body).await.body["accessToken"].as_str().unwrap().to_owned()
}

async fn read(rig: &Rig, path: &str, token: &str) -> Answer {
    let request = rig.client.get(format!("{}{path}", rig.simulator.addresses().protect)).bearer_auth(token);
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_name_and_password_get_a_token_that_cannot_be_renewed() {
    let rig = Rig::with(1).await;
    let login = &rig.simulator.credentials().protect;
    let good = json!({ "username": login.username, "password": login.password, "grant_type": 0 });
    let granted = tokens(&rig, good.clone()).await;
    let fields: Vec<&str> = granted.body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!((granted.status, fields), (200, vec!["accessToken", "expiresIn"]));
    assert_eq!(tokens(&rig, json!({ "username": login.username, "password": "x", "grant_type": 0 })).await.status, 401);
    assert_eq!(tokens(&rig, json!({ "username": login.username, "password": login.password })).await.status, 400);
    let token = granted.body["accessToken"].as_str().unwrap();
    assert_eq!(read(&rig, "/v1/devices", token).await.status, 200);
    assert_eq!(rig.connect("/v1/devices", token).await.status, 401, "a token of another product");
    rig.simulator.world().advance(granted.body["expiresIn"].as_i64().unwrap());
    assert_eq!(read(&rig, "/v1/devices", token).await.status, 401);
    control(&rig, Method::POST, "/protect/revoke", None).await;
    assert_eq!(tokens(&rig, good.clone()).await.status, 401);
    control(&rig, Method::POST, "/protect/restore", None).await;
    assert_eq!(tokens(&rig, good).await.status, 200);
}

#[tokio::test]
async fn groups_and_devices_are_those_of_eset_connect_in_larger_pages() {
    let rig = Rig::with(1).await;
    let (here, there) = (token(&rig).await, rig.connect_token().await);
    let groups = read(&rig, "/v1/device_groups", &here).await.body;
    assert_eq!(groups, rig.connect("/v1/device_groups", &there).await.body);
    let world = rig.simulator.world();
    let company = world.licenses()[0].company.clone();
    world.add_devices(&company, None, 200).unwrap();
    let path = format!("/v1/device_groups/{company}/devices");
    let page = read(&rig, &path, &here).await.body;
    assert_eq!((page["devices"].as_array().unwrap().len(), &page["totalSize"]), (100, &json!(224)));
    let more = page["nextPageToken"].as_str().unwrap();
    let rest = read(&rig, &format!("{path}?page_size=20000&page_token={more}"), &here).await.body;
    assert_eq!((rest["devices"].as_array().unwrap().len(), rest.get("nextPageToken")), (124, None));
    let cut = read(&rig, &format!("{path}?pageSize=1"), &here).await.body;
    assert_eq!(cut["devices"].as_array().unwrap().len(), 100, "ESET Connect's name for it means nothing here");
    let uuid = page["devices"][0]["uuid"].as_str().unwrap();
    let device = read(&rig, &format!("/v1/devices/{uuid}"), &here).await.body;
    assert_eq!(device["device"]["uuid"], uuid);
    for path in ["/v1/detections", "/v1/detections:listDelta?deltaToken=latest", "/v1/devices/none"] {
        assert_eq!(read(&rig, path, &here).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn faults_strike_it_by_its_name() {
    let rig = Rig::with(1).await;
    let here = token(&rig).await;
    let fault = json!({ "vendor": "protect", "times": 1, "kind": { "status": { "code": 503 } } });
    assert_eq!(control(&rig, Method::POST, "/faults", Some(fault)).await.status, 200);
    assert_eq!(read(&rig, "/v1/devices", &here).await.body["code"], 14);
    rig.simulator.world().inject(Fault::new(Vendor::Protect, FaultKind::Unauthorized).times(1));
    assert_eq!(read(&rig, "/v1/devices", &here).await.status, 401);
    let journal = rig.simulator.world().journal();
    assert_eq!(journal.iter().filter(|entry| entry.vendor == Vendor::Protect).count(), 3);
    assert_eq!(journal[0].body.as_ref().unwrap()["password"], "***");
}
