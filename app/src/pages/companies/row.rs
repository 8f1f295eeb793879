//! One ESET company and where it is billed.

use contract::companies::{CompanyMappingView, CompanyView};
use domain::access::Action;
use domain::seats::EntityKind;
use leptos::prelude::*;

use super::state::CompaniesState;
use super::suggestion::suggestions;
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::icon::icon;
use crate::components::time::Age;
use crate::model::billing::lines::Tone;
use crate::state::connectivity::{Connectivity, WRITING_IS_OFF};
use crate::state::signed::may;
use crate::words::{count, grouped};

/// One ESET company, and where it is billed.
pub(super) fn company_row(state: CompaniesState, key: String, company: RwSignal<CompanyView>) -> AnyView {
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
            <div class="pair-left">{move || company.with(eset_side)} {tickets_switch(state, company)}</div>
            <div class="pair-right">{move || psa_side(state, company.get())}</div>
        </li>
    }
    .into_any()
}

fn eset_side(company: &CompanyView) -> AnyView {
    let kind = (company.kind != EntityKind::MspCustomer).then(|| view! { <span class="tag">{company.kind.label()}</span> });
    let parent = company.parent.clone().map(|parent| format!("under {parent} · "));
    let access = company.access.as_ref().map(|access| {
        let words = if access.inherited { "Access group of the company above it" } else { "Access group" };
        view! { <span class="tag" title=words>{access.name.clone()}</span> }
    });
    let identifier = company.custom_identifier.clone().map(|id| view! { " · id " <code>{id}</code> });
    let silent = company.tickets_off.as_ref().map(|off| {
        let words = format!("No tickets are opened for its devices. Switched off by {}. To end its billing, exclude it.", off.by);
        view! { <span title=words>{badge(Tone::Quiet, "No tickets")}</span> }
    });
    let partial = (!company.complete).then(|| badge(Tone::Attention, "Not fully read"));
    view! {
        <p class="strong">{company.name.clone()} " " {kind} {access} {partial} {silent}</p>
        <p class="faint">
            {parent}
            {format!("{} · {} ordered · {} activated", count(company.licences, "licence", "licences"), grouped(company.ordered.into()), grouped(company.activated.into()))}
            {identifier}
        </p>
    }
    .into_any()
}

/// Whether tickets are opened for its devices. Left out where no console shows any.
fn tickets_switch(state: CompaniesState, company: RwSignal<CompanyView>) -> AnyView {
    let reach = expect_context::<Connectivity>();
    let may_switch = may(Action::ManageTickets);
    let on = Memo::new(move |_| company.with(|company| company.tickets_off.is_none()));
    let turn = move |event| {
        // It turns when the Worker has said so, not before.
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        let wanted = input.checked();
        input.set_checked(!wanted);
        state.switch_tickets(&company.get_untracked(), wanted);
    };
    let switch = move || {
        (may_switch && (state.consoles.get() || !on.get())).then(|| {
            let label = company.with_untracked(|company| format!("Open tickets for devices of {}", company.name));
            view! {
                <label class="switch" title=move || (!reach.may_write()).then_some(WRITING_IS_OFF)>
                    <input type="checkbox" role="switch" aria-label=label prop:checked=on
                        disabled=move || state.deciding.get() || !reach.may_write() on:change=turn/>
                    <span aria-hidden="true">"Open tickets"</span>
                </label>
            }
        })
    };
    view! { <div>{switch}</div> }.into_any()
}

fn psa_side(state: CompaniesState, company: CompanyView) -> AnyView {
    match &company.mapping {
        CompanyMappingView::Unmapped => suggestions(state, &company),
        CompanyMappingView::Mapped { .. } => mapped(state, &company),
        CompanyMappingView::Excluded { exclusion } => {
            let (reason, by, at) = (exclusion.reason.clone(), exclusion.by.clone(), exclusion.at);
            view! {
                <div class="decided">
                    <p>{badge(Tone::Quiet, "Excluded")} " " {reason}</p>
                    <p class="faint">"by " {by} " " <Age at=at/></p>
                </div>
                <div class="actions"><WriteButton does=Action::ManageMappings on_press=move |()| state.clear(&company)>"Take back in"</WriteButton></div>
            }
            .into_any()
        }
    }
}

fn mapped(state: CompaniesState, company: &CompanyView) -> AnyView {
    let CompanyMappingView::Mapped { company_name, agreement_name, agreement, company: psa_company, automatic, products, groups, .. } =
        &company.mapping
    else {
        return ().into_any();
    };
    let gone = |what: &str, id: String| {
        view! { <span class="bad">{icon("alert")} {format!("{what} {id} is gone from ConnectWise")}</span> }.into_any()
    };
    let name = company_name.clone().map_or_else(|| gone("Company", psa_company.to_string()), IntoAny::into_any);
    let on = agreement_name.clone().map_or_else(|| gone("Agreement", agreement.to_string()), IntoAny::into_any);
    let (to_differ, to_change, to_clear, to_share) = (company.clone(), company.clone(), company.clone(), company.clone());
    let differ = (!products.is_empty()).then(|| {
        let verb = if products.len() == 1 { "differs" } else { "differ" };
        view! { <p><span class="tag">{format!("{} {verb}", count(products.len() as u64, "product", "products"))}</span></p> }
    });
    let apart = (!groups.is_empty())
        .then(|| view! { <p><span class="tag">{format!("{} billed apart", count(groups.len() as u64, "group", "groups"))}</span></p> });
    view! {
        <div class="decided">
            <p class="strong">{name}</p>
            <p class="faint">{on}</p>
            {differ}
            {apart}
            {automatic_switch(state, company.clone(), *automatic)}
        </div>
        <div class="actions">
            <WriteButton does=Action::ManageMappings look="quiet" label=format!("Products… of {}", to_differ.name) on_press=move |()| state.differing.set(Some(to_differ.clone()))>"Products…"</WriteButton>
            <WriteButton does=Action::ManageShares look="quiet" label=format!("Share {}", to_share.name) on_press=move |()| state.sharing.set(Some(to_share.clone()))>"Share…"</WriteButton>
            <WriteButton does=Action::ManageMappings look="quiet" on_press=move |()| state.choosing.set(Some(to_change.clone()))>"Change…"</WriteButton>
            <WriteButton does=Action::ManageMappings look="quiet" on_press=move |()| state.clear(&to_clear)>"Unmap"</WriteButton>
        </div>
    }
    .into_any()
}

fn automatic_switch(state: CompaniesState, company: CompanyView, automatic: bool) -> AnyView {
    // The switch is part of the mapping, so whoever turns it may do both.
    if !may(Action::AutomateBilling) || !may(Action::ManageMappings) {
        return automatic
            .then(|| view! { <p class="faint">"Writes by itself: changes that nothing holds need no approval"</p> })
            .into_any();
    }
    let reach = expect_context::<Connectivity>();
    let words = if automatic {
        "Writes by itself: changes that nothing holds need no approval"
    } else {
        "Write by itself when nothing holds a change"
    };
    view! {
        <label class="switch" title=move || (!reach.may_write()).then_some(WRITING_IS_OFF)>
            <input
                type="checkbox"
                role="switch"
                prop:checked=automatic
                disabled=move || state.deciding.get() || !reach.may_write()
                on:change=move |event| state.set_automatic(&company, event_target_checked(&event))
            />
            <span>{words}</span>
        </label>
    }
    .into_any()
}
