//! Whether the Worker can be reached. While it cannot, what is shown is what was known, and nothing is changed.

use leptos::ev;
use leptos::prelude::*;

/// Whether the browser is online and the Worker answered the last time it was asked.
#[derive(Clone, Copy)]
pub(crate) struct Reach {
    online: RwSignal<bool>,
    answering: RwSignal<bool>,
}

/// Why a button that changes something is off.
pub(crate) const WRITING_IS_OFF: &str = "Off until Seatbridge can be reached again";

impl Reach {
    /// Follows the browser's own opinion from now on.
    pub(crate) fn follow() -> Self {
        let reach = Self { online: RwSignal::new(window().navigator().on_line()), answering: RwSignal::new(true) };
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
        if self.answering.try_get_untracked() == Some(false) {
            self.answering.try_set(true);
        }
    }

    /// The Worker did not answer.
    pub(crate) fn silent(self) {
        self.answering.try_set(false);
    }

    /// Whether something can be changed now.
    pub(crate) fn may_write(self) -> bool {
        self.online.get() && self.answering.get()
    }

    /// Whether the browser itself is offline.
    pub(crate) fn is_offline(self) -> bool {
        !self.online.get()
    }
}
