//! A backup is taken and imported: the same preview line by line, nothing secret, nothing doubled, and nothing mixed.

use std::io::Read;

use axum::body::Body;
use contract::backup::{Backup, BackupImported, NightlyBackup, NightlyTarget};
use contract::look_only::LookOnlyView;
use contract::month::{LineState, LineView};
use harness::TestInstall;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use simulator::Options;
use store::ports::Sql;

const NOTHING: Option<&Value> = None;

async fn taken(install: &TestInstall) -> String {
    let request = Request::get("/api/backup").header("authorization", format!("Bearer {}", install.token));
    let answer = install.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers()["content-disposition"].to_str().expect("text").starts_with("attachment; filename=\"seatbridge-"));
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

async fn import(install: &TestInstall, backup: &str) -> (StatusCode, Value) {
    let request = Request::post("/api/backup/import").header("authorization", format!("Bearer {}", install.token));
    let request = request.header("content-type", "application/json").body(Body::from(backup.to_owned())).expect("a request");
    let answer = install.send(request).await;
    let status = answer.status();
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

/// An install in use: a written and an approved change, a held line, a closed month, a ticket rule with an open ticket.
async fn in_use() -> TestInstall {
    let now = Some("2026-11-29T20:00:00Z".parse().expect("a moment"));
    let install = TestInstall::still(Options { companies: 12, now, ..Options::default() }, 400).await;
    install.connect().await;
    install.sync().await;
    install.map_everything_sure().await;
    install.settle().await;
    install.close_month().await;
    install.pass_to("2026-12-01T09:00:00Z");
    let world = install.simulator.world();
    for licence in world.licenses() {
        world.set_seats(&licence.public_license_key, 77).expect("a licence");
    }
    install.sync().await;
    let lines = install.lines("to_approve").await;
    install.approve(&lines[..1]).await;
    install.settle().await;
    let held = &lines[1].line;
    let hold = json!({ "lines": [held.id], "reason": "ask first" });
    let (status, answer) = install.post("/api/lines/hold", &hold).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    install
}

/// The connections' credentials, entered again.
async fn enter_credentials(install: &TestInstall) {
    for (name, connection) in [("ESET", install.ema2()), ("ConnectWise", install.connectwise())] {
        let path = format!("/api/connections/{}", install.connection(name).await);
        let (status, answer) = install.call("PATCH", &path, Some(&json!({ "credentials": connection["credentials"] }))).await;
        assert_eq!((status, &answer["last_test"]["ok"]), (StatusCode::OK, &json!(true)), "{answer}");
    }
}

/// The month's lines, without what only says when they were planned.
async fn preview(install: &TestInstall) -> Vec<LineView> {
    install.lines("all").await
}

#[tokio::test(flavor = "local")]
async fn an_import_into_an_empty_install_gives_the_same_preview_line_by_line_and_doubles_nothing() {
    let mut install = in_use().await;
    let before = preview(&install).await;
    let mappings: Value = install.get("/api/companies?limit=500").await;
    let months: Value = install.get("/api/months").await;
    let november: Value = install.get("/api/months/2026-11?limit=500").await;
    let history: Value = install.get("/api/history?limit=500").await;
    let backup = taken(&install).await;
    let written = install.written().len();
    let approved = install.lines("to_approve").await;

    // What happens after the backup is what an import must not do again.
    install.approve(&approved).await;
    install.settle().await;
    assert!(install.written().len() > written);
    let written = install.written().len();

    install.replace().await;
    let (status, answer) = import(&install, &backup).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let imported: BackupImported = serde_json::from_value(answer).expect("what was imported");
    assert_eq!(imported.connections, ["ESET", "ConnectWise"]);
    assert_eq!(preview(&install).await, before);
    assert_eq!(install.get::<Value>("/api/companies?limit=500").await, mappings);
    assert_eq!(install.get::<Value>("/api/months").await, months);
    assert_eq!(install.get::<Value>("/api/months/2026-11?limit=500").await, november);
    let later: Value = install.get("/api/history?limit=500").await;
    let events =
        |history: &Value| history["items"].as_array().expect("rows").iter().rev().map(|row| row["event"].clone()).collect::<Vec<_>>();
    assert_eq!(events(&later)[..events(&history).len()], events(&history));
    assert!(later.to_string().contains("backup_imported"));

    // Nothing is written before a person has looked, whatever is approved.
    enter_credentials(&install).await;
    install.approve(&install.lines("to_approve").await).await;
    install.passes(5).await;
    assert_eq!(install.written().len(), written);
    let view: LookOnlyView = install.get("/api/look-only").await;
    assert!(view.mode.as_ref().expect("look-only mode").reread.expect("counted").is_complete(), "{view:?}");
    let (status, answer) = install.post("/api/look-only/leave", &json!({ "seen": view.seen })).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    install.passes(5).await;
    assert_eq!(install.written().len(), written, "what was written before is found, and not written again");
    assert!(install.open_intents().is_empty(), "{:?}", install.open_intents());
    let lines = install.lines("all").await;
    assert!(lines.iter().all(|line| line.state != LineState::Parked && line.state != LineState::Failed));
}

#[tokio::test(flavor = "current_thread")]
async fn a_backup_holds_no_secret_and_every_table_of_its_form() {
    let install = in_use().await;
    let text = taken(&install).await;
    let backup: Backup = serde_json::from_str(&text).expect("the documented form");
    let rows: usize = backup.tables.values().map(|table| table.rows.len()).sum();
    assert_eq!(backup.rows, rows as u64);
    assert!(
        backup
            .tables
            .values()
            .flat_map(|table| table.rows.iter().map(move |row| (table, row)))
            .all(|(table, row)| row.len() == table.columns.len())
    );
    let keys = install.simulator.credentials();
    for secret in [&keys.ema2.password, &keys.connectwise.private_key, &keys.connectwise.public_key, &install.token] {
        assert!(!text.contains(secret.as_str()));
    }
    for name in ["access", "passkeys", "share_links", "sealed"] {
        assert!(!text.contains(&format!("\"{name}\"")), "{name}");
    }
    let history: Value = install.get("/api/history?event=backup_taken").await;
    assert_eq!(history["total"], 1);
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_no_backup_or_cut_off_or_newer_changes_nothing() {
    let mut install = in_use().await;
    let backup = taken(&install).await;
    install.replace().await;
    let ledger = |install: &TestInstall| install.sql.run("SELECT event, subject FROM audit ORDER BY number", &[]).expect("rows");
    let before = ledger(&install);
    let schema = serde_json::from_str::<Value>(&backup).expect("JSON")["schema"].clone();
    let end = backup.rfind(",\n\"rows\":").expect("its end");
    let table = [
        ("{}".to_owned(), "no backup"),
        ("null".to_owned(), "nothing"),
        (backup[..backup.len() / 2].to_owned(), "cut off"),
        (format!("{}}}", &backup[..end]), "without its end"),
        (backup.replacen(&format!("\"schema\":{schema}"), "\"schema\":999", 1), "of a newer release"),
        (backup.replacen("\"version\":1", "\"version\":2", 1), "of a newer form"),
        (backup.replacen("\"lines\":{", "\"lines; DROP TABLE lines\":{", 1), "an unknown table"),
        (backup.replacen("\"columns\":[\"key\"", "\"columns\":[\"key) VALUES (1); --\"", 1), "an unknown column"),
        (backup.replacen("\"name\",\"address\"", "\"name\",\"sealed\"", 1), "a column that no backup has"),
        (backup.replacen("\"seatbridge-backup\"", "\"else\"", 1), "of something else"),
        (backup.replacen("{\"format\"", "{\"else\":1,\"format\"", 1), "with a field nobody knows"),
        (backup.replacen("\"columns\"", "\"else\":1,\"columns\"", 1), "with a field nobody knows in a table"),
    ];
    for (text, what) in table {
        assert_ne!(text, backup, "{what}");
        let (status, answer) = import(&install, &text).await;
        assert_eq!((status, &answer["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("no_backup")), "{what}: {answer}");
        assert_eq!(ledger(&install), before, "{what}");
    }
    let (status, _) = import(&install, &backup).await;
    assert_eq!(status, StatusCode::OK, "and the whole one is taken");
    let (status, answer) = import(&install, &backup).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("not_empty")), "{answer}");
}

#[tokio::test(flavor = "local")]
async fn each_night_one_backup_goes_into_the_bucket_and_one_that_does_not_arrive_is_tried_again_and_told() {
    let mut install = in_use().await;
    let files = install.bind_bucket();
    let nightly = async |install: &TestInstall| install.get::<NightlyBackup>("/api/backup/nightly").await;
    assert_eq!(nightly(&install).await.target, Some(NightlyTarget::Bucket));
    install.passes(3).await;
    assert_eq!(files.files.borrow().len(), 1, "one, however often the alarm fires");
    files.refuses.set(true);
    install.passes(6 * 25).await;
    let told = nightly(&install).await;
    assert!(told.failure.as_deref().is_some_and(|words| words.contains("the bucket is full")), "{told:?}");
    let history: Value = install.get("/api/history?event=backup_failed").await;
    assert_eq!(history["total"], 1, "told once, not every hour");
    files.refuses.set(false);
    install.passes(8).await;
    assert_eq!(nightly(&install).await.failure, None);
    assert_eq!(files.files.borrow().len(), 2);

    let (name, packed) = files.files.borrow().last().cloned().expect("a file");
    assert!(name.starts_with("seatbridge-2026-12-0") && name.ends_with(".json.gz"), "{name}");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).expect("packed text");
    install.replace().await;
    assert_eq!(import(&install, &text).await.0, StatusCode::OK, "it is a backup like any other");
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_whose_credentials_a_backup_does_not_have_says_so() {
    let mut install = in_use().await;
    let backup = taken(&install).await;
    install.replace().await;
    assert_eq!(import(&install, &backup).await.0, StatusCode::OK);
    let path = format!("/api/connections/{}/test", install.connection("ESET").await);
    let (status, problem) = install.call("POST", &path, NOTHING).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("credentials_unreadable")));
    assert!(problem["remedy"].as_str().is_some_and(|remedy| remedy.contains("A backup has none")), "{problem}");
}
