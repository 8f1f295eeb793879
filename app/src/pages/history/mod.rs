//! History: who approved what and what came of it, every pass, and everything anyone did.

mod changes;
mod events;
mod filters;
mod passes;

use contract::history::{ExportHistory, ListHistory};
use contract::{Endpoint, RouteScope};
use leptos::prelude::*;

use self::changes::Changes;
use self::events::Events;
use self::filters::{EventFilter, EventFilters};
use self::passes::Passes;
use crate::api::Link;
use crate::components::filter::Filter;
use crate::components::page_head::PageHead;
use crate::components::query::{from_query, refine};
use crate::components::table_link::table_link;
use crate::model::address::Address;
use crate::state::signed::reaches;

const PARTS: [(&str, &str); 3] = [("changes", "Approved changes"), ("passes", "Passes"), ("events", "Everything")];

/// Who may read all that was done and read, by what they see; the others see the changes of their own companies.
const EVERYTHING: RouteScope = ListHistory::ROUTE.reach;

/// The history, part by part.
#[component]
pub(crate) fn HistoryPage() -> impl IntoView {
    let asked = from_query("show");
    let all = reaches(EVERYTHING);
    let known = move |name: &str| all || name == "changes";
    let shown = Memo::new(move |_| {
        asked.with(|asked| PARTS.iter().find(|(name, _)| name == asked && known(name)).map_or("changes", |(name, _)| *name))
    });
    let text = from_query("q");
    let filter = EventFilter::of_query();
    let refine = refine();
    let apply = Callback::new(move |text: String| {
        refine.run(untrack(|| filter.onto(Address::of("/history").with("show", shown.get()).with("q", &text))));
    });
    let narrow = Callback::new(move |address: Address| refine.run(address));
    let links = PARTS
        .into_iter()
        .filter(|(name, _)| known(name))
        .map(|(name, words)| {
            let address = move || String::from(filter.onto(Address::of("/history").with("show", name).with("q", &text.get())));
            view! { <a class="segment" href=address aria-current=move || (shown.get() == name).then_some("true")>{words}</a> }
        })
        .collect_view();
    let part = move || match shown.get() {
        "passes" => view! { <Passes text=text/> }.into_any(),
        "events" => view! { <EventFilters filter=filter text=text on_change=narrow/> <Events text=text filter=filter/> }.into_any(),
        _ => view! { <Changes text=text/> }.into_any(),
    };
    view! {
        <PageHead title="History" lead="Kept for good, also when a connection is deleted.">
            {all.then(|| table_link(move || Link::<ExportHistory>::of(&filter.query(text))))}
        </PageHead>
        <div class="toolbar">
            <nav class="segments" aria-label="Parts of the history">{links}</nav>
            <Filter label="Filter the history" text=text on_apply=apply/>
        </div>
        {part}
    }
    .into_any()
}
