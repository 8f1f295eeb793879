//! Every endpoint that is declared, as every kind of caller, against the table of roles and actions.

use std::io::Write;

use contract::companies::ListCompanies;
use contract::session::{ShowSession, SignOut};
use contract::share::{BeginVisit, CreateShareLink};
use contract::{DESCRIPTION, Endpoint, Method, ROUTES, Route, RouteScope};
use domain::access::{Action, Role};
use harness::people::Visitor;
use harness::{SETUP_TOKEN, TestInstall};
use http::StatusCode;
use serde_json::{Value, json};

/// Somebody who calls.
struct Principal {
    name: String,
    role: Role,
    headers: Vec<(&'static str, String)>,
    by: By,
    /// Whether they see one access group alone.
    scoped: bool,
}

/// What they call by.
#[derive(Clone, Copy, PartialEq)]
enum By {
    /// Nothing that opens anything.
    Nothing,
    /// A session in which a passkey was just shown.
    Fresh,
    /// A session in which none was shown for a while.
    Stale,
    /// An API token.
    Token,
    /// A share link that was opened.
    Visit,
}

/// The code with which a call is refused before its handler runs; none when it is let through.
fn refusal(principal: &Principal, action: Action, reach: RouteScope, reads: bool) -> Option<(StatusCode, &'static str)> {
    match principal.by {
        _ if action.roles().contains(&Role::Anonymous) => None,
        By::Visit if action.roles().contains(&Role::Visitor) => None,
        // To what a share link shows, and from it to anything else, nobody is known.
        By::Visit => Some((StatusCode::UNAUTHORIZED, "not_signed_in")),
        _ if action == Action::SeeShare => Some((StatusCode::UNAUTHORIZED, "not_signed_in")),
        By::Nothing => Some((StatusCode::UNAUTHORIZED, "not_signed_in")),
        _ if !action.roles().contains(&principal.role) => Some((StatusCode::FORBIDDEN, "not_allowed")),
        _ if principal.scoped && reach == RouteScope::Whole => Some((StatusCode::FORBIDDEN, "whole_install")),
        _ if reads => None,
        By::Token if action.is_personal() => Some((StatusCode::FORBIDDEN, "people_only")),
        By::Stale if action.wants_step_up() => Some((StatusCode::FORBIDDEN, "proof_wanted")),
        _ => None,
    }
}

/// What authorization says, and nobody behind it.
const OF_THE_GATE: [&str; 7] = ["not_signed_in", "not_allowed", "whole_install", "people_only", "proof_wanted", "cross_site", "too_often"];

async fn principals(install: &TestInstall) -> Vec<Principal> {
    let by_cookie = |visitor: &Visitor| vec![("cookie", visitor.cookie.clone()), ("sec-fetch-site", "same-origin".to_owned())];
    let bearer = |token: &str| vec![("authorization", format!("Bearer {token}"))];
    let (mut stale, mut tokens, mut branch, mut branch_tokens) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let scope = json!({ "sees": "groups", "groups": [install.access_group("A branch", &[]).await] });
    let left = install.person("left", Role::Admin).await;
    for role in Role::GIVEN {
        stale.push((role, install.person(&format!("stale {role:?}"), role).await));
        tokens.push((role, install.token_for(&install.admin, role).await));
    }
    for role in Role::GIVEN.into_iter().filter(|role| *role != Role::Admin) {
        branch.push((role, install.person_who_sees(&format!("{role:?} of a branch"), role, &scope).await));
        branch_tokens.push((role, install.token_that_sees(&install.admin, role, &scope).await));
    }
    install.clock.advance(20 * 60);
    for (_, visitor) in stale.iter().chain(&branch) {
        install.call_by(visitor, "GET", ShowSession::ROUTE.path, None::<&Value>).await;
    }
    install.clock.advance(15 * 60);
    let mut all = Vec::new();
    let mut add = |name: String, role, headers, by| all.push(Principal { name, role, headers, by, scoped: false });
    add("nobody".to_owned(), Role::Anonymous, Vec::new(), By::Nothing);
    add("the spent set-up secret".to_owned(), Role::Anonymous, bearer(SETUP_TOKEN), By::Nothing);
    add("a session nobody used for half an hour".to_owned(), Role::Anonymous, by_cookie(&left), By::Nothing);
    add("a cookie of no session".to_owned(), Role::Anonymous, vec![("cookie", "seatbridge=sbs_guess".to_owned())], By::Nothing);
    add("a visit by a share link".to_owned(), Role::Visitor, vec![("cookie", visit(install).await)], By::Visit);
    for (role, visitor) in &stale {
        add(visitor.name.clone(), *role, by_cookie(visitor), By::Stale);
    }
    for (role, token) in &tokens {
        add(format!("a token of {role:?}"), *role, bearer(token), By::Token);
    }
    for role in Role::GIVEN {
        let visitor = install.person(&format!("fresh {role:?}"), role).await;
        add(visitor.name.clone(), role, by_cookie(&visitor), By::Fresh);
    }
    for (role, visitor) in &branch {
        add(visitor.name.clone(), *role, by_cookie(visitor), By::Stale);
    }
    for (role, token) in &branch_tokens {
        add(format!("a token of {role:?} of a branch"), *role, bearer(token), By::Token);
    }
    for principal in all.iter_mut().filter(|principal| principal.name.ends_with(" of a branch")) {
        principal.scoped = true;
    }
    all
}

/// The cookie of a visit by a share link.
async fn visit(install: &TestInstall) -> String {
    let page: Value = install.get(&format!("{}?state=all", ListCompanies::ROUTE.path)).await;
    let company = json!({ "connection": page["items"][0]["connection"], "company": page["items"][0]["company"] });
    let (status, link) = install.post(CreateShareLink::ROUTE.path, &company).await;
    assert_eq!(status, StatusCode::CREATED, "{link}");
    let (_, headers, _) = install.answer_with(&[], "POST", BeginVisit::ROUTE.path, Some(&json!({ "token": link["token"] }))).await;
    let set = headers["set-cookie"].to_str().expect("text");
    set.split(';').next().expect("a cookie").to_owned()
}

#[tokio::test(flavor = "current_thread")]
async fn every_route_lets_in_whom_the_table_says_and_nobody_else() {
    let install = TestInstall::ready(1).await;
    let mut routes: Vec<&Route> = ROUTES.iter().filter(|route| route.path != DESCRIPTION).collect();
    // Who signs out is gone for what would follow.
    routes.sort_by_key(|route| route.path == SignOut::ROUTE.path && route.method == SignOut::ROUTE.method);
    let (mut checked, mut differences) = (0, Vec::new());
    for (number, principal) in principals(&install).await.iter().enumerate() {
        let address = format!("203.0.113.{number}");
        for route in &routes {
            let method = route.method.name();
            let path = route
                .path
                .replace("{period}", "2026-02")
                .replace("{board}", "1")
                .replace("{company}", "1")
                .replace("{group}", "1")
                .replace("{id}", "nobodys");
            let mut headers: Vec<(&str, &str)> = principal.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            headers.push(("cf-connecting-ip", &address));
            let (status, answer) = install.call_with(&headers, method, &path, None::<&Value>).await;
            let code = answer["code"].as_str().unwrap_or_default();
            let right = match refusal(principal, route.action, route.reach, route.method == Method::Get) {
                Some(expected) => (status, code) == expected,
                None => !OF_THE_GATE.contains(&code) && !status.is_server_error(),
            };
            checked += 1;
            if !right {
                differences.push(format!("{method} {path} by {}: {status} {code}", principal.name));
            }
        }
    }
    // Past the test harness, which keeps the output of tests that pass to itself.
    let _ = writeln!(std::io::stderr(), "routes x principals: {checked} checked, {} differences", differences.len());
    assert!(differences.is_empty(), "{differences:#?}");
}
