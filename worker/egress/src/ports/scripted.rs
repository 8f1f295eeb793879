//! Ports for tests: a vendor that answers from a script, a clock that jumps over waits, and random numbers that are the same at
//! each run. Compiled with the feature `scripted` alone, which nothing but tests asks for.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::SystemTime;

use async_trait::async_trait;
use chrono::{FixedOffset, Offset, SubsecRound, TimeDelta, TimeZone};
use domain::Timestamp;
use http::StatusCode;

use super::{Clock, Entropy, Limits, Transport, TransportError};

/// The longest address a vendor takes.
const LONGEST_ADDRESS: usize = 2_000;

/// One answer of a script.
pub type Scene = Result<http::Response<Vec<u8>>, TransportError>;

/// An answer with a status and body.
pub fn scene(status: u16, body: &str) -> Scene {
    let mut response = http::Response::new(body.as_bytes().to_vec());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    Ok(response)
}

/// An answer with a header.
pub fn scene_with(status: u16, (name, value): (&str, &str), body: &str) -> Scene {
    let response = http::Response::builder().status(status).header(name, value).body(body.as_bytes().to_vec());
    response.map_err(|error| TransportError::Failed(error.to_string()))
}

/// No answer.
pub fn no_answer() -> Scene {
    Err(TransportError::Failed("reset".to_owned()))
}

/// A transport that answers from a script, and keeps what it was asked.
pub struct Scripted {
    answers: RefCell<VecDeque<Scene>>,
    beside: fn(&str) -> Option<&'static str>,
    /// What was asked, but for what is answered beside the script.
    pub asked: RefCell<Vec<http::Request<Vec<u8>>>>,
}

impl Scripted {
    /// A transport that answers this, in order.
    pub fn new(answers: Vec<Scene>) -> Rc<Self> {
        Self::beside(|_| None, answers)
    }

    /// The same, but that every request with one of some paths is answered with this body, whenever it comes.
    pub fn beside(beside: fn(&str) -> Option<&'static str>, answers: Vec<Scene>) -> Rc<Self> {
        Rc::new(Self { answers: RefCell::new(answers.into()), beside, asked: RefCell::default() })
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
    async fn send(&self, request: http::Request<Vec<u8>>, _: Limits) -> Scene {
        if let Some(body) = (self.beside)(request.uri().path()) {
            return scene(200, body);
        }
        let asked = format!("{} {}", request.method(), request.uri());
        assert!(request.uri().to_string().len() < LONGEST_ADDRESS, "{asked}");
        self.asked.borrow_mut().push(request);
        let scene = self.answers.borrow_mut().pop_front();
        assert!(scene.is_some(), "a call nobody expected: {asked}");
        scene.unwrap_or_else(no_answer)
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
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            Timestamp::UNIX_EPOCH + TimeDelta::from_std(since).unwrap_or_default()
        };
        // To the millisecond, as the platform tells it.
        (self.stands.unwrap_or_else(running) + self.ahead.get()).trunc_subsecs(3)
    }

    async fn sleep(&self, wait: TimeDelta) {
        self.waits.borrow_mut().push(wait);
        if wait > TimeDelta::zero() {
            self.ahead.set(self.ahead.get() + wait);
        }
        give_way().await;
    }

    fn offset(&self, zone: &str, at: Timestamp) -> Option<FixedOffset> {
        let zone: chrono_tz::Tz = zone.parse().ok()?;
        Some(zone.offset_from_utc_datetime(&at.naive_utc()).fix())
    }
}

/// Lets whatever else is ready run once.
async fn give_way() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if waited {
            return std::task::Poll::Ready(());
        }
        waited = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
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
