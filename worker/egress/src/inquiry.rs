//! Calls to those who vouch for people (Cloudflare Access, identity providers): short, small and tried once.

use std::time::Duration;

use http::{HeaderMap, Method};
use url::Url;

use super::outbound::{finish, request};
use super::{Answer, Egress, EgressError, guard};
use crate::ports::{Limits, TransportError};

/// A person waits in front of it.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of an answer: a set of keys, an identity.
const MAX_BODY: usize = 256 * 1024;

/// Whom an inquiry is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// A team of Cloudflare Access.
    Team,
    /// An OpenID Connect provider.
    Provider,
}

/// A question to somebody who vouches for people. It has no `Debug`: headers and body may hold secrets.
#[derive(Clone)]
pub struct Inquiry {
    /// Whom it is made of.
    pub of: Of,
    /// HTTP method.
    pub method: Method,
    /// The address; guarded and called as it stands here.
    pub url: Url,
    /// Headers.
    pub headers: HeaderMap,
    /// Body; empty for none.
    pub body: Vec<u8>,
    /// What it is, for the log. No secrets.
    pub label: &'static str,
}

impl Inquiry {
    /// A question that anybody might ask.
    pub fn get(of: Of, url: Url, label: &'static str) -> Self {
        Self { of, method: Method::GET, url, headers: HeaderMap::new(), body: Vec::new(), label }
    }
}

impl Egress {
    /// Asks once. It is not asked again by itself: a person is there to do that.
    ///
    /// # Errors
    /// When no answer came; a 4xx or 5xx is an answer.
    pub async fn ask(&self, inquiry: &Inquiry) -> Result<Answer, EgressError> {
        let admitted = match inquiry.of {
            Of::Team => guard::admit_team(&inquiry.url, self.environment()),
            Of::Provider => guard::admit(&inquiry.url, self.environment()),
        };
        admitted.map_err(|why| EgressError::BlockedAddress { why })?;
        let request = request(&inquiry.url, &inquiry.method, &inquiry.headers, &inquiry.body)?;
        let began = self.shared.clock.now();
        let sent = self.shared.transport.send(request, Limits { timeout: TIMEOUT, max_body: MAX_BODY }).await;
        let took = (self.shared.clock.now() - began).num_milliseconds();
        let (method, path, label) = (&inquiry.method, inquiry.url.path(), inquiry.label);
        let response = match sent {
            Ok(response) => response,
            Err(error) => {
                log::warn!("identity {method} {path} ({label}): {error}, {took} ms");
                return Err(EgressError::NoAnswer(error));
            }
        };
        let (parts, body) = response.into_parts();
        let status = parts.status.as_u16();
        log::info!("identity {method} {path} ({label}): {status}, {took} ms");
        if body.len() > MAX_BODY {
            return Err(EgressError::NoAnswer(TransportError::TooLarge(MAX_BODY)));
        }
        finish(Ok(Answer { status, headers: parts.headers, body }))
    }
}
