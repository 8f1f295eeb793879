//! A secret that is shown once, to be copied.

use leptos::prelude::*;

use crate::state::notices::Notices;

/// A secret that is shown once, with a button that copies it.
pub(crate) fn secret(text: &str, words: &'static str) -> AnyView {
    let notices = expect_context::<Notices>();
    let to_copy = text.to_owned();
    let copy = move |_| {
        // Whether the browser lets it is seen at once by pasting.
        let _ = window().navigator().clipboard().write_text(&to_copy);
        notices.say("Copied.");
    };
    view! {
        <p class="secret"><code>{text.to_owned()}</code></p>
        <div class="actions"><button type="button" class="button primary" on:click=copy>{words}</button></div>
    }
    .into_any()
}
