//! The failure matrix before anything is approved: what ConnectWise is like, and the exact text a person reads. `docs/failures.md` is the same table; each
//! scenario looks its row up, so that it cannot go stale.

use contract::month::LineView;
use harness::TestInstall;
use serde_json::{Value, json};
use simulator::Level;

const MATRIX: &str = include_str!("../../../../docs/failures.md");

/// The row of a situation says what the scenario found: the words and what to do.
fn documented(situation: &str, words: &str, remedy: &str) {
    let row = MATRIX.lines().find(|row| row.starts_with(&format!("| {situation} |")));
    let row = row.unwrap_or_else(|| panic!("docs/failures.md has no row {situation:?}; it reads {words:?} {remedy:?}"));
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    assert_eq!((cells[3], cells[4]), (words, remedy), "docs/failures.md, {situation}");
}

/// What the one line's guard of this code says.
async fn reads(install: &TestInstall, situation: &str, code: &str) -> LineView {
    install.sync().await;
    let lines = install.lines("all").await;
    let line = lines.into_iter().find(|line| line.guards.iter().any(|guard| guard.code == code)).expect("a line with this guard");
    let guard = line.guards.iter().find(|guard| guard.code == code).expect("the guard");
    assert!(guard.blocks, "{situation}");
    documented(situation, &guard.words, &guard.remedy);
    let answer = install.approve(std::slice::from_ref(&line)).await;
    assert_eq!(answer["results"][0]["accepted"], false, "{situation}: {answer}");
    assert!(install.written().is_empty(), "{situation}");
    line
}

async fn only_line(install: &TestInstall) -> LineView {
    install.lines("all").await.into_iter().next().expect("a line")
}

fn small(id: i64) -> i32 {
    i32::try_from(id).expect("a small id")
}

async fn addition(install: &TestInstall) -> i32 {
    small(only_line(install).await.line.addition.expect("an addition").0)
}

async fn agreement(install: &TestInstall) -> i32 {
    small(only_line(install).await.line.agreement.expect("an agreement").id.0)
}

#[tokio::test(flavor = "current_thread")]
async fn a_company_without_an_agreement_cannot_be_mapped() {
    let install = TestInstall::ready(1).await;
    let page: Value = install.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let decision = json!({ "decision": "map", "psa": company["mapping"]["psa"], "agreement": 999_999 });
    let change = json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] });
    let (status, problem) = install.call("PUT", "/api/mappings/companies", Some(&change)).await;
    assert_eq!(status, 422);
    documented("No agreement", problem["title"].as_str().expect("a title"), problem["remedy"].as_str().expect("a remedy"));
}

#[tokio::test(flavor = "current_thread")]
async fn an_agreement_that_is_cancelled() {
    let install = TestInstall::ready(1).await;
    install.simulator.world().cancel_agreement(agreement(&install).await).expect("cancelled");
    reads(&install, "Agreement cancelled", "agreement_not_active").await;
}

#[tokio::test(flavor = "current_thread")]
async fn an_agreement_that_does_not_bill_yet() {
    let install = TestInstall::ready(1).await;
    let day = "2027-01-01T00:00:00Z".parse().expect("a moment");
    install.simulator.world().edit_agreement(agreement(&install).await, |row| row.bill_start_date = day).expect("edited");
    reads(&install, "Billing not started", "billing_not_started").await;
}

#[tokio::test(flavor = "current_thread")]
async fn an_agreement_that_is_over_and_still_called_active() {
    let install = TestInstall::ready(1).await;
    let over = |row: &mut simulator::Agreement| (row.end_date, row.no_ending_date_flag) = ("2026-02-28T00:00:00Z".parse().ok(), false);
    install.simulator.world().edit_agreement(agreement(&install).await, over).expect("edited");
    let line = reads(&install, "Agreement ended", "agreement_ended").await;
    assert_eq!(line.line.invoiced, Some(0.into()));
}

#[tokio::test(flavor = "current_thread")]
async fn an_addition_that_does_not_bill_yet() {
    let install = TestInstall::ready(1).await;
    let first = "2027-01-01T00:00:00Z".parse().ok();
    install.simulator.world().edit_dates(addition(&install).await, first, None).expect("edited");
    let line = reads(&install, "Addition not begun", "not_begun").await;
    assert_eq!((line.line.billed, line.line.create), (Some(0.into()), None), "no other one is made beside it");
}

#[tokio::test(flavor = "current_thread")]
async fn no_ongoing_addition() {
    let install = TestInstall::ready(1).await;
    install.simulator.world().cancel_addition(addition(&install).await).expect("cancelled");
    reads(&install, "No ongoing addition", "no_ongoing_addition").await;
}

#[tokio::test(flavor = "current_thread")]
async fn more_than_one_ongoing_addition() {
    let install = TestInstall::ready(1).await;
    install.simulator.world().duplicate_addition(addition(&install).await).expect("a copy");
    let line = reads(&install, "More than one ongoing addition", "more_than_one_ongoing_addition").await;
    assert_eq!(line.line.billed, Some(50.into()), "both are billed");
}

#[tokio::test(flavor = "current_thread")]
async fn a_customer_that_is_not_mapped() {
    let install = TestInstall::empty(1).await;
    install.connect().await;
    reads(&install, "Customer mapping missing", "unmapped_company").await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_product_that_is_not_mapped() {
    let install = TestInstall::ready(1).await;
    let products: Vec<Value> = install.get("/api/products").await;
    let changes: Vec<Value> = products
        .iter()
        .map(|product| json!({ "psa": product["psa"], "code": product["code"], "decision": { "decision": "clear" } }))
        .collect();
    assert_eq!(install.call("PUT", "/api/mappings/products", Some(&json!({ "changes": changes }))).await.0, 200);
    reads(&install, "Product mapping missing", "unmapped_product").await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_company_in_the_recycle_bin() {
    let install = TestInstall::ready(2).await;
    install.sync().await;
    let line = only_line(&install).await;
    let company = line.line.agreement.as_ref().expect("an agreement").company;
    install.simulator.world().recycle_cw_company(small(company.0)).expect("recycled");
    install.sync().await;
    let lines = install.lines("all").await;
    let held = lines.iter().find(|held| held.line.id == line.line.id).expect("the line");
    let guard = held.guards.iter().find(|guard| guard.code == "drift").expect("it is paused");
    documented("Company in the recycle bin", &guard.words.replace(&line.line.company, "Acme"), &guard.remedy);
    assert_eq!(install.approve(std::slice::from_ref(held)).await["results"][0]["code"], "blocked");
}

#[tokio::test(flavor = "current_thread")]
async fn an_agreement_of_another_company() {
    let install = TestInstall::ready(1).await;
    install.simulator.world().edit_agreement(agreement(&install).await, |row| row.company.id = 999_999).expect("edited");
    reads(&install, "Agreement of another company", "agreement_of_another").await;
}

#[tokio::test(flavor = "current_thread")]
async fn no_permission_to_read() {
    let install = TestInstall::ready(1).await;
    let before = only_line(&install).await;
    install.simulator.world().set_permission("Agreements", Level::None).expect("set");
    install.sync().await;
    let connections: Vec<Value> = install.get("/api/connections").await;
    let connectwise = connections.iter().find(|connection| connection["kind"] == "connectwise").expect("a connection");
    let id = connectwise["id"].as_str().expect("an id");
    assert!(connectwise["freshness"]["failure"].as_str().is_some_and(|words| !words.is_empty()), "{connectwise}");
    let (_, report) = install.post(&format!("/api/connections/{id}/test"), &json!({})).await;
    let checks = report["checks"].as_array().cloned().unwrap_or_default();
    let failed = checks.iter().find(|check| check["result"] == "failed").expect("a failed check");
    let failure = format!("{}: {}", failed["name"].as_str().unwrap_or_default(), failed["detail"].as_str().unwrap_or_default());
    let remedy = failed["remedy"].as_str().unwrap_or_default().to_owned();
    documented("Permission to read missing", &failure, &remedy);
    assert_eq!(only_line(&install).await.line.target, before.line.target, "what was known still stands");
}
