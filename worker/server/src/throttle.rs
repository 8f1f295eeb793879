//! How often one address may call what is open to strangers.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;
use chrono::TimeDelta;
use domain::Timestamp;

use egress::Environment;

/// Calls of one address in one [`WINDOW`].
const MOST: u32 = 60;
/// How long calls are counted together.
const WINDOW: TimeDelta = TimeDelta::minutes(1);
/// Addresses that are counted at once. When more call, all are counted anew: memory is bounded, and nobody is kept out for it.
const ADDRESSES: usize = 4_096;

/// The calls of the last minute. Kept in memory alone: whoever makes the runtime forget it has not come in by that.
#[derive(Debug, Default)]
pub(crate) struct Throttle(RefCell<BTreeMap<String, (Timestamp, u32)>>);

impl Throttle {
    /// Counts a call. Returns whether it may go on.
    pub(crate) fn admit(&self, address: &str, now: Timestamp) -> bool {
        let address = &*household(address);
        let mut known = self.0.borrow_mut();
        if known.len() >= ADDRESSES && !known.contains_key(address) {
            known.retain(|_, (since, _)| now - *since < WINDOW);
            if known.len() >= ADDRESSES {
                known.clear();
            }
        }
        let (since, count) = known.entry(address.to_owned()).or_insert((now, 0));
        if now - *since >= WINDOW {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= MOST
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

/// Where a request comes from, as Cloudflare says; nobody else's word is taken. None on one's own machine, where nobody says it
/// and there are no strangers.
pub(super) fn address(headers: &HeaderMap, environment: Environment) -> Option<&str> {
    let told = headers.get("cf-connecting-ip").and_then(|address| address.to_str().ok());
    told.or((environment == Environment::Production).then_some("unknown"))
}

#[cfg(test)]
#[path = "throttle_tests.rs"]
mod tests;
