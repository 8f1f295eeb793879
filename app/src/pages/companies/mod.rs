//! Companies: which agreement each ESET company is billed on.

mod groups;
mod picker;
mod products;
mod row;
mod share;
mod state;
mod suggestion;
mod sure;
mod table;

use domain::access::Action;
use leptos::prelude::*;

use self::picker::AgreementPicker;
use self::products::ProductsDialog;
use self::row::company_row;
use self::share::ShareDialog;
use self::state::CompaniesState;
use self::sure::SureSuggestions;
use self::table::CompanyTable;
use crate::components::filter::Filter;
use crate::components::keyboard::listen;
use crate::components::list::{Empty, list_states};
use crate::components::page_head::PageHead;
use crate::components::query::{from_query, refine};
use crate::components::reason::ReasonDialog;
use crate::components::segments::{MappingSegments, mapping_state};
use crate::model::address::Address;

const LEAD: &str = "Each ESET company is billed on one ConnectWise agreement. Suggestions are only ever suggestions.";

/// ESET companies on the left, where they are billed on the right.
#[component]
pub(crate) fn CompaniesPage() -> impl IntoView {
    let asked = from_query("state");
    let shown = Memo::new(move |_| asked.with(|name| mapping_state(name)));
    let text = from_query("q");
    let state = CompaniesState::follow(shown, text);
    provide_context(state);
    listen(move |command| state.obey(command));

    let refine = refine();
    let apply = Callback::new(move |text: String| {
        refine.run(Address::of("/companies").with("state", shown.get_untracked()).with("q", &text));
    });
    let subject = Signal::derive(move || state.excluding.with(|company| company.as_ref().map(|company| company.name.clone())));
    view! {
        <PageHead title="Companies" does=Action::ManageMappings lead=LEAD><CompanyTable state=state/><SureSuggestions state=state/></PageHead>
        <div class="toolbar">
            <MappingSegments page="/companies" shown=shown text=text count=Callback::new(move |name| state.count(name))/>
            <Filter label="Filter by name or identifier" text=text on_apply=apply/>
        </div>
        {list_states(state.list, move || empty(shown.get(), &text.get()), move || rows(state))}
        <AgreementPicker state=state/>
        <ProductsDialog state=state/>
        <ShareDialog state=state/>
        <ReasonDialog does=Action::ManageMappings
            subject=subject
            meaning="Its seats are not billed, and it is not counted as unmapped any more."
            on_close=move |()| state.excluding.set(None)
            on_reason=move |reason| state.exclude(reason)
        />
    }
    .into_any()
}

fn rows(state: CompaniesState) -> AnyView {
    view! {
        <div class="pairs-head" aria-hidden="true"><span>"ESET"</span><span>"ConnectWise"</span></div>
        <ul class="pairs" aria-label="Companies">
            {state.list.each(move |key, view| company_row(state, key, view))}
        </ul>
    }
    .into_any()
}

fn empty(state: &str, text: &str) -> Empty {
    if !text.is_empty() {
        return Empty::because(format!("No company here holds “{text}”."), "Look in All, or clear the filter.")
            .next("/companies?state=all", "Show all companies");
    }
    match state {
        "unmapped" => Empty::because("Every company with licences has its place.", "New ones show up here after the daily sync.")
            .next("/month", "Open the month"),
        "mapped" => {
            Empty::because("No company is mapped yet.", "Begin with the unmapped ones.").next("/companies", "Show unmapped companies")
        }
        "excluded" => Empty::because("No company is excluded.", "Exclude companies that are never billed, such as your own."),
        _ => Empty::because("No company is known yet.", "They come from ESET with the first sync.")
            .next("/settings/connections", "Open connections"),
    }
}
