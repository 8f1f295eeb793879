//! Answers that are files.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::csv::Csv;
use serde::Serialize;

/// A table, to be saved under this name. Names are ours: words, digits and dashes.
pub(in crate::http) fn csv(name: &str, table: Csv) -> Response {
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, table.into_text()).into_response()
}

/// A fieldless enum's name as words.
pub(in crate::http) fn word<T: Serialize>(value: &T) -> String {
    let name = serde_json::to_value(value).ok();
    name.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().replace('_', " ")
}
