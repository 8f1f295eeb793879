//! The failure matrix before anything is approved: what ConnectWise is like, and the exact text a person reads. `docs/failures.md` is the same table; each
//! scenario looks its row up, so that it cannot go stale.

use contract::month::LineView;
use harness::House;
use serde_json::{Value, json};
use simulator::Level;

const MATRIX: &str = include_str!("../../../../../docs/failures.md");

/// The row of a situation says what the scenario found: the words and what to do.
fn documented(situation: &str, words: &str, remedy: &str) {
    let row = MATRIX.lines().find(|row| row.starts_with(&format!("| {situation} |")));
    let row = row.unwrap_or_else(|| panic!("docs/failures.md has no row {situation:?}; it reads {words:?} {remedy:?}"));
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    assert_eq!((cells[3], cells[4]), (words, remedy), "docs/failures.md, {situation}");
}

/// What the one line's guard of this code says.
async fn reads(house: &House, situation: &str, code: &str) -> LineView {
    house.sync().await;
    let lines = house.lines("all").await;
    let line = lines.into_iter().find(|line| line.guards.iter().any(|guard| guard.code == code)).expect("a line with this guard");
    let guard = line.guards.iter().find(|guard| guard.code == code).expect("the guard");
    assert!(guard.blocks, "{situation}");
    documented(situation, &guard.words, &guard.remedy);
    let answer = house.approve(std::slice::from_ref(&line)).await;
    assert_eq!(answer["results"][0]["accepted"], false, "{situation}: {answer}");
    assert!(house.written().is_empty(), "{situation}");
    line
}

async fn only_line(house: &House) -> LineView {
    house.lines("all").await.into_iter().next().expect("a line")
}

fn small(id: i64) -> i32 {
    i32::try_from(id).expect("a small id")
}

async fn addition(house: &House) -> i32 {
    small(only_line(house).await.line.addition.expect("an addition").0)
}

async fn agreement(house: &House) -> i32 {
    small(only_line(house).await.line.agreement.expect("an agreement").id.0)
}

#[tokio::test(flavor = "current_thread")]
async fn a_company_without_an_agreement_cannot_be_mapped() {
    let house = House::ready(1).await;
    let page: Value = house.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let decision = json!({ "decision": "map", "psa": company["mapping"]["psa"], "agreement": 999_999 });
    let change = json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] });
    let (status, problem) = house.call("PUT", "/api/mappings/companies", Some(&change)).await;
    assert_eq!(status, 422);
    documented("No agreement", problem["title"].as_str().expect("a title"), problem["remedy"].as_str().expect("a remedy"));
}

#[tokio::test(flavor = "current_thread")]
async fn an_agreement_that_is_cancelled() {
    let house = House::ready(1).await;
    house.simulator.world().cancel_agreement(agreement(&house).await).expect("cancelled");
    reads(&house, "Agreement cancelled", "agreement_not_active").await;
}

#[tokio::test(flavor = "current_thread")]
async fn an_agreement_that_does_not_bill_yet() {
    let house = House::ready(1).await;
    let day = "2027-01-01T00:00:00Z".parse().expect("a moment");
    house.simulator.world().edit_agreement(agreement(&house).await, |row| row.bill_start_date = day).expect("edited");
    reads(&house, "Billing not started", "billing_not_started").await;
}

#[tokio::test(flavor = "current_thread")]
async fn no_ongoing_addition() {
    let house = House::ready(1).await;
    house.simulator.world().cancel_addition(addition(&house).await).expect("cancelled");
    reads(&house, "No ongoing addition", "no_ongoing_addition").await;
}

#[tokio::test(flavor = "current_thread")]
async fn more_than_one_ongoing_addition() {
    let house = House::ready(1).await;
    house.simulator.world().duplicate_addition(addition(&house).await).expect("a copy");
    let line = reads(&house, "More than one ongoing addition", "more_than_one_ongoing_addition").await;
    assert_eq!(line.line.billed, Some(50.into()), "both are billed");
}

#[tokio::test(flavor = "current_thread")]
async fn a_customer_that_is_not_mapped() {
    let house = House::empty(1).await;
    house.connect().await;
    reads(&house, "Customer mapping missing", "unmapped_company").await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_product_that_is_not_mapped() {
    let house = House::ready(1).await;
    let products: Vec<Value> = house.get("/api/products").await;
    let changes: Vec<Value> = products
        .iter()
        .map(|product| json!({ "psa": product["psa"], "code": product["code"], "decision": { "decision": "clear" } }))
        .collect();
    assert_eq!(house.call("PUT", "/api/mappings/products", Some(&json!({ "changes": changes }))).await.0, 200);
    reads(&house, "Product mapping missing", "unmapped_product").await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_company_in_the_recycle_bin() {
    let house = House::ready(2).await;
    house.sync().await;
    let line = only_line(&house).await;
    let company = line.line.agreement.as_ref().expect("an agreement").company;
    house.simulator.world().recycle_cw_company(small(company.0)).expect("recycled");
    house.sync().await;
    let lines = house.lines("all").await;
    let held = lines.iter().find(|held| held.line.id == line.line.id).expect("the line");
    let guard = held.guards.iter().find(|guard| guard.code == "drift").expect("it is paused");
    documented("Company in the recycle bin", &guard.words.replace(&line.line.company, "Acme"), &guard.remedy);
    assert_eq!(house.approve(std::slice::from_ref(held)).await["results"][0]["code"], "blocked");
}

#[tokio::test(flavor = "current_thread")]
async fn an_agreement_of_another_company() {
    let house = House::ready(1).await;
    house.simulator.world().edit_agreement(agreement(&house).await, |row| row.company.id = 999_999).expect("edited");
    reads(&house, "Agreement of another company", "agreement_of_another").await;
}

#[tokio::test(flavor = "current_thread")]
async fn no_permission_to_read() {
    let house = House::ready(1).await;
    let before = only_line(&house).await;
    house.simulator.world().set_permission("Agreements", Level::None).expect("set");
    house.sync().await;
    let connections: Vec<Value> = house.get("/api/connections").await;
    let connectwise = connections.iter().find(|connection| connection["kind"] == "connectwise").expect("a connection");
    let id = connectwise["id"].as_str().expect("an id");
    assert!(connectwise["freshness"]["failure"].as_str().is_some_and(|words| !words.is_empty()), "{connectwise}");
    let (_, report) = house.post(&format!("/api/connections/{id}/test"), &json!({})).await;
    let checks = report["checks"].as_array().cloned().unwrap_or_default();
    let failed = checks.iter().find(|check| check["result"] == "failed").expect("a failed check");
    let failure = format!("{}: {}", failed["name"].as_str().unwrap_or_default(), failed["detail"].as_str().unwrap_or_default());
    let remedy = failed["remedy"].as_str().unwrap_or_default().to_owned();
    documented("Permission to read missing", &failure, &remedy);
    assert_eq!(only_line(&house).await.line.target, before.line.target, "what was known still stands");
}
