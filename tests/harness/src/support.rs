//! The ways to the vendors, natively: over reqwest, and in this process without a socket.

use std::cell::Cell;
use std::rc::Rc;

use async_trait::async_trait;
pub use egress::ports::scripted::{Scene, Scripted, Seeded, Stepped, no_answer, scene, scene_with};
use egress::ports::{Clock, Limits, Transport, TransportError};
use egress::{Config, Egress, Environment};
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

/// A simulated pair of vendors and the egress to them.
pub struct Rig {
    /// The vendors.
    pub simulator: Simulator,
    /// The time.
    pub clock: Rc<Stepped>,
    /// The egress.
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

/// An egress over `transport`, on a developer's machine.
pub fn egress(transport: Rc<dyn Transport>, clock: Rc<Stepped>) -> Egress {
    Egress::new(transport, clock, Seeded::new(7), Config::new(Environment::Local))
}
