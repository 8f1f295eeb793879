//! One request and its answer, without sockets: a vendor is a function from one to the other.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};
use serde_json::Value;

use crate::journal::Effect;

/// A request as a vendor reads it.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Decoded path.
    pub(crate) path: String,
    /// Decoded query in order; a plus sign is a blank.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    /// The path cut at its slashes.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.trim_start_matches('/').split('/').collect()
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The token of an `Authorization` header with this scheme.
    pub(crate) fn authorization(&self, scheme: &str) -> Option<&str> {
        let (found, token) = self.header("authorization")?.split_once(' ')?;
        found.eq_ignore_ascii_case(scheme).then(|| token.trim())
    }

    /// The body, if it is JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as form fields.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }
}

/// What a vendor answers, and what the journal should know about it.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// None for an answer without a body.
    pub(crate) body: Option<Value>,
    /// Boxed, since a refusal is passed up as an error and should be small.
    pub(crate) effect: Option<Box<Effect>>,
}

impl Reply {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body), effect: None }
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::json(200, body)
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: None, effect: None }
    }

    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    #[must_use]
    pub(crate) fn effect(mut self, effect: Option<Effect>) -> Self {
        self.effect = effect.map(Box::new);
        self
    }

    /// The same answer with another value at a place, where it has that place.
    pub(crate) fn with(mut self, at: &str, value: &Value) -> Self {
        if let Some(place) = self.body.as_mut().and_then(|body| body.pointer_mut(at)) {
            place.clone_from(value);
        }
        self
    }

    /// The same answer with a part of each list, and no page that follows.
    pub(crate) fn cut(mut self, percent: u32) -> Self {
        let keeps = |rows: &mut Vec<Value>| rows.truncate(rows.len().saturating_mul(percent as usize) / 100);
        match &mut self.body {
            Some(Value::Array(rows)) => keeps(rows),
            Some(Value::Object(fields)) => {
                fields.remove("nextPageToken");
                fields.values_mut().filter_map(Value::as_array_mut).for_each(keeps);
            }
            _ => {}
        }
        self.headers.retain(|(name, _)| *name != "link");
        self
    }

    /// The same answer with every list empty and every total zero.
    pub(crate) fn emptied(mut self) -> Self {
        match &mut self.body {
            Some(Value::Array(rows)) => rows.clear(),
            Some(Value::Object(fields)) => {
                for (name, value) in fields {
                    match value {
                        Value::Array(rows) => rows.clear(),
                        Value::Object(inner) if name.eq_ignore_ascii_case("paging") => {
                            inner.values_mut().for_each(|total| *total = Value::from(0));
                        }
                        Value::Number(_) if matches!(name.as_str(), "count" | "totalSize") => *value = Value::from(0),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        self.headers.retain(|(name, _)| *name != "link");
        self
    }
}
