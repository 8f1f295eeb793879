//! Answers that are not ready: 202 with a `response-id`, asked for again with the identical call and that header (ESET
//! Connect help, how the API works).

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use crate::exchange::{Reply, Request};

/// How long an answer is kept.
const KEPT: Duration = Duration::minutes(10);

/// A call whose answer is put off.
#[derive(Clone, Debug)]
struct Call {
    key: String,
    polls: u32,
    since: DateTime<Utc>,
}

/// All calls put off, by response id.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    calls: BTreeMap<String, Call>,
    /// The call being dealt with is to be put off for so many more asks.
    next: Option<u32>,
}

impl Pending {
    /// Says whether the next call is put off.
    pub(crate) fn set(&mut self, polls: Option<u32>) {
        self.next = polls;
    }

    /// Puts a call off, if it is to be.
    pub(super) fn put_off(&mut self, request: &Request, id: impl FnOnce() -> String, now: DateTime<Utc>) -> Option<Reply> {
        let polls = self.next.take()?;
        let id = id();
        self.calls.insert(id.clone(), Call { key: key(request), polls, since: now });
        Some(Reply::empty(202).header("response-id", id))
    }

    /// Asks for an answer that was put off. The answer itself is given once; then, after a while, and for another call, there
    /// is nothing.
    pub(super) fn ask(&mut self, request: &Request, id: &str, now: DateTime<Utc>) -> Asked {
        let known = self.calls.get_mut(id).filter(|call| call.since + KEPT > now && call.key == key(request));
        match known {
            None => Asked::Nothing,
            Some(call) if call.polls > 0 => {
                call.polls -= 1;
                Asked::NotReady(Reply::empty(202).header("response-id", id))
            }
            Some(_) => {
                self.calls.remove(id);
                Asked::Ready
            }
        }
    }
}

/// What became of a call that was put off.
pub(super) enum Asked {
    Nothing,
    NotReady(Reply),
    Ready,
}

/// What makes a call identical; only the token may differ.
fn key(request: &Request) -> String {
    format!("{} {} {:?} {:?}", request.method, request.path, request.query, request.body)
}
