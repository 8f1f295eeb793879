//! Where the identity provider sends people back to, and where they leave from to sign in again.

use contract::Problem;
use contract::session::{BeginOpenId, CompleteOpenId, StartOpenId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::BroadcastChannel;

use crate::api::Answer;
use crate::components::problem::problem_card;
use crate::model::settings::sign_in::Abroad;
use crate::state::signed::{AGAIN, PROVEN, SignInState};

/// Goes to the provider, or takes somebody back from there; says what is the matter when that does not work.
pub(crate) fn signed_in_page(abroad: Abroad) -> AnyView {
    document().set_title("Sign in · Seatbridge");
    let sign_in = expect_context::<SignInState>();
    let (problem, done) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let again = matches!(abroad, Abroad::Leaving) || is_own_window();
    spawn_local(async move {
        match go_on(sign_in, abroad).await {
            Ok(said) => {
                done.try_set(said);
            }
            Err(refused) => {
                problem.try_set(Some(refused));
            }
        }
    });
    let (address, words) = if again { (AGAIN, "Sign in again") } else { ("/sign-in", "Go to sign-in") };
    view! {
        <img src="/icons/logo.svg" alt="" width="40" height="40"/>
        <h1>"Sign in to Seatbridge"</h1>
        {move || match (problem.get(), done.get()) {
            (Some(problem), _) => view! {
                {problem_card(&problem, None)}
                <div class="actions"><a class="button primary" href=address rel="external" on:click=move |_| reload_soon()>{words}</a></div>
            }
            .into_any(),
            (None, true) => view! { <p role="status">"You have signed in again. Go on in the other window; this one can be closed."</p> }.into_any(),
            (None, false) => view! { <p role="status">"One moment: you are being signed in."</p> }.into_any(),
        }}
    }
    .into_any()
}

/// The next step. Answers whether somebody has shown in this window, for another one, that it is them.
async fn go_on(sign_in: SignInState, abroad: Abroad) -> Answer<bool> {
    let returned = match abroad {
        Abroad::Leaving => {
            let begun = sign_in.visitor.call(StartOpenId, &BeginOpenId { again: true }).await?;
            // Only fails for what is no address.
            let _ = window().location().replace(&begun.url);
            return Ok(false);
        }
        Abroad::Back(returned) => returned,
    };
    let finished = sign_in.visitor.call(CompleteOpenId, &returned).await?;
    if !finished.again {
        sign_in.let_in(finished.session).await;
        return Ok(false);
    }
    if let Ok(channel) = BroadcastChannel::new(PROVEN) {
        // Without it the other window asks once more, and finds that it was done.
        let _ = channel.post_message(&JsValue::TRUE);
    }
    // Browsers that take it for a window of their own leave it open; the words say so.
    let _ = window().close();
    Ok(true)
}

/// Whether this is the window that was opened to sign in again.
fn is_own_window() -> bool {
    window().name().is_ok_and(|name| name == "seatbridge-again")
}

/// An address that differs behind `#` alone loads nothing by itself.
fn reload_soon() {
    gloo_timers::callback::Timeout::new(0, || {
        let _ = window().location().reload();
    })
    .forget();
}
