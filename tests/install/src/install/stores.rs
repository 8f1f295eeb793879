//! What a release left behind (`tests/stores`) is gone on from by every later one: nothing is lost, and nothing that was written is
//! written again.

use std::collections::BTreeMap;

use contract::month::LineState;
use engine::IntentState;
use harness::people::Visitor;
use harness::{TestInstall, releases};
use http::StatusCode;
use serde_json::{Value, json};
use simulator::{Actor, Effect};

const NOTHING: Option<&Value> = None;

/// How much of something there is.
const COUNTS: &[(&str, u64)] = &[
    ("/api/companies?state=mapped", 3),
    ("/api/history", 87),
    ("/api/intents", 11),
    ("/api/drift?state=open", 1),
    ("/api/ticket-log", 5),
    ("/api/tickets", 5),
];

/// How the month that is open stands.
const STATES: &[LineState] = &[
    LineState::ToApprove,
    LineState::ToApprove,
    LineState::Held,
    LineState::Held,
    LineState::Held,
    LineState::Committing,
    LineState::Committing,
    LineState::Done,
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

/// In which states the lines of the month are, sorted.
async fn states(install: &TestInstall) -> Vec<LineState> {
    let mut states: Vec<LineState> = install.lines("all").await.iter().map(|line| line.state).collect();
    states.sort_by_key(|state| *state as u8);
    states
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
        let found: Vec<_> =
            months.as_array().expect("months").iter().map(|month| (month["period"].as_str(), month["state"].as_str())).collect();
        assert_eq!(found, [(Some("2026-12"), Some("open")), (Some("2026-11"), Some("closed"))]);
        let november: Value = install.get("/api/months/2026-11").await;
        assert!(november["items"].as_array().is_some_and(|lines| !lines.is_empty()), "{november}");
        assert_eq!(november["corrections"].as_array().map(Vec::len), Some(8), "{}", november["corrections"]);
        let (status, _) = install.call("GET", "/api/months/2026-11/statement.csv", NOTHING).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(states(&install).await, STATES);
        let mut held = install.lines("held").await;
        held.retain(|line| line.decision.as_ref().is_some_and(|decision| decision.reason.as_deref() == Some("ask the customer")));
        assert_eq!(held.len(), 1);
        for snapshot in each(&install, "/api/snapshots", "id").await {
            let (status, _) = install.call("GET", &format!("/api/snapshots/{snapshot}"), NOTHING).await;
            assert_eq!(status, StatusCode::OK, "{snapshot}");
        }
        let mut counts = Vec::new();
        for (path, _) in COUNTS {
            let page: Value = install.get(path).await;
            let items = page["items"].as_array().or_else(|| page.as_array()).map(Vec::len);
            counts.push((*path, page["total"].as_u64().or(items.map(|items| items as u64)).expect("a count")));
        }
        assert_eq!(counts, COUNTS);
    }
}

#[tokio::test(flavor = "local")]
async fn what_people_were_given_opens_what_it_opened() {
    for (install, given_out) in left() {
        let cookie = |name: &str| [("cookie", given_out[name].clone())];
        // A visit of 0.1 was a row. It would have lasted an hour, and its link opens another.
        for (name, path, expected) in
            [("nora's session", "/api/month", StatusCode::OK), ("a visit", "/api/share/company", StatusCode::UNAUTHORIZED)]
        {
            let [(header, value)] = cookie(name);
            let (status, answer) = install.call_with(&[(header, &value)], "GET", path, NOTHING).await;
            assert_eq!(status, expected, "{name}: {answer}");
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
        let open = install.open_tickets().len();
        // Of two changes and a ticket that were on their way, one change was not written yet: no answer came to the others.
        assert_eq!((install.open_intents().len(), install.ticket_intents(&[IntentState::Unknown]).len()), (2, 1));
        install.cron().await;
        install.sync().await;
        install.passes(3).await;
        assert_eq!(written(&install), (1, 0), "{:?}", install.simulator.world().journal());
        assert_eq!((install.open_intents().len(), install.ticket_intents(&[IntentState::Unknown]).len()), (0, 0));
        install.clock.advance(86_400);
        install.cron().await;
        install.passes(3).await;
        assert_eq!(written(&install), (1, 0), "a day later");
        assert_eq!(install.open_tickets().len(), open);
        let waiting = install.lines("to_approve").await;
        install.approve(&waiting).await;
        install.settle().await;
        assert_eq!((written(&install).0, install.lines("to_approve").await.len()), (1 + waiting.len(), 0), "each of them once");
    }
}
