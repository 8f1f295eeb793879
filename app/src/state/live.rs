//! What the whole screen follows: the overview, polled, and the clock ages are reckoned with.

use std::time::Duration;

use chrono::TimeDelta;
use contract::overview::{Overview, ShowOverview};
use domain::Timestamp;
use leptos::ev;
use leptos::prelude::*;

use super::clock;
use super::remote::Remote;
use crate::api::{Client, Link};
use crate::model::pace::is_due;

const TICK: Duration = Duration::from_secs(1);

/// The overview as last read, and what follows from it.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    client: Client,
    /// The overview.
    pub(crate) overview: Remote<Overview>,
    /// Rises whenever a new overview has arrived.
    pub(crate) beat: RwSignal<u32>,
    /// Now, by the Worker's clock; moves every few seconds.
    pub(crate) now: RwSignal<Timestamp>,
    asked: StoredValue<Option<Timestamp>>,
    ahead: StoredValue<TimeDelta>,
}

impl Live {
    /// Reads the overview, and goes on reading it until the owner is gone.
    pub(crate) fn follow(client: Client) -> Self {
        let live = Self {
            client,
            overview: Remote::nothing(),
            beat: RwSignal::new(0),
            now: RwSignal::new(clock::now()),
            asked: StoredValue::new(None),
            ahead: StoredValue::new(TimeDelta::zero()),
        };
        live.read_now();
        if let Ok(ticking) = set_interval_with_handle(move || live.tick(), TICK) {
            on_cleanup(move || ticking.clear());
        }
        let looking_again = window_event_listener(ev::visibilitychange, move |_| live.tick());
        let online_again = window_event_listener(ev::online, move |_| live.read_now());
        on_cleanup(move || {
            looking_again.remove();
            online_again.remove();
        });
        live
    }

    /// Reads the overview at once.
    pub(crate) fn read_now(self) {
        self.asked.set_value(Some(clock::now()));
        self.overview.read(async move {
            let overview = self.client.get(Link::<ShowOverview>::here()).await?;
            self.ahead.try_set_value(overview.now - clock::now());
            self.now.try_set(overview.now);
            // The rows of a page are read again once the overview they belong to is there.
            request_animation_frame(move || {
                self.beat.try_update(|beat| *beat += 1);
            });
            Ok(overview)
        });
    }

    /// Does something whenever a new overview has arrived.
    pub(crate) fn each_beat(self, again: Callback<()>) {
        Effect::new(move |seen: Option<u32>| {
            let beat = self.beat.get();
            if seen.is_some_and(|seen| seen != beat) {
                again.run(());
            }
            beat
        });
    }

    /// Whether the Worker reads, plans or writes right now.
    pub(crate) fn is_working(self) -> bool {
        self.overview.value.with(|overview| overview.as_ref().is_some_and(works))
    }

    fn tick(self) {
        let here = clock::now();
        let now = here + self.ahead.get_value();
        if now - self.now.get_untracked() >= TimeDelta::seconds(10) {
            self.now.set(now);
        }
        let working = self.overview.value.with_untracked(|overview| overview.as_ref().is_some_and(works));
        if is_due(here, self.asked.get_value(), working, !document().hidden()) && !self.overview.busy.get_untracked() {
            self.read_now();
        }
    }
}

fn works(overview: &Overview) -> bool {
    !overview.running.is_empty() || overview.month.committing > 0 || overview.vendors.iter().any(|vendor| vendor.freshness.reading)
}
