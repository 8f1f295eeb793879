//! The history: nothing is done without a row, no row is ever changed, and rows outlive what they are about.

use std::collections::BTreeSet;

use authenticator::Authenticator;
use contract::look_only::LookOnlyCause;
use contract::{Method, ROUTES};
use domain::ids::TicketRuleId;
use domain::tickets::Doubt;
use harness::people::Visitor;
use harness::{HOST, TestInstall};
use http::StatusCode;
use serde_json::{Value, json};
use simulator::{Fault, FaultKind, Vendor};
use store::ledger::CaseRow;
use store::ports::{Sql, SqlValue};

const NOTHING: Option<&Value> = None;

fn rows(install: &TestInstall) -> i64 {
    match install.sql.run("SELECT count(*) FROM audit", &[]).expect("rows").first().and_then(|row| row.first()) {
        Some(SqlValue::Integer(count)) => *count,
        other => panic!("no count: {other:?}"),
    }
}

/// Walks the routes and notes which were called with success.
struct Walk<'a> {
    install: &'a TestInstall,
    walked: BTreeSet<(&'static str, String)>,
}

impl Walk<'_> {
    /// A call by a program that must succeed and leave a row behind.
    async fn call(&mut self, method: &'static str, route: &str, path: &str, body: Option<&Value>) -> Value {
        let bearer = format!("Bearer {}", self.install.token);
        self.call_with(&[("authorization", &bearer)], method, route, path, body).await
    }

    /// The same by a person.
    async fn call_by(&mut self, visitor: &Visitor, method: &'static str, route: &str, path: &str, body: Option<&Value>) -> Value {
        self.call_with(&[("cookie", &visitor.cookie)], method, route, path, body).await
    }

    async fn call_with(&mut self, headers: &[(&str, &str)], method: &'static str, route: &str, path: &str, body: Option<&Value>) -> Value {
        let before = rows(self.install);
        let (status, answer) = self.install.call_with(headers, method, path, body).await;
        assert!(status.is_success(), "{method} {path}: {status} {answer}");
        if let Some(results) = answer.get("results").and_then(Value::as_array) {
            assert!(results.iter().all(|result| result["accepted"] == true), "{method} {path}: {answer}");
        }
        assert!(rows(self.install) > before, "{method} {path} left no row in the history");
        self.walked.insert((method, route.to_owned()));
        answer
    }
}

/// Routes that change nothing although they are no GET: credentials are tried and forgotten, a ticket is shown, a question is asked.
const WRITES_NOTHING: [(&str, &str); 7] = [
    ("POST", "/api/connections/test"),
    ("POST", "/api/ticket-rules/preview"),
    ("POST", "/api/ticket-rules/switch/preview"),
    ("POST", "/api/session/challenge"),
    ("POST", "/api/session/openid"),
    ("POST", "/api/passkeys/challenge"),
    ("POST", "/api/invitations/open"),
];

#[tokio::test(flavor = "current_thread")]
async fn nothing_in_the_api_writes_without_a_row() {
    let mut install = TestInstall::ready(1).await;
    let provider = install.with_provider();
    let mut walk = Walk { install: &install, walked: import_backup().await };

    doors(&mut walk).await;
    let (page, cookie) = install.begin_openid(&Visitor::new("Grace"), false).await;
    let answer = provider.let_in(&page, &json!({ "sub": "grace", "name": "Grace", "roles": ["Viewer"] }));
    let path = "/api/session/openid/finish";
    walk.call_with(&[("cookie", &cookie)], "POST", path, path, Some(&answer)).await;

    let mut other = install.ema2();
    other["name"] = json!("Second");
    let made = walk.call("POST", "/api/connections", "/api/connections", Some(&other)).await;
    let path = format!("/api/connections/{}", made["id"].as_str().expect("an id"));
    walk.call("PATCH", "/api/connections/{id}", &path, Some(&json!({ "name": "Third" }))).await;
    walk.call("POST", "/api/connections/{id}/test", &format!("{path}/test"), NOTHING).await;
    walk.call("DELETE", "/api/connections/{id}", &path, NOTHING).await;

    walk.call("POST", "/api/vault/rotate", "/api/vault/rotate", NOTHING).await;
    policy_and_drift(&mut walk).await;
    share_links(&mut walk).await;
    look_only(&mut walk).await;
    walk.call("POST", "/api/passes", "/api/passes", Some(&json!({ "kind": "sync" }))).await;
    install.settle().await;
    let line = install.lines("to_approve").await.remove(0);
    let lines = json!({ "lines": [line.line.id] });
    walk.call("POST", "/api/lines/hold", "/api/lines/hold", Some(&json!({ "lines": [line.line.id], "reason": "ask" }))).await;
    walk.call("POST", "/api/lines/release", "/api/lines/release", Some(&lines)).await;
    walk.call("POST", "/api/lines/dismiss", "/api/lines/dismiss", Some(&json!({ "lines": [line.line.id], "reason": "ask" }))).await;
    walk.call("POST", "/api/lines/release", "/api/lines/release", Some(&lines)).await;
    let refused = FaultKind::Status { code: 403, body: None, retry_after: None };
    let world = install.simulator.world();
    world.inject(Fault { method: Some("PATCH".to_owned()), ..Fault::new(Vendor::ConnectWise, refused) });
    let approve = json!({ "lines": [{ "id": line.line.id, "preview": line.line.preview }] });
    walk.call("POST", "/api/lines/approve", "/api/lines/approve", Some(&approve)).await;
    install.settle().await;
    walk.call("POST", "/api/lines/retry", "/api/lines/retry", Some(&lines)).await;
    install.settle().await;
    world.clear_faults();
    let intent = install.intents().remove(0).id;
    walk.call("POST", "/api/intents/{id}/retry", &format!("/api/intents/{intent}/retry"), NOTHING).await;
    install.settle().await;
    assert_eq!(install.written().len(), 1);
    let path = format!("/api/intents/{intent}/reverse");
    walk.call("POST", "/api/intents/{id}/reverse", &path, Some(&json!({ "reason": "a mistake" }))).await;
    install.settle().await;
    let waiting: Vec<_> = install.lines("to_approve").await.iter().map(|line| line.line.id.clone()).collect();
    if !waiting.is_empty() {
        install.post("/api/lines/hold", &json!({ "lines": waiting, "reason": "ask" })).await;
    }
    let period = line.line.period;
    let path = format!("/api/months/{period}/close");
    walk.call("POST", "/api/months/{period}/close", &path, Some(&json!({}))).await;

    let page: Value = install.get("/api/companies?state=mapped").await;
    let company = &page["items"][0];
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (connection, id) = (text(&company["connection"]), text(&company["company"]));
    let csv = format!("connection,company,decision,psa,agreement,automatic,reason\r\n{connection},{id},exclude,,,,ours\r\n");
    let path = "/api/mappings/companies/import";
    let imported = walk.call("POST", path, path, Some(&json!({ "csv": csv }))).await;
    assert_eq!(imported["stored"], true, "{imported}");
    let change = json!({ "connection": company["connection"], "company": company["company"], "decision": { "decision": "clear" } });
    walk.call("PUT", "/api/mappings/companies", "/api/mappings/companies", Some(&json!({ "changes": [change] }))).await;
    let products: Vec<Value> = install.get("/api/products").await;
    let mapped = products.iter().find(|product| product["mapping"]["state"] == "mapped").expect("a mapped product");
    let change = json!({ "psa": mapped["psa"], "code": mapped["code"], "decision": { "decision": "clear" } });
    walk.call("PUT", "/api/mappings/products", "/api/mappings/products", Some(&json!({ "changes": [change] }))).await;

    tickets(&mut walk).await;
    for route in ROUTES {
        let method = match route.method {
            Method::Get => continue,
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        };
        let known = walk.walked.contains(&(method, route.path.to_owned())) || WRITES_NOTHING.contains(&(method, route.path));
        assert!(known, "{method} {} is not walked here: call it, and see that it leaves a row", route.path);
    }
}

/// A ticket rule that is made, changed, tested, kept quiet and deleted, and whose ticket is refused and tried again.
async fn tickets(walk: &mut Walk<'_>) {
    let install = walk.install;
    install.connect_groups(&install.eset_connect()).await;
    let rule = install.rule("Not protected").await;
    let consoles: Value = install.get("/api/groups").await;
    let company =
        consoles[0]["groups"].as_array().expect("groups").iter().find(|group| group["stands_for"] == "company").expect("a company");
    let path =
        format!("/api/groups/{}/{}/owner", consoles[0]["connection"].as_str().expect("an id"), company["group"].as_str().expect("an id"));
    walk.call("PUT", "/api/groups/{id}/{group}/owner", &path, Some(&json!({ "owner": { "is": "nobody" } }))).await;
    let mut body = serde_json::to_value(&rule).expect("json");
    body.as_object_mut().expect("fields").remove("id");
    let made = walk.call("POST", "/api/ticket-rules", "/api/ticket-rules", Some(&body)).await;
    let id = made["rule"]["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/ticket-rules/{id}");
    body["cap"] = json!(5);
    walk.call("PUT", "/api/ticket-rules/{id}", &path, Some(&body)).await;
    let switch = json!({ "rules": [id], "enabled": true });
    walk.call("POST", "/api/ticket-rules/switch", "/api/ticket-rules/switch", Some(&switch)).await;
    let edit = json!({ "rules": [id], "change": { "cap": 4 } });
    walk.call("POST", "/api/ticket-rules/edit", "/api/ticket-rules/edit", Some(&edit)).await;
    let refused = FaultKind::Status { code: 400, body: None, retry_after: None };
    install.fault(Vendor::ConnectWise, "POST", "service/tickets", None, refused);
    let test = walk.call("POST", "/api/ticket-rules/{id}/test", &format!("{path}/test"), NOTHING).await;
    install.settle().await;
    install.simulator.world().clear_faults();
    let intent = format!("/api/ticket-intents/{}/retry", test["id"].as_str().expect("an id"));
    walk.call("POST", "/api/ticket-intents/{id}/retry", &intent, NOTHING).await;
    install.settle().await;
    assert_eq!(install.our_tickets().len(), 1);
    let mute = json!({ "kind": "weekly", "days": [0], "begins": "22:00:00", "minutes": 60 });
    let mute = json!({ "scope": { "of": "rule", "rule": id }, "silence": mute, "reason": "patches" });
    let made = walk.call("POST", "/api/silences", "/api/silences", Some(&mute)).await;
    let end = format!("/api/silences/{}", made["id"].as_str().expect("an id"));
    walk.call("DELETE", "/api/silences/{id}", &end, NOTHING).await;
    let (rule, since) = (TicketRuleId(id), install.tenant.now());
    for device in ["a", "b", "c"] {
        install.tenant.ledger.cases().store(&CaseRow::entered(&rule, device, device, since)).expect("stored");
    }
    let doubts = ["a", "b", "c"].map(|device| (device.to_owned(), Doubt { since, readings: 1, kept: false }));
    install.tenant.ledger.doubted_leaves().keep(&rule, &doubts.into()).expect("stored");
    let gone = json!({ "gone": true, "devices": 3 });
    walk.call("POST", "/api/ticket-rules/{id}/leaves", &format!("{path}/leaves"), Some(&gone)).await;
    walk.call("DELETE", "/api/ticket-rules/{id}", &path, NOTHING).await;
    let page: Value = install.get("/api/companies?state=all").await;
    let company = json!({ "connection": page["items"][0]["connection"], "company": page["items"][0]["company"] });
    for tickets in [false, true] {
        let switch = json!({ "companies": [company], "tickets": tickets });
        walk.call("PUT", "/api/companies/tickets", "/api/companies/tickets", Some(&switch)).await;
    }
}

/// Another policy; and two names that changed, one ignored and one acknowledged.
async fn policy_and_drift(walk: &mut Walk<'_>) {
    let install = walk.install;
    let mut policy: Value = install.get::<Value>("/api/policy").await["policy"].clone();
    policy["max_units"] = json!(51);
    walk.call("PUT", "/api/policy", "/api/policy", Some(&policy)).await;
    let mut ages: Value = install.get::<Value>("/api/retention").await["ages"].clone();
    ages["pass_days"] = json!(91);
    walk.call("PUT", "/api/retention", "/api/retention", Some(&ages)).await;
    let nobody = json!({ "name": "Nobody's Ltd", "confirm": "Nobody's Ltd" });
    walk.call("POST", "/api/forget", "/api/forget", Some(&nobody)).await;
    install.sync().await;
    let world = install.simulator.world();
    let agreement = install.lines("all").await.remove(0).line.agreement.expect("an agreement");
    world.rename_cw_company(i32::try_from(agreement.company.0).expect("a small id"), "Acme Holding").expect("renamed");
    world.edit_agreement(i32::try_from(agreement.id.0).expect("a small id"), |row| row.name = "Safety".to_owned()).expect("renamed");
    install.sync().await;
    let page: Value = install.get("/api/drift").await;
    let ids: Vec<&str> = page["items"].as_array().expect("events").iter().filter_map(|event| event["drift"]["id"].as_str()).collect();
    let (ignore, resolve) = (format!("/api/drift/{}/ignore", ids[0]), format!("/api/drift/{}/resolve", ids[1]));
    walk.call("POST", "/api/drift/{id}/ignore", &ignore, Some(&json!({ "reason": "known" }))).await;
    walk.call("POST", "/api/drift/{id}/resolve", &resolve, Some(&json!({ "repair": "acknowledge" }))).await;
    install.settle().await;
}

/// Somebody who is invited, comes in, adds a passkey, signs in and out, is changed and removed; and a token that is made and revoked.
async fn doors(walk: &mut Walk<'_>) {
    let (install, admin) = (walk.install, walk.install.admin.clone());
    let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
    let token = walk.call_by(&admin, "POST", "/api/tokens", "/api/tokens", Some(&json!({ "name": "other", "role": "viewer" }))).await;
    walk.call_by(&admin, "DELETE", "/api/tokens/{id}", &format!("/api/tokens/{}", id(&token)), NOTHING).await;

    let group = walk.call_by(&admin, "POST", "/api/access-groups", "/api/access-groups", Some(&json!({ "name": "North" }))).await;
    let path = format!("/api/access-groups/{}", id(&group));
    walk.call_by(&admin, "PATCH", "/api/access-groups/{id}", &path, Some(&json!({ "name": "South" }))).await;
    let page: Value = install.get("/api/companies?state=all").await;
    let company = json!({ "connection": page["items"][0]["connection"], "company": page["items"][0]["company"] });
    let assigned = json!({ "companies": [company], "group": group["id"] });
    walk.call_by(&admin, "PUT", "/api/access-groups/companies", "/api/access-groups/companies", Some(&assigned)).await;
    walk.call_by(&admin, "DELETE", "/api/access-groups/{id}", &path, NOTHING).await;

    let invited = json!({ "name": "Ben", "role": "viewer" });
    let link = walk.call_by(&admin, "POST", "/api/people", "/api/people", Some(&invited)).await;
    let person = format!("/api/people/{}", link["person"].as_str().expect("an id"));
    let link = walk.call_by(&admin, "POST", "/api/people/{id}/link", &format!("{person}/link"), NOTHING).await;
    let (mut ben, before) = (Visitor::new("Ben"), rows(install));
    install.come_in(&mut ben, link["token"].as_str().expect("a token")).await;
    assert!(rows(install) > before);
    walk.walked.insert(("POST", "/api/invitations/accept".to_owned()));

    let (_, wanted) = install.call_by(&ben, "POST", "/api/passkeys/challenge", NOTHING).await;
    let phone = Authenticator::new(&format!("http://{HOST}"), "phone").make(&wanted, "Phone");
    let phone = walk.call_by(&ben, "POST", "/api/passkeys", "/api/passkeys", Some(&phone)).await;
    walk.call_by(&ben, "DELETE", "/api/passkeys/{id}", &format!("/api/passkeys/{}", id(&phone)), NOTHING).await;
    let shown = ben.authenticator.show(&install.challenge().await);
    walk.call_by(&ben, "POST", "/api/session/proof", "/api/session/proof", Some(&shown)).await;
    let elsewhere = ben.clone();
    let shown = ben.authenticator.show(&install.challenge().await);
    walk.call_with(&[], "POST", "/api/session", "/api/session", Some(&shown)).await;
    let (_, sessions) = install.call_by(&elsewhere, "GET", "/api/sessions", NOTHING).await;
    let other = sessions.as_array().expect("sessions").iter().find(|session| session["this"] == false).expect("another");
    walk.call_by(&elsewhere, "DELETE", "/api/sessions/{id}", &format!("/api/sessions/{}", id(other)), NOTHING).await;
    walk.call_by(&elsewhere, "DELETE", "/api/session", "/api/session", NOTHING).await;

    walk.call_by(&admin, "PATCH", "/api/people/{id}", &person, Some(&json!({ "role": "billing" }))).await;
    walk.call_by(&admin, "DELETE", "/api/people/{id}/sessions", &format!("{person}/sessions"), NOTHING).await;
    walk.call_by(&admin, "DELETE", "/api/people/{id}", &person, NOTHING).await;
}

/// A ledger that went back in time, and the administrator who lets it write again.
async fn look_only(walk: &mut Walk<'_>) {
    let (install, path) = (walk.install, "/api/look-only/leave");
    let now = install.tenant.now();
    assert!(install.tenant.ledger.look_only().begin(LookOnlyCause::ClockBack, now, None, now).expect("stored"));
    install.clock.advance(1_300);
    install.cron().await;
    let view: Value = install.get("/api/look-only").await;
    walk.call("POST", path, path, Some(&json!({ "seen": view["seen"] }))).await;
}

/// A backup that is imported into an install in which nothing is set up yet; the calls that were made there.
async fn import_backup() -> BTreeSet<(&'static str, String)> {
    let install = TestInstall::empty(1).await;
    let backup: Value = install.get("/api/backup").await;
    let mut walk = Walk { install: &install, walked: BTreeSet::new() };
    walk.call("POST", "/api/backup/import", "/api/backup/import", Some(&backup)).await;
    walk.walked
}

/// A share link that is made, opened by somebody nobody knows, and revoked.
async fn share_links(walk: &mut Walk<'_>) {
    let page: Value = walk.install.get("/api/companies?state=mapped").await;
    let company = json!({ "connection": page["items"][0]["connection"], "company": page["items"][0]["company"] });
    let made = walk.call("POST", "/api/share-links", "/api/share-links", Some(&company)).await;
    let opening = json!({ "token": made["token"] });
    walk.call_with(&[], "POST", "/api/share/open", "/api/share/open", Some(&opening)).await;
    let path = format!("/api/share-links/{}", made["id"].as_str().expect("an id"));
    walk.call("DELETE", "/api/share-links/{id}", &path, NOTHING).await;
}

#[tokio::test(flavor = "current_thread")]
async fn no_row_of_the_history_is_changed_or_deleted() {
    let install = TestInstall::ready(1).await;
    let before = install.sql.run("SELECT * FROM audit", &[]).expect("rows");
    assert!(!before.is_empty());
    for statement in ["UPDATE audit SET by_whom = 'nobody'", "DELETE FROM audit", "DELETE FROM audit WHERE number = 1"] {
        let refused = install.sql.run(statement, &[]).expect_err("the triggers refuse");
        assert!(refused.to_string().contains("only added to"), "{statement}: {refused}");
    }
    assert_eq!(install.sql.run("SELECT * FROM audit", &[]).expect("rows"), before);
}

#[tokio::test(flavor = "current_thread")]
async fn the_history_outlives_connections_and_mappings_and_is_found_by_what_it_is_about() {
    let install = TestInstall::ready(1).await;
    let lines = install.lines("to_approve").await;
    install.approve(&lines).await;
    install.settle().await;
    let line = &lines[0].line;
    let of_line: Value = install.get(&format!("/api/history?line={}", line.id)).await;
    let events: Vec<&str> = of_line["items"].as_array().expect("rows").iter().filter_map(|row| row["event"].as_str()).collect();
    assert_eq!(events, ["quantity_written", "line_approved"]);
    let written = &of_line["items"][0];
    assert_eq!(written["period"], json!(line.period));
    assert!(written["intent"].is_string() && written["connection"].is_string(), "{written}");
    assert!(written["response"].as_str().is_some_and(|response| response.starts_with("lastUpdated 20")), "{written}");

    for name in ["ConnectWise", "ESET"] {
        let id = install.connection(name).await;
        let (status, _) = install.call("DELETE", &format!("/api/connections/{id}"), NOTHING).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
    install.settle().await;
    let after: Value = install.get(&format!("/api/history?line={}", line.id)).await;
    assert_eq!(after["items"], of_line["items"]);

    let day = install.tenant.now().date_naive();
    let yesterday = day - chrono::Days::new(1);
    let all: Value = install.get("/api/history?limit=1").await;
    for (query, found) in [
        (format!("from={yesterday}"), all["total"].clone()),
        (format!("to={yesterday}"), json!(0)),
        ("event=quantity_written&by=tests".to_owned(), json!(1)),
        ("event=quantity_written&by=nobody".to_owned(), json!(0)),
        ("q=customer%20that%20is%20not".to_owned(), json!(0)),
    ] {
        let page: Value = install.get(&format!("/api/history?{query}")).await;
        assert_eq!(page["total"], found, "{query}");
    }
    let (status, _) = install.call("GET", "/api/history?from=yesterday", NOTHING).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);

    let (_, table) = install.call("GET", "/api/history.csv?event=connection_deleted", NOTHING).await;
    let table = table.as_str().expect("a table");
    assert_eq!(table.lines().count(), 3, "a header and both rows: {table}");
}
