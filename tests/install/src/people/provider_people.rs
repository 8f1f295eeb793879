//! People whom the identity provider lets in: what it takes away is away, and what they see is for an administrator here to say.

use std::rc::Rc;

use authenticator::Authenticator;
use harness::people::Visitor;
use harness::provider::Provider;
use harness::{HOST, TestInstall};
use http::StatusCode;
use serde_json::{Value, json};

const NOTHING: Option<&Value> = None;

async fn with_provider() -> (TestInstall, Rc<Provider>) {
    let mut install = TestInstall::ready(12).await;
    let provider = install.with_provider();
    (install, provider)
}

fn grace(role: &str) -> Value {
    json!({ "sub": "grace-1", "name": "Grace Hopper", "roles": [role] })
}

async fn view(install: &TestInstall) -> Value {
    let people: Vec<Value> = install.get("/api/people").await;
    people.into_iter().find(|person| person["name"] == "Grace Hopper").expect("Grace")
}

/// Signs in at the provider again, in the same session. Answers what the browser is told.
async fn prove(install: &TestInstall, provider: &Provider, visitor: &mut Visitor, role: &str) -> (StatusCode, Value) {
    let (page, cookie) = install.begin_openid(visitor, true).await;
    let mut person = grace(role);
    person["auth_time"] = json!(install.tenant.now().timestamp());
    install.finish_openid(visitor, &cookie, &provider.let_in(&page, &person)).await
}

/// Grace, in a session, with a passkey she has added.
async fn with_passkey(install: &TestInstall, provider: &Provider, role: &str) -> Visitor {
    let mut visitor = Visitor::new("Grace");
    assert_eq!(install.come_by(provider, &mut visitor, &grace(role)).await.0, StatusCode::OK);
    assert_eq!(prove(install, provider, &mut visitor, role).await.0, StatusCode::OK);
    let (status, wanted) = install.call_by(&visitor, "POST", "/api/passkeys/challenge", NOTHING).await;
    assert_eq!(status, StatusCode::OK, "{wanted}");
    visitor.authenticator = Authenticator::new(&format!("http://{HOST}"), "Grace");
    let made = visitor.authenticator.make(&wanted, "Laptop");
    assert_eq!(install.call_by(&visitor, "POST", "/api/passkeys", Some(&made)).await.0, StatusCode::CREATED);
    visitor
}

#[tokio::test(flavor = "current_thread")]
async fn a_passkey_of_theirs_proves_who_they_are_and_is_no_way_past_the_provider() {
    let (mut install, provider) = with_provider().await;
    let mut grace_here = with_passkey(&install, &provider, "Admin").await;
    assert_eq!(install.prove(&mut grace_here).await.0, StatusCode::NO_CONTENT, "it shows that it is her");
    let mut elsewhere = grace_here.clone();
    let (status, answer) = install.sign_in(&mut elsewhere).await;
    assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("comes_by_provider")), "{answer}");
    assert_eq!(answer["remedy"], "Sign in with House.");

    let path = format!("/api/people/{}/link", view(&install).await["id"].as_str().expect("an id"));
    let (status, answer) = install.call_by(&install.admin_anew().await, "POST", &path, NOTHING).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("comes_by_provider")), "nor is a link: {answer}");

    let wanted = json!({ "name": "report", "role": "viewer" });
    let (status, report) = install.call_by(&grace_here, "POST", "/api/tokens", Some(&wanted)).await;
    assert_eq!(status, StatusCode::CREATED, "{report}");
    let report = report["token"].as_str().expect("a token").to_owned();
    assert_eq!(view(&install).await["tokens"], 1);
    let mut gone = Visitor::new("Grace");
    let mut without_role = grace("Admin");
    without_role["roles"] = json!([]);
    assert_eq!(install.come_by(&provider, &mut gone, &without_role).await.0, StatusCode::FORBIDDEN);
    let left = view(&install).await;
    assert_eq!((&left["passkeys"], &left["tokens"]), (&json!(0), &json!(0)), "who has no role there keeps nothing here");
    assert_eq!(install.call_as(&report, "GET", "/api/overview", NOTHING).await.0, StatusCode::UNAUTHORIZED, "nor what she made");
    let history: Value = install.get("/api/history?event=sessions_ended").await;
    assert_eq!(history["items"][0]["detail"], "1 session, 1 passkey and 1 API token end now.", "{history}");
    assert_eq!(install.come_by(&provider, &mut gone, &without_role).await.0, StatusCode::FORBIDDEN);
    let history: Value = install.get("/api/history?event=sessions_ended").await;
    assert_eq!(history["total"], 1, "who tries again adds nothing: {history}");

    let mut grace_again = with_passkey(&install, &provider, "Viewer").await;
    install.tell(&[]);
    assert_eq!(install.sign_in(&mut grace_again).await.0, StatusCode::OK, "where there is no provider any more, a passkey is the way in");
}

#[tokio::test(flavor = "current_thread")]
async fn a_provider_that_is_set_up_in_part_lets_nobody_of_its_people_in_and_says_what_is_missing() {
    let (mut install, provider) = with_provider().await;
    let mut visitor = with_passkey(&install, &provider, "Viewer").await;
    let link = format!("/api/people/{}/link", view(&install).await["id"].as_str().expect("an id"));
    install.tell(&[]);
    let (_, earlier) = install.call_by(&install.admin_anew().await, "POST", &link, NOTHING).await;
    let earlier = earlier["token"].as_str().expect("a token, while there was no provider").to_owned();
    for (missing, told) in [
        ("OPENID_CLIENT_ID", [("OPENID_ISSUER", "https://id.example"), ("OPENID_CLIENT_SECRET", "kept-by-the-client-alone")]),
        ("OPENID_CLIENT_SECRET", [("OPENID_ISSUER", "https://id.example"), ("OPENID_CLIENT_ID", "seatbridge")]),
        ("OPENID_ISSUER", [("OPENID_CLIENT_ID", "seatbridge"), ("OPENID_CLIENT_SECRET", "kept-by-the-client-alone")]),
    ] {
        install.tell(&told);
        let (by_passkey, by_link) = (install.sign_in(&mut visitor).await, install.accept(&mut Visitor::new("Grace"), &earlier).await);
        let made = install.call_by(&install.admin_anew().await, "POST", &link, NOTHING).await;
        let begun = install.call_with(&[], "POST", "/api/session/openid", Some(&json!({}))).await;
        for (way, (status, answer)) in [("a passkey", by_passkey), ("a link", by_link), ("a new link", made), ("the provider", begun)] {
            assert_eq!((status, &answer["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("provider_not_configured")), "{way}");
            assert!(answer["detail"].as_str().is_some_and(|detail| detail.contains(missing)), "{way}: {answer}");
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn the_last_administrator_with_a_passkey_stays_whoever_the_provider_makes_one() {
    let (install, provider) = with_provider().await;
    with_passkey(&install, &provider, "Admin").await;
    let people: Vec<Value> = install.get("/api/people").await;
    let ada = people.iter().find(|person| person["name"] == "Ada").expect("Ada");
    let path = format!("/api/people/{}", ada["id"].as_str().expect("an id"));
    let (status, answer) = install.call_by(&install.admin_anew().await, "DELETE", &path, NOTHING).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("last_administrator")));
    let path = format!("/api/people/{}", view(&install).await["id"].as_str().expect("an id"));
    assert_eq!(install.call_by(&install.admin_anew().await, "DELETE", &path, NOTHING).await.0, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "current_thread")]
async fn where_branches_are_kept_apart_whom_the_provider_brings_sees_nothing_yet() {
    let (install, provider) = with_provider().await;
    let everything = json!({ "sees": "everything" });
    let mut visitor = Visitor::new("Grace");
    install.come_by(&provider, &mut visitor, &grace("Technician")).await;
    assert_eq!(view(&install).await["scope"], everything, "there are no access groups");
    let (_, companies) = install.call_by(&visitor, "GET", "/api/companies", NOTHING).await;
    assert!(companies["total"].as_u64() > Some(0), "{companies}");
    let path = format!("/api/people/{}", view(&install).await["id"].as_str().expect("an id"));
    assert_eq!(install.call_by(&install.admin_anew().await, "DELETE", &path, NOTHING).await.0, StatusCode::NO_CONTENT);

    install.access_group("London", &[]).await;
    let mut henry = grace("Technician");
    henry["sub"] = json!("grace-2");
    let (_, answer) = install.come_by(&provider, &mut visitor, &henry).await;
    assert_eq!(answer["session"]["groups"], json!([]), "{answer}");
    let (_, companies) = install.call_by(&visitor, "GET", "/api/companies", NOTHING).await;
    assert_eq!(companies["total"], 0, "{companies}");

    henry["roles"] = json!(["Admin"]);
    let (_, answer) = install.come_by(&provider, &mut visitor, &henry).await;
    assert_eq!(answer["session"]["groups"], json!(null), "an administrator sees everything at once: {answer}");
    henry["roles"] = json!(["Billing"]);
    let (_, answer) = install.come_by(&provider, &mut visitor, &henry).await;
    assert_eq!(answer["session"]["groups"], json!([]), "and nothing when they are none any more: {answer}");
}

#[tokio::test(flavor = "current_thread")]
async fn who_comes_back_to_prove_it_changes_nothing_unless_it_is_them() {
    let (install, provider) = with_provider().await;
    let mut visitor = Visitor::new("Grace");
    install.come_by(&provider, &mut visitor, &grace("Technician")).await;
    let before = install.get::<Vec<Value>>("/api/people").await.len();
    let (page, cookie) = install.begin_openid(&visitor, true).await;
    let eve = json!({ "sub": "eve", "name": "Eve", "roles": ["Admin"], "auth_time": install.tenant.now().timestamp() });
    assert_eq!(install.finish_openid(&mut visitor, &cookie, &provider.let_in(&page, &eve)).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(install.get::<Vec<Value>>("/api/people").await.len(), before, "nobody was made");

    let (status, answer) = prove(&install, &provider, &mut visitor, "Admin").await;
    assert_eq!((status, &answer["code"]), (StatusCode::UNAUTHORIZED, &json!("sign_in_not_accepted")), "another role ends the session");
    assert_eq!(install.call_by(&visitor, "GET", "/api/overview", NOTHING).await.0, StatusCode::UNAUTHORIZED);
}
