//! The main job, end to end and natively: ESET seats become a ConnectWise quantity, once.

use house::House;
use serde_json::{Value, json};
use shared::api::month::LineState;

#[tokio::test(flavor = "current_thread")]
async fn ordered_seats_become_a_quantity_once() {
    let house = House::ready(1).await;
    let lines = house.lines("to_approve").await;
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!((line.line.ordered, line.line.billed, line.change), (Some(27), Some(25.into()), Some(2.into())));
    assert!(house.written().is_empty(), "nothing is written unasked");

    let answer = house.approve(&lines).await;
    assert_eq!(answer["results"][0]["accepted"], true, "{answer}");
    house.settle().await;

    let written = house.written();
    assert_eq!(written.len(), 1);
    assert_eq!((written[0].1, written[0].2), (25.0, 27.0));
    let done = house.lines("done").await;
    assert_eq!(done.len(), 1);
    assert_eq!(done[0].state, LineState::Done);

    for _ in 0..3 {
        house.clock.advance(600);
        house.cron().await;
    }
    assert_eq!(house.written().len(), 1, "the cron finds nothing more to do");
}

#[tokio::test(flavor = "current_thread")]
async fn a_mapping_that_commits_by_itself_is_written_by_the_cron() {
    let house = House::ready(1).await;
    let page: Value = house.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let decision =
        json!({ "decision": "map", "psa": company["mapping"]["psa"], "agreement": company["mapping"]["agreement"], "automatic": true });
    let change = json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] });
    let (status, answer) = house.call("PUT", "/api/mappings/companies", Some(&change)).await;
    assert_eq!(status, 200, "{answer}");
    house.settle().await;
    house.clock.advance(600);
    house.cron().await;
    assert_eq!(house.written().len(), 1);
    let history: Value = house.get("/api/history").await;
    let events: Vec<&str> = history["items"].as_array().expect("rows").iter().filter_map(|row| row["event"].as_str()).collect();
    assert!(events.contains(&"quantity_written"), "{events:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn three_hundred_customers_become_a_month() {
    let house = House::ready(300).await;
    let month: Value = house.get("/api/month?segment=all&limit=1").await;
    let summary = &month["summary"];
    for segment in ["to_approve", "held", "unchanged"] {
        assert!(summary[segment].as_u64().is_some_and(|count| count > 0), "{segment}: {summary}");
    }
    let lines = house.lines("to_approve").await;
    for batch in lines.chunks(100) {
        house.approve(batch).await;
    }
    house.settle().await;
    assert_eq!(house.written().len(), lines.len());
    let mut additions: Vec<i64> = house.written().iter().map(|(addition, ..)| *addition).collect();
    additions.sort_unstable();
    additions.dedup();
    assert_eq!(additions.len(), lines.len(), "one change for each addition");
}
