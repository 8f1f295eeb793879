//! The dialog for how a mapped product is counted and written.

use contract::plan_slice::SliceQuery;
use contract::products::{ProductDecision, ProductMappingView, ProductView};
use domain::access::Action;
use domain::preview::Question;
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::state::ProductsState;
use crate::api::{Client, asked};
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::form::rule_fields::{RuleForm, rule_fields};
use crate::components::preview_panel::preview_panel;
use crate::components::problem::refusal;
use crate::model::mapping::decisions::product_change;
use crate::pages::{Loaded, opened};
use crate::state::preview::Preview;
use crate::state::sending::Sending;

/// How a mapped product is counted and written.
#[component]
pub(super) fn RuleDialog(state: ProductsState) -> impl IntoView {
    let open = Signal::derive(move || state.ruling.with(Option::is_some));
    let title = Signal::derive(move || {
        let name = state.ruling.with(|product| product.as_ref().map(|product| product.name.clone())).unwrap_or_default();
        format!("Counting and writing {name}")
    });
    view! {
        <Dialog open=open title=title look="wider" on_close=move |()| state.ruling.set(None)>
            {move || state.ruling.get().map(|product| opened(editor_part(state, product)))}
        </Dialog>
    }
    .into_any()
}

#[wasm_split(opened_product, fallible)]
fn editor_part(state: ProductsState, product: ProductView) -> Loaded {
    Ok(editor(state, product))
}

fn editor(state: ProductsState, product: ProductView) -> AnyView {
    let ProductMappingView::Mapped { product: catalog, identifier, rule, .. } = product.mapping.clone() else { return ().into_any() };
    let (psa, code) = (product.psa.clone().unwrap_or_else(|| "".into()), product.code.clone());
    let slice = SliceQuery { psa: asked(psa.as_str()), product: Some(code.clone()), ..SliceQuery::default() };
    let preview = Preview::start(expect_context::<Client>(), &slice);
    let form = RuleForm::of(&rule, preview);
    let in_parts = RwSignal::new(false);
    let sending = Sending::idle();

    let decision = Memo::new(move |_| match form.rule.get() {
        _ if in_parts.get() => Some(ProductDecision::Parts),
        Ok(rule) => Some(ProductDecision::Map { product: catalog, rule: Some(rule) }),
        Err(_) => None,
    });
    let edited = product.clone();
    Effect::new(move |_| {
        preview.opened.track();
        let count = form.rule.with(|rule| rule.as_ref().ok().map(|rule| rule.count.clone()));
        let product = decision.get().and_then(|decision| product_change(&edited, decision));
        if product.is_some() {
            preview.ask(&Question { count, product, company: None });
        }
    });

    let bundle = !product.parts.is_empty();
    let name = product.name.clone();
    let save = move |()| {
        let Some(decision) = decision.get_untracked() else { return };
        let product = product.clone();
        let request = async move {
            state.save(&product, decision).await?;
            state.ruling.try_set(None);
            Ok(())
        };
        sending.send_or(request, move |refused| {
            let at_field = form.refuse(refused.field.as_deref(), format!("{} {}", refused.title, refused.remedy));
            (!at_field).then_some(refused)
        });
    };
    view! {
        <div class="beside">
        <div class="beside-form">
            <p class="faint">{identifier.map(|identifier| format!("{name} is billed as {identifier}, unless a company does otherwise."))}</p>
            {bundle.then(|| whole_or_parts(in_parts))}
            {move || (!in_parts.get()).then(|| rule_fields(form))}
            {refusal(sending)}
        </div>
        <div class="beside-preview">
            {preview_panel(preview, Signal::derive(move || decision.with(Option::is_some)))}
            <div class="actions">
                <WriteButton does=Action::ManageMappings look="primary" busy=sending.busy disabled=Signal::derive(move || decision.with(Option::is_none)) on_press=save>"Save"</WriteButton>
            </div>
        </div>
        </div>
    }
    .into_any()
}

/// What a bundle is billed as.
fn whole_or_parts(in_parts: RwSignal<bool>) -> AnyView {
    let option = move |parts: bool, id: &'static str, label: &'static str, note: &'static str| {
        view! {
            <div class="option">
                <input type="radio" id=id name="bundle" aria-describedby=format!("{id}-note")
                    prop:checked=move || in_parts.get() == parts on:change=move |_| in_parts.set(parts)/>
                <label for=id>{label}</label>
                <p id=format!("{id}-note") class="faint">{note}</p>
            </div>
        }
    };
    view! {
        <fieldset class="options">
            <legend>"A bundle"</legend>
            {option(false, "bundle-whole", "Bill the bundle", "One line for the bundle, counted as below.")}
            {option(true, "bundle-parts", "Bill the products inside it",
                "Each product inside is mapped and counted by itself. Until all of them are mapped, their lines are held.")}
        </fieldset>
    }
    .into_any()
}
