//! Coming in and being shut out: one-time links, passkeys, sessions, people and API tokens.

use authenticator::Authenticator;
use domain::access::Role;
use harness::people::Visitor;
use harness::{ADMIN, HOST, SETUP_TOKEN, TestInstall};
use http::StatusCode;
use serde_json::{Value, json};

const NOTHING: Option<&Value> = None;
const OVERVIEW: &str = "/api/overview";

async fn sees(install: &TestInstall, visitor: &Visitor) -> bool {
    let (status, answer) = install.call_by(visitor, "GET", OVERVIEW, NOTHING).await;
    assert!(status == StatusCode::OK || status == StatusCode::UNAUTHORIZED, "{status} {answer}");
    status.is_success()
}

async fn invite(install: &TestInstall, name: &str, role: &str) -> Value {
    let (status, link) = install.call_by(&install.admin, "POST", "/api/people", Some(&json!({ "name": name, "role": role }))).await;
    assert_eq!(status, StatusCode::CREATED, "{link}");
    link
}

fn token(link: &Value) -> &str {
    link["token"].as_str().expect("a token")
}

#[tokio::test(flavor = "current_thread")]
async fn the_set_up_secret_lets_one_administrator_in_and_is_dead_then() {
    let install = TestInstall::empty(1).await;
    assert!(sees(&install, &install.admin).await);
    let (status, answer) = install.accept(&mut Visitor::new("Eve"), SETUP_TOKEN).await;
    assert_eq!((status, &answer["code"]), (StatusCode::UNAUTHORIZED, &json!("link_used_up")));
    let (status, _) = install.call_as(SETUP_TOKEN, "GET", OVERVIEW, NOTHING).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "it is no API token either");
}

#[tokio::test(flavor = "current_thread")]
async fn a_one_time_link_works_once_and_only_once() {
    let install = TestInstall::empty(1).await;
    let link = invite(&install, "Ben", "billing").await;
    let (mut ben, mut eve) = (Visitor::new("Ben"), Visitor::new("Eve"));
    let (_, opened) = install.call_with(&[], "POST", "/api/invitations/open", Some(&json!({ "token": token(&link) }))).await;
    assert_eq!((&opened["name"], &opened["role"], &opened["recovers"]), (&json!("Ben"), &json!("billing"), &json!(false)));
    install.come_in(&mut ben, token(&link)).await;
    assert!(sees(&install, &ben).await);
    assert_eq!(install.accept(&mut eve, token(&link)).await.0, StatusCode::UNAUTHORIZED, "a second time");
    let secret = ben.cookie.split_once('=').expect("a pair").1.to_owned();
    assert_eq!(install.accept(&mut eve, &secret).await.0, StatusCode::UNAUTHORIZED, "a session is no link");
}

#[tokio::test(flavor = "current_thread")]
async fn two_people_with_one_link_at_once_get_one_session() {
    let install = TestInstall::empty(1).await;
    let link = invite(&install, "Ben", "viewer").await;
    let (mut one, mut two) = (Visitor::new("one"), Visitor::new("two"));
    let answers = tokio::join!(install.accept(&mut one, token(&link)), install.accept(&mut two, token(&link)));
    let let_in = [answers.0, answers.1].iter().filter(|(status, _)| status.is_success()).count();
    assert_eq!(let_in, 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_link_ends_after_three_days_and_when_another_is_made() {
    let install = TestInstall::empty(1).await;
    let first = invite(&install, "Ben", "viewer").await;
    let path = format!("/api/people/{}/link", first["person"].as_str().expect("an id"));
    let (status, second) = install.call_by(&install.admin, "POST", &path, NOTHING).await;
    assert_eq!(status, StatusCode::CREATED, "{second}");
    let mut ben = Visitor::new("Ben");
    assert_eq!(install.accept(&mut ben, token(&first)).await.0, StatusCode::UNAUTHORIZED, "there is a newer one");
    install.clock.advance(3 * 24 * 3600 + 1);
    assert_eq!(install.accept(&mut ben, token(&second)).await.0, StatusCode::UNAUTHORIZED, "it is too old");
}

#[tokio::test(flavor = "current_thread")]
async fn a_passkey_signs_in_and_its_challenge_is_answered_once() {
    let install = TestInstall::empty(1).await;
    let mut ben = install.person("Ben", Role::Technician).await;
    let before = ben.cookie.clone();
    let assertion = ben.authenticator.show(&install.challenge().await);
    let (status, headers, session) = install.answer_with(&[], "POST", "/api/session", Some(&assertion)).await;
    assert_eq!((status, &session["name"], &session["role"]), (StatusCode::OK, &json!("Ben"), &json!("technician")));
    let set = headers["set-cookie"].to_str().expect("text");
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/;"), "{set}");
    assert!(!set.starts_with(&before), "a new session");
    let (status, again) = install.call_with(&[], "POST", "/api/session", Some(&assertion)).await;
    assert_eq!((status, &again["code"]), (StatusCode::UNAUTHORIZED, &json!("passkey_not_accepted")));
    let late = ben.authenticator.show(&install.challenge().await);
    install.clock.advance(301);
    assert_eq!(install.call_with(&[], "POST", "/api/session", Some(&late)).await.0, StatusCode::UNAUTHORIZED, "too late");
}

#[tokio::test(flavor = "current_thread")]
async fn a_passkey_nobody_keeps_one_of_another_site_and_a_copied_one_do_not_sign_in() {
    let install = TestInstall::empty(1).await;
    let ben = install.person("Ben", Role::Technician).await;
    let mut stranger = Visitor::new("stranger");
    assert_eq!(install.sign_in(&mut stranger).await.0, StatusCode::UNAUTHORIZED);
    let mut lured = ben.clone();
    lured.authenticator.origin = "http://seatbridge.test.evil.example".to_owned();
    assert_eq!(install.sign_in(&mut lured).await.0, StatusCode::UNAUTHORIZED);
    let (mut copy, mut ben) = (ben.clone(), ben);
    assert_eq!(install.sign_in(&mut ben).await.0, StatusCode::OK);
    assert_eq!(install.sign_in(&mut copy).await.0, StatusCode::UNAUTHORIZED, "its counter is behind");
}

#[tokio::test(flavor = "current_thread")]
async fn signing_in_again_ends_the_session_the_browser_was_in() {
    let install = TestInstall::empty(1).await;
    let ben = install.person("Ben", Role::Technician).await;
    let mut again = ben.clone();
    let assertion = again.authenticator.show(&install.challenge().await);
    let headers = [("cookie", ben.cookie.as_str())];
    let (status, _) = install.call_with(&headers, "POST", "/api/session", Some(&assertion)).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!sees(&install, &ben).await);
}

#[tokio::test(flavor = "current_thread")]
async fn a_session_ends_unused_after_half_an_hour_and_used_after_twelve() {
    let install = TestInstall::empty(1).await;
    let (busy, idle) = (install.person("Ben", Role::Viewer).await, install.person("Cem", Role::Viewer).await);
    for _ in 0..25 {
        install.clock.advance(29 * 60 - 30);
        assert!(sees(&install, &busy).await, "it was in use");
    }
    assert!(!sees(&install, &idle).await);
    install.clock.advance(20 * 60);
    assert!(!sees(&install, &busy).await, "twelve hours are over");
}

#[tokio::test(flavor = "current_thread")]
async fn ones_own_sessions_are_seen_and_ended_and_nobody_elses() {
    let install = TestInstall::empty(1).await;
    let mut ben = install.person("Ben", Role::Viewer).await;
    let elsewhere = ben.clone();
    install.clock.advance(60);
    assert_eq!(install.sign_in(&mut ben).await.0, StatusCode::OK);
    let (_, sessions) = install.call_by(&ben, "GET", "/api/sessions", NOTHING).await;
    let this: Vec<_> = sessions.as_array().expect("a list").iter().map(|session| session["this"].clone()).collect();
    assert_eq!(this, [json!(true), json!(false)]);
    let path = format!("/api/sessions/{}", sessions[1]["id"].as_str().expect("an id"));
    assert_eq!(install.call_by(&install.admin, "DELETE", &path, NOTHING).await.0, StatusCode::NOT_FOUND, "it is Ben's");
    assert_eq!(install.call_by(&ben, "DELETE", &path, NOTHING).await.0, StatusCode::NO_CONTENT);
    assert!(!sees(&install, &elsewhere).await && sees(&install, &ben).await);
}

#[tokio::test(flavor = "current_thread")]
async fn who_is_removed_is_out_at_once_with_everything_they_had() {
    let install = TestInstall::empty(1).await;
    let mut ben = install.person("Ben", Role::Technician).await;
    let people: Value = install.get("/api/people").await;
    let id = people.as_array().expect("people").iter().find(|person| person["name"] == "Ben").expect("Ben")["id"].clone();
    let path = format!("/api/people/{}", id.as_str().expect("an id"));
    assert_eq!(install.call_by(&install.admin, "DELETE", &path, NOTHING).await.0, StatusCode::NO_CONTENT);
    assert!(!sees(&install, &ben).await);
    assert_eq!(install.sign_in(&mut ben).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(install.call_by(&install.admin, "DELETE", &path, NOTHING).await.0, StatusCode::NOT_FOUND);
    invite(&install, "Ben", "viewer").await;
}

#[tokio::test(flavor = "current_thread")]
async fn another_role_counts_at_once_and_ends_the_sessions() {
    let install = TestInstall::empty(1).await;
    let mut ben = install.person("Ben", Role::Admin).await;
    let people: Value = install.get("/api/people").await;
    let id = people.as_array().expect("people").iter().find(|person| person["name"] == "Ben").expect("Ben")["id"].clone();
    let path = format!("/api/people/{}", id.as_str().expect("an id"));
    let (status, changed) = install.call_by(&install.admin, "PATCH", &path, Some(&json!({ "role": "viewer", "name": "Benno" }))).await;
    assert_eq!((status, &changed["role"], &changed["sessions"]), (StatusCode::OK, &json!("viewer"), &json!(0)), "{changed}");
    assert!(!sees(&install, &ben).await, "the session is another one after a change of role");
    assert_eq!(install.sign_in(&mut ben).await.1["name"], "Benno");
    assert_eq!(install.call_by(&ben, "GET", "/api/people", NOTHING).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "current_thread")]
async fn the_last_administrator_stays() {
    let install = TestInstall::empty(1).await;
    let people: Value = install.get("/api/people").await;
    let path = format!("/api/people/{}", people[0]["id"].as_str().expect("an id"));
    let (status, answer) = install.call_by(&install.admin, "DELETE", &path, NOTHING).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("last_administrator")));
    let demoted = json!({ "role": "viewer" });
    assert_eq!(install.call_by(&install.admin, "PATCH", &path, Some(&demoted)).await.0, StatusCode::CONFLICT);
    invite(&install, "Ben", "admin").await;
    assert_eq!(install.call_by(&install.admin, "DELETE", &path, NOTHING).await.0, StatusCode::CONFLICT, "Ben has not come in yet");
    install.person("Cem", Role::Admin).await;
    assert_eq!(install.call_by(&install.admin, "DELETE", &path, NOTHING).await.0, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "current_thread")]
async fn who_has_lost_a_passkey_comes_in_by_a_new_link_and_the_lost_one_does_not() {
    let install = TestInstall::empty(1).await;
    let mut finder = install.person("Ben", Role::Billing).await;
    let people: Value = install.get("/api/people").await;
    let ben = people.as_array().expect("people").iter().find(|person| person["name"] == "Ben").expect("Ben").clone();
    let path = format!("/api/people/{}/link", ben["id"].as_str().expect("an id"));
    let (_, link) = install.call_by(&install.admin, "POST", &path, NOTHING).await;
    let mut owner = Visitor::new("Ben");
    owner.authenticator = Authenticator::new(&format!("http://{HOST}"), "a new laptop");
    let (_, opened) = install.call_with(&[], "POST", "/api/invitations/open", Some(&json!({ "token": token(&link) }))).await;
    assert_eq!(opened["recovers"], true);
    install.come_in(&mut owner, token(&link)).await;
    assert!(sees(&install, &owner).await && !sees(&install, &finder).await);
    assert_eq!(install.sign_in(&mut finder).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "current_thread")]
async fn passkeys_are_added_and_given_up_but_for_the_last() {
    let install = TestInstall::empty(1).await;
    let mut ben = install.person("Ben", Role::Viewer).await;
    let (status, wanted) = install.call_by(&ben, "POST", "/api/passkeys/challenge", NOTHING).await;
    assert_eq!(status, StatusCode::OK, "{wanted}");
    assert_eq!(wanted["excludeCredentials"].as_array().map(Vec::len), Some(1), "the one that is there is not made twice");
    // They are listed by when they were made.
    install.clock.advance(1);
    let mut phone = Authenticator::new(&format!("http://{HOST}"), "phone");
    let made = phone.make(&wanted, "Phone");
    assert_eq!(install.call_by(&ben, "POST", "/api/passkeys", Some(&made)).await.0, StatusCode::CREATED);
    assert_eq!(install.call_by(&ben, "POST", "/api/passkeys", Some(&made)).await.0, StatusCode::UNPROCESSABLE_ENTITY, "answered already");
    let (_, known) = install.call_by(&ben, "GET", "/api/passkeys", NOTHING).await;
    let paths: Vec<String> = [0, 1].map(|at| format!("/api/passkeys/{}", known[at]["id"].as_str().expect("an id"))).to_vec();
    assert_eq!(install.call_by(&install.admin, "DELETE", &paths[0], NOTHING).await.0, StatusCode::NOT_FOUND, "it is Ben's");
    assert_eq!(install.call_by(&ben, "DELETE", &paths[0], NOTHING).await.0, StatusCode::NO_CONTENT);
    let (status, answer) = install.call_by(&ben, "DELETE", &paths[1], NOTHING).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("last_passkey")));
    assert_eq!(install.sign_in(&mut ben).await.0, StatusCode::UNAUTHORIZED, "given up");
    ben.authenticator = phone;
    assert_eq!(install.sign_in(&mut ben).await.0, StatusCode::OK);
}

#[tokio::test(flavor = "current_thread")]
async fn what_could_do_harm_wants_the_passkey_shown_again() {
    let install = TestInstall::empty(1).await;
    let mut admin = install.admin.clone();
    install.clock.advance(11 * 60);
    let wanted = json!({ "name": "Ben", "role": "viewer" });
    let (status, answer) = install.call_by(&admin, "POST", "/api/people", Some(&wanted)).await;
    assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("proof_wanted")));
    let (status, answer) = install.call_by(&admin, "POST", "/api/connections", Some(&install.ema2())).await;
    assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("proof_wanted")), "credentials too");
    assert_eq!(install.call_by(&admin, "GET", "/api/people", NOTHING).await.0, StatusCode::OK, "looking does not");
    assert_eq!(install.prove(&mut admin).await.0, StatusCode::NO_CONTENT);
    assert_eq!(install.call_by(&admin, "POST", "/api/people", Some(&wanted)).await.0, StatusCode::CREATED);
    install.clock.advance(10 * 60);
    assert_eq!(install.call_by(&admin, "POST", "/api/people", Some(&wanted)).await.0, StatusCode::FORBIDDEN, "for ten minutes");
}

#[tokio::test(flavor = "current_thread")]
async fn billing_by_itself_is_switched_on_by_an_administrator_with_a_passkey() {
    let install = TestInstall::ready(1).await;
    let technician = install.person("Tia", Role::Technician).await;
    let page: Value = install.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let mapped = |automatic: bool| {
        let decision = json!({
            "decision": "map", "psa": company["mapping"]["psa"], "agreement": company["mapping"]["agreement"], "automatic": automatic,
        });
        json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] })
    };
    let path = "/api/mappings/companies";
    assert_eq!(install.call_by(&technician, "PUT", path, Some(&mapped(false))).await.0, StatusCode::OK);
    let (status, answer) = install.call_by(&technician, "PUT", path, Some(&mapped(true))).await;
    assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("not_allowed")));
    install.clock.advance(11 * 60);
    let (status, answer) = install.call_by(&install.admin, "PUT", path, Some(&mapped(true))).await;
    assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("proof_wanted")));
    assert_eq!(install.prove(&mut install.admin.clone()).await.0, StatusCode::NO_CONTENT);
    assert_eq!(install.call_by(&install.admin, "PUT", path, Some(&mapped(true))).await.0, StatusCode::OK);
    assert_eq!(install.call_by(&technician, "PUT", path, Some(&mapped(true))).await.0, StatusCode::OK, "it is on already");
    let table = json!({ "csv": format!(
        "connection,company,decision,psa,agreement,automatic,reason\r\n{},{},map,{},{},true,\r\n",
        company["connection"].as_str().expect("text"), company["company"].as_str().expect("text"),
        company["mapping"]["psa"].as_str().expect("text"), company["mapping"]["agreement"],
    ) });
    assert_eq!(install.call_by(&technician, "PUT", path, Some(&mapped(false))).await.0, StatusCode::OK);
    let (status, answer) = install.call_by(&technician, "POST", "/api/mappings/companies/import", Some(&table)).await;
    assert!(status == StatusCode::FORBIDDEN || answer["stored"] == false, "not by a table either: {status} {answer}");
}

#[tokio::test(flavor = "current_thread")]
async fn nobody_proves_anything_by_another_persons_passkey() {
    let install = TestInstall::empty(1).await;
    let mut ben = install.person("Ben", Role::Admin).await;
    install.clock.advance(11 * 60);
    ben.cookie = install.admin.cookie.clone();
    assert_eq!(install.prove(&mut ben).await.0, StatusCode::UNAUTHORIZED);
    let (status, _) = install.call_by(&install.admin, "POST", "/api/people", Some(&json!({ "name": "Eve", "role": "admin" }))).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "current_thread")]
async fn a_session_is_not_used_from_another_site() {
    let install = TestInstall::empty(1).await;
    let cookie = ("cookie", install.admin.cookie.as_str());
    let ours = format!("http://{HOST}");
    for (headers, expected) in [
        (vec![("origin", "https://evil.example")], StatusCode::FORBIDDEN),
        (vec![("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], StatusCode::FORBIDDEN),
        (vec![("sec-fetch-site", "same-site")], StatusCode::FORBIDDEN),
        (vec![("origin", "null")], StatusCode::FORBIDDEN),
        (vec![("origin", ours.as_str())], StatusCode::CREATED),
        (vec![("origin", ours.as_str()), ("sec-fetch-site", "same-origin")], StatusCode::CREATED),
    ] {
        let headers: Vec<_> = headers.into_iter().chain([cookie]).collect();
        let body = json!({ "name": format!("token {}", headers.len()), "role": "viewer" });
        let (status, answer) = install.call_with(&headers, "POST", "/api/tokens", Some(&body)).await;
        assert_eq!(status, expected, "{headers:?} {answer}");
    }
    let evil = [cookie, ("origin", "https://evil.example")];
    assert_eq!(install.call_with(&evil, "DELETE", "/api/session", NOTHING).await.0, StatusCode::FORBIDDEN);
    assert!(sees(&install, &install.admin).await, "still signed in");
    assert_eq!(install.call_by(&install.admin, "DELETE", "/api/session", NOTHING).await.0, StatusCode::NO_CONTENT);
    assert!(!sees(&install, &install.admin).await, "signed out");
}

#[tokio::test(flavor = "current_thread")]
async fn a_token_does_what_its_role_may_until_it_ends_or_is_revoked() {
    let install = TestInstall::empty(1).await;
    let wanted = json!({ "name": "report", "role": "viewer", "days": 30 });
    let (_, made) = install.call_by(&install.admin, "POST", "/api/tokens", Some(&wanted)).await;
    let report = token(&made);
    assert_eq!(install.call_as(report, "GET", OVERVIEW, NOTHING).await.0, StatusCode::OK);
    assert_eq!(install.call_as(report, "POST", "/api/passes", Some(&json!({ "kind": "sync" }))).await.0, StatusCode::FORBIDDEN);
    let (status, answer) = install.call_as(&install.token, "POST", "/api/people", Some(&json!({ "name": "Eve", "role": "admin" }))).await;
    assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("people_only")), "not even an administrator's");
    let path = format!("/api/tokens/{}", made["id"].as_str().expect("an id"));
    assert_eq!(install.call_by(&install.admin, "DELETE", &path, NOTHING).await.0, StatusCode::NO_CONTENT);
    assert_eq!(install.call_as(report, "GET", OVERVIEW, NOTHING).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(install.call_by(&install.admin, "DELETE", &path, NOTHING).await.0, StatusCode::NOT_FOUND, "it is gone");
    let (_, made) = install.call_by(&install.admin, "POST", "/api/tokens", Some(&wanted)).await;
    install.clock.advance(30 * 24 * 3600 + 1);
    assert_eq!(install.call_as(token(&made), "GET", OVERVIEW, NOTHING).await.0, StatusCode::UNAUTHORIZED, "thirty days");
}

#[tokio::test(flavor = "current_thread")]
async fn wrong_names_roles_and_days_are_refused() {
    let install = TestInstall::empty(1).await;
    let long = "x".repeat(61);
    for (path, body, field) in [
        ("/api/people", json!({ "name": " ", "role": "viewer" }), "name"),
        ("/api/people", json!({ "name": long, "role": "viewer" }), "name"),
        ("/api/people", json!({ "name": "a\nb", "role": "viewer" }), "name"),
        ("/api/people", json!({ "name": "Ben", "role": "anonymous" }), "role"),
        ("/api/people", json!({ "name": "Ben", "role": "root" }), "role"),
        ("/api/tokens", json!({ "name": "x", "role": "anonymous" }), "role"),
        ("/api/tokens", json!({ "name": "x", "role": "viewer", "days": 0 }), "days"),
        ("/api/tokens", json!({ "name": "x", "role": "viewer", "days": 366 }), "days"),
    ] {
        let (status, answer) = install.call_by(&install.admin, "POST", path, Some(&body)).await;
        assert_eq!((status, &answer["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)), "{body}: {answer}");
    }
    let (status, answer) = install.call_by(&install.admin, "POST", "/api/people", Some(&json!({ "name": ADMIN, "role": "viewer" }))).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("name_taken")));
}

#[tokio::test(flavor = "current_thread")]
async fn one_address_cannot_call_for_ever_and_another_still_can() {
    let install = TestInstall::empty(1).await;
    let knock = async |address: &str| {
        let headers = [("cf-connecting-ip", address)];
        install.answer_with(&headers, "POST", "/api/invitations/open", Some(&json!({ "token": "sbl_guess" }))).await
    };
    for _ in 0..60 {
        assert_eq!(knock("203.0.113.7").await.0, StatusCode::UNAUTHORIZED);
    }
    let (status, headers, answer) = knock("203.0.113.7").await;
    assert_eq!((status, &answer["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("too_often")));
    assert_eq!(headers["retry-after"], "60");
    assert_eq!(knock("203.0.113.8").await.0, StatusCode::UNAUTHORIZED);
    install.clock.advance(61);
    assert_eq!(knock("203.0.113.7").await.0, StatusCode::UNAUTHORIZED);
}
