//! Two installs that bill one customer: the second one sees the first one's mark, writes nothing, and says so.

use domain::drift::{DriftKind, Repair};
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};

use crate::rules::{addition, made_and_ended, missing_in, the_line};

#[tokio::test(flavor = "local")]
async fn an_addition_that_another_install_made_pauses_its_line_until_a_person_says_whose_it_is() {
    let mut install = missing_in(TestInstall::with_tickets(1).await).await;
    install.approve(&[the_line(&install).await]).await;
    install.passes(3).await;
    let made = addition(&install);
    assert_eq!(made_and_ended(&install), (1, 0));

    // Another install takes the first one's place, and knows nothing of it.
    install.replace().await;
    install.connect().await;
    install.sync().await;
    install.map_everything_sure().await;
    install.settle().await;
    let world = install.simulator.world();
    for licence in world.licenses() {
        world.set_seats(&licence.public_license_key, 41).expect("a licence");
    }
    install.sync().await;
    let drift: Value = install.get("/api/drift?state=open").await;
    let events: Vec<&Value> = drift["items"].as_array().expect("events").iter().collect();
    assert_eq!(events.len(), 1, "{drift}");
    assert_eq!(events[0]["drift"]["kind"], serde_json::to_value(DriftKind::AdditionOfAnother).expect("a word"));
    assert_eq!(events[0]["drift"]["place"]["addition"], made.id);
    let line = the_line(&install).await;
    assert!(line.line.guards.iter().any(|guard| guard.code() == "drift"), "{:?}", line.line.guards);
    install.approve(std::slice::from_ref(&line)).await;
    install.passes(3).await;
    assert_eq!(addition(&install).quantity, made.quantity, "nothing is written");

    let path = format!("/api/drift/{}/resolve", events[0]["drift"]["id"].as_str().expect("an id"));
    let (status, answer) = install.post(&path, &json!({ "repair": Repair::KeepTheirNumber })).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    install.passes(2).await;
    let drift: Value = install.get("/api/drift?state=open").await;
    assert_eq!(drift["total"], 0, "{drift}");
    let line = the_line(&install).await;
    assert!(line.line.guards.iter().all(|guard| guard.code() != "drift"), "{:?}", line.line.guards);
}
