//! The line above every page: freshness, what is not mapped, who is signed in.

use contract::overview::Unmapped;
use leptos::prelude::*;

use super::freshness::FreshnessChip;
use super::person::PersonMenu;
use crate::components::icon::icon;
use crate::state::live::Live;
use crate::words::count;

/// What is always in sight: how fresh everything is, what is not mapped, who is signed in.
#[component]
pub(super) fn Topline() -> impl IntoView {
    view! {
        <header class="topline">
            <FreshnessChip/>
            <UnmappedCount/>
            <PersonMenu/>
        </header>
    }
    .into_any()
}

#[component]
fn UnmappedCount() -> impl IntoView {
    let live = expect_context::<Live>();
    let unmapped = Memo::new(move |_| live.overview.value.with(|overview| overview.as_ref().map(|overview| overview.unmapped)));
    let chip = move || {
        let Unmapped { companies, products } = unmapped.get()?;
        let (address, words) = match (companies, products) {
            (0, 0) => return None,
            (0, products) => ("/products", count(products, "product unmapped", "products unmapped")),
            (companies, 0) => ("/companies", count(companies, "company unmapped", "companies unmapped")),
            (companies, products) => ("/companies", format!("{companies} companies, {} unmapped", count(products, "product", "products"))),
        };
        Some(
            view! { <a class="chip attention" href=address>{icon("unmapped")} <span class="long">{words}</span> <span class="short" aria-hidden="true">{companies + products}</span></a> },
        )
    };
    view! { <span class="topline-middle">{chip}</span> }.into_any()
}
