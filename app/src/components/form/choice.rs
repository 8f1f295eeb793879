//! A few choices of which one holds.

use leptos::prelude::*;

/// A few exclusive choices in a row, as radio buttons.
pub(crate) fn choice<T: Copy + PartialEq + Send + Sync + 'static>(
    name: &'static str,
    legend: &'static str,
    options: &'static [(T, &'static str)],
    chosen: RwSignal<T>,
) -> AnyView {
    let options = options.iter().map(|(value, words)| option(name, words, *value, chosen)).collect_view();
    view! {
        <fieldset class="choice">
            <legend>{legend}</legend>
            <div class="choice-options">{options}</div>
        </fieldset>
    }
    .into_any()
}

fn option<T: Copy + PartialEq + Send + Sync + 'static>(
    name: &'static str,
    words: &'static str,
    value: T,
    chosen: RwSignal<T>,
) -> impl IntoView {
    view! {
        <label class="choice-option">
            <input type="radio" name=name prop:checked=move || chosen.get() == value on:change=move |_| chosen.set(value)/>
            <span>{words}</span>
        </label>
    }
}
