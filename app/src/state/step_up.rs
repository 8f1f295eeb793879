//! Showing again that it is oneself, for what could do harm in the wrong hands.

use contract::Problem;
use contract::session::Session;
use js_sys::{Function, Promise};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// What the person has chosen who was asked to show that it is them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proven {
    /// They want to show their passkey.
    ByPasskey,
    /// They have just signed in with the identity provider again.
    Already,
}

/// What is asked of the person when proof was wanted and not given.
#[derive(Clone, Copy)]
pub(crate) struct StepUp {
    /// Why it was not given; the question stands while there is a reason.
    pub(crate) why: RwSignal<Option<Problem>>,
    settle: StoredValue<Option<Function>, LocalStorage>,
    ways: StoredValue<(bool, Option<String>)>,
}

impl StepUp {
    /// Nothing is asked.
    pub(crate) fn unasked() -> Self {
        Self { why: RwSignal::new(None), settle: StoredValue::new_local(None), ways: StoredValue::new((true, None)) }
    }

    /// From now on whose session this is is asked.
    pub(crate) fn asks(self, session: &Session) {
        self.ways.set_value((session.has_passkey, session.provider.clone()));
    }

    /// Whether they have a passkey to show. Who has made one since finds it by the button that asks for it.
    pub(crate) fn has_passkey(self) -> bool {
        self.ways.with_value(|(has_passkey, provider)| *has_passkey || provider.is_none())
    }

    /// The identity provider they can sign in with again.
    pub(crate) fn provider(self) -> Option<String> {
        self.ways.with_value(|(_, provider)| provider.clone())
    }

    /// Asks whether to try again after `why`. An error is a no.
    pub(crate) async fn again(self, why: Problem) -> Result<Proven, ()> {
        // Whose session is over cannot prove anything, and who is asked already is not asked twice.
        if why.code == "not_signed_in" || self.why.with_untracked(Option::is_some) {
            return Err(());
        }
        let answered = Promise::new(&mut |settle, _| self.settle.set_value(Some(settle)));
        self.why.set(Some(why));
        match JsFuture::from(answered).await.ok().and_then(|chosen| chosen.as_f64()) {
            Some(1.0) => Ok(Proven::ByPasskey),
            Some(2.0) => Ok(Proven::Already),
            _ => Err(()),
        }
    }

    /// The person's answer; none to leave it.
    pub(crate) fn answer(self, chosen: Option<Proven>) {
        self.why.set(None);
        if let Some(settle) = self.settle.try_update_value(Option::take).flatten() {
            let number = match chosen {
                None => 0,
                Some(Proven::ByPasskey) => 1,
                Some(Proven::Already) => 2,
            };
            // A promise's own function does not fail.
            let _ = settle.call1(&JsValue::UNDEFINED, &JsValue::from(number));
        }
    }
}
