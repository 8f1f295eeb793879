//! Who is shut out while a request of theirs is coming in.

use axum::body::{Body, Bytes};
use domain::access::Role;
use futures::StreamExt;
use futures::channel::mpsc;
use harness::people::Visitor;
use harness::{HOST, TestInstall};
use http::{Request, StatusCode};
use serde_json::{Value, json};

const NOTHING: Option<&Value> = None;

/// Sends the first half of a request, lets `meanwhile` happen, and sends the rest. Answers the status.
async fn slowly(install: &TestInstall, visitor: &Visitor, (path, body): (&str, &Value), meanwhile: impl Future<Output = ()>) -> StatusCode {
    let text = serde_json::to_vec(body).expect("json");
    let (first, rest) = text.split_at(text.len() / 2);
    let (sender, parts) = mpsc::unbounded::<Bytes>();
    let body = Body::from_stream(parts.map(Ok::<_, std::convert::Infallible>));
    let request = Request::builder().method("POST").uri(path).header("host", HOST).header("content-type", "application/json");
    let request = request.header("cookie", &visitor.cookie).header("sec-fetch-site", "same-origin").body(body).expect("a request");
    let sending = async {
        sender.unbounded_send(Bytes::copy_from_slice(first)).expect("it is read");
        meanwhile.await;
        sender.unbounded_send(Bytes::copy_from_slice(rest)).expect("it is read");
        drop(sender);
    };
    tokio::join!(install.send(request), sending).0.status()
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_done_is_what_somebody_may_do_when_all_of_it_is_there() {
    let install = TestInstall::empty(1).await;
    let ben = install.person("Ben", Role::Admin).await;
    let people: Vec<Value> = install.get("/api/people").await;
    let id = people.iter().find(|person| person["name"] == "Ben").expect("Ben")["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/people/{id}");
    let invitation = |name: &str| json!({ "name": name, "role": "admin" });

    let (cem, eve) = (invitation("Cem"), invitation("Eve"));
    assert_eq!(slowly(&install, &ben, ("/api/people", &cem), async {}).await, StatusCode::CREATED, "a slow request is a request");
    let removed = async {
        let admin = install.admin_anew().await;
        assert_eq!(install.call_by(&admin, "DELETE", &path, NOTHING).await.0, StatusCode::NO_CONTENT);
    };
    assert_eq!(slowly(&install, &ben, ("/api/people", &eve), removed).await, StatusCode::UNAUTHORIZED);
    let people: Vec<Value> = install.get("/api/people").await;
    assert!(!people.iter().any(|person| person["name"] == "Eve"), "{people:?}");
}
