//! The gate and the shape of answers, over every route there is. What must hold for each answer of the whole suite (headers,
//! no credential in it) is asserted where all of them pass: `House::send`.

use axum::body::Body;
use house::{House, SETUP_TOKEN};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use shared::access::{Action, Role};
use shared::api::routes::Method;
use shared::api::{DESCRIPTION, ROUTES, Route};

fn method(route: &Route) -> &'static str {
    match route.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

fn path(route: &Route) -> String {
    route.path.replace("{id}", "nobodys")
}

const NOTHING: Option<&Value> = None;

#[tokio::test(flavor = "current_thread")]
async fn a_stranger_gets_401_from_every_route_but_the_open_ones() {
    let house = House::empty(1).await;
    for token in ["", "sbt_never-given-out", "sbl_a-link-is-no-token"] {
        for route in ROUTES {
            let (status, answer) = house.call_as(token, method(route), &path(route), NOTHING).await;
            let open = matches!(route.action, Action::SeeStatus | Action::SignIn);
            let named = format!("{} {} with {token:?}: {status} {answer}", method(route), route.path);
            assert_eq!(status == StatusCode::UNAUTHORIZED, !open, "{named}");
            if !open {
                assert_eq!(answer["code"], "not_signed_in", "{named}");
            }
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn the_setup_secret_gets_403_from_everything_but_its_few_actions() {
    let house = House::empty(1).await;
    for route in ROUTES {
        let (status, answer) = house.call_as(SETUP_TOKEN, method(route), &path(route), NOTHING).await;
        let named = format!("{} {}: {status} {answer}", method(route), route.path);
        assert_eq!(status == StatusCode::FORBIDDEN, !Role::Setup.may(route.action), "{named}");
    }
    let may: Vec<&str> = ROUTES.iter().filter(|route| Role::Setup.may(route.action)).map(|route| route.summary).collect();
    assert_eq!(may.len(), 5, "health, the description, signing in, a link, a token: {may:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn every_route_of_the_table_but_the_file_is_answered_by_the_router() {
    let house = House::empty(1).await;
    for route in ROUTES.iter().filter(|route| route.path != DESCRIPTION) {
        let (status, answer) = house.call(method(route), &path(route), NOTHING).await;
        let named = format!("{} {}: {status} {answer}", method(route), route.path);
        assert!(status != StatusCode::METHOD_NOT_ALLOWED && answer["code"] != "no_such_route" && !status.is_server_error(), "{named}");
        if !status.is_success() {
            for member in ["type", "code", "title", "detail", "remedy"] {
                assert!(answer[member].as_str().is_some_and(|text| !text.is_empty()), "{member} of {named}");
            }
            assert_eq!(answer["status"], status.as_u16(), "{named}");
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn an_unknown_path_is_a_404_problem_and_a_wrong_method_a_405() {
    let house = House::empty(1).await;
    for path in ["/api/nothing", "/api", "/api/health/", "/nudge", "/"] {
        let (status, answer) = house.call("GET", path, NOTHING).await;
        assert_eq!((status, &answer["code"]), (StatusCode::NOT_FOUND, &json!("no_such_route")), "{path}");
    }
    for route in ROUTES {
        for wrong in ["PUT", "DELETE", "OPTIONS", "TRACE"] {
            let known = ROUTES.iter().any(|other| other.path == route.path && method(other) == wrong);
            if !known {
                let (status, _) = house.call(wrong, &path(route), NOTHING).await;
                // Another route of the table may have this path with its {id} filled in.
                assert!(matches!(status.as_u16(), 404 | 405), "{wrong} {}: {status}", route.path);
            }
        }
    }
    let (status, answer) = house.call("DELETE", "/api/overview", NOTHING).await;
    assert_eq!((status, &answer["code"]), (StatusCode::METHOD_NOT_ALLOWED, &json!("method_not_allowed")));
}

#[tokio::test(flavor = "current_thread")]
async fn a_revoked_token_opens_nothing_any_more() {
    let house = House::empty(1).await;
    let (_, made) = house.post("/api/tokens", &json!({ "name": "to be revoked" })).await;
    let token = made["token"].as_str().expect("a token");
    assert_eq!(house.call_as(token, "GET", "/api/overview", NOTHING).await.0, StatusCode::OK);
    let path = format!("/api/tokens/{}", made["id"].as_str().expect("an id"));
    assert_eq!(house.call("DELETE", &path, NOTHING).await.0, StatusCode::NO_CONTENT);
    assert_eq!(house.call_as(token, "GET", "/api/overview", NOTHING).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(house.call("DELETE", &path, NOTHING).await.0, StatusCode::NOT_FOUND, "it is gone");
}

/// Signs in by a new link; the cookie.
async fn signed_in(house: &House) -> (String, String) {
    let (status, link) = house.call_as(SETUP_TOKEN, "POST", "/api/sign-in-links", NOTHING).await;
    assert_eq!(status, StatusCode::CREATED);
    let token = link["token"].as_str().expect("a link").to_owned();
    let answer = sign_in(house, &token).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let set = answer.headers()["set-cookie"].to_str().expect("text").to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    (set.split(';').next().expect("a pair").to_owned(), token)
}

async fn sign_in(house: &House, token: &str) -> http::Response<Body> {
    let request = Request::post("/api/session").header("content-type", "application/json");
    house.send(request.body(Body::from(json!({ "token": token }).to_string())).expect("a request")).await
}

async fn by_cookie(house: &House, cookie: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> StatusCode {
    let mut request = Request::builder().method(method).uri(path).header("cookie", format!("other=1; {cookie}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    house.send(request.body(Body::empty()).expect("a request")).await.status()
}

#[tokio::test(flavor = "current_thread")]
async fn a_one_time_link_works_once_and_only_once() {
    let house = House::empty(1).await;
    let (cookie, token) = signed_in(&house).await;
    assert_eq!(by_cookie(&house, &cookie, "GET", "/api/overview", &[]).await, StatusCode::OK);
    assert_eq!(sign_in(&house, &token).await.status(), StatusCode::UNAUTHORIZED, "a second time");
    assert_eq!(sign_in(&house, cookie.split_once('=').expect("a pair").1).await.status(), StatusCode::UNAUTHORIZED, "a session is no link");
}

#[tokio::test(flavor = "current_thread")]
async fn two_people_with_one_link_at_once_get_one_session() {
    let house = House::empty(1).await;
    let (_, link) = house.call_as(SETUP_TOKEN, "POST", "/api/sign-in-links", NOTHING).await;
    let token = link["token"].as_str().expect("a link");
    let (one, two) = tokio::join!(sign_in(&house, token), sign_in(&house, token));
    let let_in = [one, two].iter().filter(|answer| answer.status() == StatusCode::OK).count();
    assert_eq!(let_in, 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_link_ends_after_a_day_and_a_session_after_twelve_hours() {
    let house = House::empty(1).await;
    let (_, link) = house.call_as(SETUP_TOKEN, "POST", "/api/sign-in-links", NOTHING).await;
    let (cookie, _) = signed_in(&house).await;
    house.clock.advance(12 * 3600 - 60);
    assert_eq!(by_cookie(&house, &cookie, "GET", "/api/overview", &[]).await, StatusCode::OK);
    house.clock.advance(120);
    assert_eq!(by_cookie(&house, &cookie, "GET", "/api/overview", &[]).await, StatusCode::UNAUTHORIZED);
    house.clock.advance(12 * 3600);
    assert_eq!(sign_in(&house, link["token"].as_str().expect("a link")).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "current_thread")]
async fn a_session_is_not_used_from_another_site() {
    let house = House::empty(1).await;
    let (cookie, _) = signed_in(&house).await;
    let host = ("host", "seatbridge.example");
    for (headers, expected) in [
        (vec![host, ("origin", "https://evil.example")], StatusCode::FORBIDDEN),
        (vec![host, ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], StatusCode::FORBIDDEN),
        (vec![host, ("sec-fetch-site", "same-site")], StatusCode::FORBIDDEN),
        (vec![host, ("origin", "null")], StatusCode::FORBIDDEN),
        (vec![("origin", "https://seatbridge.example")], StatusCode::FORBIDDEN),
        (vec![host, ("origin", "https://seatbridge.example")], StatusCode::CREATED),
        (vec![host, ("origin", "https://seatbridge.example"), ("sec-fetch-site", "same-origin")], StatusCode::CREATED),
    ] {
        assert_eq!(by_cookie(&house, &cookie, "POST", "/api/sign-in-links", &headers).await, expected, "{headers:?}");
    }
    let evil = [host, ("origin", "https://evil.example")];
    assert_eq!(by_cookie(&house, &cookie, "DELETE", "/api/session", &evil).await, StatusCode::FORBIDDEN);
    assert_eq!(by_cookie(&house, &cookie, "GET", "/api/overview", &[]).await, StatusCode::OK, "still signed in");
    assert_eq!(by_cookie(&house, &cookie, "DELETE", "/api/session", &[host]).await, StatusCode::NO_CONTENT);
    assert_eq!(by_cookie(&house, &cookie, "GET", "/api/overview", &[]).await, StatusCode::UNAUTHORIZED, "signed out");
}

async fn raw(house: &House, path: &str, kind: &str, body: impl Into<Body>) -> (StatusCode, Value) {
    let request = Request::post(path).header("authorization", format!("Bearer {}", house.token)).header("content-type", kind);
    let answer = house.send(request.body(body.into()).expect("a request")).await;
    let status = answer.status();
    assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&bytes).expect("json"))
}

#[tokio::test(flavor = "current_thread")]
async fn a_body_that_cannot_be_read_names_the_field() {
    let house = House::empty(1).await;
    let json = "application/json";
    for (path, kind, body, status, field) in [
        ("/api/tokens", json, r#"{"name": "#, 422, Value::Null),
        ("/api/tokens", json, r#"{"name": 7}"#, 422, json!("name")),
        ("/api/tokens", json, r#"{"name": "x"} and more"#, 422, Value::Null),
        ("/api/tokens", json, r#"{"name": "x", "admin": true}"#, 422, json!("admin")),
        ("/api/lines/approve", json, r#"{"lines": [{"id": "a", "preview": "p"}, {"id": 7}]}"#, 422, json!("lines[1].id")),
        ("/api/lines/approve", json, r#"{"lines": []}"#, 422, json!("lines")),
        ("/api/passes", json, r#"{"kind": "everything"}"#, 422, json!("kind")),
        ("/api/tokens", "text/plain", r#"{"name": "x"}"#, 415, Value::Null),
        ("/api/tokens", "application/x-www-form-urlencoded", "name=x", 415, Value::Null),
    ] {
        let (found, problem) = raw(&house, path, kind, body).await;
        assert_eq!(found.as_u16(), status, "{body}: {problem}");
        if field != Value::Null {
            assert_eq!(problem["field"], field, "{body}: {problem}");
        }
    }
    let (status, problem) = raw(&house, "/api/tokens", json, vec![b' '; 1024 * 1024 + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{problem}");
    for path in [
        "/api/month?limit=0",
        "/api/month?limit=9999",
        "/api/month?after=x",
        "/api/month?segment=nothing",
        "/api/history?after=-",
        "/api/passes?after=1",
    ] {
        let (status, problem) = house.call("GET", path, NOTHING).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {problem}");
    }
    let (status, problem) = house.call("GET", "/api/lines/%FF", NOTHING).await;
    assert!(status.is_client_error() && problem["code"].is_string(), "{status} {problem}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_credential_of_the_wrong_shape_is_not_quoted_back() {
    let house = House::empty(1).await;
    for body in [
        json!({ "name": "x", "credentials": { "kind": "ema2", "username": "u", "password": ["canary"] } }),
        json!({ "name": "x", "credentials": { "kind": "ema2", "username": "u", "password": { "canary": 1 } } }),
        json!({ "name": "x", "credentials": { "kind": "canary", "password": "canary" } }),
        json!({ "name": "x", "credentials": "canary" }),
        json!({ "name": "x", "address": "https://user:canary@mspapi.eset.com/api", "credentials": { "kind": "ema2", "username": "u", "password": "p" } }),
    ] {
        // That no answer holds the word is asserted in `House::send`.
        let (status, _) = house.post("/api/connections", &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn no_document_row_or_line_of_the_log_holds_a_credential() {
    let house = House::ready(12).await;
    let lines = house.lines("to_approve").await;
    house.approve(&lines).await;
    house.settle().await;
    house.simulator.world().revoke_ema2();
    house.simulator.world().revoke_connectwise();
    house.sync().await;
    for path in ["/api/history?limit=500", "/api/passes?limit=500", "/api/connections", "/api/overview", "/api/intents"] {
        let _: Value = house.get(path).await;
    }
    let secrets = house.secrets();
    let texts = house.texts.texts.borrow();
    assert!(texts.len() >= 3, "mappings, a snapshot and a catalogue are kept");
    let log = house::log::lines();
    assert!(!log.is_empty(), "the log is kept");
    let places = texts.values().map(String::as_str).chain(log.iter().map(String::as_str));
    for text in places {
        for secret in &secrets {
            assert!(!text.contains(secret), "{text}");
        }
    }
    use seatbridge_worker::ports::{Sql, SqlValue};
    let tables = house.sql.run("SELECT name FROM sqlite_master WHERE type = 'table'", &[]).expect("tables");
    for table in tables {
        let Some(SqlValue::Text(name)) = table.first() else { panic!("a name") };
        let rows = house.sql.run(&format!("SELECT * FROM {name}"), &[]).expect("rows");
        let text = format!("{rows:?}");
        for secret in &secrets {
            assert!(!text.contains(secret), "table {name}");
        }
    }
}
