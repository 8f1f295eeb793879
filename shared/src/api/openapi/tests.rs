use std::collections::BTreeSet;

use super::*;

#[test]
fn every_route_is_described_and_nothing_else_is() {
    let described: Vec<_> = OPERATIONS.iter().map(|operation| (name(operation.method), operation.path)).collect();
    let routes: Vec<_> = ROUTES.iter().map(|route| (name(route.method), route.path)).collect();
    assert_eq!(described, routes, "OPERATIONS follows ROUTES, one for one");
}

#[test]
fn no_two_operations_share_a_name() {
    let ids: BTreeSet<&str> = OPERATIONS.iter().map(|operation| operation.id).collect();
    assert_eq!(ids.len(), OPERATIONS.len());
}

/// Every `$ref` in a value.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            found.extend(value.as_str().filter(|_| name == "$ref"));
            references(value, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_type_is_referred_to() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in &found {
        let pointer = reference.strip_prefix('#').expect("a reference into this document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    for schema in document["components"]["schemas"].as_object().expect("schemas").keys() {
        assert!(found.contains(format!("#/components/schemas/{schema}").as_str()), "{schema} is used nowhere");
    }
}

#[test]
fn what_may_be_left_out_of_a_request_is_promised_in_an_answer() {
    let document = document();
    let required = |name: &str| document["components"]["schemas"][name]["required"].as_array().map_or(0, Vec::len);
    assert_eq!(required("CountRuleInput"), 0);
    assert_eq!(required("CountRule"), document["components"]["schemas"]["CountRule"]["properties"].as_object().expect("fields").len());
    let body = serde_json::to_string(&document["paths"]["/api/mappings/products"]["put"]["requestBody"]).expect("json");
    assert!(body.contains("ProductChanges"), "{body}");
    let changes = document["components"]["schemas"]["ProductDecision"].to_string();
    assert!(changes.contains("ProductRuleInput"), "{changes}");
}

#[test]
fn credentials_are_in_no_answer() {
    let mut types = Types::new();
    for operation in OPERATIONS {
        if let Answer::Json(schema) = operation.answer {
            schema(&mut types.answers);
        }
    }
    let answers = types.answers.take_definitions(true);
    assert!(!answers.contains_key("Credentials"));
    let text = serde_json::to_string(&answers).expect("json");
    for secret in ["\"password\"", "\"private_key\""] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn strangers_are_asked_for_nothing_only_where_they_may_come_in() {
    for (path, methods) in document()["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let open = operation.get("security").is_some();
            let door = [("/api/health", "get"), ("/api/openapi.json", "get"), ("/api/session", "post")];
            assert_eq!(open, door.contains(&(path.as_str(), method.as_str())), "{method} {path}");
        }
    }
}

#[test]
fn the_stored_document_is_this_one() {
    let stored: Value = serde_json::from_str(include_str!("../../../../worker/openapi.json")).unwrap_or_default();
    assert!(
        stored == document(),
        "worker/openapi.json is stale: cargo run -p shared --features schema --example openapi > worker/openapi.json"
    );
}
