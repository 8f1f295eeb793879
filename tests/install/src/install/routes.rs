//! Authorization and the shape of answers, over every route there is. What must hold for each answer of the whole suite (headers,
//! no credential in it) is asserted where all of them pass: `TestInstall::send`.

use axum::body::Body;
use contract::{DESCRIPTION, ROUTES, Route};
use domain::access::Action;
use harness::TestInstall;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};

fn path(route: &Route) -> String {
    route.path.replace("{id}", "nobodys")
}

const NOTHING: Option<&Value> = None;

#[tokio::test(flavor = "current_thread")]
async fn a_stranger_gets_401_from_every_route_but_the_open_ones() {
    let install = TestInstall::empty(1).await;
    for token in ["", "sbt_never-given-out", "sbl_a-link-is-no-token"] {
        for route in ROUTES {
            let (status, answer) = install.call_as(token, route.method.name(), &path(route), NOTHING).await;
            let open = matches!(route.action, Action::SeeStatus | Action::SignIn | Action::OpenShare);
            let named = format!("{} {} with {token:?}: {status} {answer}", route.method.name(), route.path);
            assert_eq!(status == StatusCode::UNAUTHORIZED, !open, "{named}");
            if !open {
                assert_eq!(answer["code"], "not_signed_in", "{named}");
            }
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn every_route_of_the_table_but_the_file_is_answered_by_the_router() {
    let install = TestInstall::empty(1).await;
    for route in ROUTES.iter().filter(|route| route.path != DESCRIPTION) {
        let (status, answer) = install.call(route.method.name(), &path(route), NOTHING).await;
        let named = format!("{} {}: {status} {answer}", route.method.name(), route.path);
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
    let install = TestInstall::empty(1).await;
    for path in ["/api/nothing", "/api", "/api/health/", "/nudge", "/"] {
        let (status, answer) = install.call("GET", path, NOTHING).await;
        assert_eq!((status, &answer["code"]), (StatusCode::NOT_FOUND, &json!("no_such_route")), "{path}");
    }
    for route in ROUTES {
        for wrong in ["PUT", "DELETE", "OPTIONS", "TRACE"] {
            let known = ROUTES.iter().any(|other| other.path == route.path && other.method.name() == wrong);
            if !known {
                let (status, _) = install.call(wrong, &path(route), NOTHING).await;
                // Another route of the table may have this path with its {id} filled in.
                assert!(matches!(status.as_u16(), 404 | 405), "{wrong} {}: {status}", route.path);
            }
        }
    }
    let (status, answer) = install.call("DELETE", "/api/overview", NOTHING).await;
    assert_eq!((status, &answer["code"]), (StatusCode::METHOD_NOT_ALLOWED, &json!("method_not_allowed")));
}

async fn raw(install: &TestInstall, path: &str, kind: &str, body: impl Into<Body>) -> (StatusCode, Value) {
    let request = Request::post(path).header("authorization", format!("Bearer {}", install.token)).header("content-type", kind);
    let answer = install.send(request.body(body.into()).expect("a request")).await;
    let status = answer.status();
    assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&bytes).expect("json"))
}

#[tokio::test(flavor = "current_thread")]
async fn a_body_that_cannot_be_read_names_the_field() {
    let install = TestInstall::empty(1).await;
    let json = "application/json";
    for (path, kind, body, status, field) in [
        ("/api/lines/hold", json, r#"{"reason": "#, 422, Value::Null),
        ("/api/lines/hold", json, r#"{"lines": ["a"], "reason": 7}"#, 422, json!("reason")),
        ("/api/lines/hold", json, r#"{"lines": ["a"], "reason": "x"} and more"#, 422, Value::Null),
        ("/api/lines/hold", json, r#"{"lines": ["a"], "reason": "x", "admin": true}"#, 422, json!("admin")),
        ("/api/lines/approve", json, r#"{"lines": [{"id": "a", "preview": "p"}, {"id": 7}]}"#, 422, json!("lines[1].id")),
        ("/api/lines/approve", json, r#"{"lines": []}"#, 422, json!("lines")),
        ("/api/passes", json, r#"{"kind": "everything"}"#, 422, json!("kind")),
        ("/api/lines/hold", "text/plain", r#"{"lines": ["a"], "reason": "x"}"#, 415, Value::Null),
        ("/api/lines/hold", "application/x-www-form-urlencoded", "reason=x", 415, Value::Null),
    ] {
        let (found, problem) = raw(&install, path, kind, body).await;
        assert_eq!(found.as_u16(), status, "{body}: {problem}");
        if field != Value::Null {
            assert_eq!(problem["field"], field, "{body}: {problem}");
        }
    }
    let (status, problem) = raw(&install, "/api/lines/hold", json, vec![b' '; 1024 * 1024 + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{problem}");
    for path in [
        "/api/month?limit=0",
        "/api/month?limit=9999",
        "/api/month?after=x",
        "/api/month?segment=nothing",
        "/api/history?after=-",
        "/api/passes?after=1",
    ] {
        let (status, problem) = install.call("GET", path, NOTHING).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {problem}");
    }
    let (status, problem) = install.call("GET", "/api/lines/%FF", NOTHING).await;
    assert!(status.is_client_error() && problem["code"].is_string(), "{status} {problem}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_credential_of_the_wrong_shape_is_not_quoted_back() {
    let install = TestInstall::empty(1).await;
    for body in [
        json!({ "name": "x", "credentials": { "kind": "ema2", "username": "u", "password": ["canary"] } }),
        json!({ "name": "x", "credentials": { "kind": "ema2", "username": "u", "password": { "canary": 1 } } }),
        json!({ "name": "x", "credentials": { "kind": "canary", "password": "canary" } }),
        json!({ "name": "x", "credentials": "canary" }),
        json!({ "name": "x", "address": "https://user:canary@mspapi.eset.com/api", "credentials": { "kind": "ema2", "username": "u", "password": "p" } }),
    ] {
        // That no answer holds the word is asserted in `TestInstall::send`.
        let (status, _) = install.post("/api/connections", &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}
