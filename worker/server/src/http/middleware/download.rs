//! Answers that are files.

use axum::body::Body;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use domain::csv::Csv;
use futures::stream;
use serde::Serialize;
use store::ports::StoreError;

/// A table, to be saved under this name. Names are ours: words, digits and dashes.
pub(in crate::http) fn csv(name: &str, table: Csv) -> Response {
    (headers(name), table.into_text()).into_response()
}

/// A table that is handed over while it is written: `write` adds the next rows each time it is called, and says whether there were any.
pub(in crate::http) fn long_csv<W>(name: &str, table: Csv, write: W) -> Response
where
    W: FnMut(&mut Csv) -> Result<bool, StoreError> + Send + 'static,
{
    let pieces = stream::unfold(Some((table, write)), |state| async move {
        let (mut table, mut write) = state?;
        match write(&mut table) {
            Ok(true) => Some((Ok(table.take()), Some((table, write)))),
            Ok(false) => Some((Ok(table.take()), None)),
            // A table that breaks off is not taken for a whole one.
            Err(error) => Some((Err(error), None)),
        }
    });
    (headers(name), Body::from_stream(pieces)).into_response()
}

fn headers(name: &str) -> [(HeaderName, String); 2] {
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    [(header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()), (header::CONTENT_DISPOSITION, disposition)]
}

/// A fieldless enum's name as words.
pub(in crate::http) fn word<T: Serialize>(value: &T) -> String {
    let name = serde_json::to_value(value).ok();
    name.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().replace('_', " ")
}
