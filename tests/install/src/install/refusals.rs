//! What is refused is written into the log: who, what, from where and why, and nothing that was shown.

use domain::access::Role;
use harness::{TestInstall, log};
use serde_json::{Value, json};

const NOTHING: Option<&Value> = None;

fn refusals() -> Vec<String> {
    log::lines().into_iter().filter_map(|line| line.strip_prefix("WARN refused: ").map(str::to_owned)).collect()
}

#[tokio::test(flavor = "current_thread")]
async fn every_refusal_leaves_one_line_that_says_who_what_and_why() {
    let install = TestInstall::empty(1).await;
    let viewer = install.person("Vera \"V\"", Role::Viewer).await;
    let token = install.token_for(&install.admin_anew().await, Role::Billing).await;
    log::clear();
    let from = ("cf-connecting-ip", "203.0.113.9");
    install.call_with(&[("authorization", "Bearer sbt_guessed"), from], "GET", "/api/overview", NOTHING).await;
    install.call_with(&[("cookie", &viewer.cookie), from], "POST", "/api/passes", Some(&json!({ "kind": "sync" }))).await;
    install.call_with(&[("authorization", &format!("Bearer {token}")), from], "DELETE", "/api/people/abc", NOTHING).await;
    install.call_with(&[("cookie", &viewer.cookie), ("sec-fetch-site", "cross-site"), from], "DELETE", "/api/session", NOTHING).await;
    let assertion = json!({ "id": "x", "clientDataJSON": "x", "authenticatorData": "x", "signature": "canary" });
    install.call_with(&[from], "POST", "/api/session", Some(&assertion)).await;
    assert_eq!(
        refusals(),
        [
            r#"code=not_signed_in status=401 method=GET route=/api/overview who="nobody" from="203.0.113.9""#,
            r#"code=not_allowed status=403 method=POST route=/api/passes who="Vera \"V\"" from="203.0.113.9""#,
            r#"code=not_allowed status=403 method=DELETE route=/api/people/{id} who="tests 2" from="203.0.113.9""#,
            r#"code=cross_site status=403 method=DELETE route=/api/session who="Vera \"V\"" from="203.0.113.9""#,
            r#"code=passkey_not_accepted status=401 method=POST route=/api/session who="nobody" from="203.0.113.9""#,
        ]
    );
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_let_through_or_fails_otherwise_is_no_refusal() {
    let install = TestInstall::empty(1).await;
    log::clear();
    install.get::<Value>("/api/overview").await;
    install.call("GET", "/api/lines/nobodys", NOTHING).await;
    install.post("/api/passes", &json!({ "kind": "nothing" })).await;
    assert_eq!(refusals(), Vec::<String>::new());
}

#[tokio::test(flavor = "current_thread")]
async fn who_calls_too_often_is_written_down_and_so_is_who_stands_before_the_cloudflare_access() {
    let mut install = TestInstall::empty(1).await;
    log::clear();
    let from = ("cf-connecting-ip", "203.0.113.10");
    for _ in 0..61 {
        install.call_with(&[from], "POST", "/api/session/challenge", NOTHING).await;
    }
    assert_eq!(refusals(), [r#"code=too_often status=429 method=POST route=/api/session/challenge who="nobody" from="203.0.113.10""#]);
    install.behind_access();
    log::clear();
    install.call_with(&[from, ("cf-access-jwt-assertion", "canary")], "GET", "/api/overview", NOTHING).await;
    install.call_with(&[from], "GET", "/api/nothing?token=canary", NOTHING).await;
    assert_eq!(
        refusals(),
        [
            r#"code=access_refused status=403 method=GET route=/api/overview who="nobody" from="203.0.113.10""#,
            r#"code=access_refused status=403 method=GET route=none who="nobody" from="203.0.113.10""#,
        ]
    );
}
