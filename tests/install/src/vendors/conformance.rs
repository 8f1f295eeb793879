//! Every request the Worker makes, against the vendors' specifications, where a copy of them is at hand.

use std::collections::BTreeSet;

use crate::rules;

use std::io::Write;
use std::path::PathBuf;

use harness::TestInstall;
use harness::wire::Sent;
use serde_json::Value;

/// The folder of the specifications: `SEATBRIDGE_REFERENCE`, or `shared/reference` beside the workspace.
fn reference() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let folder = std::env::var_os("SEATBRIDGE_REFERENCE").map_or_else(beside, PathBuf::from);
    let found = folder.join("connectwise-psa.openapi.json").exists();
    if !found {
        // Past the test harness, which keeps the output of tests that pass to itself.
        let _ = writeln!(std::io::stderr(), "conformance: reference specs absent, not checked");
    }
    found.then_some(folder)
}

/// An OpenAPI document.
struct Document(Value);

impl Document {
    fn read(folder: &std::path::Path, name: &str) -> Self {
        Self(serde_json::from_str(&std::fs::read_to_string(folder.join(name)).expect("the file")).expect("json"))
    }

    fn resolve<'a>(&'a self, mut value: &'a Value) -> &'a Value {
        while let Some(reference) = value["$ref"].as_str() {
            value = self.0.pointer(reference.trim_start_matches('#')).expect("what it refers to");
        }
        value
    }

    /// The path of the document that `path` is one of, those without a parameter first.
    fn template(&self, path: &str) -> Option<&str> {
        let fits = |template: &str| {
            let (a, b): (Vec<&str>, Vec<&str>) =
                (template.trim_matches('/').split('/').collect(), path.trim_matches('/').split('/').collect());
            a.len() == b.len() && a.iter().zip(&b).all(|(part, given)| part == given || (part.starts_with('{') && !given.is_empty()))
        };
        let paths = self.0["paths"].as_object().expect("paths").keys();
        paths.map(String::as_str).filter(|template| fits(template)).min_by_key(|template| template.matches('{').count())
    }

    /// Everything wrong with a request, given its path as the document has it.
    fn faults(&self, sent: &Sent, path: &str) -> Vec<String> {
        let Some(template) = self.template(path) else { return vec![format!("the specification has no path {path}")] };
        let item = &self.0["paths"][template];
        let operation = &item[sent.method.to_lowercase()];
        if !operation.is_object() {
            return vec![format!("{template} has no method {}", sent.method)];
        }
        let mut faults = Vec::new();
        let parameters: Vec<&Value> = [&item["parameters"], &operation["parameters"]]
            .into_iter()
            .filter_map(Value::as_array)
            .flatten()
            .map(|parameter| self.resolve(parameter))
            .filter(|parameter| parameter["in"] == "query")
            .collect();
        let given: BTreeSet<String> = sent.url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        for name in &given {
            if !parameters.iter().any(|known| known["name"] == name.as_str()) {
                faults.push(format!("query: {name} is not known"));
            }
        }
        for (name, value) in sent.url.query_pairs() {
            let schema = parameters.iter().find(|known| known["name"] == name.as_ref()).map(|known| self.resolve(&known["schema"]));
            let whole = schema.is_some_and(|schema| schema["type"] == "integer");
            if whole && value.parse::<i64>().is_err() {
                faults.push(format!("query: {name}={value} is no whole number"));
            }
        }
        for parameter in parameters.iter().filter(|parameter| parameter["required"] == true) {
            let name = parameter["name"].as_str().unwrap_or_default();
            if !given.contains(name) {
                faults.push(format!("query: {name} is missing"));
            }
        }
        let content = &self.resolve(&operation["requestBody"])["content"];
        let schema = content.as_object().and_then(|kinds| kinds.values().next()).map(|kind| &kind["schema"]);
        match (schema, sent.body.is_empty()) {
            (Some(schema), false) => match serde_json::from_slice(&sent.body) {
                Ok(body) => self.check(schema, &body, "body", &mut faults),
                Err(error) => faults.push(format!("body: {error}")),
            },
            (None, false) => faults.push("a body where none is described".to_owned()),
            _ => {}
        }
        faults
    }

    fn check(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        let schema = self.resolve(schema);
        if value.is_null() {
            if schema["nullable"] != true {
                faults.push(format!("{at}: null"));
            }
            return;
        }
        for one in schema["allOf"].as_array().into_iter().flatten() {
            self.check(one, value, at, faults);
        }
        let fits = match schema["type"].as_str() {
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            Some("array") => value.is_array(),
            Some("object") => value.is_object(),
            _ => true,
        };
        if !fits {
            faults.push(format!("{at}: {value} is no {}", schema["type"]));
        }
        if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
            faults.push(format!("{at}: {value} is not among {}", schema["enum"]));
        }
        if let Some(number) = value.as_f64() {
            let (least, most) = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
            if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
                faults.push(format!("{at}: {number} is out of range"));
            }
        }
        if let Some(text) = value.as_str() {
            let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
            let out = schema["minLength"].as_u64().is_some_and(|least| length < least)
                || schema["maxLength"].as_u64().is_some_and(|most| length > most);
            if out {
                faults.push(format!("{at}: {length} characters"));
            }
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.check(&schema["items"], item, &format!("{at}[{index}]"), faults);
        }
        let Some(fields) = value.as_object() else { return };
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                faults.push(format!("{at}: {name} is missing"));
            }
        }
        let Some(known) = schema["properties"].as_object() else { return };
        for (name, field) in fields {
            match known.get(name) {
                Some(schema) => self.check(schema, field, &format!("{at}.{name}"), faults),
                None if schema["additionalProperties"].is_object() || schema["additionalProperties"] == true => {}
                None => faults.push(format!("{at}: {name} is not known")),
            }
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn every_request_of_a_connection_a_sync_and_a_commit_is_as_specified() {
    let Some(folder) = reference() else { return };
    let ema2 = Document::read(&folder, "eset-msp-administrator-2.openapi.json");
    let connectwise = Document::read(&folder, "connectwise-psa.openapi.json");
    let install = TestInstall::ready(60).await;
    install.simulator.world().set_token_lifetime(60);
    install.approve(&install.lines("to_approve").await).await;
    install.settle().await;
    let clock = std::rc::Rc::clone(&install.clock);
    let world = install.simulator.world();
    // So slowly that tokens have to be renewed.
    install.wire.plan(move |_| {
        clock.advance(1);
        world.advance(1);
        harness::wire::Fate::Answered
    });
    install.sync().await;
    install.sync().await;
    let eset = install.simulator.addresses().ema2.clone();
    let made = rules::missing().await;
    rules::approve_the_line(&made).await;
    let first = rules::latest(&made).id;
    made.post(&format!("/api/intents/{first}/reverse"), &serde_json::json!({ "reason": "to see how it ends" })).await;
    made.settle().await;
    assert_eq!(rules::made_and_ended(&made), (1, 1));
    let mut kinds = BTreeSet::new();
    let (one, other) = (install.wire.sent.borrow(), made.wire.sent.borrow());
    for sent in one.iter().chain(other.iter().filter(|sent| sent.url.path().contains("/apis/3.0"))) {
        let path = sent.url.path();
        let faults = if sent.url.as_str().starts_with(&eset) {
            ema2.faults(sent, path.strip_prefix("/api").unwrap_or(path))
        } else {
            connectwise.faults(sent, path.split_once("/apis/3.0").map_or(path, |(_, path)| path))
        };
        let body = String::from_utf8_lossy(&sent.body);
        assert!(faults.is_empty(), "{} {} {body}:\n{}", sent.method, sent.url, faults.join("\n"));
        kinds.insert(sent.kind());
    }
    for wanted in [
        "PATCH finance/agreements/{id}/additions/{id}",
        "POST finance/agreements/{id}/additions",
        "POST License/Detail",
        "POST Token/Get",
        "GET login/companyinfo",
        "GET system/mySecurity",
    ] {
        assert!(kinds.contains(wanted), "{wanted} was not seen: {kinds:?}");
    }
    assert!(kinds.len() >= 14, "{kinds:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn every_request_to_eset_connect_is_as_specified() {
    let Some(folder) = reference() else { return };
    let connect = Document::read(&folder, "eset-connect.openapi.json");
    let install = TestInstall::empty(40).await;
    install.connect_groups(&install.eset_connect()).await;
    install.sync().await;
    install.clock.advance(4_000);
    install.simulator.world().advance(4_000);
    install.sync().await;
    assert_eq!(asked_eset_connect(&install, &connect), ["GET v1/device_groups", "GET v1/devices", "POST oauth/token"]);

    let install = TestInstall::with_tickets(12).await;
    install.store_rule(&install.detection_rule("Malware").await);
    install.passes(2).await;
    for _ in 0..1_100 {
        install.detect(&install.devices(1)[0], 1, simulator::Report::default());
    }
    install.passes(2).await;
    let asked = asked_eset_connect(&install, &connect);
    for wanted in ["GET v1/detections", "GET v1/detections:listDelta", "GET v1/devices:batchGet"] {
        assert!(asked.iter().any(|kind| kind == wanted), "{wanted} was not seen: {asked:?}");
    }
}

/// The kinds of requests that ESET Connect got, each of which has to be as its document says.
fn asked_eset_connect(install: &TestInstall, connect: &Document) -> Vec<String> {
    let address = install.simulator.addresses().connect.clone();
    let mut kinds = BTreeSet::new();
    for sent in install.wire.sent.borrow().iter().filter(|sent| sent.url.as_str().starts_with(&address)) {
        let form = sent.headers.get("content-type").is_some_and(|kind| kind == "application/x-www-form-urlencoded");
        let fields = || url::form_urlencoded::parse(&sent.body).map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())));
        let body = if form { serde_json::to_vec(&fields().collect::<Value>()).expect("json") } else { sent.body.clone() };
        let faults = connect.faults(&Sent { body, ..sent.clone() }, sent.url.path());
        assert!(faults.is_empty(), "{} {}:\n{}", sent.method, sent.url, faults.join("\n"));
        kinds.insert(sent.kind());
    }
    kinds.into_iter().collect()
}

#[test]
fn a_request_that_is_not_as_specified_is_noticed() {
    let Some(folder) = reference() else { return };
    let ema2 = Document::read(&folder, "eset-msp-administrator-2.openapi.json");
    let sent = |method: &str, path: &str, body: &str| Sent {
        method: method.to_owned(),
        url: format!("http://127.0.0.1/api{path}").parse().expect("an address"),
        body: body.as_bytes().to_vec(),
        headers: http::HeaderMap::new(),
        at: domain::Timestamp::UNIX_EPOCH,
        status: None,
    };
    for (method, path, body) in [
        ("POST", "/License/Details", "{}"),
        ("DELETE", "/License/Detail", ""),
        ("POST", "/License/Detail", r#"{"publicLicenseKey": 7}"#),
        ("POST", "/License/Detail?sort=up", r#"{"publicLicenseKey": "333-AAA-BBB"}"#),
        ("POST", "/Search/Licenses", r#"{"skip": 0, "take": "many"}"#),
    ] {
        let sent = sent(method, path, body);
        let path = sent.url.path().trim_start_matches("/api").to_owned();
        assert!(!ema2.faults(&sent, &path).is_empty(), "{method} {path} {body}");
    }
}
