use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::components::icon::icon;

/// The pages, in the month's order of work.
const PAGES: [(&str, &str, &str); 6] = [
    ("/", "overview", "Overview"),
    ("/companies", "companies", "Companies"),
    ("/products", "products", "Products"),
    ("/month", "month", "Month"),
    ("/history", "history", "History"),
    ("/settings/connections", "settings", "Settings"),
];

/// Links to the pages: a rail on a desk, a bar at the bottom of a phone.
#[component]
pub(super) fn Rail() -> impl IntoView {
    let path = use_location().pathname;
    let links = PAGES
        .into_iter()
        .map(|(address, symbol, words)| {
            let is_here = move || path.with(|path| path.split('/').nth(1) == address.split('/').nth(1));
            view! {
                <li><a href=address aria-current=move || is_here().then_some("page")>{icon(symbol)} <span>{words}</span></a></li>
            }
        })
        .collect_view();
    view! {
        <nav class="rail" aria-label="Pages">
            <a class="brand" href="/" aria-label="Seatbridge, overview">
                <img src="/icons/logo.svg" alt="" width="24" height="24"/>
                <span>"Seatbridge"</span>
            </a>
            <ul>{links}</ul>
        </nav>
    }
    .into_any()
}
