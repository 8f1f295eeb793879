use leptos::prelude::*;
use shared::api::Page;
use shared::api::products::ProductView;
use shared::api::psa::CatalogView;

use super::state::ProductsState;
use crate::api::Client;
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::filter::Filter;
use crate::components::list::{Empty, list_states};
use crate::model::address::Address;
use crate::state::paged::Paged;

/// Finds the catalog product an ESET product is billed as.
#[component]
pub(super) fn CatalogPicker(state: ProductsState) -> impl IntoView {
    let open = Signal::derive(move || state.choosing.with(Option::is_some));
    let title = Signal::derive(move || {
        let name = state.choosing.with(|product| product.as_ref().map(|product| product.name.clone())).unwrap_or_default();
        format!("What is {name} billed as?")
    });
    view! {
        <Dialog open=open title=title look="wide" on_close=move |()| state.choosing.set(None)>
            {move || state.choosing.get().map(|product| view! { <Search state=state product=product/> })}
        </Dialog>
    }
    .into_any()
}

#[component]
fn Search(state: ProductsState, product: ProductView) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let psa = product.psa.clone().map(|psa| psa.0).unwrap_or_default();
    let client = expect_context::<Client>();
    let found: Paged<Page<CatalogView>> =
        Paged::follow(client, move || Address::of("/api/psa/products").with("psa", &psa).with("q", &text.get()));
    let product = StoredValue::new(product);
    let rows = move || {
        view! {
            <ul class="picks" aria-label="Catalog products">
                {found.each(move |_, view| pick(state, product, view.get_untracked()))}
            </ul>
        }
        .into_any()
    };
    view! {
        <Filter id="picker-filter" label="Find a catalog product" text=text on_apply=move |typed| text.set(typed)/>
        <div class="scroll">
            {list_states(found, || Empty::because("No catalog product fits.", "Try fewer letters. Inactive products and bundles are left out: they cannot be additions."), rows)}
        </div>
    }
    .into_any()
}

fn pick(state: ProductsState, product: StoredValue<ProductView>, found: CatalogView) -> AnyView {
    let label = format!("Bill as this: {}", found.identifier);
    let (identifier, description) = (found.identifier.clone(), found.description.clone());
    let choose = move |()| {
        state.choosing.set(None);
        state.map(&product.get_value(), found.product, &found.identifier);
    };
    view! {
        <li class="offer">
            <div><p class="strong">{identifier}</p><p class="faint">{description}</p></div>
            <WriteButton look="small" label=label on_press=choose>"Bill as this"</WriteButton>
        </li>
    }
    .into_any()
}
