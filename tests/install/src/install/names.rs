//! Names in the history: each of them is one person, one API token, or Seatbridge itself.

use authenticator::Authenticator;
use domain::access::Role;
use harness::{ADMIN, HOST, TestInstall};
use http::StatusCode;
use serde_json::{Value, json};

const NOTHING: Option<&Value> = None;

async fn refusal(install: &TestInstall, path: &str, name: &str) -> (StatusCode, Value) {
    let (status, answer) = install.call_by(&install.admin, "POST", path, Some(&json!({ "name": name, "role": "viewer" }))).await;
    (status, answer["code"].clone())
}

#[tokio::test(flavor = "current_thread")]
async fn nobody_is_called_like_somebody_else_a_token_or_what_acts_by_itself() {
    let mut install = TestInstall::empty(1).await;
    install.with_provider();
    install.admin = install.admin_anew().await;
    install.person("Ben", Role::Viewer).await;
    install.admin = install.admin_anew().await;
    let taken = (StatusCode::CONFLICT, json!("name_taken"));
    for name in [ADMIN, "Ben", "tests", "TESTS", "automatic", "Automatic", "schedule", "visitor", "nobody", "the set-up secret", "House"] {
        assert_eq!(refusal(&install, "/api/people", name).await, taken, "a person called {name}");
        assert_eq!(refusal(&install, "/api/tokens", name).await, taken, "a token called {name}");
    }
    for path in ["/api/people", "/api/tokens"] {
        for name in ["", "a\nb", "a\u{7f}", &"x".repeat(61)] {
            assert_eq!(refusal(&install, path, name).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{path} {name:?}");
        }
    }
    let people: Vec<Value> = install.get("/api/people").await;
    let ben = people.iter().find(|person| person["name"] == "Ben").expect("Ben")["id"].as_str().expect("an id");
    let path = format!("/api/people/{ben}");
    let (status, answer) = install.call_by(&install.admin, "PATCH", &path, Some(&json!({ "name": "Automatic" }))).await;
    assert_eq!((status, answer["code"].clone()), taken);
    assert_eq!(install.call_by(&install.admin, "PATCH", &path, Some(&json!({ "name": "Ben", "role": "billing" }))).await.0, StatusCode::OK);
}

#[tokio::test(flavor = "current_thread")]
async fn one_person_has_twenty_passkeys_at_most() {
    let install = TestInstall::empty(1).await;
    let ben = install.person("Ben", Role::Viewer).await;
    for number in 2..=21 {
        let (_, wanted) = install.call_by(&ben, "POST", "/api/passkeys/challenge", NOTHING).await;
        let made = Authenticator::new(&format!("http://{HOST}"), &format!("key {number}")).make(&wanted, &format!("Key {number}"));
        let (status, answer) = install.call_by(&ben, "POST", "/api/passkeys", Some(&made)).await;
        let expected = if number <= 20 { StatusCode::CREATED } else { StatusCode::UNPROCESSABLE_ENTITY };
        assert_eq!(status, expected, "{number}: {answer}");
    }
}
