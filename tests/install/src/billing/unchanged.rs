//! A pass whose input did not change plans nothing; whatever changes is planned for.

use std::collections::BTreeSet;

use contract::month::LineView;
use contract::passes::{PassKind, PassState};
use domain::Timestamp;
use domain::access::Visibility;
use harness::TestInstall;
use serde_json::{Value, json};
use store::ports::{Sql, SqlValue};

async fn bill(install: &TestInstall) {
    install.post("/api/passes", &json!({ "kind": "billing" })).await;
    install.settle().await;
}

/// Whether a billing pass would plan: planning needs documents, and neither the ledger nor KV shows any of them for its time.
async fn plans(install: &mut TestInstall) -> bool {
    install.restart();
    install.texts.blind.set(true);
    sql(install, "UPDATE document_parts SET name = 'hidden ' || name");
    install.post("/api/passes", &json!({ "kind": "billing" })).await;
    for _ in 0..3 {
        install.comes_due();
        install.tenant.on_alarm().await;
    }
    let planned = install.last_pass(PassKind::Billing).state != PassState::Done;
    install.texts.blind.set(false);
    sql(install, "UPDATE document_parts SET name = substr(name, 8)");
    install.restart();
    install.settle().await;
    planned
}

async fn rested(companies: usize) -> TestInstall {
    let mut install = TestInstall::ready(companies).await;
    bill(&install).await;
    bill(&install).await;
    assert!(!plans(&mut install).await, "nothing has changed");
    install
}

/// The lines are those that a plan from everything makes.
async fn are_up_to_date(install: &TestInstall, what: &str) {
    let stored = install.lines("all").await;
    sql(install, "DELETE FROM plan_basis");
    bill(install).await;
    assert_eq!(stored, install.lines("all").await, "{what}");
}

fn sql(install: &TestInstall, statement: &str) -> Vec<Vec<SqlValue>> {
    install.sql.run(statement, &[]).expect("SQL")
}

#[tokio::test(flavor = "current_thread")]
async fn what_did_not_change_is_not_planned_again_within_the_hour() {
    let mut install = rested(12).await;
    install.clock.advance(3_000);
    assert!(!plans(&mut install).await);
    install.clock.advance(600);
    assert!(plans(&mut install).await, "what nobody thought of is made up for");
}

#[tokio::test(flavor = "current_thread")]
async fn additions_read_again_as_they_were_change_nothing() {
    let mut install = rested(12).await;
    install.clock.advance(600);
    install.cron().await;
    assert!(!plans(&mut install).await);
}

#[tokio::test(flavor = "current_thread")]
async fn a_number_somebody_typed_into_connectwise_is_planned_for() {
    let install = rested(12).await;
    for line in install.lines("all").await {
        let Some(addition) = line.line.addition else { continue };
        install.simulator.world().edit_addition(i32::try_from(addition.0).expect("a small id"), 3.0).expect("an addition");
    }
    for _ in 0..36 {
        install.clock.advance(600);
        install.cron().await;
    }
    assert!(install.lines("all").await.iter().any(|line| line.line.billed == Some(3.into())));
    are_up_to_date(&install, "numbers typed in").await;
}

#[tokio::test(flavor = "current_thread")]
async fn seats_that_were_ordered_are_planned_for() {
    let mut install = rested(12).await;
    let world = install.simulator.world();
    for license in world.licenses() {
        world.set_seats(&license.public_license_key, license.quantity + 1).expect("a licence");
    }
    let (status, answer) = install.post("/api/passes", &json!({ "kind": "sync" })).await;
    assert!(status.is_success(), "{answer}");
    install.settle().await;
    are_up_to_date(&install, "more seats").await;
    bill(&install).await;
    assert!(!plans(&mut install).await);
}

#[tokio::test(flavor = "current_thread")]
async fn mappings_policies_decisions_and_connections_are_planned_for() {
    let changes: [&str; 4] = ["hold", "policy", "mapping", "connection"];
    for change in changes {
        let mut install = rested(12).await;
        match change {
            "hold" => {
                let line = install.lines("to_approve").await.remove(0).line;
                let (status, answer) = install.post("/api/lines/hold", &json!({ "lines": [line.id], "reason": "ask" })).await;
                assert!(status.is_success(), "{answer}");
            }
            "policy" => {
                let mut policy: Value = install.get::<Value>("/api/policy").await["policy"].clone();
                policy["max_units"] = json!(1);
                install.call("PUT", "/api/policy", Some(&policy)).await;
                install.settle().await;
            }
            "mapping" => {
                let page: Value = install.get("/api/companies?state=mapped&limit=1").await;
                let company = &page["items"][0];
                let decision = json!({ "decision": "exclude", "reason": "a test" });
                let change = json!({ "connection": company["connection"], "company": company["company"], "decision": decision });
                let (status, answer) = install.call("PUT", "/api/mappings/companies", Some(&json!({ "changes": [change] }))).await;
                assert!(status.is_success(), "{answer}");
                install.settle().await;
            }
            _ => {
                let id = install.connection("ConnectWise").await;
                let (status, answer) = install.call("DELETE", &format!("/api/connections/{id}"), None::<&Value>).await;
                assert!(status.is_success(), "{answer}");
                install.settle().await;
            }
        }
        let stands =
            install.tenant.ledger.lines().in_state(contract::month::LineState::ToApprove, &Visibility::Everything).expect("lines").len();
        are_up_to_date(&install, change).await;
        let after =
            install.tenant.ledger.lines().in_state(contract::month::LineState::ToApprove, &Visibility::Everything).expect("lines").len();
        assert_eq!(stands, after, "{change}");
        bill(&install).await;
        assert!(!plans(&mut install).await, "{change}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_line_that_grew_too_old_is_planned_for() {
    let install = rested(12).await;
    install.simulator.world().revoke_ema2();
    for _ in 0..3 * 24 {
        install.clock.advance(3_600);
        bill(&install).await;
    }
    let held = install.lines("all").await;
    assert!(held.iter().all(|line| line.guards.iter().any(|guard| guard.code == "snapshot_stale")), "{held:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_new_snapshot_with_the_old_numbers_writes_no_line_and_every_line_names_it() {
    let install = rested(12).await;
    let rows = || sql(&install, "SELECT id, position, state, body, hash FROM lines ORDER BY id");
    let taken = |lines: &[LineView]| -> BTreeSet<Timestamp> {
        lines.iter().flat_map(|line| &line.line.evidence.snapshots).map(|snapshot| snapshot.taken_at).collect()
    };
    let (before, first) = (rows(), taken(&install.lines("all").await));
    install.clock.advance(60);
    install.sync().await;
    let second = taken(&install.lines("all").await);
    assert_eq!(before, rows());
    assert_eq!((first.len(), second.len()), (1, 1), "one connection, one snapshot");
    assert!(first < second, "{first:?} {second:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_plan_that_changed_nothing_writes_no_line() {
    let install = rested(12).await;
    sql(&install, "CREATE TEMP TABLE touched (id TEXT)");
    for event in ["INSERT", "UPDATE", "DELETE"] {
        sql(
            &install,
            &format!("CREATE TEMP TRIGGER touched_{event} AFTER {event} ON main.lines BEGIN INSERT INTO touched VALUES ('x'); END"),
        );
    }
    install.clock.advance(600);
    install.cron().await;
    are_up_to_date(&install, "nothing").await;
    assert!(sql(&install, "SELECT id FROM touched").is_empty());
}
