//! Cloudflare Access in front of the API: nothing passes without its word, and nothing more passes with it.

use contract::{DESCRIPTION, Method, ROUTES};
use domain::access::Action;
use harness::provider::{AUDIENCE, TEAM};
use harness::wire::Fate;
use harness::{House, SETUP_TOKEN, log};
use http::StatusCode;
use serde_json::{Value, json};

const NOTHING: Option<&Value> = None;
const PASS: &str = "cf-access-jwt-assertion";

/// Asks for the overview with an administrator's token and this pass.
async fn knock(house: &House, pass: &str) -> (StatusCode, String) {
    let bearer = format!("Bearer {}", house.token);
    let (status, answer) = house.call_with(&[("authorization", &bearer), (PASS, pass)], "GET", "/api/overview", NOTHING).await;
    (status, answer["code"].as_str().unwrap_or_default().to_owned())
}

fn refused() -> (StatusCode, String) {
    (StatusCode::FORBIDDEN, "access_refused".to_owned())
}

fn with(house: &House, name: &str, value: Value) -> Value {
    let mut claims = house.pass_claims();
    claims[name] = value;
    claims
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_but_share_links_and_health_passes_the_wall_without_a_pass() {
    let mut house = House::empty(1).await;
    house.behind_access();
    let bearer = format!("Bearer {}", house.token);
    let open = [Action::SeeStatus, Action::OpenShare, Action::SeeShare];
    for route in ROUTES.iter().filter(|route| route.path != DESCRIPTION) {
        let method = match route.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        };
        let (_, answer) = house.call_with(&[("authorization", &bearer)], method, route.path, NOTHING).await;
        assert_eq!(answer["code"] == "access_refused", !open.contains(&route.action), "{method} {}: {answer}", route.path);
    }
    for path in ["/api/nothing", "/api/share", "/api/share/", "/api/share/../overview", "/api/health/x"] {
        let (status, answer) = house.call_with(&[("authorization", &bearer)], "GET", path, NOTHING).await;
        assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("access_refused")), "{path}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_pass_opens_the_wall_and_nothing_behind_it() {
    let mut house = House::empty(1).await;
    let team = house.behind_access();
    let pass = team.sign(&house.pass_claims());
    assert_eq!(knock(&house, &pass).await.0, StatusCode::OK);
    let (status, answer) = house.call_with(&[(PASS, &pass)], "GET", "/api/overview", NOTHING).await;
    assert_eq!((status, &answer["code"]), (StatusCode::UNAUTHORIZED, &json!("not_signed_in")), "it signs nobody in");
    let (status, _) = house.call_with(&[(PASS, &pass)], "POST", "/api/invitations/open", Some(&json!({ "token": SETUP_TOKEN }))).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "current_thread")]
async fn every_wrong_pass_is_refused() {
    let mut house = House::empty(1).await;
    let team = house.behind_access();
    let now = house.tenant.now().timestamp();
    let stranger = authenticator::Signer::new("stranger");
    let mut forged = stranger.clone();
    forged.kid = "one".to_owned();
    let good = team.sign(&house.pass_claims());
    let passes = [
        String::new(),
        "no token".to_owned(),
        stranger.token(&house.pass_claims()),
        forged.token(&house.pass_claims()),
        team.sign(&with(&house, "iss", json!("https://other.cloudflareaccess.com"))),
        team.sign(&with(&house, "aud", json!(["another application"]))),
        team.sign(&with(&house, "exp", json!(now - 61))),
        team.sign(&with(&house, "nbf", json!(now + 120))),
        format!("{good}x"),
    ];
    for pass in passes {
        assert_eq!(knock(&house, &pass).await, refused(), "{pass}");
    }
    let bearer = format!("Bearer {}", house.token);
    let twice = [("authorization", bearer.as_str()), (PASS, &good), (PASS, &good)];
    assert_eq!(house.call_with(&twice, "GET", "/api/overview", NOTHING).await.0, StatusCode::FORBIDDEN, "which of them?");
    assert_eq!(knock(&house, &good).await.0, StatusCode::OK);
    house.clock.advance(300 + 61);
    assert_eq!(knock(&house, &good).await, refused(), "its time is over");
    assert!(!log::lines().iter().any(|line| line.contains(&good)), "no pass is in the log");
}

#[tokio::test(flavor = "current_thread")]
async fn keys_are_fetched_once_an_hour_and_a_new_one_is_found_at_once() {
    let mut house = House::empty(1).await;
    let team = house.behind_access();
    let fetches = |house: &House| house.wire.sent.borrow().iter().filter(|sent| sent.url.host_str() == Some(TEAM)).count();
    house.wire.clear();
    let pass = team.sign(&house.pass_claims());
    let at_once = tokio::join!(knock(&house, &pass), knock(&house, &pass), knock(&house, &pass));
    assert_eq!((at_once.0.0, at_once.1.0, at_once.2.0, fetches(&house)), (StatusCode::OK, StatusCode::OK, StatusCode::OK, 1));
    house.clock.advance(120);
    team.rotate("two");
    assert_eq!(knock(&house, &team.sign(&house.pass_claims())).await.0, StatusCode::OK, "the new key is fetched");
    assert_eq!(knock(&house, &pass).await, refused(), "the old one is gone");
    assert_eq!(fetches(&house), 2);
    for number in 0..20 {
        let pass = authenticator::Signer::new(&format!("guess {number}")).token(&house.pass_claims());
        assert_eq!(knock(&house, &pass).await, refused());
    }
    assert_eq!(fetches(&house), 2, "strangers' keys do not have the team's fetched again and again");
    house.clock.advance(3_600);
    assert_eq!(knock(&house, &team.sign(&house.pass_claims())).await.0, StatusCode::OK);
    assert_eq!(fetches(&house), 3);
}

#[tokio::test(flavor = "current_thread")]
async fn a_team_that_does_not_answer_lets_nobody_in_and_a_known_key_goes_on_for_a_day() {
    let mut house = House::empty(1).await;
    let team = house.behind_access();
    house.wire.plan(|sent| if sent.url.host_str() == Some(TEAM) { Fate::LostOnTheWay } else { Fate::Answered });
    let unreachable = (StatusCode::SERVICE_UNAVAILABLE, "access_unreachable".to_owned());
    assert_eq!(knock(&house, &team.sign(&house.pass_claims())).await, unreachable);
    house.wire.mend();
    assert_eq!(knock(&house, &team.sign(&house.pass_claims())).await, unreachable, "it was tried a moment ago");
    house.clock.advance(11);
    assert_eq!(knock(&house, &team.sign(&house.pass_claims())).await.0, StatusCode::OK);
    for answer in [Fate::LostOnTheWay, Fate::Refused(500, None), Fate::Pretended, Fate::Refused(302, None)] {
        house.wire.plan(move |sent| if sent.url.host_str() == Some(TEAM) { answer } else { Fate::Answered });
        house.clock.advance(2 * 3_600);
        assert_eq!(knock(&house, &team.sign(&house.pass_claims())).await.0, StatusCode::OK, "{answer:?}");
    }
    house.clock.advance(24 * 3_600);
    assert_eq!(knock(&house, &team.sign(&house.pass_claims())).await, unreachable, "a day is over");
}

#[tokio::test(flavor = "current_thread")]
async fn half_a_wall_refuses_everything_and_says_what_is_missing() {
    let mut house = House::empty(1).await;
    for (name, value, missing) in
        [("ACCESS_TEAM_DOMAIN", TEAM, "ACCESS_AUDIENCE is not set"), ("ACCESS_AUDIENCE", AUDIENCE, "ACCESS_TEAM_DOMAIN is not set")]
    {
        house.tell(&[(name, value)]);
        for path in ["/api/overview", "/api/health", "/api/share/company", "/api/nothing"] {
            let (status, answer) = house.call("GET", path, NOTHING).await;
            assert_eq!((status, &answer["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("access_not_configured")), "{path}");
            assert!(answer["detail"].as_str().expect("text").contains(missing), "{answer}");
        }
    }
    house.tell(&[("ACCESS_TEAM_DOMAIN", "evil.example"), ("ACCESS_AUDIENCE", AUDIENCE)]);
    assert_eq!(house.call("GET", "/api/overview", NOTHING).await.0, StatusCode::SERVICE_UNAVAILABLE);
}
