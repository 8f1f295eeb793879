//! An icon from the sprite in `index.html`.

use leptos::prelude::*;

/// A symbol of the sprite in index.html. It says nothing a word beside it does not say.
pub(crate) fn icon(name: &str) -> AnyView {
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href=format!("#i-{name}")></use>
        </svg>
    }
    .into_any()
}
