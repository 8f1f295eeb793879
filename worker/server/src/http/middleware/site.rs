//! Which install a browser thinks it talks to: what passkeys are bound to.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::http::uri::Authority;

use crate::http::App;
use crate::http::middleware::error::{Failure, invalid};
use crate::identity::passkey::Site;
use egress::Environment;

/// The site of a request. Cloudflare brings here only what was sent to a host of this install.
pub(in crate::http) struct Here(pub(in crate::http) Site);

impl FromRequestParts<App> for Here {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let named = parts.uri.authority().map(Authority::as_str);
        let named = named.or_else(|| parts.headers.get(header::HOST)?.to_str().ok());
        let authority = named.ok_or_else(|| invalid("host", "The request names no host.", "Use the address of this install."))?;
        let scheme = match app.config.environment {
            Environment::Production => "https",
            Environment::Local => "http",
        };
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        Ok(Self(Site { host: host.to_owned(), origin: format!("{scheme}://{authority}") }))
    }
}
