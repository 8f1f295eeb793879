//! The search field of a list; it applies what was typed after a short pause.

use std::time::Duration;

use leptos::prelude::*;

use super::icon::icon;

/// How long after the last letter a filter is applied.
const PAUSE: Duration = Duration::from_millis(220);

/// The id of the one filter a page has; `/` goes there.
pub(crate) const FILTER_ID: &str = "filter";

/// A search field that applies what was typed after a pause.
#[component]
pub(crate) fn Filter(
    /// Its id: [`FILTER_ID`] for the page's own.
    #[prop(default = FILTER_ID)]
    id: &'static str,
    /// What it finds.
    #[prop(into)]
    label: &'static str,
    /// What is applied.
    #[prop(into)]
    text: Signal<String>,
    /// What applies it.
    #[prop(into)]
    on_apply: Callback<String>,
) -> impl IntoView {
    let waiting: StoredValue<Option<TimeoutHandle>> = StoredValue::new(None);
    let type_in = move |typed: String| {
        if let Some(earlier) = waiting.try_update_value(Option::take).flatten() {
            earlier.clear();
        }
        let later = set_timeout_with_handle(move || on_apply.run(typed.clone()), PAUSE);
        waiting.try_set_value(later.ok());
    };
    // What was typed last is nobody's once the filter is gone, as when a dialog closes.
    on_cleanup(move || {
        if let Some(left) = waiting.try_update_value(Option::take).flatten() {
            left.clear();
        }
    });
    view! {
        // One landmark of a page is its search; a filter inside a form is a field of it.
        <div class="filter" role=(id == FILTER_ID).then_some("search")>
            {icon("search")}
            <input
                id=id
                type="search"
                aria-label=label
                placeholder=label
                autocomplete="off"
                spellcheck="false"
                prop:value=text
                on:input=move |event| type_in(event_target_value(&event))
            />
            {(id == FILTER_ID).then(|| view! { <kbd aria-hidden="true">"/"</kbd> })}
        </div>
    }
    .into_any()
}
