//! Links to the pages: a rail on a desktop, a bar at the bottom of a phone.

use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::person::put_away;
use crate::components::icon::icon;
use crate::state::live::Live;
use crate::words::grouped;

/// The pages, in the month's order of work.
const PAGES: [(&str, &str, &str); 9] = [
    ("/", "overview", "Overview"),
    ("/companies", "companies", "Companies"),
    ("/products", "products", "Products"),
    ("/month", "month", "Month"),
    ("/tickets", "tickets", "Tickets"),
    ("/drift", "drift", "Drift"),
    ("/books", "books", "Months"),
    ("/history", "history", "History"),
    ("/settings/connections", "settings", "Settings"),
];

/// The part of the app a path is in. Device groups are shown with the tickets they lead to.
fn section(path: &str) -> Option<&str> {
    path.split('/').nth(1).map(|first| if first == "groups" { "tickets" } else { first })
}

/// Pages a phone's bar has no room for: they are behind "More" there.
const LATER: [&str; 4] = ["drift", "books", "history", "settings"];

/// Links to the pages: a rail on a desk, a bar at the bottom of a phone.
#[component]
pub(super) fn Rail() -> impl IntoView {
    let path = use_location().pathname;
    let more: NodeRef<html::Div> = NodeRef::new();
    let links = |later_only: bool| {
        PAGES
            .into_iter()
            .filter(move |(_, symbol, _)| !later_only || LATER.contains(symbol))
            .map(move |(address, symbol, words)| {
                let is_here = move || path.with(|path| section(path) == section(address));
                view! {
                    <li class:later=!later_only && LATER.contains(&symbol)>
                        <a href=address aria-current=move || is_here().then_some("page") on:click=move |_| put_away(more)>
                            {icon(symbol)} <span>{words}</span> {(symbol == "drift").then(open_drift)}
                        </a>
                    </li>
                }
            })
            .collect_view()
    };
    let is_later = move || path.with(|path| section(path).is_some_and(|section| LATER.contains(&section)));
    view! {
        <nav class="rail" aria-label="Pages">
            <a class="brand" href="/" aria-label="Seatbridge, overview">
                <img src="/icons/logo.svg" alt="" width="24" height="24"/>
                <span>"Seatbridge"</span>
            </a>
            <ul>
                {links(false)}
                <li class="more">
                    <button type="button" popovertarget="more-pages" aria-current=move || is_later().then_some("true")>
                        {icon("more")} <span>"More"</span> {open_drift()}
                    </button>
                </li>
            </ul>
            <div id="more-pages" class="popover" popover="auto" node_ref=more><ul aria-label="More pages">{links(true)}</ul></div>
        </nav>
    }
    .into_any()
}

/// How many events of the drift centre are open, when any are.
fn open_drift() -> AnyView {
    let live = expect_context::<Live>();
    let drift = Memo::new(move |_| live.overview.value.with(|overview| overview.as_ref().map_or(0, |overview| overview.drift)));
    let number = move || {
        let number = drift.get();
        (number > 0).then(|| view! { <span class="rail-count">{grouped(number.into())} <span class="hidden">" open"</span></span> })
    };
    view! { {number} }.into_any()
}
