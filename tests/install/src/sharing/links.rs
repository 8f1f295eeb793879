//! Share links: who makes them, what opens them, and for how long.

use crate::visits;

use contract::ROUTES;
use contract::routes::Method;
use domain::access::{Action, Role};
use harness::{HOST, TestInstall};
use http::StatusCode;
use serde_json::{Value, json};

use visits::{DAY, NOTHING, company, make, open_with, see, shown, token, visit, wanted};

/// The one link of the list.
async fn listed(install: &TestInstall) -> Value {
    let page: Value = install.get("/api/share-links").await;
    assert_eq!(page["total"], 1, "{page}");
    page["items"][0].clone()
}

#[tokio::test(flavor = "current_thread")]
async fn a_link_is_made_opened_counted_and_revoked_at_once() {
    let install = TestInstall::ready(3).await;
    let acme = company(&install, 0).await;
    let made = make(&install, &wanted(&acme)).await;
    assert!(token(&made).starts_with("sbv_") && token(&made).len() == 47, "256 bits: {made}");
    let cookie = visit(&install, &made).await;
    assert_eq!(shown(&install, &cookie).await.name, acme.name);
    let again = visit(&install, &made).await;
    let link = listed(&install).await;
    assert_eq!((&link["state"], &link["openings"], &link["name"]), (&json!("works"), &json!(2), &json!(acme.name)));
    assert!(link["opened_at"].is_string() && link["created_by"] == "tests", "{link}");
    let rows = install.sql_text("SELECT * FROM share_links");
    for secret in [token(&made), cookie.split('=').nth(1).expect("a value")] {
        assert!(!rows.contains(secret), "only hashes are kept");
    }
    let path = format!("/api/share-links/{}", made["id"].as_str().expect("an id"));
    assert_eq!(install.call("DELETE", &path, NOTHING).await.0, StatusCode::NO_CONTENT);
    assert_eq!(install.call("DELETE", &path, NOTHING).await.0, StatusCode::NOT_FOUND);
    for cookie in [&cookie, &again] {
        for path in ["/api/share/company", "/api/share/statement"] {
            assert_eq!(see(&install, cookie, path).await.0, StatusCode::UNAUTHORIZED, "revoked in an open visit");
        }
    }
    assert_eq!(listed(&install).await["state"], "revoked");
    let history: Value = install.get("/api/history?q=share_link").await;
    let events: Vec<&str> = history["items"].as_array().expect("rows").iter().filter_map(|row| row["event"].as_str()).collect();
    assert_eq!(events, ["share_link_revoked", "share_link_opened", "share_link_made"]);
    assert!(history["items"].as_array().expect("rows").iter().all(|row| row["subject"] == acme.name.as_str()), "{history}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_link_that_is_opened_again_and_again_has_one_row_an_hour_which_tells_of_the_others() {
    let install = TestInstall::ready(3).await;
    let (made, other) =
        (make(&install, &wanted(&company(&install, 0).await)).await, make(&install, &wanted(&company(&install, 1).await)).await);
    let opened = async || install.get::<Value>("/api/history?event=share_link_opened").await;
    for _ in 0..30 {
        visit(&install, &made).await;
    }
    let first = opened().await;
    assert_eq!((&first["total"], &first["items"][0]["detail"]), (&json!(1), &Value::Null), "{first}");
    visit(&install, &other).await;
    assert_eq!(opened().await["total"], 2, "another link has its own");
    let counted = |page: Value| page["items"].as_array().expect("links").iter().map(|link| link["openings"].as_u64()).sum::<Option<u64>>();
    assert_eq!(counted(install.get("/api/share-links").await), Some(31), "each is counted");

    install.clock.advance(3_500);
    visit(&install, &made).await;
    assert_eq!(opened().await["total"], 2, "not an hour yet");
    install.clock.advance(101);
    visit(&install, &made).await;
    let later = opened().await;
    let at = first["items"][0]["at"].as_str().expect("a moment").parse::<domain::Timestamp>().expect("a moment");
    let detail = format!("31 times since {}.", at.format("%Y-%m-%d %H:%M UTC"));
    assert_eq!((&later["total"], &later["items"][0]["detail"]), (&json!(3), &json!(detail)));
    install.clock.advance(3_601);
    visit(&install, &made).await;
    assert_eq!(opened().await["items"][0]["detail"], Value::Null, "it alone");
}

#[tokio::test(flavor = "current_thread")]
async fn links_that_do_not_work_look_exactly_alike() {
    let install = TestInstall::ready(1).await;
    let body = wanted(&company(&install, 0).await);
    let (expired, revoked) = (make(&install, &body).await, make(&install, &body).await);
    let path = format!("/api/share-links/{}", revoked["id"].as_str().expect("an id"));
    install.call("DELETE", &path, NOTHING).await;
    install.clock.advance(30 * DAY + 1);
    let unknown = open_with(&install, &json!({ "token": "sbv_never-given-out" })).await;
    assert_eq!((unknown.0, &unknown.2["code"]), (StatusCode::NOT_FOUND, &json!("link_does_not_work")));
    for (reason, body) in [
        ("empty", json!({ "token": "" })),
        ("expired", json!({ "token": token(&expired) })),
        ("revoked", json!({ "token": token(&revoked) })),
        ("revoked, with a code", json!({ "token": token(&revoked), "code": "wrong-one" })),
        ("not a link's", json!({ "token": install.token })),
    ] {
        assert_eq!(open_with(&install, &body).await, unknown, "{reason}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_code_is_asked_for_and_wrong_ones_slow_the_link_down_tell_its_maker_and_are_forgotten() {
    let install = TestInstall::ready(1).await;
    let mut body = wanted(&company(&install, 0).await);
    body["code"] = json!("blue-42");
    let made = make(&install, &body).await;
    let try_code = async |code: Value| open_with(&install, &json!({ "token": token(&made), "code": code })).await;
    let asked = try_code(Value::Null).await;
    assert_eq!((asked.0, &asked.2["code"]), (StatusCode::FORBIDDEN, &json!("code_wanted")));
    assert_eq!(asked.2, try_code(json!("blue-43")).await.2, "a wrong code is told like none");
    for _ in 0..20 {
        try_code(Value::Null).await;
    }
    install.clock.advance(1);
    assert_eq!(try_code(json!("blue-42")).await.0, StatusCode::NO_CONTENT, "asking is not guessing");
    let rows = install.sql_text("SELECT * FROM share_links");
    assert!(!rows.contains("blue-42"), "only its hash is kept");
    install.clock.advance(61);
    for wrong in 1..=10_u32 {
        assert_eq!(try_code(json!("BLUE-42")).await.0, StatusCode::FORBIDDEN, "wrong code {wrong}");
        assert_eq!(listed(&install).await["wrong_codes"], wrong);
        let (status, _, answer) = try_code(json!("blue-42")).await;
        assert_eq!((status, &answer["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("code_too_soon")), "not even the right one");
        assert_eq!(try_code(Value::Null).await.2["code"], "code_wanted", "asking is told as before");
        install.clock.advance(1 << (wrong - 1));
    }
    let history: Value = install.get("/api/history?event=share_codes_wrong").await;
    assert_eq!((&history["total"], &history["items"][0]["detail"]), (&json!(1), &json!("10 in a row. tests made the link.")));
    install.clock.advance(61);
    for _ in 10..13 {
        assert_eq!(try_code(json!("BLUE-42")).await.0, StatusCode::FORBIDDEN);
        install.clock.advance(3600);
    }
    assert_eq!(try_code(json!("BLUE-42")).await.0, StatusCode::FORBIDDEN);
    install.clock.advance(3599);
    let (_, _, answer) = try_code(json!("blue-42")).await;
    assert_eq!(answer["remedy"], "Enter it again in a second.");
    install.clock.advance(1);
    assert_eq!(try_code(json!("blue-42")).await.0, StatusCode::NO_CONTENT, "never for good");
    let link = listed(&install).await;
    assert_eq!((&link["wrong_codes"], &link["state"]), (&json!(0), &json!("works")), "forgotten");
    assert_eq!(try_code(json!("BLUE-42")).await.0, StatusCode::FORBIDDEN);
    install.clock.advance(1);
    assert_eq!(try_code(json!("blue-42")).await.0, StatusCode::NO_CONTENT, "a second again, as at first");
}

#[tokio::test(flavor = "current_thread")]
async fn a_link_and_a_visit_end_by_themselves() {
    let install = TestInstall::ready(1).await;
    let mut body = wanted(&company(&install, 0).await);
    body["days"] = json!(1);
    let made = make(&install, &body).await;
    let first = visit(&install, &made).await;
    install.clock.advance(3600 - 5);
    shown(&install, &first).await;
    install.clock.advance(6);
    assert_eq!(see(&install, &first, "/api/share/company").await.0, StatusCode::UNAUTHORIZED, "an hour");
    install.clock.advance(DAY - 3600 - 61);
    let last = visit(&install, &made).await;
    shown(&install, &last).await;
    install.clock.advance(62);
    assert_eq!(see(&install, &last, "/api/share/company").await.0, StatusCode::UNAUTHORIZED, "no longer than its link");
    assert_eq!(listed(&install).await["state"], "expired");
}

#[tokio::test(flavor = "current_thread")]
async fn the_cookie_is_for_the_api_alone_and_answers_are_kept_nowhere() {
    let install = TestInstall::ready(1).await;
    let made = make(&install, &wanted(&company(&install, 0).await)).await;
    let (_, headers, _) = open_with(&install, &json!({ "token": token(&made) })).await;
    let set = headers["set-cookie"].to_str().expect("text");
    for flag in ["seatbridge-share=sbw_", "Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=3600"] {
        assert!(set.contains(flag), "{flag}: {set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    let cookie = visit(&install, &made).await;
    for path in ["/api/share/company", "/api/share/statement"] {
        let (_, headers, _) = install.answer_with(&[("cookie", &cookie)], "GET", path, NOTHING).await;
        for (name, value) in [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex, nofollow")] {
            assert_eq!(headers[name], value, "{path}");
        }
    }
    let from_elsewhere = [("origin", "https://evil.example"), ("host", HOST)];
    let body = json!({ "token": token(&made) });
    assert_eq!(install.call_with(&from_elsewhere, "POST", "/api/share/open", Some(&body)).await.0, StatusCode::FORBIDDEN);
    let knock =
        async || install.call_with(&[("cf-connecting-ip", "203.0.113.7")], "POST", "/api/share/open", Some(&json!({ "token": "x" }))).await;
    for _ in 0..60 {
        assert_eq!(knock().await.0, StatusCode::NOT_FOUND);
    }
    assert_eq!(knock().await.0, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "current_thread")]
async fn a_visit_opens_nothing_else_and_nothing_else_opens_a_visit() {
    let install = TestInstall::ready(1).await;
    let made = make(&install, &wanted(&company(&install, 0).await)).await;
    let cookie = visit(&install, &made).await;
    let as_session = cookie.replace("seatbridge-share=", "seatbridge=");
    let secret = cookie.split('=').nth(1).expect("a value");
    for route in ROUTES {
        let method = match route.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        };
        let path = route.path.replace("{id}", "nobodys");
        let named = format!("{method} {path}");
        if route.action == Action::SeeShare {
            assert_eq!(see(&install, &cookie, &path).await.0, StatusCode::OK, "{named}");
            assert_eq!(see(&install, &install.admin.cookie, &path).await.0, StatusCode::UNAUTHORIZED, "{named} by a session");
            assert_eq!(install.call(method, &path, NOTHING).await.0, StatusCode::UNAUTHORIZED, "{named} by an API token");
            assert_eq!(install.call_as(secret, method, &path, NOTHING).await.0, StatusCode::UNAUTHORIZED, "{named} as a bearer");
            continue;
        }
        if Role::Anonymous.may(route.action) {
            continue;
        }
        for cookie in [&cookie, &as_session] {
            assert_eq!(install.call_with(&[("cookie", cookie)], method, &path, NOTHING).await.0, StatusCode::UNAUTHORIZED, "{named}");
        }
        assert_eq!(install.call_as(token(&made), method, &path, NOTHING).await.0, StatusCode::UNAUTHORIZED, "{named} by the link's token");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn who_may_make_links() {
    let install = TestInstall::ready(1).await;
    let body = wanted(&company(&install, 0).await);
    for (role, expected) in
        [(Role::Technician, StatusCode::CREATED), (Role::Billing, StatusCode::CREATED), (Role::Viewer, StatusCode::FORBIDDEN)]
    {
        let person = install.person(&format!("{role:?}"), role).await;
        assert_eq!(install.call_by(&person, "POST", "/api/share-links", Some(&body)).await.0, expected, "{role:?}");
    }
    for (field, value) in [
        ("days", json!(0)),
        ("days", json!(366)),
        ("code", json!("short")),
        ("code", json!("much too long")),
        ("code", json!("a space")),
        ("company", json!("nobody")),
        ("connection", json!("nobody")),
    ] {
        let mut body = body.clone();
        body[field] = value.clone();
        let (status, answer) = install.post("/api/share-links", &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}: {answer}");
    }
    for _ in 0..18 {
        make(&install, &body).await;
    }
    assert_eq!(install.post("/api/share-links", &body).await.0, StatusCode::UNPROCESSABLE_ENTITY, "twenty at once");
}

#[tokio::test(flavor = "current_thread")]
async fn links_are_listed_by_company_and_by_text_page_by_page() {
    let install = TestInstall::ready(3).await;
    let (acme, other) = (company(&install, 0).await, company(&install, 1).await);
    for body in [wanted(&acme), wanted(&other), wanted(&acme)] {
        make(&install, &body).await;
        install.clock.advance(60);
    }
    let of = format!("connection={}&company={}", acme.connection, acme.company);
    for (query, total) in [(of, 2), ("q=TESTS".to_owned(), 3), ("q=nobody".to_owned(), 0)] {
        let page: Value = install.get(&format!("/api/share-links?{query}")).await;
        assert_eq!(page["total"], total, "{query}: {page}");
    }
    let first: Value = install.get("/api/share-links?limit=2").await;
    let next: Value = install.get(&format!("/api/share-links?limit=2&after={}", first["next"].as_str().expect("more"))).await;
    let names = [&first["items"][0]["name"], &first["items"][1]["name"], &next["items"][0]["name"]];
    assert_eq!(names, [&json!(acme.name), &json!(other.name), &json!(acme.name)], "latest first");
}

#[tokio::test(flavor = "current_thread")]
async fn links_end_with_their_connection() {
    let install = TestInstall::ready(1).await;
    let made = make(&install, &wanted(&company(&install, 0).await)).await;
    let cookie = visit(&install, &made).await;
    let path = format!("/api/connections/{}", install.connection("ESET").await);
    assert_eq!(install.call("DELETE", &path, NOTHING).await.0, StatusCode::NO_CONTENT);
    assert_eq!(see(&install, &cookie, "/api/share/company").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(listed(&install).await["state"], "revoked");
}

#[tokio::test(flavor = "current_thread")]
async fn a_link_that_a_token_made_ends_with_the_token() {
    let install = TestInstall::ready(1).await;
    let body = wanted(&company(&install, 0).await);
    let admin = install.admin_anew().await;
    let token_for = async |name: &str| {
        let wanted = json!({ "name": name, "role": "technician", "days": 2 });
        install.call_by(&admin, "POST", "/api/tokens", Some(&wanted)).await.1
    };
    let (kept, revoked) = (token_for("kept").await, token_for("revoked").await);
    let mut cookies = Vec::new();
    for made in [&kept, &revoked] {
        let (status, link) = install.call_as(token(made), "POST", "/api/share-links", Some(&body)).await;
        assert_eq!(status, StatusCode::CREATED, "{link}");
        let ends = link["expires_at"].as_str().expect("a moment").parse::<domain::Timestamp>().expect("a moment");
        let lasts = (ends - install.tenant.now()).num_minutes();
        assert!((47 * 60..=48 * 60).contains(&lasts), "no later than the token: {lasts} minutes");
        cookies.push(visit(&install, &link).await);
    }
    let path = format!("/api/tokens/{}", revoked["id"].as_str().expect("an id"));
    assert_eq!(install.call_by(&admin, "DELETE", &path, NOTHING).await.0, StatusCode::NO_CONTENT);
    let seen = async |cookie: &str| see(&install, cookie, "/api/share/company").await.0;
    assert_eq!((seen(&cookies[0]).await, seen(&cookies[1]).await), (StatusCode::OK, StatusCode::UNAUTHORIZED));
    let links: Value = install.get("/api/share-links").await;
    let states: Vec<&str> = links["items"].as_array().expect("links").iter().filter_map(|link| link["state"].as_str()).collect();
    assert!(states.contains(&"works") && states.contains(&"revoked"), "{states:?}");
}
