//! Accepts every suggestion that has no rival, after showing them all.

use contract::companies::{CompanyChange, CompanyView, PsaSuggestion};
use domain::access::Action;
use leptos::prelude::*;

use super::state::CompaniesState;
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::model::mapping::decisions::{accept, sure};
use crate::words::count;

/// Takes every suggestion that is the only one of its rank and has one agreement, after showing them all.
#[component]
pub(super) fn SureSuggestions(state: CompaniesState) -> impl IntoView {
    let open = RwSignal::new(false);
    let companies = Memo::new(move |_| {
        let rows = state.list.rows.get();
        rows.iter().map(|row| row.item.get()).filter(|company| sure(company).is_some()).collect::<Vec<CompanyView>>()
    });
    let number = move || companies.with(Vec::len) as u64;
    let title = Signal::derive(move || format!("Map {}", count(number(), "company", "companies")));
    let map_all = move |()| {
        open.set(false);
        let decisions: Vec<(CompanyView, CompanyChange)> = companies
            .get_untracked()
            .into_iter()
            .filter_map(|company| sure(&company).and_then(|offer| accept(&company, offer)).map(|change| (company.clone(), change)))
            .collect();
        let words = format!("{} mapped.", count(decisions.len() as u64, "company", "companies"));
        state.decide(decisions, words);
    };
    view! {
        {move || (number() > 0).then(|| view! {
            <WriteButton does=Action::ManageMappings busy=state.deciding on_press=move |()| open.set(true)>
                {move || format!("Accept {}…", count(number(), "sure suggestion", "sure suggestions"))}
            </WriteButton>
        })}
        <Dialog open=open title=title look="wide" on_close=move |()| open.set(false)>
            <p>"Each has the same id or name as one ConnectWise company, and that company has one active agreement. Nothing is written to ConnectWise by this; every line still waits for approval."</p>
            <div class="scroll" tabindex="0" role="group" aria-label="What will be mapped">
                <table class="plain">
                    <thead><tr><th scope="col">"ESET company"</th><th scope="col">"Billed on"</th><th scope="col">"Why"</th></tr></thead>
                    <tbody>{move || companies.with(|companies| companies.iter().filter_map(|company| Some(sure_row(company, sure(company)?))).collect_view())}</tbody>
                </table>
            </div>
            <div class="actions"><WriteButton does=Action::ManageMappings look="primary" on_press=map_all>{title}</WriteButton></div>
        </Dialog>
    }
    .into_any()
}

fn sure_row(company: &CompanyView, offer: &PsaSuggestion) -> AnyView {
    let found = &offer.suggestion;
    view! {
        <tr>
            <td>{company.name.clone()}</td>
            <td><span class="two"><span>{found.name.clone()}</span><span class="faint">{found.agreement_name.clone()}</span></span></td>
            <td class="faint">{format!("{}, {} %", found.reason.label(), found.score)}</td>
        </tr>
    }
    .into_any()
}
