//! The master key is changed, and no credential has to be entered again.

use harness::{MASTER_KEY, TestInstall};
use http::StatusCode;
use serde_json::{Value, json};
use store::ports::{Sql, SqlValue};

const NEW: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
const OTHER: &str = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=";
const NOTHING: Option<&Value> = None;

async fn rotate(install: &TestInstall) -> Value {
    let (status, view) = install.call("POST", "/api/vault/rotate", NOTHING).await;
    assert_eq!(status, StatusCode::OK, "{view}");
    view
}

/// Whether the stored credentials of a connection still work.
async fn works(install: &TestInstall, name: &str) -> bool {
    let path = format!("/api/connections/{}/test", install.connection(name).await);
    let (status, report) = install.call("POST", &path, NOTHING).await;
    status == StatusCode::OK && report["ok"] == true
}

fn numbers(view: &Value) -> (u64, u64, usize) {
    let number = |name: &str| view[name].as_u64().expect("a number");
    (number("present"), number("waiting"), view["unreadable"].as_array().expect("names").len())
}

#[tokio::test(flavor = "current_thread")]
async fn what_the_old_key_sealed_works_on_and_after_a_rotation_with_the_new_key_alone() {
    let mut install = TestInstall::empty(1).await;
    install.connect().await;
    let before: Value = install.get("/api/vault").await;
    assert_eq!((numbers(&before), &before["previous"]), ((2, 0, 0), &Value::Null));

    install.change_master_key(MASTER_KEY, Some(MASTER_KEY));
    let same: Value = install.get("/api/vault").await;
    assert_eq!(same["previous"], same["key"], "the key that was kept is the right one");

    install.change_master_key(NEW, Some(MASTER_KEY));
    assert!(works(&install, "ESET").await && works(&install, "ConnectWise").await, "before anything is sealed anew");
    let waiting: Value = install.get("/api/vault").await;
    assert_eq!((numbers(&waiting), &waiting["previous"]), ((0, 2, 0), &before["key"]));
    assert_eq!(numbers(&rotate(&install).await), (2, 0, 0));
    assert_eq!(numbers(&rotate(&install).await), (2, 0, 0), "a second time does nothing");
    let history: Value = install.get("/api/history?event=vault_rotated").await;
    assert!(history["items"][1]["detail"].as_str().is_some_and(|words| words.starts_with("2 sealed anew")), "{history}");

    install.change_master_key(NEW, None);
    assert!(works(&install, "ESET").await && works(&install, "ConnectWise").await);
    install.sync().await;

    install.change_master_key(MASTER_KEY, None);
    assert!(!works(&install, "ESET").await, "the old key opens nothing any more");
}

#[tokio::test(flavor = "current_thread")]
async fn a_rotation_that_ended_half_way_goes_on() {
    let mut install = TestInstall::empty(1).await;
    install.connect().await;
    install.change_master_key(NEW, Some(MASTER_KEY));
    let connections = install.tenant.ledger.connections().all().expect("connections");
    rotate(&install).await;
    // As if the run had ended before the second one was stored.
    install.tenant.ledger.connections().reseal(&connections[1].id, &connections[1].sealed).expect("stored");
    let half: Value = install.get("/api/vault").await;
    assert_eq!(numbers(&half), (1, 1, 0));
    assert!(works(&install, "ESET").await && works(&install, "ConnectWise").await);
    assert_eq!(numbers(&rotate(&install).await), (2, 0, 0));
    install.change_master_key(NEW, None);
    assert!(works(&install, "ESET").await && works(&install, "ConnectWise").await);
}

#[tokio::test(flavor = "current_thread")]
async fn a_wrong_key_spoils_nothing_and_names_what_it_cannot_open() {
    let mut install = TestInstall::empty(1).await;
    install.connect().await;
    let sealed = || install.sql.run("SELECT id, sealed FROM connections ORDER BY id", &[]).expect("rows");
    let before = sealed();
    install.change_master_key(NEW, Some(OTHER));
    let view = rotate(&install).await;
    assert_eq!(view["unreadable"], json!(["ESET", "ConnectWise"]));
    let sealed = || install.sql.run("SELECT id, sealed FROM connections ORDER BY id", &[]).expect("rows");
    assert_eq!(sealed(), before, "what does not open stays as it is");
    assert!(matches!(before[0][1], SqlValue::Text(_)));
    install.change_master_key(NEW, Some(MASTER_KEY));
    assert_eq!(numbers(&rotate(&install).await), (2, 0, 0), "and the right key still opens it");
}
