//! Bodies, queries and paths, with a problem that names the field when they cannot be used.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use contract::{DESCRIPTION, Problem};
use domain::json::strict::read;
use serde::de::DeserializeOwned;

use crate::http::middleware::error::{Failure, not_found};

/// Bytes of a request's body.
const MAX_BODY: usize = 1024 * 1024;

/// A JSON body.
pub(in crate::http) struct Body<T>(pub(in crate::http) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        is_json(&request)?;
        let bytes = whole(request.into_body()).await?;
        let body = read(&bytes).map_err(|error| {
            let problem =
                Problem::new(422, "invalid", "The request cannot be read.", error.message(), &format!("See {DESCRIPTION} for its shape."));
            Failure::from(if error.path().is_empty() { problem } else { problem.about(error.path()) })
        })?;
        Ok(Self(body))
    }
}

/// A JSON body that is read while it comes in.
pub(in crate::http) struct Upload(pub(in crate::http) axum::body::Body);

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        is_json(&request)?;
        Ok(Self(request.into_body()))
    }
}

/// Refuses a body that does not say it is JSON.
fn is_json(request: &Request) -> Result<(), Failure> {
    let kind = request.headers().get("content-type").and_then(|value| value.to_str().ok());
    if kind.is_some_and(|value| value.split(';').next().is_some_and(|kind| kind.trim() == "application/json")) {
        return Ok(());
    }
    let remedy = "Send the header Content-Type: application/json.";
    Err(Problem::new(415, "not_json", "The request is not JSON.", "Only JSON is understood.", remedy).into())
}

/// A body to its end.
pub(in crate::http) async fn whole(body: axum::body::Body) -> Result<Bytes, Failure> {
    axum::body::to_bytes(body, MAX_BODY).await.map_err(|_| {
        Problem::new(413, "too_large", "The request is too large.", "At most 1 MiB is read.", "Send fewer items at once.").into()
    })
}

/// A query.
pub(in crate::http) struct Query<T>(pub(in crate::http) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        axum::extract::Query::try_from_uri(&parts.uri).map(|axum::extract::Query(query)| Self(query)).map_err(|error| {
            let remedy = format!("See {DESCRIPTION} for its parameters.");
            Problem::new(422, "invalid", "The query cannot be read.", error.body_text(), &remedy).about("query").into()
        })
    }
}

/// The parts of a path.
pub(in crate::http) struct Path<T>(pub(in crate::http) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let found = axum::extract::Path::from_request_parts(parts, state).await;
        found.map(|axum::extract::Path(part)| Self(part)).map_err(|_| not_found("path"))
    }
}
