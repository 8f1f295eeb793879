//! What the targets share: a vendor that answers whatever the fuzzer says, and what an address that may be called looks like.

use std::cell::Cell;
use std::rc::Rc;

use async_trait::async_trait;
use chrono::{FixedOffset, TimeDelta};
use domain::Timestamp;
use egress::ports::{Clock, Entropy, Limits, Transport, TransportError};
use egress::{Config, Egress, Environment, Outbound};
use url::Url;

/// A password that no error may repeat, and that is a seed's word, so that the fuzzer puts it into answers.
pub const PASSWORD: &str = "hunter2hunter2";

/// A run of few calls to a vendor whose answers are `status` and `body`, but where `known` has one of its own. Only hosts that
/// `ours` accepts may be called.
pub fn vendor(status: u16, body: &[u8], known: fn(&str) -> Option<&'static str>, ours: fn(&str) -> bool) -> Outbound {
    let vendor = Vendor { status, body: body.to_vec(), known, ours };
    let egress = Egress::new(Rc::new(vendor), Rc::new(Stopped::default()), Rc::new(Even), Config::new(Environment::Production));
    egress.session(12)
}

/// Nothing a vendor says brings the password back.
pub fn keeps_quiet<T, E: std::fmt::Debug + std::fmt::Display>(answer: Result<T, E>) {
    if let Err(error) = answer {
        assert!(!format!("{error} {error:?}").contains(PASSWORD), "{error:?}");
    }
}

/// Status and body of an input: its first byte chooses among statuses that are treated differently.
pub fn status_and_body(input: &[u8]) -> (u16, &[u8]) {
    const STATUSES: [u16; 10] = [200, 200, 200, 201, 202, 400, 401, 403, 404, 500];
    match input.split_first() {
        Some((first, body)) => (STATUSES[usize::from(*first) % STATUSES.len()], body),
        None => (200, input),
    }
}

struct Vendor {
    status: u16,
    body: Vec<u8>,
    known: fn(&str) -> Option<&'static str>,
    ours: fn(&str) -> bool,
}

#[async_trait(?Send)]
impl Transport for Vendor {
    async fn send(&self, request: http::Request<Vec<u8>>, _: Limits) -> Result<http::Response<Vec<u8>>, TransportError> {
        let uri = request.uri();
        assert_eq!(uri.scheme_str(), Some("https"), "{uri}");
        let host = uri.host().unwrap_or_default();
        assert!((self.ours)(host), "credentials would go to {host}");
        let (status, body) = match (self.known)(uri.path()) {
            Some(answer) => (200, answer.as_bytes().to_vec()),
            None => (self.status, self.body.clone()),
        };
        http::Response::builder().status(status).body(body).map_err(|error| TransportError::Failed(error.to_string()))
    }
}

/// A clock that moves by its waits alone.
#[derive(Default)]
struct Stopped(Cell<TimeDelta>);

#[async_trait(?Send)]
impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::days(20_000) + self.0.get()
    }

    async fn sleep(&self, wait: TimeDelta) {
        self.0.set(self.0.get() + wait);
    }

    fn offset(&self, _: &str, _: Timestamp) -> Option<FixedOffset> {
        None
    }
}

struct Even;

impl Entropy for Even {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// Whether an address may be called, from its text alone: a second opinion beside the guard's.
///
/// # Panics
/// When it may not.
pub fn assert_may_be_called(url: &Url) {
    let text = url.as_str();
    let rest = text.strip_prefix("https://").unwrap_or_else(|| panic!("{text} is not https"));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    assert!(!authority.contains(['@', '[', ']', '%', '\\', ' ']), "{authority} is no plain name");
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let port: u16 = port.parse().unwrap_or_default();
    assert!(port == 443 || port > 1024, "port {port}");
    assert!(host.is_ascii() && host == host.to_ascii_lowercase(), "{host} has another spelling");
    let labels: Vec<&str> = host.strip_suffix('.').unwrap_or(host).split('.').collect();
    assert!(labels.len() >= 2 && labels.iter().all(|label| !label.is_empty()), "{host} is a name inside a network");
    let last = labels.last().copied().unwrap_or_default();
    assert!(last.starts_with(|sign: char| sign.is_ascii_lowercase()), "{host} is an address in some spelling");
    let plain = |sign: char| sign.is_ascii_alphanumeric() || sign == '-';
    assert!(labels.iter().all(|label| label.chars().all(plain)), "{host} is no name of a server");
    for ending in ["localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "arpa", "onion"] {
        assert_ne!(last, ending, "{host}");
    }
    let name = labels.join(".");
    for ending in ["workers.dev", "cloudflareaccess.com"] {
        assert!(name != ending && !name.ends_with(&format!(".{ending}")), "{host}");
    }
}

/// Every text is one literal of ConnectWise's conditions, read as ConnectWise reads it: its value, and what follows it.
pub fn literal(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut signs = text.strip_prefix('"')?.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return text.get(at + 2..).map(|rest| (value, rest)),
            '\\' => value.push(signs.next()?.1),
            other => value.push(other),
        }
    }
    None
}
