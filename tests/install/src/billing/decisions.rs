//! What people decide about lines: approve, hold, dismiss, release, retry; alone and in bulk.

use contract::month::{DecisionKind, LineState, LineView, MonthSummary};
use engine::IntentState;
use harness::TestInstall;
use harness::wire::Fate;
use serde_json::{Value, json};

async fn decide(install: &TestInstall, what: &str, lines: &[LineView], reason: Option<&str>) -> Vec<Value> {
    let ids: Vec<_> = lines.iter().map(|view| &view.line.id).collect();
    let mut body = json!({ "lines": ids });
    if let Some(reason) = reason {
        body["reason"] = json!(reason);
    }
    let (status, answer) = install.post(&format!("/api/lines/{what}"), &body).await;
    assert_eq!(status, 200, "{what}: {answer}");
    answer["results"].as_array().expect("results").clone()
}

async fn only_line(install: &TestInstall) -> LineView {
    let mut lines = install.lines("all").await;
    assert_eq!(lines.len(), 1);
    lines.remove(0)
}

async fn summary(install: &TestInstall) -> MonthSummary {
    let month: Value = install.get("/api/month").await;
    serde_json::from_value(month["summary"].clone()).expect("a summary")
}

/// Another order, read and planned.
async fn order(install: &TestInstall, seats: i64) {
    let world = install.simulator.world();
    world.set_seats(&world.licenses()[0].public_license_key, seats).expect("a licence");
    install.sync().await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_hold_stays_whatever_the_numbers_become_until_it_is_released() {
    let install = TestInstall::ready(1).await;
    let line = only_line(&install).await;
    decide(&install, "hold", std::slice::from_ref(&line), Some("they are moving house")).await;
    order(&install, 28).await;
    let held = only_line(&install).await;
    assert_eq!((held.state, held.line.target), (LineState::Held, Some(28.into())));
    let decision = held.decision.clone().expect("a decision");
    assert_eq!((decision.decision, decision.by.as_str()), (DecisionKind::Held, "tests"));
    assert_eq!(decision.reason.as_deref(), Some("they are moving house"));
    let answer = install.approve(std::slice::from_ref(&held)).await;
    assert_eq!(answer["results"][0]["code"], "held");
    let words = answer["results"][0]["words"].as_str().expect("words");
    let day = install.tenant.now().format("%Y-%m-%d");
    assert_eq!(words, format!("tests held this line on {day}: they are moving house. Release it first."));
    // Nothing to write for a while, and then again: it still is held.
    order(&install, 25).await;
    assert_eq!(only_line(&install).await.state, LineState::Unchanged);
    order(&install, 29).await;
    assert_eq!(only_line(&install).await.state, LineState::Held);
    decide(&install, "release", std::slice::from_ref(&held), None).await;
    assert_eq!(only_line(&install).await.state, LineState::ToApprove);
}

#[tokio::test(flavor = "current_thread")]
async fn a_hold_outlives_the_line_it_is_about() {
    let install = TestInstall::ready(1).await;
    decide(&install, "hold", &install.lines("all").await, Some("")).await;
    let page: Value = install.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let clear =
        json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": { "decision": "clear" } }] });
    assert_eq!(install.call("PUT", "/api/mappings/companies", Some(&clear)).await.0, 200);
    install.settle().await;
    install.map_everything_sure().await;
    install.settle().await;
    assert_eq!(only_line(&install).await.state, LineState::Held);
}

#[tokio::test(flavor = "current_thread")]
async fn a_dismissal_lasts_until_a_number_changes() {
    let install = TestInstall::ready(1).await;
    let line = only_line(&install).await;
    let (status, problem) = install.post("/api/lines/dismiss", &json!({ "lines": [line.line.id], "reason": " " })).await;
    assert_eq!((status.as_u16(), &problem["field"]), (422, &json!("reason")));
    let (status, _) = install.post("/api/lines/dismiss", &json!({ "lines": [line.line.id], "reason": "x".repeat(201) })).await;
    assert_eq!(status, 422);
    let results = decide(&install, "dismiss", std::slice::from_ref(&line), Some("two are for testing")).await;
    assert_eq!(results[0]["state"], "dismissed");
    let numbers = summary(&install).await;
    assert_eq!((numbers.unchanged, numbers.dismissed, numbers.to_approve), (1, 1, 0));
    assert_eq!(install.lines("unchanged").await.len(), 1);
    install.sync().await;
    let dismissed = only_line(&install).await;
    assert_eq!(dismissed.state, LineState::Dismissed, "the same numbers again");
    assert_eq!(dismissed.decision.expect("a decision").reason.as_deref(), Some("two are for testing"));
    let answer = install.approve(std::slice::from_ref(&line)).await;
    assert_eq!(answer["results"][0]["code"], "dismissed");
    order(&install, 28).await;
    assert_eq!(only_line(&install).await.state, LineState::ToApprove, "28 was never dismissed");
    assert_eq!(install.get::<Value>("/api/history?q=line_dismissed").await["total"], 1);
}

#[tokio::test(flavor = "current_thread")]
async fn what_nobody_bills_is_excluded_and_not_dismissed() {
    let install = TestInstall::empty(1).await;
    install.connect().await;
    install.sync().await;
    let lines = install.lines("all").await;
    let results = decide(&install, "dismiss", &lines, Some("later")).await;
    assert!(results.iter().all(|result| result["code"] == "exclude_instead"), "{results:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn decisions_are_made_in_bulk_with_a_result_for_each_line() {
    let install = TestInstall::ready(60).await;
    let lines = install.lines("to_approve").await;
    assert!(lines.len() > 2);
    decide(&install, "hold", &lines, Some("audit")).await;
    assert_eq!(summary(&install).await.to_approve, 0);
    decide(&install, "dismiss", &lines, Some("not this month")).await;
    assert_eq!(summary(&install).await.dismissed, u32::try_from(lines.len()).expect("a count"));
    let mut asked = lines.clone();
    asked[0].line.id = "nobodys".into();
    let results = decide(&install, "release", &asked, None).await;
    let refused: Vec<&Value> = results.iter().filter(|result| result["accepted"] == false).collect();
    assert_eq!((refused.len(), &refused[0]["code"]), (1, &json!("not_found")));
    assert_eq!(summary(&install).await.to_approve, u32::try_from(lines.len()).expect("a count") - 1);
}

#[tokio::test(flavor = "current_thread")]
async fn failed_changes_are_tried_again_in_bulk() {
    let install = TestInstall::ready(60).await;
    let lines = install.lines("to_approve").await;
    let nothing = decide(&install, "retry", &lines, None).await;
    assert!(nothing.iter().all(|result| result["code"] == "not_over"), "{nothing:?}");
    install.wire.plan(|sent| if sent.method == "PATCH" { Fate::Refused(400, None) } else { Fate::Answered });
    install.approve(&lines).await;
    install.settle().await;
    install.wire.mend();
    assert!(install.intents().iter().all(|intent| intent.state == IntentState::Failed));
    decide(&install, "hold", &lines[..1], Some("")).await;
    let results = decide(&install, "retry", &lines, None).await;
    assert_eq!(results[0]["code"], "held", "{results:?}");
    assert!(results[1..].iter().all(|result| result["accepted"] == true), "{results:?}");
    install.settle().await;
    assert_eq!(install.written().len(), lines.len() - 1);
    assert_eq!(decide(&install, "retry", &lines[1..2], None).await[0]["code"], "stale_preview", "what is done is not done again");
}
