//! Any past day is shown as it was read, byte for byte, or not at all.

use axum::body::Body;
use domain::hash::sha256_hex;
use harness::TestInstall;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};

async fn document(install: &TestInstall, id: &str) -> (StatusCode, String) {
    let request = Request::get(format!("/api/snapshots/{id}")).header("authorization", format!("Bearer {}", install.token));
    let answer = install.send(request.body(Body::empty()).expect("a request")).await;
    let status = answer.status();
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8(bytes.to_vec()).expect("UTF-8"))
}

#[tokio::test(flavor = "current_thread")]
async fn a_past_day_is_shown_bit_for_bit_also_when_its_connection_is_gone() {
    let install = TestInstall::ready(3).await;
    let first = install.tenant.now().date_naive();
    let before: Value = install.get("/api/snapshots").await;
    assert_eq!(before["total"], 1);
    let snapshot = &before["items"][0];
    assert_eq!(snapshot["complete"], true);
    let (id, hash) = (snapshot["id"].as_str().expect("an id"), snapshot["hash"].as_str().expect("a hash"));
    let (status, day) = document(&install, id).await;
    assert_eq!((status, sha256_hex(day.as_bytes()).as_str()), (StatusCode::OK, hash));

    install.clock.advance(2 * 86_400);
    let world = install.simulator.world();
    for licence in world.licenses() {
        world.set_seats(&licence.public_license_key, licence.quantity + 3).expect("a licence");
    }
    install.sync().await;
    let after: Value = install.get("/api/snapshots").await;
    assert_eq!(after["total"], 2);
    assert_ne!(after["items"][0]["hash"], snapshot["hash"], "latest first");
    let of_day: Value = install.get(&format!("/api/snapshots?from={first}&to={first}")).await;
    assert_eq!((&of_day["total"], &of_day["items"][0]["id"]), (&json!(1), &snapshot["id"]));
    let page: Value = install.get("/api/snapshots?limit=1").await;
    let next: Value = install.get(&format!("/api/snapshots?limit=1&after={}", page["next"].as_str().expect("more"))).await;
    assert_eq!(next["items"][0]["id"], snapshot["id"]);

    let connection = install.connection("ESET").await;
    install.call("DELETE", &format!("/api/connections/{connection}"), None::<&Value>).await;
    install.settle().await;
    assert_eq!(document(&install, id).await, (StatusCode::OK, day));
    let kept: Value = install.get(&format!("/api/snapshots?connection={connection}")).await;
    assert_eq!(kept["total"], 2);
}

#[tokio::test(flavor = "current_thread")]
async fn a_snapshot_that_is_not_what_was_written_is_refused_in_words() {
    let install = TestInstall::ready(1).await;
    let list: Value = install.get("/api/snapshots").await;
    let id = list["items"][0]["id"].as_str().expect("an id");
    let key = install.texts.texts.borrow().keys().find(|key| key.starts_with("snapshots/")).expect("a snapshot").clone();
    let text = install.texts.texts.borrow()[&key].replace("\"ordered\":27", "\"ordered\":28");
    install.texts.texts.borrow_mut().insert(key, text);
    let (status, problem) = document(&install, id).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(problem.contains("snapshot_damaged") && problem.contains("not the ones that were written"), "{problem}");
    assert_eq!(document(&install, "nothing").await.0, StatusCode::NOT_FOUND);
}
