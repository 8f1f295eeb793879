//! One ESET product and what it is billed as.

use contract::products::{ProductMappingView, ProductView};
use domain::access::Action;
use domain::mapping::ProductSuggestion;
use leptos::prelude::*;

use super::state::ProductsState;
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::icon::icon;
use crate::components::time::Age;
use crate::model::billing::lines::Tone;
use crate::words::{count, grouped};

/// One ESET product, and what it is billed as.
pub(super) fn product_row(state: ProductsState, key: String, product: RwSignal<ProductView>) -> AnyView {
    let key = StoredValue::new(key);
    let is_current = move || state.cursor.with(|cursor| key.with_value(|key| cursor.as_deref() == Some(key)));
    view! {
        <li
            class="pair"
            class:current=is_current
            id=format!("row-{}", key.get_value())
            tabindex="-1"
            on:focusin=move |_| state.cursor.set(Some(key.get_value()))
        >
            <div class="pair-left">{move || product.with(eset_side)}</div>
            <div class="pair-right">{move || catalog_side(state, product.get())}</div>
        </li>
    }
    .into_any()
}

fn eset_side(product: &ProductView) -> AnyView {
    let companies = count(product.companies, "company", "companies");
    let seats = format!("{} ordered · {} activated", grouped(product.ordered.into()), grouped(product.activated.into()));
    view! {
        <p class="strong">{product.name.clone()}</p>
        <p class="faint">{format!("{companies} · {seats} · code ")} <code>{product.code.0.clone()}</code></p>
    }
    .into_any()
}

fn catalog_side(state: ProductsState, product: ProductView) -> AnyView {
    match product.mapping.clone() {
        ProductMappingView::Unmapped => suggestions(state, product),
        ProductMappingView::Parts => {
            let to_change = product.clone();
            view! {
                <div class="decided"><p class="strong">"The products inside it"</p><p class="faint">"Each is mapped and counted by itself."</p></div>
                <div class="actions">
                    <WriteButton does=Action::ManageMappings look="quiet" label=format!("Bill the bundle… {}", to_change.name) on_press=move |()| state.choosing.set(Some(to_change.clone()))>"Bill the bundle…"</WriteButton>
                    <WriteButton does=Action::ManageMappings look="quiet" on_press=move |()| state.clear(&product)>"Unmap"</WriteButton>
                </div>
            }
            .into_any()
        }
        ProductMappingView::Mapped { product: id, identifier, description, rule } => {
            let name = identifier.map_or_else(
                || view! { <span class="bad">{icon("alert")} {format!("Product {id} is gone from the catalog")}</span> }.into_any(),
                IntoAny::into_any,
            );
            let (to_rule, to_change, to_clear) = (product.clone(), product.clone(), product);
            let rule = Some(rule.label()).filter(|rule| !rule.is_empty()).map(|rule| view! { <p><span class="tag">{rule}</span></p> });
            view! {
                <div class="decided"><p class="strong">{name}</p><p class="faint">{description}</p>{rule}</div>
                <div class="actions">
                    <WriteButton does=Action::ManageMappings look="quiet" label=format!("Counting and writing… of {}", to_rule.name) on_press=move |()| state.ruling.set(Some(to_rule.clone()))>"Counting and writing…"</WriteButton>
                    <WriteButton does=Action::ManageMappings look="quiet" on_press=move |()| state.choosing.set(Some(to_change.clone()))>"Change…"</WriteButton>
                    <WriteButton does=Action::ManageMappings look="quiet" on_press=move |()| state.clear(&to_clear)>"Unmap"</WriteButton>
                </div>
            }
            .into_any()
        }
        ProductMappingView::Excluded { exclusion } => view! {
            <div class="decided">
                <p>{badge(Tone::Quiet, "Excluded")} " " {exclusion.reason}</p>
                <p class="faint">"by " {exclusion.by} " " <Age at=exclusion.at/></p>
            </div>
            <div class="actions"><WriteButton does=Action::ManageMappings on_press=move |()| state.clear(&product)>"Take back in"</WriteButton></div>
        }
        .into_any(),
    }
}

fn suggestions(state: ProductsState, product: ProductView) -> AnyView {
    let hint = match (product.psa.is_none(), product.suggestions.is_empty()) {
        (true, _) => Some("Connect ConnectWise first."),
        (_, true) => Some("Nothing in the catalog resembles it."),
        _ if product.suggestions.iter().any(|offer| offer.ambiguous) => Some("Several fit equally well: only you can tell them apart."),
        _ => None,
    };
    let offers = product.suggestions.iter().enumerate().map(|(number, offer)| suggestion(state, &product, number, offer)).collect_view();
    let off = product.psa.is_none();
    let (to_split, to_choose, to_exclude) = (product.clone(), product.clone(), product);
    let split = (!to_split.parts.is_empty() && !off).then(|| view! {
        <WriteButton does=Action::ManageMappings look="quiet" label=format!("Bill the products inside {}", to_split.name) on_press=move |()| state.split(&to_split)>"Bill its parts"</WriteButton>
    });
    view! {
        <div class="offers">
            {hint.map(|hint| view! { <p class="faint">{hint}</p> })}
            <ul>{offers}</ul>
        </div>
        <div class="actions">
            {split}
            <WriteButton does=Action::ManageMappings look="quiet" disabled=off label=format!("Choose… a catalog product for {}", to_choose.name) on_press=move |()| state.choosing.set(Some(to_choose.clone()))>"Choose…"</WriteButton>
            <WriteButton does=Action::ManageMappings look="quiet" disabled=off label=format!("Exclude… {}", to_exclude.name) on_press=move |()| state.excluding.set(Some(to_exclude.clone()))>"Exclude…"</WriteButton>
        </div>
    }
    .into_any()
}

fn suggestion(state: ProductsState, product: &ProductView, number: usize, offer: &ProductSuggestion) -> AnyView {
    let why = format!("{}, {} %", offer.reason.label(), offer.score);
    let accept = (!offer.ambiguous).then(|| {
        let label = format!("Accept: bill {} as {}", product.name, offer.identifier);
        let product = product.clone();
        view! {
            <WriteButton does=Action::ManageMappings look=if number == 0 { "primary small" } else { "small" } label=label disabled=state.deciding on_press=move |()| state.take(&product, number)>
                "Accept"
            </WriteButton>
        }
    });
    view! {
        <li class="offer">
            <div>
                <p><span class="strong">{offer.identifier.clone()}</span> <span class="tag">{why}</span></p>
                <p class="faint">{offer.description.clone()}</p>
            </div>
            {accept}
        </li>
    }
    .into_any()
}
