//! Whether the Worker can be reached. While it cannot, what is shown is what was known, and nothing is changed.
//! Behind Cloudflare Access it cannot once the organisation's own session is over: Cloudflare Access answers for it, and sends
//! the browser to its sign-in.

use leptos::ev;
use leptos::prelude::*;

/// Whether the browser is online and the Worker answered the last time it was asked.
#[derive(Clone, Copy)]
pub(crate) struct Connectivity {
    online: RwSignal<bool>,
    last: RwSignal<Last>,
}

/// What came of the last request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Answered,
    Silent,
    AccessWanted,
}

/// Why a button that changes something is off.
pub(crate) const WRITING_IS_OFF: &str = "Off until Seatbridge can be reached again";

impl Connectivity {
    /// Follows the browser's own opinion from now on.
    pub(crate) fn follow() -> Self {
        let reach = Self { online: RwSignal::new(window().navigator().on_line()), last: RwSignal::new(Last::Answered) };
        let gone = window_event_listener(ev::offline, move |_| reach.online.set(false));
        let back = window_event_listener(ev::online, move |_| reach.online.set(true));
        on_cleanup(move || {
            gone.remove();
            back.remove();
        });
        reach
    }

    /// The Worker answered.
    pub(crate) fn answered(self) {
        self.note(Last::Answered);
    }

    /// The Worker did not answer.
    pub(crate) fn silent(self) {
        self.note(Last::Silent);
    }

    /// Cloudflare Access in front of the Worker wants to know first who is there.
    pub(crate) fn access_wanted(self) {
        self.note(Last::AccessWanted);
    }

    fn note(self, last: Last) {
        if self.last.try_get_untracked().is_some_and(|before| before != last) {
            self.last.try_set(last);
        }
    }

    /// Whether something can be changed now.
    pub(crate) fn may_write(self) -> bool {
        self.online.get() && self.last.get() == Last::Answered
    }

    /// Whether the browser itself is offline.
    pub(crate) fn is_offline(self) -> bool {
        !self.online.get()
    }
    /// Whether Cloudflare Access wants to know first who is there.
    pub(crate) fn is_access_wanted(self) -> bool {
        self.online.get() && self.last.get() == Last::AccessWanted
    }
}
