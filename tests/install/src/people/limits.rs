//! What holds whoever came in: the passkey shown anew for what could do harm, and an end for every API token.

use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};

use crate::visits::{NOTHING, company, make, token, wanted};

#[tokio::test(flavor = "current_thread")]
async fn limits_closing_a_month_and_share_links_want_the_passkey_shown_again() {
    let install = TestInstall::ready(1).await;
    let mut admin = install.admin_anew().await;
    let policy: Value = install.get::<Value>("/api/policy").await["policy"].clone();
    let link = wanted(&company(&install, 0).await);
    let made = make(&install, &link).await;
    let revoke = format!("/api/share-links/{}", made["id"].as_str().expect("an id"));
    let calls = [
        ("PUT", "/api/policy", Some(policy)),
        ("POST", "/api/months/2020-01/close", Some(json!({}))),
        ("POST", "/api/share-links", Some(link)),
        ("DELETE", revoke.as_str(), None),
    ];
    install.clock.advance(11 * 60);
    for (method, path, body) in &calls {
        let (status, answer) = install.call_by(&admin, method, path, body.as_ref()).await;
        assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("proof_wanted")), "{method} {path}");
    }
    assert_eq!(install.call_by(&admin, "GET", "/api/share-links", NOTHING).await.0, StatusCode::OK, "looking does not");
    assert_eq!(install.prove(&mut admin).await.0, StatusCode::NO_CONTENT);
    for (method, path, body) in &calls {
        let (_, answer) = install.call_by(&admin, method, path, body.as_ref()).await;
        assert_ne!(answer["code"], "proof_wanted", "{method} {path}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_token_ends_after_a_year_unless_it_is_from_before_all_had_an_end() {
    let install = TestInstall::empty(1).await;
    let mut made = Vec::new();
    for name in ["of now", "of before"] {
        made.push(install.call_by(&install.admin, "POST", "/api/tokens", Some(&json!({ "name": name, "role": "viewer" }))).await.1);
    }
    install.sql_text("UPDATE access SET expires_at = NULL WHERE name = 'of before'");
    let tokens: Vec<Value> = install.call_by(&install.admin, "GET", "/api/tokens", NOTHING).await.1.as_array().expect("tokens").clone();
    let end = |name: &str| tokens.iter().find(|token| token["name"] == name).expect("the token")["expires_at"].clone();
    let ends: domain::Timestamp = end("of now").as_str().expect("an end").parse().expect("a moment");
    assert_eq!((ends - install.tenant.now()).num_days(), 364, "a year, less what has passed since");
    assert_eq!(end("of before"), Value::Null);
    install.clock.advance(365 * 24 * 3600 - 60);
    let open = async |made: &Value| install.call_as(token(made), "GET", "/api/overview", NOTHING).await.0;
    assert_eq!((open(&made[0]).await, open(&made[1]).await), (StatusCode::OK, StatusCode::OK));
    install.clock.advance(60);
    assert_eq!((open(&made[0]).await, open(&made[1]).await), (StatusCode::UNAUTHORIZED, StatusCode::OK));
}
