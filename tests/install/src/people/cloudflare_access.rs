//! Cloudflare Access in front of the API: nothing passes without its word, and nothing more passes with it.

use contract::{DESCRIPTION, Method, ROUTES};
use domain::access::Action;
use harness::provider::{AUDIENCE, TEAM};
use harness::wire::Fate;
use harness::{SETUP_TOKEN, TestInstall, log};
use http::StatusCode;
use serde_json::{Value, json};

const NOTHING: Option<&Value> = None;
const PASS: &str = "cf-access-jwt-assertion";

/// Asks for the overview with an administrator's token and this pass.
async fn knock(install: &TestInstall, pass: &str) -> (StatusCode, String) {
    let bearer = format!("Bearer {}", install.token);
    let (status, answer) = install.call_with(&[("authorization", &bearer), (PASS, pass)], "GET", "/api/overview", NOTHING).await;
    (status, answer["code"].as_str().unwrap_or_default().to_owned())
}

fn refused() -> (StatusCode, String) {
    (StatusCode::FORBIDDEN, "access_refused".to_owned())
}

fn with(install: &TestInstall, name: &str, value: Value) -> Value {
    let mut claims = install.pass_claims();
    claims[name] = value;
    claims
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_but_share_links_and_health_passes_the_cloudflare_access_without_a_pass() {
    let mut install = TestInstall::empty(1).await;
    install.behind_access();
    let bearer = format!("Bearer {}", install.token);
    let open = [Action::SeeStatus, Action::OpenShare, Action::SeeShare];
    for route in ROUTES.iter().filter(|route| route.path != DESCRIPTION) {
        let method = match route.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        };
        let (_, answer) = install.call_with(&[("authorization", &bearer)], method, route.path, NOTHING).await;
        assert_eq!(answer["code"] == "access_refused", !open.contains(&route.action), "{method} {}: {answer}", route.path);
    }
    for path in ["/api/nothing", "/api/share", "/api/share/", "/api/share/../overview", "/api/health/x"] {
        let (status, answer) = install.call_with(&[("authorization", &bearer)], "GET", path, NOTHING).await;
        assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("access_refused")), "{path}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_pass_opens_the_cloudflare_access_and_nothing_behind_it() {
    let mut install = TestInstall::empty(1).await;
    let team = install.behind_access();
    let pass = team.sign(&install.pass_claims());
    assert_eq!(knock(&install, &pass).await.0, StatusCode::OK);
    let (status, answer) = install.call_with(&[(PASS, &pass)], "GET", "/api/overview", NOTHING).await;
    assert_eq!((status, &answer["code"]), (StatusCode::UNAUTHORIZED, &json!("not_signed_in")), "it signs nobody in");
    let (status, _) = install.call_with(&[(PASS, &pass)], "POST", "/api/invitations/open", Some(&json!({ "token": SETUP_TOKEN }))).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "current_thread")]
async fn every_wrong_pass_is_refused() {
    let mut install = TestInstall::empty(1).await;
    let team = install.behind_access();
    let now = install.tenant.now().timestamp();
    let stranger = authenticator::Signer::new("stranger");
    let mut forged = stranger.clone();
    forged.kid = "one".to_owned();
    let good = team.sign(&install.pass_claims());
    let passes = [
        String::new(),
        "no token".to_owned(),
        stranger.token(&install.pass_claims()),
        forged.token(&install.pass_claims()),
        team.sign(&with(&install, "iss", json!("https://other.cloudflareaccess.com"))),
        team.sign(&with(&install, "aud", json!(["another application"]))),
        team.sign(&with(&install, "exp", json!(now - 61))),
        team.sign(&with(&install, "nbf", json!(now + 120))),
        format!("{good}x"),
    ];
    for pass in passes {
        assert_eq!(knock(&install, &pass).await, refused(), "{pass}");
    }
    let bearer = format!("Bearer {}", install.token);
    let twice = [("authorization", bearer.as_str()), (PASS, &good), (PASS, &good)];
    assert_eq!(install.call_with(&twice, "GET", "/api/overview", NOTHING).await.0, StatusCode::FORBIDDEN, "which of them?");
    assert_eq!(knock(&install, &good).await.0, StatusCode::OK);
    install.clock.advance(300 + 61);
    assert_eq!(knock(&install, &good).await, refused(), "its time is over");
    assert!(!log::lines().iter().any(|line| line.contains(&good)), "no pass is in the log");
}

#[tokio::test(flavor = "current_thread")]
async fn keys_are_fetched_once_an_hour_and_a_new_one_is_found_at_once() {
    let mut install = TestInstall::empty(1).await;
    let team = install.behind_access();
    let fetches = |install: &TestInstall| install.wire.sent.borrow().iter().filter(|sent| sent.url.host_str() == Some(TEAM)).count();
    install.wire.clear();
    let pass = team.sign(&install.pass_claims());
    let at_once = tokio::join!(knock(&install, &pass), knock(&install, &pass), knock(&install, &pass));
    assert_eq!((at_once.0.0, at_once.1.0, at_once.2.0, fetches(&install)), (StatusCode::OK, StatusCode::OK, StatusCode::OK, 1));
    install.clock.advance(120);
    team.rotate("two");
    assert_eq!(knock(&install, &team.sign(&install.pass_claims())).await.0, StatusCode::OK, "the new key is fetched");
    assert_eq!(knock(&install, &pass).await, refused(), "the old one is gone");
    assert_eq!(fetches(&install), 2);
    for number in 0..20 {
        let pass = authenticator::Signer::new(&format!("guess {number}")).token(&install.pass_claims());
        assert_eq!(knock(&install, &pass).await, refused());
    }
    assert_eq!(fetches(&install), 2, "strangers' keys do not have the team's fetched again and again");
    install.clock.advance(3_600);
    assert_eq!(knock(&install, &team.sign(&install.pass_claims())).await.0, StatusCode::OK);
    assert_eq!(fetches(&install), 3);
}

#[tokio::test(flavor = "current_thread")]
async fn a_team_that_does_not_answer_lets_nobody_in_and_a_known_key_goes_on_for_a_day() {
    let mut install = TestInstall::empty(1).await;
    let team = install.behind_access();
    install.wire.plan(|sent| if sent.url.host_str() == Some(TEAM) { Fate::LostOnTheWay } else { Fate::Answered });
    let unreachable = (StatusCode::SERVICE_UNAVAILABLE, "access_unreachable".to_owned());
    assert_eq!(knock(&install, &team.sign(&install.pass_claims())).await, unreachable);
    install.wire.mend();
    assert_eq!(knock(&install, &team.sign(&install.pass_claims())).await, unreachable, "it was tried a moment ago");
    install.clock.advance(11);
    assert_eq!(knock(&install, &team.sign(&install.pass_claims())).await.0, StatusCode::OK);
    for answer in [Fate::LostOnTheWay, Fate::Refused(500, None), Fate::Pretended, Fate::Refused(302, None)] {
        install.wire.plan(move |sent| if sent.url.host_str() == Some(TEAM) { answer } else { Fate::Answered });
        install.clock.advance(2 * 3_600);
        assert_eq!(knock(&install, &team.sign(&install.pass_claims())).await.0, StatusCode::OK, "{answer:?}");
    }
    install.clock.advance(24 * 3_600);
    assert_eq!(knock(&install, &team.sign(&install.pass_claims())).await, unreachable, "a day is over");
}

#[tokio::test(flavor = "current_thread")]
async fn half_a_cloudflare_access_refuses_everything_and_says_what_is_missing() {
    let mut install = TestInstall::empty(1).await;
    for (name, value, missing) in
        [("ACCESS_TEAM_DOMAIN", TEAM, "ACCESS_AUDIENCE is not set"), ("ACCESS_AUDIENCE", AUDIENCE, "ACCESS_TEAM_DOMAIN is not set")]
    {
        install.tell(&[(name, value)]);
        for path in ["/api/overview", "/api/health", "/api/share/company", "/api/nothing"] {
            let (status, answer) = install.call("GET", path, NOTHING).await;
            assert_eq!((status, &answer["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("access_not_configured")), "{path}");
            assert!(answer["detail"].as_str().expect("text").contains(missing), "{answer}");
        }
    }
    install.tell(&[("ACCESS_TEAM_DOMAIN", "evil.example"), ("ACCESS_AUDIENCE", AUDIENCE)]);
    assert_eq!(install.call("GET", "/api/overview", NOTHING).await.0, StatusCode::SERVICE_UNAVAILABLE);
}
