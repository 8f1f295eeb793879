//! Tables: what is saved as a file says what the page says, of every line of the filter.

use std::collections::BTreeMap;

use harness::TestInstall;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};

type Row = BTreeMap<String, String>;

async fn file(install: &TestInstall, path: &str) -> String {
    let request = Request::get(path).header("authorization", format!("Bearer {}", install.token));
    let answer = install.send(request.body(axum::body::Body::empty()).expect("a request")).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    assert!(answer.headers()["content-type"].to_str().expect("text").starts_with("text/csv; charset=utf-8"), "{path}");
    assert!(answer.headers()["content-disposition"].to_str().expect("text").starts_with("attachment; filename="), "{path}");
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

async fn table(install: &TestInstall, path: &str) -> Vec<Row> {
    let text = file(install, path).await;
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.expect("a row")).collect()
}

fn sum(rows: &[Row], column: &str) -> f64 {
    rows.iter().filter_map(|row| row[column].parse::<f64>().ok()).sum()
}

fn number(value: &Value) -> f64 {
    value.as_str().expect("decimal text").parse().expect("a number")
}

#[tokio::test(flavor = "current_thread")]
async fn the_months_table_comes_to_what_the_page_says() {
    let install = TestInstall::ready(700).await;
    let month: Value = install.get("/api/month?segment=all&limit=1").await;
    let summary = &month["summary"];
    let rows = table(&install, "/api/month.csv?segment=all").await;
    assert!(rows.len() > 500, "more than are read at once: {}", rows.len());
    assert_eq!(Some(rows.len()), summary["lines"].as_u64().and_then(|count| usize::try_from(count).ok()));
    let waiting = table(&install, "/api/month.csv?segment=to_approve").await;
    assert_eq!(Some(waiting.len()), summary["to_approve"].as_u64().and_then(|count| usize::try_from(count).ok()));
    assert!((sum(&waiting, "Change") - number(&summary["change"])).abs() < 1e-9);
    assert!(!waiting.is_empty() && waiting.iter().all(|row| row["State"] == "to approve"));
    for amount in summary["amounts"].as_array().expect("amounts") {
        let currency = amount["currency"].as_str().unwrap_or_default();
        let rows: Vec<Row> = waiting.iter().filter(|row| row["Currency"] == currency).cloned().collect();
        assert!((sum(&rows, "Change a month") - number(&amount["amount"])).abs() < 1e-6, "{currency}");
    }
    let unknown = rows.iter().filter(|row| row["Ordered"].is_empty());
    assert!(unknown.clone().all(|row| row["Target"].is_empty() && row["Change"].is_empty()), "what is not known is empty, not zero");
    let text = rows[0]["Company"].clone();
    let page: Value = install.get(&format!("/api/month?segment=all&limit=500&q={}", text.replace(' ', "%20").replace('&', "%26"))).await;
    let found = table(&install, &format!("/api/month.csv?segment=all&q={}", text.replace(' ', "%20").replace('&', "%26"))).await;
    assert_eq!(Some(found.len()), page["total"].as_u64().and_then(|count| usize::try_from(count).ok()), "{text}");
}

#[tokio::test(flavor = "current_thread")]
async fn reconciliation_comes_to_the_same_as_page_and_as_table() {
    let install = TestInstall::ready(60).await;
    let page: Value = install.get("/api/reconciliation?limit=500").await;
    let totals = &page["totals"];
    let rows = table(&install, "/api/reconciliation.csv").await;
    assert_eq!(totals["rows"].as_u64(), u64::try_from(rows.len()).ok());
    assert_eq!(page["items"].as_array().map(Vec::len), Some(rows.len()));
    let known: Vec<Row> =
        rows.into_iter().filter(|row| ["Ordered", "Activated", "Billed"].iter().all(|column| !row[*column].is_empty())).collect();
    assert_eq!(totals["not_known"].as_u64(), Some(totals["rows"].as_u64().expect("rows") - u64::try_from(known.len()).expect("small")));
    for (column, total) in [("Ordered", "ordered"), ("Activated", "activated"), ("Seat-days", "seat_days")] {
        assert!((sum(&known, column) - totals[total].as_f64().expect("a number")).abs() < 1e-6, "{column}");
    }
    assert!((sum(&known, "Billed") - number(&totals["billed"])).abs() < 1e-6);
    let money = totals["money"].as_array().expect("money");
    let price: f64 = money.iter().map(|money| number(&money["price"])).sum();
    let cost: f64 = money.iter().map(|money| number(&money["cost"])).sum();
    assert!((sum(&known, "Price") - price).abs() < 1e-6 && (sum(&known, "Cost") - cost).abs() < 1e-6);
    assert!(totals["ordered"].as_f64() > Some(0.0) && totals["seat_days"].as_f64() > Some(0.0) && cost > 0.0, "{totals}");

    for kind in ["over_ordered", "over_used", "unbilled", "billed_unused"] {
        let found: Value = install.get(&format!("/api/reconciliation?limit=500&finding={kind}")).await;
        let counted = totals["findings"].as_array().expect("findings").iter().find(|count| count["kind"] == kind);
        let counted = counted.and_then(|count| count["rows"].as_u64()).unwrap_or_default();
        assert!(found["total"].as_u64() >= Some(counted), "{kind}: {found}");
        assert_eq!(found["totals"], *totals, "the sums are over all rows, whatever the filter");
        for row in found["items"].as_array().expect("rows") {
            let finding = row["findings"].as_array().expect("findings").iter().find(|finding| finding["kind"] == kind);
            assert!(finding.is_some_and(|finding| finding["words"].as_str().is_some_and(|words| words.ends_with('.'))), "{row}");
        }
    }
    let (status, problem) = install.call("GET", "/api/reconciliation?finding=nothing", None::<&Value>).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
}

#[tokio::test(flavor = "current_thread")]
async fn mappings_go_out_as_a_table_and_come_back_changed() {
    let install = TestInstall::ready(20).await;
    let exported = table(&install, "/api/mappings/companies.csv").await;
    let text = file(&install, "/api/mappings/companies.csv").await;
    assert!(exported.iter().any(|row| row["decision"] == "map") && exported.iter().any(|row| row["decision"].is_empty()));
    let import = async |csv: &str, dry_run: bool| {
        let (status, answer) =
            install.call("POST", "/api/mappings/companies/import", Some(&json!({ "csv": csv, "dry_run": dry_run }))).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    };
    let same = import(&text, false).await;
    assert_eq!((&same["changed"], &same["stored"]), (&json!(0), &json!(true)), "the export changes nothing: {same}");

    let mapped = exported.iter().find(|row| row["decision"] == "map").expect("a mapped company");
    let row = |decision: &str, agreement: &str| {
        let cells = [&mapped["connection"], &mapped["company"], decision, &mapped["psa"], agreement, "moved away"];
        format!("connection,company,decision,psa,agreement,reason\n{}\n", cells.join(","))
    };
    let wrong = import(&row("map", "999999"), false).await;
    assert_eq!(wrong["stored"], json!(false), "{wrong}");
    assert_eq!((&wrong["problems"][0]["row"], &wrong["problems"][0]["column"]), (&json!(2), &json!("agreement")), "{wrong}");
    let would = import(&row("exclude", ""), true).await;
    assert_eq!((&would["changed"], &would["stored"]), (&json!(1), &json!(false)), "{would}");
    assert_eq!(file(&install, "/api/mappings/companies.csv").await, text, "asking changes nothing");
    let did = import(&row("exclude", ""), false).await;
    assert_eq!((&did["changed"], &did["stored"]), (&json!(1), &json!(true)), "{did}");
    let now = table(&install, "/api/mappings/companies.csv").await;
    let now = now.iter().find(|row| row["company"] == mapped["company"]).expect("the company");
    assert_eq!((now["decision"].as_str(), now["reason"].as_str()), ("exclude", "moved away"));
}
