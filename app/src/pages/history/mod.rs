//! History: who approved what and what came of it, every pass, and everything anyone did.

mod changes;
mod events;
mod passes;

use leptos::prelude::*;

use self::changes::Changes;
use self::events::Events;
use self::passes::Passes;
use crate::components::filter::Filter;
use crate::components::page_head::PageHead;
use crate::components::query::{from_query, refine};
use crate::model::address::Address;

const PARTS: [(&str, &str); 3] = [("changes", "Approved changes"), ("passes", "Passes"), ("events", "Everything")];

/// The history, part by part.
#[component]
pub(crate) fn HistoryPage() -> impl IntoView {
    let asked = from_query("show");
    let shown = Memo::new(move |_| asked.with(|asked| PARTS.iter().find(|(name, _)| name == asked).map_or("changes", |(name, _)| *name)));
    let text = from_query("q");
    let refine = refine();
    let apply = Callback::new(move |text: String| {
        refine.run(Address::of("/history").with("show", shown.get_untracked()).with("q", &text));
    });
    let links = PARTS
        .into_iter()
        .map(|(name, words)| {
            let address = move || String::from(Address::of("/history").with("show", name).with("q", &text.get()));
            view! { <a class="segment" href=address aria-current=move || (shown.get() == name).then_some("true")>{words}</a> }
        })
        .collect_view();
    let part = move || match shown.get() {
        "passes" => view! { <Passes text=text/> }.into_any(),
        "events" => view! { <Events text=text/> }.into_any(),
        _ => view! { <Changes text=text/> }.into_any(),
    };
    view! {
        <PageHead title="History" lead="Kept for good, also when a connection is deleted."/>
        <div class="toolbar">
            <nav class="segments" aria-label="Parts of the history">{links}</nav>
            <Filter label="Filter the history" text=text on_apply=apply/>
        </div>
        {part}
    }
    .into_any()
}
