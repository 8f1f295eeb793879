//! Failures as answers: RFC 9457 problems.

use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use contract::{DESCRIPTION, Problem};
use domain::connections::ConnectionKind;

use crate::http::middleware::refusals::Code;
use crate::tenant::TenantError;
use crate::throttle::RETRY_AFTER;
use crate::vault::VaultError;
use crate::vendor_problem::problem;
use store::documents::DocumentError;
use store::ports::StoreError;

/// A problem on its way out.
#[derive(Debug)]
pub struct Failure(pub Box<Problem>);

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        internal(&error.to_string())
    }
}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::NotVisibleYet { .. } => Problem::new(
                503,
                "not_visible_yet",
                "The latest data is not readable everywhere yet.",
                error.to_string(),
                "Try again in a minute. Nothing is billed from older data meanwhile.",
            )
            .into(),
            DocumentError::ChangedMeanwhile(_) => Problem::new(
                409,
                "changed_meanwhile",
                "Someone else changed this in the meantime.",
                "Nothing of your change was stored.",
                "Load the page again and repeat your change.",
            )
            .into(),
            DocumentError::Store(_) | DocumentError::Damaged { .. } => internal(&error.to_string()),
        }
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        let remedy = match error {
            VaultError::Missing => "Enter the connection's credentials again. A backup has none.",
            VaultError::DoesNotOpen | VaultError::UnknownForm => {
                "Enter the connection's credentials again. This happens when MASTER_KEY has changed."
            }
        };
        Problem::new(409, "credentials_unreadable", "The stored credentials cannot be read.", error.to_string(), remedy).into()
    }
}

impl Failure {
    /// A failure of the tenant, in which the vendor's part is spoken by `vendor`.
    pub fn of(trouble: TenantError, vendor: ConnectionKind) -> Self {
        match trouble {
            TenantError::Vendor(error) => problem(&error, vendor).into(),
            other => other.into(),
        }
    }
}

impl From<TenantError> for Failure {
    fn from(trouble: TenantError) -> Self {
        match trouble {
            TenantError::Store(error) => error.into(),
            TenantError::Document(error) => error.into(),
            TenantError::Vault(error) => error.into(),
            TenantError::Vendor(_) | TenantError::Unusable(_) | TenantError::Missing(_) => internal(&trouble.to_string()),
        }
    }
}

/// Our own fault. What happened goes to the log; the answer names the entry.
pub(in crate::http) fn internal(what: &str) -> Failure {
    let reference = domain::hash::sha256_hex(what.as_bytes()).get(..12).unwrap_or_default().to_owned();
    log::error!("{reference}: {what}");
    let mut problem = Problem::new(
        500,
        "internal",
        "Seatbridge could not do this.",
        "Nothing was written to ConnectWise by this request.",
        "Try again. If it stays, look for the reference in the Worker's log.",
    );
    problem.reference = Some(reference);
    problem.into()
}

/// Something that is not there.
pub(in crate::http) fn not_found(what: &str) -> Failure {
    Problem::new(
        404,
        "not_found",
        &format!("There is no such {what}."),
        "It may have been deleted.",
        "Go back to the list and load it again.",
    )
    .into()
}

/// A request whose field cannot be used.
pub(in crate::http) fn invalid(field: &str, title: &str, remedy: &str) -> Failure {
    Problem::new(422, "invalid", title, format!("The field is {field}."), remedy).about(field).into()
}

/// What is answered to a path no route has.
pub(in crate::http) async fn no_such_route(uri: Uri) -> Failure {
    Problem::new(404, "no_such_route", "The API has no such path.", format!("It was {}.", uri.path()), &format!("See {DESCRIPTION}."))
        .into()
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        response.extensions_mut().insert(Code(self.0.code));
        if status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
        }
        response
    }
}
