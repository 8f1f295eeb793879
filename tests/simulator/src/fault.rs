//! Things that go wrong on the way to a vendor, switched on by a test or a person.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::journal::Vendor;

/// Names an injected fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultId(pub u64);

/// A fault and the requests it strikes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Whose requests it strikes.
    pub vendor: Vendor,
    /// Only this HTTP method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only requests whose path and query contain this text.
    #[serde(default)]
    pub path_contains: Option<String>,
    /// Strikes so often, then never again; without it, until cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// Lets so many matching requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// Strikes only every so-many-th matching request, the first of them first; without it, each.
    #[serde(default)]
    pub every: Option<u32>,
    /// What happens to a request it strikes.
    pub kind: FaultKind,
}

/// What a fault does. "No effect" means that the vendor's data stay as they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Answers this status at once; no effect.
    Status {
        /// The HTTP status.
        code: u16,
        /// The body; without it the vendor's own error shape.
        #[serde(default)]
        body: Option<String>,
        /// A `Retry-After` header, in seconds.
        #[serde(default)]
        retry_after: Option<u32>,
    },
    /// Cuts the TCP connection without dealing with the request; no effect.
    ResetBefore,
    /// Deals with the request in full, then cuts the connection instead of answering.
    ResetAfter,
    /// Waits, then goes on as usual.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// Deals with the request, answers the right length but only half of the body.
    TruncatedBody,
    /// An HTML page where JSON is due, as proxies and login pages give; no effect.
    HtmlBody {
        /// The HTTP status, such as 200 or 502.
        #[serde(default = "bad_gateway")]
        status: u16,
    },
    /// Deals with the request, answers JSON that does not parse.
    MalformedJson,
    /// Answers as usual, but with every list empty and every total zero.
    EmptyList,
    /// Answers as usual, but each list ends after this part of its rows, as if that were all of it. With 100 percent only the pages that
    /// follow are missing.
    Cut {
        /// Rows that are kept, in percent, rounded down.
        percent: u32,
    },
    /// Answers as usual, but with another value in one place: null, a number as text, a row without its id. An answer without that
    /// place stays as it is.
    Odd {
        /// The place, as a JSON pointer (RFC 6901) such as `/0/description`.
        at: String,
        /// What stands there.
        #[serde(default)]
        value: Value,
    },
    /// Refuses the credentials; no effect.
    Unauthorized,
    /// ESET Connect puts its answer off: 202 with a `response-id`. The identical call with that header is answered 202 so often
    /// again, then as usual, then 404. Calls with the header are not struck.
    Pending {
        /// How often it is still not ready.
        #[serde(default)]
        polls: u32,
    },
    /// ESET Connect puts its answer off and forgets it: 202, and 404 to the `response-id`. Calls with the header are not struck.
    Forgotten {
        /// Whether the 202 has a `response-id` at all.
        named: bool,
    },
}

fn bad_gateway() -> u16 {
    502
}

impl Fault {
    /// A fault that strikes every request to `vendor` until it is cleared.
    pub fn new(vendor: Vendor, kind: FaultKind) -> Self {
        Self { vendor, method: None, path_contains: None, times: None, skip: 0, every: None, kind }
    }

    /// Strikes only requests with this method whose path and query contain `path`.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path_contains = Some(path.to_owned());
        self
    }

    /// Strikes so often and no more.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets so many matching requests pass first.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Strikes only every so-many-th matching request.
    #[must_use]
    pub fn every(mut self, nth: u32) -> Self {
        self.every = Some(nth);
        self
    }

    fn matches(&self, vendor: Vendor, method: &str, path: &str) -> bool {
        self.vendor == vendor
            && self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path_contains.as_deref().is_none_or(|part| path.contains(part))
    }
}

/// The faults that are switched on, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    armed: Vec<(FaultId, Fault)>,
    last: u64,
}

impl Faults {
    pub(crate) fn inject(&mut self, fault: Fault) -> FaultId {
        self.last += 1;
        let id = FaultId(self.last);
        self.armed.push((id, fault));
        id
    }

    pub(crate) fn clear(&mut self) {
        self.armed.clear();
    }

    pub(crate) fn armed(&self) -> &[(FaultId, Fault)] {
        &self.armed
    }

    /// The fault that strikes this request, if any: the oldest that matches, its count used up by one.
    /// One that asks for an answer put off is not put off again.
    pub(crate) fn strike(&mut self, vendor: Vendor, method: &str, path: &str, asks_again: bool) -> Option<FaultKind> {
        for (_, fault) in &mut self.armed {
            let put_off = asks_again && matches!(fault.kind, FaultKind::Pending { .. } | FaultKind::Forgotten { .. });
            if fault.times == Some(0) || put_off || !fault.matches(vendor, method, path) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if let Some(times) = &mut fault.times {
                *times -= 1;
            }
            if let Some(nth) = fault.every {
                fault.skip = nth.saturating_sub(1);
            }
            return Some(fault.kind.clone());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_skips_then_strikes_its_count_and_stops() {
        let mut faults = Faults::default();
        faults.inject(Fault::new(Vendor::Ema2, FaultKind::ResetBefore).on("POST", "/License").after(1).times(2));
        let mut strike = |method, path| faults.strike(Vendor::Ema2, method, path, false).is_some();
        assert!(!strike("GET", "/License/Detail"), "another method");
        assert!(!strike("POST", "/License/Detail"), "skipped");
        assert!(strike("POST", "/License/Detail"));
        assert!(strike("POST", "/License/Detail"));
        assert!(!strike("POST", "/License/Detail"), "used up");
    }

    #[test]
    fn a_fault_strikes_every_third_request() {
        let mut faults = Faults::default();
        faults.inject(Fault::new(Vendor::Connect, FaultKind::Pending { polls: 1 }).every(3));
        let struck: Vec<bool> = (0..7).map(|_| faults.strike(Vendor::Connect, "GET", "/v1/devices", false).is_some()).collect();
        assert_eq!(struck, [true, false, false, true, false, false, true]);
        assert!(faults.strike(Vendor::Connect, "GET", "/v1/devices", true).is_none(), "it asks for an answer put off");
    }
}
