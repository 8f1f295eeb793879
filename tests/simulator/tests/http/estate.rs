//! Device groups and devices of ESET Connect, as people change them.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::{Actor, Effect, Options, Simulator};

use crate::control::control;
use crate::rig::{Answer, Rig};

const ALL: &str = "00000000-0000-0000-7001-000000000001";

async fn act(rig: &Rig, path: &str, body: Value) -> Answer {
    control(rig, Method::POST, path, Some(body)).await
}

/// Names in a group, from all its pages.
async fn members(rig: &Rig, token: &str, group: &str, recurse: bool) -> Vec<String> {
    let path = format!("/v1/device_groups/{group}/devices?pageSize=1000&recurseSubgroups={recurse}");
    let (mut names, mut next) = (Vec::new(), String::new());
    loop {
        let answer = rig.connect(&format!("{path}&pageToken={next}"), token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let rows = answer.body["devices"].as_array().cloned().unwrap_or_default();
        names.extend(rows.iter().map(|row| row["displayName"].as_str().unwrap().to_owned()));
        match answer.body["nextPageToken"].as_str() {
            Some(more) => next = more.to_owned(),
            None => return names,
        }
    }
}

/// The GUID of the smallest world's dynamic group with this name.
fn group(rig: &Rig, name: &str) -> String {
    rig.simulator.world().device_groups().into_iter().find(|group| group.name == name).unwrap().uuid
}

#[tokio::test]
async fn a_company_has_two_dynamic_groups_and_devices_come_and_go() {
    let rig = Rig::with(1).await;
    let token = rig.connect_token().await;
    let attention = group(&rig, "Computers that need attention");
    assert_eq!(members(&rig, &token, &attention, false).await, ["ALDERA-005", "ALDERA-014", "ALDERA-023"]);
    assert_eq!(members(&rig, &token, &group(&rig, "Outdated operating system"), false).await[0], "ALDERA-003");
    let come = json!({ "devices": ["ALDERA-001", "ALDERA-005"] });
    assert_eq!(act(&rig, &format!("/connect/groups/{attention}/add"), come).await.status, 200);
    let uuid = rig.simulator.world().devices()[13].uuid.clone();
    assert_eq!(act(&rig, &format!("/connect/groups/{attention}/remove"), json!({ "devices": [uuid] })).await.status, 200);
    assert_eq!(members(&rig, &token, &attention, false).await, ["ALDERA-005", "ALDERA-023", "ALDERA-001"]);
    let effects: Vec<Effect> = rig.simulator.world().journal().into_iter().filter_map(|entry| entry.effect).collect();
    let [Effect::MembersChanged { added, by: Actor::Hand, .. }, Effect::MembersChanged { removed, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((added.len(), removed), (1, &vec![uuid]), "one was in it already");
    assert_eq!(act(&rig, &format!("/connect/groups/{attention}/add"), json!({ "devices": ["NOBODY"] })).await.status, 404);
}

#[tokio::test]
async fn groups_are_made_renamed_and_deleted_with_what_is_below() {
    let rig = Rig::with(1).await;
    let token = rig.connect_token().await;
    let made = act(&rig, "/connect/groups", json!({ "name": "Unprotected", "parent": ALL })).await;
    let uuid = made.body["uuid"].as_str().unwrap().to_owned();
    let below = json!({ "name": "Branch", "parent": uuid, "dynamic": false });
    let below = act(&rig, "/connect/groups", below).await.body["uuid"].as_str().unwrap().to_owned();
    act(&rig, &format!("/connect/groups/{uuid}/add"), json!({ "devices": ["ALDERA-002"] })).await;
    assert_eq!(act(&rig, &format!("/connect/groups/{uuid}/rename"), json!({ "name": "Off" })).await.status, 200);
    let groups = rig.connect("/v1/device_groups?pageSize=1000", &token).await.body;
    let shown = |uuid: &str| groups["deviceGroups"].as_array().unwrap().iter().find(|row| row["uuid"] == uuid).unwrap().clone();
    assert_eq!(shown(&uuid), json!({ "displayName": "Off", "parentGroupUuid": ALL, "uuid": uuid }));
    assert_eq!(shown(&below)["isSecurityGroup"], true);
    assert_eq!(members(&rig, &token, &uuid, true).await, ["ALDERA-002"]);
    assert_eq!(control(&rig, Method::DELETE, &format!("/connect/groups/{uuid}"), None).await.status, 200);
    for gone in [&uuid, &below] {
        assert_eq!(rig.connect(&format!("/v1/device_groups/{gone}/devices"), &token).await.status, 404);
    }
    assert_eq!(act(&rig, "/connect/groups", json!({ "name": "x", "parent": uuid })).await.status, 404);
}

#[tokio::test]
async fn servers_have_a_group_of_their_own_below_some_companies() {
    let rig = Rig::with(60).await;
    let token = rig.connect_token().await;
    let world = rig.simulator.world();
    let servers = world.device_groups().into_iter().find(|row| row.name == "Servers" && !world.group_members(&row.uuid).is_empty());
    let servers = servers.unwrap();
    let inside = members(&rig, &token, &servers.uuid, false).await;
    let outside = members(&rig, &token, &servers.parent, false).await;
    assert!(inside.iter().all(|name| !outside.contains(name)));
    let all = members(&rig, &token, &servers.parent, true).await;
    assert!(all.len() > inside.len() + outside.len(), "a device comes once for each group it is in");
    let uuid = &world.group_members(&servers.uuid)[0];
    let device = rig.connect(&format!("/v1/devices/{uuid}"), &token).await.body;
    assert_eq!(device["device"]["parentGroupUuid"], servers.uuid);
    assert_eq!(device["device"]["deviceType"], "DEVICE_TYPE_SERVER");
    world.delete_group(&servers.uuid).unwrap();
    assert_eq!(members(&rig, &token, &servers.parent, false).await.len(), inside.len() + outside.len());
}

#[tokio::test]
async fn a_device_tells_its_hardware_and_is_the_one_the_psa_knows() {
    let rig = Rig::with(1).await;
    let token = rig.connect_token().await;
    let uuid = rig.simulator.world().devices()[0].uuid.clone();
    let device = rig.connect(&format!("/v1/devices/{uuid}"), &token).await.body["device"].clone();
    let known = rig.simulator.world().configurations()[0].clone();
    assert_eq!(device["displayName"], known.name);
    let hardware = &device["hardwareProfiles"][0];
    assert_eq!(hardware["bios"]["serialNumber"], json!(known.serial_number));
    assert_eq!(hardware["networkAdapters"][0]["macAddress"], json!(known.mac_address));
}

#[tokio::test]
async fn devices_are_renamed_and_deleted_and_stay_so_after_a_restart() {
    let path = std::env::temp_dir().join(format!("simulator-estate-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let options = Options { companies: 1, state: Some(path.clone()), ..Options::default() };
    let rig = Rig::start(options.clone()).await;
    let token = rig.connect_token().await;
    assert_eq!(act(&rig, "/connect/devices/ALDERA-005/rename", json!({ "name": "RECEPTION" })).await.status, 200);
    assert_eq!(control(&rig, Method::DELETE, "/connect/devices/ALDERA-014", None).await.status, 200);
    assert_eq!(members(&rig, &token, &group(&rig, "Computers that need attention"), false).await, ["RECEPTION", "ALDERA-023"]);
    let world = rig.simulator.world();
    let found = rig.connect("/v1/devices?displayNames=RECEPTION", &token).await.body;
    assert_eq!(found["devices"].as_array().unwrap().len(), 1);
    world.add_devices(&world.licenses()[0].company, None, 3).unwrap();
    let before = (world.devices(), world.device_groups());
    assert_eq!(before.0.len(), 26);
    rig.simulator.stop().await;
    let world = Simulator::offline(&options).unwrap().world();
    assert_eq!((world.devices(), world.device_groups()), before);
    let _ = std::fs::remove_file(&path);
}

#[tokio::test]
async fn a_bulk_of_devices_fills_a_group() {
    let rig = Rig::with(1).await;
    let token = rig.connect_token().await;
    let world = rig.simulator.world();
    let company = world.licenses()[0].company.clone();
    let attention = group(&rig, "Computers that need attention");
    let bulk = json!({ "company": company, "group": attention, "count": 4000 });
    assert_eq!(act(&rig, "/connect/devices/bulk", bulk).await.status, 200);
    assert_eq!(members(&rig, &token, &attention, false).await.len(), 4003);
    let place = world.create_group("Warehouse", &company, false).unwrap();
    world.add_devices(&company, Some(&place), 50).unwrap();
    let inside = members(&rig, &token, &place, false).await;
    assert_eq!((inside.len(), inside[0].as_str()), (50, "ALDERA-X04001"));
    assert_eq!(members(&rig, &token, &company, false).await.len(), 4024);
    let device = world.devices().into_iter().find(|device| device.name == inside[0]).unwrap();
    assert_eq!(device.group, place);
    let far = world.create_group("Loaned", ALL, false).unwrap();
    world.add_devices(&company, Some(&far), 2).unwrap();
    assert_eq!(members(&rig, &token, &far, false).await, ["ALDERA-X04051", "ALDERA-X04052"]);
    assert_eq!(rig.connect(&format!("/v1/devices/{}", device.uuid), &token).await.body["device"]["displayName"], "ALDERA-X04001");
    let refused = act(&rig, "/connect/devices/bulk", json!({ "company": "none", "count": 1 })).await;
    assert_eq!(refused.status, 404);
}
