//! The policy a person sets, and the caps of what is approved at once.

use domain::billing::MappingKey;
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};

async fn set(install: &TestInstall, field: &str, value: u32) -> (StatusCode, Value) {
    let mut policy: Value = install.get::<Value>("/api/policy").await["policy"].clone();
    policy[field] = json!(value);
    install.call("PUT", "/api/policy", Some(&policy)).await
}

#[tokio::test(flavor = "current_thread")]
async fn a_policy_is_set_checked_written_down_and_planned_by() {
    let install = TestInstall::ready(1).await;
    let view: Value = install.get("/api/policy").await;
    assert_eq!((&view["set_by"], &view["policy"]["max_units"]), (&Value::Null, &json!(50)));
    let (status, problem) = set(&install, "run_lines", 0).await;
    assert_eq!((status.as_u16(), &problem["field"]), (422, &json!("run_lines")), "{problem}");
    let (status, view) = set(&install, "max_units", 1).await;
    assert_eq!((status, &view["set_by"]), (StatusCode::OK, &json!("tests")), "{view}");
    install.settle().await;
    let held = install.lines("held").await;
    assert_eq!(held[0].guards[0].words, "A change of 2 is more than 1 units.");
    let history: Value = install.get("/api/history?q=policy_changed").await;
    let row = &history["items"][0];
    assert!(row["before"].as_str().is_some_and(|text| text.contains("\"max_units\":50")), "{row}");
    assert!(row["after"].as_str().is_some_and(|text| text.contains("\"max_units\":1,")), "{row}");
    set(&install, "max_units", 1).await;
    assert_eq!(install.get::<Value>("/api/history?q=policy_changed").await["total"], 1, "the same again is no change");
}

#[tokio::test(flavor = "current_thread")]
async fn a_policy_of_an_older_version_keeps_the_defaults_of_what_it_does_not_know() {
    let install = TestInstall::empty(1).await;
    install
        .tenant
        .ledger
        .meta()
        .keep_text("policy", r#"{"policy":{"max_units":7,"forgotten":1},"by":"Ann","at":"2026-01-01T00:00:00Z"}"#)
        .expect("a row");
    let view: Value = install.get("/api/policy").await;
    assert_eq!((&view["policy"]["max_units"], &view["policy"]["run_lines"]), (&json!(7), &json!(500)));
}

#[tokio::test(flavor = "current_thread")]
async fn more_lines_than_the_cap_are_refused_as_a_whole_and_taken_in_parts() {
    let install = TestInstall::ready(60).await;
    set(&install, "run_lines", 4).await;
    install.settle().await;
    let lines = install.lines("to_approve").await;
    assert!(lines.len() > 5, "{}", lines.len());
    let asked: Vec<Value> = lines[..5].iter().map(|view| json!({ "id": view.line.id, "preview": view.line.preview })).collect();
    let (status, problem) = install.post("/api/lines/approve", &json!({ "lines": asked })).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("over_run_cap")), "{problem}");
    assert_eq!(problem["detail"], "It is 5 lines at once, and at most 4 are allowed. Nothing was approved.");
    assert!(install.intents().is_empty());
    install.approve(&lines[..4]).await;
    install.settle().await;
    assert_eq!(install.written().len(), 4);
}

#[tokio::test(flavor = "current_thread")]
async fn an_automatic_run_beyond_the_cap_approves_nothing_and_says_so_once() {
    let install = TestInstall::ready(60).await;
    let page: Value = install.get("/api/companies?state=mapped&limit=500").await;
    let changes: Vec<Value> = page["items"]
        .as_array()
        .expect("companies")
        .iter()
        .map(|company| {
            let decision = json!({ "decision": "map", "psa": company["mapping"]["psa"], "agreement": company["mapping"]["agreement"], "automatic": true });
            json!({ "connection": company["connection"], "company": company["company"], "decision": decision })
        })
        .collect();
    assert_eq!(install.call("PUT", "/api/mappings/companies", Some(&json!({ "changes": changes }))).await.0, 200);
    let now = install.tenant.now();
    for view in install.lines("all").await {
        let Some(agreement) = view.line.agreement else { continue };
        for member in view.line.members {
            let key = MappingKey { member, psa: agreement.psa.clone(), agreement: agreement.id };
            install.tenant.ledger.mapping_records().note_approved(&key, now).expect("a row");
            install.tenant.ledger.mapping_records().note_proven(&key, &"before".into(), now).expect("a row");
        }
    }
    set(&install, "run_lines", 3).await;
    for _ in 0..3 {
        install.clock.advance(600);
        install.cron().await;
    }
    assert!(install.intents().is_empty(), "nothing is approved by itself");
    let result = install.last_pass(contract::passes::PassKind::Billing).result.expect("a result");
    assert!(result.contains("none approved by itself: ") && result.ends_with("lines at once, and at most 3 are allowed"), "{result}");
    assert_eq!(install.get::<Value>("/api/history?q=run_held").await["total"], 1, "told once");
    set(&install, "run_lines", 500).await;
    install.clock.advance(600);
    install.cron().await;
    assert!(install.written().len() > 3, "{:?}", install.written());
}

#[tokio::test(flavor = "current_thread")]
async fn a_thousand_lines_are_one_run_and_not_several_small_ones() {
    let install = TestInstall::ready(700).await;
    for licence in install.simulator.world().licenses() {
        install.simulator.world().set_seats(&licence.public_license_key, licence.quantity + 1).expect("a licence");
    }
    install.sync().await;
    // The first page of companies was mapped already.
    install.map_everything_sure().await;
    install.settle().await;
    let lines = install.lines("to_approve").await;
    assert!(lines.len() > 500, "{}", lines.len());
    let asked: Vec<Value> = lines.iter().map(|view| json!({ "id": view.line.id, "preview": view.line.preview })).collect();
    let (status, problem) = install.post("/api/lines/approve", &json!({ "lines": asked })).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("over_run_cap")), "{problem}");
    for (name, value) in [("run_lines", 5_000), ("run_units", 1_000_000), ("run_percent", 1_000)] {
        set(&install, name, value).await;
    }
    install.settle().await;
    let decided = install.approve(&install.lines("to_approve").await).await;
    let results = decided["results"].as_array().expect("results");
    assert!(results.len() > 500 && results.iter().all(|result| result["accepted"] == json!(true)), "{decided}");
    let too_many: Vec<Value> = (0..5_001).map(|number| json!({ "id": number.to_string(), "preview": "" })).collect();
    let (status, problem) = install.post("/api/lines/approve", &json!({ "lines": too_many })).await;
    assert_eq!((status.as_u16(), &problem["title"]), (422, &json!("A request has 1 to 5,000 lines.")), "{problem}");
}
