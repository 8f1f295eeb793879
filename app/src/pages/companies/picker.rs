//! Finds the agreement a company is billed on, among all of ConnectWise.

use contract::Page;
use contract::companies::CompanyView;
use contract::psa::{AgreementView, LookUpPsaCompanies, LookupQuery, PsaCompanyView};
use domain::access::Action;
use domain::psa::AgreementStatus;
use leptos::prelude::*;

use super::state::CompaniesState;
use crate::api::{Client, Link, asked};
use crate::components::badge::badge;
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::filter::Filter;
use crate::components::list::{Empty, list_states};
use crate::model::billing::lines::Tone;
use crate::state::paged::Paged;

/// Finds the agreement a company is billed on, among all of ConnectWise.
#[component]
pub(super) fn AgreementPicker(state: CompaniesState) -> impl IntoView {
    let open = Signal::derive(move || state.choosing.with(Option::is_some));
    let title = Signal::derive(move || {
        let name = state.choosing.with(|company| company.as_ref().map(|company| company.name.clone())).unwrap_or_default();
        format!("Where is {name} billed?")
    });
    view! {
        <Dialog open=open title=title look="wide" on_close=move |()| state.choosing.set(None)>
            {move || state.choosing.get().map(|company| view! { <Search state=state company=company/> })}
        </Dialog>
    }
    .into_any()
}

#[component]
fn Search(state: CompaniesState, company: CompanyView) -> impl IntoView {
    let text = RwSignal::new(company.suggestions.first().map_or_else(String::new, |offer| offer.suggestion.name.clone()));
    let client = expect_context::<Client>();
    let found: Paged<Page<PsaCompanyView>> =
        Paged::follow(client, move || Link::<LookUpPsaCompanies>::of(&LookupQuery { q: asked(&text.get()), ..LookupQuery::default() }));
    let company = StoredValue::new(company);
    let rows = move || {
        view! {
            <ul class="picks" aria-label="ConnectWise companies">
                {found.each(move |_, view| psa_company(state, company, &view.get_untracked()))}
            </ul>
        }
        .into_any()
    };
    view! {
        <Filter id="picker-filter" label="Find a ConnectWise company" text=text on_apply=move |typed| text.set(typed)/>
        <div class="scroll">
            {list_states(found, || Empty::because("No ConnectWise company fits.", "Try fewer letters. Companies in the recycle bin are left out."), rows)}
        </div>
    }
    .into_any()
}

fn psa_company(state: CompaniesState, company: StoredValue<CompanyView>, found: &PsaCompanyView) -> AnyView {
    let status = found.status.clone().map(|status| view! { <span class="tag">{status}</span> });
    let none = found.agreements.is_empty().then(|| view! { <p class="faint">"Has no agreement."</p> });
    let agreements = found.agreements.iter().map(|agreement| pick(state, company, found, agreement)).collect_view();
    view! {
        <li>
            <p><span class="strong">{found.name.clone()}</span> " " <code>{found.identifier.clone()}</code> " " {status}</p>
            {none}
            <ul class="agreements">{agreements}</ul>
        </li>
    }
    .into_any()
}

fn pick(state: CompaniesState, company: StoredValue<CompanyView>, found: &PsaCompanyView, agreement: &AgreementView) -> AnyView {
    let active = agreement.status == AgreementStatus::Active;
    let tone = if active { Tone::Good } else { Tone::Quiet };
    let (psa, id) = (found.psa.clone(), agreement.agreement);
    let words = format!("{} of {}", agreement.name, found.name);
    let label = format!("Bill here: {words}");
    let mut notes: Vec<String> = agreement.kind.iter().cloned().collect();
    notes.extend(agreement.parent.map(|parent| format!("child of agreement {parent}")));
    notes.extend(agreement.next_invoice.as_ref().map(|next| format!("next invoice {next}")));
    let choose = move |()| {
        state.choosing.set(None);
        state.map(&company.get_value(), psa.clone(), id, &words);
    };
    view! {
        <li class="offer">
            <div>
                <p>{agreement.name.clone()} " " {badge(tone, agreement.status.label())}</p>
                <p class="faint">{notes.join(" · ")}</p>
            </div>
            {active.then(|| view! { <WriteButton does=Action::ManageMappings look="small" label=label on_press=choose>"Bill here"</WriteButton> })}
        </li>
    }
    .into_any()
}
