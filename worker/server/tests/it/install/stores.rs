//! What a release left behind (`tests/stores`) is gone on from by every later one: nothing is lost, and nothing that was written is
//! written again.

use std::collections::BTreeMap;

use contract::month::LineState;
use harness::people::Visitor;
use harness::{TestInstall, releases};
use http::StatusCode;
use serde_json::{Value, json};
use simulator::{Actor, Effect};

const NOTHING: Option<&Value> = None;

/// How much of something there is.
const COUNTS: &[(&str, u64)] = &[
    ("/api/companies?state=mapped", 0),
    ("/api/history", 0),
    ("/api/intents", 0),
    ("/api/drift?state=open", 0),
    ("/api/ticket-log", 0),
    ("/api/tickets", 0),
];

/// Every release's install.
fn left() -> impl Iterator<Item = (TestInstall, BTreeMap<String, String>)> {
    releases::stores().into_iter().map(|folder| TestInstall::reopened(&folder))
}

/// One field of each row of a list, sorted; the list is the answer or its `items`.
async fn each(install: &TestInstall, path: &str, field: &str) -> Vec<String> {
    let answer: Value = install.get(path).await;
    let rows = answer.as_array().or_else(|| answer["items"].as_array()).unwrap_or_else(|| panic!("{path}: {answer}"));
    let text = |row: &Value| row[field].as_str().map_or_else(|| row[field].to_string(), str::to_owned);
    let mut texts: Vec<String> = rows.iter().map(text).collect();
    texts.sort();
    texts
}

/// Lines that are approved and not written yet.
async fn on_the_way(install: &TestInstall) -> usize {
    install.lines("to_approve").await.iter().filter(|line| line.state == LineState::Committing).count()
}

/// Changes that came by the API since the install was opened: of quantities, and of tickets.
fn written(install: &TestInstall) -> (usize, usize) {
    let entries = install.simulator.world().journal();
    let effects: Vec<Effect> = entries.into_iter().filter_map(|entry| entry.effect).collect();
    let quantity = |effect: &&Effect| {
        matches!(effect, Effect::QuantityChanged { by: Actor::Api, .. } | Effect::AdditionCreated { by: Actor::Api, .. })
    };
    let others = effects.iter().filter(|effect| effect.by() == Actor::Api && !quantity(effect));
    (effects.iter().filter(quantity).count(), others.count())
}

#[tokio::test(flavor = "local")]
async fn connections_people_and_what_they_decided_are_as_they_were() {
    for (install, _) in left() {
        for id in each(&install, "/api/connections", "id").await {
            let (status, tested) = install.call("POST", &format!("/api/connections/{id}/test"), NOTHING).await;
            assert_eq!((status, &tested["ok"]), (StatusCode::OK, &json!(true)), "what was sealed opens: {tested}");
        }
        for (path, field, expected) in [
            ("/api/connections", "name", vec!["ConnectWise", "ESET", "ESET Connect", "ESET PROTECT"]),
            ("/api/people", "name", vec!["Ada", "Bill", "Grace Hopper", "Ivy", "Nora"]),
            ("/api/people", "role", vec!["admin", "billing", "technician", "viewer", "viewer"]),
            ("/api/tokens", "name", vec!["tests", "tests 2"]),
            ("/api/access-groups", "name", vec!["North", "South"]),
            ("/api/share-links", "state", vec!["revoked", "works", "works"]),
            ("/api/silences", "reason", vec!["being moved", "being moved"]),
        ] {
            assert_eq!(each(&install, path, field).await, expected, "{path}");
        }
        let people: Vec<Value> = install.get("/api/people").await;
        let nora = people.iter().find(|person| person["name"] == "Nora").expect("Nora");
        let groups: Vec<Value> = install.get("/api/access-groups").await;
        assert_eq!(nora["scope"]["groups"], json!([groups[0]["id"]]), "{nora}");
        install.admin_anew().await;
    }
}

#[tokio::test(flavor = "local")]
async fn months_lines_tickets_and_the_history_are_as_they_were() {
    for (install, _) in left() {
        let months: Value = install.get("/api/months").await;
        let states: Vec<_> =
            months.as_array().expect("months").iter().map(|month| (month["period"].as_str(), month["state"].as_str())).collect();
        assert_eq!(states, [(Some("2026-12"), Some("open")), (Some("2026-11"), Some("closed"))]);
        let november: Value = install.get("/api/months/2026-11").await;
        assert!(november["items"].as_array().is_some_and(|lines| !lines.is_empty()), "{november}");
        assert_eq!(november["corrections"].as_array().map(Vec::len), Some(1), "{}", november["corrections"]);
        let (status, _) = install.call("GET", "/api/months/2026-11/statement.csv", NOTHING).await;
        assert_eq!(status, StatusCode::OK);
        let held = install.lines("held").await;
        assert_eq!((held.len(), on_the_way(&install).await), (1, 1));
        assert_eq!(held[0].decision.as_ref().and_then(|decision| decision.reason.as_deref()), Some("ask the customer"));
        for snapshot in each(&install, "/api/snapshots", "id").await {
            let (status, _) = install.call("GET", &format!("/api/snapshots/{snapshot}"), NOTHING).await;
            assert_eq!(status, StatusCode::OK, "{snapshot}");
        }
        for (path, count) in COUNTS {
            let page: Value = install.get(path).await;
            assert_eq!(page["total"].as_u64().or_else(|| Some(page["items"].as_array()?.len() as u64)), Some(*count), "{path}: {page}");
        }
    }
}

#[tokio::test(flavor = "local")]
async fn what_people_were_given_opens_what_it_opened() {
    for (install, given_out) in left() {
        let cookie = |name: &str| [("cookie", given_out[name].clone())];
        for (name, path) in [("nora's session", "/api/month"), ("a visit", "/api/share/company")] {
            let [(header, value)] = cookie(name);
            let (status, answer) = install.call_with(&[(header, &value)], "GET", path, NOTHING).await;
            assert_eq!(status, StatusCode::OK, "{name}: {answer}");
        }
        let (status, month) = install.call_as(&given_out["a token of North"], "GET", "/api/month?segment=all", NOTHING).await;
        let all = install.lines("all").await.len();
        let shown = month["items"].as_array().map_or(0, Vec::len);
        assert!(status == StatusCode::OK && shown > 0 && shown < all, "{shown} of {all}: {month}");
        let open = async |body: Value| install.answer_with(&[], "POST", "/api/share/open", Some(&body)).await.0;
        assert_eq!(open(json!({ "token": given_out["a share link"] })).await, StatusCode::NO_CONTENT);
        let token = &given_out["a share link with a code"];
        assert_eq!(open(json!({ "token": token })).await, StatusCode::FORBIDDEN);
        assert_eq!(open(json!({ "token": token, "code": "open-sesame" })).await, StatusCode::NO_CONTENT);
        install.come_in(&mut Visitor::new("Ivy"), &given_out["ivy's invitation"]).await;
    }
}

#[tokio::test(flavor = "local")]
async fn passes_go_on_and_write_only_what_was_approved_and_not_written_yet() {
    for (install, _) in left() {
        let (approved, open) = (on_the_way(&install).await, install.open_tickets().len());
        install.cron().await;
        install.sync().await;
        install.passes(3).await;
        assert_eq!(written(&install), (approved, 0), "{:?}", install.simulator.world().journal());
        install.clock.advance(86_400);
        install.cron().await;
        install.passes(3).await;
        assert_eq!(written(&install), (approved, 0), "a day later");
        assert_eq!((on_the_way(&install).await, install.open_tickets().len()), (0, open));
        let waiting = install.lines("to_approve").await;
        install.approve(&waiting).await;
        install.settle().await;
        let left: Vec<_> = install.lines("to_approve").await;
        assert_eq!(written(&install).0, approved + waiting.len() - left.len(), "each of them once");
    }
}
