//! The service desk: setup tables, tickets, notes, configurations.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::{Action, Actor, Effect, Level};

use crate::rig::{Answer, Rig, escaped};

/// A new ticket of the first company on the board of security alerts.
async fn made(rig: &Rig, fields: Value) -> Answer {
    let company = rig.simulator.world().cw_companies()[0].id;
    let mut body = json!({ "summary": "ESET: not protected", "company": { "id": company }, "board": { "id": 22 } });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    rig.post("service/tickets", body).await
}

async fn found(rig: &Rig, conditions: &str) -> Vec<Value> {
    rig.get(&format!("service/tickets?conditions={}", escaped(conditions))).await.rows().to_vec()
}

async fn put_status(rig: &Rig, ticket: &Value, status: i32) -> Answer {
    let operations = json!([{ "op": "replace", "path": "status", "value": { "id": status } }]);
    rig.patch(&format!("service/tickets/{ticket}"), operations).await
}

/// Code, message and field of every refusal.
fn refusals(answer: &Answer) -> Vec<(String, String, String)> {
    assert_eq!((answer.status, &answer.body["code"]), (400, &json!("InvalidObject")), "{answer:?}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let errors = answer.body["errors"].as_array().unwrap();
    errors.iter().map(|error| (text(&error["code"]), text(&error["message"]), text(&error["field"]))).collect()
}

fn effects(rig: &Rig) -> Vec<Effect> {
    rig.simulator.world().journal().into_iter().filter_map(|entry| entry.effect).collect()
}

#[tokio::test]
async fn a_board_offers_its_own_statuses_types_items_and_teams() {
    let rig = Rig::with(1).await;
    let boards = rig.get("service/boards?conditions=inactiveFlag%3Dfalse").await;
    assert_eq!(boards.rows().iter().map(|board| &board["id"]).collect::<Vec<_>>(), [21, 22, 23]);
    let statuses = rig.get("service/boards/22/statuses").await;
    let named = |name: &str| statuses.rows().iter().find(|status| status["name"] == name).unwrap().clone();
    assert_eq!((&named("Completed")["closedStatus"], &named("Closed")["closedStatus"]), (&json!(false), &json!(true)));
    assert_eq!(named("New")["defaultFlag"], true);
    for part in ["types", "subtypes", "items", "teams"] {
        let rows = rig.get(&format!("service/boards/22/{part}")).await;
        assert!(rows.rows().len() >= 2, "{part}: {rows:?}");
    }
    let fitting = rig.get("service/boards/22/typeSubTypeItemAssociations?conditions=type%2Fid%3D45").await;
    assert_eq!(fitting.rows().iter().map(|row| row["item"]["name"].clone()).collect::<Vec<_>>(), ["Not cleaned", "Out of date"]);
    assert_eq!(rig.get("service/boards/99/statuses").await.status, 404);
}

#[tokio::test]
async fn a_new_ticket_gets_defaults_and_its_first_note() {
    let rig = Rig::with(1).await;
    let answer = made(&rig, json!({ "initialDescription": "It has been off for a week.", "externalXRef": "eset:1" })).await;
    assert_eq!(answer.status, 201);
    let ticket = &answer.body;
    assert_eq!(ticket["status"], json!({ "id": 311, "name": "New" }));
    assert_eq!(ticket["priority"], json!({ "id": 8, "name": "Priority 3 - Normal Response" }));
    assert_eq!((&ticket["closedFlag"], &ticket["initialDescription"]), (&json!(false), &Value::Null));
    assert_eq!(ticket["company"]["name"], "Alder Accounting Inc.");
    let notes = rig.get(&format!("service/tickets/{}/notes", ticket["id"])).await;
    assert_eq!(notes.rows()[0]["text"], "It has been off for a week.");
    assert_eq!(rig.get(&format!("service/tickets/{}", ticket["id"])).await.body, *ticket);
    let own = found(&rig, "externalXRef=\"eset:1\" and closedFlag=false and company/id=250 and board/id=22").await;
    assert_eq!(own, std::slice::from_ref(ticket));
    assert_eq!(found(&rig, &format!("id in (1, {}) and lastUpdated > [2020-01-01T00:00:00Z]", ticket["id"])).await.len(), 1);
    let [Effect::TicketCreated { external_x_ref, closed, by, .. }] = &effects(&rig)[..] else { panic!("{:?}", effects(&rig)) };
    assert_eq!((external_x_ref.as_deref(), *closed, *by), (Some("eset:1"), false, Actor::Api));
}

#[tokio::test]
async fn what_cannot_be_a_ticket_is_refused_with_every_reason() {
    let rig = Rig::with(1).await;
    let fields = |answer: &Answer| refusals(answer).into_iter().map(|(code, _, field)| (code, field)).collect::<Vec<_>>();
    let missing = rig.post("service/tickets", json!({})).await;
    let required = |field: &str| ("MissingRequiredField".to_owned(), field.to_owned());
    assert_eq!(fields(&missing), [required("summary"), required("company")]);
    let long = made(&rig, json!({ "summary": "x".repeat(101) })).await;
    let message = "The field summary must be a string with a maximum length of 100.";
    assert!(refusals(&long).contains(&("MaxLengthField".to_owned(), message.to_owned(), "summary".to_owned())), "{long:?}");
    let other = made(&rig, json!({ "status": { "id": 301 } })).await;
    let message = "Service Status 301 not found for Service Board 22";
    assert_eq!(refusals(&other), [("NotFound".to_owned(), message.to_owned(), "status/id".to_owned())]);
    for (given, code) in [
        (json!({ "company": { "id": 9999 } }), "NotFound"),
        (json!({ "company": "250" }), "InvalidValue"),
        (json!({ "board": { "id": 99 } }), "NotFound"),
        (json!({ "board": { "id": 24 } }), "InvalidField"),
        (json!({ "board": { "id": 21 }, "status": { "id": 304 } }), "InvalidField"),
        (json!({ "board": { "id": 21 }, "type": { "id": 43 } }), "InvalidField"),
        (json!({ "type": { "id": 41 } }), "NotFound"),
        (json!({ "priority": { "id": 77 } }), "NotFound"),
        (json!({ "contact": { "id": 1 } }), "NotFound"),
    ] {
        let answer = made(&rig, given.clone()).await;
        assert_eq!(refusals(&answer)[0].0, code, "{given}: {answer:?}");
    }
    let contact = made(&rig, json!({ "contact": { "id": 10_250 } })).await;
    assert_eq!((contact.status, &contact.body["contact"]["name"]), (201, &json!("Office Manager")));
}

#[tokio::test]
async fn a_closed_status_closes_and_an_open_one_opens_again() {
    let rig = Rig::with(1).await;
    let ticket = made(&rig, json!({ "externalXRef": "eset:1" })).await.body;
    rig.simulator.world().advance(5);
    let done = put_status(&rig, &ticket["id"], 314).await.body;
    assert_eq!((&done["status"]["name"], &done["closedFlag"]), (&json!("Completed"), &json!(false)), "the name alone closes nothing");
    let closed = put_status(&rig, &ticket["id"], 315).await.body;
    assert_eq!((&closed["closedFlag"], &closed["closedBy"]), (&json!(true), &json!("SeatAPI")));
    assert!(closed["closedDate"].is_string());
    assert_ne!(closed["_info"]["lastUpdated"], ticket["_info"]["lastUpdated"]);
    assert_eq!(closed["_info"]["dateEntered"], ticket["_info"]["dateEntered"]);
    assert!(found(&rig, "externalXRef='eset:1' and closedFlag=false").await.is_empty());
    let open = put_status(&rig, &ticket["id"], 312).await.body;
    assert_eq!((&open["closedFlag"], open.get("closedDate"), open.get("closedBy")), (&json!(false), None, None));
    let moves: Vec<_> = effects(&rig)
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::TicketStatusChanged { from, to, was_closed, closed, .. } => Some((from, to, was_closed, closed)),
            _ => None,
        })
        .collect();
    assert_eq!(moves, [(311, 314, false, false), (314, 315, false, true), (315, 312, true, false)]);
}

#[tokio::test]
async fn a_ticket_is_patched_as_additions_are() {
    let rig = Rig::with(1).await;
    let ticket = made(&rig, json!({})).await.body;
    let path = format!("service/tickets/{}", ticket["id"]);
    let nothing = rig.patch(&path, json!([{ "op": "replace", "path": "status/id", "value": 315 }])).await;
    assert_eq!((nothing.status, &nothing.body), (200, &ticket), "a 200 that changed nothing");
    let renamed = rig.patch(&path, json!([{ "op": "replace", "path": "/summary", "value": "Again" }])).await;
    assert_eq!((renamed.status, &renamed.body["summary"]), (200, &json!("Again")));
    let refused = rig.patch(&path, json!([{ "op": "replace", "path": "Summary", "value": "x" }])).await;
    assert_eq!(refused.status, 400);
    let removed = rig.patch(&path, json!([{ "op": "remove", "path": "summary" }])).await;
    assert_eq!(refusals(&removed)[0].0, "MissingRequiredField");
    assert_eq!(refusals(&put_status(&rig, &ticket["id"], 305).await)[0].1, "Service Status 305 not found for Service Board 22");
    let Some(Effect::TicketChanged { fields, .. }) = effects(&rig).pop() else { panic!("{:?}", effects(&rig)) };
    assert_eq!(fields, ["summary"]);
}

#[tokio::test]
async fn lists_lag_behind_and_a_ticket_read_by_its_id_does_not() {
    let rig =
        Rig::start(simulator::Options { companies: 1, now: Some("2026-03-14T09:00:00Z".parse().unwrap()), ..Default::default() }).await;
    let world = rig.simulator.world();
    world.set_search_lag(60);
    let ticket = made(&rig, json!({ "externalXRef": "eset:1" })).await.body;
    let open = "externalXRef='eset:1' and closedFlag=false";
    assert_eq!(rig.get(&format!("service/tickets/{}", ticket["id"])).await.status, 200);
    assert_eq!(found(&rig, open).await.len(), 0);
    world.advance(30);
    put_status(&rig, &ticket["id"], 315).await;
    world.advance(30);
    assert_eq!(found(&rig, open).await, std::slice::from_ref(&ticket), "made a minute ago, closed half a minute ago");
    world.advance(30);
    assert_eq!(found(&rig, open).await.len(), 0);
    assert_eq!(found(&rig, "externalXRef='eset:1' and closedFlag=true").await.len(), 1);
}

#[tokio::test]
async fn notes_go_where_their_flags_say_and_time_entries_are_in_all_notes_only() {
    let rig = Rig::with(1).await;
    let old = rig.get("service/tickets").await.rows()[0]["id"].clone();
    assert_eq!(rig.get(&format!("service/tickets/{old}/notes")).await.rows().len(), 1);
    let all = rig.get(&format!("service/tickets/{old}/allNotes")).await;
    assert_eq!(all.rows().iter().map(|note| &note["noteType"]).collect::<Vec<_>>(), ["TicketNote", "TimeEntryNote"]);
    let path = format!("service/tickets/{old}/notes");
    let note = rig.post(&path, json!({ "text": "Seen again", "internalAnalysisFlag": true })).await;
    assert_eq!((note.status, &note.body["detailDescriptionFlag"], &note.body["internalAnalysisFlag"]), (201, &json!(false), &json!(true)));
    assert_eq!(refusals(&rig.post(&path, json!({})).await)[0].2, "text");
    let [Effect::NoteCreated { length, internal, discussion, .. }] = &effects(&rig)[..] else { panic!("{:?}", effects(&rig)) };
    assert_eq!((*length, *internal, *discussion), (10, true, false));
}

#[tokio::test]
async fn a_configuration_is_made_found_and_linked_once() {
    let rig = Rig::with(1).await;
    let known = rig.get("company/configurations?conditions=company%2Fid%3D250").await;
    let device = rig.simulator.world().configurations()[0].clone();
    assert_eq!(known.rows()[0]["serialNumber"], json!(device.serial_number));
    let body = json!({ "name": "ALDERA-009", "type": { "id": 11 }, "company": { "id": 250 }, "deviceIdentifier": "eset:9" });
    let fresh = rig.post("company/configurations", body).await;
    assert_eq!((fresh.status, &fresh.body["activeFlag"]), (201, &json!(true)));
    assert_eq!(rig.get(&format!("company/configurations/{}", fresh.body["id"])).await.body, fresh.body);
    let bad = rig.post("company/configurations", json!({ "name": "x", "type": { "id": 14 }, "company": { "id": 1 } })).await;
    assert_eq!(refusals(&bad).len(), 2);
    let ticket = made(&rig, json!({})).await.body;
    let path = format!("service/tickets/{}/configurations", ticket["id"]);
    let link = rig.post(&path, json!({ "id": fresh.body["id"] })).await;
    assert_eq!((link.status, &link.body["deviceIdentifier"]), (201, &json!("eset:9")));
    assert_eq!(refusals(&rig.post(&path, json!({ "id": fresh.body["id"] })).await)[0].0, "ObjectExists");
    assert_eq!(refusals(&rig.post(&path, json!({ "id": 1 })).await)[0].0, "NotFound");
    assert_eq!(refusals(&rig.post(&path, json!({})).await)[0].1, "id or deviceIdentifier is required.");
    assert_eq!(rig.get(&path).await.rows().len(), 1);
    let kinds: Vec<Value> = effects(&rig).iter().map(|effect| json!(effect)["type"].clone()).collect();
    assert_eq!(kinds, ["configuration_created", "ticket_created", "configuration_attached"]);
}

#[tokio::test]
async fn a_right_that_is_missing_refuses_in_the_security_shape() {
    let rig = Rig::with(1).await;
    let world = rig.simulator.world();
    let ticket = made(&rig, json!({})).await.body;
    let gone = rig.connectwise(Method::DELETE, &format!("service/tickets/{}", ticket["id"]));
    assert_eq!(gone.try_clone().unwrap().send().await.unwrap().status(), 403, "not granted to begin with");
    world.set_action_level("Close Service Tickets", Action::Edit, Level::None).unwrap();
    let refused = put_status(&rig, &ticket["id"], 315).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("Security")));
    assert_eq!(put_status(&rig, &ticket["id"], 312).await.status, 200);
    world.set_permission("Contacts", Level::None).unwrap();
    assert_eq!(rig.get("company/contacts").await.status, 403);
    world.set_action_level("Configurations", Action::Add, Level::None).unwrap();
    assert_eq!(rig.post("company/configurations", json!({})).await.status, 403);
    world.set_action_level("Service Tickets", Action::Inquire, Level::My).unwrap();
    assert_eq!(rig.get("service/tickets").await.rows().len(), 1, "only its own");
    world.set_action_level("Service Tickets", Action::Delete, Level::All).unwrap();
    assert_eq!(gone.send().await.unwrap().status(), 204);
    assert_eq!(rig.get(&format!("service/tickets/{}", ticket["id"])).await.status, 404);
}
