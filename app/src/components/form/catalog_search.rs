//! The search for a catalog product.

use contract::Page;
use contract::psa::{CatalogView, LookUpPsaProducts, LookupQuery};
use domain::access::Action;
use leptos::prelude::*;

use crate::api::{Client, Link, asked};
use crate::components::button::WriteButton;
use crate::components::filter::Filter;
use crate::components::list::{Empty, list_states};
use crate::state::paged::Paged;

/// Finds a product in ConnectWise's catalog.
pub(crate) fn catalog_search(psa: String, on_pick: Callback<CatalogView>) -> AnyView {
    let text = RwSignal::new(String::new());
    let client = expect_context::<Client>();
    let found: Paged<Page<CatalogView>> = Paged::follow(client, move || {
        Link::<LookUpPsaProducts>::of(&LookupQuery { psa: asked(&psa), q: asked(&text.get()), ..LookupQuery::default() })
    });
    let rows = move || {
        view! {
            <ul class="picks" aria-label="Catalog products">
                {found.each(move |_, view| pick(view.get_untracked(), on_pick))}
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

fn pick(found: CatalogView, on_pick: Callback<CatalogView>) -> AnyView {
    let label = format!("Bill as this: {}", found.identifier);
    let (identifier, description) = (found.identifier.clone(), found.description.clone());
    view! {
        <li class="offer">
            <div><p class="strong">{identifier}</p><p class="faint">{description}</p></div>
            <WriteButton does=Action::ManageMappings look="small" label=label on_press=move |()| on_pick.run(found.clone())>"Bill as this"</WriteButton>
        </li>
    }
    .into_any()
}
