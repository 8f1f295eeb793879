//! The states of a mapping page (unmapped, mapped and so on) as links with counts.

use leptos::prelude::*;

use crate::model::address::Address;
use crate::model::mapping::decisions::STATES;
use crate::words::grouped;

/// The state a mapping page shows, from its address; unmapped first.
pub(crate) fn mapping_state(asked: &str) -> &'static str {
    STATES.iter().find(|(name, _)| *name == asked).map_or("unmapped", |(name, _)| *name)
}

/// Links to the states of a mapping page, with counts where they are known.
#[component]
pub(crate) fn MappingSegments(
    /// The page's address.
    page: &'static str,
    /// The state shown.
    #[prop(into)]
    shown: Signal<&'static str>,
    /// The filter, which goes along.
    #[prop(into)]
    text: Signal<String>,
    /// How many there are in a state.
    count: Callback<&'static str, Option<u32>>,
) -> impl IntoView {
    let links = STATES
        .into_iter()
        .map(|(name, words)| {
            let address = move || String::from(Address::of(page).with("state", name).with("q", &text.get()));
            let number = move || count.run(name).map(|number| view! { <span class="segment-count">{grouped(number.into())}</span> });
            view! {
                <a class="segment" href=address aria-current=move || (shown.get() == name).then_some("true")>{words} " " {number}</a>
            }
        })
        .collect_view();
    view! { <nav class="segments" aria-label="By state">{links}</nav> }.into_any()
}
