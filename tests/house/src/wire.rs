//! The wire between the install and the vendors: keeps what passes, and breaks where a test wants it broken.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use async_trait::async_trait;
use seatbridge_worker::ports::{Limits, Transport, TransportError};

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// HTTP method.
    pub method: String,
    /// Where to.
    pub url: url::Url,
    /// What was sent along.
    pub body: Vec<u8>,
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
}

type Plan = Box<dyn FnMut(&Sent) -> Fate>;

/// The wire.
pub struct Wire {
    way: Rc<dyn Transport>,
    plan: RefCell<Option<Plan>>,
    /// Every request so far.
    pub sent: RefCell<Vec<Sent>>,
    /// Whether a run has come to the place where it dies.
    pub died: Cell<bool>,
}

impl Wire {
    /// A whole wire over `way`.
    pub fn over(way: Rc<dyn Transport>) -> Self {
        Self { way, plan: RefCell::default(), sent: RefCell::default(), died: Cell::new(false) }
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
        let sent = Sent { method: request.method().to_string(), url, body: request.body().clone(), status: None };
        let fate = self.plan.borrow_mut().as_mut().map_or(Fate::Answered, |plan| plan(&sent));
        let place = self.sent.borrow().len();
        self.sent.borrow_mut().push(sent);
        let arrives = !matches!(fate, Fate::LostOnTheWay | Fate::TimedOutBefore | Fate::DiesBefore);
        let answer = if arrives { Some(self.way.send(request, limits).await) } else { None };
        match (fate, answer) {
            (Fate::Answered, Some(answer)) => {
                if let (Ok(answer), Some(sent)) = (&answer, self.sent.borrow_mut().get_mut(place)) {
                    sent.status = Some(answer.status().as_u16());
                }
                answer
            }
            (Fate::FailedAfter, _) => Ok(http::Response::builder().status(500).body(b"upstream gave up".to_vec()).expect("an answer")),
            (Fate::TimedOutBefore | Fate::TimedOutAfter, _) => Err(TransportError::TimedOut(limits.timeout)),
            (Fate::DiesBefore | Fate::DiesAfter, _) => {
                self.died.set(true);
                std::future::pending().await
            }
            _ => Err(TransportError::Failed("reset".to_owned())),
        }
    }
}
