//! Answers in JSON.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::http::middleware::error::internal;

/// A value of the contract on its way out. Everything else that is stored or sent is written by the same writer, into a list of
/// bytes; axum's own writes into another kind of buffer, which would double the code of every type.
pub(in crate::http) struct Json<T>(pub(in crate::http) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        answered(serde_json::to_vec(&self.0))
    }
}

fn answered(body: serde_json::Result<Vec<u8>>) -> Response {
    match body {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => internal(&error.to_string()).into_response(),
    }
}
