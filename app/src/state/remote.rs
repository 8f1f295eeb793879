//! One thing read from the Worker: what was read, whether it is being read, and what is the matter.

use std::pin::Pin;

use contract::Problem;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::Answer;

/// One thing read from the Worker. A newer reading always wins over an older one that arrives late.
pub(crate) struct Remote<T: Send + Sync + 'static> {
    /// What was read last.
    pub(crate) value: RwSignal<Option<T>>,
    /// What is the matter with the latest reading.
    pub(crate) problem: RwSignal<Option<Problem>>,
    /// Whether it is being read.
    pub(crate) busy: RwSignal<bool>,
    turn: StoredValue<u32>,
}

impl<T: Send + Sync + 'static> Clone for Remote<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Remote<T> {}

impl<T: Clone + Send + Sync + 'static> Remote<T> {
    /// Nothing read yet.
    pub(crate) fn nothing() -> Self {
        Self { value: RwSignal::new(None), problem: RwSignal::new(None), busy: RwSignal::new(false), turn: StoredValue::new(0) }
    }

    /// Reads it.
    pub(crate) fn read(self, answer: impl Future<Output = Answer<T>> + 'static) {
        let Some(turn) = self.turn.try_update_value(|turn| {
            *turn += 1;
            *turn
        }) else {
            return;
        };
        self.busy.set(true);
        let value = self.value;
        let reading = Box::pin(async move {
            let read = answer.await?;
            let keep: Keep = Box::new(move || {
                value.try_set(Some(read));
            });
            Ok(keep)
        });
        spawn_local(finish(reading, turn, self.turn, self.problem, self.busy));
    }
}

type Keep = Box<dyn FnOnce()>;

/// The part of a reading that is the same for everything that is read.
async fn finish(
    reading: Pin<Box<dyn Future<Output = Answer<Keep>>>>,
    turn: u32,
    latest: StoredValue<u32>,
    problem: RwSignal<Option<Problem>>,
    busy: RwSignal<bool>,
) {
    let answer = reading.await;
    if latest.try_get_value() != Some(turn) {
        return;
    }
    match answer {
        Ok(keep) => {
            keep();
            problem.try_set(None);
        }
        Err(trouble) => {
            problem.try_set(Some(trouble));
        }
    }
    busy.try_set(false);
}
