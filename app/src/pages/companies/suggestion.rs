//! Suggestions for an unmapped company, each with its reason.

use contract::companies::{CompanyView, PsaSuggestion};
use domain::access::Action;
use leptos::prelude::*;

use super::state::CompaniesState;
use crate::components::button::WriteButton;
use crate::components::icon::icon;
use crate::model::mapping::decisions::can_accept;

/// Who an unmapped company may be, with what speaks for it. Nothing is chosen beforehand.
pub(super) fn suggestions(state: CompaniesState, company: &CompanyView) -> AnyView {
    let ambiguous = company.suggestions.iter().any(|offer| offer.suggestion.ambiguous);
    let hint = match (company.suggestions.is_empty(), ambiguous) {
        (true, _) => Some("Nothing in ConnectWise resembles it."),
        (_, true) => Some("Several fit equally well: only you can tell them apart."),
        _ => None,
    };
    let offers = company.suggestions.iter().enumerate().map(|(number, offer)| suggestion(state, company, number, offer)).collect_view();
    let (to_choose, to_exclude) = (company.clone(), company.clone());
    view! {
        <div class="offers">
            {hint.map(|hint| view! { <p class="faint">{hint}</p> })}
            <ul>{offers}</ul>
        </div>
        <div class="actions">
            <WriteButton does=Action::ManageMappings look="quiet" label=format!("Choose… an agreement for {}", company.name) on_press=move |()| state.choosing.set(Some(to_choose.clone()))>"Choose…"</WriteButton>
            <WriteButton does=Action::ManageMappings look="quiet" label=format!("Exclude… {}", company.name) on_press=move |()| state.excluding.set(Some(to_exclude.clone()))>"Exclude…"</WriteButton>
        </div>
    }
    .into_any()
}

fn suggestion(state: CompaniesState, company: &CompanyView, number: usize, offer: &PsaSuggestion) -> AnyView {
    let found = &offer.suggestion;
    let why = format!("{}, {} %", found.reason.label(), found.score);
    let (name, psa_name) = (company.name.clone(), found.name.clone());
    let accept = can_accept(offer).then(|| {
        let company = company.clone();
        let label = format!("Accept: bill {name} on {} of {psa_name}", found.agreement_name.clone().unwrap_or_default());
        view! {
            <WriteButton does=Action::ManageMappings look=if number == 0 { "primary small" } else { "small" } label=label disabled=state.deciding on_press=move |()| state.take(&company, number)>
                "Accept"
            </WriteButton>
        }
    });
    let on = match &found.agreement_name {
        Some(agreement) => view! { {icon("agreement")} {agreement.clone()} }.into_any(),
        None => "Has no single active agreement: choose one.".into_any(),
    };
    view! {
        <li class="offer">
            <div>
                <p><span class="strong">{found.name.clone()}</span> <span class="tag">{why}</span></p>
                <p class="faint">{on}</p>
            </div>
            {accept}
        </li>
    }
    .into_any()
}
