//! What strangers make the install keep: nothing, however often they call. Who has a share link adds one row of the history an hour.

use std::collections::BTreeMap;

use authenticator::Authenticator;
use contract::ROUTES;
use contract::routes::Method;
use domain::access::Role;
use harness::people::Visitor;
use harness::provider::Provider;
use harness::{SETUP_TOKEN, TestInstall};
use http::StatusCode;
use serde_json::{Value, json};
use store::ports::{Sql, SqlValue};

use crate::visits::{NOTHING, company, make, open_with, see, token, visit, wanted};

/// How many rows each table has.
fn rows(install: &TestInstall) -> BTreeMap<String, i64> {
    let tables = install.sql.run("SELECT name FROM sqlite_master WHERE type = 'table'", &[]).expect("tables");
    let names = tables.into_iter().filter_map(|mut row| match row.pop() {
        Some(SqlValue::Text(name)) => Some(name),
        _ => None,
    });
    let count = |name: &str| match install.sql.run(&format!("SELECT count(*) FROM {name}"), &[]).expect("a number")[0][0] {
        SqlValue::Integer(count) => count,
        ref other => panic!("{name}: {other:?}"),
    };
    names.map(|name| (name.clone(), count(&name))).collect()
}

/// Everything that is open to somebody who is not signed in, done wrong.
async fn everything_wrong(install: &TestInstall, provider: &Provider, links: [&Value; 2], invitation: &Value) {
    let mut stranger = Visitor::everywhere("stranger");
    assert_eq!(install.sign_in(&mut stranger).await.0, StatusCode::UNAUTHORIZED, "a passkey nobody keeps");
    let mut lured = install.admin.clone();
    lured.authenticator.origin = "http://evil.example".to_owned();
    assert_eq!(install.sign_in(&mut lured).await.0, StatusCode::UNAUTHORIZED, "one shown to another site");
    for known in [token(invitation), SETUP_TOKEN, "sbl_guess"] {
        let (status, opened) = install.call_with(&[], "POST", "/api/invitations/open", Some(&json!({ "token": known }))).await;
        let mut passkey = Authenticator::new("http://evil.example", "stranger").make(&opened["passkey"], "laptop");
        passkey["clientDataJSON"] = json!("e30");
        let accepted = json!({ "token": known, "name": "Eve", "passkey": passkey });
        let (refused, _) = install.call_with(&[], "POST", "/api/invitations/accept", Some(&accepted)).await;
        assert!(refused.is_client_error() && (status.is_success() == (known == token(invitation))), "{known}: {status} {refused}");
    }
    for answer in [json!({ "code": "guessed" }), json!({ "error": "access_denied" }), json!({})] {
        let (page, cookie) = install.begin_openid(&Visitor::new("stranger"), false).await;
        let mut finish = answer.clone();
        finish["state"] = provider.let_in(&page, &json!({ "sub": "eve" }))["state"].clone();
        assert!(install.finish_openid(&mut Visitor::new("stranger"), &cookie, &finish).await.0.is_client_error(), "{answer}");
        assert!(install.finish_openid(&mut Visitor::new("stranger"), "other=1", &finish).await.0.is_client_error(), "{answer}");
    }
    let [with_code, without] = links;
    for body in [
        json!({ "token": "sbv_never-given-out" }),
        json!({ "token": token(with_code) }),
        json!({ "token": token(with_code), "code": "wrong-one" }),
        json!({ "token": format!("{}x", token(without)) }),
    ] {
        assert!(open_with(install, &body).await.0.is_client_error(), "{body}");
    }
    for cookie in ["seatbridge-share=sbw_guessed", "seatbridge=sbs_guessed", "seatbridge-openid=guessed"] {
        assert_eq!(see(install, cookie, "/api/share/company").await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(see(install, cookie, "/api/overview").await.0, StatusCode::UNAUTHORIZED);
    }
    for route in ROUTES.iter().filter(|route| route.method != Method::Delete || !Role::Anonymous.may(route.action)) {
        let method = match route.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        };
        install.call_with(&[], method, &route.path.replace("{id}", "nobodys"), Some(&json!({}))).await;
    }
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_a_stranger_does_adds_a_row_and_a_link_opened_by_somebody_adds_one_an_hour() {
    let mut install = TestInstall::ready(1).await;
    let provider = install.with_provider();
    let mut body = wanted(&company(&install, 0).await);
    let without = make(&install, &body).await;
    body["code"] = json!("blue-42");
    let with_code = make(&install, &body).await;
    let admin = install.admin_anew().await;
    let (status, invitation) = install.call_by(&admin, "POST", "/api/people", Some(&json!({ "name": "Ben", "role": "viewer" }))).await;
    assert_eq!(status, StatusCode::CREATED, "{invitation}");

    let before = rows(&install);
    for _ in 0..5 {
        everything_wrong(&install, &provider, [&with_code, &without], &invitation).await;
    }
    assert_eq!(rows(&install), before);

    for _ in 0..30 {
        let cookie = visit(&install, &without).await;
        for path in ["/api/share/company", "/api/share/statement"] {
            assert_eq!(see(&install, &cookie, path).await.0, StatusCode::OK);
        }
    }
    let mut opened = before.clone();
    *opened.get_mut("audit").expect("the history") += 1;
    *opened.get_mut("share_extracts").expect("extracts") += 1;
    assert_eq!(rows(&install), opened, "of thirty visits");
    assert_eq!(install.call("GET", "/api/overview", NOTHING).await.0, StatusCode::OK);
}
