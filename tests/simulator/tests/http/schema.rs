//! Checks a JSON value against a schema of an OpenAPI document, strictly: a field the schema does not name is an error.

use serde_json::{Map, Value};

pub(crate) struct Document(Value);

impl Document {
    pub(crate) fn read(path: &std::path::Path) -> Self {
        Self(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    }

    /// The schema of an operation's answer; none when the answer has no body.
    pub(crate) fn answer(&self, method: &str, path: &str, status: &str) -> Option<&Value> {
        let operation = &self.0["paths"][path][method];
        assert!(operation.is_object(), "the specification has no {method} {path}");
        let content = operation["responses"][status]["content"].as_object()?;
        content.values().next().map(|media| &media["schema"])
    }

    /// Everything wrong with a value, each with the place it is at.
    pub(crate) fn faults(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        self.check(schema, value, "", &mut faults);
        faults
    }

    fn resolve<'d>(&'d self, mut schema: &'d Value) -> &'d Value {
        while let Some(reference) = schema["$ref"].as_str() {
            schema = self.0.pointer(reference.trim_start_matches('#')).unwrap();
        }
        schema
    }

    fn check(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        let schema = self.resolve(schema);
        if let Some(any) = schema["oneOf"].as_array() {
            if !value.is_null() && !any.iter().any(|one| self.faults(one, value).is_empty()) {
                faults.push(format!("{at}: {value} is none of the alternatives"));
            }
            return;
        }
        if value.is_null() {
            if schema["nullable"] != true {
                faults.push(format!("{at}: null where the schema has none"));
            }
            return;
        }
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(value)
        {
            faults.push(format!("{at}: {value} is not in the enum"));
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
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.check(&schema["items"], item, &format!("{at}[{index}]"), faults);
        }
        if let Some(fields) = value.as_object() {
            self.check_fields(schema, fields, at, faults);
        }
    }

    fn check_fields(&self, schema: &Value, fields: &Map<String, Value>, at: &str, faults: &mut Vec<String>) {
        let mut parts = vec![schema];
        parts.extend(schema["allOf"].as_array().into_iter().flatten().map(|part| self.resolve(part)));
        for name in parts.iter().filter_map(|part| part["required"].as_array()).flatten() {
            if !fields.contains_key(name.as_str().unwrap()) {
                faults.push(format!("{at}: {name} is missing"));
            }
        }
        for (name, value) in fields {
            let at = format!("{at}.{name}");
            match parts.iter().find_map(|part| part["properties"].get(name)) {
                Some(schema) => self.check(schema, value, &at, faults),
                None => match parts.iter().find_map(|part| part.get("additionalProperties")) {
                    Some(Value::Bool(true)) => {}
                    Some(schema) if schema.is_object() => self.check(schema, value, &at, faults),
                    _ => faults.push(format!("{at}: no such field in the schema")),
                },
            }
        }
    }
}
