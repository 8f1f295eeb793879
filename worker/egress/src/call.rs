//! One call to a vendor, its response, and why there may be none.

use chrono::DateTime;
use domain::Timestamp;
use domain::connections::ConnectionKind;
use domain::hash::fingerprint;
use domain::retry::Effect;
use http::{HeaderMap, Method};
use url::Url;

use super::{Because, Blocked};
use crate::ports::TransportError;

/// Tells sets of credentials apart without holding them: a hash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Of a login, all parts of it.
    pub fn of(parts: &[&str]) -> Self {
        Self(fingerprint(parts))
    }
}

/// One call to a vendor. It has no `Debug`: headers and body hold credentials.
#[derive(Clone)]
pub struct Call {
    /// Whose rate it counts against.
    pub vendor: ConnectionKind,
    /// Whether it may be repeated.
    pub effect: Effect,
    /// HTTP method.
    pub method: Method,
    /// The address; guarded and called as it stands here.
    pub url: Url,
    /// Headers, credentials among them.
    pub headers: HeaderMap,
    /// Body; empty for none.
    pub body: Vec<u8>,
    /// Whose breaker it is under.
    pub credential: Fingerprint,
    /// What it is, for the log: "License/Detail". No secrets.
    pub label: &'static str,
}

/// A vendor's complete answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status; never 3xx.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, whole.
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// `Retry-After` in seconds from `now`, which it names as a number or as a date (RFC 9110, 10.2.3).
    pub fn retry_after(&self, now: Timestamp) -> Option<u32> {
        let text = self.header("retry-after")?.trim();
        let until = || DateTime::parse_from_rfc2822(text).ok().map(|until| until.to_utc() - now);
        text.parse().ok().or_else(|| u32::try_from(until()?.num_seconds().max(0)).ok())
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The address may not be called. Nothing was sent.
    #[error("the address may not be called: {why}")]
    BlockedAddress {
        /// The rule it breaks.
        why: Blocked,
    },
    /// The calls of this run are used up. This call was not sent: save the cursor and go on in the next run.
    #[error("the calls of this run are used up")]
    BudgetSpent,
    /// The vendor is left alone for a while. Nothing was sent.
    #[error("no call is made before {until}")]
    CircuitOpen {
        /// Until when.
        until: Timestamp,
        /// Why.
        because: Because,
    },
    /// No complete answer came. The call may have had its effect.
    #[error("no answer")]
    NoAnswer(#[source] TransportError),
    /// The vendor sent the call elsewhere, which is never followed.
    #[error("redirected with status {status}")]
    Redirected {
        /// The 3xx status.
        status: u16,
    },
}

impl EgressError {
    /// Whether it is certain that the vendor did not see the call.
    pub fn nothing_was_sent(&self) -> bool {
        matches!(self, Self::BlockedAddress { .. } | Self::BudgetSpent | Self::CircuitOpen { .. })
    }
}
