//! The main job, end to end and natively: ESET seats become a ConnectWise quantity, once.

use contract::month::LineState;
use harness::TestInstall;
use serde_json::{Value, json};

#[tokio::test(flavor = "current_thread")]
async fn ordered_seats_become_a_quantity_once() {
    let install = TestInstall::ready(1).await;
    let lines = install.lines("to_approve").await;
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!((line.line.ordered, line.line.billed, line.change), (Some(27), Some(25.into()), Some(2.into())));
    assert!(install.written().is_empty(), "nothing is written unasked");

    let answer = install.approve(&lines).await;
    assert_eq!(answer["results"][0]["accepted"], true, "{answer}");
    install.settle().await;

    let written = install.written();
    assert_eq!(written.len(), 1);
    assert_eq!((written[0].1, written[0].2), (25.0, 27.0));
    let done = install.lines("done").await;
    assert_eq!(done.len(), 1);
    assert_eq!(done[0].state, LineState::Done);

    for _ in 0..3 {
        install.clock.advance(600);
        install.cron().await;
    }
    assert_eq!(install.written().len(), 1, "the cron finds nothing more to do");
}

async fn made_automatic(install: &TestInstall) -> Value {
    let page: Value = install.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let decision =
        json!({ "decision": "map", "psa": company["mapping"]["psa"], "agreement": company["mapping"]["agreement"], "automatic": true });
    let change = json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] });
    let (status, answer) = install.call("PUT", "/api/mappings/companies", Some(&change)).await;
    assert_eq!(status, 200, "{answer}");
    install.settle().await;
    let page: Value = install.get("/api/companies?state=mapped").await;
    page["items"][0]["mapping"].clone()
}

/// One more seat is ordered, read, and a day's cron comes by.
async fn one_more_seat(install: &TestInstall, seats: i64) {
    let world = install.simulator.world();
    world.set_seats(&world.licenses()[0].public_license_key, seats).expect("a licence");
    install.sync().await;
    install.clock.advance(600);
    install.cron().await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_mapping_commits_by_itself_only_after_a_change_that_a_person_approved() {
    let install = TestInstall::ready(1).await;
    let mapping = made_automatic(&install).await;
    assert_eq!((&mapping["automatic"], &mapping["proven"]), (&json!(true), &json!(false)));
    install.clock.advance(600);
    install.cron().await;
    assert!(install.written().is_empty(), "nobody has seen it do right yet");
    let lines = install.lines("to_approve").await;
    assert_eq!(lines[0].guards.iter().map(|guard| (guard.code.as_str(), guard.notes)).collect::<Vec<_>>(), [("first_run", true)]);
    install.approve(&lines).await;
    install.settle().await;
    assert_eq!(install.written().len(), 1);
    assert_eq!(install.get::<Value>("/api/companies?state=mapped").await["items"][0]["mapping"]["proven"], true);

    one_more_seat(&install, 28).await;
    assert_eq!(install.written().len(), 2, "now it does");
    let history: Value = install.get("/api/history").await;
    let approved = history["items"].as_array().expect("rows").iter().find(|row| row["event"] == "line_approved").expect("a row");
    assert_eq!(approved["by"], "automatic");
}

#[tokio::test(flavor = "current_thread")]
async fn a_mapping_that_is_made_anew_is_watched_anew() {
    let install = TestInstall::ready(1).await;
    install.approve(&install.lines("to_approve").await).await;
    install.settle().await;
    let page: Value = install.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let clear =
        json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": { "decision": "clear" } }] });
    assert_eq!(install.call("PUT", "/api/mappings/companies", Some(&clear)).await.0, 200);
    install.map_everything_sure().await;
    install.settle().await;
    assert_eq!(made_automatic(&install).await["proven"], false);
    one_more_seat(&install, 28).await;
    assert_eq!(install.written().len(), 1, "only what a person approved");
}

#[tokio::test(flavor = "current_thread")]
async fn three_hundred_customers_become_a_month() {
    let install = TestInstall::ready(300).await;
    let month: Value = install.get("/api/month?segment=all&limit=1").await;
    let summary = &month["summary"];
    for segment in ["to_approve", "held", "unchanged"] {
        assert!(summary[segment].as_u64().is_some_and(|count| count > 0), "{segment}: {summary}");
    }
    let lines = install.lines("to_approve").await;
    for batch in lines.chunks(100) {
        install.approve(batch).await;
    }
    install.settle().await;
    assert_eq!(install.written().len(), lines.len());
    let mut additions: Vec<i64> = install.written().iter().map(|(addition, ..)| *addition).collect();
    additions.sort_unstable();
    additions.dedup();
    assert_eq!(additions.len(), lines.len(), "one change for each addition");
}
