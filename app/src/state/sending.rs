//! What a form sends: one request at a time, and why the last one was refused.

use std::pin::Pin;

use contract::Problem;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::Answer;

/// What becomes of a form whose request is done. `()` is to stay.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// It stays, or closes where its page does not.
    Stays,
    /// Its page is left, and nothing of it is touched any more: the button is off until the next page is there.
    Left,
}

impl From<()> for After {
    fn from((): ()) -> Self {
        Self::Stays
    }
}

/// What one form or button sends. While a request is under way none is begun: a second press, or Enter, sends nothing twice.
#[derive(Clone, Copy)]
pub(crate) struct Sending {
    /// Whether a request is under way.
    pub(crate) busy: RwSignal<bool>,
    /// Why the last one was refused.
    pub(crate) problem: RwSignal<Option<Problem>>,
}

impl Sending {
    /// Nothing sent yet.
    pub(crate) fn idle() -> Self {
        Self { busy: RwSignal::new(false), problem: RwSignal::new(None) }
    }

    /// Sends a request and does what follows from its answer; keeps why it was refused.
    pub(crate) fn send<A: Into<After> + 'static>(self, request: impl Future<Output = Answer<A>> + 'static) {
        self.send_or(request, Some);
    }

    /// As [`Self::send`], where `refused` may tell a refusal elsewhere, as at the field it is about. What it gives back is kept here.
    pub(crate) fn send_or<A: Into<After> + 'static>(
        self,
        request: impl Future<Output = Answer<A>> + 'static,
        refused: impl FnOnce(Problem) -> Option<Problem> + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.problem.set(None);
        let request = async move { request.await.map(Into::into) };
        spawn_local(finish(Box::pin(request), Box::new(refused), self));
    }
}

/// The part of a request that is the same for everything that is sent. The form may be gone by its end.
async fn finish(
    request: Pin<Box<dyn Future<Output = Answer<After>>>>,
    refused: Box<dyn FnOnce(Problem) -> Option<Problem>>,
    sending: Sending,
) {
    match request.await {
        Ok(After::Left) => return,
        Ok(After::Stays) => {}
        Err(problem) => {
            if let Some(problem) = refused(problem) {
                sending.problem.try_set(Some(problem));
            }
        }
    }
    sending.busy.try_set(false);
}
