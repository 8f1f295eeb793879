//! Tests of the OpenAPI document: complete, no credentials in responses, no unknown fields in requests, stored as it is.

use std::collections::BTreeSet;

use super::*;

#[test]
fn no_two_operations_share_a_name() {
    let ids: BTreeSet<&str> = ROUTES.iter().map(|route| route.operation.id).collect();
    assert_eq!(ids.len(), ROUTES.len());
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
    for route in ROUTES {
        if let Response::Json(schema) = route.operation.response {
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

/// What strangers may call.
const DOORS: [(&str, &str); 10] = [
    ("/api/health", "get"),
    ("/api/openapi.json", "get"),
    ("/api/session/ways", "get"),
    ("/api/session/openid", "post"),
    ("/api/session/openid/finish", "post"),
    ("/api/session/challenge", "post"),
    ("/api/session", "post"),
    ("/api/invitations/open", "post"),
    ("/api/invitations/accept", "post"),
    ("/api/share/open", "post"),
];

#[test]
fn strangers_are_asked_for_nothing_only_where_they_may_come_in() {
    for (path, methods) in document()["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let asked = operation.get("security");
            let open = asked.is_some_and(|asked| *asked == json!([]));
            assert_eq!(open, DOORS.contains(&(path.as_str(), method.as_str())), "{method} {path}");
            let visit = asked.is_some_and(|asked| *asked == json!([{ "visit": [] }]));
            assert_eq!(visit, ["/api/share/company", "/api/share/statement"].contains(&path.as_str()), "{method} {path}");
        }
    }
}

/// Objects of a schema, and of those it refers to, that take fields they do not know.
fn open_objects(document: &Value, schema: &Value, place: &str, seen: &mut BTreeSet<String>, found: &mut Vec<String>) {
    let Some(fields) = schema.as_object() else { return };
    if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
        if seen.insert(reference.to_owned()) {
            let pointer = reference.trim_start_matches('#');
            let name = reference.rsplit('/').next().unwrap_or_default();
            open_objects(document, document.pointer(pointer).expect("a type"), name, seen, found);
        }
        return;
    }
    let is_object = fields.get("type").is_some_and(|kind| kind == "object") || fields.contains_key("properties");
    // A map takes any name, and says of what kind each of its values is.
    let closed = fields.get("additionalProperties").is_some_and(|more| *more == false || more.is_object());
    if is_object && !closed {
        found.push(place.to_owned());
    }
    for name in ["oneOf", "anyOf", "allOf"] {
        let branches = fields.get(name).and_then(Value::as_array).into_iter().flatten();
        branches.for_each(|branch| open_objects(document, branch, place, seen, found));
    }
    for (name, field) in fields.get("properties").and_then(Value::as_object).into_iter().flatten() {
        open_objects(document, field, &format!("{place}.{name}"), seen, found);
    }
    for name in ["items", "additionalProperties"] {
        if let Some(inner) = fields.get(name) {
            open_objects(document, inner, place, seen, found);
        }
    }
}

#[test]
fn no_part_of_a_request_takes_a_field_it_does_not_know() {
    let document = document();
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for operation in methods.as_object().expect("methods").values() {
            open_objects(&document, &operation["requestBody"]["content"]["application/json"]["schema"], path, &mut seen, &mut found);
        }
    }
    assert!(seen.len() > 50, "bodies are looked into: {seen:?}");
    // A merge patch: `TicketRule::edited` refuses what it does not know.
    assert_eq!(found, ["EditRules.change"]);
}

#[test]
fn the_stored_document_is_this_one() {
    let stored: Value = serde_json::from_str(include_str!("../../../../shared/contract/openapi.json")).unwrap_or_default();
    assert!(
        stored == document(),
        "shared/contract/openapi.json is stale: cargo run -p shared --features schema --example openapi > shared/contract/openapi.json"
    );
}
