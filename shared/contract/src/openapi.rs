//! The contract as OpenAPI 3.1, made from what each endpoint declares. Only with the feature `schema`.

mod shapes;

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::{Problem, ROUTES, Route};
use domain::access::Role;

/// A type's schema, as a generator refers to it.
type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What the description says about an endpoint, besides its route.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The name generated clients call it by.
    pub id: &'static str,
    /// The resource it belongs to.
    pub tag: &'static str,
    /// One line for people, as it was declared.
    pub summary: &'static str,
    /// Its query.
    pub query: Option<SchemaOf>,
    /// Its body.
    pub body: Option<SchemaOf>,
    /// What it returns when all is well.
    pub response: Response,
    /// Problems that do not follow from what it takes.
    pub problems: &'static [u16],
}

impl Operation {
    /// The declared line as a title: without its full stop.
    fn title(&self) -> &'static str {
        let line = self.summary.trim();
        line.strip_suffix('.').unwrap_or(line)
    }
}

/// What an endpoint returns when all is well.
#[derive(Debug, Clone, Copy)]
pub enum Response {
    /// A status alone.
    Nothing,
    /// A value of this type.
    Json(SchemaOf),
    /// A file of this kind.
    File(&'static str),
}

/// The document.
pub fn document() -> Value {
    let mut types = Types::new();
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(route.method.name().to_ascii_lowercase(), describe(route, &mut types));
        }
    }
    let schemas = types.components(&mut paths);
    let mut tags: Vec<&str> = Vec::new();
    for route in ROUTES {
        if !tags.contains(&route.operation.tag) {
            tags.push(route.operation.tag);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Seatbridge",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "ESET seat counts as ConnectWise PSA agreement quantities",
            "description": "Quantities and amounts are decimal text. Every refusal is a problem as RFC 9457 has it, with a stable `code` and what to do about it.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }, { "session": [] }],
        "tags": tags.into_iter().map(|tag| json!({ "name": tag })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": { "Problem": problem_response("The request was refused, or could not be answered.") },
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "An API token, or the setup secret for the routes that let the first person in." },
                "session": { "type": "apiKey", "in": "cookie", "name": "__Host-seatbridge", "description": "Set by signing in." },
                "visit": { "type": "apiKey", "in": "cookie", "name": "__Host-seatbridge-share", "description": "Set by opening a share link." },
            },
        },
    })
}

fn describe(route: &Route, types: &mut Types) -> Value {
    let operation = &route.operation;
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.title(),
        "responses": responses(route, types),
    });
    let mut parameters: Vec<Value> = path_parameters(route.path).collect();
    if let Some(query) = operation.query {
        parameters.extend(types.query(query));
    }
    if let Some(fields) = described.as_object_mut() {
        if !parameters.is_empty() {
            fields.insert("parameters".to_owned(), parameters.into());
        }
        if let Some(body) = operation.body {
            let schema = body(&mut types.requests);
            fields.insert("requestBody".to_owned(), json!({ "required": true, "content": { "application/json": { "schema": schema } } }));
        }
        if Role::Anonymous.may(route.action) {
            fields.insert("security".to_owned(), json!([]));
        } else if Role::Visitor.may(route.action) {
            fields.insert("security".to_owned(), json!([{ "visit": [] }]));
        }
    }
    described
}

fn path_parameters(path: &str) -> impl Iterator<Item = Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
}

fn responses(route: &Route, types: &mut Types) -> Value {
    let title = route.operation.title();
    let response = match route.operation.response {
        Response::Nothing => json!({ "description": "Done." }),
        Response::File(kind) => {
            let shape = if kind == "application/json" { "object" } else { "string" };
            json!({ "description": title, "content": { kind: { "schema": { "type": shape } } } })
        }
        Response::Json(schema) => {
            let schema = schema(&mut types.answers);
            json!({ "description": title, "content": { "application/json": { "schema": schema } } })
        }
    };
    let mut responses = Map::from_iter([(route.status.to_string(), response)]);
    for status in problems(route) {
        responses.insert(status.to_string(), problem_response(meaning(status)));
    }
    responses.insert("default".to_owned(), json!({ "$ref": "#/components/responses/Problem" }));
    responses.into()
}

/// Statuses of the problems a route answers with: those that follow from what it is, and those of its own.
fn problems(route: &Route) -> Vec<u16> {
    let operation = &route.operation;
    let mut statuses = operation.problems.to_vec();
    if !Role::Anonymous.may(route.action) {
        statuses.extend([401, 403]);
    }
    if route.path.contains('{') {
        statuses.push(404);
    }
    if operation.body.is_some() {
        statuses.extend([413, 415, 422]);
    }
    if operation.query.is_some() {
        statuses.push(422);
    }
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

/// What a status means in every route that answers with it.
fn meaning(status: u16) -> &'static str {
    match status {
        401 => "Nobody is signed in, or the link or token is not known.",
        403 => "Whoever is signed in may not do this.",
        404 => "There is no such thing.",
        409 => "It does not go with how things stand; read them again.",
        413 => "The request is larger than 1 MiB.",
        415 => "The request is not JSON.",
        422 => "The request is understood, but something in it cannot be right.",
        502 => "The vendor could not be reached, or refused.",
        503 => "Not now; the vendor asks for patience. Try again later.",
        _ => "The request was refused.",
    }
}

fn problem_response(description: &str) -> Value {
    json!({
        "description": description,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}

/// A reference to the type.
pub(super) fn reference<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The type itself instead of a reference to it: a query is taken apart into its parameters.
pub(super) fn parameters<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    T::json_schema(generator)
}

/// The types met so far. What may be left out of a request is always there in an answer, so each side has its generator.
struct Types {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
}

impl Types {
    fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        let mut answers = settings().for_serialize().into_generator();
        answers.subschema_for::<Problem>();
        Self { requests: settings().for_deserialize().into_generator(), answers }
    }

    /// The parameters of a query type: its fields, each optional.
    fn query(&mut self, query: SchemaOf) -> Vec<Value> {
        let schema = query(&mut self.requests);
        let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        fields.map(|(name, field)| parameter(name, field.clone())).collect()
    }

    /// Every type met, by name. A type of requests that answers write in another shape is called its `…Input`, also in `paths`.
    fn components(mut self, paths: &mut Map<String, Value>) -> BTreeMap<String, Value> {
        let mut requests = self.requests.take_definitions(true).into_iter().collect();
        let answers = self.answers.take_definitions(true).into_iter().collect();
        shapes::tell_apart(&mut requests, &answers, paths);
        requests.into_iter().chain(answers).collect()
    }
}

/// A field as a parameter. A query has no null: what is left out is left out.
fn parameter(name: &str, mut schema: Value) -> Value {
    let mut described = json!({ "name": name, "in": "query", "required": false });
    if let Some(fields) = schema.as_object_mut() {
        if let Some(description) = fields.remove("description")
            && let Some(described) = described.as_object_mut()
        {
            described.insert("description".to_owned(), description);
        }
        let kind = fields.get("type").and_then(Value::as_array).and_then(|kinds| kinds.iter().find(|kind| *kind != "null"));
        if let Some(kind) = kind.cloned() {
            fields.insert("type".to_owned(), kind);
        }
        // A type of its own that may be null: a choice between a reference and nothing.
        if let Some(Value::Array(choices)) = fields.remove("anyOf") {
            let something = choices.into_iter().find(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
            fields.extend(something.and_then(|choice| choice.as_object().cloned()).unwrap_or_default());
        }
        if fields.get("default").is_some_and(Value::is_null) {
            fields.remove("default");
        }
    }
    if let Some(described) = described.as_object_mut() {
        described.insert("schema".to_owned(), schema);
    }
    described
}

#[cfg(test)]
mod tests;
