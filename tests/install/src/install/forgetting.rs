//! *Forget this customer*: its names and devices are nowhere any more, and the numbers of closed months are what they were.

use crate::visits;

use axum::body::Body;
use contract::forgetting::ForgetPreview;
use harness::TestInstall;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use store::ports::{Sql, SqlValue};

/// Where one of these names stands in KV and in the ledger.
fn named(install: &TestInstall, names: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut look = |place: String, text: &str| {
        let small = text.to_lowercase();
        if let Some(name) = names.iter().find(|name| small.contains(&name.to_lowercase())) {
            found.push(format!("{name} in {place}"));
        }
    };
    for (key, text) in install.texts.texts.borrow().iter() {
        look(format!("KV {key}"), text);
    }
    for table in install.sql.run("SELECT name FROM sqlite_master WHERE type = 'table'", &[]).expect("tables") {
        let Some(SqlValue::Text(table)) = table.first() else { continue };
        for row in install.sql.run(&format!("SELECT * FROM {table}"), &[]).expect("rows") {
            for value in row {
                if let SqlValue::Text(text) = value {
                    let from = names.iter().find_map(|name| text.find(name.as_str())).unwrap_or_default();
                    let around: String = text.get(from..).unwrap_or_default().chars().take(60).collect();
                    look(format!("{table} ({around})"), &text);
                }
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

async fn backup(install: &TestInstall) -> String {
    let request = Request::get("/api/backup").header("authorization", format!("Bearer {}", install.token));
    let answer = install.send(request.body(Body::empty()).expect("a request")).await;
    String::from_utf8(answer.into_body().collect().await.expect("a body").to_bytes().to_vec()).expect("UTF-8")
}

/// A customer with all there is to forget: its ids and its names, its devices' first among them.
struct Customer {
    connection: String,
    id: String,
    name: String,
    psa: i64,
    devices: Vec<String>,
}

impl Customer {
    fn names(&self) -> Vec<String> {
        [vec![self.name.clone()], self.devices.clone()].concat()
    }
}

/// An install in which a customer was billed, had a share link, a ticket that is closed, and a statement.
async fn with_customer() -> (TestInstall, Customer) {
    let install = TestInstall::with_tickets(12).await;
    let world = install.simulator.world();
    let mapped: Value = install.get("/api/companies?state=mapped&limit=500").await;
    let devices = world.devices();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let lines = install.lines("all").await;
    let billed = |company: &&Value| {
        let id = text(&company["company"]);
        let of: Vec<_> = lines.iter().filter(|line| line.line.members.iter().any(|member| member.company.as_str() == id)).collect();
        !of.is_empty() && of.iter().all(|line| line.line.members.len() == 1) && devices.iter().any(|device| device.company == id)
    };
    let company = mapped["items"].as_array().expect("companies").iter().find(billed).expect("a customer with a line and a device").clone();
    let (connection, id, name) = (text(&company["connection"]), text(&company["company"]), text(&company["name"]));
    let of_line = lines.iter().find(|line| line.line.members.iter().any(|member| member.company.as_str() == id)).expect("a line");
    let psa = of_line.line.agreement.as_ref().expect("an agreement").company.0;
    let device = devices.iter().find(|device| device.company == id).expect("a device").clone();

    let rule = install.rule("Malware").await;
    install.store_rule(&rule);
    install.enter(&rule, std::slice::from_ref(&device.uuid));
    install.passes(3).await;
    assert_eq!(install.open_tickets().len(), 1);
    let link = json!({ "connection": connection, "company": id });
    let (status, answer) = install.post("/api/share-links", &link).await;
    assert!(status.is_success(), "{answer}");
    // What the link shows is kept for the next visitor.
    let cookie = visits::visit(&install, &answer).await;
    assert_eq!(visits::shown(&install, &cookie).await.name, name);
    install.close_month().await;
    (install, Customer { connection, id, name, psa, devices: vec![device.name] })
}

/// Ends all that stands in the way: the customer is gone in ESET and in ConnectWise, and billed nowhere.
async fn end(install: &TestInstall, customer: &Customer) {
    let world = install.simulator.world();
    let clear = json!({ "connection": customer.connection, "company": customer.id, "decision": { "decision": "clear" } });
    let (status, answer) = install.call("PUT", "/api/mappings/companies", Some(&json!({ "changes": [clear] }))).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let psa = i32::try_from(customer.psa).expect("a small id");
    for agreement in world.agreements().into_iter().filter(|agreement| agreement.company.id == psa) {
        for addition in world.additions().into_iter().filter(|addition| addition.agreement_id == agreement.id) {
            world.delete_addition(addition.id).expect("deleted");
        }
        world.edit_agreement(agreement.id, |row| row.name = "Ended".to_owned()).expect("renamed");
    }
    world.recycle_cw_company(psa).expect("recycled");
    world.remove_eset_company(&customer.id).expect("removed");
    install.pass_to("2026-12-02T09:00:00Z");
    install.sync().await;
    install.passes(20).await;
    install.sync().await;
}

async fn preview(install: &TestInstall, name: &str) -> ForgetPreview {
    let name: String = url(name);
    install.get(&format!("/api/forget?name={name}")).await
}

fn url(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn forget(name: &str) -> Value {
    json!({ "name": name, "confirm": name })
}

#[tokio::test(flavor = "local")]
async fn who_is_billed_listed_or_has_an_open_ticket_cannot_be_forgotten_and_is_told_what_to_end() {
    let (install, customer) = with_customer().await;
    let shown = preview(&install, &customer.name).await;
    assert!(shown.first.len() >= 3, "{:?}", shown.first);
    assert!(shown.first[0].contains("ESET still lists it") && shown.first.iter().any(|words| words.contains("open")), "{:?}", shown.first);
    assert!(shown.goes.iter().any(|place| place.label == "rows of the history") && shown.closed_months == 1, "{shown:?}");
    let (status, problem) = install.post("/api/forget", &forget(&customer.name)).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("not_over")), "{problem}");
    for (body, field) in [
        (json!({ "name": customer.name, "confirm": "another" }), "confirm"),
        (json!({ "name": "It", "confirm": "It" }), "name"),
        (json!({ "name": customer.name, "confirm": customer.name, "others": ["x"] }), "others"),
    ] {
        let (status, problem) = install.post("/api/forget", &body).await;
        assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)), "{problem}");
    }
    assert!(install.get::<Value>("/api/forget").await["running"].is_null());
}

#[tokio::test(flavor = "local")]
async fn a_forgotten_customer_is_named_nowhere_and_its_closed_month_has_its_numbers() {
    let (mut install, customer) = with_customer().await;
    let before: Value = install.get("/api/months/2026-11?limit=500").await;
    end(&install, &customer).await;
    let shown = preview(&install, &customer.name).await;
    assert_eq!(shown.first, Vec::<String>::new());
    assert!(named(&install, &customer.names()).len() > 5, "there is something to forget: {:?}", named(&install, &customer.names()));

    let (status, answer) = install.post("/api/forget", &forget(&customer.name)).await;
    assert_eq!((status, &answer["alias"]), (StatusCode::ACCEPTED, &json!("Forgotten customer 1")), "{answer}");
    let (status, problem) = install.post("/api/forget", &forget(&customer.name)).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("forgetting")), "{problem}");
    // It is gone on with wherever it was interrupted.
    for _ in 0..6 {
        install.tenant.on_alarm().await;
        install.restart();
    }
    install.settle().await;
    assert!(install.get::<Value>("/api/forget").await["running"].is_null());
    assert_eq!(named(&install, &customer.names()), Vec::<String>::new());
    let backup = backup(&install).await;
    assert!(customer.names().iter().all(|name| !backup.contains(name.as_str())));

    let after: Value = install.get("/api/months/2026-11?limit=500").await;
    // ConnectWise writes the name in capitals.
    let (alias, capitals) = ("Forgotten customer 1", customer.name.to_uppercase());
    let expected = before.to_string().replace(&customer.name, alias).replace(&capitals, alias);
    let expected: Value = serde_json::from_str(&expected).expect("JSON");
    assert_eq!(after["totals"], expected["totals"]);
    let numbers = |month: &Value| -> Vec<Value> {
        let rows = month["lines"].as_array().or_else(|| month["lines"]["items"].as_array()).or_else(|| month["items"].as_array());
        rows.expect("lines")
            .iter()
            .map(|line| json!([line["numbers"]["company"], line["numbers"]["quantity"], line["numbers"]["price"]]))
            .collect()
    };
    assert_eq!(numbers(&after), numbers(&expected));
    let history: Value = install.get("/api/history?event=customer_forgotten").await;
    assert_eq!((&history["total"], &history["items"][0]["subject"]), (&json!(1), &json!("Forgotten customer 1")), "{history}");
    let refused = install.sql.run("UPDATE audit SET subject = ''", &[]).expect_err("the trigger is there again");
    assert!(refused.to_string().contains("only added to"));

    // Once more does nothing.
    let (status, answer) = install.post("/api/forget", &forget(&customer.name)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    install.settle().await;
    let history: Value = install.get("/api/history?event=customer_forgotten").await;
    let words = history["items"][0]["detail"].as_str().expect("words");
    assert!(words.starts_with("0 snapshots, 0 old versions of documents and 0 rows"), "{words}");
}
