//! Products: what each ESET product is called in ConnectWise's catalog.

mod picker;
mod row;
mod rule;
mod state;

use domain::access::Action;
use leptos::prelude::*;

use self::picker::CatalogPicker;
use self::row::product_row;
use self::rule::RuleDialog;
use self::state::ProductsState;
use crate::components::button::WriteButton;
use crate::components::filter::Filter;
use crate::components::keyboard::listen;
use crate::components::list::{Empty, each_row, empty_view, list_states};
use crate::components::page_head::PageHead;
use crate::components::query::{from_query, refine};
use crate::components::reason::ReasonDialog;
use crate::components::segments::{MappingSegments, mapping_state};
use crate::model::address::Address;
use crate::words::count;

const LEAD: &str = "Each ESET product is billed as one catalog product; several may share one.";

/// ESET products on the left, what they are billed as on the right.
#[component]
pub(crate) fn ProductsPage() -> impl IntoView {
    let asked = from_query("state");
    let shown = Memo::new(move |_| asked.with(|name| mapping_state(name)));
    let text = from_query("q");
    let state = ProductsState::follow(shown, text);
    listen(move |command| state.obey(command));

    let refine = refine();
    let apply = Callback::new(move |text: String| {
        refine.run(Address::of("/products").with("state", shown.get_untracked()).with("q", &text));
    });
    let subject = Signal::derive(move || state.excluding.with(|product| product.as_ref().map(|product| product.name.clone())));
    let sure = move || state.sure().len() as u64;
    view! {
        <PageHead title="Products" does=Action::ManageMappings lead=LEAD>
            {move || (sure() > 1).then(|| view! {
                <WriteButton does=Action::ManageMappings busy=state.deciding on_press=move |()| state.take_sure()>
                    {move || format!("Accept {}", count(sure(), "sure suggestion", "sure suggestions"))}
                </WriteButton>
            })}
        </PageHead>
        <div class="toolbar">
            <MappingSegments page="/products" shown=shown text=text count=Callback::new(move |name| state.count(name))/>
            <Filter label="Filter by name, code or catalog id" text=text on_apply=apply/>
        </div>
        {list_states(state.list, nothing_known, move || rows(state, shown, text))}
        <CatalogPicker state=state/>
        <RuleDialog state=state/>
        <ReasonDialog does=Action::ManageMappings
            subject=subject
            meaning="Its seats are not billed, on any agreement, and it is not counted as unmapped any more."
            on_close=move |()| state.excluding.set(None)
            on_reason=move |reason| state.exclude(reason)
        />
    }
    .into_any()
}

fn rows(state: ProductsState, shown: Memo<&'static str>, text: Memo<String>) -> AnyView {
    let visible = Memo::new(move |_| state.visible().into_iter().map(|row| row.key).collect::<Vec<String>>());
    let none = move || visible.with(Vec::is_empty).then(|| empty_view(empty(shown.get(), &text.get())));
    view! {
        <div class="pairs-head" aria-hidden="true"><span>"ESET"</span><span>"ConnectWise catalog"</span></div>
        <ul class="pairs" aria-label="Products">
            {each_row(move || visible.get(), move |key| state.list.row(&key).map_or_else(|| ().into_any(), |product| product_row(state, key, product)))}
        </ul>
        {none}
    }
    .into_any()
}

fn nothing_known() -> Empty {
    Empty::because("No product is known yet.", "Products come from ESET with the first sync.")
        .next("/settings/connections", "Open connections")
}

fn empty(state: &str, text: &str) -> Empty {
    match state {
        _ if !text.is_empty() => Empty::because(format!("No product here holds “{text}”."), "Look in All, or clear the filter.")
            .next("/products?state=all", "Show all products"),
        "unmapped" => Empty::because("Every product in use has its place.", "New ones show up here after the daily sync.")
            .next("/month", "Open the month"),
        "mapped" => {
            Empty::because("No product is mapped yet.", "Begin with the unmapped ones.").next("/products", "Show unmapped products")
        }
        _ => Empty::because("No product is excluded.", "Exclude products you give away or bill elsewhere."),
    }
}
