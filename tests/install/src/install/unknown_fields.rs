//! Input that nobody asked for is refused by name, on every route that takes any; and lists answer no more than a page.

use harness::TestInstall;
use http::StatusCode;
use serde_json::{Value, json};

/// Every operation of the API's description: method, path with ids filled in, and what is said of it.
fn operations() -> Vec<(String, String, Value)> {
    let document: Value = serde_json::from_str(include_str!("../../../../shared/contract/openapi.json")).expect("json");
    let paths = document["paths"].as_object().expect("paths").clone();
    let methods = paths.into_iter().flat_map(|(path, methods)| {
        let filled = path
            .replace("{period}", "2026-03")
            .replace("{board}", "1")
            .replace("{company}", "1")
            .replace("{group}", "1")
            .replace("{id}", "nobodys");
        let methods = methods.as_object().expect("methods").clone();
        methods.into_iter().map(move |(method, operation)| (method.to_uppercase(), filled.clone(), operation))
    });
    methods.collect()
}

fn query(operation: &Value) -> Vec<&Value> {
    operation["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["in"] == "query").collect()
}

#[tokio::test(flavor = "current_thread")]
async fn a_body_with_a_field_nobody_knows_is_refused_and_names_it() {
    let install = TestInstall::empty(1).await;
    let mut asked = 0;
    for (method, path, operation) in operations() {
        if operation.get("requestBody").is_none() {
            continue;
        }
        asked += 1;
        let (status, problem) = install.call_by(&install.admin, &method, &path, Some(&json!({ "surprise": 1 }))).await;
        let named = format!("{method} {path}: {status} {problem}");
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{named}");
        assert_eq!(problem["field"], "surprise", "{named}");
    }
    assert!(asked > 20, "{asked} routes take a body");
}

#[tokio::test(flavor = "current_thread")]
async fn a_query_with_a_field_nobody_knows_is_refused() {
    let install = TestInstall::empty(1).await;
    let mut asked = 0;
    for (method, path, operation) in operations() {
        // What a share link shows is asked by its visitors alone; their tests do.
        if query(&operation).is_empty() || path.starts_with("/api/share/") {
            continue;
        }
        asked += 1;
        let (status, problem) = install.call_by(&install.admin, &method, &format!("{path}?surprise=1"), None::<&Value>).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{method} {path}: {problem}");
    }
    assert!(asked > 15, "{asked} routes take a query");
}

#[tokio::test(flavor = "current_thread")]
async fn a_list_that_can_be_long_is_given_by_pages_of_at_most_500() {
    let install = TestInstall::empty(1).await;
    for (method, path, operation) in operations() {
        let paged = query(&operation).iter().any(|parameter| parameter["name"] == "limit") && !path.ends_with(".csv");
        if paged {
            for limit in ["0", "501", "4294967296", "-1"] {
                let (status, problem) = install.call(&method, &format!("{path}?limit={limit}"), None::<&Value>).await;
                assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{method} {path} with {limit}: {problem}");
            }
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_table_is_taken_up_to_a_size_and_a_number_of_rows() {
    let install = TestInstall::empty(1).await;
    let path = "/api/mappings/companies/import";
    let header = "connection,company,decision,psa,agreement,automatic,reason\r\n";
    let (status, _) = install.post(path, &json!({ "csv": format!("{header}{}", "x".repeat(1024 * 1024)), "dry_run": true })).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let most = contract::mapping_table::MOST_ROWS;
    for (rows, taken) in [(most, true), (most + 1, false)] {
        let table = format!("{header}{}", "a,b,clear,,,,\r\n".repeat(rows));
        let (status, answer) = install.post(path, &json!({ "csv": table, "dry_run": true })).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let problems = answer["problems"].as_array().expect("problems");
        let refused = problems
            .iter()
            .any(|problem| problem["words"].as_str().is_some_and(|words| words.contains("20000") || words.contains("20,000")));
        assert_eq!(!refused, taken, "{rows} rows: {:?}", problems.first());
        assert_eq!(answer["stored"], false);
    }
}
