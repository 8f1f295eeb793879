//! Counting by rule, from ESET's answers to the line and to ConnectWise.

use chrono::TimeDelta;
use contract::month::LineView;
use domain::billing::{Line, PlanSlice};
use domain::seats::CountNote;
use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};
use simulator::{Fault, FaultKind, Options, Vendor};

/// An install read and mapped on the 10th of a month, at noon.
async fn install(companies: usize) -> TestInstall {
    let now = "2026-11-10T12:00:00Z".parse().ok();
    let install = TestInstall::still(Options { companies, now, ..Options::default() }, 400).await;
    install.connect().await;
    install.sync().await;
    install.map_everything_sure().await;
    install.settle().await;
    install
}

/// Reads the next day.
async fn next_day(install: &TestInstall) {
    install.clock.advance(86_400);
    install.sync().await;
}

async fn put(install: &TestInstall, path: &str, change: Value) -> (StatusCode, Value) {
    let answer = install.call("PUT", path, Some(&json!({ "changes": [change] }))).await;
    install.settle().await;
    answer
}

/// Decides about the product with this code, in the one ConnectWise tenant.
async fn decide(install: &TestInstall, code: &str, decision: Value) -> (StatusCode, Value) {
    let psa = install.connection("ConnectWise").await;
    put(install, "/api/mappings/products", json!({ "psa": psa, "code": code, "decision": decision })).await
}

async fn count(install: &TestInstall, rule: Value) -> (StatusCode, Value) {
    let products: Vec<Value> = install.get("/api/products").await;
    let product = &products[0]["mapping"]["product"];
    decide(install, "211", json!({ "decision": "map", "product": product, "rule": { "count": rule } })).await
}

async fn line(install: &TestInstall) -> LineView {
    let mut lines = install.lines("all").await;
    assert_eq!(lines.len(), 1, "{lines:#?}");
    lines.remove(0)
}

fn target(line: &Line) -> String {
    line.target.map_or_else(|| "?".to_owned(), |target| target.to_string())
}

/// The text of the latest row of history.
async fn told(install: &TestInstall) -> (String, String) {
    let history: Value = install.get("/api/history?limit=1").await;
    let row = &history["items"][0];
    (row["before"].as_str().unwrap_or_default().to_owned(), row["after"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "current_thread")]
async fn a_peak_stays_after_the_seats_have_fallen_and_ends_with_the_month() {
    let install = install(1).await;
    let key = install.simulator.world().licenses()[0].public_license_key.clone();
    let (status, answer) = count(&install, json!({ "method": "peak" })).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(told(&install).await, ("ESET-211".to_owned(), "ESET-211, peak".to_owned()));
    install.simulator.world().set_seats(&key, 31).expect("the licence");
    next_day(&install).await;
    install.simulator.world().set_seats(&key, 20).expect("the licence");
    install.sync().await;
    next_day(&install).await;
    let view = line(&install).await;
    assert_eq!((target(&view.line), view.line.ordered), ("31".to_owned(), Some(20)));
    assert_eq!(view.line.reason, "peak 31 on 3 of 12 days read", "two syncs of one day are one day");
    install.approve(&[view]).await;
    install.settle().await;
    assert_eq!(install.written().last().map(|(_, _, to)| *to), Some(31.0));
    count(&install, json!({ "method": "average" })).await;
    assert_eq!(line(&install).await.line.reason, "22.33 ordered a day on 3 of 12 days read, rounded up to 23");
    count(&install, json!({ "method": "peak" })).await;
    install.clock.advance(TimeDelta::days(19).num_seconds());
    install.sync().await;
    assert_eq!(line(&install).await.line.reason, "peak 20 on 1 of 1 days read", "a new month begins");
}

#[tokio::test(flavor = "current_thread")]
async fn a_day_that_was_not_read_is_missing_from_the_days_and_not_a_zero() {
    let install = install(1).await;
    count(&install, json!({ "method": "average" })).await;
    install.simulator.world().inject(Fault::new(Vendor::Ema2, FaultKind::MalformedJson).on("POST", "License/Detail"));
    next_day(&install).await;
    assert_eq!(target(&line(&install).await.line), "?", "held on the day itself");
    install.simulator.world().clear_faults();
    next_day(&install).await;
    assert_eq!(line(&install).await.line.reason, "27 ordered a day on 2 of 12 days read");
}

#[tokio::test(flavor = "current_thread")]
async fn a_bundle_is_billed_by_its_parts_and_never_with_them() {
    let install = install(1).await;
    let products: Vec<Value> = install.get("/api/products").await;
    assert_eq!(products[0]["parts"].as_array().map(Vec::len), Some(2), "a bundle names its products: {products:#?}");
    let (status, answer) = decide(&install, "211", json!({ "decision": "parts" })).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let products: Vec<Value> = install.get("/api/products").await;
    let inner: Vec<(&str, &str, u64)> = products
        .iter()
        .filter(|product| product["inside"] == json!(["211"]))
        .map(|product| {
            let state = product["mapping"]["state"].as_str().expect("a state");
            (product["code"].as_str().expect("a code"), state, product["ordered"].as_u64().expect("a count"))
        })
        .collect();
    assert_eq!(inner, [("107", "unmapped", 27), ("111", "unmapped", 27)]);
    let overview: Value = install.get("/api/overview").await;
    assert_eq!(overview["unmapped"]["products"], 2, "{overview}");
    let held: Vec<String> = install.lines("held").await.into_iter().flat_map(|view| view.guards).map(|guard| guard.code).collect();
    assert_eq!(held, ["unmapped_product", "unmapped_product"], "each part is shown until somebody decides about it");

    let found: Value = install.get("/api/psa/products?q=ESET-111").await;
    let catalog = found["items"][0]["product"].clone();
    decide(&install, "107", json!({ "decision": "exclude", "reason": "not sold alone" })).await;
    let rule = json!({ "count": { "method": "activated", "minimum": 5 } });
    let (status, answer) = decide(&install, "111", json!({ "decision": "map", "product": catalog, "rule": rule })).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(told(&install).await.1, "ESET-111, activated, minimum 5");
    let servers =
        |lines: Vec<LineView>| lines.into_iter().find(|view| view.line.product.name == "ESET-111").expect("the servers' line").line;
    let part = servers(install.lines("all").await);
    assert_eq!((part.ordered, part.activated, target(&part)), (Some(27), Some(6), "6".to_owned()));
    assert_eq!((part.reason.as_str(), part.evidence.licences[0].bundle.as_deref()), ("6 in use", Some("ESET PROTECT Entry")));

    install.simulator.world().hide_part_usage(true);
    install.sync().await;
    let part = servers(install.lines("all").await);
    assert_eq!((target(&part), part.notes[0].code), ("27".to_owned(), CountNote::NoUsage), "ordered is counted, and said so");
    assert!(part.reason.contains("ESET does not say"), "{}", part.reason);
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_no_bundle_has_no_parts_and_a_rule_that_cannot_be_meant_is_refused_by_its_field() {
    let install = install(40).await;
    let (status, answer) = decide(&install, "112", json!({ "decision": "parts" })).await;
    assert_eq!((status, answer["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("changes[0].decision.decision")), "{answer}");
    let rules = [
        (json!({ "factor": "0" }), "factor"),
        (json!({ "minimum": 1_000_001 }), "minimum"),
        (json!({ "method": "peak", "trials": true }), "trials"),
    ];
    for (rule, field) in rules {
        let (status, answer) = count(&install, rule).await;
        let field = format!("changes[0].decision.rule.count.{field}");
        let found: Vec<Value> = install.get("/api/products").await;
        assert!(!found.is_empty());
        assert_eq!((status, answer["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field.as_str())), "{answer}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_company_is_split_over_two_agreements_and_its_slice_foretells_the_lines() {
    let install = install(300).await;
    let (psa, eset) = (install.connection("ConnectWise").await, install.connection("ESET").await);
    let companies: Value = install.get("/api/companies?state=unmapped&limit=500").await;
    let customers: Value = install.get("/api/psa/companies?limit=500").await;
    let customers = customers["items"].as_array().expect("companies");
    let of = |company: &Value| customers.iter().find(|known| known["company"] == company["suggestions"][0]["suggestion"]["company"]);
    let agreements = |known: &Value| -> Vec<i64> {
        let active = known["agreements"].as_array().expect("agreements").iter().filter(|agreement| agreement["status"] == "active");
        active.filter_map(|agreement| agreement["agreement"].as_i64()).collect()
    };
    // A company with two agreements, mapped to one of them.
    let found = companies["items"].as_array().expect("companies").iter().find_map(|company| {
        let known = of(company)?;
        let [home, other, ..] = agreements(known)[..] else { return None };
        (company["ordered"].as_u64()? > 0).then(|| (company.clone(), known["company"].clone(), home, other))
    });
    let (company, customer, home, other) = found.expect("a company with two agreements");
    let id = company["company"].as_str().expect("an id");
    let decision = |products: Value| json!({ "connection": eset, "company": id, "decision": { "decision": "map", "psa": psa, "agreement": home, "products": products } });
    let (status, answer) = put(&install, "/api/mappings/companies", decision(json!({}))).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    install.cron().await;
    let lines = install.lines("all").await;
    let on = |line: &Line, agreement: i64| line.agreement.as_ref().is_some_and(|known| known.id.0 == agreement);
    let view = lines.iter().find(|view| on(&view.line, home) && view.line.target.is_some_and(|target| target > 1.into()));
    let view = view.expect("a line of it").clone();
    let products: Vec<Value> = install.get("/api/products").await;
    let product = products.iter().find(|product| view.line.product.eset.contains(&product["name"].as_str().expect("a name").to_owned()));
    let code = product.expect("the product")["code"].as_str().expect("a code").to_owned();

    // A slice knows the additions of agreements that were read, and that is once something is mapped to them.
    let change = decision(json!({ code.as_str(): { "agreement": other, "rule": { "count": { "included": 1 } } } }));
    for decided in [change.clone(), decision(json!({}))] {
        assert_eq!(put(&install, "/api/mappings/companies", decided).await.0, StatusCode::OK);
        install.cron().await;
    }
    let lines = install.lines("all").await;
    let slice: Value = install.get(&format!("/api/plan-slice?connection={eset}&company={id}")).await;
    let mut slice: PlanSlice = domain::json::strict::read_value(slice).expect("a slice");
    let summary = |lines: Vec<Line>| {
        let mut lines: Vec<_> = lines
            .into_iter()
            .filter(|line| line.agreement.as_ref().is_some_and(|known| [home, other].contains(&known.id.0)))
            .map(|line| (line.id.to_string(), target(&line), line.preview.to_string()))
            .collect();
        lines.sort();
        lines
    };
    assert_eq!(summary(slice.plan()), summary(lines.into_iter().map(|view| view.line).collect()), "the slice plans as the Worker does");

    let elsewhere = customers.iter().filter(|known| known["company"] != customer);
    let foreign =
        elsewhere.flat_map(|known| known["agreements"].as_array().expect("agreements")).next().expect("an agreement")["agreement"].clone();
    let refused = [
        (json!({ "agreement": foreign }), "agreement"),
        (json!({ "product": 999_999 }), "product"),
        (json!({ "rule": { "count": { "factor": "1001" } } }), "rule.count.factor"),
    ];
    for (own, field) in refused {
        let (status, answer) = put(&install, "/api/mappings/companies", decision(json!({ code.as_str(): own }))).await;
        let field = format!("changes[0].decision.products.{code}.{field}");
        assert_eq!((status, answer["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field.as_str())), "{answer}");
    }

    let (status, answer) = put(&install, "/api/mappings/companies", change).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let (_, after) = told(&install).await;
    assert!(after.contains(&format!("; {code} on ")) && after.ends_with("1 included"), "{after}");
    let lines: Vec<Line> = install.lines("all").await.into_iter().map(|view| view.line).collect();
    let moved = lines
        .iter()
        .find(|line| line.agreement.as_ref().is_some_and(|known| known.id.0 == other) && line.product.catalog == view.line.product.catalog);
    let moved = moved.expect("a line on the other agreement");
    assert_eq!(moved.target.map(|target| target + 1.into()), view.line.target, "{}", moved.reason);
    // The same change, made in the browser.
    let mappings = install.tenant.mappings().await.expect("mappings").0;
    slice.mappings.companies.clone_from(&mappings.companies);
    assert_eq!(summary(slice.plan()), summary(lines), "and foretells what the change does");

    // Nobody else is billed there, and its additions are read all the same.
    install.clock.advance(600);
    install.cron().await;
    let lines = install.lines("all").await;
    let there: Vec<&LineView> = lines.iter().filter(|view| on(&view.line, other)).collect();
    let stale = there.iter().find(|view| view.guards.iter().any(|guard| guard.code == "psa_stale"));
    assert!(!there.is_empty() && stale.is_none(), "{stale:?}");

    let slice: Value = install.get(&format!("/api/plan-slice?psa={psa}&product={code}")).await;
    let slice: PlanSlice = domain::json::strict::read_value(slice).expect("a slice");
    assert!(slice.agreements.len() > 2 && slice.left_out == 0);
    let (status, answer) = install.call("GET", &format!("/api/plan-slice?psa={psa}"), None::<&Value>).await;
    assert_eq!((status, answer["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("product")), "{answer}");
}
