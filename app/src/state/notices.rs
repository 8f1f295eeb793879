//! Short messages about what was just done, with a way back where there is one.

use contract::Problem;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::model::billing::lines::Tone;

/// How long a message stays, in milliseconds. Troubles stay until they are put away.
const STAYS_MS: u32 = 9_000;

/// A message.
#[derive(Clone)]
pub(crate) struct Notice {
    /// Rises with every message.
    pub(crate) number: u32,
    /// Its tone.
    pub(crate) tone: Tone,
    /// What happened.
    pub(crate) words: String,
    /// What takes it back.
    pub(crate) undo: Option<Callback<()>>,
}

/// The messages shown now.
#[derive(Clone, Copy)]
pub(crate) struct Notices {
    shown: RwSignal<Vec<Notice>>,
    count: StoredValue<u32>,
}

impl Notices {
    /// None yet.
    pub(crate) fn none() -> Self {
        Self { shown: RwSignal::new(Vec::new()), count: StoredValue::new(0) }
    }

    /// The messages, oldest first.
    pub(crate) fn shown(self) -> Vec<Notice> {
        self.shown.get()
    }

    /// The message of a number, while it is shown.
    pub(crate) fn find(self, number: &str) -> Option<Notice> {
        self.shown.with_untracked(|shown| shown.iter().find(|notice| notice.number.to_string() == number).cloned())
    }

    /// Says that something is done.
    pub(crate) fn say(self, words: impl Into<String>) {
        self.add(Tone::Good, words.into(), None);
    }

    /// Says that something is done, with a way back.
    pub(crate) fn say_with_undo(self, words: impl Into<String>, undo: Callback<()>) {
        self.add(Tone::Good, words.into(), Some(undo));
    }

    /// Says that something deserves a look.
    pub(crate) fn warn(self, words: impl Into<String>) {
        self.add(Tone::Attention, words.into(), None);
    }

    /// Says what went wrong, what it means and what to do.
    pub(crate) fn trouble(self, problem: &Problem) {
        let vendor = problem.vendor.as_ref().map(|vendor| format!(" “{}”", vendor.message)).unwrap_or_default();
        let reference = problem.reference.as_ref().map(|reference| format!(" Reference {reference}.")).unwrap_or_default();
        let words = format!("{} {}{vendor} {}{reference}", problem.title, problem.detail, problem.remedy);
        self.add(Tone::Bad, words, None);
    }

    /// Tells a refusal as a message, where there is no form to tell it in.
    pub(crate) fn telling(self) -> impl FnOnce(Problem) -> Option<Problem> + 'static {
        move |problem| {
            self.trouble(&problem);
            None
        }
    }

    /// Puts a message away.
    pub(crate) fn put_away(self, number: u32) {
        self.shown.try_update(|shown| shown.retain(|notice| notice.number != number));
    }

    fn add(self, tone: Tone, words: String, undo: Option<Callback<()>>) {
        let Some(number) = self.count.try_update_value(|count| {
            *count += 1;
            *count
        }) else {
            return;
        };
        self.shown.try_update(|shown| {
            // The same trouble twice is one trouble.
            shown.retain(|notice| notice.words != words);
            shown.push(Notice { number, tone, words, undo });
            let surplus = shown.len().saturating_sub(3);
            shown.drain(..surplus);
        });
        if tone != Tone::Bad {
            spawn_local(async move {
                TimeoutFuture::new(STAYS_MS).await;
                self.put_away(number);
            });
        }
    }
}
