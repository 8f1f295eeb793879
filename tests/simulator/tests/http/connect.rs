//! ESET Connect: tokens, groups and devices.

use serde_json::json;

use crate::rig::Rig;

#[tokio::test]
async fn a_password_grants_a_token_and_a_refresh_token_works_once() {
    let rig = Rig::with(1).await;
    assert_eq!(rig.grant("grant_type=password&username=a&password=b").await.status, 401);
    assert_eq!(rig.grant("grant_type=client_credentials").await.status, 400);
    let login = &rig.simulator.credentials().connect;
    let answer = rig.grant(&format!("grant_type=password&username={}&password={}", login.username, login.password)).await;
    assert_eq!((answer.status, &answer.body["expires_in"]), (200, &json!(3600)));
    let refresh = format!("grant_type=refresh_token&refresh_token={}", answer.body["refresh_token"].as_str().unwrap());
    assert_eq!(rig.grant(&refresh).await.status, 200);
    assert_eq!(rig.grant(&refresh).await.status, 401);
}

#[tokio::test]
async fn devices_in_a_companys_group_are_its_activated_seats() {
    let rig = Rig::with(1).await;
    let token = rig.connect_token().await;
    let groups = rig.connect("/v1/device_groups?pageSize=1000", &token).await.body;
    let groups = groups["deviceGroups"].as_array().unwrap();
    let group = groups.iter().find(|group| group["displayName"] == "Alder Accounting Inc.").unwrap();
    assert_eq!(group["linkedEntityType"], "DEVICE_GROUP_ENTITY_TYPE_COMPANY");
    assert!(groups.iter().any(|group| group.get("isSecurityGroup").is_none()), "a dynamic group");
    let path = format!("/v1/device_groups/{}/devices?pageSize=20", group["uuid"].as_str().unwrap());
    let first = rig.connect(&path, &token).await.body;
    let more = first["nextPageToken"].as_str().unwrap();
    let second = rig.connect(&format!("{path}&pageToken={more}"), &token).await.body;
    let count = first["devices"].as_array().unwrap().len() + second["devices"].as_array().unwrap().len();
    assert_eq!((count, &first["totalSize"]), (24, &json!(24)));
    assert!(second.get("nextPageToken").is_none());
    let uuid = first["devices"][3]["uuid"].as_str().unwrap();
    let device = rig.connect(&format!("/v1/devices/{uuid}"), &token).await.body;
    assert_eq!(device["device"]["activeProducts"][0]["name"], "ESET PROTECT Entry");
    let batch = rig.connect(&format!("/v1/devices:batchGet?devicesUuids={uuid}"), &token).await.body;
    assert_eq!(batch["devices"][0], device["device"]);
    assert_eq!(rig.connect("/v1/devices/none", &token).await.status, 404);
}

#[tokio::test]
async fn every_answer_carries_a_request_id() {
    let rig = Rig::with(1).await;
    let url = format!("{}/v1/devices", rig.simulator.addresses().connect);
    let refused = rig.client.get(&url).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert!(refused.headers().contains_key("request-id"));
}
