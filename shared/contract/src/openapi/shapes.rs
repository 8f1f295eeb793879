//! Types that go both ways. What may be left out of a request is always there in an answer: such a type has two shapes, and
//! each has a name of its own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

const SCHEMAS: &str = "#/components/schemas/";

type Definitions = BTreeMap<String, Value>;

/// Gives the shape that requests may have a name of its own wherever it is not the answers' shape.
pub(super) fn tell_apart(requests: &mut Definitions, answers: &Definitions, paths: &mut Map<String, Value>) {
    let renamed = with_two_shapes(requests, answers);
    let mut named = Definitions::new();
    for (name, mut schema) in std::mem::take(requests) {
        rename(&mut schema, &renamed);
        named.insert(if renamed.contains(&name) { input(&name) } else { name }, schema);
    }
    *requests = named;
    let operations = paths.values_mut().filter_map(Value::as_object_mut).flat_map(|methods| methods.values_mut());
    for operation in operations {
        for part in ["parameters", "requestBody"] {
            if let Some(part) = operation.get_mut(part) {
                rename(part, &renamed);
            }
        }
    }
}

/// Types on both sides that differ, and those that refer to one.
fn with_two_shapes(requests: &Definitions, answers: &Definitions) -> BTreeSet<String> {
    let both: Vec<(&String, &Value)> = requests.iter().filter(|(name, _)| answers.contains_key(*name)).collect();
    let mut renamed: BTreeSet<String> =
        both.iter().filter(|(name, schema)| answers.get(*name) != Some(*schema)).map(|(name, _)| (*name).clone()).collect();
    loop {
        let referring = both.iter().filter(|(name, schema)| !renamed.contains(*name) && refers(schema, &renamed));
        let more: Vec<String> = referring.map(|(name, _)| (*name).clone()).collect();
        if more.is_empty() {
            return renamed;
        }
        renamed.extend(more);
    }
}

fn input(name: &str) -> String {
    format!("{name}Input")
}

fn refers(schema: &Value, names: &BTreeSet<String>) -> bool {
    match schema {
        Value::String(text) => text.strip_prefix(SCHEMAS).is_some_and(|name| names.contains(name)),
        Value::Array(items) => items.iter().any(|item| refers(item, names)),
        Value::Object(fields) => fields.values().any(|field| refers(field, names)),
        _ => false,
    }
}

fn rename(schema: &mut Value, names: &BTreeSet<String>) {
    match schema {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(SCHEMAS).filter(|name| names.contains(*name)) {
                *text = format!("{SCHEMAS}{}", input(name));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        Value::Object(fields) => fields.values_mut().for_each(|field| rename(field, names)),
        _ => {}
    }
}
