//! What is over age goes, a part at each alarm; what a month may still be asked for, what is open and what is current stays.

use contract::retention::RetentionView;
use domain::access::Role;
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};
use store::ledger::AuditFilter;
use store::ports::{Sql, SqlValue};

const NOTHING: Option<&Value> = None;

fn number(install: &TestInstall, sql: &str) -> i64 {
    match install.sql.run(sql, &[]).expect("rows").first().and_then(|row| row.first()) {
        Some(SqlValue::Integer(number)) => *number,
        other => panic!("no number: {other:?}"),
    }
}

fn texts(install: &TestInstall, sql: &str) -> Vec<String> {
    let rows = install.sql.run(sql, &[]).expect("rows").into_iter();
    rows.map(|row| match row.first() {
        Some(SqlValue::Text(text)) => text.clone(),
        other => panic!("no text: {other:?}"),
    })
    .collect()
}

/// What the history says was removed, the latest first.
fn removed(install: &TestInstall) -> Vec<String> {
    let filter = AuditFilter { event: "old_data_removed", ..AuditFilter::default() };
    let (rows, _) = install.tenant.ledger.history().list(&filter, None, 100).expect("rows");
    rows.into_iter().filter_map(|row| row.detail).collect()
}

/// Three days of snapshots in March 2026, and a pass in June 2027.
async fn after_a_year(close: bool) -> (TestInstall, Vec<String>) {
    let install = TestInstall::ready_and_still(12).await;
    for day in ["11", "12"] {
        install.pass_to(&format!("2026-03-{day}T09:00:00Z"));
        install.sync().await;
    }
    if close {
        install.close_month().await;
    }
    let keys = texts(&install, "SELECT key FROM snapshots ORDER BY taken_at");
    assert_eq!(keys.len(), 3, "{keys:?}");
    install.pass_to("2027-06-10T09:00:00Z");
    install.passes(6).await;
    (install, keys)
}

#[tokio::test(flavor = "local")]
async fn snapshots_of_a_closed_month_go_with_their_copies_and_the_one_that_later_months_began_from_stays() {
    let (install, keys) = after_a_year(true).await;
    let left = texts(&install, "SELECT key FROM snapshots ORDER BY taken_at");
    assert_eq!((&left[0], left.len()), (&keys[2], 2), "{left:?}");
    let is_in_kv = |key: &String| install.texts.texts.borrow().contains_key(key);
    assert!(!is_in_kv(&keys[0]) && !is_in_kv(&keys[1]));
    assert!(left.iter().all(is_in_kv), "what stays can be read");
    let told = removed(&install);
    assert_eq!(told.len(), 1, "one row for the run: {told:?}");
    assert!(told[0].contains("2 snapshots"), "{told:?}");
    assert!(!told[0].contains(&keys[0]), "counts only");

    // What the month came to does not depend on them.
    assert_eq!(number(&install, "SELECT count(*) FROM month_sheets WHERE period = '2026-03' AND kind = 'closed'"), 1);
    install.clock.advance(25 * 3_600);
    install.passes(3).await;
    assert_eq!(removed(&install).len(), 1, "a run that finds nothing tells nothing");
}

#[tokio::test(flavor = "local")]
async fn snapshots_of_a_month_that_nobody_has_closed_stay_however_old_they_are() {
    let (install, keys) = after_a_year(false).await;
    let left = texts(&install, "SELECT key FROM snapshots ORDER BY taken_at");
    assert_eq!(left[..3], keys[..], "{left:?}");
    assert!(keys.iter().all(|key| install.texts.texts.borrow().contains_key(key)));
}

#[tokio::test(flavor = "local")]
async fn old_versions_of_documents_go_from_kv_also_those_an_earlier_release_left_there() {
    let (install, _) = after_a_year(true).await;
    let stranger = "mappings/1-0123456789ab";
    install.texts.texts.borrow_mut().insert(stranger.to_owned(), "{}".to_owned());
    install.clock.advance(25 * 3_600);
    install.passes(3).await;
    assert!(install.texts.texts.borrow().contains_key(stranger), "it is as old as the day it was found");
    let current = texts(&install, "SELECT key FROM documents");
    // A month that stays open would hold it.
    let closed =
        "INSERT INTO months (period, kept, closed_at, closed_by, hash) VALUES ('2027-06', 0, '2027-07-02T09:00:00.000Z', 'Ada', '')";
    install.sql.run(closed, &[]).expect("closed");
    install.pass_to("2028-09-10T09:00:00Z");
    install.passes(8).await;
    let kept = install.texts.texts.borrow();
    assert!(!kept.contains_key(stranger), "{:?}", kept.keys());
    let now = texts(&install, "SELECT key FROM documents");
    assert!(now.iter().all(|key| kept.contains_key(key)), "what is current stays: {now:?}");
    assert!(kept.keys().any(|key| key.starts_with("mark/")), "marks are no versions");
    // The catalog of ConnectWise was read again: the one of a year ago is gone.
    let replaced = current.iter().filter(|key| !now.contains(key)).collect::<Vec<_>>();
    assert!(!replaced.is_empty(), "{current:?}");
}

#[tokio::test(flavor = "local")]
async fn one_alarm_removes_a_part_and_the_next_ones_the_rest() {
    let install = TestInstall::ready(1).await;
    let passes = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
        INSERT INTO passes (id, kind, connection, state, started_by, queued_at, ended_at, step, done, calls, troubles)
        SELECT 'old-' || i, 'billing', NULL, 'done', 'schedule', '2025-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z', '', 0, 0, '[]' FROM n";
    install.sql.run(passes, &[]).expect("passes");
    let copies = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 101)
        INSERT INTO document_copies (key, name, written_at) SELECT 'groups/none/' || i, 'groups/none', '2024-01-01T00:00:00.000Z' FROM n";
    install.sql.run(copies, &[]).expect("copies");
    let old = |install: &TestInstall| {
        let passes = number(install, "SELECT count(*) FROM passes WHERE id LIKE 'old-%'");
        (passes, number(install, "SELECT count(*) FROM document_copies WHERE name = 'groups/none'"))
    };
    install.clock.advance(25 * 3_600);
    let (mut alarms, mut before) = (0, old(&install));
    assert_eq!(before, (1_200, 101));
    while before != (0, 0) {
        install.clock.advance(600);
        install.tenant.on_alarm().await;
        let now = old(&install);
        assert!(before.0 - now.0 <= 500 && before.1 - now.1 <= 40, "{before:?} {now:?}");
        (before, alarms) = (now, alarms + 1);
        assert!(alarms < 60, "{before:?}");
    }
    assert!(alarms >= 5, "{alarms} alarms");
    install.passes(3).await;
    let told = removed(&install);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("101 old versions of documents") && told[0].contains("1200 passes"), "{told:?}");
}

#[tokio::test(flavor = "local")]
async fn the_tickets_log_loses_what_is_over_age_and_not_open_and_refuses_everything_else() {
    let install = TestInstall::with_tickets(3).await;
    let rule = install.rule("Malware").await;
    install.store_rule(&rule);
    let devices = install.devices(2);
    install.enter(&rule, &devices);
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 2);
    install.leave(&rule, &devices[..1]);
    install.passes(12).await;
    assert_eq!(install.open_tickets().len(), 1);
    let of = |install: &TestInstall, device: &str| {
        number(install, &format!("SELECT count(*) FROM ticket_log WHERE subject = '{device}' AND at < '2027-02-01'"))
    };
    let (left, stays) = (of(&install, &devices[0]), of(&install, &devices[1]));
    assert!(left > 0 && stays > 0);

    let refused = |sql: &str| {
        let error = install.sql.run(sql, &[]).expect_err("the trigger refuses").to_string();
        assert!(error.contains("only added to"), "{sql}: {error}");
    };
    refused("DELETE FROM ticket_log");
    refused("UPDATE ticket_log SET words = ''");
    install.clock.advance(360 * 86_400);
    install.passes(3).await;
    assert_eq!((of(&install, &devices[0]), of(&install, &devices[1])), (left, stays), "younger than a year");
    install.clock.advance(10 * 86_400);
    install.passes(3).await;
    assert_eq!((of(&install, &devices[0]), of(&install, &devices[1])), (0, stays), "the open ticket's rows stay");
    refused("DELETE FROM ticket_log");
    assert_eq!(number(&install, "SELECT count(*) FROM removal"), 0);

    // Even while rows are being removed a younger one is refused.
    install.sql.run("INSERT INTO removal (one, log_before) VALUES (1, '2026-11-10T12:00:00.000Z')", &[]).expect("a removal");
    refused("DELETE FROM ticket_log");
    install.sql.run("DELETE FROM removal", &[]).expect("ended");
}

#[tokio::test(flavor = "local")]
async fn what_was_read_through_a_deleted_connection_goes_after_its_days() {
    let install = TestInstall::ready(2).await;
    let id = install.connection("ESET").await;
    assert!(number(&install, &format!("SELECT count(*) FROM snapshots WHERE connection = '{id}'")) > 0);
    let (status, answer) = install.call("DELETE", &format!("/api/connections/{id}"), NOTHING).await;
    assert!(status.is_success(), "{answer}");
    install.settle().await;
    let view: RetentionView = install.get("/api/retention").await;
    let shown: Vec<_> = view.deleted_connections.iter().map(|one| (one.name.as_str(), one.goes_on.to_string())).collect();
    assert_eq!(shown, [("ESET", "2026-04-09".to_owned())]);

    let left = |install: &TestInstall| {
        let rows = format!("SELECT (SELECT count(*) FROM snapshots WHERE connection = '{id}')
            + (SELECT count(*) FROM known_mappings WHERE connection = '{id}') + (SELECT count(*) FROM track_records WHERE connection = '{id}')");
        let copies = install.texts.texts.borrow().keys().filter(|key| key.starts_with("snapshots/")).count();
        (number(install, &rows), copies)
    };
    install.clock.advance(29 * 86_400);
    install.passes(4).await;
    assert!(left(&install).0 > 0 && left(&install).1 > 0, "{:?}", left(&install));
    install.clock.advance(2 * 86_400);
    install.passes(4).await;
    assert_eq!(left(&install), (0, 0));
    let view: RetentionView = install.get("/api/retention").await;
    assert_eq!(view.deleted_connections, []);
    let told = removed(&install);
    assert!(told.iter().any(|words| words.contains("1 deleted connections")), "{told:?}");
    assert_eq!(texts(&install, &format!("SELECT address || identity FROM connections WHERE id = '{id}'")), [""]);
}

#[tokio::test(flavor = "local")]
async fn ages_are_set_by_an_administrator_within_limits_and_told_in_the_history() {
    let install = TestInstall::ready(1).await;
    let view: RetentionView = install.get("/api/retention").await;
    assert_eq!((view.set_by, view.ages.snapshot_days), (None, 400));
    assert!(view.stored.iter().any(|kind| kind.label == "snapshots" && kind.count == 1 && kind.oldest.is_some()), "{:?}", view.stored);
    assert_eq!(view.held_from.to_string(), "2026-03-01");

    let mut ages = serde_json::to_value(&view.ages).expect("JSON");
    ages["snapshot_days"] = json!(59);
    let (status, problem) = install.call("PUT", "/api/retention", Some(&ages)).await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("snapshot_days")), "{problem}");
    ages["snapshot_days"] = json!(60);
    for role in [Role::Technician, Role::Billing, Role::Viewer] {
        let other = install.person(&format!("{role:?}"), role).await;
        let (status, _) = install.call_by(&other, "PUT", "/api/retention", Some(&ages)).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{role:?}");
    }
    let (status, answer) = install.call("PUT", "/api/retention", Some(&ages)).await;
    assert_eq!((status, &answer["ages"]["snapshot_days"]), (StatusCode::OK, &json!(60)), "{answer}");
    let history: Value = install.get("/api/history?event=retention_changed").await;
    assert_eq!(history["total"], 1, "{history}");
}
