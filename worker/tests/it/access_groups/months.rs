//! Months by access group: what keeps a part of one open, and what a closed one says of it.

use house::House;
use http::StatusCode;
use serde_json::{Value, json};

use super::branches::{Branch, branches, grown, text};

/// The names a branch's lines are billed under.
fn is_own(branch: &Branch, name: &Value) -> bool {
    branch.companies.iter().any(|company| company["mapping"]["company_name"] == *name)
}

/// Decides about everything nobody has decided about, so that the month can be closed.
async fn exclude_the_rest(house: &House) {
    let exclude = json!({ "decision": "exclude", "reason": "not ours" });
    let page: Value = house.get("/api/companies?state=unmapped&limit=500").await;
    let companies = page["items"].as_array().expect("companies").iter();
    let changes: Vec<Value> = companies
        .map(|company| json!({ "connection": company["connection"], "company": company["company"], "decision": exclude }))
        .collect();
    if !changes.is_empty() {
        let (status, answer) = house.call("PUT", "/api/mappings/companies", Some(&json!({ "changes": changes }))).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }
    let products: Vec<Value> = house.get("/api/products").await;
    let open = products.iter().filter(|product| product["mapping"]["state"] == "unmapped");
    let changes: Vec<Value> = open.map(|product| json!({ "psa": product["psa"], "code": product["code"], "decision": exclude })).collect();
    if !changes.is_empty() {
        let (status, answer) = house.call("PUT", "/api/mappings/products", Some(&json!({ "changes": changes }))).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }
    house.settle().await;
}

#[tokio::test(flavor = "local")]
async fn a_month_is_told_by_the_lines_of_ones_own_companies_open_and_closed() {
    let house = grown().await;
    let branches = branches(&house).await;
    exclude_the_rest(&house).await;
    let lines = house.lines("all").await;
    let path = format!("/api/months/{}", lines[0].line.period);
    for branch in &branches {
        let month = branch.get(&house, &path).await;
        let blockers = month["blockers"].as_array().expect("blockers");
        assert!(blockers.iter().any(|blocker| blocker["code"] == "to_approve"), "{month}");
        let named = blockers.iter().flat_map(|blocker| blocker["companies"].as_array().expect("names"));
        assert!(named.clone().count() > 0 && named.into_iter().all(|name| is_own(branch, name)), "{}: {blockers:?}", branch.city);
        let mine = |line: &&shared::api::month::LineView| branch.has(&json!(line.line.companies()));
        let waiting = lines.iter().filter(mine).filter(|line| line.state == shared::api::month::LineState::ToApprove).count();
        let told = blockers.iter().find(|blocker| blocker["code"] == "to_approve").expect("the blocker");
        assert_eq!(told["lines"], json!(waiting), "{}", branch.city);
    }
    house.approve(&house.lines("to_approve").await).await;
    house.settle().await;
    let (status, closed) = house.post(&format!("{path}/close"), &json!({})).await;
    assert_eq!(status, StatusCode::OK, "{closed}");
    let whole: Value = house.get(&format!("{path}?limit=500")).await;
    let mut seen = 0;
    for branch in &branches {
        let month = branch.get(&house, &format!("{path}?limit=500")).await;
        let items = month["items"].as_array().expect("lines");
        seen += items.len();
        assert!(!items.is_empty() && items.iter().all(|line| branch.has(&line["members"])), "{}: {month}", branch.city);
        assert_eq!((month["state"].as_str(), &month["total"]), (Some("closed"), &json!(items.len())));
        let billed = |lines: &[Value]| -> f64 {
            let one = |line: &Value| text(&line["numbers"]["billed"]).parse::<f64>().expect("a quantity");
            lines.iter().filter(|line| line["numbers"]["billed"].is_string()).filter(|line| known(line)).map(one).sum()
        };
        assert_eq!(text(&month["totals"]["billed"]).parse::<f64>().ok(), Some(billed(items)), "{}", branch.city);
        let page = branch.get(&house, &format!("{path}/statement")).await;
        let table = branch.get(&house, &format!("{path}/statement.csv")).await;
        for other in branches.iter().filter(|other| other.city != branch.city).flat_map(|other| &other.companies) {
            let name = text(&other["mapping"]["company_name"]);
            assert!(!text(&page).contains(&name) && !text(&table).contains(&name), "{name} in {}", branch.city);
        }
    }
    let shared = whole["items"].as_array().expect("lines").iter().filter(|line| branches.iter().any(|branch| branch.has(&line["members"])));
    assert_eq!(seen, shared.count());
}

/// Whether a line's seats and billing are both known; if not, it is in no sum.
fn known(line: &Value) -> bool {
    ["ordered", "activated", "billed"].iter().all(|number| !line["numbers"][number].is_null())
}
