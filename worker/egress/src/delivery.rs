//! A file that is handed over at an address of the user's: guarded like every call, tried once, with time for its size.

use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use url::Url;

use super::outbound::{finish, request};
use super::{Answer, Egress, EgressError, guard};
use crate::ports::Limits;

const TIMEOUT: Duration = Duration::from_secs(120);
/// Bytes of the answer: nobody reads them.
const MAX_ANSWER: usize = 64 * 1024;

/// A file on its way. It has no `Debug`: its token is a secret.
pub struct Delivery {
    /// Where to, with the file's name.
    pub url: Url,
    /// What is shown there, as a bearer token.
    pub token: Option<String>,
    /// Its media type.
    pub kind: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Egress {
    /// Puts a file where it is to go, once.
    ///
    /// # Errors
    /// When the address is refused or no answer came; a 4xx or 5xx is an answer.
    pub async fn deliver(&self, delivery: &Delivery) -> Result<Answer, EgressError> {
        let Delivery { url, token, kind, bytes } = delivery;
        guard::admit(url, self.environment()).map_err(|why| EgressError::BlockedAddress { why })?;
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        if let Some(token) = token {
            let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
                .map_err(|_| EgressError::BlockedAddress { why: guard::Blocked::NotAnAddress })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let request = request(url, &Method::PUT, &headers, bytes)?;
        let began = self.shared.clock.now();
        let sent = self.shared.transport.send(request, Limits { timeout: TIMEOUT, max_body: MAX_ANSWER }).await;
        let took = (self.shared.clock.now() - began).num_milliseconds();
        match sent {
            Ok(response) => {
                let (parts, body) = response.into_parts();
                let status = parts.status.as_u16();
                log::info!("backup PUT ({} bytes): {status}, {took} ms", bytes.len());
                finish(Ok(Answer { status, headers: parts.headers, body }))
            }
            Err(error) => {
                log::warn!("backup PUT ({} bytes): {error}, {took} ms", bytes.len());
                Err(EgressError::NoAnswer(error))
            }
        }
    }
}
