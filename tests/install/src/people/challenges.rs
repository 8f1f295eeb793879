//! Challenges: nothing is kept of one that is given out, and each is used once, for what and where it was given out.

use authenticator::Authenticator;
use domain::access::Role;
use harness::people::Visitor;
use harness::{HOST, TestInstall};
use http::StatusCode;
use serde_json::{Value, json};

const NOTHING: Option<&Value> = None;

/// A challenge to add a passkey by.
async fn to_add(install: &TestInstall, visitor: &Visitor) -> Value {
    let (status, wanted) = install.call_by(visitor, "POST", "/api/passkeys/challenge", NOTHING).await;
    assert_eq!(status, StatusCode::OK, "{wanted}");
    wanted
}

/// Adds a new passkey called `name`, made in answer to `wanted`.
async fn add(install: &TestInstall, visitor: &Visitor, name: &str, wanted: &Value) -> StatusCode {
    let made = Authenticator::new(&format!("http://{HOST}"), name).make(wanted, name);
    install.call_by(visitor, "POST", "/api/passkeys", Some(&made)).await.0
}

async fn sign_in_by(install: &TestInstall, assertion: &Value) -> StatusCode {
    install.call_with(&[], "POST", "/api/session", Some(assertion)).await.0
}

#[tokio::test(flavor = "current_thread")]
async fn a_passkey_that_counts_nothing_answers_a_challenge_once() {
    let mut install = TestInstall::empty(1).await;
    let mut everywhere = install.admin.clone();
    let assertion = everywhere.authenticator.show(&install.challenge().await);
    install.restart();
    assert_eq!(sign_in_by(&install, &assertion).await, StatusCode::OK, "nothing of it was kept that a restart could lose");
    for later in [0, 60, 200] {
        install.clock.advance(later);
        assert_eq!(sign_in_by(&install, &assertion).await, StatusCode::UNAUTHORIZED);
        install.restart();
    }
    let (status, _) = install.call_by(&everywhere, "POST", "/api/session/proof", Some(&assertion)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "nor for anything else");
    install.clock.advance(60 * 60);
    assert_eq!(sign_in_by(&install, &assertion).await, StatusCode::UNAUTHORIZED);
    let anew = everywhere.authenticator.show(&install.challenge().await);
    assert_eq!(sign_in_by(&install, &anew).await, StatusCode::OK);
}

#[tokio::test(flavor = "current_thread")]
async fn a_challenge_makes_one_passkey() {
    let install = TestInstall::empty(1).await;
    let admin = install.admin_anew().await;
    let wanted = to_add(&install, &admin).await;
    assert_eq!(add(&install, &admin, "laptop", &wanted).await, StatusCode::CREATED);
    assert_eq!(add(&install, &admin, "phone", &wanted).await, StatusCode::UNPROCESSABLE_ENTITY, "it made one already");
    assert_eq!(add(&install, &admin, "phone", &to_add(&install, &admin).await).await, StatusCode::CREATED);
}

#[tokio::test(flavor = "current_thread")]
async fn a_challenge_is_for_one_purpose_one_person_and_one_site() {
    let install = TestInstall::empty(1).await;
    let mut ben = install.person("Ben", Role::Viewer).await;
    let admin = install.admin_anew().await;
    let (to_show, to_make) = (install.challenge().await, to_add(&install, &admin).await);

    let mut crossed = to_make.clone();
    crossed["challenge"] = to_show["challenge"].clone();
    assert_eq!(add(&install, &admin, "laptop", &crossed).await, StatusCode::UNPROCESSABLE_ENTITY, "it was to show one");
    let mut crossed = to_show.clone();
    crossed["challenge"] = to_make["challenge"].clone();
    assert_eq!(sign_in_by(&install, &ben.authenticator.show(&crossed)).await, StatusCode::UNAUTHORIZED, "it was to make one");
    assert_eq!(add(&install, &ben, "laptop", &to_make).await, StatusCode::UNPROCESSABLE_ENTITY, "it was for Ada");
    assert_eq!(add(&install, &admin, "laptop", &to_make).await, StatusCode::CREATED, "a wrong answer has not used it up");

    let elsewhere = format!("http://other.{HOST}/api/session/challenge");
    let (status, mut theirs) = install.call_with(&[], "POST", &elsewhere, NOTHING).await;
    assert_eq!((status, &theirs["rpId"]), (StatusCode::OK, &json!(format!("other.{HOST}"))));
    theirs["rpId"] = to_show["rpId"].clone();
    assert_eq!(sign_in_by(&install, &ben.authenticator.show(&theirs)).await, StatusCode::UNAUTHORIZED, "it was for another site");
    let mut guessed = to_show.clone();
    guessed["challenge"] = json!("A".repeat(75));
    assert_eq!(sign_in_by(&install, &ben.authenticator.show(&guessed)).await, StatusCode::UNAUTHORIZED, "nobody gave it out");
    assert_eq!(sign_in_by(&install, &ben.authenticator.show(&to_show)).await, StatusCode::OK);
}
