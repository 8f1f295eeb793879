//! Making share links and opening them.
#![allow(dead_code, reason = "each test binary uses its part")]

use contract::share::{SharedCompany, SharedStatement};
use contract::{Page, companies::CompanyView};
use harness::TestInstall;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

pub(crate) const NOTHING: Option<&Value> = None;
pub(crate) const DAY: i64 = 24 * 3600;

/// A company and what is made of it.
pub(crate) async fn company(install: &TestInstall, at: usize) -> CompanyView {
    let page: Page<CompanyView> = install.get("/api/companies?state=mapped").await;
    page.items.into_iter().filter(|company| company.ordered > 0).nth(at).expect("a company")
}

/// What makes a link to it, and no more.
pub(crate) fn wanted(company: &CompanyView) -> Value {
    json!({ "connection": company.connection, "company": company.company })
}

/// Makes a link.
pub(crate) async fn make(install: &TestInstall, wanted: &Value) -> Value {
    let (status, made) = install.post("/api/share-links", wanted).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made
}

/// The token of a link that was made.
pub(crate) fn token(made: &Value) -> &str {
    made["token"].as_str().expect("a token")
}

/// Opens a link, whatever is answered.
pub(crate) async fn open_with(install: &TestInstall, body: &Value) -> (StatusCode, HeaderMap, Value) {
    install.answer_with(&[], "POST", "/api/share/open", Some(body)).await
}

/// Opens a link that works. Answers the cookie as a browser sends it.
pub(crate) async fn visit(install: &TestInstall, made: &Value) -> String {
    let (status, headers, answer) = open_with(install, &json!({ "token": token(made) })).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    let set = headers["set-cookie"].to_str().expect("text");
    set.split(';').next().expect("a cookie").to_owned()
}

/// Asks as a visitor, whatever is answered.
pub(crate) async fn see(install: &TestInstall, cookie: &str, path: &str) -> (StatusCode, Value) {
    install.call_with(&[("cookie", cookie)], "GET", path, NOTHING).await
}

/// The company a visitor sees.
pub(crate) async fn shown(install: &TestInstall, cookie: &str) -> SharedCompany {
    let (status, answer) = see(install, cookie, "/api/share/company").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    serde_json::from_value(answer).expect("a company")
}

/// A month a visitor sees.
pub(crate) async fn statement(install: &TestInstall, cookie: &str, query: &str) -> SharedStatement {
    let (status, answer) = see(install, cookie, &format!("/api/share/statement{query}")).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    serde_json::from_value(answer).expect("a statement")
}
