//! Months by access group: what keeps a part of one open, and what a closed one says of it.

use http::StatusCode;
use serde_json::{Value, json};

use super::branches::{Branch, branches, grown, text};

/// The names a branch's lines are billed under.
fn is_own(branch: &Branch, name: &Value) -> bool {
    branch.companies.iter().any(|company| company["mapping"]["company_name"] == *name)
}

#[tokio::test(flavor = "local")]
async fn a_month_is_told_by_the_lines_of_ones_own_companies_open_and_closed() {
    let house = grown().await;
    let branches = branches(&house).await;
    house.exclude_the_rest().await;
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
