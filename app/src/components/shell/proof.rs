use leptos::prelude::*;

use crate::components::dialog::Dialog;
use crate::components::problem::problem_card;
use crate::state::signed::Door;

/// Asks for the passkey again, when it was wanted and not shown.
#[component]
pub(super) fn ProofDialog() -> impl IntoView {
    let proof = expect_context::<Door>().proof;
    let open = Signal::derive(move || proof.why.with(Option::is_some));
    view! {
        <Dialog open=open title="Show your passkey" on_close=move |()| proof.answer(false)>
            <p>"What you are about to do could do harm in the wrong hands, and your passkey was not shown in the last ten minutes."</p>
            {move || proof.why.get().map(|why| problem_card(&why, None))}
            <div class="actions">
                <button type="button" class="button" on:click=move |_| proof.answer(false)>"Leave it"</button>
                <button type="button" class="button primary" on:click=move |_| proof.answer(true)>"Show passkey"</button>
            </div>
        </Dialog>
    }
    .into_any()
}
