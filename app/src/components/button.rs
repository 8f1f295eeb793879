//! The button of every write: it knows who may press it and whether the Worker can be reached.

use domain::access::Action;
use leptos::prelude::*;

use crate::state::connectivity::{Connectivity, WRITING_IS_OFF};
use crate::state::signed::may;

/// A button that changes something. It is off, and says why, while the Worker cannot be reached; whose role may not do it does
/// not see it.
#[component]
pub(crate) fn WriteButton(
    /// What it does, as the table of roles knows it.
    does: Action,
    /// What happens when it is pressed.
    #[prop(into)]
    on_press: Callback<()>,
    /// Its look: `primary`, `danger`, `quiet`, `link`, or the plain one.
    #[prop(optional)]
    look: &'static str,
    /// Whether it is off for a reason of its own.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether what it does is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Its name, when its words alone do not say what it is about.
    #[prop(optional, into)]
    label: Option<String>,
    /// Its words.
    children: Children,
) -> impl IntoView {
    if !may(does) {
        return ().into_any();
    }
    let reach = expect_context::<Connectivity>();
    let is_off = move || disabled.get() || busy.get() || !reach.may_write();
    view! {
        <button
            type="button"
            class=format!("button {look}")
            class:busy=busy
            disabled=is_off
            aria-label=label
            title=move || (!reach.may_write()).then_some(WRITING_IS_OFF)
            on:click=move |event| {
                event.stop_propagation();
                on_press.run(());
            }
        >
            {children()}
        </button>
    }
    .into_any()
}

/// The button of a form that leads in: it says what is awaited while it is busy.
pub(crate) fn submit_button(busy: RwSignal<bool>, words: &'static str, waiting: &'static str) -> AnyView {
    view! {
        <button type="submit" class="button primary" class:busy=busy disabled=busy>
            {move || if busy.get() { waiting } else { words }}
        </button>
    }
    .into_any()
}
