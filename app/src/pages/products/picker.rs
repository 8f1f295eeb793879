//! The dialog that finds the catalog product an ESET product is billed as.

use contract::psa::CatalogView;
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::state::ProductsState;
use crate::components::dialog::Dialog;
use crate::components::form::catalog_search::catalog_search;
use crate::pages::{Loaded, opened};

/// Finds the catalog product an ESET product is billed as.
#[component]
pub(super) fn CatalogPicker(state: ProductsState) -> impl IntoView {
    let open = Signal::derive(move || state.choosing.with(Option::is_some));
    let title = Signal::derive(move || {
        let name = state.choosing.with(|product| product.as_ref().map(|product| product.name.clone())).unwrap_or_default();
        format!("What is {name} billed as?")
    });
    let pick = Callback::new(move |found: CatalogView| {
        if let Some(product) = state.choosing.get_untracked() {
            state.choosing.set(None);
            state.map(&product, found.product, &found.identifier);
        }
    });
    let psa = move || {
        state.choosing.with(|product| product.as_ref().and_then(|product| product.psa.clone()).map(|psa| psa.0)).unwrap_or_default()
    };
    view! {
        <Dialog open=open title=title look="wide" on_close=move |()| state.choosing.set(None)>
            {opened(search_part(untrack(psa), pick))}
        </Dialog>
    }
    .into_any()
}

#[wasm_split(opened_product, fallible)]
fn search_part(psa: String, pick: Callback<CatalogView>) -> Loaded {
    Ok(catalog_search(psa, pick))
}
