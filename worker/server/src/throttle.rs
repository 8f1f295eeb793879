//! How often one address may call: what is open to strangers, which the ledger counts; and everything, which is counted at the edge, before
//! the ledger is asked. Counts alone: no clock, no platform.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;
use chrono::TimeDelta;
use contract::Problem;
use domain::Timestamp;

use crate::http::{bearer, cookie, session_cookie_name};
use egress::Environment;

/// Calls of one address in one [`WINDOW`] that try to come in or to open a share link.
const TRIES: u32 = 60;
/// How long calls are counted together.
const WINDOW: TimeDelta = TimeDelta::minutes(1);
/// The same in seconds, as a response says it.
pub const RETRY_AFTER: &str = "60";
/// Addresses that are counted at once. When more call, all are counted anew: memory is bounded, and nobody is kept out for it.
const ADDRESSES: usize = 4_096;

/// The calls of the last minute. Kept in memory alone: whoever makes the runtime forget it has not come in by that.
#[derive(Debug)]
pub(crate) struct Throttle {
    /// Calls of one address in one window.
    most: u32,
    calls: RefCell<BTreeMap<String, (Timestamp, u32)>>,
}

impl Throttle {
    /// One for calls that try to come in or to open a share link.
    pub(crate) fn of_tries() -> Self {
        Self::new(TRIES)
    }

    fn new(most: u32) -> Self {
        Self { most, calls: RefCell::default() }
    }

    /// Counts a call. Returns whether it may go on.
    pub(crate) fn admit(&self, address: &str, now: Timestamp) -> bool {
        let address = &*household(address);
        let mut known = self.calls.borrow_mut();
        if known.len() >= ADDRESSES && !known.contains_key(address) {
            known.retain(|_, (since, _)| now - *since < WINDOW);
            if known.len() >= ADDRESSES {
                known.clear();
            }
        }
        let (since, count) = known.entry(address.to_owned()).or_insert((now, 0));
        if now - *since >= WINDOW || now < *since {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= self.most
    }
}

/// The part of an address that one subscriber has: all of IPv4's, the first half of IPv6's, whose other half anybody changes at will
/// (RFC 6177).
fn household(address: &str) -> Cow<'_, str> {
    match address.parse() {
        Ok(IpAddr::V6(six)) => match six.to_ipv4_mapped() {
            Some(four) => Cow::Owned(four.to_string()),
            None => Cow::Owned(Ipv6Addr::from_bits(six.to_bits() >> 64 << 64).to_string()),
        },
        _ => Cow::Borrowed(address),
    }
}

/// Where a request comes from, as Cloudflare says; nobody else's word is taken. None on one's own machine, where there are no strangers.
pub(super) fn address(headers: &HeaderMap, environment: Environment) -> Option<&str> {
    let told = headers.get("cf-connecting-ip").and_then(|address| address.to_str().ok());
    match environment {
        Environment::Production => told.or(Some("unknown")),
        Environment::Local => told.filter(|address| !address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())),
    }
}

/// What is said to whoever calls too often.
pub fn too_often() -> Problem {
    let detail = "They came from your address within a minute.";
    Problem::new(429, "too_often", "Too many requests.", detail, "Wait a minute, then try again.")
}

/// Whose requests are counted together at the edge. A session or token that is shown there may be false: only the ledger knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Who shows neither session nor API token, or reads by a share link.
    Stranger,
    /// Who shows one.
    WithCredential,
}

impl Caller {
    /// The headers that [`Caller::of`] and [`Edge::address`] look at.
    pub const HEADERS: [&'static str; 3] = ["cf-connecting-ip", "authorization", "cookie"];

    /// Who asks for `path` with these headers.
    pub fn of(path: &str, headers: &HeaderMap, environment: Environment) -> Self {
        let shows_one = bearer(headers).is_some() || cookie(headers, session_cookie_name(environment)).is_some();
        let is_visit = path.starts_with("/api/share/");
        if shows_one && !is_visit { Self::WithCredential } else { Self::Stranger }
    }

    /// Requests of one address in a minute. `wrangler.toml` tells Cloudflare the same.
    pub const fn most(self) -> u32 {
        match self {
            Self::Stranger => 600,
            Self::WithCredential => 3_000,
        }
    }

    /// What the binding is called by which Cloudflare counts.
    pub const fn binding(self) -> &'static str {
        match self {
            Self::Stranger => "STRANGERS",
            Self::WithCredential => "CALLERS",
        }
    }
}

/// The requests that came to one isolate of the edge in the last minute, counted where Cloudflare does not.
#[derive(Debug)]
pub struct Edge {
    strangers: Throttle,
    with_credential: Throttle,
}

impl Default for Edge {
    fn default() -> Self {
        Self { strangers: Throttle::new(Caller::Stranger.most()), with_credential: Throttle::new(Caller::WithCredential.most()) }
    }
}

impl Edge {
    /// By what a request's sender is counted; none when it is not counted.
    pub fn address(headers: &HeaderMap, environment: Environment) -> Option<String> {
        address(headers, environment).map(|address| household(address).into_owned())
    }

    /// Counts a request. Returns whether it may go on.
    pub fn admit(&self, caller: Caller, address: &str, now: Timestamp) -> bool {
        let throttle = match caller {
            Caller::Stranger => &self.strangers,
            Caller::WithCredential => &self.with_credential,
        };
        throttle.admit(address, now)
    }
}

#[cfg(test)]
#[path = "throttle_tests.rs"]
mod tests;
