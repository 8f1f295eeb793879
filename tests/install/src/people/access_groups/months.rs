//! Months by access group: what keeps a part of one open, and what a closed one says of it.

use contract::month::{LineState, LineView};
use http::StatusCode;
use serde_json::{Value, json};

use super::branches::{Branch, branches, grown, text};

/// The names a branch's lines are billed under.
fn is_own(branch: &Branch, name: &Value) -> bool {
    branch.companies.iter().any(|company| company["mapping"]["company_name"] == *name)
}

#[tokio::test(flavor = "local")]
async fn a_month_is_told_by_the_lines_of_ones_own_companies_open_and_closed() {
    let install = grown().await;
    let branches = branches(&install).await;
    install.exclude_the_rest().await;
    let lines = install.lines("all").await;
    let path = format!("/api/months/{}", lines[0].line.period);
    for branch in &branches {
        let month = branch.get(&install, &path).await;
        let blockers = month["blockers"].as_array().expect("blockers");
        assert!(blockers.iter().any(|blocker| blocker["code"] == "to_approve"), "{month}");
        let named = blockers.iter().flat_map(|blocker| blocker["companies"].as_array().expect("names"));
        assert!(named.clone().count() > 0 && named.into_iter().all(|name| is_own(branch, name)), "{}: {blockers:?}", branch.city);
        let mine = |line: &&LineView| branch.has(&json!(line.line.companies()));
        let waiting = lines.iter().filter(mine).filter(|line| line.state == LineState::ToApprove).count();
        let told = blockers.iter().find(|blocker| blocker["code"] == "to_approve").expect("the blocker");
        assert_eq!(told["lines"], json!(waiting), "{}", branch.city);
    }
    install.approve(&install.lines("to_approve").await).await;
    install.settle().await;
    let (status, closed) = install.post(&format!("{path}/close"), &json!({})).await;
    assert_eq!(status, StatusCode::OK, "{closed}");
    let whole: Value = install.get(&format!("{path}?limit=500")).await;
    let mut seen = 0;
    for branch in &branches {
        let month = branch.get(&install, &format!("{path}?limit=500")).await;
        let items = month["items"].as_array().expect("lines");
        seen += items.len();
        assert!(!items.is_empty() && items.iter().all(|line| branch.has(&line["members"])), "{}: {month}", branch.city);
        assert_eq!((month["state"].as_str(), &month["total"]), (Some("closed"), &json!(items.len())));
        let billed = |lines: &[Value]| -> f64 {
            let one = |line: &Value| text(&line["numbers"]["billed"]).parse::<f64>().expect("a quantity");
            lines.iter().filter(|line| line["numbers"]["billed"].is_string()).filter(|line| known(line)).map(one).sum()
        };
        assert_eq!(text(&month["totals"]["billed"]).parse::<f64>().ok(), Some(billed(items)), "{}", branch.city);
        let page = branch.get(&install, &format!("{path}/statement")).await;
        let table = branch.get(&install, &format!("{path}/statement.csv")).await;
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

#[tokio::test(flavor = "local")]
async fn what_was_written_or_corrected_with_others_on_the_line_is_not_told_when_they_have_left_it() {
    let install = grown().await;
    let branches = branches(&install).await;
    let [john, larry, _] = branches.as_slice() else { panic!("three branches") };
    let (own, other) = (&john.companies[0], &larry.companies[0]);
    install.bill_on(other, &own["mapping"]).await;
    let shared = |line: &LineView| line.line.companies().len() == 2 && line.state == LineState::ToApprove;
    let line = install.lines("to_approve").await.into_iter().find(shared).expect("a line of both");
    install.approve(std::slice::from_ref(&line)).await;
    install.settle().await;
    install.bill_nowhere(other).await;

    // The change was of both: it is the administrator's, and the line is John's.
    let (id, period) = (line.line.id.to_string(), line.line.period);
    let path = format!("/api/months/{period}?limit=500");
    let of_line = |month: &Value| {
        let lines = month["items"].as_array().expect("lines");
        lines.iter().find(|line| line["numbers"]["line"] == json!(id)).unwrap_or_else(|| panic!("{id} is not in {month}")).clone()
    };
    let count = |line: &Value, what: &str| line[what].as_array().expect("a list").len();
    let whole: Value = install.get(&path).await;
    assert_eq!(count(&of_line(&whole), "changes"), 1);
    assert_eq!(count(&of_line(&john.read(&install, &path).await), "changes"), 0, "from and to are sums of both");
    let page = john.read(&install, &format!("/api/months/{period}/statement")).await;
    assert!(!text(&page).contains("approved by"), "{page}");

    // What is written of his own he is told.
    install.close_month().await;
    let closed = of_line(&john.read(&install, &path).await);
    assert_eq!((count(&closed, "changes"), closed["changes"][0]["to"].clone()), (1, closed["numbers"]["quantity"].clone()), "{closed}");
    assert_eq!(count(&of_line(&install.get(&path).await), "changes"), 2);

    // The month still runs, so who comes onto the line and goes again corrects it, twice.
    install.bill_on(other, &own["mapping"]).await;
    install.bill_nowhere(other).await;
    let whole: Value = install.get(&path).await;
    assert!(whole["corrections"].as_array().expect("corrections").iter().any(|found| found["line"] == json!(id)), "{whole}");
    assert_eq!(count(&john.read(&install, &path).await, "corrections"), 0);
    let path = format!("/api/lines/{id}");
    let (all, his): (Value, Value) = (install.get(&path).await, john.read(&install, &path).await);
    assert!(count(&all, "corrections") > 0, "{all}");
    assert_eq!(count(&his, "corrections"), 0, "{his}");

    // The line of the next month carries them.
    install.pass_to(&format!("{}T09:00:00Z", period.next().first_day()));
    install.sync().await;
    let path = format!("/api/months/{}?limit=500", period.next());
    assert!(count(&of_line(&install.get(&path).await), "corrections") > 0);
    assert_eq!(count(&of_line(&john.read(&install, &path).await), "corrections"), 0);
}
