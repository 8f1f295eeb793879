//! The history's filter: kind of event, person and days.

use crate::api::asked;
use crate::components::query::from_query;
use crate::model::address::Address;
use contract::history::HistoryQuery;
use domain::history::EventGroup;
use leptos::prelude::*;

/// What of the history is shown, from the page's address.
#[derive(Clone, Copy)]
pub(super) struct EventFilter {
    event: Memo<String>,
    by: Memo<String>,
    from: Memo<String>,
    to: Memo<String>,
}

impl EventFilter {
    /// The filter the page's address holds.
    pub(super) fn of_query() -> Self {
        Self { event: from_query("event"), by: from_query("by"), from: from_query("from"), to: from_query("to") }
    }

    /// The same address with the filter.
    pub(super) fn onto(self, address: Address) -> Address {
        self.parts().into_iter().fold(address, |address, (name, value)| address.with(name, &value.get()))
    }

    /// The same filter for the Worker, with the text that is looked for.
    pub(super) fn query(self, text: Memo<String>) -> HistoryQuery {
        HistoryQuery {
            q: asked(&text.get()),
            event: asked(&self.event.get()),
            by: asked(&self.by.get()),
            from: asked(&self.from.get()),
            to: asked(&self.to.get()),
            ..HistoryQuery::default()
        }
    }

    /// Whether it filters nothing.
    pub(super) fn is_empty(self) -> bool {
        self.parts().into_iter().all(|(_, value)| value.with(String::is_empty))
    }

    fn parts(self) -> [(&'static str, Memo<String>); 4] {
        [("event", self.event), ("by", self.by), ("from", self.from), ("to", self.to)]
    }

    /// The page's address with one part changed.
    fn changed(self, text: Memo<String>, name: &str, value: &str) -> Address {
        let address = Address::of("/history").with("show", "events").with("q", &text.get());
        self.parts().into_iter().fold(
            address,
            |address, (known, kept)| {
                if known == name { address.with(known, value) } else { address.with(known, &kept.get()) }
            },
        )
    }
}

/// Fields for what is shown: the kind of thing, who, and from which day to which.
#[component]
pub(super) fn EventFilters(
    /// The filter.
    filter: EventFilter,
    /// The text filter, which goes along.
    text: Memo<String>,
    /// Takes the new address.
    #[prop(into)]
    on_change: Callback<Address>,
) -> impl IntoView {
    let change = move |name: &'static str, value: String| on_change.run(untrack(|| filter.changed(text, name, &value)));
    let groups = EventGroup::ALL.iter().map(|group| {
        let options = group.events().iter().map(|event| {
            let name = event.name();
            view! { <option value=name prop:selected=move || filter.event.with(|event| event == name)>{event.label()}</option> }
        });
        view! { <optgroup label=group.title()>{options.collect_view()}</optgroup> }
    });
    let groups = groups.collect_view();
    let input = move |name: &'static str, label: &'static str, kind: &'static str, value: Memo<String>| {
        let id = format!("history-{name}");
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input id=id type=kind prop:value=value on:change=move |event| change(name, event_target_value(&event))/>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="filters" role="group" aria-label="Filter what was done">
            <div class="field">
                <label for="history-event">"What"</label>
                <select id="history-event" on:change=move |event| change("event", event_target_value(&event))>
                    <option value="">"Anything"</option>
                    {groups}
                </select>
            </div>
            {input("by", "Who", "text", filter.by)}
            {input("from", "From (UTC)", "date", filter.from)}
            {input("to", "To (UTC)", "date", filter.to)}
        </div>
    }
    .into_any()
}
