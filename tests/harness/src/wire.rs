//! The wire between the install and the vendors: keeps what passes, and breaks where a test wants it broken.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::Timestamp;
use egress::ports::{Clock, Limits, Transport, TransportError};

use crate::provider::Provider;

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// HTTP method.
    pub method: String,
    /// Where to.
    pub url: url::Url,
    /// Headers, credentials among them.
    pub headers: http::HeaderMap,
    /// What was sent along.
    pub body: Vec<u8>,
    /// When.
    pub at: Timestamp,
    /// What was answered; none when no answer reached the Worker.
    pub status: Option<u16>,
}

impl Sent {
    /// Method and path, ids and code base taken out: what kind of call it is.
    pub fn kind(&self) -> String {
        let path = self.url.path();
        let path = path.split_once("/apis/3.0/").map_or_else(|| path.trim_start_matches("/api/"), |(_, path)| path);
        let parts = path.trim_matches('/').split('/').map(|part| if part.parse::<i64>().is_ok() { "{id}" } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        let path = if path.starts_with("login/companyinfo") { "login/companyinfo".to_owned() } else { path };
        format!("{} {path}", self.method)
    }
}

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is answered.
    Answered,
    /// It never arrives, and the Worker notices.
    LostOnTheWay,
    /// It takes effect, and its answer is lost.
    AnswerLost,
    /// It never arrives, and nothing comes back: the timeout.
    TimedOutBefore,
    /// It takes effect, and nothing comes back: the timeout.
    TimedOutAfter,
    /// It takes effect, but a server on the way answers 500 in its place.
    FailedAfter,
    /// It never arrives, and the run dies waiting.
    DiesBefore,
    /// It takes effect, and the run dies waiting.
    DiesAfter,
    /// It is refused with this status before it does anything, with a `Retry-After` of so many seconds if there is one.
    Refused(u16, Option<u32>),
    /// It never arrives, and something on the way answers 200.
    Pretended,
    /// Nothing comes back, and so many seconds later it takes effect after all.
    ArrivesLater(i64),
    /// It is on its way until [`Wire::go_on`].
    Waits,
    /// It takes effect, and its answer is on its way until [`Wire::go_on`].
    AnswerWaits,
}

/// An answer that reached the Worker.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The place of its request among all that were sent.
    pub place: usize,
    /// When.
    pub at: Timestamp,
    /// Its status.
    pub status: u16,
    /// Its body, as it came.
    pub body: Vec<u8>,
}

type Plan = Box<dyn FnMut(&Sent) -> Fate>;

/// The wire.
pub struct Wire {
    way: Rc<dyn Transport>,
    clock: Rc<dyn Clock>,
    late: RefCell<Vec<Late>>,
    plan: RefCell<Option<Plan>>,
    /// Every request so far.
    pub sent: RefCell<Vec<Sent>>,
    /// Whose answers are kept.
    pub keeps: Cell<fn(&Sent) -> bool>,
    /// Answers that were kept, in the order in which they came.
    pub heard: RefCell<Vec<Heard>>,
    /// Whether a run has come to the place where it dies.
    pub died: Cell<bool>,
    /// Whether a call waits for [`Wire::go_on`].
    pub waiting: Cell<bool>,
    /// Who vouches for people, if somebody does.
    pub provider: RefCell<Option<Rc<Provider>>>,
}

/// A request that will take effect although nobody waits for it any more.
struct Late {
    at: Timestamp,
    request: http::Request<Vec<u8>>,
    limits: Limits,
}

impl Wire {
    /// A whole wire over `way`.
    pub fn over(way: Rc<dyn Transport>, clock: Rc<dyn Clock>) -> Self {
        Self {
            way,
            clock,
            late: RefCell::default(),
            plan: RefCell::default(),
            sent: RefCell::default(),
            keeps: Cell::new(|_| false),
            heard: RefCell::default(),
            died: Cell::new(false),
            waiting: Cell::new(false),
            provider: RefCell::default(),
        }
    }

    /// Lets the calls that wait go on.
    pub fn go_on(&self) {
        self.waiting.set(false);
    }

    /// Delivers late requests whose time has come.
    pub async fn deliver(&self) {
        let now = self.clock.now();
        let due: Vec<Late> = self.late.borrow_mut().extract_if(.., |late| late.at <= now).collect();
        for late in due {
            // Nobody is there to take the answer.
            drop(self.way.send(late.request, late.limits).await);
        }
    }

    /// When the next late request arrives.
    pub fn next_late(&self) -> Option<Timestamp> {
        self.late.borrow().iter().map(|late| late.at).min()
    }

    async fn hold(&self) {
        self.waiting.set(true);
        while self.waiting.get() {
            tokio::task::yield_now().await;
        }
    }

    /// From now on `plan` says what becomes of each request.
    pub fn plan(&self, plan: impl FnMut(&Sent) -> Fate + 'static) {
        *self.plan.borrow_mut() = Some(Box::new(plan));
    }

    /// Mends the wire.
    pub fn mend(&self) {
        *self.plan.borrow_mut() = None;
        self.died.set(false);
    }

    /// Forgets what was sent so far.
    pub fn clear(&self) {
        self.sent.borrow_mut().clear();
        self.heard.borrow_mut().clear();
    }

    /// The kinds of the calls made, in order.
    pub fn kinds(&self) -> Vec<String> {
        self.sent.borrow().iter().map(Sent::kind).collect()
    }
}

#[async_trait(?Send)]
impl Transport for Wire {
    async fn send(&self, request: http::Request<Vec<u8>>, limits: Limits) -> Result<http::Response<Vec<u8>>, TransportError> {
        let url = request.uri().to_string().parse().expect("an address");
        let sent = Sent {
            method: request.method().to_string(),
            url,
            headers: request.headers().clone(),
            body: request.body().clone(),
            at: self.clock.now(),
            status: None,
        };
        let fate = self.plan.borrow_mut().as_mut().map_or(Fate::Answered, |plan| plan(&sent));
        let place = self.sent.borrow().len();
        let kept = self.keeps.get()(&sent);
        self.sent.borrow_mut().push(sent);
        self.deliver().await;
        let answer = self.meet(fate, place, request, limits).await;
        if let (true, Ok(answer)) = (kept, &answer) {
            let (status, body) = (answer.status().as_u16(), answer.body().clone());
            self.heard.borrow_mut().push(Heard { place, at: self.clock.now(), status, body });
        }
        answer
    }
}

impl Wire {
    /// What becomes of a request.
    async fn meet(
        &self,
        fate: Fate,
        place: usize,
        request: http::Request<Vec<u8>>,
        limits: Limits,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        match fate {
            Fate::Answered => self.pass(place, request, limits).await,
            Fate::Waits => {
                self.hold().await;
                self.pass(place, request, limits).await
            }
            Fate::AnswerWaits => {
                let answer = self.pass(place, request, limits).await;
                self.hold().await;
                answer
            }
            Fate::Pretended => {
                self.answered(place, 200);
                Ok(http::Response::new(b"{}".to_vec()))
            }
            Fate::LostOnTheWay => Err(TransportError::Failed("reset".to_owned())),
            Fate::TimedOutBefore => Err(TransportError::TimedOut(limits.timeout)),
            Fate::DiesBefore => self.die().await,
            Fate::ArrivesLater(seconds) => {
                let at = self.clock.now() + TimeDelta::seconds(seconds);
                self.late.borrow_mut().push(Late { at, request, limits });
                Err(TransportError::TimedOut(limits.timeout))
            }
            Fate::Refused(status, retry_after) => {
                self.answered(place, status);
                let answer = http::Response::builder().status(status);
                let answer = match retry_after {
                    Some(seconds) => answer.header(http::header::RETRY_AFTER, seconds),
                    None => answer,
                };
                Ok(answer.body(b"{}".to_vec()).expect("an answer"))
            }
            Fate::AnswerLost | Fate::TimedOutAfter | Fate::FailedAfter | Fate::DiesAfter => {
                drop(self.way.send(request, limits).await);
                match fate {
                    Fate::FailedAfter => Ok(http::Response::builder().status(500).body(b"upstream gave up".to_vec()).expect("an answer")),
                    Fate::TimedOutAfter => Err(TransportError::TimedOut(limits.timeout)),
                    Fate::DiesAfter => self.die().await,
                    _ => Err(TransportError::Failed("reset".to_owned())),
                }
            }
        }
    }

    async fn pass(&self, place: usize, request: http::Request<Vec<u8>>, limits: Limits) -> Result<http::Response<Vec<u8>>, TransportError> {
        let provider = self.provider.borrow().clone().filter(|_| request.uri().host().is_some_and(Provider::is_at));
        let answer = match provider {
            Some(provider) => Ok(provider.answer(&request, self.clock.now().timestamp())),
            None => self.way.send(request, limits).await,
        };
        if let Ok(answer) = &answer {
            self.answered(place, answer.status().as_u16());
        }
        answer
    }

    fn answered(&self, place: usize, status: u16) {
        if let Some(sent) = self.sent.borrow_mut().get_mut(place) {
            sent.status = Some(status);
        }
    }

    async fn die(&self) -> ! {
        self.died.set(true);
        std::future::pending().await
    }
}
