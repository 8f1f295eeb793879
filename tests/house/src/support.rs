//! The ports, natively: HTTP over reqwest, a clock that can be moved, and randomness from a seed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use chrono::{FixedOffset, Offset, SubsecRound, TimeDelta, TimeZone};
use seatbridge_worker::egress::{Config, Egress, Environment};
use seatbridge_worker::ports::{Clock, Entropy, Limits, Transport, TransportError};
use shared::Timestamp;
use simulator::{Options, Simulator, Vendor};

/// HTTP as the Worker does it: no redirects, a timeout, a cap on the body.
pub struct Native {
    client: reqwest::Client,
}

impl Default for Native {
    fn default() -> Self {
        Self::new()
    }
}

impl Native {
    /// A client without a proxy.
    pub fn new() -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
        Self { client: client.expect("a client") }
    }

    async fn exchange(&self, request: http::Request<Vec<u8>>, limits: Limits) -> Result<http::Response<Vec<u8>>, TransportError> {
        let failed = |error: reqwest::Error| TransportError::Failed(error.without_url().to_string());
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut answer = self.client.execute(request).await.map_err(failed)?;
        let mut response = http::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            *headers = answer.headers().clone();
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > limits.max_body {
                return Err(TransportError::TooLarge(limits.max_body));
            }
            body.extend_from_slice(&chunk);
        }
        response.body(body).map_err(|error| TransportError::Failed(error.to_string()))
    }
}

#[async_trait(?Send)]
impl Transport for Native {
    async fn send(&self, request: http::Request<Vec<u8>>, limits: Limits) -> Result<http::Response<Vec<u8>>, TransportError> {
        let exchange = tokio::time::timeout(limits.timeout, self.exchange(request, limits));
        exchange.await.unwrap_or(Err(TransportError::TimedOut(limits.timeout)))
    }
}

/// A transport that answers from a script, and keeps what it was asked.
#[derive(Default)]
pub struct Scripted {
    answers: RefCell<Vec<Scene>>,
    /// What was asked.
    pub asked: RefCell<Vec<http::Request<Vec<u8>>>>,
}

/// One answer of a script.
pub type Scene = Result<http::Response<Vec<u8>>, TransportError>;

/// An answer with a status and body.
pub fn scene(status: u16, body: &str) -> Scene {
    Ok(http::Response::builder().status(status).body(body.as_bytes().to_vec()).expect("an answer"))
}

/// An answer with a header.
pub fn scene_with(status: u16, header: (&str, &str), body: &str) -> Scene {
    let answer = http::Response::builder().status(status).header(header.0, header.1).body(body.as_bytes().to_vec());
    Ok(answer.expect("an answer"))
}

/// No answer.
pub fn silence() -> Scene {
    Err(TransportError::Failed("reset".to_owned()))
}

impl Scripted {
    /// A transport that answers this, in order.
    pub fn new(mut answers: Vec<Scene>) -> Rc<Self> {
        answers.reverse();
        Rc::new(Self { answers: RefCell::new(answers), asked: RefCell::default() })
    }

    /// Whether every answer was fetched.
    pub fn is_over(&self) -> bool {
        self.answers.borrow().is_empty()
    }

    /// Paths asked for, in order.
    pub fn paths(&self) -> Vec<String> {
        self.asked.borrow().iter().map(|request| request.uri().path().to_owned()).collect()
    }
}

#[async_trait(?Send)]
impl Transport for Scripted {
    async fn send(&self, request: http::Request<Vec<u8>>, _: Limits) -> Result<http::Response<Vec<u8>>, TransportError> {
        let asked = format!("{} {}", request.method(), request.uri());
        self.asked.borrow_mut().push(request);
        let scene = self.answers.borrow_mut().pop();
        scene.unwrap_or_else(|| panic!("a call nobody expected: {asked}"))
    }
}

/// The vendors in this process, without a socket: a call takes a moment of the clock that the vendors share, and others come
/// in between.
pub struct Direct {
    simulator: Rc<Simulator>,
    clock: Rc<Stepped>,
    turns: Cell<u64>,
}

impl Direct {
    /// A way to the vendors of an [offline](Simulator::offline) simulator.
    pub fn new(simulator: Rc<Simulator>, clock: Rc<Stepped>) -> Self {
        Self { simulator, clock, turns: Cell::new(0) }
    }

    /// Lets others run for a while that differs from call to call, always in the same way.
    async fn others(&self) {
        let turn = self.turns.get();
        self.turns.set(turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        for _ in 0..(turn >> 61) {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait(?Send)]
impl Transport for Direct {
    async fn send(&self, mut request: http::Request<Vec<u8>>, _: Limits) -> Result<http::Response<Vec<u8>>, TransportError> {
        let reset = || TransportError::Failed("reset".to_owned());
        let to = request.uri().authority().ok_or_else(reset)?.to_string();
        let addresses = self.simulator.addresses();
        let vendor = if addresses.ema2.contains(&to) {
            Vendor::Ema2
        } else if addresses.connectwise.contains(&to) {
            Vendor::ConnectWise
        } else if addresses.connect.contains(&to) {
            Vendor::Connect
        } else if addresses.protect.contains(&to) {
            Vendor::Protect
        } else {
            return Err(reset());
        };
        request.headers_mut().insert(http::header::HOST, to.parse().map_err(|_| reset())?);
        self.others().await;
        self.clock.step(20);
        self.simulator.world().set_now(self.clock.now());
        let answer = self.simulator.exchange(vendor, request).await;
        self.clock.step(20);
        self.others().await;
        answer.ok_or_else(reset)
    }
}

/// A clock that runs with the real one, or stands, and jumps over waits instead of waiting.
pub struct Stepped {
    stands: Option<Timestamp>,
    ahead: Cell<TimeDelta>,
    /// Every wait asked for.
    pub waits: RefCell<Vec<TimeDelta>>,
}

impl Stepped {
    /// A clock that runs with the real one, from `moment` on.
    pub fn from(moment: Timestamp) -> Rc<Self> {
        let clock = Self::new();
        clock.ahead.set(moment - clock.now());
        clock
    }

    /// A clock that runs.
    pub fn new() -> Rc<Self> {
        Rc::new(Self { stands: None, ahead: Cell::new(TimeDelta::zero()), waits: RefCell::default() })
    }

    /// A clock that stands at `moment` until it is moved.
    pub fn at(moment: Timestamp) -> Rc<Self> {
        Rc::new(Self { stands: Some(moment), ahead: Cell::new(TimeDelta::zero()), waits: RefCell::default() })
    }

    /// Moves a clock that stands by so many milliseconds; one that runs does so by itself.
    pub fn step(&self, milliseconds: i64) {
        if self.stands.is_some() {
            self.ahead.set(self.ahead.get() + TimeDelta::milliseconds(milliseconds));
        }
    }

    /// Moves it ahead.
    pub fn advance(&self, seconds: i64) {
        self.ahead.set(self.ahead.get() + TimeDelta::seconds(seconds));
    }
}

#[async_trait(?Send)]
impl Clock for Stepped {
    fn now(&self) -> Timestamp {
        let running = || {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
            Timestamp::UNIX_EPOCH + TimeDelta::from_std(since).expect("a time")
        };
        // To the millisecond, as the platform tells it.
        (self.stands.unwrap_or_else(running) + self.ahead.get()).trunc_subsecs(3)
    }

    async fn sleep(&self, wait: TimeDelta) {
        self.waits.borrow_mut().push(wait);
        if wait > TimeDelta::zero() {
            self.ahead.set(self.ahead.get() + wait);
        }
        tokio::task::yield_now().await;
    }

    fn offset(&self, zone: &str, at: Timestamp) -> Option<FixedOffset> {
        let zone: chrono_tz::Tz = zone.parse().ok()?;
        Some(zone.offset_from_utc_datetime(&at.naive_utc()).fix())
    }
}

/// Randomness that is the same at each run.
pub struct Seeded(Cell<u64>);

impl Seeded {
    /// From a seed.
    pub fn new(seed: u64) -> Rc<Self> {
        Rc::new(Self(Cell::new(seed | 1)))
    }
}

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut state = self.0.get();
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            self.0.set(state);
            *byte = state.to_le_bytes()[3];
        }
    }
}

/// A simulated pair of vendors and a door to them.
pub struct Rig {
    /// The vendors.
    pub simulator: Simulator,
    /// The time.
    pub clock: Rc<Stepped>,
    /// The door.
    pub egress: Egress,
}

impl Rig {
    /// A rig over a world of so many customers.
    pub async fn start(companies: usize) -> Self {
        let simulator = Simulator::start(Options { companies, ..Options::default() }).await.expect("a simulator");
        let clock = Stepped::new();
        Self { simulator, egress: egress(Rc::new(Native::new()), clock.clone()), clock }
    }

    /// Lets time pass here and at the vendors.
    pub fn advance(&self, seconds: i64) {
        self.clock.advance(seconds);
        self.simulator.world().advance(seconds);
    }
}

/// A door over `transport`, on a developer's machine.
pub fn egress(transport: Rc<dyn Transport>, clock: Rc<Stepped>) -> Egress {
    Egress::new(transport, clock, Seeded::new(7), Config::new(Environment::Local))
}
