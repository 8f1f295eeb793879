//! Every answer against the vendors' specifications, where a copy of them is at hand.

use std::io::Write;
use std::path::PathBuf;

use reqwest::Method;
use serde_json::{Value, json};

use crate::rig::{Answer, Rig};
use crate::schema::Document;

/// The folder of the specifications: `SEATBRIDGE_REFERENCE`, or `shared/reference` beside the workspace.
fn reference() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let folder = std::env::var_os("SEATBRIDGE_REFERENCE").map_or_else(beside, PathBuf::from);
    let found = folder.join("connectwise-psa.openapi.json").exists();
    if !found {
        // Past the test harness, which keeps the output of tests that pass to itself.
        let _ = writeln!(std::io::stderr(), "conformance: reference specs absent, not checked");
    }
    found.then_some(folder)
}

#[track_caller]
fn check(document: &Document, method: &str, path: &str, answer: &Answer) {
    assert!(answer.status < 300, "{method} {path}: {answer:?}");
    let Some(schema) = document.answer(method, path, &answer.status.to_string()) else { return };
    let faults = document.faults(schema, &answer.body);
    assert!(faults.is_empty(), "{method} {path}:\n{}", faults[..faults.len().min(12)].join("\n"));
    let empty = answer.body.as_array().is_some_and(Vec::is_empty);
    assert!(!empty, "{method} {path}: an empty list proves nothing");
}

#[tokio::test]
async fn connectwise_answers_are_as_specified() {
    let Some(folder) = reference() else { return };
    let document = Document::read(&folder.join("connectwise-psa.openapi.json"));
    let rig = Rig::with(60).await;
    let addition = rig.simulator.world().additions()[0].clone();
    let company = rig.simulator.world().cw_companies()[0].id;
    let list = format!("finance/agreements/{}/additions", addition.agreement_id);
    for (path, template) in [
        ("system/info".to_owned(), "/system/info"),
        ("system/mySecurity".to_owned(), "/system/mySecurity"),
        ("system/myMembers".to_owned(), "/system/myMembers"),
        ("company/companies?pageSize=1000".to_owned(), "/company/companies"),
        ("company/companies/count".to_owned(), "/company/companies/count"),
        (format!("company/companies/{company}"), "/company/companies/{id}"),
        ("company/companies/types".to_owned(), "/company/companies/types"),
        ("company/companies/statuses".to_owned(), "/company/companies/statuses"),
        ("finance/agreements?pageSize=1000".to_owned(), "/finance/agreements"),
        ("finance/agreements/count".to_owned(), "/finance/agreements/count"),
        (format!("finance/agreements/{}", addition.agreement_id), "/finance/agreements/{id}"),
        ("finance/agreements/types".to_owned(), "/finance/agreements/types"),
        ("finance/agreements/types/1".to_owned(), "/finance/agreements/types/{id}"),
        (list.clone(), "/finance/agreements/{parentId}/additions"),
        (format!("{list}/count"), "/finance/agreements/{parentId}/additions/count"),
        (format!("{list}/{}", addition.id), "/finance/agreements/{parentId}/additions/{id}"),
        ("finance/agreementrecap/".to_owned(), "/finance/agreementrecap/"),
        (format!("finance/agreementrecap/{}", addition.agreement_id), "/finance/agreementrecap/{id}"),
        ("finance/billingCycles".to_owned(), "/finance/billingCycles"),
        ("procurement/catalog".to_owned(), "/procurement/catalog"),
        ("procurement/catalog/count".to_owned(), "/procurement/catalog/count"),
        ("procurement/catalog/41".to_owned(), "/procurement/catalog/{id}"),
        ("service/boards".to_owned(), "/service/boards"),
        ("service/boards/22".to_owned(), "/service/boards/{id}"),
        ("service/boards/22/statuses".to_owned(), "/service/boards/{parentId}/statuses"),
        ("service/boards/22/types".to_owned(), "/service/boards/{parentId}/types"),
        ("service/boards/22/subtypes".to_owned(), "/service/boards/{parentId}/subtypes"),
        ("service/boards/22/items".to_owned(), "/service/boards/{parentId}/items"),
        ("service/boards/22/teams".to_owned(), "/service/boards/{parentId}/teams"),
        ("service/priorities".to_owned(), "/service/priorities"),
        ("service/sources".to_owned(), "/service/sources"),
        ("company/contacts?pageSize=1000".to_owned(), "/company/contacts"),
        ("company/configurations?pageSize=1000".to_owned(), "/company/configurations"),
        ("company/configurations/types".to_owned(), "/company/configurations/types"),
        ("company/configurations/statuses".to_owned(), "/company/configurations/statuses"),
        ("service/tickets?pageSize=1000".to_owned(), "/service/tickets"),
        ("service/tickets/count".to_owned(), "/service/tickets/count"),
        ("service/tickets/18001".to_owned(), "/service/tickets/{id}"),
        ("service/tickets/18001/notes".to_owned(), "/service/tickets/{parentId}/notes"),
        ("service/tickets/18001/allNotes".to_owned(), "/service/tickets/{parentId}/allNotes"),
    ] {
        check(&document, "get", template, &rig.get(&path).await);
    }
    let operations = json!([{ "op": "replace", "path": "quantity", "value": 3 }]);
    let patched = rig.patch(&format!("{list}/{}", addition.id), operations).await;
    check(&document, "patch", "/finance/agreements/{parentId}/additions/{id}", &patched);
    let body = json!({ "product": { "id": 41 }, "billCustomer": "Billable", "quantity": 2, "serialNumber": "x" });
    let made = rig.post(&list, body.clone()).await;
    check(&document, "post", "/finance/agreements/{parentId}/additions", &made);
    let put = rig.connectwise(Method::PUT, &format!("{list}/{}", made.body["id"])).json(&body).send().await.unwrap();
    check(&document, "put", "/finance/agreements/{parentId}/additions/{id}", &Answer::of(put).await);
    let contact = company + 10_000;
    let body = json!({
        "summary": "x",
        "company": { "id": company },
        "contact": { "id": contact },
        "board": { "id": 22 },
        "status": { "id": 315 },
        "subType": { "id": 53 },
        "item": { "id": 63 },
        "team": { "id": 72 },
        "initialDescription": "y",
    });
    let ticket = rig.post("service/tickets", body).await;
    check(&document, "post", "/service/tickets", &ticket);
    let path = format!("service/tickets/{}", ticket.body["id"]);
    let operations = json!([{ "op": "replace", "path": "status", "value": { "id": 311 } }]);
    check(&document, "patch", "/service/tickets/{id}", &rig.patch(&path, operations).await);
    let note = rig.post(&format!("{path}/notes"), json!({ "text": "z" })).await;
    check(&document, "post", "/service/tickets/{parentId}/notes", &note);
    let body = json!({ "name": "PC", "type": { "id": 11 }, "company": { "id": company }, "deviceIdentifier": "1" });
    let configuration = rig.post("company/configurations", body).await;
    check(&document, "post", "/company/configurations", &configuration);
    let link = rig.post(&format!("{path}/configurations"), json!({ "id": configuration.body["id"] })).await;
    check(&document, "post", "/service/tickets/{parentId}/configurations", &link);
    let links = rig.get(&format!("{path}/configurations")).await;
    check(&document, "get", "/service/tickets/{parentId}/configurations", &links);
    let site = &rig.simulator.addresses().connectwise;
    let info = rig.client.get(format!("{site}/login/companyinfo/northwind")).send().await.unwrap();
    check(&document, "get", "/login/companyinfo/{companyId}", &Answer::of(info).await);
}

#[tokio::test]
async fn ema2_answers_are_as_specified() {
    let Some(folder) = reference() else { return };
    let document = Document::read(&folder.join("eset-msp-administrator-2.openapi.json"));
    let rig = Rig::with(60).await;
    let world = rig.simulator.world();
    let login = rig.call("Token/Get", None, json!(rig.simulator.credentials().ema2)).await;
    check(&document, "post", "/Token/Get", &login);
    let token = login.body["accessToken"].as_str().unwrap();
    for page in ["User/Current", "Enum/AvailableProducts", "Enum/LicenseStates", "Enum/EntityTypes"] {
        check(&document, "get", &format!("/{page}"), &rig.read(page, token).await);
    }
    let account = world.settings().account;
    let license = world.licenses().into_iter().find(|license| !license.suspended && !license.is_trial()).unwrap();
    let (company, key) = (&license.company, &license.public_license_key);
    let day = chrono::Utc::now().date_naive();
    for (page, mut body) in [
        ("Token/Renew", json!({ "refreshToken": login.body["refreshToken"] })),
        ("User/GetDirectAccessibleChildren", json!({})),
        ("Company/Children", json!({ "companyId": account })),
        ("Company/Descendants", json!({ "companyId": account, "entityType": "Any" })),
        ("Company/Detail", json!({ "companyId": company })),
        ("Search/Companies", json!({ "search": {} })),
        ("Search/Licenses", json!({ "customerId": company })),
        ("License/Detail", json!({ "publicLicenseKey": key })),
        ("License/GetHistory", json!({ "publicLicenseKey": key })),
        ("License/UpdateQuantity", json!({ "publicLicenseKey": key, "quantity": license.quantity + 1 })),
        ("License/Suspend", json!({ "publicLicenseKey": key })),
        ("License/Unsuspend", json!({ "publicLicenseKey": key })),
        ("UsageReport/AllCompanies/products", json!({ "from": day, "to": day })),
        ("UsageReport/SelectedCompanies/products", json!({ "from": day, "to": day, "companyIds": [company] })),
        ("UsageReport/Monthly/products", json!({ "from": day, "to": day, "companyId": company })),
        ("UsageReport/Daily/products", json!({ "from": day, "to": day, "companyId": company })),
    ] {
        body["skip"] = 0.into();
        body["take"] = 100.into();
        check(&document, "post", &format!("/{page}"), &rig.call(page, Some(token), body).await);
    }
    for license in world.licenses() {
        let detail = rig.call("License/Detail", Some(token), json!({ "publicLicenseKey": license.public_license_key }));
        check(&document, "post", "/License/Detail", &detail.await);
    }
}

#[tokio::test]
async fn eset_connect_answers_are_as_specified() {
    let Some(folder) = reference() else { return };
    let document = Document::read(&folder.join("eset-connect.openapi.json"));
    let rig = Rig::with(60).await;
    let token = rig.connect_token().await;
    let get = async |path: &str, template: &str| -> Value {
        let answer = rig.connect(path, &token).await;
        check(&document, "get", template, &answer);
        answer.body
    };
    let groups = get("/v1/device_groups?pageSize=1000", "/v1/device_groups").await;
    assert!(groups["deviceGroups"].as_array().unwrap().len() > 60);
    let devices = get("/v1/devices?pageSize=1000", "/v1/devices").await;
    let device = &devices["devices"][0];
    let (uuid, group) = (device["uuid"].as_str().unwrap(), device["parentGroupUuid"].as_str().unwrap());
    get(&format!("/v1/devices/{uuid}"), "/v1/devices/{deviceUuid}").await;
    get(&format!("/v1/devices:batchGet?devicesUuids={uuid}"), "/v1/devices:batchGet").await;
    let members = format!("/v1/device_groups/{group}/devices?recurseSubgroups=true");
    assert!(get(&members, "/v1/device_groups/{groupUuid}/devices").await["devices"].is_array());
    for handled in [false, true] {
        let report = simulator::Report { device: uuid.to_owned(), handled, ..simulator::Report::default() };
        rig.simulator.world().report(report).unwrap();
    }
    let detections = get("/v1/detections", "/v1/detections").await;
    let detection = detections["detections"][0]["uuid"].as_str().unwrap();
    get(&format!("/v1/detections/{detection}"), "/v1/detections/{detectionUuid}").await;
    get("/v1/detections:listDelta?deltaToken=latest", "/v1/detections:listDelta").await;
    let delta = get("/v1/detections:listDelta?deltaToken=d-0", "/v1/detections:listDelta").await;
    assert_eq!(delta["createdDetections"].as_array().unwrap().len(), 2);
}
