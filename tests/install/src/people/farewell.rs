//! A person who goes: what they made to come in by ends with them, or goes on under the name of whoever removes them.

use domain::access::Role;
use harness::TestInstall;
use harness::people::Visitor;
use http::StatusCode;
use serde_json::{Value, json};

use crate::visits::{NOTHING, company, see, token, visit, wanted};

/// Ben, an administrator, with an API token, a share link of his own and one that the token made; and a visitor by each link.
struct Made {
    ben: Visitor,
    path: String,
    token: String,
    cookies: Vec<String>,
}

async fn ben(install: &TestInstall) -> Made {
    let ben = install.person("Ben", Role::Admin).await;
    let link = wanted(&company(install, 0).await);
    let (_, made) = install.call_by(&ben, "POST", "/api/tokens", Some(&json!({ "name": "report", "role": "technician" }))).await;
    let (status, own) = install.call_by(&ben, "POST", "/api/share-links", Some(&link)).await;
    assert_eq!(status, StatusCode::CREATED, "{own}");
    let (status, by_token) = install.call_as(token(&made), "POST", "/api/share-links", Some(&link)).await;
    assert_eq!(status, StatusCode::CREATED, "{by_token}");
    let cookies = vec![visit(install, &own).await, visit(install, &by_token).await];
    let path = format!("/api/people/{}", view(install).await["id"].as_str().expect("an id"));
    Made { ben, path, token: token(&made).to_owned(), cookies }
}

async fn view(install: &TestInstall) -> Value {
    let people: Vec<Value> = install.get("/api/people").await;
    people.into_iter().find(|person| person["name"] == "Ben").expect("Ben")
}

/// What answers the token and the visitors.
async fn answers(install: &TestInstall, made: &Made) -> Vec<StatusCode> {
    let mut answers = vec![install.call_as(&made.token, "GET", "/api/overview", NOTHING).await.0];
    for cookie in &made.cookies {
        answers.push(see(install, cookie, "/api/share/company").await.0);
    }
    answers
}

async fn last_removal(install: &TestInstall) -> Value {
    let history: Value = install.get("/api/history?event=person_removed").await;
    history["items"][0]["detail"].clone()
}

#[tokio::test(flavor = "current_thread")]
async fn who_is_removed_takes_their_tokens_and_share_links_along_and_is_counted_first() {
    let install = TestInstall::ready(1).await;
    let made = ben(&install).await;
    let counted = view(&install).await;
    let numbers = ["sessions", "passkeys", "tokens", "share_links"].map(|kind| counted[kind].as_u64());
    assert_eq!(numbers, [Some(1), Some(1), Some(1), Some(2)], "{counted}");
    assert_eq!(answers(&install, &made).await, [StatusCode::OK; 3]);
    assert_eq!(install.call_by(&install.admin_anew().await, "DELETE", &made.path, NOTHING).await.0, StatusCode::NO_CONTENT);
    assert_eq!(answers(&install, &made).await, [StatusCode::UNAUTHORIZED; 3]);
    assert_eq!(last_removal(&install).await, "1 session, 1 passkey, 1 API token and 2 share links end now.");
    assert!(install.get::<Value>("/api/overview").await["month"].is_object(), "nobody else's token ends");
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_kept_goes_on_under_the_name_of_whoever_removes_them_and_ends_with_that_person_then() {
    let install = TestInstall::ready(1).await;
    let made = ben(&install).await;
    let keep = format!("{}?made=keep", made.path);
    let (status, answer) = install.call_by(&made.ben, "DELETE", &keep, NOTHING).await;
    assert_eq!((status, &answer["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("made")), "not under one's own");
    let cem = install.person("Cem", Role::Admin).await;
    assert_eq!(install.call_by(&cem, "DELETE", &keep, NOTHING).await.0, StatusCode::NO_CONTENT);
    assert_eq!(answers(&install, &made).await, [StatusCode::OK; 3]);
    assert_eq!(last_removal(&install).await, "1 session and 1 passkey end now. 1 API token and 2 share links go on under Cem’s name.");
    let tokens: Vec<Value> = install.get("/api/tokens").await;
    let report = tokens.iter().find(|token| token["name"] == "report").expect("the token");
    assert_eq!((&report["created_by"], &report["maker"]), (&json!("Cem"), &json!("person")));
    let links: Value = install.get("/api/share-links?q=CEM").await;
    assert_eq!((&links["total"], &links["items"][0]["maker"]), (&json!(1), &json!("person")), "{links}");

    let people: Vec<Value> = install.get("/api/people").await;
    let cem = people.iter().find(|person| person["name"] == "Cem").expect("Cem");
    let path = format!("/api/people/{}", cem["id"].as_str().expect("an id"));
    assert_eq!(install.call_by(&install.admin_anew().await, "DELETE", &path, NOTHING).await.0, StatusCode::NO_CONTENT);
    assert_eq!(answers(&install, &made).await, [StatusCode::UNAUTHORIZED; 3], "they are Cem's");
}

#[tokio::test(flavor = "current_thread")]
async fn a_token_and_a_link_of_an_unknown_maker_say_so_and_end_with_nobody() {
    let install = TestInstall::ready(1).await;
    let made = ben(&install).await;
    install.sql_text("UPDATE access SET maker = NULL WHERE name = 'report'");
    install.sql_text("UPDATE share_links SET maker = NULL");
    let tokens: Vec<Value> = install.get("/api/tokens").await;
    assert_eq!(tokens.iter().find(|token| token["name"] == "report").expect("the token")["maker"], "unknown");
    let links: Value = install.get("/api/share-links").await;
    let makers: Vec<&Value> = links["items"].as_array().expect("links").iter().map(|link| &link["maker"]).collect();
    assert_eq!(makers, ["token", "unknown"]);
    assert_eq!(install.call_by(&install.admin_anew().await, "DELETE", &made.path, NOTHING).await.0, StatusCode::NO_CONTENT);
    assert_eq!(answers(&install, &made).await, [StatusCode::OK; 3]);
}
