//! A pass whose input did not change plans nothing; whatever changes is planned for.

use std::collections::BTreeSet;

use contract::month::LineView;
use contract::passes::{PassKind, PassState};
use domain::Timestamp;
use domain::access::Scope;
use harness::House;
use serde_json::{Value, json};
use store::ports::{Sql, SqlValue};

async fn bill(house: &House) {
    house.post("/api/passes", &json!({ "kind": "billing" })).await;
    house.settle().await;
}

/// Whether a billing pass would plan: planning needs documents, and KV shows none of them for its time.
async fn plans(house: &mut House) -> bool {
    house.restart();
    house.texts.blind.set(true);
    house.post("/api/passes", &json!({ "kind": "billing" })).await;
    for _ in 0..3 {
        house.comes_due();
        house.tenant.ring().await;
    }
    let planned = house.last_pass(PassKind::Billing).state != PassState::Done;
    house.texts.blind.set(false);
    house.restart();
    house.settle().await;
    planned
}

async fn rested(companies: usize) -> House {
    let mut house = House::ready(companies).await;
    bill(&house).await;
    bill(&house).await;
    assert!(!plans(&mut house).await, "nothing has changed");
    house
}

/// The lines are those that a plan from everything makes.
async fn are_up_to_date(house: &House, what: &str) {
    let stored = house.lines("all").await;
    sql(house, "DELETE FROM plan_basis");
    bill(house).await;
    assert_eq!(stored, house.lines("all").await, "{what}");
}

fn sql(house: &House, statement: &str) -> Vec<Vec<SqlValue>> {
    house.sql.run(statement, &[]).expect("SQL")
}

#[tokio::test(flavor = "current_thread")]
async fn what_did_not_change_is_not_planned_again_within_the_hour() {
    let mut house = rested(12).await;
    house.clock.advance(3_000);
    assert!(!plans(&mut house).await);
    house.clock.advance(600);
    assert!(plans(&mut house).await, "what nobody thought of is made up for");
}

#[tokio::test(flavor = "current_thread")]
async fn additions_read_again_as_they_were_change_nothing() {
    let mut house = rested(12).await;
    house.clock.advance(600);
    house.cron().await;
    assert!(!plans(&mut house).await);
}

#[tokio::test(flavor = "current_thread")]
async fn a_number_somebody_typed_into_connectwise_is_planned_for() {
    let house = rested(12).await;
    for line in house.lines("all").await {
        let Some(addition) = line.line.addition else { continue };
        house.simulator.world().edit_addition(i32::try_from(addition.0).expect("a small id"), 3.0).expect("an addition");
    }
    for _ in 0..36 {
        house.clock.advance(600);
        house.cron().await;
    }
    assert!(house.lines("all").await.iter().any(|line| line.line.billed == Some(3.into())));
    are_up_to_date(&house, "numbers typed in").await;
}

#[tokio::test(flavor = "current_thread")]
async fn seats_that_were_ordered_are_planned_for() {
    let mut house = rested(12).await;
    let world = house.simulator.world();
    for license in world.licenses() {
        world.set_seats(&license.public_license_key, license.quantity + 1).expect("a licence");
    }
    let (status, answer) = house.post("/api/passes", &json!({ "kind": "sync" })).await;
    assert!(status.is_success(), "{answer}");
    house.settle().await;
    are_up_to_date(&house, "more seats").await;
    bill(&house).await;
    assert!(!plans(&mut house).await);
}

#[tokio::test(flavor = "current_thread")]
async fn mappings_policies_decisions_and_connections_are_planned_for() {
    let changes: [&str; 4] = ["hold", "policy", "mapping", "connection"];
    for change in changes {
        let mut house = rested(12).await;
        match change {
            "hold" => {
                let line = house.lines("to_approve").await.remove(0).line;
                let (status, answer) = house.post("/api/lines/hold", &json!({ "lines": [line.id], "reason": "ask" })).await;
                assert!(status.is_success(), "{answer}");
            }
            "policy" => {
                let mut policy: Value = house.get::<Value>("/api/policy").await["policy"].clone();
                policy["max_units"] = json!(1);
                house.call("PUT", "/api/policy", Some(&policy)).await;
                house.settle().await;
            }
            "mapping" => {
                let page: Value = house.get("/api/companies?state=mapped&limit=1").await;
                let company = &page["items"][0];
                let decision = json!({ "decision": "exclude", "reason": "a test" });
                let change = json!({ "connection": company["connection"], "company": company["company"], "decision": decision });
                let (status, answer) = house.call("PUT", "/api/mappings/companies", Some(&json!({ "changes": [change] }))).await;
                assert!(status.is_success(), "{answer}");
                house.settle().await;
            }
            _ => {
                let id = house.connection("ConnectWise").await;
                let (status, answer) = house.call("DELETE", &format!("/api/connections/{id}"), None::<&Value>).await;
                assert!(status.is_success(), "{answer}");
                house.settle().await;
            }
        }
        let stands = house.tenant.ledger.lines().in_state(contract::month::LineState::ToApprove, &Scope::Everything).expect("lines").len();
        are_up_to_date(&house, change).await;
        let after = house.tenant.ledger.lines().in_state(contract::month::LineState::ToApprove, &Scope::Everything).expect("lines").len();
        assert_eq!(stands, after, "{change}");
        bill(&house).await;
        assert!(!plans(&mut house).await, "{change}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_line_that_grew_too_old_is_planned_for() {
    let house = rested(12).await;
    house.simulator.world().revoke_ema2();
    for _ in 0..3 * 24 {
        house.clock.advance(3_600);
        bill(&house).await;
    }
    let held = house.lines("all").await;
    assert!(held.iter().all(|line| line.guards.iter().any(|guard| guard.code == "snapshot_stale")), "{held:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_new_snapshot_with_the_old_numbers_writes_no_line_and_every_line_names_it() {
    let house = rested(12).await;
    let rows = || sql(&house, "SELECT id, position, state, body, hash FROM lines ORDER BY id");
    let taken = |lines: &[LineView]| -> BTreeSet<Timestamp> {
        lines.iter().flat_map(|line| &line.line.evidence.snapshots).map(|snapshot| snapshot.taken_at).collect()
    };
    let (before, first) = (rows(), taken(&house.lines("all").await));
    house.clock.advance(60);
    house.sync().await;
    let second = taken(&house.lines("all").await);
    assert_eq!(before, rows());
    assert_eq!((first.len(), second.len()), (1, 1), "one connection, one snapshot");
    assert!(first < second, "{first:?} {second:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_plan_that_changed_nothing_writes_no_line() {
    let house = rested(12).await;
    sql(&house, "CREATE TEMP TABLE touched (id TEXT)");
    for event in ["INSERT", "UPDATE", "DELETE"] {
        sql(
            &house,
            &format!("CREATE TEMP TRIGGER touched_{event} AFTER {event} ON main.lines BEGIN INSERT INTO touched VALUES ('x'); END"),
        );
    }
    house.clock.advance(600);
    house.cron().await;
    are_up_to_date(&house, "nothing").await;
    assert!(sql(&house, "SELECT id FROM touched").is_empty());
}
