//! Makes a release's store: an install with something of everything, left in the middle of its work.
//!
//! `cargo run --package harness --example store tests/stores/0.1`

use std::collections::BTreeMap;
use std::path::Path;

use chrono::TimeDelta;
use domain::access::Role;
use domain::tickets::TicketRule;
use engine::IntentState;
use harness::TestInstall;
use harness::people::Visitor;
use serde_json::{Value, json};
use simulator::{Fault, FaultKind, Options, Report, Vendor};
use store::ports::{Sql, SqlValue};

/// Tables that are empty whenever no pass is under way, and the one that an approval empties.
const EMPTY_AT_REST: [&str; 3] = ["findings", "plan_basis", "staging"];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = std::env::args().nth(1).expect("the folder to leave it in");
    let now = "2026-11-27T09:00:00Z".parse().ok();
    let mut install = TestInstall::still(Options { companies: 5, now, ..Options::default() }, 400).await;
    let mut given_out = BTreeMap::new();
    connect(&mut install).await;
    let nora = people(&mut install, &mut given_out).await;
    tickets(&install).await;
    mappings(&install).await;
    share(&install, &mut given_out).await;
    november(&install).await;
    december(&install).await;
    doors(&install, nora, &mut given_out).await;
    on_the_way(&install).await;
    let empty = empty_tables(&install);
    assert_eq!(empty, EMPTY_AT_REST, "a table that nothing is in proves nothing");
    install.leave_behind(Path::new(&folder), given_out);
}

/// All four vendors, read.
async fn connect(install: &mut TestInstall) {
    install.connect().await;
    for connection in [install.eset_connect(), install.onprem()] {
        install.connect_groups(&connection).await;
    }
    install.sync().await;
    install.map_everything_sure().await;
    install.settle().await;
    // Read on the next day; so November has changes.
    order_more(install);
}

/// An access group, somebody in it, somebody by the identity provider, and tokens.
async fn people(install: &mut TestInstall, given_out: &mut BTreeMap<String, String>) -> Visitor {
    let provider = install.with_provider();
    let mut grace = Visitor::new("Grace");
    let person = json!({ "sub": "grace-1", "name": "Grace Hopper", "roles": ["Viewer"] });
    let (status, answer) = install.come_by(&provider, &mut grace, &person).await;
    assert!(status.is_success(), "{answer}");
    let companies = mapped(install).await;
    let north = install.access_group("North", &companies[..2].iter().map(named).collect::<Vec<_>>()).await;
    install.access_group("South", &[]).await;
    let scope = json!({ "sees": "groups", "groups": [north] });
    let nora = install.person_who_sees("Nora", Role::Viewer, &scope).await;
    install.person("Bill", Role::Billing).await;
    let admin = install.admin_anew().await;
    given_out.insert("a token of North".to_owned(), install.token_that_sees(&admin, Role::Viewer, &scope).await);
    nora
}

/// Two rules with open tickets and one that was closed again, something kept quiet, and a company without tickets.
async fn tickets(install: &TestInstall) {
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    let found = TicketRule { id: "rule-Malware".into(), name: "Malware".to_owned(), ..TestInstall::for_detections(&rule) };
    install.store_rule(&found);
    install.passes(1).await;
    let devices = install.devices(4);
    install.enter(&rule, &devices[..3]);
    install.detect(&devices[3], 3, Report { name: Some("Win32/Agent.A".to_owned()), ..Report::default() });
    install.passes(3).await;
    install.leave(&rule, &devices[..1]);
    install.passes(3).await;
    assert_eq!((install.our_tickets().len(), install.open_tickets().len()), (4, 3));
    let from = install.tenant.now();
    for (scope, until) in [
        (json!({ "of": "rule", "rule": found.id }), from + TimeDelta::days(60)),
        (json!({ "of": "rule", "rule": rule.id }), from + TimeDelta::hours(1)),
    ] {
        let quiet = json!({ "scope": scope, "silence": { "kind": "muted", "from": from, "until": until }, "reason": "being moved" });
        made(install, "POST", "/api/silences", &quiet).await;
    }
    let last = mapped(install).await.pop().expect("a company");
    made(install, "PUT", "/api/companies/tickets", &json!({ "companies": [named(&last)], "tickets": false })).await;
}

/// Caps, a count of their own for a product, a company that commits by itself, and a group that a person has placed.
async fn mappings(install: &TestInstall) {
    let policy: Value = install.get("/api/policy").await;
    made(install, "PUT", "/api/policy", &policy["policy"]).await;
    let companies = mapped(install).await;
    let company = &companies[0];
    let mut decision = json!({ "decision": "map", "psa": company["mapping"]["psa"], "agreement": company["mapping"]["agreement"] });
    decision["automatic"] = json!(true);
    made(install, "PUT", "/api/mappings/companies", &changes(company, &decision)).await;
    let consoles: Vec<Value> = install.get("/api/groups").await;
    // The console shows a company's group under the company's own id.
    let (console, group) = (text(&consoles[0]["connection"]), text(&company["company"]));
    let mut owner = named(company);
    owner["is"] = json!("company");
    made(install, "PUT", &format!("/api/groups/{console}/{group}/owner"), &json!({ "owner": owner })).await;
    install.settle().await;
}

/// A link that was opened, one with a code, and one that was revoked.
async fn share(install: &TestInstall, given_out: &mut BTreeMap<String, String>) {
    let companies = mapped(install).await;
    let mut links = Vec::new();
    for company in &companies[..3] {
        let mut wanted = named(company);
        if links.len() == 1 {
            wanted["code"] = json!("open-sesame");
        }
        links.push(made(install, "POST", "/api/share-links", &wanted).await);
    }
    let open = json!({ "token": links[0]["token"] });
    let (status, _, answer) = install.answer_with(&[], "POST", "/api/share/open", Some(&open)).await;
    assert!(status.is_success(), "{answer}");
    made(install, "DELETE", &format!("/api/share-links/{}", text(&links[2]["id"])), &Value::Null).await;
    for (name, link) in ["a share link", "a share link with a code"].into_iter().zip(&links) {
        given_out.insert(name.to_owned(), text(&link["token"]));
    }
}

/// A month in which changes were written, one of them was taken back, and which is closed.
async fn november(install: &TestInstall) {
    let lines = install.lines("to_approve").await;
    install.approve(&lines[..1]).await;
    install.settle().await;
    let intent = install.intents().remove(0).id;
    made(install, "POST", &format!("/api/intents/{intent}/reverse"), &json!({ "reason": "a mistake" })).await;
    install.settle().await;
    let reversed = install.lines("all").await.into_iter().find(|line| line.line.id == lines[0].line.id).expect("the line");
    made(install, "POST", "/api/lines/dismiss", &json!({ "lines": [reversed.line.id], "reason": "later" })).await;
    install.close_month().await;
    // What changes now is a correction of a month that is closed.
    order_more(install);
    install.pass_to("2026-11-30T20:00:00Z");
    install.sync().await;
}

/// The month that is open: a line that is held, lines that wait, an addition that somebody changed by hand.
async fn december(install: &TestInstall) {
    install.pass_to("2026-12-01T09:00:00Z");
    order_more(install);
    install.sync().await;
    let lines = install.lines("to_approve").await;
    made(install, "POST", "/api/lines/hold", &json!({ "lines": [lines[0].line.id], "reason": "ask the customer" })).await;
    install.approve(&lines[1..2]).await;
    install.settle().await;
    let written = install.written().last().copied().expect("a change");
    install.simulator.world().edit_addition(i32::try_from(written.0).expect("an id"), written.2 + 3.0).expect("the addition");
    let companies = install.simulator.world().eset_companies();
    let like = companies.iter().find(|company| company.entity_type.code() == 1007).expect("a customer");
    let parent = like.parent.clone().expect("a parent");
    install.simulator.world().add_eset_company(&like.id, "Newcomer Ltd", &parent).expect("a company");
    install.clock.advance(3600);
    install.sync().await;
}

/// Doors that are open or about to be: sessions, sign-ins that have begun, a visit and an invitation.
async fn doors(install: &TestInstall, mut nora: Visitor, given_out: &mut BTreeMap<String, String>) {
    install.challenge().await;
    install.begin_openid(&Visitor::new("Grace"), false).await;
    let open = json!({ "token": given_out["a share link"] });
    let (status, headers, answer) = install.answer_with(&[], "POST", "/api/share/open", Some(&open)).await;
    assert!(status.is_success(), "{answer}");
    let cookie = headers["set-cookie"].to_str().expect("text").split(';').next().expect("a cookie");
    let (status, answer) = install.call_with(&[("cookie", cookie)], "GET", "/api/share/company", None::<&Value>).await;
    assert!(status.is_success(), "{answer}");
    given_out.insert("a visit".to_owned(), cookie.to_owned());
    let (status, answer) = install.sign_in(&mut nora).await;
    assert!(status.is_success(), "{answer}");
    given_out.insert("nora's session".to_owned(), nora.cookie);
    let invited = json!({ "name": "Ivy", "role": "technician", "scope": { "sees": "everything" } });
    let admin = install.admin_anew().await;
    let (status, link) = install.call_by(&admin, "POST", "/api/people", Some(&invited)).await;
    assert!(status.is_success(), "{link}");
    given_out.insert("ivy's invitation".to_owned(), text(&link["token"]));
}

/// What an upgrade finds under way: a ticket and a change whose answers were lost, and a change that is not written yet.
async fn on_the_way(install: &TestInstall) {
    let world = install.simulator.world();
    let connectwise = |kind| Fault::new(Vendor::ConnectWise, kind);
    world.inject(connectwise(FaultKind::ResetAfter).on("POST", "/service/tickets").times(1));
    let rule = install.tenant.ledger.ticket_rules().all().expect("rules").into_iter().find(|row| row.rule.name == "Not protected");
    install.enter(&rule.expect("the rule").rule, &install.devices(5)[4..]);
    install.passes(1).await;
    install.clock.advance(600);
    install.tenant.on_cron().await.expect("the cron");
    alarms_until(install, || !install.ticket_intents(&[IntentState::Unknown]).is_empty()).await;
    let waiting = install.lines("to_approve").await;
    world.inject(connectwise(FaultKind::ResetBefore).on("GET", "/service/tickets"));
    world.inject(connectwise(FaultKind::ResetAfter).on("PATCH", "/additions/").times(1));
    install.approve(&waiting[..1]).await;
    alarms_until(install, || install.open_intents().iter().any(|intent| intent.state == IntentState::Unknown)).await;
    install.approve(&waiting[1..2]).await;
    assert_eq!((install.open_intents().len(), install.ticket_intents(&[IntentState::Unknown]).len()), (2, 1));
}

/// Lets the alarm come until something is so.
async fn alarms_until(install: &TestInstall, is_so: impl Fn() -> bool) {
    for _ in 0..100 {
        if is_so() {
            return;
        }
        assert!(install.comes_due(), "the install came to rest");
        install.tenant.on_alarm().await;
    }
    panic!("it never is");
}

/// Companies that are mapped and have seats.
async fn mapped(install: &TestInstall) -> Vec<Value> {
    let page: Value = install.get("/api/companies?state=mapped&limit=500").await;
    let mut companies = page["items"].as_array().expect("companies").clone();
    companies.retain(|company| company["ordered"].as_u64() > Some(0));
    companies
}

fn named(company: &Value) -> Value {
    json!({ "connection": company["connection"], "company": company["company"] })
}

fn changes(company: &Value, decision: &Value) -> Value {
    json!({ "changes": [{ "connection": company["connection"], "company": company["company"], "decision": decision }] })
}

async fn made(install: &TestInstall, method: &str, path: &str, body: &Value) -> Value {
    let (status, answer) = install.call(method, path, Some(body).filter(|body| !body.is_null())).await;
    assert!(status.is_success(), "{method} {path}: {answer}");
    answer
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

/// Customers order more seats.
fn order_more(install: &TestInstall) {
    let world = install.simulator.world();
    for licence in world.licenses().into_iter().filter(|licence| !licence.suspended) {
        world.set_seats(&licence.public_license_key, licence.quantity + 2).expect("the licence");
    }
}

fn empty_tables(install: &TestInstall) -> Vec<String> {
    let run = |statement: &str| install.sql.run(statement, &[]).expect("rows");
    let tables = run("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name");
    let names = tables.into_iter().filter_map(|row| match row.into_iter().next() {
        Some(SqlValue::Text(name)) => Some(name),
        _ => None,
    });
    names.filter(|name| run(&format!("SELECT 1 FROM {name} LIMIT 1")).is_empty()).collect()
}
