//! The step-up dialog: a passkey, or a new sign-in at the identity provider in a window of its own.

use contract::Problem;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

use crate::api::STEP_UP_WANTED;
use crate::components::dialog::Dialog;
use crate::components::problem::problem_card;
use crate::state::signed::{AGAIN, PROVEN, SignInState};
use crate::state::step_up::Proven;

/// Asks again to show who is there, when that was wanted and not done: by the passkey, or by the identity provider in a window of its own,
/// so that what was under way stays as it is.
#[component]
pub(super) fn StepUpDialog() -> impl IntoView {
    let step_up = expect_context::<SignInState>().step_up;
    let open = Signal::derive(move || step_up.why.with(Option::is_some));
    let blocked = RwSignal::new(false);
    hear(move || step_up.answer(Some(Proven::Already)));
    // What was refused needs no card: the words above it say the same.
    let card = move || step_up.why.get().filter(|why| why.code != STEP_UP_WANTED).map(|why| problem_card(&why, None));
    let no_window = move || blocked.get().then(|| problem_card(&window_blocked(), None));
    view! {
        <Dialog open=open title="Show that it is you" on_close=move |()| step_up.answer(None)>
            <p>"What you are about to do could do harm in the wrong hands, and you have not shown in the last ten minutes that it is you."</p>
            {card}
            {no_window}
            <div class="actions">
                <button type="button" class="button" on:click=move |_| step_up.answer(None)>"Leave it"</button>
                {step_up.provider().map(|name| view! {
                    <button type="button" class="button" class:primary=!step_up.has_passkey() on:click=move |_| blocked.set(!sign_in_window())>
                        "Sign in with " {name} " again"
                    </button>
                })}
                <button type="button" class="button" class:primary=step_up.has_passkey() on:click=move |_| step_up.answer(Some(Proven::ByPasskey))>
                    "Show passkey"
                </button>
            </div>
        </Dialog>
    }
    .into_any()
}

/// Opens the window in which somebody signs in again. False when the browser does not.
fn sign_in_window() -> bool {
    let features = "popup,width=520,height=720";
    window().open_with_url_and_target_and_features(AGAIN, "seatbridge-again", features).is_ok_and(|opened| opened.is_some())
}

/// Does `then` when another window of this browser says that somebody has signed in again.
fn hear(then: impl Fn() + 'static) {
    let Ok(channel) = BroadcastChannel::new(PROVEN) else { return };
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |_| then());
    channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    let kept = StoredValue::new_local((channel, heard));
    on_cleanup(move || {
        kept.try_with_value(|(channel, _)| channel.close());
    });
}

fn window_blocked() -> Problem {
    let remedy = "Allow this site to open windows, then try again.";
    Problem::new(0, "window_blocked", "Your browser did not open the window.", "You sign in again there, and go on here.", remedy)
}
