//! The one way out: guard, pace, limits, retries, circuit breaker and log of every vendor call.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use chrono::TimeDelta;
use domain::Timestamp;
use domain::connections::ConnectionKind;
use domain::pace::Pacer;
use domain::retry::{self, Decision, Effect, Ending};
use http::header::{HeaderValue, USER_AGENT};
use http::{HeaderMap, Method};
use url::Url;

use super::breaker::{Breaker, Open};
use super::guard;
use super::{Answer, Blocked, Call, EgressError, Environment, Fingerprint};
use crate::ports::{Clock, Entropy, Limits, Transport, TransportError};

/// From sending a call to the last byte of its answer, reads and writes alike.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of an answer's body.
pub const MAX_BODY: usize = 8 * 1024 * 1024;
/// A vendor's silence up to this long is waited for within a call; a longer one opens the breaker.
const LONGEST_HELD_SECONDS: u32 = 60;

/// How fast and how far calls may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// Where this Worker runs.
    pub environment: Environment,
    /// Calls a second to one ESET host. ESET Connect allows ten (ESET Connect: rate_limits.html); EMA 2 documents no limit, and
    /// clients hold to ten.
    pub eset_per_second: u32,
    /// Calls a second to one ConnectWise host, well under the 1,000 a minute above which ConnectWise limits.
    pub connectwise_per_second: u32,
}

impl Config {
    /// The vendors' own rates.
    pub fn new(environment: Environment) -> Self {
        Self { environment, eset_per_second: 10, connectwise_per_second: 15 }
    }
}

/// The one way out. Cheap to clone; all clones share their pace and their breakers.
#[derive(Clone)]
pub struct Egress {
    pub(super) shared: Rc<Shared>,
}

pub(super) struct Shared {
    pub(super) transport: Rc<dyn Transport>,
    pub(super) clock: Rc<dyn Clock>,
    entropy: Rc<dyn Entropy>,
    config: Config,
    pacers: RefCell<BTreeMap<String, Pacer>>,
    breakers: RefCell<BTreeMap<(String, Fingerprint), Breaker>>,
}

impl Egress {
    /// One over this transport.
    pub fn new(transport: Rc<dyn Transport>, clock: Rc<dyn Clock>, entropy: Rc<dyn Entropy>, config: Config) -> Self {
        let shared = Shared { transport, clock, entropy, config, pacers: RefCell::default(), breakers: RefCell::default() };
        Self { shared: Rc::new(shared) }
    }

    /// Where this Worker runs.
    pub fn environment(&self) -> Environment {
        self.shared.config.environment
    }

    /// A run that may make `budget` calls.
    pub fn session(&self, budget: u32) -> Outbound {
        Outbound { egress: self.clone(), made: Rc::default(), budget, breakers: Breakers::Heeded }
    }

    /// A run of `budget` calls that a person waits for, to see whether a vendor works now: open breakers do not stop it, and
    /// an answer closes them.
    pub fn test_session(&self, budget: u32) -> Outbound {
        Outbound { breakers: Breakers::Tried, ..self.session(budget) }
    }
}

/// What a run makes of an open breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breakers {
    Heeded,
    Tried,
}

/// One run's way out, with a budget of calls. Clones share the budget, so several clients of one run count together. Up to
/// four sends may be under way at once: nothing is borrowed while one waits.
#[derive(Clone)]
pub struct Outbound {
    egress: Egress,
    made: Rc<Cell<u32>>,
    budget: u32,
    breakers: Breakers,
}

impl Outbound {
    /// Calls made so far, repetitions counted.
    pub fn calls(&self) -> u32 {
        self.made.get()
    }

    /// Calls that may still be made.
    pub fn left(&self) -> u32 {
        self.budget.saturating_sub(self.made.get())
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.egress.shared.clock.now()
    }

    /// Where this Worker runs.
    pub fn environment(&self) -> Environment {
        self.egress.environment()
    }

    /// Waits before a call is repeated because its answer is not ready yet.
    pub async fn pause(&self, wait: TimeDelta) {
        self.egress.shared.clock.sleep(wait).await;
    }

    /// Notes that the vendor refused these credentials for good: no call is made with them for a while, since
    /// repeated refusals lock accounts.
    pub fn report_refused_credentials(&self, url: &Url, credential: &Fingerprint) {
        let now = self.now();
        let jitter = self.jitter();
        log::warn!("{} refuses the credentials", host(url));
        self.with_breaker(&host(url), credential, |breaker| breaker.refused(now, jitter));
    }

    /// Makes the call, and makes it again as [`domain::retry::decide`] says.
    ///
    /// # Errors
    /// When no answer that is the vendor's own came; a 4xx or 5xx is an answer.
    pub async fn send(&self, call: Call) -> Result<Answer, EgressError> {
        guard::admit(&call.url, self.environment()).map_err(|why| EgressError::BlockedAddress { why })?;
        let request = request(&call.url, &call.method, &call.headers, &call.body)?;
        let host = host(&call.url);
        let mut attempt = 0;
        loop {
            attempt += 1;
            if self.left() == 0 {
                return Err(EgressError::BudgetSpent);
            }
            self.admit(&host, &call.credential)?;
            self.made.set(self.made.get() + 1);
            self.pace(&host, call.vendor).await;
            let result = self.once(&call, request.clone(), attempt).await;
            let ending = match &result {
                Ok(answer) => Ending::Status { status: answer.status, retry_after: answer.retry_after(self.now()) },
                // It answers, and would answer as much again.
                Err(EgressError::NoAnswer(TransportError::TooLarge(_))) => Ending::Status { status: 200, retry_after: None },
                Err(_) => Ending::NoAnswer,
            };
            let goes_on = self.note(&host, &call.credential, ending);
            let decision = retry::decide(call.effect, ending, attempt, self.jitter());
            match decision {
                Decision::Again(_) if goes_on && self.left() == 0 && call.effect == Effect::Reads => {
                    return Err(EgressError::BudgetSpent);
                }
                Decision::Again(wait) if goes_on && self.left() > 0 => self.egress.shared.clock.sleep(wait).await,
                _ => return finish(result),
            }
        }
    }

    fn admit(&self, host: &str, credential: &Fingerprint) -> Result<(), EgressError> {
        let now = self.now();
        let mut breakers = self.egress.shared.breakers.borrow_mut();
        match breakers.get_mut(&(host.to_owned(), credential.clone())).map(|breaker| breaker.admit(now)) {
            Some(Err(Open { until, because })) if self.breakers == Breakers::Heeded => Err(EgressError::CircuitOpen { until, because }),
            _ => Ok(()),
        }
    }

    async fn pace(&self, host: &str, vendor: ConnectionKind) {
        let now = self.now();
        let config = &self.egress.shared.config;
        let rate = match vendor {
            ConnectionKind::Ema2 | ConnectionKind::Connect | ConnectionKind::Onprem => config.eset_per_second,
            ConnectionKind::Connectwise => config.connectwise_per_second,
        };
        let wait = {
            let mut pacers = self.egress.shared.pacers.borrow_mut();
            pacers.entry(host.to_owned()).or_insert_with(|| Pacer::per_second(rate)).reserve(now)
        };
        if wait > TimeDelta::zero() {
            self.egress.shared.clock.sleep(wait).await;
        }
    }

    async fn once(&self, call: &Call, request: http::Request<Vec<u8>>, attempt: u32) -> Result<Answer, EgressError> {
        let began = self.now();
        let limits = Limits { timeout: TIMEOUT, max_body: MAX_BODY };
        let sent = self.egress.shared.transport.send(request, limits).await;
        let took = (self.now() - began).num_milliseconds();
        let (vendor, method, path) = (call.vendor.vendor(), &call.method, call.url.path());
        let response = match sent {
            Ok(response) => response,
            Err(error) => {
                log::warn!("{vendor} {method} {path} ({}): {error}, {took} ms, attempt {attempt}", call.label);
                return Err(EgressError::NoAnswer(error));
            }
        };
        let (parts, body) = response.into_parts();
        let status = parts.status.as_u16();
        let id = request_id(&parts.headers);
        log::info!("{vendor} {method} {path} ({}): {status}, {took} ms, attempt {attempt}{id}", call.label);
        if body.len() > MAX_BODY {
            return Err(EgressError::NoAnswer(TransportError::TooLarge(MAX_BODY)));
        }
        Ok(Answer { status, headers: parts.headers, body })
    }

    /// Tells breaker and pacer how a call ended, and answers whether another may follow.
    fn note(&self, host: &str, credential: &Fingerprint, ending: Ending) -> bool {
        let now = self.now();
        let jitter = self.jitter();
        self.with_breaker(host, credential, |breaker| match ending {
            Ending::Status { status: 429 | 503, retry_after: Some(seconds) } if seconds > LONGEST_HELD_SECONDS => {
                breaker.silenced(now, seconds);
            }
            Ending::NoAnswer | Ending::Status { status: 500.., .. } => breaker.failed(now, jitter),
            Ending::Status { .. } => breaker.answered(now),
        });
        if let Ending::Status { status: 429 | 503, retry_after: Some(seconds @ ..=LONGEST_HELD_SECONDS) } = ending
            && let Some(pacer) = self.egress.shared.pacers.borrow_mut().get_mut(host)
        {
            pacer.hold_until(now + TimeDelta::seconds(seconds.into()));
        }
        let breakers = self.egress.shared.breakers.borrow();
        let open = breakers.get(&(host.to_owned(), credential.clone())).is_some_and(|breaker| breaker.is_open(now));
        self.breakers == Breakers::Tried || !open
    }

    fn with_breaker(&self, host: &str, credential: &Fingerprint, change: impl FnOnce(&mut Breaker)) {
        let key = (host.to_owned(), credential.clone());
        let mut breakers = self.egress.shared.breakers.borrow_mut();
        let mut breaker = breakers.remove(&key).unwrap_or_default();
        change(&mut breaker);
        if !breaker.is_idle() {
            breakers.insert(key, breaker);
        }
    }

    /// A random number in 0..1000.
    fn jitter(&self) -> u32 {
        let mut bytes = [0; 4];
        self.egress.shared.entropy.fill(&mut bytes);
        u32::from_le_bytes(bytes) % 1000
    }
}

/// The number ESET gave a call, by which its support finds it (ESET Connect: how_api_works.html); nothing else of the headers is told.
fn request_id(headers: &HeaderMap) -> String {
    let id = headers.get("request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    let plain = !id.is_empty() && id.len() <= 64 && id.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-');
    if plain { format!(", request {id}") } else { String::new() }
}

/// Host and port: what one server is.
fn host(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

/// The request as it is sent. Its host is the guarded one, or nothing is sent.
pub(super) fn request(url: &Url, method: &Method, headers: &HeaderMap, body: &[u8]) -> Result<http::Request<Vec<u8>>, EgressError> {
    let unreadable = EgressError::BlockedAddress { why: Blocked::NotAnAddress };
    let uri: http::Uri = url.as_str().parse().map_err(|_| unreadable.clone())?;
    if uri.host() != url.host_str() {
        return Err(unreadable);
    }
    let mut request = http::Request::new(body.to_vec());
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri;
    *request.headers_mut() = headers.clone();
    request.headers_mut().entry(USER_AGENT).or_insert(HeaderValue::from_static("Seatbridge"));
    Ok(request)
}

pub(super) fn finish(result: Result<Answer, EgressError>) -> Result<Answer, EgressError> {
    match result {
        Ok(answer) if (300..400).contains(&answer.status) => Err(EgressError::Redirected { status: answer.status }),
        other => other,
    }
}
