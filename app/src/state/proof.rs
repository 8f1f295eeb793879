//! Showing one's passkey again, for what could do harm in the wrong hands.

use js_sys::{Function, Promise};
use leptos::prelude::*;
use shared::api::Problem;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// What is asked of the person when their passkey was wanted and not shown: whether to try again.
#[derive(Clone, Copy)]
pub(crate) struct Proof {
    /// Why it was not shown; the question stands while there is a reason.
    pub(crate) why: RwSignal<Option<Problem>>,
    settle: StoredValue<Option<Function>, LocalStorage>,
}

impl Proof {
    /// Nothing is asked.
    pub(crate) fn unasked() -> Self {
        Self { why: RwSignal::new(None), settle: StoredValue::new_local(None) }
    }

    /// Asks whether to try again after `why`. An error is a no.
    pub(crate) async fn again(self, why: Problem) -> Result<(), ()> {
        // Whose session is over cannot show it, and who is asked already is not asked twice.
        if why.code == "not_signed_in" || self.why.with_untracked(Option::is_some) {
            return Err(());
        }
        let answered = Promise::new(&mut |settle, _| self.settle.set_value(Some(settle)));
        self.why.set(Some(why));
        match JsFuture::from(answered).await {
            Ok(again) if again.is_truthy() => Ok(()),
            _ => Err(()),
        }
    }

    /// The person's answer.
    pub(crate) fn answer(self, again: bool) {
        self.why.set(None);
        if let Some(settle) = self.settle.try_update_value(Option::take).flatten() {
            // A promise's own function does not fail.
            let _ = settle.call1(&JsValue::UNDEFINED, &JsValue::from_bool(again));
        }
    }
}
