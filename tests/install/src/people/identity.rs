//! Signing in with an OpenID Connect provider: whom it lets in, as what, and everything that does not count.

use std::rc::Rc;

use domain::access::Role;
use harness::people::Visitor;
use harness::provider::{CLIENT, CLIENT_SECRET, ISSUER, Provider, provider_variables};
use harness::wire::Fate;
use harness::{TestInstall, log};
use http::StatusCode;
use serde_json::{Value, json};

const NOTHING: Option<&Value> = None;
const OVERVIEW: &str = "/api/overview";

async fn with_provider() -> (TestInstall, Rc<Provider>) {
    let mut install = TestInstall::empty(1).await;
    let provider = install.with_provider();
    (install, provider)
}

fn grace(roles: &[&str]) -> Value {
    json!({ "sub": "grace-1", "name": "Grace Hopper", "preferred_username": "grace@example.com", "roles": roles })
}

/// What is said to whom no sign-in is taken from.
fn refused() -> (StatusCode, Value) {
    (StatusCode::UNAUTHORIZED, json!("sign_in_not_accepted"))
}

fn code((status, answer): (StatusCode, Value)) -> (StatusCode, Value) {
    (status, answer["code"].clone())
}

async fn sees(install: &TestInstall, visitor: &Visitor) -> bool {
    install.call_by(visitor, "GET", OVERVIEW, NOTHING).await.0.is_success()
}

#[tokio::test(flavor = "current_thread")]
async fn who_has_a_role_there_comes_in_with_it_and_is_the_same_person_the_next_time() {
    let (install, provider) = with_provider().await;
    let (_, ways) = install.call_with(&[], "GET", "/api/session/ways", NOTHING).await;
    assert_eq!(ways, json!({ "provider": "House" }));
    let mut visitor = Visitor::new("Grace");
    let (status, answer) = install.come_by(&provider, &mut visitor, &grace(&["Billing", "Viewer", "Something"])).await;
    assert_eq!((status, &answer["again"]), (StatusCode::OK, &json!(false)), "{answer}");
    let session = &answer["session"];
    assert_eq!((&session["name"], &session["role"]), (&json!("Grace Hopper"), &json!("billing")));
    assert_eq!((&session["provider"], &session["has_passkey"]), (&json!("House"), &json!(false)));
    assert!(sees(&install, &visitor).await);

    let first = visitor.clone();
    let (status, answer) =
        install.come_by(&provider, &mut visitor, &json!({ "sub": "grace-1", "name": "Grace Murray", "roles": ["Viewer"] })).await;
    assert_eq!((status, &answer["session"]["role"]), (StatusCode::OK, &json!("viewer")));
    assert!(!sees(&install, &first).await, "a browser that comes in anew leaves its session, and so does a role that changed");
    let people: Vec<Value> = install.get("/api/people").await;
    let names: Vec<_> = people.iter().map(|person| person["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["Ada", "Grace Murray"]);
    let page: Value = install.get("/api/history?by=House").await;
    let rows: Vec<_> = page["items"].as_array().expect("rows").iter().map(|row| (row["event"].clone(), row["after"].clone())).collect();
    let expected = [("person_changed", "Grace Murray, viewer"), ("came_in", "billing")].map(|(event, after)| (json!(event), json!(after)));
    assert_eq!(rows, expected);
}

#[tokio::test(flavor = "current_thread")]
async fn who_has_no_role_there_is_not_let_in_and_loses_what_they_had() {
    let (install, provider) = with_provider().await;
    let mut visitor = Visitor::new("Grace");
    for roles in [&[][..], &["Owner", "visitor", "anonymous"]] {
        let answer = install.come_by(&provider, &mut visitor, &grace(roles)).await;
        assert_eq!(code(answer), (StatusCode::FORBIDDEN, json!("no_role")));
    }
    assert_eq!(install.get::<Vec<Value>>("/api/people").await.len(), 1, "nobody was made");
    assert_eq!(install.come_by(&provider, &mut visitor, &grace(&["Technician"])).await.0, StatusCode::OK);
    let mut elsewhere = Visitor::new("Grace elsewhere");
    assert_eq!(code(install.come_by(&provider, &mut elsewhere, &grace(&[])).await), (StatusCode::FORBIDDEN, json!("no_role")));
    assert!(!sees(&install, &visitor).await, "the role is gone, and so are the sessions");
}

#[tokio::test(flavor = "current_thread")]
async fn who_was_shut_out_stays_out_whatever_the_provider_says() {
    let (install, provider) = with_provider().await;
    let mut visitor = Visitor::new("Grace");
    assert_eq!(install.come_by(&provider, &mut visitor, &grace(&["Admin"])).await.0, StatusCode::OK);
    let people: Vec<Value> = install.get("/api/people").await;
    let grace_here = people.iter().find(|person| person["name"] == "Grace Hopper").expect("Grace");
    let path = format!("/api/people/{}", grace_here["id"].as_str().expect("an id"));
    assert_eq!(install.call_by(&install.admin_anew().await, "DELETE", &path, NOTHING).await.0, StatusCode::NO_CONTENT);
    assert!(!sees(&install, &visitor).await);
    let answer = install.come_by(&provider, &mut visitor, &grace(&["Admin"])).await;
    assert_eq!(code(answer), (StatusCode::FORBIDDEN, json!("shut_out")));
}

#[tokio::test(flavor = "current_thread")]
async fn somebody_of_the_same_name_is_somebody_else() {
    let (install, provider) = with_provider().await;
    let mut visitor = Visitor::new("Ada");
    let ada = json!({ "sub": "ada-1", "name": "Ada", "preferred_username": "ada@example.com", "roles": ["Viewer"] });
    let (_, answer) = install.come_by(&provider, &mut visitor, &ada).await;
    assert_eq!((&answer["session"]["name"], &answer["session"]["role"]), (&json!("Ada (ada@example.com)"), &json!("viewer")));
    let (_, answer) = install.come_by(&provider, &mut visitor, &ada).await;
    assert_eq!(answer["session"]["name"], "Ada (ada@example.com)", "and keeps it");
    assert!(sees(&install, &install.admin_anew().await).await, "Ada with the passkey is who she was");
}

#[tokio::test(flavor = "current_thread")]
async fn a_sign_in_comes_back_once_within_ten_minutes_to_the_browser_that_began_it() {
    let (install, provider) = with_provider().await;
    let mut visitor = Visitor::new("Grace");
    let (page, cookie) = install.begin_openid(&visitor, false).await;
    let answer = provider.let_in(&page, &grace(&["Viewer"]));
    assert_eq!(install.finish_openid(&mut visitor.clone(), &cookie, &answer).await.0, StatusCode::OK);
    assert_eq!(code(install.finish_openid(&mut visitor, &cookie, &answer).await), refused(), "a second time");

    let (page, cookie) = install.begin_openid(&visitor, false).await;
    let answer = provider.let_in(&page, &grace(&["Viewer"]));
    let (_, other) = install.begin_openid(&visitor, false).await;
    assert_eq!(code(install.finish_openid(&mut visitor, &other, &answer).await), refused(), "another browser's");
    assert_eq!(install.finish_openid(&mut visitor.clone(), &cookie, &answer).await.0, StatusCode::OK, "which has not used it up");

    let (page, _) = install.begin_openid(&visitor, false).await;
    let answer = provider.let_in(&page, &grace(&["Viewer"]));
    assert_eq!(code(install.finish_openid(&mut visitor, "other=1", &answer).await), refused(), "no cookie");

    let (page, cookie) = install.begin_openid(&visitor, false).await;
    let answer = provider.let_in(&page, &grace(&["Viewer"]));
    install.clock.advance(601);
    assert_eq!(code(install.finish_openid(&mut visitor, &cookie, &answer).await), refused(), "too late");

    let (_, cookie) = install.begin_openid(&visitor, false).await;
    let guessed = json!({ "state": "guessed", "code": "code-1" });
    assert_eq!(code(install.finish_openid(&mut visitor, &cookie, &guessed).await), refused(), "a state nobody gave out");
    let exchanges = install.wire.sent.borrow().iter().filter(|sent| sent.url.path() == "/token").count();
    assert_eq!(exchanges, 2, "only the two that were let in came as far as the provider");
    assert!(!sees(&install, &visitor).await);
}

#[tokio::test(flavor = "current_thread")]
async fn a_code_of_another_sign_in_is_not_taken() {
    let (install, provider) = with_provider().await;
    let mut visitor = Visitor::new("Grace");
    let (evil_page, _) = install.begin_openid(&Visitor::new("Eve"), false).await;
    let stolen = provider.let_in(&evil_page, &json!({ "sub": "eve", "name": "Eve", "roles": ["Admin"] }));
    let (page, cookie) = install.begin_openid(&visitor, false).await;
    let mut answer = provider.let_in(&page, &grace(&["Viewer"]));
    answer["code"] = stolen["code"].clone();
    assert_eq!(code(install.finish_openid(&mut visitor, &cookie, &answer).await), refused(), "its verifier is another browser's");
    assert!(log::lines().iter().any(|line| line.contains("the code was refused: status 400 invalid_grant")));
}

#[tokio::test(flavor = "current_thread")]
async fn every_wrong_token_is_refused() {
    let (install, provider) = with_provider().await;
    let now = install.tenant.now().timestamp();
    for twist in [
        json!({ "nonce": "replayed" }),
        json!({ "nonce": null }),
        json!({ "iss": "https://login.provider.test" }),
        json!({ "aud": "them" }),
        json!({ "aud": [CLIENT, "them"] }),
        json!({ "azp": "them" }),
        json!({ "exp": now - 61 }),
        json!({ "iat": now + 3_600 }),
        json!({ "nbf": now + 3_600 }),
        json!({ "sub": "" }),
    ] {
        *provider.twist.borrow_mut() = twist.clone();
        let answer = install.come_by(&provider, &mut Visitor::new("Grace"), &grace(&["Admin"])).await;
        assert_eq!(code(answer), refused(), "{twist}");
    }
    *provider.twist.borrow_mut() = json!({ "aud": [CLIENT], "azp": CLIENT });
    assert_eq!(install.come_by(&provider, &mut Visitor::new("Grace"), &grace(&["Admin"])).await.0, StatusCode::OK);
    assert_eq!(install.get::<Vec<Value>>("/api/people").await.len(), 2);
}

#[tokio::test(flavor = "current_thread")]
async fn keys_that_change_are_found_and_a_strangers_key_is_not() {
    let (install, provider) = with_provider().await;
    let mut visitor = Visitor::new("Grace");
    assert_eq!(install.come_by(&provider, &mut visitor, &grace(&["Viewer"])).await.0, StatusCode::OK);
    install.clock.advance(120);
    provider.rotate("two");
    assert_eq!(install.come_by(&provider, &mut visitor, &grace(&["Viewer"])).await.0, StatusCode::OK);
    let mut forged = authenticator::Signer::new("stranger");
    forged.kid = "two".to_owned();
    provider.keys.replace(vec![forged]);
    assert_eq!(code(install.come_by(&provider, &mut visitor, &grace(&["Viewer"])).await), refused());
}

#[tokio::test(flavor = "current_thread")]
async fn only_tenants_of_the_list_come_in_and_people_are_known_by_tenant_and_object() {
    let mut install = TestInstall::empty(1).await;
    let entra = "https://login.microsoftonline.com/organizations/v2.0";
    let variables = [&provider_variables(entra)[..3], &[("OPENID_TENANTS", "aaaa,bbbb")]].concat();
    let provider = install.vouched_for(&variables);
    provider.modern.set(true);
    provider.issuer.replace("https://login.microsoftonline.com/{tenantid}/v2.0".to_owned());
    let of = |tenant: &str, object: &str, sub: &str| {
        json!({ "iss": format!("https://login.microsoftonline.com/{tenant}/v2.0"), "tid": tenant, "oid": object, "sub": sub,
                "name": "Grace", "roles": ["Viewer"] })
    };
    let mut visitor = Visitor::new("Grace");
    let (status, answer) = install.come_by(&provider, &mut visitor, &of("aaaa", "1", "x")).await;
    assert_eq!((status, &answer["session"]["provider"]), (StatusCode::OK, &json!("Microsoft")), "{answer}");
    assert_eq!(install.come_by(&provider, &mut visitor, &of("aaaa", "1", "another sub")).await.0, StatusCode::OK);
    assert_eq!(install.get::<Vec<Value>>("/api/people").await.len(), 2, "the same person");
    assert_eq!(install.come_by(&provider, &mut visitor, &of("bbbb", "1", "x")).await.0, StatusCode::OK);
    assert_eq!(install.get::<Vec<Value>>("/api/people").await.len(), 3, "the same number in another tenant is somebody else");
    let mut mixed = of("aaaa", "1", "x");
    mixed["tid"] = json!("bbbb");
    let mut no_object = of("aaaa", "1", "x");
    no_object["oid"] = Value::Null;
    for wrong in [of("cccc", "1", "x"), mixed, no_object] {
        assert_eq!(code(install.come_by(&provider, &mut visitor, &wrong).await), refused(), "{wrong}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_provider_that_fails_is_said_to_and_passkeys_go_on() {
    let (install, provider) = with_provider().await;
    let unreachable = (StatusCode::SERVICE_UNAVAILABLE, json!("provider_unreachable"));
    let mut visitor = Visitor::new("Grace");
    let nothing = json!({});
    let begin = || install.call_with(&[], "POST", "/api/session/openid", Some(&nothing));
    for fate in [Fate::LostOnTheWay, Fate::Refused(500, None), Fate::Refused(302, None), Fate::Pretended] {
        install.wire.plan(move |sent| if Provider::is_at(sent.url.host_str().unwrap_or_default()) { fate } else { Fate::Answered });
        assert_eq!(code(begin().await), unreachable, "{fate:?}");
        let asked = install.wire.kinds().len();
        assert_eq!(code(begin().await), unreachable, "{fate:?}");
        assert_eq!(install.wire.kinds().len(), asked, "who tries again at once makes no call");
        install.clock.advance(10);
    }
    install.wire.mend();
    provider.issuer.replace("https://login.evil.test/house".to_owned());
    assert_eq!(code(begin().await), unreachable, "another issuer");
    provider.issuer.replace(ISSUER.to_owned());
    install.clock.advance(10);

    for path in ["/token", "/keys"] {
        let (page, cookie) = install.begin_openid(&visitor, false).await;
        let answer = provider.let_in(&page, &grace(&["Viewer"]));
        install.wire.plan(move |sent| if sent.url.path() == path { Fate::Refused(503, None) } else { Fate::Answered });
        assert_eq!(code(install.finish_openid(&mut visitor, &cookie, &answer).await), unreachable, "{path}");
        install.wire.mend();
    }
    assert!(sees(&install, &install.admin_anew().await).await);
}

#[tokio::test(flavor = "current_thread")]
async fn what_the_provider_refuses_is_said_in_plain_words() {
    let (install, provider) = with_provider().await;
    for (error, title) in [
        ("access_denied", "You did not sign in with House, or were not let in there."),
        ("login_required", "House wants you to sign in there first."),
        ("server_error", "House has a fault."),
        ("invalid_scope<script>", "House did not take the request."),
    ] {
        let mut visitor = Visitor::new("Grace");
        let (page, cookie) = install.begin_openid(&visitor, false).await;
        let state = provider.let_in(&page, &grace(&["Viewer"]))["state"].clone();
        let (status, answer) = install.finish_openid(&mut visitor, &cookie, &json!({ "state": state, "error": error })).await;
        assert_eq!((status, &answer["code"], &answer["title"]), (StatusCode::FORBIDDEN, &json!("provider_refused"), &json!(title)));
        assert!(!answer.to_string().contains('<'), "{answer}");
        let again = json!({ "state": state, "code": "guessed" });
        assert_eq!(code(install.finish_openid(&mut visitor, &cookie, &again).await), refused(), "a code nobody gave out");
    }
    let (page, cookie) = install.begin_openid(&Visitor::new("Grace"), false).await;
    let mut answer = provider.let_in(&page, &grace(&["Viewer"]));
    answer["iss"] = json!("https://login.evil.test");
    assert_eq!(
        code(install.finish_openid(&mut Visitor::new("Grace"), &cookie, &answer).await),
        refused(),
        "mixed up with another provider"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn signing_in_there_anew_is_proof_and_being_remembered_is_none() {
    let (install, provider) = with_provider().await;
    let mut visitor = Visitor::new("Grace");
    assert_eq!(install.come_by(&provider, &mut visitor, &grace(&["Admin"])).await.0, StatusCode::OK);
    let invite = json!({ "name": "Cem", "role": "viewer" });
    let (status, answer) = install.call_by(&visitor, "POST", "/api/people", Some(&invite)).await;
    assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("proof_wanted")), "coming in is no proof");

    let now = install.tenant.now().timestamp();
    let mut remembered = grace(&["Admin"]);
    let no_time = (StatusCode::FORBIDDEN, json!("provider_says_no_time"));
    for (since, expected) in [(json!(null), no_time), (json!(now - 3_600), refused())] {
        remembered["auth_time"] = since;
        let (page, cookie) = install.begin_openid(&visitor, true).await;
        assert!(page.ends_with("&prompt=login&max_age=0"), "{page}");
        let answer = provider.let_in(&page, &remembered);
        assert_eq!(code(install.finish_openid(&mut visitor, &cookie, &answer).await), expected, "{remembered}");
    }

    let mut other = json!({ "sub": "eve", "name": "Eve", "roles": ["Admin"], "auth_time": now + 5 });
    let (page, cookie) = install.begin_openid(&visitor, true).await;
    let answer = provider.let_in(&page, &other);
    assert_eq!(code(install.finish_openid(&mut visitor, &cookie, &answer).await), refused(), "somebody else");

    other["sub"] = json!("grace-1");
    other["name"] = json!("Grace Hopper");
    let (page, cookie) = install.begin_openid(&visitor, true).await;
    let answer = provider.let_in(&page, &other);
    let before = visitor.cookie.clone();
    let (status, finished) = install.finish_openid(&mut visitor, &cookie, &answer).await;
    assert_eq!((status, &finished["again"]), (StatusCode::OK, &json!(true)), "{finished}");
    assert_eq!(visitor.cookie, before, "it is the same session");
    assert_eq!(install.call_by(&visitor, "POST", "/api/people", Some(&invite)).await.0, StatusCode::CREATED);

    let (page, cookie) = install.begin_openid(&visitor, true).await;
    let answer = provider.let_in(&page, &other);
    let mut signed_out = Visitor::new("Grace");
    assert_eq!(code(install.finish_openid(&mut signed_out, &cookie, &answer).await), refused(), "not in that session");
    let (status, answer) = install.call_with(&[], "POST", "/api/session/openid", Some(&json!({ "again": true }))).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "nobody is signed in who could prove it: {answer}");
}

#[tokio::test(flavor = "current_thread")]
async fn without_a_provider_or_with_half_of_one_nobody_comes_in_by_it() {
    let mut install = TestInstall::empty(1).await;
    let begin = || json!({});
    let (_, ways) = install.call_with(&[], "GET", "/api/session/ways", NOTHING).await;
    assert_eq!(ways, json!({ "provider": null }));
    for path in ["/api/session/openid", "/api/session/openid/finish"] {
        let answer =
            install.call_with(&[], "POST", path, Some(&if path.ends_with("finish") { json!({ "state": "x" }) } else { begin() })).await;
        assert_eq!(code(answer), (StatusCode::NOT_FOUND, json!("no_provider")), "{path}");
    }
    install.vouched_for(&[("OPENID_ISSUER", ISSUER), ("OPENID_CLIENT_SECRET", CLIENT_SECRET)]);
    let (status, answer) = install.call_with(&[], "POST", "/api/session/openid", Some(&begin())).await;
    assert_eq!((status, &answer["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("provider_not_configured")));
    assert!(answer["detail"].as_str().expect("text").starts_with("OPENID_CLIENT_ID is not set"), "{answer}");
    assert!(sees(&install, &install.admin_anew().await).await, "passkeys go on");
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_of_a_sign_in_is_left_that_could_be_used_again() {
    let (install, provider) = with_provider().await;
    let mut visitor = Visitor::new("Grace");
    let (page, cookie) = install.begin_openid(&visitor, false).await;
    let answer = provider.let_in(&page, &grace(&["Viewer"]));
    let kept = cookie.split_once('=').expect("a pair").1.to_owned();
    let secrets = [kept, answer["state"].as_str().expect("a state").to_owned(), answer["code"].as_str().expect("a code").to_owned()];
    let kept = || install.sql_text("SELECT * FROM spent_tokens WHERE ends_at = (SELECT max(ends_at) FROM spent_tokens)");
    let before = kept();
    assert_eq!(install.finish_openid(&mut visitor, &cookie, &answer).await.0, StatusCode::OK);
    let kept = kept();
    assert!(kept != before && kept.len() > 64, "{kept}");
    for secret in &secrets {
        assert!(!kept.contains(secret.as_str()), "the ledger holds hashes");
    }
    let log = log::lines().join("\n");
    for secret in secrets.iter().chain([&CLIENT_SECRET.to_owned()]) {
        assert!(!log.contains(secret.as_str()), "{secret} is in the log");
    }
    assert_eq!(install.get::<Vec<Value>>("/api/people").await[1]["role"], json!(Role::Viewer));
}
