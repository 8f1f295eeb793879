//! The policy a person sets, and the caps of what is approved at once.

use domain::billing::MappingKey;
use harness::House;
use http::StatusCode;
use serde_json::{Value, json};

async fn set(house: &House, field: &str, value: u32) -> (StatusCode, Value) {
    let mut policy: Value = house.get::<Value>("/api/policy").await["policy"].clone();
    policy[field] = json!(value);
    house.call("PUT", "/api/policy", Some(&policy)).await
}

#[tokio::test(flavor = "current_thread")]
async fn a_policy_is_set_checked_written_down_and_planned_by() {
    let house = House::ready(1).await;
    let view: Value = house.get("/api/policy").await;
    assert_eq!((&view["set_by"], &view["policy"]["max_units"]), (&Value::Null, &json!(50)));
    let (status, problem) = set(&house, "run_lines", 0).await;
    assert_eq!((status.as_u16(), &problem["field"]), (422, &json!("run_lines")), "{problem}");
    let (status, view) = set(&house, "max_units", 1).await;
    assert_eq!((status, &view["set_by"]), (StatusCode::OK, &json!("tests")), "{view}");
    house.settle().await;
    let held = house.lines("held").await;
    assert_eq!(held[0].guards[0].words, "A change of 2 is more than 1 units.");
    let history: Value = house.get("/api/history?q=policy_changed").await;
    let row = &history["items"][0];
    assert!(row["before"].as_str().is_some_and(|text| text.contains("\"max_units\":50")), "{row}");
    assert!(row["after"].as_str().is_some_and(|text| text.contains("\"max_units\":1,")), "{row}");
    set(&house, "max_units", 1).await;
    assert_eq!(house.get::<Value>("/api/history?q=policy_changed").await["total"], 1, "the same again is no change");
}

#[tokio::test(flavor = "current_thread")]
async fn a_policy_of_an_older_version_keeps_the_defaults_of_what_it_does_not_know() {
    let house = House::empty(1).await;
    house
        .tenant
        .ledger
        .meta()
        .keep_text("policy", r#"{"policy":{"max_units":7,"forgotten":1},"by":"Ann","at":"2026-01-01T00:00:00Z"}"#)
        .expect("a row");
    let view: Value = house.get("/api/policy").await;
    assert_eq!((&view["policy"]["max_units"], &view["policy"]["run_lines"]), (&json!(7), &json!(500)));
}

#[tokio::test(flavor = "current_thread")]
async fn more_lines_than_the_cap_are_refused_as_a_whole_and_taken_in_parts() {
    let house = House::ready(60).await;
    set(&house, "run_lines", 4).await;
    house.settle().await;
    let lines = house.lines("to_approve").await;
    assert!(lines.len() > 5, "{}", lines.len());
    let asked: Vec<Value> = lines[..5].iter().map(|view| json!({ "id": view.line.id, "preview": view.line.preview })).collect();
    let (status, problem) = house.post("/api/lines/approve", &json!({ "lines": asked })).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("over_run_cap")), "{problem}");
    assert_eq!(problem["detail"], "It is 5 lines at once, and at most 4 are allowed. Nothing was approved.");
    assert!(house.intents().is_empty());
    house.approve(&lines[..4]).await;
    house.settle().await;
    assert_eq!(house.written().len(), 4);
}

#[tokio::test(flavor = "current_thread")]
async fn an_automatic_run_beyond_the_cap_approves_nothing_and_says_so_once() {
    let house = House::ready(60).await;
    let page: Value = house.get("/api/companies?state=mapped&limit=500").await;
    let changes: Vec<Value> = page["items"]
        .as_array()
        .expect("companies")
        .iter()
        .map(|company| {
            let decision = json!({ "decision": "map", "psa": company["mapping"]["psa"], "agreement": company["mapping"]["agreement"], "automatic": true });
            json!({ "connection": company["connection"], "company": company["company"], "decision": decision })
        })
        .collect();
    assert_eq!(house.call("PUT", "/api/mappings/companies", Some(&json!({ "changes": changes }))).await.0, 200);
    let now = house.tenant.now();
    for view in house.lines("all").await {
        let Some(agreement) = view.line.agreement else { continue };
        for member in view.line.members {
            let key = MappingKey { member, psa: agreement.psa.clone(), agreement: agreement.id };
            house.tenant.ledger.mapping_records().note_approved(&key, now).expect("a row");
            house.tenant.ledger.mapping_records().note_proven(&key, &"before".into(), now).expect("a row");
        }
    }
    set(&house, "run_lines", 3).await;
    for _ in 0..3 {
        house.clock.advance(600);
        house.cron().await;
    }
    assert!(house.intents().is_empty(), "nothing is approved by itself");
    let result = house.last_pass(contract::passes::PassKind::Billing).result.expect("a result");
    assert!(result.contains("none approved by itself: ") && result.ends_with("lines at once, and at most 3 are allowed"), "{result}");
    assert_eq!(house.get::<Value>("/api/history?q=run_held").await["total"], 1, "told once");
    set(&house, "run_lines", 500).await;
    house.clock.advance(600);
    house.cron().await;
    assert!(house.written().len() > 3, "{:?}", house.written());
}

#[tokio::test(flavor = "current_thread")]
async fn a_thousand_lines_are_one_run_and_not_several_small_ones() {
    let house = House::ready(700).await;
    for licence in house.simulator.world().licenses() {
        house.simulator.world().set_seats(&licence.public_license_key, licence.quantity + 1).expect("a licence");
    }
    house.sync().await;
    // The first page of companies was mapped already.
    house.map_everything_sure().await;
    house.settle().await;
    let lines = house.lines("to_approve").await;
    assert!(lines.len() > 500, "{}", lines.len());
    let asked: Vec<Value> = lines.iter().map(|view| json!({ "id": view.line.id, "preview": view.line.preview })).collect();
    let (status, problem) = house.post("/api/lines/approve", &json!({ "lines": asked })).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("over_run_cap")), "{problem}");
    for (name, value) in [("run_lines", 5_000), ("run_units", 1_000_000), ("run_percent", 1_000)] {
        set(&house, name, value).await;
    }
    house.settle().await;
    let decided = house.approve(&house.lines("to_approve").await).await;
    let results = decided["results"].as_array().expect("results");
    assert!(results.len() > 500 && results.iter().all(|result| result["accepted"] == json!(true)), "{decided}");
    let too_many: Vec<Value> = (0..5_001).map(|number| json!({ "id": number.to_string(), "preview": "" })).collect();
    let (status, problem) = house.post("/api/lines/approve", &json!({ "lines": too_many })).await;
    assert_eq!((status.as_u16(), &problem["title"]), (422, &json!("A request has 1 to 5,000 lines.")), "{problem}");
}
