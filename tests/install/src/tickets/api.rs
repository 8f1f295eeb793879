//! The API of tickets: rules that can be meant, desks as they are, and what was decided.

use domain::tickets::{Per, TicketRule};
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};

/// An install, and a rule as the form would send it.
async fn ready() -> (TestInstall, Value) {
    let install = TestInstall::with_tickets(12).await;
    let rule = install.rule("Not protected").await;
    let mut body = serde_json::to_value(&rule).expect("json");
    body.as_object_mut().expect("fields").remove("id");
    (install, body)
}

async fn made(install: &TestInstall, body: &Value) -> TicketRule {
    let (status, answer) = install.post("/api/ticket-rules", body).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    serde_json::from_value(answer["rule"].clone()).expect("a rule")
}

#[tokio::test(flavor = "local")]
async fn a_rule_that_the_console_or_the_desk_does_not_take_is_refused_by_its_field() {
    let (install, body) = ready().await;
    let desk: Value = install.get(&format!("/api/desks/{}", body["target"]["psa"].as_str().expect("an id"))).await;
    let boards = desk["boards"].as_array().expect("boards");
    let other = boards.iter().find(|board| board["id"] != body["target"]["board"] && board["inactive"] == false).expect("a board");
    let inactive = boards.iter().find(|board| board["inactive"] == true);
    let table: Vec<(&str, &str, Value)> = vec![
        ("/name", "name", json!("")),
        ("/cap", "cap", json!(0)),
        ("/source/group/group", "source.group.group", json!("no such group")),
        ("/source/group/connection", "source.group.connection", body["target"]["psa"].clone()),
        ("/target/board", "target.open_status", other["id"].clone()),
        ("/target/board", "target.board", inactive.map_or(json!(999_999), |board| board["id"].clone())),
        ("/target/open_status", "target.open_status", json!(999_999)),
        ("/target/closed_status", "target.closed_status", json!(999_999)),
        ("/target/kind", "target.kind", json!(999_999)),
        ("/target/item", "target.item", json!(999_999)),
        ("/target/priority", "target.priority", json!(999_999)),
        ("/target/source", "target.source", json!(999_999)),
        ("/target/catch_all", "target.catch_all", json!(999_999)),
        ("/text", "text", json!("{devise}")),
    ];
    for (pointer, field, value) in table {
        let mut wrong = body.clone();
        *wrong.pointer_mut(pointer).expect("a field") = value;
        let (status, problem) = install.post("/api/ticket-rules", &wrong).await;
        assert_eq!((status, problem["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{pointer}: {problem}");
    }
    let mut wrong = body.clone();
    (wrong["attach"], wrong["target"]["configuration_type"]) = (json!("attach_or_create"), json!(999_999));
    let (status, problem) = install.post("/api/ticket-rules", &wrong).await;
    let field = Some("target.configuration_type");
    assert_eq!((status, problem["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, field), "{problem}");
    made(&install, &body).await;
    let (status, problem) = install.post("/api/ticket-rules", &body).await;
    assert_eq!((status, problem["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("name")), "a name is taken once: {problem}");
}

#[tokio::test(flavor = "local")]
async fn a_rule_is_off_until_it_is_switched_on_and_many_are_at_once() {
    let (install, mut body) = ready().await;
    body.as_object_mut().expect("fields").remove("enabled");
    let one = made(&install, &body).await;
    assert!(!one.enabled);
    body["name"] = json!("Another");
    let other = made(&install, &body).await;
    install.enter(&one, &install.devices(1));
    install.passes(3).await;
    assert!(install.our_tickets().is_empty());
    let (status, views) = install.post("/api/ticket-rules/switch", &json!({ "rules": [one.id, other.id], "enabled": true })).await;
    assert_eq!((status, views.as_array().map(Vec::len)), (StatusCode::OK, Some(2)), "{views}");
    install.passes(3).await;
    assert_eq!(install.our_tickets().len(), 2, "one for each rule");
    let list: Vec<Value> = install.get("/api/ticket-rules").await;
    assert!(list.iter().all(|view| view["devices"] == 1 && view["open"] == 1 && view["trouble"].is_null()), "{list:?}");
    let (status, _) = install.post("/api/ticket-rules/switch", &json!({ "rules": ["nobodys"], "enabled": true })).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, problem) = install.post("/api/ticket-rules/switch", &json!({ "rules": [], "enabled": true })).await;
    assert_eq!((status, problem["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("rules")));
}

#[tokio::test(flavor = "local")]
async fn many_rules_are_changed_at_once_all_of_them_or_none() {
    let (install, mut body) = ready().await;
    let one = made(&install, &body).await;
    body["name"] = json!("Another");
    let other = made(&install, &body).await;
    let edit =
        async |change: Value| install.post("/api/ticket-rules/edit", &json!({ "rules": [one.id, other.id], "change": change })).await;
    let (status, views) = edit(json!({ "cap": 3, "lifecycle": { "close_after_minutes": null }, "target": { "due_hours": 4 } })).await;
    assert_eq!(status, StatusCode::OK, "{views}");
    for view in views.as_array().expect("views") {
        let rule = &view["rule"];
        let changed = (&rule["cap"], &rule["lifecycle"]["close_after_minutes"], &rule["target"]["due_hours"]);
        assert_eq!(changed, (&json!(3), &Value::Null, &json!(4)), "{rule}");
    }
    let stored: Vec<Value> = install.get("/api/ticket-rules").await;
    let names: Vec<&str> = stored.iter().filter_map(|view| view["rule"]["name"].as_str()).collect();
    assert_eq!(names, ["Not protected", "Another"], "each is still itself");
    for (change, field) in [
        (json!({ "cap": 0 }), "cap"),
        (json!({ "cap": "many" }), "change.cap"),
        (json!({ "name": "One for all" }), "change.name"),
        (json!({ "cap": 5, "target": { "board": 987_654 } }), "target.board"),
    ] {
        let (status, problem) = edit(change.clone()).await;
        assert_eq!((status, problem["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{change}: {problem}");
    }
    let unchanged: Vec<Value> = install.get("/api/ticket-rules").await;
    assert_eq!(unchanged, stored);
}

#[tokio::test(flavor = "local")]
async fn a_preview_is_the_ticket_that_is_opened_and_a_test_says_that_it_is_one() {
    let (install, body) = ready().await;
    let rule = made(&install, &body).await;
    let device = install.devices(1);
    install.enter(&rule, &device);
    install.passes(1).await;
    let mut asked = json!({ "rule": rule, "device": device[0] });
    let (status, preview) = install.post("/api/ticket-rules/preview", &asked).await;
    assert_eq!(status, StatusCode::OK, "{preview}");
    install.passes(2).await;
    let ticket = install.our_tickets().remove(0);
    assert_eq!((preview["summary"].as_str(), preview["company"].as_i64()), (Some(ticket.summary.as_str()), Some(ticket.company.id.into())));
    asked["device"] = json!("nobodys");
    assert_eq!(install.post("/api/ticket-rules/preview", &asked).await.0, StatusCode::NOT_FOUND);
    asked.as_object_mut().expect("fields").remove("device");
    asked["rule"]["id"] = json!("");
    let (status, preview) = install.post("/api/ticket-rules/preview", &asked).await;
    assert_eq!((status, preview["summary"].as_str()), (StatusCode::OK, Some("SAMPLE-PC is in Not protected")), "of a rule not saved yet");

    for tests in 2..4 {
        let (status, _) = install.call::<Value>("POST", &format!("/api/ticket-rules/{}/test", rule.id), None).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        install.settle().await;
        assert_eq!(install.our_tickets().len(), tests, "each is one of its own");
    }
    assert!(install.our_tickets().iter().any(|ticket| ticket.summary == "Test: SAMPLE-PC is in Not protected"));
    assert_eq!(install.ticket_events(), ["opened", "tested", "tested"]);
}

#[tokio::test(flavor = "local")]
async fn a_board_tells_what_its_tickets_choose_from_and_one_that_is_gone_is_none() {
    let (install, body) = ready().await;
    let desk = format!("/api/desks/{}", body["target"]["psa"].as_str().expect("an id"));
    let setup: Value = install.get(&format!("{desk}/boards/{}", body["target"]["board"])).await;
    assert!(setup["statuses"].as_array().is_some_and(|list| list.len() > 1) && setup["types"].is_array(), "{setup}");
    let types: Vec<Value> = install.get(&format!("{desk}/configuration-types")).await;
    assert!(!types.is_empty());
    for gone in [format!("{desk}/boards/999999"), format!("{desk}/boards/none"), "/api/desks/nobodys".to_owned()] {
        assert_eq!(install.call::<Value>("GET", &gone, None).await.0, StatusCode::NOT_FOUND, "{gone}");
    }
}

#[tokio::test(flavor = "local")]
async fn tickets_are_listed_by_how_they_stand_and_the_log_tells_one_device() {
    let (install, body) = ready().await;
    let rule = made(&install, &body).await;
    let devices = install.devices(3);
    install.enter(&rule, &devices);
    install.passes(2).await;
    install.leave(&rule, &devices[..1]);
    install.passes(3).await;
    let count = async |query: &str| install.get::<Value>(&format!("/api/tickets?{query}")).await["total"].as_u64();
    assert_eq!((count("state=open").await, count("state=closed").await, count("").await), (Some(2), Some(1), Some(3)));
    assert_eq!((count("state=waiting").await, count("rule=nobodys").await), (Some(0), Some(0)));
    let page: Value = install.get("/api/tickets?limit=2").await;
    let next = page["next"].as_str().expect("another page");
    let rest: Value = install.get(&format!("/api/tickets?limit=2&after={next}")).await;
    assert_eq!((page["items"].as_array().map(Vec::len), rest["items"].as_array().map(Vec::len)), (Some(2), Some(1)));
    let line: Value = install.get(&format!("/api/ticket-log?device={}", devices[0])).await;
    let events: Vec<&str> = line["items"].as_array().expect("rows").iter().filter_map(|row| row["event"].as_str()).collect();
    assert_eq!(events, ["closed", "opened"]);
    assert!(line["items"][0]["ticket"].is_i64() && line["items"][0]["words"].as_str().is_some_and(|words| !words.is_empty()), "{line}");

    // A rule that knows devices stays with its group, and its log stays when it goes.
    let mut moved = serde_json::to_value(&rule).expect("json");
    moved["source"]["group"]["group"] = json!(harness::tickets::ALL);
    let path = format!("/api/ticket-rules/{}", rule.id);
    let (status, problem) = install.call("PUT", &path, Some(&moved)).await;
    assert_eq!((status, problem["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("source")), "{problem}");
    assert_eq!(install.call::<Value>("DELETE", &path, None).await.0, StatusCode::NO_CONTENT);
    install.passes(2).await;
    let after: Value = install.get(&format!("/api/ticket-log?device={}", devices[0])).await;
    assert_eq!(after, line);
    assert_eq!(install.open_tickets().len(), 2);
}

#[tokio::test(flavor = "local")]
async fn a_mute_has_a_reason_and_ends_within_ninety_days() {
    let (install, body) = ready().await;
    let rule = made(&install, &body).await;
    let now = install.tenant.now();
    let until = |days: i64| json!({ "kind": "muted", "from": now, "until": now + chrono::TimeDelta::days(days) });
    let weekly = |days: Value, minutes: u32| json!({ "kind": "weekly", "days": days, "begins": "22:00:00", "minutes": minutes });
    let in_zone = |zone: &str| json!({ "kind": "weekly", "days": [1], "begins": "22:00:00", "minutes": 60, "zone": zone });
    let of_rule = json!({ "of": "rule", "rule": rule.id });
    let table = [
        (of_rule.clone(), until(1), "", Some("reason")),
        (of_rule.clone(), until(0), "moving", Some("silence.until")),
        (of_rule.clone(), until(91), "moving", Some("silence.until")),
        (of_rule.clone(), weekly(json!([]), 60), "patches", Some("silence.days")),
        (of_rule.clone(), weekly(json!([7]), 60), "patches", Some("silence.days")),
        (of_rule.clone(), weekly(json!([1]), 0), "patches", Some("silence.minutes")),
        (of_rule.clone(), in_zone("Atlantis"), "patches", Some("silence.zone")),
        (json!({ "of": "rule", "rule": "nobodys" }), until(1), "moving", Some("scope")),
        (json!({ "of": "device", "connection": "nobodys", "device": "x" }), until(1), "moving", Some("scope")),
        (of_rule.clone(), in_zone("Europe/Berlin"), "patches", None),
        (of_rule.clone(), weekly(json!([1]), 60), "patches", None),
        (of_rule, until(90), "moving", None),
    ];
    for (scope, mute, reason, field) in table {
        let asked = json!({ "scope": scope, "silence": mute, "reason": reason });
        let (status, answer) = install.post("/api/silences", &asked).await;
        match field {
            Some(field) => assert_eq!(answer["field"].as_str(), Some(field), "{asked}: {answer}"),
            None => assert_eq!(status, StatusCode::CREATED, "{asked}: {answer}"),
        }
    }
    let list: Vec<Value> = install.get("/api/silences").await;
    assert_eq!(list.len(), 3);
    install.enter(&rule, &install.devices(1));
    install.passes(3).await;
    assert!(install.our_tickets().is_empty());
    for mute in list {
        let path = format!("/api/silences/{}", mute["id"].as_str().expect("an id"));
        assert_eq!(install.call::<Value>("DELETE", &path, None).await.0, StatusCode::NO_CONTENT);
    }
    install.passes(1).await;
    assert_eq!(install.our_tickets().len(), 1, "what waited is opened when the mute is ended early");
}

#[tokio::test(flavor = "local")]
async fn what_is_kept_quiet_is_told_by_its_name_and_whether_it_is_now() {
    let (install, body) = ready().await;
    let rule = made(&install, &body).await;
    let device = install.devices(1);
    install.enter(&rule, &device);
    install.passes(2).await;
    let (now, console) = (install.tenant.now(), rule.source.connection().clone());
    let name = install.simulator.world().devices().into_iter().find(|known| known.uuid == device[0]).expect("a device").name;
    let muted = json!({ "kind": "muted", "from": now, "until": now + chrono::TimeDelta::days(1) });
    let begins = (now + chrono::TimeDelta::hours(1)).time();
    let later = json!({ "kind": "weekly", "days": [0, 1, 2, 3, 4, 5, 6], "begins": begins, "minutes": 60 });
    let table = [
        (json!({ "of": "rule", "rule": rule.id }), muted.clone(), rule.name.clone(), true),
        (json!({ "of": "group", "connection": console, "group": install.watched(&rule) }), muted.clone(), "Not protected".to_owned(), true),
        (json!({ "of": "group", "connection": console, "group": "gone" }), muted.clone(), "gone".to_owned(), true),
        (json!({ "of": "device", "connection": console, "device": device[0] }), muted, name, true),
        (json!({ "of": "device", "connection": console, "device": "unknown" }), later, "unknown".to_owned(), false),
    ];
    for (scope, mute, name, quiet) in table {
        let asked = json!({ "scope": scope, "silence": mute, "reason": "moving" });
        let (status, made) = install.post("/api/silences", &asked).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        assert_eq!((made["name"].as_str(), made["quiet_until"].is_string()), (Some(name.as_str()), quiet), "{asked}");
        let listed: Vec<Value> = install.get("/api/silences").await;
        assert_eq!(listed[0], made, "the latest is first");
    }
}

#[tokio::test(flavor = "local")]
async fn a_contact_is_looked_up_by_its_company_and_is_one_of_it_or_refused() {
    let (install, mut body) = ready().await;
    let company = body["target"]["catch_all"].as_i64().expect("an id");
    let psa = body["target"]["psa"].as_str().expect("an id").to_owned();
    let of = |company: i64| format!("/api/desks/{psa}/companies/{company}/contacts");
    let people: Vec<Value> = install.get(&of(company)).await;
    let person = people.first().expect("somebody").clone();
    let words = person["name"].as_str().expect("a name").to_owned();
    let last = words.split(' ').next_back().expect("a name").to_lowercase();
    let found: Vec<Value> = install.get(&format!("{}?q={last}", of(company))).await;
    assert!(found.contains(&person), "{found:?}");
    assert!(install.get::<Vec<Value>>(&format!("{}?q=nobodys", of(company))).await.is_empty());
    let alone: Vec<Value> = install.get(&format!("{}?contact={}", of(company), person["id"])).await;
    assert_eq!(alone, std::slice::from_ref(&person));
    let other = install.simulator.world().cw_companies().into_iter().find(|other| i64::from(other.id) != company).expect("another");
    let strangers: Vec<Value> = install.get(&of(other.id.into())).await;
    assert!(install.get::<Vec<Value>>(&format!("{}?contact={}", of(company), strangers[0]["id"])).await.is_empty());
    assert_eq!(install.call::<Value>("GET", &format!("/api/desks/{psa}/companies/none/contacts"), None).await.0, StatusCode::NOT_FOUND);

    for wrong in [strangers[0]["id"].clone(), json!(999_999)] {
        body["target"]["contact"] = wrong;
        let (status, problem) = install.post("/api/ticket-rules", &body).await;
        let field = Some("target.contact");
        assert_eq!((status, problem["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, field), "{problem}");
    }
    body["target"]["contact"] = person["id"].clone();
    let rule = made(&install, &body).await;
    let (status, _) = install.post(&format!("/api/ticket-rules/{}/test", rule.id), &Value::Null).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    install.settle().await;
    let ticket = install.our_tickets().remove(0);
    assert_eq!(ticket.other["contact"]["id"], person["id"], "the ticket of its company names it");
}

#[tokio::test(flavor = "local")]
async fn who_gets_a_ticket_is_kept_by_a_rule_that_knows_devices() {
    let (install, body) = ready().await;
    let rule = made(&install, &body).await;
    let path = format!("/api/ticket-rules/{}", rule.id);
    let by_group = TicketRule { per: Per::Group, ..rule.clone() };
    for per in [&by_group, &rule] {
        assert_eq!(install.call("PUT", &path, Some(per)).await.0, StatusCode::OK, "as long as it knows none");
    }
    install.enter(&rule, &install.devices(2));
    install.passes(2).await;
    let (status, problem) = install.call("PUT", &path, Some(&by_group)).await;
    assert_eq!((status, problem["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("per")), "{problem}");
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 2, "nothing is closed for a reason that is none");
}
