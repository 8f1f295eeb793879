//! PATCH, which looks like JSON Patch and is not (PSA Developer Guide, "Updating records").

use serde_json::{Map, Value};

use super::errors::{self, Problem};
use super::schema::{Kind, Schema};
use crate::exchange::Reply;

/// Applies operations to the fields of a record.
///
/// A path is one field name in its exact case, with or without a leading slash. A path into a reference, such as
/// `company/identifier`, is taken and does nothing: the answer is a 200 that changed nothing.
pub(super) fn apply(operations: &Value, schema: &Schema, read_only: &[&str], fields: &mut Map<String, Value>) -> Result<(), Reply> {
    let operations = operations.as_array().ok_or_else(errors::unreadable)?;
    let mut problems = Vec::new();
    for operation in operations {
        let path = operation["path"].as_str().ok_or_else(errors::unreadable)?;
        let op = operation["op"].as_str().unwrap_or_default();
        if !["add", "replace", "remove"].contains(&op) {
            problems.push(Problem::new("InvalidOperation", path, format!("The operation {op} is not supported.")));
            continue;
        }
        let path = path.strip_prefix('/').unwrap_or(path);
        let (field, part) = path.split_once('/').map_or((path, None), |(field, part)| (field, Some(part)));
        match (schema.field(field), part) {
            (Some(Kind::Reference(_)), Some(_)) => {}
            (Some(_), None) if read_only.contains(&field) => {}
            (Some(kind), None) => {
                let value = if op == "remove" { &Value::Null } else { &operation["value"] };
                match kind.refuses(value) {
                    Some((code, why)) => problems.push(Problem::new(code, field, format!("The field {field} {why}"))),
                    None => {
                        fields.insert(field.to_owned(), value.clone());
                    }
                }
            }
            _ => problems.push(Problem::new("InvalidField", path, format!("{path} is not a field of {}.", schema.resource))),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(errors::invalid_object(schema.resource, &problems)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fields::ADDITION;
    use super::*;

    fn patched(operations: &Value) -> Result<Value, u16> {
        let mut fields = json!({ "id": 5, "quantity": 25.0, "product": { "id": 42 }, "cancelledDate": "2026-02-28T00:00:00Z" });
        let map = fields.as_object_mut().unwrap();
        apply(operations, &ADDITION, &["id"], map).map_err(|reply| reply.status)?;
        Ok(fields)
    }

    #[test]
    fn a_bare_name_and_a_leading_slash_both_work() {
        for path in ["quantity", "/quantity"] {
            let record = patched(&json!([{ "op": "replace", "path": path, "value": 27 }])).unwrap();
            assert_eq!(record["quantity"], 27);
        }
    }

    #[test]
    fn case_matters_and_unknown_fields_are_refused() {
        assert_eq!(patched(&json!([{ "op": "replace", "path": "Quantity", "value": 27 }])), Err(400));
        assert_eq!(patched(&json!([{ "op": "replace", "path": "seats", "value": 27 }])), Err(400));
        assert_eq!(patched(&json!([{ "op": "test", "path": "quantity", "value": 25 }])), Err(400));
        assert_eq!(patched(&json!({ "op": "replace", "path": "quantity", "value": 27 })), Err(400));
    }

    #[test]
    fn a_path_into_a_reference_is_taken_and_does_nothing() {
        let record = patched(&json!([{ "op": "replace", "path": "product/id", "value": 43 }])).unwrap();
        assert_eq!(record["product"]["id"], 42);
    }

    #[test]
    fn values_must_be_of_the_kind() {
        assert_eq!(patched(&json!([{ "op": "replace", "path": "quantity", "value": "27" }])), Err(400));
        assert_eq!(patched(&json!([{ "op": "replace", "path": "billCustomer", "value": "Always" }])), Err(400));
        assert_eq!(patched(&json!([{ "op": "replace", "path": "serialNumber", "value": "x".repeat(51) }])), Err(400));
    }

    #[test]
    fn removing_empties_and_read_only_fields_stay() {
        let record = patched(&json!([
            { "op": "remove", "path": "cancelledDate" },
            { "op": "replace", "path": "id", "value": 9 },
        ]));
        let record = record.unwrap();
        assert_eq!((&record["cancelledDate"], &record["id"]), (&Value::Null, &json!(5)));
    }
}
