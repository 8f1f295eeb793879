use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::components::icon::icon;
use crate::state::live::Live;
use crate::words::grouped;

/// The pages, in the month's order of work.
const PAGES: [(&str, &str, &str); 8] = [
    ("/", "overview", "Overview"),
    ("/companies", "companies", "Companies"),
    ("/products", "products", "Products"),
    ("/month", "month", "Month"),
    ("/drift", "drift", "Drift"),
    ("/books", "books", "Books"),
    ("/history", "history", "History"),
    ("/settings/connections", "settings", "Settings"),
];

/// Links to the pages: a rail on a desk, a bar at the bottom of a phone.
#[component]
pub(super) fn Rail() -> impl IntoView {
    let path = use_location().pathname;
    let live = expect_context::<Live>();
    let drift = Memo::new(move |_| live.overview.value.with(|overview| overview.as_ref().map_or(0, |overview| overview.drift)));
    let links = PAGES
        .into_iter()
        .map(|(address, symbol, words)| {
            let is_here = move || path.with(|path| path.split('/').nth(1) == address.split('/').nth(1));
            let open = move || {
                let number = drift.get();
                (symbol == "drift" && number > 0)
                    .then(|| view! { <span class="rail-count">{grouped(number.into())} <span class="hidden">" open"</span></span> })
            };
            view! {
                <li><a href=address aria-current=move || is_here().then_some("page")>{icon(symbol)} <span>{words}</span> {open}</a></li>
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
