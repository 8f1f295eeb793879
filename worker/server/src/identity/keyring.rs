//! Keys that are fetched from whoever signs with them, and kept for a while.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use chrono::TimeDelta;
use domain::Timestamp;
use futures::lock::Mutex;
use serde_json::Value;

use super::jwt::{Expected, TokenError, verify};
use super::keys::Keys;
use egress::{Egress, Inquiry};

/// How long keys are used before they are fetched anew.
const YOUNG: TimeDelta = TimeDelta::hours(1);
/// How long they are used when nobody answers.
const OLDEST: TimeDelta = TimeDelta::hours(24);
/// How long after a fetch a token with an unknown key brings no other about.
const NEXT: TimeDelta = TimeDelta::minutes(1);
/// How long after a fetch that failed none is tried.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

/// The keys of one signer. In memory only.
#[derive(Default)]
pub struct Keyring {
    known: RefCell<Option<Known>>,
    tried_at: Cell<Option<Timestamp>>,
    /// Held while keys are fetched, so that requests that come at once share one fetch.
    turn: Mutex<()>,
}

#[derive(Clone)]
struct Known {
    keys: Rc<Keys>,
    fetched_at: Timestamp,
}

/// Why a token was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotVerified {
    /// It proves nothing.
    #[error(transparent)]
    Refused(#[from] TokenError),
    /// There are no keys to check it by.
    #[error("the keys could not be fetched: {0}")]
    NoKeys(String),
}

impl Keyring {
    /// Checks a token by the keys that `inquiry` answers, and fetches them anew when it names one that is not among them.
    ///
    /// # Errors
    /// When it proves nothing, or there are no keys.
    pub async fn verify(
        &self,
        egress: &Egress,
        inquiry: &Inquiry,
        token: &str,
        expected: &Expected<'_>,
        now: Timestamp,
    ) -> Result<Value, NotVerified> {
        let known = self.keys(egress, inquiry, now).await?;
        match verify(token, &known.keys, expected, now) {
            Err(TokenError::UnknownKey) => match self.newer(egress, inquiry, &known, now).await {
                Some(newer) => Ok(verify(token, &newer.keys, expected, now)?),
                None => Err(TokenError::UnknownKey.into()),
            },
            other => Ok(other?),
        }
    }

    fn known(&self, now: Timestamp, age: TimeDelta) -> Option<Known> {
        self.known.borrow().clone().filter(|known| now - known.fetched_at < age)
    }

    async fn keys(&self, egress: &Egress, inquiry: &Inquiry, now: Timestamp) -> Result<Known, NotVerified> {
        if let Some(known) = self.known(now, YOUNG) {
            return Ok(known);
        }
        let _turn = self.turn.lock().await;
        if let Some(known) = self.known(now, YOUNG) {
            return Ok(known);
        }
        let fetched = if self.rests(now, PAUSE) { Err("tried a moment ago".to_owned()) } else { self.fetch(egress, inquiry, now).await };
        fetched.or_else(|why| self.known(now, OLDEST).ok_or(NotVerified::NoKeys(why)))
    }

    /// Keys that were fetched after these.
    async fn newer(&self, egress: &Egress, inquiry: &Inquiry, than: &Known, now: Timestamp) -> Option<Known> {
        let _turn = self.turn.lock().await;
        if let Some(known) = self.known(now, OLDEST).filter(|known| !Rc::ptr_eq(&known.keys, &than.keys)) {
            return Some(known);
        }
        if self.rests(now, NEXT) {
            return None;
        }
        self.fetch(egress, inquiry, now).await.ok()
    }

    fn rests(&self, now: Timestamp, pause: TimeDelta) -> bool {
        self.tried_at.get().is_some_and(|tried| now - tried < pause)
    }

    async fn fetch(&self, egress: &Egress, inquiry: &Inquiry, now: Timestamp) -> Result<Known, String> {
        self.tried_at.set(Some(now));
        let answer = egress.ask(inquiry).await.map_err(|error| error.to_string())?;
        if !answer.is_success() {
            return Err(format!("status {}", answer.status));
        }
        let keys = Keys::read(&answer.body).map_err(|why| why.to_string())?;
        let known = Known { keys: Rc::new(keys), fetched_at: now };
        *self.known.borrow_mut() = Some(known.clone());
        Ok(known)
    }
}
